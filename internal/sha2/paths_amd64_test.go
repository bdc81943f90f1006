//go:build !purego

package sha2

import "github.com/karst-im/karst/internal/cpu"

func init() {
	if cpu.SHA {
		blocks256["SHA instructions"] = block256SHA
	}
}
