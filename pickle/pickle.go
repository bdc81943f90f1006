// Package pickle implements the encrypted envelope in which libolm, and every library compatible
// with it, keeps accounts and sessions between runs, and the errors of reading one.
//
// An envelope is base64(ciphertext ‖ MAC): the ciphertext is AES-256-CBC with PKCS#7 padding, the
// MAC the first 8 bytes of HMAC-SHA-256 over it, and all keys come from the pickle key by HKDF with
// the label "Pickle". It is deterministic: the same state under the same key is the same text. The
// pickle key may have any length; it should be 32 random bytes, since nothing here slows down
// somebody who guesses it.
//
// Every version that libolm, goolm and vodozemac wrote is read, but for accounts of libolm's first (see
// ErrLegacy), and lists in whichever order they have them. Of a list that is longer than what is kept,
// the newest elements stay and the others are dropped: one-time keys at the end where the ids are
// higher, receiving chains by their place, skipped message keys by their indices on each of these chains. A pickle that is written
// then has no more than libolm has room for.
//
// Most programs need only the errors: the types of packages olm, megolm and pk pickle themselves.
package pickle

import (
	"errors"

	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// This package is a leaf: it knows bytes, not accounts. Each type writes and reads its own fields
// (internal/protocol) between the two halves of an envelope, in the buffer that the envelope ends up
// in, so that no second copy of a secret comes to be.

// Errors of unpickling.
var (
	// ErrBase64 means that the text is not base64, with or without padding.
	ErrBase64 = errors.New("pickle: invalid base64")
	// ErrKey means that the pickle key is wrong, or that the pickle was damaged or tampered with.
	ErrKey = errors.New("pickle: wrong key, or damaged pickle")
	// ErrVersion means that the pickle is of another kind, or newer than this library.
	ErrVersion = errors.New("pickle: unknown version")
	// ErrLegacy means an account of libolm's first version, whose keys were derived in a way that
	// is not safe: the account has to be replaced by a new one.
	ErrLegacy = errors.New("pickle: insecure legacy account")
	// ErrCorrupt means that the contents are cut short or can't be the state of such an object. A
	// longer list than what is kept is no such thing.
	ErrCorrupt = errors.New("pickle: corrupt contents")
	// ErrTrailing means that bytes are left over behind the contents.
	ErrTrailing = errors.New("pickle: trailing data")
	// ErrKeyPair means that a stored public key does not belong to its private key.
	ErrKeyPair = errors.New("pickle: key pair does not match")
)

// Error returns the error of this package for code, or nil if there is none. It serves karst's own
// packages.
func Error(code errcode.Code) error {
	switch code {
	case errcode.InvalidBase64:
		return ErrBase64
	case errcode.BadAccountKey:
		return ErrKey
	case errcode.UnknownPickleVersion:
		return ErrVersion
	case errcode.BadLegacyAccountPickle:
		return ErrLegacy
	case errcode.CorruptedPickle:
		return ErrCorrupt
	case errcode.PickleExtraData:
		return ErrTrailing
	case errcode.KeyPairMismatch:
		return ErrKeyPair
	}
	return nil
}

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
