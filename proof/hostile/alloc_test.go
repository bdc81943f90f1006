package hostile_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/karst-im/karst/internal/wire"
)

// What hostile input may make a decoder allocate: so many bytes for each of its own, and so many whatever
// its length. The latter is an object with all that it holds by itself.
const (
	bytesPerByte = 2
	bytesAtAll   = 4 << 10
)

// allocated returns how many bytes f allocates. Other goroutines may add to what is counted and never
// subtract, so that f is run again as long as it seems to take more than allowed.
func allocated(f func(), allowed uint64) uint64 {
	least := uint64(math.MaxUint64)
	for range 10 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.TotalAlloc-before.TotalAlloc); least <= allowed {
			break
		}
	}
	return least
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
					got := allocated(func() { read(in) }, budget)
					n++
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
	allowed := uint64(bytesPerByte*len(in) + bytesAtAll)
	if got := allocated(func() { sink = make([]byte, int(in[0])<<8|int(in[1])) }, allowed); got <= allowed {
		t.Errorf("only %d bytes are seen of %d", got, len(sink))
	}
}
