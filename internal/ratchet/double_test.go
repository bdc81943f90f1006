package ratchet

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// side is one party: a Double with its storage, and the reference beside it.
type side struct {
	d   Double
	s   Skipped
	ref *refDouble
}

func newSide(libolm bool) *side {
	s := &side{}
	if libolm {
		s.s = Skipped{Keys: make([]SkippedKey, 40), Forgotten: make([]ForgottenChain, 40)}
	}
	return s
}

// pair returns both sides of a new session.
func pair(rng *rand.Rand, libolm bool) (alice, bob *side) {
	alice, bob = newSide(libolm), newSide(libolm)
	shared, key := testkit.Random(rng, 96), testkit.Random(rng, 32)
	alice.d.StartAlice((*[96]byte)(shared), (*[32]byte)(key))
	alice.ref = newRefAlice(shared, key, libolm)
	var public [32]byte
	alice.d.RatchetKey(&public)
	bob.d.StartBob((*[96]byte)(shared), &public)
	bob.ref = newRefBob(shared, string(public[:]), libolm)
	return alice, bob
}

// check compares the whole state of s with that of the reference.
func (s *side) check(t *testing.T) {
	t.Helper()
	d, ref := &s.d, s.ref
	if d.NeedsRatchetKey() != (ref.own == nil) || d.SendIndex() != ref.send.index || d.ReceivingChains() != len(ref.receive) || d.Skipped() != len(ref.skipped) {
		t.Fatalf("needs a key %v, index %d, %d chains, %d keys; want %v, %d, %d, %d", d.NeedsRatchetKey(), d.SendIndex(), d.ReceivingChains(), d.Skipped(),
			ref.own == nil, ref.send.index, len(ref.receive), len(ref.skipped))
	}
	want := Double{root: [32]byte(ref.root), newestChain: d.newestChain, nForgotten: d.nForgotten, nReceiving: uint8(len(ref.receive)), nSkipped: uint16(len(ref.skipped))}
	if ref.own != nil {
		want.sending, want.sendChain, want.sendIndex = true, [32]byte(ref.send.key), ref.send.index
		want.ratchetKey, want.ratchetPub = [32]byte(ref.own.Bytes()), [32]byte(ref.own.PublicKey().Bytes())
		if code := d.Check(); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
	}
	for i, c := range ref.receive {
		want.receiving[i] = receivingChain{[32]byte([]byte(c.theirs)), [32]byte(c.key), c.index}
		if d.ReceiveIndex(i) != c.index {
			t.Fatalf("chain %d: index %d, want %d", i, d.ReceiveIndex(i), c.index)
		}
	}
	testkit.Equal(t, want, *d)
	keys := make([]SkippedKey, len(s.s.Keys)) // those not in use are wiped
	for i, k := range ref.skipped {
		chain := s.s.Keys[i].chain
		keys[i] = SkippedKey{[32]byte(k.key), k.index, chain}
		if theirs := d.theirs(&s.s, chain); theirs == nil || string(theirs[:]) != k.theirs || d.SkippedIndex(&s.s, len(ref.skipped)-1-i) != k.index {
			t.Fatalf("skipped key %d belongs to another chain or index", i)
		}
	}
	if !slices.Equal(s.s.Keys, keys) {
		t.Fatal(testkit.Diff(keys, s.s.Keys))
	}
}

type message struct {
	theirs string
	index  uint32
	key    []byte
}

func (s *side) send(t *testing.T, rng *rand.Rand) message {
	t.Helper()
	random := testkit.Random(rng, 32)
	if s.d.NeedsRatchetKey() {
		if code := s.d.StartSending((*[32]byte)(random)); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
	}
	theirs, index, want := s.ref.encrypt(random)
	var public, key [32]byte
	s.d.RatchetKey(&public)
	if s.d.SendIndex() != index || string(public[:]) != theirs {
		t.Fatalf("index %d, want %d; ratchet key %x, want %x", s.d.SendIndex(), index, public, theirs)
	}
	if code := s.d.NextMessageKey(&key); code != errcode.OK {
		t.Fatalf("index %d: code %d", index, code)
	}
	testkit.Equal(t, want, key[:])
	s.check(t)
	return message{theirs, index, want}
}

