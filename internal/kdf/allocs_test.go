//go:build !race

package kdf

import "testing"

// The race detector keeps the compiler from inlining what then would stay on the stack: not with it.
func TestAllocs(t *testing.T) {
	p := random(400)
	var key [hashLen]byte
	var out [80]byte
	onEachPath(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(10, func() {
			HMACByte(&key, &key, 1)
			HMAC(&key, &key, p)
			HKDF(out[:], &key, p[:96], []byte("OLM_ROOT"))
			HKDF(out[:], nil, p[:32], p)
			var m Midstate
			m.SetKey(p)
			m.HMAC(&key, p)
			m.Wipe()
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
