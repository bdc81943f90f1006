//go:build !race

package selftest_test

import (
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/selftest"
	"github.com/karst-im/karst/internal/testkit"
)

// The race detector makes the standard library's hashes allocate.
func TestAllocations(t *testing.T) {
	if aes.Allocates {
		t.Skip("AES comes from the standard library, which allocates")
	}
	s := new(selftest.State)
	var got [32]byte
	testkit.NoAllocations(t, "Run", 20, func() { s.Run(&got) })
}
