package libolm

/*
#include <stdlib.h>
#include <olm/olm.h>
*/
import "C"

import "unsafe"

// Utility is an OlmUtility.
type Utility struct{ p *C.OlmUtility }

// NewUtility needs no randomness and cannot fail.
func NewUtility() *Utility {
	return &Utility{C.olm_utility(C.malloc(C.olm_utility_size()))}
}

// Free clears and releases the object. A second call does nothing.
func (u *Utility) Free() {
	if u.p != nil {
		C.olm_clear_utility(u.p)
		C.free(unsafe.Pointer(u.p))
		u.p = nil
	}
}

// SHA256 is the base64 of a hash.
func (u *Utility) SHA256(input []byte) string {
	in, out := copyIn(input), buffer(C.olm_sha256_length(live(u.p)))
	return string(out[:C.olm_sha256(u.p, addr(in), size(in), addr(out), size(out))])
}

// Verify checks an Ed25519 signature; key and signature are base64.
func (u *Utility) Verify(key string, message []byte, signature string) error {
	k, m, s := copyIn(key), copyIn(message), copyIn(signature)
	if C.olm_ed25519_verify(live(u.p), addr(k), size(k), addr(m), size(m), addr(s), size(s)) == failed {
		return Code(C.olm_utility_last_error_code(u.p))
	}
	return nil
}
