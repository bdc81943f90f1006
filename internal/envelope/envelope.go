// Package envelope implements the encrypted envelope in which libolm, and every library compatible with
// it, keeps accounts and sessions between runs. Package pickle says what it is.
package envelope

import (
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// This package is a leaf: it knows bytes, not accounts. Each type writes and reads its own fields
// (internal/protocol) between the two halves of an envelope, in the buffer that the envelope ends up
// in, so that no second copy of a secret comes to be.

const macLen = wire.MACLen

var info = []byte("Pickle")

// SealedLen returns the length of the envelope, in characters, around n bytes.
func SealedLen(n int) int { return wire.EncodedLen(aessha2.CiphertextLen(n) + macLen) }

// Contents returns the part of dst, of length SealedLen(n), where Seal expects the n bytes that it
// is to seal.
func Contents(dst []byte, n int) []byte {
	sealed := aessha2.CiphertextLen(n) + macLen
	return dst[len(dst)-sealed:][:n]
}

// Seal turns the n bytes that lie in Contents(dst, n) into an envelope under key that fills dst.
func Seal(dst, key []byte, n int) {
	var k aessha2.Keys
	k.Derive(key, info)
	sealed := dst[len(dst)-aessha2.CiphertextLen(n)-macLen:]
	ciphertext := sealed[:len(sealed)-macLen]
	k.Encrypt(ciphertext, ciphertext[:n])
	var mac [32]byte
	k.MAC(&mac, ciphertext)
	secret.Copy(sealed[len(ciphertext):], mac[:macLen])
	wire.Encode(dst, sealed)
	k.Wipe()
}

// Open opens the envelope in buf under key and returns its contents, which lie in buf. On an error
// buf holds nothing of them. The base64 may be padded.
func Open(buf, key []byte) ([]byte, errcode.Code) {
	buf = wire.TrimPadding(buf)
	n := wire.DecodedLen(len(buf))
	if n < 0 || !wire.Decode(buf, buf) {
		return nil, errcode.InvalidBase64
	}
	return OpenSealed(buf[:n], key)
}

// OpenSealed is Open for an envelope whose base64 is decoded: ciphertext ‖ MAC.
func OpenSealed(buf, key []byte) ([]byte, errcode.Code) {
	if len(buf) < macLen {
		return nil, errcode.BadAccountKey
	}
	ciphertext, mac := buf[:len(buf)-macLen], buf[len(buf)-macLen:]
	var k aessha2.Keys
	k.Derive(key, info)
	n, ok := 0, k.VerifyMAC((*[aessha2.TagLen]byte)(mac), ciphertext) == 1
	if ok {
		n, ok = k.Decrypt(ciphertext, ciphertext)
	}
	k.Wipe()
	if !ok {
		return nil, errcode.BadAccountKey
	}
	return buf[:n], errcode.OK
}
