package mautrix

import (
	"errors"

	mautrix "maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
)

// ErrBlank means that an object was used before anything was unpickled into it, or after Clear.
var ErrBlank = errors.New("mautrix: object is blank")

var (
	errBase64  = errors.New("mautrix: invalid base64")
	errNotJSON = errors.New("mautrix: not a JSON object")
)

// equivalents has, for each error of karst, the errors that mautrix's drivers return in its place. Where
// libolm and goolm differ there is more than one, since a caller may have been written for either. What olm
// and megolm have in common is one error: it stands with olm's.
var equivalents = []struct {
	karst   error
	mautrix []error
}{
	{olm.ErrMessageFormat, []error{mautrix.ErrBadMessageFormat, mautrix.ErrInputToSmall}},
	{olm.ErrMessageVersion, []error{mautrix.ErrWrongProtocolVersion}},
	{olm.ErrBadMAC, []error{mautrix.ErrBadMAC}},
	{olm.ErrNoMessageKey, []error{mautrix.ErrMessageKeyNotFound, mautrix.ErrChainTooHigh, mautrix.ErrBadMAC}},
	{olm.ErrUnknownOneTimeKey, []error{mautrix.ErrBadMessageKeyID}},
	{olm.ErrIdentityMismatch, []error{mautrix.ErrBadMessageKeyID}},
	{olm.ErrSessionMismatch, []error{mautrix.ErrBadMAC}},
	{olm.ErrPublicKey, []error{mautrix.ErrBadInput}},
	{olm.ErrExhausted, []error{mautrix.ErrMsgIndexTooHigh}},
	{olm.ErrWiped, []error{ErrBlank}},

	{megolm.ErrSignature, []error{mautrix.ErrBadSignature, mautrix.ErrBadVerification}},
	{megolm.ErrSessionKey, []error{mautrix.ErrLibolmBadSessionKey, mautrix.ErrBadInput}},

	{pickle.ErrBase64, []error{mautrix.ErrLibolmInvalidBase64}},
	{pickle.ErrKey, []error{mautrix.ErrLibolmBadAccountKey, mautrix.ErrBadMAC}},
	{pickle.ErrVersion, []error{mautrix.ErrUnknownOlmPickleVersion}},
	{pickle.ErrLegacy, []error{mautrix.ErrLibolmBadLegacyAccountPickle}},
	{pickle.ErrCorrupt, []error{mautrix.ErrLibolmCorruptedPickle}},
	{pickle.ErrTrailing, []error{mautrix.ErrLibolmCorruptedPickle}},
	{pickle.ErrKeyPair, []error{mautrix.ErrLibolmCorruptedPickle}},

	{keys.ErrSyntax, []error{mautrix.ErrLibolmInvalidBase64}},
	{keys.ErrNotCanonical, []error{mautrix.ErrBadInput}},
	{pk.ErrPrivateKey, []error{mautrix.ErrInputToSmall, mautrix.ErrBadInput}},
	{errBase64, []error{mautrix.ErrLibolmInvalidBase64}},
}

// translated is an error of karst that is also what mautrix's callers test for.
type translated struct {
	karst error
	all   []error
}

func (t *translated) Error() string   { return t.karst.Error() }
func (t *translated) Unwrap() []error { return t.all }

// translate returns err so that errors.Is finds both karst's value and mautrix's.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var also []error
	var gap *olm.GapError
	var unknown *megolm.UnknownIndexError
	switch {
	case errors.As(err, &gap):
		also = []error{mautrix.ErrMsgIndexTooHigh, mautrix.ErrBadMAC}
	case errors.As(err, &unknown):
		also = []error{mautrix.ErrUnknownMessageIndex}
	default:
		for _, e := range equivalents {
			if errors.Is(err, e.karst) {
				also = e.mautrix
				break
			}
		}
	}
	return &translated{err, append([]error{err}, also...)}
}