// receive receives m, and moves both states if authentic. It returns the code, and whether the key was
// that of m.
func (s *side) receive(t *testing.T, m message, authentic bool) (code errcode.Code, right bool) {
	t.Helper()
	before, kept := s.d, slices.Clone(s.s.Keys)
	var p Pending
	public := [32]byte([]byte(m.theirs))
	code = s.d.Receive(&p, &s.s, &public, m.index)
	want, after, wantCode := s.ref.decrypt(m.theirs, m.index)
	if code != wantCode {
		t.Fatalf("index %d: code %d, want %d", m.index, code, wantCode)
	}
	if code == errcode.OK {
		testkit.Equal(t, want, p.Key[:])
	}
	if s.d != before || !slices.Equal(s.s.Keys, kept) {
		t.Fatal("Receive changed something")
	}
	if code != errcode.OK {
		return code, false
	}
	right = bytes.Equal(want, m.key)
	if n := work(&p, &before); n > 2100 {
		t.Fatalf("%d HMACs for one message", n)
	}
	if !authentic {
		return code, right
	}
	if more := s.d.Room(&p) - s.d.Skipped(); more > MaxSkippedPerChain || p.kind == useSkipped && more != 0 {
		t.Fatalf("room for %d keys more", more)
	}
	if room := min(s.d.Room(&p), MaxSkipped); !s.ref.libolm && room > len(s.s.Keys) {
		// Not one more than asked for.
		s.s.Keys = append(make([]SkippedKey, 0, room), s.s.Keys...)[:room]
	}
	s.d.Commit(&p, &s.s)
	if p.Key != [32]byte{} || p.key != [32]byte{} || p.root != [32]byte{} {
		t.Fatal("secrets of a message stay behind")
	}
	s.ref = after
	s.check(t)
	return code, right
}

// work returns how many HMACs the message of p takes, the two HKDFs of a new chain not counted: those
// up to p.from, those from there for its own key, and two for each that is kept on the way. The real
// ones can't be counted from here, but what bounds them is in p.
func work(p *Pending, before *Double) int {
	if p.kind == useSkipped {
		return 0
	}
	start := uint32(0)
	if p.kind == onChain {
		start = before.receiving[p.chain].index
	}
	return int(p.from-start) + int(p.index-p.from) + 1 + 2*int(p.index-p.from) + 1
}

// repickle replaces s by what comes back from its pickle, and checks that with the reference.
func (s *side) repickle(t *testing.T, tol wire.Tolerance) {
	t.Helper()
	want := s.ref.pickle()
	buf := make([]byte, s.d.PickleLen())
	w := wire.NewWriter(buf)
	s.d.Pickle(&w, &s.s)
	if w.Len() != 0 {
		t.Fatalf("%d bytes are not written", w.Len())
	}
	testkit.Equal(t, want, buf)
	again := newSide(s.ref.libolm)
	r := wire.NewReader(buf)
	look := r
	n, code := PassPickle(&look)
	if code != errcode.OK || n != min(len(s.ref.skipped), 40) {
		t.Fatalf("%d skipped keys, code %d", n, code)
	}
	if !s.ref.libolm {
		again.s.Keys = make([]SkippedKey, n)
	}
	if code := again.d.Unpickle(&r, &again.s, tol); code != errcode.OK || r.Len() != 0 || r.Short() {
		t.Fatalf("code %d, %d bytes left", code, r.Len())
	}
	again.ref = s.ref
	again.ref.skipped = again.ref.skipped[max(0, len(again.ref.skipped)-40):]
	again.check(t)
	*s = *again
}

// TestDouble drives both sides over random schedules, in which messages are lost, reordered,
// duplicated and forged, and sessions are pickled, and compares every key and every state with the
// reference.
func TestDouble(t *testing.T) {
	for name, libolm := range map[string]bool{"karst": false, "libolm": true} {
		t.Run(name, func(t *testing.T) {
			schedules := 24
			if testing.Short() {
				schedules = 8
			}
			counts := map[errcode.Code]int{}
			for seed := range schedules {
				schedule(t, rand.New(rand.NewPCG(uint64(seed), 11)), libolm, counts)
			}
			for _, code := range []errcode.Code{errcode.OK, errcode.NoMessageKey, errcode.BadMessageMAC} {
				if counts[code] == 0 {
					t.Errorf("code %d never came up: %v", code, counts)
				}
			}
		})
	}
}

