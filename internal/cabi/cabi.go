// Package cabi is libolm's C interface in Go: the objects of package protocol with libolm's lengths,
// JSON, base64, error codes and the order in which errors are found, over byte slices where C has a
// pointer and a length. capi and wasm export it; everything is decided here, where the ordinary
// toolchain can test, fuzz and race it.
//
// An object lies in memory of the caller's, as libolm's objects do: see At. It holds no pointer, needs
// nothing to be released, and may be copied.
//
// What holds for all: a method that returns a uint returns Error if it fails, and the object on which
// it was called then has the reason, which a later success does not clear. Text is unpadded base64
// unless something else is said; an output may be longer than what is written to it. A failed call
// changes nothing but the reason and, where it is said, the caller's buffers.
package cabi

import (
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
)

// Error is what a function returns that fails: the greatest size_t.
const Error = ^uint(0)

// The version of libolm whose interface this is.
const (
	VersionMajor = 3
	VersionMinor = 2
	VersionPatch = 16
)

// maxPlaintext bounds what is encrypted at once, so that no length overflows, on 32 bits either.
const maxPlaintext = 1 << 30

const (
	keyText       = 43 // a key of 32 bytes as text
	signatureText = 86 // a signature of 64 bytes as text
)

// status is the part that all objects have: the reason of the last failure.
type status struct{ code errcode.Code }

// fail notes the reason c, in libolm's terms.
func (s *status) fail(c errcode.Code) uint {
	s.code = c.Libolm()
	return Error
}

// The errors of an object that was constructed and never set up, or came from the pickle of one that was
// not. Its keys are zeros, so that everybody could do what it does. libolm goes on; of its errors, these
// fit best.
const (
	noKey     = errcode.BadAccountKey
	noSession = errcode.BadSessionKey
)

// failKey is fail for a public key that was given as an argument and yields no secret. libolm goes on
// with a secret of zeros; it has one error for such arguments.
func (s *status) failKey(c errcode.Code) uint {
	if c == errcode.NonContributory {
		c = errcode.InvalidBase64
	}
	return s.fail(c)
}

// LastErrorCode returns the reason of the last failure.
func (s *status) LastErrorCode() errcode.Code { return s.code }

var names = [...]string{
	"SUCCESS\x00",
	"NOT_ENOUGH_RANDOM\x00",
	"OUTPUT_BUFFER_TOO_SMALL\x00",
	"BAD_MESSAGE_VERSION\x00",
	"BAD_MESSAGE_FORMAT\x00",
	"BAD_MESSAGE_MAC\x00",
	"BAD_MESSAGE_KEY_ID\x00",
	"INVALID_BASE64\x00",
	"BAD_ACCOUNT_KEY\x00",
	"UNKNOWN_PICKLE_VERSION\x00",
	"CORRUPTED_PICKLE\x00",
	"BAD_SESSION_KEY\x00",
	"UNKNOWN_MESSAGE_INDEX\x00",
	"BAD_LEGACY_ACCOUNT_PICKLE\x00",
	"BAD_SIGNATURE\x00",
	// libolm forgot to cut the prefix off these, and its users compare.
	"OLM_INPUT_BUFFER_TOO_SMALL\x00",
	"OLM_SAS_THEIR_KEY_NOT_SET\x00",
	"OLM_PICKLE_EXTRA_DATA\x00",
}

// ErrorName returns libolm's text for an error code, with a NUL behind it.
func ErrorName(code uint32) string {
	if code < uint32(len(names)) {
		return names[code]
	}
	return "UNKNOWN_ERROR\x00"
}

// decodeInPlace decodes text in its own memory.
func decodeInPlace(text []byte) ([]byte, errcode.Code) {
	n := wire.DecodedLen(len(text))
	if n < 0 {
		return nil, errcode.InvalidBase64
	}
	wire.DecodeLenient(text, text)
	return text[:n], errcode.OK
}

// decodeKey decodes the text of a public key.
func decodeKey(key *[32]byte, text []byte) errcode.Code {
	if len(text) != keyText {
		return errcode.InvalidBase64
	}
	wire.DecodeLenient(key[:], text)
	return errcode.OK
}

// putText writes b as text to out.
func (s *status) putText(out, b []byte) uint {
	n := wire.EncodedLen(len(b))
	if len(out) < n {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	wire.Encode(out[:n], b)
	return uint(n)
}

// openPickle decrypts a pickle in its own memory.
func openPickle(key, pickled []byte) ([]byte, errcode.Code) {
	sealed, code := decodeInPlace(pickled)
	if code != errcode.OK {
		return nil, code
	}
	return envelope.OpenSealed(sealed, key)
}
