package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// TestProvenBy holds what a message proves against what forgeries can do: each part of a ratchet is changed, and
// what comes of it is looked at where the message is, and from where on it proves the ratchet.
func TestProvenBy(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	random := testkit.Random(rng, ratchet.MegolmLen)
	at := func(from uint32, part int, to uint32) (r ratchet.Megolm) {
		raw := bytes.Clone(random)
		if part >= 0 {
			raw[32*part+rng.IntN(32)] ^= 1 << rng.IntN(8)
		}
		r.Set(raw, from)
		r.AdvanceTo(to)
		return r
	}
	type pair struct{ from, index uint32 }
	var pairs []pair
	near := []uint32{0, 1, 255, 256, 257, 511, 512, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1<<16 + 255, 1<<16 + 256, 1 << 17,
		1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<24 + 1<<16, 1 << 25, 1<<32 - 1<<24, 1<<32 - 257, 1<<32 - 256, 1<<32 - 1}
	for _, from := range near {
		for _, index := range near {
			if index >= from {
				pairs = append(pairs, pair{from, index})
			}
		}
	}
	for range 100 {
		from := rng.Uint32() >> rng.IntN(32)
		pairs = append(pairs, pair{from, from + (^uint32(0)-from)>>rng.IntN(32)})
	}
	forgeries := 0
	for _, p := range pairs {
		proven := provenBy(p.from, p.index)
		if proven < p.from || proven > p.index {
			t.Fatalf("%#x proves %#x from %#x on", p.index, p.from, proven)
		}
		right := at(p.from, -1, p.index)
		invisible := false
		for part := range 4 {
			if forged := at(p.from, part, p.index); !forged.Equal(&right) {
				continue
			}
			invisible = true
			forgeries++
			forged, before := at(p.from, part, proven), at(p.from, -1, proven)
			if !forged.Equal(&before) {
				t.Errorf("from %#x, R(%d) is forged: a message at %#x decrypts, which proves nothing from %#x on", p.from, part, p.index, proven)
			}
		}
		// And it proves no less than it can.
		if invisible != (proven > p.from) {
			t.Errorf("from %#x: a message at %#x proves from %#x on; a forgery decrypts it: %v", p.from, p.index, proven, invisible)
		}
		if forged := at(p.from, 3, proven-1); proven > p.from {
			if before := at(p.from, -1, proven-1); forged.Equal(&before) && proven-1>>8 == p.from>>8 {
				t.Errorf("from %#x: a forgery is right at %#x, before %#x", p.from, proven-1, proven)
			}
		}
	}
	if forgeries < 300 {
		t.Errorf("only %d forgeries", forgeries)
	}
}

// known is one sender, whose ratchet the test knows at some indices, and what can be had of it.
type known struct {
	t       *testing.T
	rng     *rand.Rand
	name    string // of the round
	sender  *sender
	indices []uint32
	right   map[uint32]*ratchet.Megolm
	message map[uint32][]byte
	signed  map[uint32][]byte // session keys
}

// newKnown returns what is known of a sender that starts at base, at the given distances from there.
func newKnown(t *testing.T, rng *rand.Rand, base uint32, distances ...uint32) *known {
	k := &known{t: t, rng: rng, sender: newSender(t, base), right: map[uint32]*ratchet.Megolm{}, message: map[uint32][]byte{}, signed: map[uint32][]byte{}}
	for _, d := range distances {
		index := base + d
		k.sender.ratchet.AdvanceTo(index)
		r := k.sender.ratchet
		k.indices, k.right[index], k.signed[index] = append(k.indices, index), &r, k.sender.sessionKey()
		k.message[index] = k.sender.encrypt("message")
	}
	return k
}

func (k *known) index() uint32 { return k.indices[k.rng.IntN(len(k.indices))] }

func (k *known) start(index uint32) *InboundGroup { return receiver(k.t, k.signed[index]) }

func (k *known) honest(index uint32) *InboundGroup { return k.imported(k.right[index]) }

func (k *known) imported(r *ratchet.Megolm) *InboundGroup {
	raw := make([]byte, ExportLen)
	putShared(raw, exportVersion, r, k.sender.Public())
	g := new(InboundGroup)
	if code := g.Import(raw, wire.Strict); code != errcode.OK {
		k.t.Fatalf("code %d", code)
	}
	return g
}