func schedule(t *testing.T, rng *rand.Rand, libolm bool, counts map[errcode.Code]int) {
	t.Helper()
	alice, bob := pair(rng, libolm)
	sides := [2]*side{alice, bob}
	var transit, delivered [2][]message // by receiver
	burst := 1 + rng.IntN(30)
	for range 150 {
		who := rng.IntN(2)
		me, you := sides[who], 1-who
		switch rng.IntN(10) {
		case 0, 1, 2:
			for range rng.IntN(burst) {
				m := me.send(t, rng)
				if rng.IntN(10) > 0 {
					transit[you] = append(transit[you], m)
				}
			}
		case 3:
			if n := len(delivered[who]); n > 0 {
				code, _ := me.receive(t, delivered[who][rng.IntN(n)], false)
				counts[code]++
			}
		case 4: // a forgery, on a chain that may be there
			m := message{string(testkit.Random(rng, 32)), rng.Uint32() >> rng.IntN(32), nil}
			if n := len(transit[who]); n > 0 && rng.IntN(2) == 0 {
				m.theirs = transit[who][rng.IntN(n)].theirs
			}
			code, _ := me.receive(t, m, false)
			counts[code]++
		case 5:
			me.repickle(t, wire.Tolerance(rng.IntN(2) == 0))
		default:
			for range rng.IntN(burst) {
				if len(transit[who]) == 0 {
					break
				}
				i := 0
				if rng.IntN(3) == 0 {
					i = rng.IntN(len(transit[who]))
				}
				m := transit[who][i]
				if rng.IntN(20) > 0 {
					transit[who] = slices.Delete(transit[who], i, i+1)
				}
				// A key that isn't that of m is one of a chain that is gone, and started anew: such a
				// message can't authenticate.
				_, right := me.receive(t, m, false)
				if !right {
					continue
				}
				code, _ := me.receive(t, m, true)
				counts[code]++
				delivered[who] = append(delivered[who], m)
			}
		}
	}
	alice.repickle(t, wire.Strict)
	bob.repickle(t, wire.Strict)
}

// started returns a session that both sides have used: bob can reply.
func started(t *testing.T, libolm bool) (alice, bob *side, rng *rand.Rand) {
	t.Helper()
	rng = rand.New(rand.NewPCG(12, 13))
	alice, bob = pair(rng, libolm)
	bob.must(t, alice.send(t, rng))
	return alice, bob, rng
}

// must receives m, which is as it should be.
func (s *side) must(t *testing.T, m message) {
	t.Helper()
	if code, right := s.receive(t, m, true); code != errcode.OK || !right {
		t.Fatalf("code %d, right %v", code, right)
	}
}

// refuses checks that m gets a code.
func (s *side) refuses(t *testing.T, m message, want errcode.Code) {
	t.Helper()
	if code, _ := s.receive(t, m, true); code != want {
		t.Fatalf("index %d: code %d, want %d", m.index, code, want)
	}
}

func TestMaxGap(t *testing.T) {
	alice, bob, rng := started(t, false) // bob's chain is at 1
	var last message
	for range 2003 {
		last = alice.send(t, rng)
	}
	if last.index != 2003 {
		t.Fatal("not what the test is about")
	}
	bob.refuses(t, message{last.theirs, 2002, nil}, errcode.MessageGap)
	bob.refuses(t, message{last.theirs, 1<<32 - 2, nil}, errcode.MessageGap)
	if code, _ := bob.receive(t, message{last.theirs, 2001, nil}, true); code != errcode.OK {
		t.Errorf("a gap of 2000: code %d", code)
	}
	bob.must(t, last)

	// On a new chain the gap counts from 0.
	fresh := string(testkit.Random(rng, 32))
	bob.send(t, rng)
	bob.refuses(t, message{fresh, 2001, nil}, errcode.MessageGap)
	if code, _ := bob.receive(t, message{fresh, 2000, nil}, true); code != errcode.OK {
		t.Errorf("a gap of 2000 on a new chain: code %d", code)
	}
	// Without a sending chain there can't be another one, however near.
	bob.refuses(t, message{string(testkit.Random(rng, 32)), 0, nil}, errcode.BadMessageMAC)
	bob.refuses(t, message{string(testkit.Random(rng, 32)), 2001, nil}, errcode.BadMessageMAC)
}

