//go:build !race

package kdf

import (
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/testkit"
)

// The race detector keeps the compiler from inlining what then would stay on the stack: not with it.
func TestAllocs(t *testing.T) {
	p := testkit.Bytes("kdf", 400)
	var key [hashLen]byte
	var out [80]byte
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		testkit.NoAllocations(t, "HMAC and HKDF", 10, func() {
			HMACByte(&key, &key, 1)
			HMAC(&key, &key, p)
			HKDF(out[:], &key, p[:96], []byte("OLM_ROOT"))
			HKDF(out[:], nil, p[:32], p)
			var m Midstate
			m.SetKey(p)
			m.HMAC(&key, p)
			m.Wipe()
		})
	})
}
