//go:build !race

package sha2

import (
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/testkit"
)

// With the race detector the compiler inlines less, and puts on the heap what otherwise stays on the stack.
func TestAllocs(t *testing.T) {
	p := testkit.Bytes("sha2", 1000)
	var out [32]byte
	var h [8]uint32
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		testkit.NoAllocations(t, "SHA-256", 10, func() {
			Sum256(&out, p)
			IV256(&h)
			Block256(&h, p[:blockLen])
			var d Hash256
			d.Reset()
			d.Write(p[:100])
			d.Write(p[100:])
			d.Sum(&out)
		})
	})
	var out512 [64]byte
	for name, sum512 := range sums512 {
		testkit.NoAllocations(t, "SHA-512, "+name, 10, func() { sum512(&out512, p, p[:3], nil) })
	}
}
