package libolm

/*
#include <stdlib.h>
#include <olm/olm.h>
#include <olm/pk.h>
*/
import "C"

import "unsafe"

// PKMessage is the three texts of an asymmetrically encrypted message.
type PKMessage struct {
	Ciphertext string
	MAC        string
	Ephemeral  string
}

// PKEncryption is an OlmPkEncryption.
type PKEncryption struct{ p *C.OlmPkEncryption }

// NewPKEncryption encrypts for the holder of a public key.
func NewPKEncryption(recipient string) (*PKEncryption, error) {
	e := &PKEncryption{C.olm_pk_encryption(C.malloc(C.olm_pk_encryption_size()))}
	k := copyIn(recipient)
	if C.olm_pk_encryption_set_recipient_key(e.p, addr(k), size(k)) == failed {
		err := e.last()
		e.Free()
		return nil, err
	}
	return e, nil
}

// Free clears and releases the object. A second call does nothing.
func (e *PKEncryption) Free() {
	if e.p != nil {
		C.olm_clear_pk_encryption(e.p)
		C.free(unsafe.Pointer(e.p))
		e.p = nil
	}
}

func (e *PKEncryption) last() error { return Code(C.olm_pk_encryption_last_error_code(live(e.p))) }

// Encrypt uses 32 random bytes: the ephemeral private key.
func (e *PKEncryption) Encrypt(plaintext, random []byte) (PKMessage, error) {
	p, r := copyIn(plaintext), copyIn(random)
	ct := buffer(C.olm_pk_ciphertext_length(live(e.p), size(p)))
	mac, eph := buffer(C.olm_pk_mac_length(e.p)), buffer(C.olm_pk_key_length())
	if C.olm_pk_encrypt(e.p, addr(p), size(p), addr(ct), size(ct), addr(mac), size(mac),
		addr(eph), size(eph), addr(r), size(r)) == failed {
		return PKMessage{}, e.last()
	}
	return PKMessage{Ciphertext: string(ct), MAC: string(mac), Ephemeral: string(eph)}, nil
}

// PKDecryption is an OlmPkDecryption.
type PKDecryption struct{ p *C.OlmPkDecryption }

// EmptyPKDecryption was constructed and has no key.
func EmptyPKDecryption() *PKDecryption {
	return &PKDecryption{C.olm_pk_decryption(C.malloc(C.olm_pk_decryption_size()))}
}

// NewPKDecryption starts from a private key of 32 bytes and gives its public key.
func NewPKDecryption(private []byte) (d *PKDecryption, public string, err error) {
	d = EmptyPKDecryption()
	k, out := copyIn(private), buffer(C.olm_pk_key_length())
	if C.olm_pk_key_from_private(d.p, addr(out), size(out), addr(k), size(k)) == failed {
		return nil, "", d.giveUp()
	}
	return d, string(out), nil
}

// UnpicklePKDecryption reads a private key and gives its public key.
func UnpicklePKDecryption(key []byte, pickled string) (d *PKDecryption, public string, err error) {
	if err := checkPickle(key, pickled); err != nil {
		return nil, "", err
	}
	d = EmptyPKDecryption()
	k, b, out := copyIn(key), copyIn(pickled), buffer(C.olm_pk_key_length())
	if C.olm_unpickle_pk_decryption(d.p, addr(k), size(k), addr(b), size(b), addr(out), size(out)) == failed {
		return nil, "", d.giveUp()
	}
	return d, string(out), nil
}

// Free clears and releases the object. A second call does nothing.
func (d *PKDecryption) Free() {
	if d.p != nil {
		C.olm_clear_pk_decryption(d.p)
		C.free(unsafe.Pointer(d.p))
		d.p = nil
	}
}

func (d *PKDecryption) ptr() *C.OlmPkDecryption { return live(d.p) }

func (d *PKDecryption) last() error { return Code(C.olm_pk_decryption_last_error_code(d.ptr())) }

func (d *PKDecryption) giveUp() error {
	err := d.last()
	d.Free()
	return err
}

// Pickle writes the key pair.
func (d *PKDecryption) Pickle(key []byte) string {
	return pickle(key, C.olm_pickle_pk_decryption_length(d.ptr()), func(key, out []byte) C.size_t {
		return C.olm_pickle_pk_decryption(d.p, addr(key), size(key), addr(out), size(out))
	})
}

// PrivateKey is the private key as it was given.
func (d *PKDecryption) PrivateKey() []byte {
	out := buffer(C.olm_pk_private_key_length())
	C.olm_pk_get_private_key(d.ptr(), addr(out), size(out))
	return out
}

// Decrypt opens a message. The MAC does not cover the ciphertext.
func (d *PKDecryption) Decrypt(m PKMessage) ([]byte, error) {
	if err := checkPKCiphertext(m.Ciphertext); err != nil {
		return nil, err
	}
	eph, mac, ct := copyIn(m.Ephemeral), copyIn(m.MAC), copyIn(m.Ciphertext)
	// A ciphertext of impossible length has no largest plaintext, and asking for it sets no error;
	// olm_pk_decrypt sets one whatever the buffer.
	room := C.olm_pk_max_plaintext_length(d.ptr(), size(ct))
	if room == failed {
		room = size(ct)
	}
	out := buffer(room)
	n := C.olm_pk_decrypt(d.p, addr(eph), size(eph), addr(mac), size(mac), addr(ct), size(ct), addr(out), size(out))
	if n == failed {
		return nil, d.last()
	}
	return out[:n:n], nil
}

// PKSigning is an OlmPkSigning.
type PKSigning struct{ p *C.OlmPkSigning }

// NewPKSigning starts from an Ed25519 seed of 32 bytes and gives the public key.
func NewPKSigning(seed []byte) (s *PKSigning, public string, err error) {
	s = &PKSigning{C.olm_pk_signing(C.malloc(C.olm_pk_signing_size()))}
	k, out := copyIn(seed), buffer(C.olm_pk_signing_public_key_length())
	if C.olm_pk_signing_key_from_seed(s.p, addr(out), size(out), addr(k), size(k)) == failed {
		err := s.last()
		s.Free()
		return nil, "", err
	}
	return s, string(out), nil
}

// Free clears and releases the object. A second call does nothing.
func (s *PKSigning) Free() {
	if s.p != nil {
		C.olm_clear_pk_signing(s.p)
		C.free(unsafe.Pointer(s.p))
		s.p = nil
	}
}

func (s *PKSigning) last() error { return Code(C.olm_pk_signing_last_error_code(live(s.p))) }

// Sign gives the base64 of an Ed25519 signature.
func (s *PKSigning) Sign(message []byte) string {
	m, out := copyIn(message), buffer(C.olm_pk_signature_length())
	return string(out[:C.olm_pk_sign(live(s.p), addr8(m), size(m), addr8(out), size(out))])
}