// forged returns an import with bits changed in the parts that have a bit in parts.
func (k *known) forged(index uint32, parts int) *InboundGroup {
	var raw [ratchet.MegolmLen]byte
	k.right[index].Key(&raw)
	for part := range 4 {
		if parts>>part&1 == 1 {
			raw[32*part+k.rng.IntN(32)] ^= byte(1 + k.rng.IntN(255))
		}
	}
	var r ratchet.Megolm
	r.Set(raw[:], index)
	return k.imported(&r)
}

// forgery returns one of every kind.
func (k *known) forgery() *InboundGroup {
	index, other := k.index(), k.index()
	switch k.rng.IntN(8) {
	case 0, 1, 2:
		return k.forged(index, 1<<k.rng.IntN(4))
	case 3:
		return k.forged(index, 1+k.rng.IntN(15))
	case 4: // nothing of it is right
		var r ratchet.Megolm
		r.Set(testkit.Random(k.rng, ratchet.MegolmLen), index)
		return k.imported(&r)
	case 5: // right, for another index
		var raw [ratchet.MegolmLen]byte
		k.right[other].Key(&raw)
		var r ratchet.Megolm
		r.Set(raw[:], index)
		return k.imported(&r)
	case 6: // parts of one index, the others of another
		var raw, from [ratchet.MegolmLen]byte
		k.right[index].Key(&raw)
		k.right[other].Key(&from)
		at := 32 * k.rng.IntN(4)
		copy(raw[at:], from[at:])
		var r ratchet.Megolm
		r.Set(raw[:], index)
		return k.imported(&r)
	}
	// From a forgery, exported onward.
	g := k.forged(min(index, other), 1<<k.rng.IntN(4))
	raw := make([]byte, ExportLen)
	if code := g.Export(raw, max(index, other), wire.Strict); code != errcode.OK {
		k.t.Fatalf("code %d", code)
	}
	on := new(InboundGroup)
	on.Import(raw, wire.Strict)
	return on
}

// reads reports whether g has the right ratchet at an index.
func (k *known) reads(g *InboundGroup, index uint32) bool {
	var r ratchet.Megolm
	return g.at(&r, index, wire.Strict) == errcode.OK && r.Equal(k.right[index])
}

// walk calls f with the ratchet of g at each index that g reaches.
func (k *known) walk(g *InboundGroup, f func(index uint32, r *ratchet.Megolm)) {
	r := g.initial
	for _, index := range k.indices {
		if index >= r.Counter() {
			r.AdvanceTo(index)
			f(index, &r)
		}
	}
}

// readable returns at which indices g has the right ratchet.
func (k *known) readable(g *InboundGroup) map[uint32]bool {
	m := map[uint32]bool{}
	k.walk(g, func(index uint32, r *ratchet.Megolm) { m[index] = r.Equal(k.right[index]) })
	return m
}

func (k *known) fail(format string, args ...any) {
	k.t.Helper()
	k.t.Fatalf("%s: %s", k.name, fmt.Sprintf(format, args...))
}

// sound checks what holds of every session at any time. flags says that libolm's flag was believed.
func (k *known) sound(g *InboundGroup, flags bool) {
	k.t.Helper()
	r := g.initial
	if r.AdvanceTo(g.latest.Counter()); !g.possible() || !r.Equal(&g.latest) {
		k.fail("the latest ratchet does not follow from the first")
	}
	from, ok := g.VerifiedFrom()
	if ok && from < g.FirstKnownIndex() || g.Verified() != (ok && from == g.FirstKnownIndex()) {
		k.fail("verified from %#x, %v; first is %#x", from, ok, g.FirstKnownIndex())
	}
	for index, reads := range k.readable(g) {
		if !reads && (uint64(index) >= g.surely(0) || ok && index >= from && !flags) {
			k.fail("verified from %#x on, but %#x is wrong", from, index)
		}
	}
}

// merge merges o into g, and checks what holds whatever they are.
func (k *known) merge(g, o *InboundGroup) bool {
	k.t.Helper()
	before, other, relation := *g, *o, g.Compare(o)
	could := k.readable(g)
	if *g != before || *o != other {
		k.fail("comparing changes something")
	}
	ok := g.Merge(o)
	if *o != other {
		k.fail("the other one has changed")
	}
	if ok != (relation != Unrelated) || g.Compare(o) == Worse || !ok && *g != before {
		k.fail("merging says %v to %d; then they are %d", ok, relation, g.Compare(o))
	}
	if relation != Worse && (g.initial != before.initial || other.proof == unproven && g.proof != before.proof) {
		k.fail("something was taken from one that is %d", relation)
	}
	can, is := k.readable(g), map[uint32]ratchet.Megolm{}
	k.walk(g, func(index uint32, r *ratchet.Megolm) { is[index] = *r })
	k.walk(&before, func(index uint32, was *ratchet.Megolm) {
		if could[index] && !can[index] {
			k.fail("%#x can't be read any more", index)
		}
		if other.surely(0) == never && is[index] != *was {
			k.fail("what nobody has signed replaces something at %#x", index)
		}
	})
	return ok
}

