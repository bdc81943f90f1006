//go:build !race

package sha2

import "testing"

// With the race detector the compiler inlines less, and puts on the heap what otherwise stays on the stack.
func TestAllocs(t *testing.T) {
	p := random(1000)
	var out [32]byte
	var h [8]uint32
	onEachPath(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(10, func() {
			Sum256(&out, p)
			IV256(&h)
			Block256(&h, p[:blockLen])
			var d Hash256
			d.Reset()
			d.Write(p[:100])
			d.Write(p[100:])
			d.Sum(&out)
		}); n != 0 {
			t.Errorf("SHA-256: %v allocations", n)
		}
	})
	var out512 [64]byte
	for name, sum512 := range sums512 {
		if n := testing.AllocsPerRun(10, func() { sum512(&out512, p, p[:3], nil) }); n != 0 {
			t.Errorf("SHA-512, %s: %v allocations", name, n)
		}
	}
}
