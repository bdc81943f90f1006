package hostile_test

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/olm"
)

// What hostile input may make a decoder allocate: so many bytes for each of its own, and so many whatever
// its length. The latter is an object with all that it holds by itself.
const (
	bytesPerByte = 2
	bytesAtAll   = 4 << 10
)

// worstOf is how often an input is read: a decoder may allocate at the second time, or at the third.
const worstOf = 4

// alone sees to it that nothing else allocates until the test is over: there is one thread, and no collection but between
// two measurements.
func alone(t *testing.T) {
	percent, threads := debug.SetGCPercent(-1), runtime.GOMAXPROCS(1)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(threads)
		debug.SetGCPercent(percent)
	})
	// What is made once in a process: see TestTablesAreSmall in internal/curve.
	a := olm.NewAccount()
	if !a.IdentityKeys().Ed25519.Verify(nil, must(a.Sign(nil))) {
		t.Fatal("a signature is refused")
	}
}

// allocated returns how many bytes f allocates, for whom is alone.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// sizes of input.
func sizes() []int {
	if short() {
		return []int{0, 100, 10_000}
	}
	return []int{0, 100, 1_000, 10_000, 100_000, 1_000_000}
}

// TestAllocationIsBounded: whatever an input says that it holds, a decoder allocates for what is there.
func TestAllocationIsBounded(t *testing.T) {
	deterministic(t, 8)
	alone(t)
	rng := rand.New(rand.NewPCG(6, 8))
	n, worst, worstFixed := 0, 0.0, uint64(0)
	for _, d := range decoders {
		t.Run(d.name, func(t *testing.T) {
			read, copies := d.open(), max(d.copies, 1)
			for _, size := range sizes() {
				inputs := [][]byte{make([]byte, size), bytes.Repeat([]byte{0xff}, size), bytes.Repeat([]byte{'A'}, size),
					wire.AppendText(nil, make([]byte, size)), sealed(make([]byte, size)), fill(make([]byte, size), rng)}
				if d.crafted != nil && size <= 10_000 {
					inputs = append(inputs, d.crafted(size)...)
				}
				for _, in := range inputs {
					budget := uint64(bytesPerByte*len(in)*copies + bytesAtAll)
					var got uint64
					for range worstOf {
						got = max(got, allocated(func() { read(in) }))
					}
					n++
					if size >= 10_000 {
						runtime.GC()
					}
					if got > budget {
						t.Errorf("%d bytes are allocated for %d that begin with %x: %d are allowed", got, len(in), in[:min(len(in), 40)], budget)
					}
					if len(in) >= 10_000 {
						worst = max(worst, float64(got)/float64(len(in)*copies))
					} else {
						worstFixed = max(worstFixed, got-min(got, uint64(bytesPerByte*len(in)*copies)))
					}
				}
			}
		})
	}
	t.Logf("hostile: %d inputs cost at most %d times their length and %d bytes; measured: %.2f times, and %d bytes", n, bytesPerByte, bytesAtAll, worst, worstFixed)
}

// TestAllocationBoundCanFail: a decoder that believes a length is caught.
func TestAllocationBoundCanFail(t *testing.T) {
	in := []byte{0xff, 0xff}
	var sink []byte
	alone(t)
	if got := allocated(func() { sink = make([]byte, int(in[0])<<8|int(in[1])) }); got <= uint64(bytesPerByte*len(in)+bytesAtAll) {
		t.Errorf("only %d bytes are seen of %d", got, len(sink))
	}
}
