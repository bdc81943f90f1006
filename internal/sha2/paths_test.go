package sha2

import (
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/testkit"
)

// blocks256 and sums512 are the implementations that this machine and build can run.
var (
	blocks256 = map[string]func(h *[8]uint32, p []byte){"compact": block256Compact, "Block256": Block256}
	sums512   = map[string]func(out *[64]byte, a, b, c []byte){"compact": sum512Compact, "Sum512": Sum512}
)

// TestImplementation compares the names with what this build has.
func TestImplementation(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		want256, want512 := "compact", "compact"
		if blocks256["standard library"] != nil {
			want256 = "std"
		}
		if sums512["standard library"] != nil {
			want512 = "std"
		}
		if blocks256["SHA instructions"] != nil && cpu.SHA {
			want256 = "sha-ni"
		}
		if got256, got512 := Implementation(); got256 != want256 || got512 != want512 {
			t.Errorf("uses %s and %s, and not %s and %s", got256, got512, want256, want512)
		}
	})
}
