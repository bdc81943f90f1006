package sha2

import (
	"testing"

	"github.com/karst-im/karst/internal/cpu"
)

// blocks256 and sums512 are the implementations that this machine and build can run.
var (
	blocks256 = map[string]func(h *[8]uint32, p []byte){"compact": block256Compact, "Block256": Block256}
	sums512   = map[string]func(out *[64]byte, a, b, c []byte){"compact": sum512Compact, "Sum512": Sum512}
)

// onEachPath runs f as this machine does and as one without SHA instructions would.
func onEachPath(t *testing.T, f func(t *testing.T)) {
	t.Run("here", f)
	if cpu.SHA {
		t.Run("without SHA instructions", func(t *testing.T) {
			defer func() { cpu.SHA = true }()
			cpu.SHA = false
			f(t)
		})
	}
}
