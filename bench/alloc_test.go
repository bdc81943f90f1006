//go:build !race

// The race detector changes what escapes to the heap.

package bench_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/karst-im/karst/bench"
	"github.com/karst-im/karst/internal/aes"
)

// counter is a clock that counts allocations.
type counter struct{ before, total uint64 }

func (c *counter) StartTimer() { c.before = mallocs() }
func (c *counter) StopTimer()  { c.total += mallocs() - c.before }

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}

// TestRawRows checks that the rows of raw bytes do not allocate.
func TestRawRows(t *testing.T) {
	if aes.Allocates {
		t.Skip("AES comes from the standard library, which allocates")
	}
	rows := 0
	for _, op := range bench.Operations() {
		if !strings.HasSuffix(op.Name, "/raw") {
			continue
		}
		rows++
		const n = 20 // the runtime may allocate something in the meantime, but not each time
		var c counter
		if op.Prepare()(&c, n); c.total >= n {
			t.Errorf("%s: %d allocations in %d iterations", op.Name, c.total, n)
		}
	}
	if rows == 0 {
		t.Error("there are no rows of raw bytes")
	}
}
