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
	ErrWiped = errors.New("karst: object is wiped or was never set up")

	// Of messages and sessions: olm, megolm, ratchet.
	ErrMessageFormat  = errors.New("karst: malformed message")
	ErrMessageVersion = errors.New("karst: unsupported message version")
	ErrBadMAC         = errors.New("karst: bad message MAC")
	ErrNoMessageKey   = errors.New("karst: message key was used before or is no longer kept")
	ErrExhausted      = errors.New("karst: message index exhausted")
	ErrPublicKey      = errors.New("karst: invalid public key")
	ErrSignature      = errors.New("karst: bad signature")
	ErrSessionKey     = errors.New("karst: malformed session key")

	ErrUnknownOneTimeKey = errors.New("karst: unknown one-time key")
	ErrIdentityMismatch  = errors.New("karst: message names another identity key")
	ErrSessionMismatch   = errors.New("karst: pre-key message of another session")

	// Of pickles.
	ErrPickleBase64   = errors.New("pickle: invalid base64")
	ErrPickleKey      = errors.New("pickle: wrong key, or damaged pickle")
	ErrPickleVersion  = errors.New("pickle: unknown version")
	ErrPickleLegacy   = errors.New("pickle: insecure legacy account")
	ErrPickleCorrupt  = errors.New("pickle: corrupt contents")
	ErrPickleTrailing = errors.New("pickle: trailing data")
	ErrPickleKeyPair  = errors.New("pickle: key pair does not match")
)

// Of returns the error for a code, nil for OK. Codes that a Go package answers with an error of its own, or that
// only C and JavaScript can cause, have none: for one of those it panics, since then a call was made wrongly
// inside of karst.
func Of(code errcode.Code) error {
	switch code {
	case errcode.OK:
		return nil
	case errcode.BadMessageFormat:
		return ErrMessageFormat
	case errcode.BadMessageVersion:
		return ErrMessageVersion
	case errcode.BadMessageMAC:
		return ErrBadMAC
	case errcode.NoMessageKey:
		return ErrNoMessageKey
	case errcode.Exhausted:
		return ErrExhausted
	case errcode.BadPublicKey, errcode.NonContributory:
		return ErrPublicKey
	case errcode.BadSignature:
		return ErrSignature
	case errcode.BadSessionKey:
		return ErrSessionKey
	case errcode.BadMessageKeyID:
		return ErrUnknownOneTimeKey
	case errcode.IdentityMismatch:
		return ErrIdentityMismatch
	case errcode.SessionMismatch:
		return ErrSessionMismatch
	case errcode.InvalidBase64:
		return ErrPickleBase64
	case errcode.BadAccountKey:
		return ErrPickleKey
	case errcode.UnknownPickleVersion:
		return ErrPickleVersion
	case errcode.BadLegacyAccountPickle:
		return ErrPickleLegacy
	case errcode.CorruptedPickle:
		return ErrPickleCorrupt
	case errcode.PickleExtraData:
		return ErrPickleTrailing
	case errcode.KeyPairMismatch:
		return ErrPickleKeyPair
	}
	panic("karst: internal error: code " + strconv.Itoa(int(code)) + " has no error")
}
