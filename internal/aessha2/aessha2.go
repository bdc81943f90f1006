// Package aessha2 implements the cipher under every ratchet and pickle of Matrix: AES-256-CBC with
// PKCS#7 padding, authenticated by HMAC-SHA-256, both keyed through HKDF-SHA-256 (Olm specification,
// "Using AES-SHA-256").
//
// It is encrypt-then-MAC in two calls, because what the MAC covers differs: a whole message with
// its header, a ciphertext, or, in the key backup, nothing.
package aessha2

import (
	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/secret"
)

const blockSize = 16

// Keys are the keys that encrypt and authenticate one message.
type Keys struct {
	aes [32]byte
	iv  [16]byte
	mac kdf.Midstate
}

// Derive sets k from the secret key material and the label of its purpose:
// AES key ‖ MAC key ‖ IV = HKDF(no salt, material, info, 80).
func (k *Keys) Derive(material, info []byte) {
	var d [80]byte
	kdf.HKDF(d[:], nil, material, info)
	secret.Copy(k.aes[:], d[:32])
	k.mac.SetKey(d[32:64])
	secret.Copy(k.iv[:], d[64:])
	secret.Wipe(d[:])
}

// Wipe overwrites k with zeros.
func (k *Keys) Wipe() {
	secret.Wipe(k.aes[:])
	secret.Wipe(k.iv[:])
	k.mac.Wipe()
}

// MAC writes HMAC-SHA-256 over message to out. Messages and pickles carry its first 8 bytes.
func (k *Keys) MAC(out *[32]byte, message []byte) { k.mac.HMAC(out, message) }

// TagLen is how much of a MAC messages and pickles carry.
const TagLen = 8

// VerifyMAC returns 1 if tag is the beginning of the MAC over message, and 0 otherwise, in constant time. tag is an array,
// for every MAC begins with nothing at all.
func (k *Keys) VerifyMAC(tag *[TagLen]byte, message []byte) int {
	var want [32]byte
	k.mac.HMAC(&want, message)
	ok := secret.Equal(want[:TagLen], tag[:])
	secret.Wipe(want[:])
	return ok
}

// CiphertextLen returns the length of the ciphertext of n bytes: the next multiple of 16, so that
// there is always padding.
func CiphertextLen(n int) int { return n - n%blockSize + blockSize }

// Encrypt writes the ciphertext of plaintext to dst, which has length CiphertextLen(len(plaintext)).
// plaintext may start where dst starts; otherwise they do not overlap.
func (k *Keys) Encrypt(dst, plaintext []byte) {
	n := secret.Copy(dst, plaintext)
	pad := byte(len(dst) - n)
	for i := n; i < len(dst); i++ {
		dst[i] = pad
	}
	aes.EncryptCBC(dst, dst, &k.aes, &k.iv)
}

// Decrypt writes the plaintext of ciphertext to dst, which is at least as long, and returns its
// length. ciphertext may start where dst starts. If it is not whole blocks, at least one, or the
// padding is not that of PKCS#7, ok is false and what was written is wiped; how the padding is wrong
// does not show in the time taken.
func (k *Keys) Decrypt(dst, ciphertext []byte) (n int, ok bool) {
	if len(ciphertext) == 0 || len(ciphertext)%blockSize != 0 {
		return 0, false
	}
	dst = dst[:len(ciphertext)]
	aes.DecryptCBC(dst, ciphertext, &k.aes, &k.iv)
	last := dst[len(dst)-blockSize:]
	pad := uint32(last[blockSize-1])
	bad := (pad - 1) >> 31         // 0
	bad |= (blockSize - pad) >> 31 // above 16
	for i := uint32(1); i <= blockSize; i++ {
		inside := (i - pad - 1) >> 31 // 1 if i <= pad
		bad |= -inside & (uint32(last[blockSize-i]) ^ pad)
	}
	if secret.Public(bad) != 0 {
		secret.Wipe(dst)
		return 0, false
	}
	return len(dst) - int(secret.Public(pad)), true
}
