//go:build !race

// The race detector changes what escapes to the heap.

package pickle_test

import (
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/pickle"
)

func TestAllocations(t *testing.T) {
	if aes.Allocates {
		t.Skip("AES comes from the standard library, which allocates")
	}
	key, contents := []byte("key"), pattern(300)
	text := seal(t, key, contents)
	if n := testing.AllocsPerRun(20, func() {
		if _, err := pickle.Seal(key, contents); err != nil {
			t.Error(err)
		}
	}); n != 1 {
		t.Errorf("Seal: %v allocations, want 1", n)
	}
	// What is decoded and decrypted is wiped, and the contents are a copy.
	if n := testing.AllocsPerRun(20, func() {
		if _, err := pickle.Open(key, text); err != nil {
			t.Error(err)
		}
	}); n != 2 {
		t.Errorf("Open: %v allocations, want 2", n)
	}
}