func TestSkippedKeysPerChain(t *testing.T) {
	alice, bob, rng := started(t, false)
	var sent []message
	for range 60 {
		sent = append(sent, alice.send(t, rng)) // indices 1 to 60
	}
	bob.must(t, sent[50]) // skips 1 to 50
	if n := bob.d.Skipped(); n != 40 {
		t.Fatalf("%d keys are kept", n)
	}
	bob.refuses(t, sent[0], errcode.NoMessageKey)
	bob.refuses(t, sent[9], errcode.NoMessageKey)
	bob.must(t, sent[10])
	bob.refuses(t, sent[10], errcode.NoMessageKey)
	bob.refuses(t, sent[50], errcode.NoMessageKey)
	bob.must(t, sent[54]) // skips three: there is room for one
	if n := bob.d.Skipped(); n != 40 {
		t.Fatalf("%d keys are kept", n)
	}
	bob.refuses(t, sent[11], errcode.NoMessageKey)
	bob.refuses(t, sent[12], errcode.NoMessageKey)
	bob.must(t, sent[13])

	// A chain of its own has places of its own.
	alice.must(t, bob.send(t, rng))
	sent = nil
	for range 45 {
		sent = append(sent, alice.send(t, rng))
	}
	bob.must(t, sent[44])
	if n := bob.d.Skipped(); n != 39+40 {
		t.Fatalf("%d keys are kept", n)
	}
}

// turns lets the sides take turns, n times; each time alice sends some messages of which bob gets the
// last. It returns the others, by turn.
func turns(t *testing.T, alice, bob *side, rng *rand.Rand, n, lost int) (missing [][]message) {
	t.Helper()
	for range n {
		alice.must(t, bob.send(t, rng))
		var sent []message
		for range lost {
			sent = append(sent, alice.send(t, rng))
		}
		bob.must(t, alice.send(t, rng))
		missing = append(missing, sent)
	}
	return missing
}

func TestFiveChains(t *testing.T) {
	alice, bob, rng := started(t, false)
	missing := turns(t, alice, bob, rng, 7, 45)
	if n := bob.d.ReceivingChains(); n != 5 {
		t.Fatalf("%d chains", n)
	}
	if n := bob.d.Skipped(); n != MaxSkipped {
		t.Fatalf("%d keys are kept", n)
	}
	for turn, sent := range missing {
		for _, i := range []int{0, 4, 5, 44} {
			code, right := bob.receive(t, sent[i], false)
			switch kept := turn >= 2 && i >= 5; {
			case kept && (code != errcode.OK || !right):
				t.Errorf("turn %d, message %d: code %d, right %v", turn, i, code, right)
			case !kept && right:
				t.Errorf("turn %d, message %d can still be read", turn, i)
			}
		}
	}
	bob.must(t, missing[3][20])
	// With every place taken, and a pickle between: it holds the 40 newest.
	turns(t, alice, bob, rng, 1, 2000)
	bob.repickle(t, wire.Strict)
	if n := bob.d.Skipped(); n != 40 {
		t.Fatalf("%d keys come back", n)
	}
	turns(t, alice, bob, rng, 6, 3)
}

// TestLibolmRules checks what is different if there is room for forgotten chains.
func TestLibolmRules(t *testing.T) {
	alice, bob, rng := started(t, true)
	missing := turns(t, alice, bob, rng, 1, 25)
	missing = append(missing, turns(t, alice, bob, rng, 1, 25)...)
	if n := bob.d.Skipped(); n != 40 {
		t.Fatalf("%d keys are kept", n)
	}
	bob.refuses(t, missing[0][9], errcode.NoMessageKey)
	bob.must(t, missing[0][10])
	bob.must(t, missing[1][0])

	// The keys stay when their chains go, unreachable, and so they do in a pickle.
	turns(t, alice, bob, rng, 5, 0)
	if n := bob.d.Skipped(); n != 38 {
		t.Fatalf("%d keys are kept", n)
	}
	for range 2 {
		if n := bob.d.nForgotten; n != 2 {
			t.Fatalf("%d forgotten chains", n)
		}
		for _, m := range []message{missing[0][20], missing[1][20]} {
			if _, right := bob.receive(t, m, false); right {
				t.Error("a key of a chain that is gone can be reached")
			}
		}
		bob.repickle(t, wire.Lenient)
	}

	// New keys crowd them out, oldest first, and with the last of its keys a chain is forgotten
	// altogether.
	turns(t, alice, bob, rng, 1, 16)
	if n := bob.d.nForgotten; n != 1 {
		t.Fatalf("%d forgotten chains", n)
	}
	turns(t, alice, bob, rng, 1, 40)
	if n := bob.d.nForgotten; n != 0 {
		t.Fatalf("%d forgotten chains", n)
	}
	// As many chains as there are keys.
	turns(t, alice, bob, rng, 60, 1)
	if n := bob.d.nForgotten; n != 40-5 {
		t.Fatalf("%d forgotten chains", n)
	}
	bob.repickle(t, wire.Strict)
	turns(t, alice, bob, rng, 50, 1)
}

