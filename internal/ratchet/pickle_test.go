package ratchet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// unpickle reads raw, and returns the first code that is not OK.
func unpickle(s *side, raw []byte, tol wire.Tolerance) (code errcode.Code, left int) {
	r := wire.NewReader(raw)
	look := r
	n, code := PassPickle(&look)
	if code != errcode.OK {
		return code, look.Len()
	}
	if s.s.Forgotten == nil {
		s.s.Keys = make([]SkippedKey, n)
	}
	if code := s.d.Unpickle(&r, &s.s, tol); code != errcode.OK {
		return code, r.Len()
	}
	if r.Len() != look.Len() || r.Short() {
		panic("PassPickle and Unpickle end in different places")
	}
	return errcode.OK, r.Len()
}

// full returns the pickle of a ratchet that has everything: a sending chain, five receiving ones, and
// 40 skipped keys.
func full(t *testing.T) (raw []byte, s *side) {
	t.Helper()
	alice, bob, rng := started(t, false)
	turns(t, alice, bob, rng, 6, 8)
	bob.send(t, rng)
	return bob.ref.pickle(), bob
}

// Where the parts of such a pickle are.
const (
	atSending   = 32
	atReceiving = atSending + 4 + sendingPickleLen
	atSkipped   = atReceiving + 4 + MaxReceivingChains*chainPickleLen
	fullLen     = atSkipped + 4 + 40*chainPickleLen
)

func TestUnpickle(t *testing.T) {
	raw, s := full(t)
	if len(raw) != fullLen || s.d.PickleLen() != fullLen {
		t.Fatalf("%d bytes, %d by PickleLen, want %d", len(raw), s.d.PickleLen(), fullLen)
	}
	// Two sending chains, one behind the other, so that the rest could be read.
	two := slices.Insert(slices.Clone(raw), atSending+4, raw[atSending+4:][:sendingPickleLen]...)
	two[atSending+3] = 2
	r := wire.NewReader(two)
	if _, code := PassPickle(&r); code != errcode.CorruptedPickle {
		t.Errorf("two sending chains: code %d", code)
	}
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		for n := range raw {
			if code, _ := unpickle(newSide(tol == wire.Lenient), raw[:n], tol); code != errcode.CorruptedPickle {
				t.Errorf("%d bytes of %d: code %d", n, len(raw), code)
			}
		}
		if code, left := unpickle(newSide(tol == wire.Lenient), append(slices.Clone(raw), 7, 7), tol); code != errcode.OK || left != 2 {
			t.Errorf("trailing bytes are the caller's: code %d, %d left", code, left)
		}
		for _, c := range []struct {
			name  string
			at    int
			count uint32
		}{
			{"two sending chains", atSending, 2},
			{"2^31 sending chains", atSending, 1 << 31},
			{"2^32-1 receiving chains", atReceiving, 1<<32 - 1},
			{"55 skipped keys", atSkipped, 55},
			{"63161283 skipped keys, times 68 is 2^32-52", atSkipped, 63161283},
			{"2^31 skipped keys", atSkipped, 1 << 31},
			{"2^32-1 skipped keys", atSkipped, 1<<32 - 1},
		} {
			bad := append(slices.Clone(raw), make([]byte, 1000)...) // there are bytes enough for 54
			binary.BigEndian.PutUint32(bad[c.at:], c.count)
			if code, _ := unpickle(newSide(tol == wire.Lenient), bad, tol); code != errcode.CorruptedPickle {
				t.Errorf("%s: code %d", c.name, code)
			}
		}
	}
}