func (k *known) mergeSigned(g *InboundGroup, index uint32) {
	k.t.Helper()
	if !k.merge(g, k.start(index)) {
		k.fail("the session key from %#x on is refused", index)
	}
	if from, ok := g.VerifiedFrom(); !ok || from > index {
		k.fail("after the session key from %#x on it is verified from %#x, %v", index, from, ok)
	}
	for _, later := range k.indices {
		if later >= index && !k.reads(g, later) {
			k.fail("after the session key from %#x on, %#x can't be read", index, later)
		}
	}
}

func (k *known) mergeHonest(g *InboundGroup, index uint32) {
	k.t.Helper()
	first := g.FirstKnownIndex()
	honest := false
	for _, at := range k.indices { // advancing comes to others too, but those here are right
		honest = honest || at == first && k.reads(g, at)
	}
	if ok := k.merge(g, k.honest(index)); honest && (!ok || !k.reads(g, index) || g.FirstKnownIndex() != min(first, index)) {
		k.fail("an honest export from %#x on is refused", index)
	}
}

func (k *known) reload(g *InboundGroup, tol wire.Tolerance) {
	k.t.Helper()
	sealed := make([]byte, InboundPickleLen)
	g.Pickle(sealed, pickleKey, tol)
	raw := open(k.t, sealed)
	var again InboundGroup
	if code := again.Unpickle(raw, wire.Strict); code != errcode.OK || again.initial != g.initial || again.latest != g.latest {
		k.fail("a pickle does not come back: code %d", code)
	}
	if again.Verified() && tol == wire.Strict && !g.Verified() {
		k.fail("verified by a pickle")
	}
	*g = again
}

// history has three sessions take forgeries, honest exports, session keys and messages in any order, with libolm's
// pickles too if flags says so. known.merge and known.sound say what must hold.
func (k *known) history(steps int, flags bool, count map[string]int) {
	k.t.Helper()
	newSession := func() *InboundGroup {
		switch k.rng.IntN(3) {
		case 0:
			return k.start(k.index())
		case 1:
			return k.honest(k.index())
		}
		return k.forgery()
	}
	all := []*InboundGroup{newSession(), newSession(), newSession()}
	for range steps {
		at := k.rng.IntN(len(all))
		g, index := all[at], k.index()
		fromBefore, okBefore := g.VerifiedFrom()
		could := k.readable(g)
		what := "nothing"
		switch n := k.rng.IntN(20); {
		case n < 5:
			what = fmt.Sprintf("merge a forgery: %v", k.merge(g, k.forgery()))
		case n < 8:
			k.mergeHonest(g, index)
			what = "merge an export"
		case n < 9:
			k.mergeSigned(g, index)
			what = "merge a session key"
		case n < 12:
			what = fmt.Sprintf("merge another: %v", k.merge(g, all[k.rng.IntN(len(all))]))
		case n < 15:
			_, code := g.read(k.t, k.message[index], wire.Strict)
			if (code == errcode.OK) != could[index] {
				k.fail("code %d at %#x, which can be read: %v", code, index, could[index])
			}
			if from, ok := g.VerifiedFrom(); code == errcode.OK && (!ok || from > index) {
				k.fail("a message at %#x verifies from %#x on, %v", index, from, ok)
			}
			what = fmt.Sprintf("decrypt: %d", code)
		case n < 16:
			raw := make([]byte, ExportLen)
			var on InboundGroup
			if code := g.Export(raw, index, wire.Strict); code == errcode.OK {
				if on.Import(raw, wire.Strict); k.reads(&on, index) != could[index] {
					k.fail("%#x is exported as it isn't", index)
				}
			}
			what = "export"
		case n < 17:
			tol := wire.Strict
			if flags {
				tol = wire.Lenient
			}
			k.reload(g, tol)
			okBefore = false // some of it may be forgotten
			what = "reload"
		case n < 18:
			if k.rng.IntN(4) == 0 && g.Advance(index) == errcode.OK {
				for earlier := range could {
					could[earlier] = could[earlier] && earlier >= index
				}
				okBefore = false
				what = "advance"
			}
		default:
			if k.rng.IntN(3) == 0 {
				all[at] = newSession()
				g, could, okBefore = all[at], nil, false
				what = "replace"
			}
		}
		count[what]++
		k.sound(g, flags)
		can := k.readable(g)
		for index, reads := range could {
			if reads && !can[index] {
				k.fail("%s: %#x can't be read any more", what, index)
			}
		}
		if from, ok := g.VerifiedFrom(); okBefore && !flags && (!ok || from > fromBefore) {
			k.fail("%s: verified from %#x on, and no more from %#x", what, from, fromBefore)
		}
	}
	for _, g := range all {
		k.mergeSigned(g, k.indices[0])
		k.sound(g, flags)
		if !g.Verified() || g.FirstKnownIndex() != k.indices[0] {
			k.fail("not mended by the session key")
		}
	}
}

