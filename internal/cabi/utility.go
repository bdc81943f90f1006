package cabi

import (
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
)

// Utility is an OlmUtility, which has no state but its last error.
type Utility struct{ status }

// SHA256Len is the length of a hash.
const SHA256Len = keyText

// SHA256 writes the SHA-256 of input and returns its length.
func (u *Utility) SHA256(input, out []byte) uint {
	if len(out) < SHA256Len {
		return u.fail(errcode.OutputBufferTooSmall)
	}
	var hash [32]byte
	sha2.Sum256(&hash, input)
	return u.putText(out, hash[:])
}

// Verify verifies the signature of message under key. The signature is decoded where it lies; more text may
// follow it.
func (u *Utility) Verify(key, message, signature []byte) uint {
	var public [32]byte
	if code := decodeKey(&public, key); code != errcode.OK {
		return u.fail(code)
	}
	raw, code := decodeInPlace(signature)
	if code != errcode.OK {
		return u.fail(code)
	}
	var sig [64]byte
	if secret.Copy(sig[:], raw) < len(sig) || !curve.Verify(&public, message, &sig) {
		return u.fail(errcode.BadMessageMAC)
	}
	return 0
}
