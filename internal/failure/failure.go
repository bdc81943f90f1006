// Package failure has the errors that the Go packages return, each once: those packages export them under
// names of their own, and turn the codes of the engine into them here.
package failure

import (
	"errors"
	"strconv"

	"github.com/karst-im/karst/internal/errcode"
)

// What an error means stands where it is exported.
var (
	Wiped = errors.New("karst: object is wiped or was never set up")

	// Of messages and sessions: olm, megolm, ratchet.
	MessageFormat  = errors.New("karst: malformed message")
	MessageVersion = errors.New("karst: unsupported message version")
	BadMAC         = errors.New("karst: bad message MAC")
	NoMessageKey   = errors.New("karst: message key was used before or is no longer kept")
	Exhausted      = errors.New("karst: message index exhausted")
	PublicKey      = errors.New("karst: invalid public key")
	Signature      = errors.New("karst: bad signature")
	SessionKey     = errors.New("karst: malformed session key")

	UnknownOneTimeKey = errors.New("karst: unknown one-time key")
	IdentityMismatch  = errors.New("karst: message names another identity key")
	SessionMismatch   = errors.New("karst: pre-key message of another session")

	// Of pickles.
	PickleBase64   = errors.New("pickle: invalid base64")
	PickleKey      = errors.New("pickle: wrong key, or damaged pickle")
	PickleVersion  = errors.New("pickle: unknown version")
	PickleLegacy   = errors.New("pickle: insecure legacy account")
	PickleCorrupt  = errors.New("pickle: corrupt contents")
	PickleTrailing = errors.New("pickle: trailing data")
	PickleKeyPair  = errors.New("pickle: key pair does not match")
)

// Of returns the error for a code, nil for OK. Codes that a Go package answers with an error of its own, or that
// only C and JavaScript can cause, have none: for one of those it panics, since then a call was made wrongly
// inside of karst.
func Of(code errcode.Code) error {
	switch code {
	case errcode.OK:
		return nil
	case errcode.BadMessageFormat:
		return MessageFormat
	case errcode.BadMessageVersion:
		return MessageVersion
	case errcode.BadMessageMAC:
		return BadMAC
	case errcode.NoMessageKey:
		return NoMessageKey
	case errcode.Exhausted:
		return Exhausted
	case errcode.BadPublicKey, errcode.NonContributory:
		return PublicKey
	case errcode.BadSignature:
		return Signature
	case errcode.BadSessionKey:
		return SessionKey
	case errcode.BadMessageKeyID:
		return UnknownOneTimeKey
	case errcode.IdentityMismatch:
		return IdentityMismatch
	case errcode.SessionMismatch:
		return SessionMismatch
	case errcode.InvalidBase64:
		return PickleBase64
	case errcode.BadAccountKey:
		return PickleKey
	case errcode.UnknownPickleVersion:
		return PickleVersion
	case errcode.BadLegacyAccountPickle:
		return PickleLegacy
	case errcode.CorruptedPickle:
		return PickleCorrupt
	case errcode.PickleExtraData:
		return PickleTrailing
	case errcode.KeyPairMismatch:
		return PickleKeyPair
	}
	panic("karst: internal error: code " + strconv.Itoa(int(code)) + " has no error")
}
