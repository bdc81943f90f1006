//go:build !race

// The race detector changes what escapes to the heap.

package envelope_test

import (
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
)

func TestAllocations(t *testing.T) {
	if aes.Allocates {
		t.Skip("AES comes from the standard library, which allocates")
	}
	key, contents := []byte("key"), pattern(300)
	dst := make([]byte, envelope.SealedLen(len(contents)))
	testkit.NoAllocations(t, "an envelope", 20, func() {
		copy(envelope.Contents(dst, len(contents)), contents)
		envelope.Seal(dst, key, len(contents))
		if _, code := envelope.Open(dst, key); code != errcode.OK {
			t.Error(code)
		}
	})
}
