package libolm

/*
#include <stdlib.h>
#include <olm/olm.h>
#include <olm/sas.h>
*/
import "C"

import "unsafe"

// SAS is an OlmSAS.
type SAS struct{ p *C.OlmSAS }

// NewSAS creates a key pair from 32 random bytes.
func NewSAS(random []byte) (*SAS, error) {
	s := &SAS{C.olm_sas(C.malloc(C.olm_sas_size()))}
	r := copyIn(random)
	if C.olm_create_sas(s.p, addr(r), size(r)) == failed {
		err := s.last()
		s.Free()
		return nil, err
	}
	return s, nil
}

// Free clears and releases the object. A second call does nothing.
func (s *SAS) Free() {
	if s.p != nil {
		C.olm_clear_sas(s.p)
		C.free(unsafe.Pointer(s.p))
		s.p = nil
	}
}

func (s *SAS) ptr() *C.OlmSAS { return live(s.p) }

func (s *SAS) last() error { return Code(C.olm_sas_last_error_code(s.ptr())) }

// PublicKey is the base64 of our public key.
func (s *SAS) PublicKey() string {
	out := buffer(C.olm_sas_pubkey_length(s.ptr()))
	C.olm_sas_get_pubkey(s.p, addr(out), size(out))
	return string(out)
}

// SetTheirKey computes the shared secret.
func (s *SAS) SetTheirKey(key string) error {
	k := copyIn(key)
	if C.olm_sas_set_their_key(s.ptr(), addr(k), size(k)) == failed {
		return s.last()
	}
	return nil
}

// IsTheirKeySet reports whether SetTheirKey has succeeded.
func (s *SAS) IsTheirKeySet() bool { return C.olm_sas_is_their_key_set(s.ptr()) != 0 }

// Bytes derives n bytes to show to the users.
func (s *SAS) Bytes(info []byte, n int) ([]byte, error) {
	i, out := copyIn(info), buffer(C.size_t(n))
	if C.olm_sas_generate_bytes(s.ptr(), addr(i), size(i), addr(out), size(out)) == failed {
		return nil, s.last()
	}
	return out, nil
}

// MAC is hkdf-hmac-sha256, whose base64 is damaged in a way that peers depend on.
func (s *SAS) MAC(input, info []byte) (string, error) {
	in, i, out := copyIn(input), copyIn(info), buffer(C.olm_sas_mac_length(s.ptr()))
	if C.olm_sas_calculate_mac(s.p, addr(in), size(in), addr(i), size(i), addr(out), size(out)) == failed {
		return "", s.last()
	}
	return string(out), nil
}

// MACFixedBase64 is hkdf-hmac-sha256.v2.
func (s *SAS) MACFixedBase64(input, info []byte) (string, error) {
	in, i, out := copyIn(input), copyIn(info), buffer(C.olm_sas_mac_length(s.ptr()))
	if C.olm_sas_calculate_mac_fixed_base64(s.p, addr(in), size(in), addr(i), size(i), addr(out), size(out)) == failed {
		return "", s.last()
	}
	return string(out), nil
}

// MACLongKDF is hmac-sha256, with a key of 256 bytes and damaged base64.
func (s *SAS) MACLongKDF(input, info []byte) (string, error) {
	in, i, out := copyIn(input), copyIn(info), buffer(C.olm_sas_mac_length(s.ptr()))
	if C.olm_sas_calculate_mac_long_kdf(s.p, addr(in), size(in), addr(i), size(i), addr(out), size(out)) == failed {
		return "", s.last()
	}
	return string(out), nil
}
