package side

import (
	"errors"

	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pk"
)

// Strict is the Go API. What is unpickled is checked.
var Strict Whole = strict{}

type strict struct{}

// TextError is an error of reading a text, before any bytes are looked at.
type TextError struct{ error }

func (e TextError) Unwrap() error { return e.error }

// asText marks an error if it is one of reading a text.
func asText(err error) error {
	if errors.Is(err, keys.ErrSyntax) || errors.Is(err, pk.ErrMessageFormat) {
		return TextError{err}
	}
	return err
}

// parseKey reads the key of somebody whom a caller names.
func parseKey(text string) (keys.Curve25519, error) {
	k, err := keys.ParseCurve25519(text)
	if err != nil {
		return k, TextError{err}
	}
	return k, nil
}

// LibolmPickle returns what libolm would write for r, and whether r writes something else: libolm's flag is set after
// any one message, the Go API sets it if all that is known is verified. That is all that may differ.
func LibolmPickle(r Receiver, key []byte) (pickled string, differs bool, err error) {
	pickled = r.Pickle(key)
	if s, ok := r.(strictReceiver); !ok || s.g.Verified() || !s.Verified() {
		return pickled, false, nil
	}
	raw := pickles.Opened(key, []byte(pickled))
	flag := &raw[len(raw)-1]
	if *flag != 0 {
		return pickled, true, errors.New("a session that is verified in part is stored as verified")
	}
	*flag = 1
	return string(pickles.Sealed(key, raw)), true, nil
}
