package vectors_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
	"github.com/karst-im/karst/vectors"
)

// raw64 is what messages and keys look like as text.
var raw64 = base64.RawStdEncoding.Strict()

// feed makes the Go packages draw the given bytes while f runs, and exactly those.
func feed(t *testing.T, random []byte, f func()) {
	t.Helper()
	defer entropy.Replace(func(b []byte) {
		t.Helper()
		if len(b) > len(random) {
			t.Fatalf("%d random bytes are drawn where libolm has %d left to draw", len(b), len(random))
		}
		random = random[copy(b, random):]
	})()
	f()
	if len(random) > 0 {
		t.Fatalf("%d random bytes that libolm draws are not drawn", len(random))
	}
}

// feedSome is feed for calls that may fail before they have drawn anything.
func feedSome(t *testing.T, random []byte, f func() error) (err error) {
	t.Helper()
	drawn := 0
	restore := entropy.Replace(func(b []byte) {
		t.Helper()
		if len(b) > len(random)-drawn {
			t.Fatalf("%d random bytes are drawn where libolm has %d left to draw", len(b), len(random)-drawn)
		}
		drawn += copy(b, random[drawn:])
	})
	defer restore()
	if err = f(); drawn != len(random) && (err == nil || drawn != 0) {
		t.Fatalf("%d random bytes are drawn, libolm draws %d", drawn, len(random))
	}
	return err
}

// hashed is how the files give a state.
func hashed(pickled []byte) string {
	h := sha256.Sum256(pickled)
	return hex.EncodeToString(h[:])
}

// equal compares an output; an empty want was left out of the file.
func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if want != "" && got != want {
		t.Errorf("%s is\n%s\nwant\n%s", what, got, want)
	}
}

// textError is an error of reading a text, before any bytes are looked at.
type textError struct{ error }

func (e textError) Unwrap() error { return e.error }

// errVerify stands for false.
var errVerify = errors.New("signature does not verify")

// classes lists, for each name of libolm's, the errors of the Go packages that mean the same.
var classes = map[string][]error{
	"BAD_MESSAGE_VERSION":       {olm.ErrMessageVersion, megolm.ErrMessageVersion},
	"BAD_MESSAGE_FORMAT":        {olm.ErrMessageFormat, megolm.ErrMessageFormat},
	"BAD_MESSAGE_MAC":           {olm.ErrBadMAC, olm.ErrNoMessageKey, olm.ErrExhausted, new(olm.GapError), megolm.ErrBadMAC, pk.ErrDecryption, errVerify},
	"BAD_MESSAGE_KEY_ID":        {olm.ErrUnknownOneTimeKey, olm.ErrIdentityMismatch, olm.ErrSessionMismatch},
	"BAD_SESSION_KEY":           {megolm.ErrSessionKey},
	"BAD_SIGNATURE":             {megolm.ErrSignature},
	"UNKNOWN_MESSAGE_INDEX":     {new(megolm.UnknownIndexError)},
	"INVALID_BASE64":            {textError{}, pickle.ErrBase64, megolm.ErrSessionKey},
	"BAD_ACCOUNT_KEY":           {pickle.ErrKey},
	"UNKNOWN_PICKLE_VERSION":    {pickle.ErrVersion},
	"CORRUPTED_PICKLE":          {pickle.ErrCorrupt},
	"BAD_LEGACY_ACCOUNT_PICKLE": {pickle.ErrLegacy},
	"OLM_PICKLE_EXTRA_DATA":     {pickle.ErrTrailing},
	// What libolm wants of buffers, Go wants of slices.
	"OLM_INPUT_BUFFER_TOO_SMALL": {pk.ErrPrivateKey, textError{}},
}

// others are errors that no name of libolm's stands for: where they come up the files say Refused.
var others = []error{
	olm.ErrPublicKey, sas.ErrPublicKey, pk.ErrPublicKey, keys.ErrNotCanonical, pickle.ErrKeyPair, pk.ErrMessageFormat,
}

// is is errors.Is that knows the types of errors too.
func is(err, class error) bool {
	switch class.(type) {
	case *olm.GapError:
		return errors.As(err, new(*olm.GapError))
	case *megolm.UnknownIndexError:
		return errors.As(err, new(*megolm.UnknownIndexError))
	case textError:
		return errors.As(err, new(textError))
	}
	return errors.Is(err, class) && !errors.As(err, new(textError))
}

func isAny(err error, list []error) bool {
	for _, class := range list {
		if is(err, class) {
			return true
		}
	}
	return false
}

// agrees reports whether err, of the Go packages, is what verdict says.
func agrees(err error, verdict string) bool {
	switch verdict {
	case vectors.OK, "":
		return err == nil
	case vectors.Refused:
		for _, list := range classes {
			if isAny(err, list) {
				return true
			}
		}
		return isAny(err, others)
	}
	return isAny(err, classes[verdict])
}

// counts are what a test has replayed, to be shown, and to be no fewer than expected: cases; calls, or
// those of them that succeed; and what is judged by other rules than libolm's, or is not for the side that
// is tested.
type counts struct{ cases, steps, special int }

func (c *counts) check(t *testing.T, cases, steps, special int) {
	t.Helper()
	t.Logf("%d cases, %d steps, %d by other rules than libolm's", c.cases, c.steps, c.special)
	if c.cases < cases || c.steps < steps || c.special < special {
		t.Errorf("want at least %d cases, %d steps, %d by other rules", cases, steps, special)
	}
}
