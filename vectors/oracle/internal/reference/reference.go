// Package reference has the constructions of Olm and Megolm that are needed to look into, and to
// craft, pickles and messages, written for clarity on the Go standard library alone.
//
// It shares no code with karst and none with libolm, so that inputs built here are independent of
// both. It is neither constant-time nor complete: use it for test data only.
package reference

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
)

// MACSize is the length of the truncated HMAC-SHA-256 under messages and pickles.
const MACSize = 8

// Base64 is the alphabet and the absence of padding that every text of libolm has.
var Base64 = base64.RawStdEncoding

// Keys are the three values that the AES-SHA2 construction derives from its key material.
type Keys struct {
	AES [32]byte
	MAC [32]byte
	IV  [16]byte
}

// DeriveKeys is HKDF-SHA-256 without salt, split 32, 32 and 16.
func DeriveKeys(material []byte, info string) Keys {
	d := HKDF(nil, material, info, 80)
	var k Keys
	copy(k.AES[:], d)
	copy(k.MAC[:], d[32:])
	copy(k.IV[:], d[64:])
	return k
}

// HKDF is RFC 5869 with SHA-256.
func HKDF(salt, material []byte, info string, n int) []byte {
	d, err := hkdf.Key(sha256.New, material, salt, info, n)
	if err != nil {
		panic(err)
	}
	return d
}

// HMAC is HMAC-SHA-256.
func HMAC(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// Tag is the truncated HMAC of data.
func (k *Keys) Tag(data []byte) []byte { return HMAC(k.MAC[:], data)[:MACSize] }

// Pad appends PKCS #7 padding.
func Pad(plaintext []byte) []byte {
	n := aes.BlockSize - len(plaintext)%aes.BlockSize
	return append(slices.Clone(plaintext), bytes.Repeat([]byte{byte(n)}, n)...)
}

// EncryptBlocks is AES-256-CBC over whole blocks: the caller has padded them, well or badly.
func (k *Keys) EncryptBlocks(padded []byte) []byte {
	b, err := aes.NewCipher(k.AES[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(b, k.IV[:]).CryptBlocks(out, padded)
	return out
}

// DecryptBlocks undoes EncryptBlocks and leaves the padding in place.
func (k *Keys) DecryptBlocks(ciphertext []byte) []byte {
	b, err := aes.NewCipher(k.AES[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(b, k.IV[:]).CryptBlocks(out, ciphertext)
	return out
}

// SealPickle puts a raw pickle into libolm's envelope.
func SealPickle(key, raw []byte) string { return SealPadded(key, Pad(raw)) }

// SealPadded is SealPickle for a raw pickle that already has its padding.
func SealPadded(key, padded []byte) string {
	k := DeriveKeys(key, "Pickle")
	ct := k.EncryptBlocks(padded)
	return Base64.EncodeToString(append(ct, k.Tag(ct)...))
}

// OpenPickle takes the raw pickle out of an envelope that libolm wrote.
func OpenPickle(key []byte, pickled string) (raw []byte, ok bool) {
	b, err := Base64.DecodeString(pickled)
	if err != nil || !PickleTagMatches(key, b) {
		return nil, false
	}
	ct := b[:len(b)-MACSize]
	if len(ct) == 0 || len(ct)%aes.BlockSize != 0 {
		return nil, false
	}
	k := DeriveKeys(key, "Pickle")
	p := k.DecryptBlocks(ct)
	n := int(p[len(p)-1])
	if n < 1 || n > aes.BlockSize {
		return nil, false
	}
	return p[:len(p)-n], true
}

// PickleTagMatches reports whether the decoded envelope carries the MAC that key gives.
func PickleTagMatches(key, envelope []byte) bool {
	if len(envelope) < MACSize {
		return false
	}
	n := len(envelope) - MACSize
	k := DeriveKeys(key, "Pickle")
	return bytes.Equal(k.Tag(envelope[:n]), envelope[n:])
}

// MessageKey and NextChainKey are the two HMACs of an Olm chain.
func MessageKey(chainKey []byte) []byte { return HMAC(chainKey, []byte{1}) }

// NextChainKey advances an Olm chain by one message.
func NextChainKey(chainKey []byte) []byte { return HMAC(chainKey, []byte{2}) }

// MessageKeys are the keys of one Olm message.
func MessageKeys(messageKey []byte) Keys { return DeriveKeys(messageKey, "OLM_KEYS") }

// GroupKeys are the keys of one Megolm message; ratchet is R(0) to R(3), 128 bytes.
func GroupKeys(ratchet []byte) Keys { return DeriveKeys(ratchet, "MEGOLM_KEYS") }

// AppendVarint appends a base-128 varint.
func AppendVarint(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// StringField is a tag, a length and the bytes.
func StringField(tag byte, value []byte) []byte {
	b := AppendVarint([]byte{tag}, uint64(len(value)))
	return append(b, value...)
}

// IntField is a tag and a varint.
func IntField(tag byte, v uint64) []byte { return AppendVarint([]byte{tag}, v) }