// historyAt returns what is known of a sender that starts somewhere near where the ratchet's upper parts move.
func historyAt(t *testing.T, rng *rand.Rand, place int) *known {
	bases := []uint32{0, 7, 256, 1<<16 - 300, 1 << 16, 1<<24 - 300, 3<<24 - 70000, 1<<32 - 70301}
	return newKnown(t, rng, bases[place%len(bases)], 0, 1, 100, 249, 255, 256, 299, 300, 512, 1000, 65535, 65536, 70000, 70299)
}

// TestForgeriesReplaceNothing walks through random histories.
func TestForgeriesReplaceNothing(t *testing.T) {
	rounds, steps := 96, 25
	if testing.Short() {
		rounds = 24
	}
	count := map[string]int{}
	for seed := range rounds {
		k := historyAt(t, rand.New(rand.NewPCG(uint64(seed), 23)), seed)
		flags := seed/8%3 == 2
		k.name = fmt.Sprintf("seed %d, libolm's flags: %v", seed, flags)
		k.history(steps, flags, count)
	}
	t.Log(count)
	for _, what := range []string{"merge a forgery: true", "merge a forgery: false", "merge an export", "merge a session key", "merge another: true",
		"merge another: false", "decrypt: 0", fmt.Sprintf("decrypt: %d", errcode.BadMessageMAC), "export", "reload", "advance", "replace"} {
		if count[what] < rounds/10 {
			t.Errorf("%s: only %d times", what, count[what])
		}
	}
}

// program is a source of choices: bytes that a fuzzer writes, and after their end others.
type program struct {
	rest []byte
	then *rand.PCG
}

func (p *program) Uint64() uint64 {
	if len(p.rest) == 0 {
		return p.then.Uint64()
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return uint64(b) * 0x0101010101010101
}

// FuzzHistory runs a history that the fuzzer writes.
func FuzzHistory(f *testing.F) {
	for place := range byte(16) {
		f.Add([]byte{place, 0x80 ^ place, 0x40, 0x20, 0xf0, 0x77, place << 4, 0x11, 0xd0, 0xe8})
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		if len(choices) == 0 {
			return
		}
		k := historyAt(t, rand.New(&program{choices[1:], rand.NewPCG(1, 2)}), int(choices[0]))
		k.name = "a history"
		k.history(min(1+len(choices)/4, 40), choices[0]&0x80 != 0, map[string]int{})
	})
}

// TestForgeriesAtEveryDistance has every part forged at every distance from what is signed.
func TestForgeriesAtEveryDistance(t *testing.T) {
	const signedAt = 1<<24 + 70000
	distances := []uint32{1, 100, 112, 113, 200, 368, 1000, 4464, 4465, 60000, 70000, 70001, 1 << 20, 1 << 24}
	var from []uint32
	for i := len(distances) - 1; i >= 0; i-- {
		from = append(from, 1<<24+70000-distances[i]-70000) // from 0 on
	}
	k := newKnown(t, rand.New(rand.NewPCG(31, 32)), 70000, append(from, signedAt-70000, signedAt-70000+1, signedAt-70000+300)...)
	taken := 0
	for _, index := range k.indices[:len(distances)] {
		for part := range 4 {
			k.name = fmt.Sprintf("R(%d) forged at %#x", part, index)
			g, forged := k.start(signedAt), k.forged(index, 1<<part)
			if k.merge(g, forged) {
				taken++
			}
			k.sound(g, false)
			if from, ok := g.VerifiedFrom(); !ok || from != signedAt {
				k.fail("verified from %#x, %v", from, ok)
			}
			for _, later := range []uint32{signedAt, signedAt + 1, signedAt + 300} {
				if _, code := g.read(t, k.message[later], wire.Strict); code != errcode.OK {
					k.fail("code %d at %#x", code, later)
				}
			}
			k.mergeSigned(g, index)
			if !g.Verified() || g.FirstKnownIndex() != index {
				k.fail("not mended")
			}
			// The other way round: the forgery was there first.
			k.mergeSigned(forged, signedAt)
			k.mergeHonest(forged, index)
			k.mergeSigned(forged, index)
			k.sound(forged, false)
		}
	}
	if all := 4 * len(distances); taken == 0 || taken == all {
		t.Errorf("%d of %d forgeries meet what is signed: this test sees one kind alone", taken, all)
	}
}

