//go:build !purego

package sha2

import "github.com/karst-im/karst/internal/cpu"

// Block256 runs SHA-256's compression function over p, whose length is a multiple of 64.
func Block256(h *[8]uint32, p []byte) {
	if cpu.SHA {
		block256SHA(h, p)
	} else {
		block256Std(h, p)
	}
}
