package ratchet

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// TestWipe fills whole objects and wipes them: a field that is added later and forgotten shows.
func TestWipe(t *testing.T) {
	var d Double
	testkit.Fill(t, &d)
	d.nReceiving = 2 // the others are wiped all the same
	d.Wipe()
	testkit.Equal(t, Double{}, d)
	var m Megolm
	testkit.Fill(t, &m)
	m.Wipe()
	testkit.Equal(t, Megolm{}, m)
	var p Pending
	testkit.Fill(t, &p)
	p.Wipe()
	isWiped(t, &p)
}

// isWiped wants nothing in p but what is public.
func isWiped(t *testing.T, p *Pending) {
	t.Helper()
	public := map[string]bool{".kind": true, ".skipped": true, ".chain": true, ".index": true, ".theirs": true, ".from": true}
	testkit.Leaves(p, func(path string, v reflect.Value) {
		if !public[path] && !v.IsZero() {
			t.Errorf("%s stays", path)
		}
	})
}

// TestTakeOver: a field that is added later and forgotten shows.
func TestTakeOver(t *testing.T) {
	var from, want, p Pending
	testkit.Fill(t, &from)
	testkit.Fill(t, &want)
	p.TakeOver(&from)
	testkit.Equal(t, want, p)
	isWiped(t, &from)
}

// TestPlainMemory checks that all state is memory without pointers, which the caller of the C library
// may copy, and which no other object shares.
func TestPlainMemory(t *testing.T) {
	for _, p := range []any{new(Double), new(Megolm), new(Pending), new(SkippedKey), new(ForgottenChain)} {
		testkit.Fill(t, p) // complains about anything else
	}
	if n := unsafe.Sizeof(Double{}); n > 520 {
		t.Errorf("a Double has %d bytes", n)
	}
	if n := unsafe.Sizeof(SkippedKey{}); n != 40 {
		t.Errorf("a skipped key has %d bytes", n)
	}
}

// TestAllocations runs all methods on both kinds of storage.
func TestAllocations(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 19))
	shared, a, b := (*[96]byte)(testkit.Random(rng, 96)), (*[32]byte)(testkit.Random(rng, 32)), (*[32]byte)(testkit.Random(rng, 32))
	stores := []Skipped{{Keys: make([]SkippedKey, MaxSkipped)}, {Keys: make([]SkippedKey, 40), Forgotten: make([]ForgottenChain, 40)}}
	buf := make([]byte, 8192)
	for i := range stores {
		s, other := &stores[i], &Skipped{Keys: slices.Clone(stores[i].Keys), Forgotten: slices.Clone(stores[i].Forgotten)}
		testkit.NoAllocations(t, fmt.Sprint("storage ", i), 3, func() {
			clear(s.Keys)
			var alice, bob Double
			var public, key [32]byte
			var p Pending
			alice.StartAlice(shared, a)
			alice.RatchetKey(&public)
			bob.StartBob(shared, &public)
			for range 8 {
				alice.NextMessageKey(&key)
				for _, index := range [...]uint32{9, 3, 10} {
					if bob.Receive(&p, s, &public, index) != errcode.OK {
						t.Fatal("not what the test is about")
					}
					bob.Room(&p)
					bob.Commit(&p, s)
				}
				a[5]++
				b[5]++
				bob.StartSending(b)
				bob.NextMessageKey(&key)
				bob.RatchetKey(&key)
				alice.Receive(&p, other, &key, 0)
				alice.Commit(&p, other)
				alice.StartSending(a)
				alice.RatchetKey(&public)
			}
			w := wire.NewWriter(buf[:bob.PickleLen()])
			bob.Pickle(&w, s)
			r := wire.NewReader(buf)
			look := r
			PassPickle(&look)
			alice.Unpickle(&r, other, wire.Strict)
			alice.Check()
			alice.NeedsRatchetKey()
			alice.SendIndex()
			alice.ReceivingChains()
			alice.ReceiveIndex(0)
			if alice.Skipped() > 0 {
				alice.SkippedIndex(other, 0)
			}
			alice.Wipe()
			p.Wipe()
		})
	}
	var m, o Megolm
	raw := testkit.Random(rng, MegolmLen)
	testkit.NoAllocations(t, "Megolm", 10, func() {
		m.Set(raw, 5)
		m.Advance()
		m.AdvanceTo(1 << 20)
		o.CopyFrom(&m)
		m.Equal(&o)
		m.Counter()
		m.Key((*[MegolmLen]byte)(raw))
		w := wire.NewWriter(buf[:MegolmPickleLen])
		m.Pickle(&w)
		r := wire.NewReader(buf)
		m.Unpickle(&r)
		m.IsZero()
		m.Wipe()
	})
}
