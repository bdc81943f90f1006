package ratchet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
)

// unpickle reads raw, and returns the first code that is not OK.
func unpickle(s *side, raw []byte, strict bool) (code errcode.Code, left int) {
	r := wire.NewReader(raw)
	look := r
	n, code := PassPickle(&look)
	if code != errcode.OK {
		return code, look.Len()
	}
	if s.s.Forgotten == nil {
		s.s.Keys = make([]SkippedKey, n)
	}
	if code := s.d.Unpickle(&r, &s.s, strict); code != errcode.OK {
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
	// Two sending chains where none is, so that the rest could be read.
	_, bob := pair(rand.New(rand.NewPCG(16, 18)), false)
	none := bob.ref.pickle()
	none[atSending+3] = 2
	if code, _ := unpickle(newSide(false), none, false); code != errcode.CorruptedPickle {
		t.Errorf("two sending chains: code %d", code)
	}
	for _, strict := range []bool{true, false} {
		for n := range raw {
			if code, _ := unpickle(newSide(!strict), raw[:n], strict); code != errcode.CorruptedPickle {
				t.Errorf("%d bytes of %d: code %d", n, len(raw), code)
			}
		}
		if code, left := unpickle(newSide(!strict), append(slices.Clone(raw), 7, 7), strict); code != errcode.OK || left != 2 {
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
			if code, _ := unpickle(newSide(!strict), bad, strict); code != errcode.CorruptedPickle {
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
		if code, _ := unpickle(newSide(false), bad, true); code != errcode.CorruptedPickle {
			t.Errorf("%s is zero: code %d", name, code)
		}
		if code, _ := unpickle(newSide(true), bad, false); code != errcode.OK {
			t.Errorf("%s is zero, not strict: code %d", name, code)
		}
		bad[at+31] = 1
		if code, _ := unpickle(newSide(false), bad, true); code != errcode.OK {
			t.Errorf("%s is nearly zero: code %d", name, code)
		}
	}
	empty := make([]byte, 32+4+4+4)
	if code, _ := unpickle(newSide(true), empty, false); code != errcode.OK {
		t.Errorf("nothing, not strict: code %d", code)
	}
	for i := range 32 {
		empty[i] = 1
	}
	if code, _ := unpickle(newSide(false), empty, true); code != errcode.CorruptedPickle {
		t.Errorf("no chain at all: code %d", code)
	}
}

// TestUnpickleLostChains has chains as goolm wrote them up to mautrix 0.21: key and index over the ratchet key, zeros behind.
func TestUnpickleLostChains(t *testing.T) {
	raw, s := full(t)
	lose := func(raw []byte, chain int, index uint32) (key [32]byte) {
		at := raw[atReceiving+4+chain*chainPickleLen:][:chainPickleLen]
		copy(key[:], at[32:64])
		clear(at)
		copy(at, key[:])
		binary.BigEndian.PutUint32(at[32:], index)
		return key
	}
	for _, index := range []uint32{0, 1, 300} {
		for chain := range MaxReceivingChains {
			lost := slices.Clone(raw)
			key := lose(lost, chain, index)
			read := newSide(false)
			for range 2 { // the second time from what is written then
				if code, _ := unpickle(read, lost, true); code != errcode.OK {
					t.Fatalf("chain %d at %d: code %d", chain, index, code)
				}
				for i := range MaxReceivingChains {
					c, was := &read.d.receiving[i], &s.d.receiving[i]
					if i != chain && (c.key != was.key || c.index != was.index || c.theirs != was.theirs) {
						t.Errorf("chain %d is lost, and %d is another one", chain, i)
					}
				}
				for _, at := range []uint32{0, 1, 299, 300, 301, 1<<32 - 2, 1<<32 - 1} {
					var p Pending
					if code := read.d.Receive(&p, &read.s, &key, at); code != errcode.NoMessageKey && code != errcode.Exhausted || p.Key != [32]byte{} {
						t.Errorf("a key that everybody knows is taken for message %d: code %d", at, code)
					}
				}
				if !read.d.CanSend() {
					t.Error("nothing can be sent")
				}
				lost = make([]byte, read.d.PickleLen())
				w := wire.NewWriter(lost)
				read.d.Pickle(&w, &read.s)
			}
		}
	}

	// Nothing else is left of a session whose first message had not decrypted.
	_, bob := pair(rand.New(rand.NewPCG(16, 19)), false)
	only := bob.ref.pickle()
	at := only[32+4+4:][:chainPickleLen]
	copy(at, at[32:64])
	clear(at[32:])
	if code, _ := unpickle(bob, only, true); code != errcode.OK || !bob.d.CanSend() {
		t.Fatalf("code %d", code)
	}
	if code := bob.d.StartSending(&[32]byte{1}); code != errcode.OK {
		t.Errorf("code %d", code)
	}
	// Others have their way.
	if code, _ := unpickle(newSide(true), only, false); code != errcode.OK {
		t.Errorf("not strict: code %d", code)
	}
	clear(at)
	if code, _ := unpickle(newSide(false), only, true); code != errcode.CorruptedPickle {
		t.Errorf("a chain of zeros alone: code %d", code)
	}
}

// TestUnpickleReplaces checks that nothing stays of what was there before.
func TestUnpickleReplaces(t *testing.T) {
	_, s := full(t)
	alice, _ := pair(rand.New(rand.NewPCG(16, 17)), false)
	raw := alice.ref.pickle()
	if code, _ := unpickle(s, raw, true); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	if s.d != alice.d {
		t.Errorf("%+v\nwant %+v", s.d, alice.d)
	}
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
		code, _ := unpickle(s, in, false)
		if out := pickled(s); code != errcode.OK || !bytes.Equal(out, in) {
			t.Errorf("%s: code %d, %x\nwant %x", name, code, out, in)
		}
	}

	s := newSide(false)
	if code, _ := unpickle(s, some, true); code != errcode.OK || s.d.Skipped() != 37 {
		t.Fatalf("code %d, %d keys", code, s.d.Skipped())
	}
	want := slices.Clone(raw)
	for _, i := range []int{39, 17, 0} {
		want = slices.Delete(want, atSkipped+4+i*chainPickleLen, atSkipped+4+(i+1)*chainPickleLen)
	}
	binary.BigEndian.PutUint32(want[atSkipped:], 37)
	if out := pickled(s); !bytes.Equal(out, want) {
		t.Errorf("%x\nwant %x", out, want)
	}
	s = newSide(false)
	if code, _ := unpickle(s, all, true); code != errcode.OK || s.d.Skipped() != 0 {
		t.Errorf("code %d, %d keys", code, s.d.Skipped())
	}
	for _, k := range s.s.Keys {
		if k != (SkippedKey{}) {
			t.Error("a key that was left out is not wiped")
		}
	}
}
