//go:build !race

// The race detector changes what escapes to the heap.

package ratchet_test

import (
	"runtime"
	"strconv"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/ratchet"
)

// budget wants f, which is called 1+runs times, to allocate n times.
func budget(t *testing.T, what string, n float64, runs int, f func(i int)) {
	t.Helper()
	i := -1
	if got := testing.AllocsPerRun(runs, func() { i++; f(i) }); got != n {
		t.Errorf("%s: %v allocations, want %v", what, got, n)
	}
}

func TestAllocations(t *testing.T) {
	if aes.Allocates || entropy.Allocates {
		t.Skip("AES or random bytes come from where they are allocated")
	}
	const runs = 50
	taken := func(*[ratchet.KeyLen]byte) error { return nil }
	refused := func(*[ratchet.KeyLen]byte) error { return errOpen }
	var key [ratchet.KeyLen]byte
	alice, bob := begin(t)
	budget(t, "Send", 0, runs, func(int) {
		if _, _, err := alice.Send(&key); err != nil {
			t.Error(err)
		}
	})
	ms := sendN(t, alice, 2+runs)
	// What open gets is a key of its own, which it may keep a pointer to.
	budget(t, "Receive, refused", 1, runs, func(int) {
		if err := bob.Receive(ms[0].ours, ms[0].index, refused); err != errOpen {
			t.Error(err)
		}
	})
	budget(t, "Receive, without a key", 0, runs, func(int) {
		if err := bob.Receive(ms[0].ours, 1<<20, taken); err != ratchet.ErrGap {
			t.Error(err)
		}
	})
	receive(t, bob, ms[0])
	budget(t, "Receive", 1, runs, func(i int) {
		if err := bob.Receive(ms[1+i].ours, ms[1+i].index, taken); err != nil {
			t.Error(err)
		}
	})
	alice, bob = begin(t)
	budget(t, "a turn", 1, runs, func(int) {
		alice, bob = bob, alice
		ours, index, err := alice.Send(&key)
		if err != nil {
			t.Error(err)
		}
		if err := bob.Receive(ours, index, taken); err != nil {
			t.Error(err)
		}
	})
	alice, bob = begin(t)
	for range ratchet.MaxReceivingChains {
		pass(t, bob, alice)
		receive(t, bob, sendN(t, alice, ratchet.MaxSkippedPerChain+1)[ratchet.MaxSkippedPerChain])
	}
	ms = sendN(t, alice, 2*(1+runs))
	budget(t, "Receive after a gap, with as many keys as are kept", 1, runs, func(i int) {
		if err := bob.Receive(ms[2*i+1].ours, ms[2*i+1].index, taken); err != nil {
			t.Error(err)
		}
	})
	budget(t, "Initiate and Respond", 2, runs, func(int) {
		ours, _, err := ratchet.Initiate(&shared).Send(&key)
		if err != nil {
			t.Error(err)
		}
		if _, err := ratchet.Respond(&shared, ours); err != nil {
			t.Error(err)
		}
	})
	budget(t, "Pickle", 1, runs, func(int) {
		if _, err := alice.Pickle(pickleKey); err != nil {
			t.Error(err)
		}
	})

	m := ratchet.NewMegolm()
	var value [ratchet.MegolmLen]byte
	budget(t, "Megolm", 0, runs, func(int) {
		if m.Key(&value) != nil || m.Advance() != nil || m.AdvanceTo(m.Index()+1<<17) != nil {
			t.Error("an error")
		}
	})
	budget(t, "NewMegolm", 1, runs, func(int) { ratchet.NewMegolm() })
	budget(t, "Pickle of a Megolm", 1, runs, func(int) {
		if _, err := m.Pickle(pickleKey); err != nil {
			t.Error(err)
		}
	})
}

// TestIdleSizes: what a program holds for each.
func TestIdleSizes(t *testing.T) {
	const n = 20_000
	_, bob := begin(t)
	p := pickled(t, bob)
	q, err := ratchet.NewMegolm().Pickle(pickleKey)
	if err != nil {
		t.Fatal(err)
	}
	mostDouble, mostMegolm := int64(576), int64(160)
	if strconv.IntSize == 32 {
		mostDouble, mostMegolm = 640, 208 // where Go puts a header before objects of some sizes
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	held := make([]any, n)
	for name, c := range map[string]struct {
		most int64
		read func() (any, error)
	}{
		"Double": {mostDouble, func() (any, error) { return ratchet.UnpickleDouble(pickleKey, p) }},
		"Megolm": {mostMegolm, func() (any, error) { return ratchet.UnpickleMegolm(pickleKey, q) }},
	} {
		clear(held)
		before := heap()
		for i := range held {
			if held[i], err = c.read(); err != nil {
				t.Fatal(err)
			}
		}
		size := int64(heap()-before) / n
		t.Logf("%s: %d bytes for each", name, size)
		if size > c.most {
			t.Errorf("a %s holds %d bytes, more than %d", name, size, c.most)
		}
	}
	runtime.KeepAlive(held)
}