// TestUnpickleZeroKeys checks that strict refuses a zero where a key is, and that otherwise it is taken,
// as libolm does: its objects can be pickled before they are set up.
func TestUnpickleZeroKeys(t *testing.T) {
	raw, _ := full(t)
	for name, at := range map[string]int{
		"root key": 0, "own ratchet key, public": atSending + 4, "own ratchet key": atSending + 36, "sending chain key": atSending + 68,
		"their newest ratchet key": atReceiving + 4, "newest chain key": atReceiving + 36,
		"their oldest ratchet key": atReceiving + 4 + 4*chainPickleLen, "oldest chain key": atReceiving + 36 + 4*chainPickleLen,
		"newest skipped key": atSkipped + 4 + 32, "oldest skipped key": atSkipped + 4 + 32 + (MaxPickledSkipped-1)*chainPickleLen,
	} {
		bad := slices.Clone(raw)
		clear(bad[at : at+32])
		if code, _ := unpickle(newSide(false), bad, wire.Strict); code != errcode.CorruptedPickle {
			t.Errorf("%s is zero: code %d", name, code)
		}
		if code, _ := unpickle(newSide(true), bad, wire.Lenient); code != errcode.OK {
			t.Errorf("%s is zero, not strict: code %d", name, code)
		}
		bad[at+31] = 1
		if code, _ := unpickle(newSide(false), bad, wire.Strict); code != errcode.OK {
			t.Errorf("%s is nearly zero: code %d", name, code)
		}
	}
	empty := make([]byte, 32+4+4+4)
	if code, _ := unpickle(newSide(true), empty, wire.Lenient); code != errcode.OK {
		t.Errorf("nothing, not strict: code %d", code)
	}
	for i := range 32 {
		empty[i] = 1
	}
	if code, _ := unpickle(newSide(false), empty, wire.Strict); code != errcode.CorruptedPickle {
		t.Errorf("no chain at all: code %d", code)
	}
}

// lose does to an element of a list, of chains or of skipped keys, what goolm did up to mautrix 0.21 when it wrote one: key
// and index over the ratchet key, zeros behind.
func lose(element []byte) {
	copy(element, element[32:chainPickleLen])
	clear(element[36:chainPickleLen])
}

// TestUnpickleLostChains has chains that goolm has written once, or has read and written again.
func TestUnpickleLostChains(t *testing.T) {
	raw, s := full(t)
	elements := func(raw []byte, do func(skipped bool, i int, element []byte)) {
		for i := range MaxReceivingChains {
			do(false, i, raw[atReceiving+4+i*chainPickleLen:][:chainPickleLen])
		}
		for i := range 40 {
			do(true, i, raw[atSkipped+4+i*chainPickleLen:][:chainPickleLen])
		}
	}
	// all are lost, or each chain by itself and all skipped keys
	for only := -1; only < MaxReceivingChains; only++ {
		written := slices.Clone(raw)
		for times := 1; times <= 4; times++ {
			elements(written, func(skipped bool, i int, element []byte) {
				if only < 0 || skipped || i == only {
					lose(element)
				}
			})
			for _, libolm := range []bool{false, true} {
				read, raw := newSide(libolm), written
				for range 2 { // the second time from what is written then
					if code, _ := unpickle(read, raw, wire.Tolerance(libolm)); code != errcode.OK {
						t.Fatalf("chain %d, %d times: code %d", only, times, code)
					}
					if read.d.root != s.d.root || read.d.sendChain != s.d.sendChain || !libolm && !read.d.CanSend() {
						t.Error("nothing can be sent")
					}
					for i := range MaxReceivingChains {
						if c, was := &read.d.receiving[i], &s.d.receiving[i]; only >= 0 && i != only && *c != *was {
							t.Errorf("chain %d is lost, and %d is another one", only, i)
						}
					}
					elements(written, func(skipped bool, i int, element []byte) {
						if only >= 0 && !skipped && i != only {
							return
						}
						for _, at := range []uint32{0, 1, 40, 1<<32 - 2, 1<<32 - 1} {
							var p Pending
							code := read.d.Receive(&p, &read.s, (*[32]byte)(element), at)
							if code == errcode.OK && p.kind != onNewChain || p.kind != onNewChain && p.Key != [32]byte{} {
								t.Errorf("chain %d, %d times: a key that everybody knows is taken for message %d", only, times, at)
							}
						}
					})
					again := make([]byte, read.d.PickleLen())
					w := wire.NewWriter(again)
					read.d.Pickle(&w, &read.s)
					if libolm && !bytes.Equal(again, written) {
						t.Error("by libolm's rules it does not come back as it was")
					}
					raw = again
				}
			}
		}
	}
}

