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
// The types of packages olm, megolm, ratchet and pk pickle themselves. [Open] and [Seal] are for programs that
// look into pickles, or store a secret of their own in the same way.
package pickle

import (
	"errors"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/secret"
)

// Errors of unpickling.
var (
	// ErrBase64 means that the text is not base64, with or without padding.
	ErrBase64 = failure.ErrPickleBase64
	// ErrKey means that the pickle key is wrong, or that the pickle was damaged or tampered with.
	ErrKey = failure.ErrPickleKey
	// ErrVersion means that the pickle is of another kind, or newer than this library.
	ErrVersion = failure.ErrPickleVersion
	// ErrLegacy means an account of libolm's first version, whose keys were derived in a way that
	// is not safe: the account has to be replaced by a new one.
	ErrLegacy = failure.ErrPickleLegacy
	// ErrCorrupt means that the contents are cut short or can't be the state of such an object. A
	// longer list than what is kept is no such thing.
	ErrCorrupt = failure.ErrPickleCorrupt
	// ErrTrailing means that bytes are left over behind the contents.
	ErrTrailing = failure.ErrPickleTrailing
	// ErrKeyPair means that a stored public key does not belong to its private key.
	ErrKeyPair = failure.ErrPickleKeyPair
)

// ErrTooLong means that contents are so long that no text of this machine could hold them.
var ErrTooLong = errors.New("pickle: contents are too long")

// Open returns the contents of the envelope in text, base64 with or without padding, under key: raw bytes, which
// the caller owns and wipes. text stays as it is. It returns ErrBase64 or ErrKey.
//
// It says nothing of what the contents are: that is for the Unpickle functions.
func Open(key, text []byte) ([]byte, error) {
	secret.GrowStack()
	var contents []byte
	code := envelope.Read(key, text, func(raw []byte) errcode.Code {
		contents = append([]byte{}, raw...)
		return errcode.OK
	})
	return contents, failure.Of(code)
}

// Seal returns the envelope around contents, any bytes, under key, a pickle key of any length: unpadded base64.
// contents stays as it is. It returns ErrTooLong, which can't happen on a machine of 64 bits.
func Seal(key, contents []byte) ([]byte, error) {
	secret.GrowStack()
	n := envelope.SealedLen(len(contents))
	if n < len(contents) {
		return nil, ErrTooLong // the length overflowed
	}
	text := make([]byte, n)
	copy(envelope.Contents(text, len(contents)), contents)
	envelope.Seal(text, key, len(contents))
	return text, nil
}
