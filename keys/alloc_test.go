//go:build !race

// The race detector changes what escapes to the heap.

package keys_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
)

func TestAllocations(t *testing.T) {
	private := ed25519.NewKeyFromSeed(pattern(32))
	public := keys.Ed25519(private.Public().(ed25519.PublicKey))
	message := []byte("message")
	sig := keys.Signature(ed25519.Sign(private, message))
	for range 3 { // the third valid signature of a key makes a table, once
		public.Verify(message, sig)
	}
	text, buf := []byte(public.String()), make([]byte, 0, 100)
	testkit.NoAllocations(t, "a key and its signature", 20, func() {
		var k keys.Ed25519
		if k.UnmarshalText(text) != nil || !k.Verify(message, sig) {
			t.Error("does not verify")
		}
		buf, _ = k.AppendText(buf[:0])
	})
}