func TestStartSending(t *testing.T) {
	// Without a chain to answer.
	var d Double
	var key [32]byte
	key[0] = 1
	if code := d.StartSending(&key); code != errcode.CorruptedPickle || d != (Double{}) {
		t.Errorf("nobody to answer: code %d", code)
	}
	// To a key that forces the secret: points of order 4, 1 and 8 (RFC 7748 section 7).
	for _, theirs := range [][32]byte{{}, {1}, {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8}} {
		var shared [96]byte
		d.StartBob(&shared, &theirs)
		before := d
		if code := d.StartSending(&key); code != errcode.NonContributory || d != before {
			t.Errorf("%x: code %d, unchanged %v", theirs, code, d == before)
		}
		// As the key of a new chain.
		alice, _ := pair(rand.New(rand.NewPCG(14, 15)), false)
		alice.refuses(t, message{string(theirs[:]), 3, nil}, errcode.NonContributory)
	}
}

// TestLastIndex checks that no chain goes round.
func TestLastIndex(t *testing.T) {
	const last = 1<<32 - 1
	alice, bob, rng := started(t, false)
	alice.d.sendIndex, alice.ref.send.index = last-1, last-1
	bob.d.receiving[0].index, bob.ref.receive[0].index = last-2, last-2

	m := alice.send(t, rng) // last-1, the last that can be sent
	before := alice.d
	key := [32]byte{1}
	if code := alice.d.NextMessageKey(&key); code != errcode.Exhausted || alice.d != before || key != [32]byte{1} {
		t.Errorf("code %d, unchanged %v", code, alice.d == before)
	}
	bob.refuses(t, message{m.theirs, last, nil}, errcode.Exhausted)
	if code, _ := bob.receive(t, m, true); code != errcode.OK {
		t.Errorf("the last message: code %d", code)
	}
	if i := bob.d.ReceiveIndex(0); i != last {
		t.Errorf("index %d", i)
	}
	bob.refuses(t, message{m.theirs, last, nil}, errcode.Exhausted)
	bob.refuses(t, m, errcode.NoMessageKey)
	bob.refuses(t, message{m.theirs, 0, nil}, errcode.NoMessageKey)
	if code, _ := bob.receive(t, message{m.theirs, last - 2, nil}, true); code != errcode.OK {
		t.Errorf("the one before: code %d", code)
	}
	bob.repickle(t, wire.Strict)
	alice.repickle(t, wire.Strict)
	bob.refuses(t, message{string(testkit.Random(rng, 32)), last, nil}, errcode.Exhausted)

	// The other side's reply ends the matter.
	alice.must(t, bob.send(t, rng))
	bob.must(t, alice.send(t, rng))
}

// TestRatchetKeyHighBit checks that two encodings of one point are two chains, as in libolm: keys are
// compared as bytes.
func TestRatchetKeyHighBit(t *testing.T) {
	alice, bob, rng := started(t, false)
	m := alice.send(t, rng)
	high := []byte(m.theirs)
	high[31] |= 0x80
	bob.refuses(t, message{string(high), m.index, nil}, errcode.BadMessageMAC)
	bob.must(t, m)
}

func TestCheck(t *testing.T) {
	alice, bob, _ := started(t, false)
	if alice.d.Check() != errcode.OK || bob.d.Check() != errcode.OK {
		t.Error("a good ratchet is refused")
	}
	alice.d.ratchetPub[3] ^= 1
	if code := alice.d.Check(); code != errcode.KeyPairMismatch {
		t.Errorf("code %d", code)
	}
	var public [32]byte
	if curve.PublicKey(&public, &alice.d.ratchetKey); public == alice.d.ratchetPub {
		t.Error("not what the test is about")
	}
}