// TestMessagesProve: from where on, in an import, and in a session that knows earlier indices from one.
func TestMessagesProve(t *testing.T) {
	k := newKnown(t, rand.New(rand.NewPCG(41, 42)), 5, 0, 250, 251, 300, 70000, 1<<24)
	k.name = "messages"
	for _, c := range []struct {
		read []uint32
		from uint32
	}{
		{[]uint32{5}, 5}, {[]uint32{255}, 5}, {[]uint32{256}, 256}, {[]uint32{305}, 256}, {[]uint32{70005}, 1 << 16}, {[]uint32{1<<24 + 5}, 1 << 24},
		{[]uint32{1<<24 + 5, 70005, 305, 255}, 5}, {[]uint32{305, 70005, 1<<24 + 5}, 256},
	} {
		g := k.honest(5)
		if _, ok := g.VerifiedFrom(); ok || g.Verified() {
			t.Error("verified by nothing")
		}
		for _, index := range c.read {
			g.read(t, k.message[index], wire.Strict)
		}
		if from, ok := g.VerifiedFrom(); from != c.from || !ok || g.Verified() != (from == 5) {
			t.Errorf("after %v: verified from %d, %v", c.read, from, ok)
		}
		k.sound(g, false)
		k.reload(g, wire.Strict)
		if from, ok := g.VerifiedFrom(); ok != (c.from == 5) || ok && from != 5 {
			t.Errorf("after %v, and a pickle: verified from %d, %v", c.read, from, ok)
		}
	}
	g := k.start(305)
	k.mergeHonest(g, 5)
	if from, ok := g.VerifiedFrom(); from != 305 || !ok || g.Verified() || g.FirstKnownIndex() != 5 {
		t.Errorf("verified from %d, %v", from, ok)
	}
	g.read(t, k.message[305], wire.Strict)
	if from, _ := g.VerifiedFrom(); from != 256 {
		t.Errorf("verified from %d", from)
	}
	if g.Advance(300); !g.Verified() {
		t.Error("what is not verified is gone, and yet it is not verified")
	}
	never := k.honest(5)
	if never.Advance(305); never.Verified() {
		t.Error("advancing verifies")
	}
}

// TestSenderContradictsItself: two session keys, with two ratchets, signed by one key. Ours stays.
func TestSenderContradictsItself(t *testing.T) {
	k := newKnown(t, rand.New(rand.NewPCG(51, 52)), 0, 0, 100, 256, 300)
	k.name = "a sender that contradicts itself"
	liar := *k.sender
	lie := func(index uint32, parts int) *InboundGroup {
		liar.ratchet = k.forged(index, parts).initial
		return receiver(t, liar.sessionKey())
	}
	for _, index := range k.indices {
		for _, other := range k.indices {
			for _, parts := range []int{1, 8, 15} {
				g, o := k.start(index), lie(other, parts)
				if r := g.Compare(o); g.meets(o, uint64(max(index, other))) != (r != Unrelated) {
					k.fail("at %d and %d they are %d", index, other, r)
				}
				before := *g
				if ok := g.Merge(o); !ok && *g != before {
					k.fail("an error changes something")
				}
				for _, later := range k.indices {
					if later >= index && !k.reads(g, later) {
						k.fail("%d can't be read any more", later)
					}
				}
			}
		}
	}
	// One that is proven by messages from 256 on, and a lie about that: nor is it undone by half.
	g := k.forged(0, 8)
	g.read(t, k.message[300], wire.Strict)
	before := *g
	if g.Merge(lie(100, 1)) || g.Merge(lie(0, 1)) || *g != before {
		t.Error("a lie replaces what a message has proven")
	}
	// And a session key wins where it doesn't lie.
	k.mergeSigned(g, 100)
}