// TestUnpickleLostSession: nothing else is left of a session whose first message had not decrypted.
func TestUnpickleLostSession(t *testing.T) {
	_, bob := pair(rand.New(rand.NewPCG(16, 19)), false)
	raw := bob.ref.pickle()
	root := bob.d.root
	for times := range 4 {
		lose(raw[32+4+4:][:chainPickleLen])
		code, _ := unpickle(bob, raw, wire.Strict)
		if code != errcode.OK || !bob.d.CanSend() || bob.d.root != root {
			t.Fatalf("written %d times: code %d", times+1, code)
		}
		if name := bob.d.receiving[0].theirs; name == [32]byte{} {
			t.Error("everybody knows the secret that it answers with")
		}
		if code := bob.d.StartSending(&[32]byte{1}); code != errcode.OK || bob.d.root == root {
			t.Errorf("code %d", code)
		}
		empty := slices.Clone(raw)
		clear(empty[:32])
		if code, _ := unpickle(newSide(false), empty, wire.Strict); code != errcode.CorruptedPickle {
			t.Errorf("a root of zeros: code %d", code)
		}
	}
}

// TestUnpickleReplaces checks that nothing stays of what was there before.
func TestUnpickleReplaces(t *testing.T) {
	_, s := full(t)
	alice, _ := pair(rand.New(rand.NewPCG(16, 17)), false)
	raw := alice.ref.pickle()
	if code, _ := unpickle(s, raw, wire.Strict); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	testkit.Equal(t, alice.d, s.d)
}

// TestUnpickleUnreachableKeys checks what becomes of skipped keys whose chains are gone.
func TestUnpickleUnreachableKeys(t *testing.T) {
	raw, _ := full(t)
	rename := func(raw []byte, key int, theirs byte) {
		clear(raw[atSkipped+4+key*chainPickleLen:][:32])
		raw[atSkipped+4+key*chainPickleLen] = theirs
	}
	pickled := func(s *side) []byte {
		buf := make([]byte, s.d.PickleLen())
		w := wire.NewWriter(buf)
		s.d.Pickle(&w, &s.s)
		return buf
	}
	some := slices.Clone(raw)
	rename(some, 0, 1)
	rename(some, 17, 2)
	rename(some, 39, 1)
	all := slices.Clone(raw)
	for i := range 40 {
		rename(all, i, byte(i+1))
	}

	// As libolm has it, they come back as they were.
	for name, in := range map[string][]byte{"none": raw, "some": some, "all": all} {
		s := newSide(true)
		code, _ := unpickle(s, in, wire.Lenient)
		if diff := testkit.Diff(in, pickled(s)); code != errcode.OK || diff != "" {
			t.Errorf("%s: code %d, %s", name, code, diff)
		}
	}

	s := newSide(false)
	if code, _ := unpickle(s, some, wire.Strict); code != errcode.OK || s.d.Skipped() != 37 {
		t.Fatalf("code %d, %d keys", code, s.d.Skipped())
	}
	want := slices.Clone(raw)
	for _, i := range []int{39, 17, 0} {
		want = slices.Delete(want, atSkipped+4+i*chainPickleLen, atSkipped+4+(i+1)*chainPickleLen)
	}
	binary.BigEndian.PutUint32(want[atSkipped:], 37)
	testkit.Equal(t, want, pickled(s))
	s = newSide(false)
	if code, _ := unpickle(s, all, wire.Strict); code != errcode.OK || s.d.Skipped() != 0 {
		t.Errorf("code %d, %d keys", code, s.d.Skipped())
	}
	for _, k := range s.s.Keys {
		if k != (SkippedKey{}) {
			t.Error("a key that was left out is not wiped")
		}
	}
}
