package testkit

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// What tests compare with, by the standard library. What can't fail there does not return an error.

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// HMAC returns the HMAC-SHA-256 of message.
func HMAC(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// HKDF returns n bytes of HKDF-SHA-256.
func HKDF(secret, salt []byte, info string, n int) []byte {
	return must(hkdf.Key(sha256.New, secret, salt, info, n))
}

// X25519Public returns the public key of a private one.
func X25519Public(private []byte) []byte {
	return must(ecdh.X25519().NewPrivateKey(private)).PublicKey().Bytes()
}

// X25519 returns the shared secret of two keys, or nil if public forces it.
func X25519(private, public []byte) []byte {
	secret, err := must(ecdh.X25519().NewPrivateKey(private)).ECDH(must(ecdh.X25519().NewPublicKey(public)))
	if err != nil {
		return nil
	}
	return secret
}

// Pad returns text with the padding of PKCS #7 to whole blocks of AES.
func Pad[T ~string | ~[]byte](text T) []byte {
	n := 16 - len(text)%16
	return append([]byte(text), bytes.Repeat([]byte{byte(n)}, n)...)
}

// AESSHA2 is the construction that all of Olm encrypts with: AES-256-CBC and HMAC-SHA-256, under the keys that HKDF
// makes of a secret.
type AESSHA2 struct{ AES, MAC, IV []byte }

// NewAESSHA2 derives the keys.
func NewAESSHA2(secret []byte, info string) AESSHA2 {
	k := HKDF(secret, nil, info, 80)
	return AESSHA2{k[:32], k[32:64], k[64:]}
}

// Encrypt encrypts whole blocks.
func (k AESSHA2) Encrypt(padded []byte) []byte {
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(must(aes.NewCipher(k.AES)), k.IV).CryptBlocks(out, padded)
	return out
}

// Decrypt decrypts whole blocks, and leaves the padding.
func (k AESSHA2) Decrypt(ciphertext []byte) []byte {
	out := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(must(aes.NewCipher(k.AES)), k.IV).CryptBlocks(out, ciphertext)
	return out
}

// Tag returns the MAC of message, as long as it is sent.
func (k AESSHA2) Tag(message []byte) []byte { return HMAC(k.MAC, message)[:8] }