// TestFlagOfPickle: libolm's flag is believed, but a session key, or a message, wins over it.
func TestFlagOfPickle(t *testing.T) {
	k := newKnown(t, rand.New(rand.NewPCG(61, 62)), 0, 0, 100, 300, 70000)
	k.name = "a flag"
	flagged := func(read ...uint32) *InboundGroup {
		g := k.forged(0, 8)
		for _, index := range read {
			if _, code := g.read(t, k.message[index], wire.Lenient); code != errcode.OK {
				t.Fatalf("code %d", code)
			}
		}
		k.reload(g, wire.Lenient)
		return g
	}
	if g := flagged(); g.proof != unproven {
		t.Error("a flag of nothing")
	}
	for _, read := range [][]uint32{{300}, {300, 70000}} {
		for _, index := range []uint32{0, 100, 300} {
			g := flagged(read...)
			if from, ok := g.VerifiedFrom(); !ok || from != 0 || !g.Verified() {
				t.Errorf("verified from %d, %v", from, ok)
			}
			if k.merge(g, k.honest(0)) {
				t.Error("an export wins over a flag")
			}
			k.mergeSigned(g, index)
			k.sound(g, index == 300)
		}
		// The other way round it proves no more than the last message.
		g, honest := flagged(read...), k.honest(0)
		if from, _ := provenAfter(k, honest, g); from != 256 && from != 1<<16 || !k.reads(honest, 100) {
			t.Error("a flag wins over an export")
		}
		signed := k.start(0)
		if k.merge(signed, g); !signed.Verified() || !k.reads(signed, 100) {
			t.Error("a flag wins over a session key")
		}
		// A message that the forgery can't decrypt is as good as a signature.
		honest.read(t, k.message[100], wire.Strict)
		if !k.merge(g, honest) || !k.reads(g, 100) || !g.Verified() {
			t.Error("a flag wins over a message")
		}
	}
	// An honest session with a flag: one whose start is forged, though right later, changes nothing of it, and a
	// session key makes it as good as new.
	honest := k.honest(0)
	honest.read(t, k.message[70000], wire.Lenient)
	k.reload(honest, wire.Lenient)
	forged := k.forged(0, 8)
	forged.read(t, k.message[300], wire.Strict)
	if k.merge(honest, forged) || !honest.Verified() {
		t.Error("a forged start is taken, or takes the flag away")
	}
	if k.mergeSigned(honest, 0); honest.proof != proven {
		t.Error("a session key leaves a flag")
	}
	if r := honest.Compare(forged); r != Better || !k.merge(honest, forged) {
		t.Errorf("one that is right later is %d", r)
	}
	// Where the latest ratchet is in the same 256 indices, the flag says as much as a message.
	g := k.honest(0)
	g.read(t, k.message[100], wire.Lenient)
	if k.reload(g, wire.Lenient); g.proof != proven {
		t.Error("the flag is not taken for what it is")
	}
	// Our own pickle of a session that is verified in part has no flag.
	g = k.forged(0, 8)
	g.read(t, k.message[300], wire.Strict)
	if k.reload(g, wire.Strict); g.proof != unproven {
		t.Error("too much is claimed")
	}
	if g.read(t, k.message[70000], wire.Strict); g.provenFrom != 1<<16 {
		t.Error("it does not come back")
	}
}

// provenAfter returns from where on g is verified after o was merged into it.
func provenAfter(k *known, g, o *InboundGroup) (uint32, bool) {
	k.t.Helper()
	k.merge(g, o)
	return g.VerifiedFrom()
}

// TestFlagIsLibolms: under wire.Lenient the flag of a pickle is set by any one message, as differential tests see.
func TestFlagIsLibolms(t *testing.T) {
	k := newKnown(t, rand.New(rand.NewPCG(71, 72)), 1<<32-300, 0)
	k.name = "libolm's flag"
	g := k.honest(1<<32 - 300)
	round := newSender(t, 1<<32-300)
	if _, code := g.read(t, round.at(5, "after the end"), wire.Lenient); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	sealed := make([]byte, InboundPickleLen)
	g.Pickle(sealed, pickleKey, wire.Lenient)
	raw := open(t, sealed)
	if _, ok := g.VerifiedFrom(); !ok || raw[len(raw)-1] != 1 || g.surely(0) != never {
		t.Error("no flag after a message from beyond the end")
	}
	if code := g.Unpickle(raw, wire.Lenient); code != errcode.OK || g.proof != flagged {
		t.Errorf("code %d, proof %d", code, g.proof)
	}
}
