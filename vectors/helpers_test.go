package vectors_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

// raw64 is what messages and keys look like as text.
var raw64 = base64.RawStdEncoding.Strict()

func encode64(b []byte) string { return raw64.EncodeToString(b) }

// tested is a side of karst, and how its errors are judged.
type tested struct {
	side.Whole
	agrees func(err error, verdict string) bool
	libolm bool // its rules are libolm's, and so is every answer that is no matter of memory
}

var (
	strict = tested{side.Strict, agrees, false}
	libolm = tested{side.Libolm, named, true}
)

// eachSide runs a test of both.
func eachSide(t *testing.T, test func(t *testing.T, r tested)) {
	t.Run("Go", func(t *testing.T) { test(t, strict) })
	t.Run("libolm", func(t *testing.T) { test(t, libolm) })
}

// given makes a call that must draw the given bytes, and exactly those, unless it fails before it draws.
func given(t *testing.T, random []byte, call func(random io.Reader) error) error {
	t.Helper()
	source := side.NewGiven(random)
	err := call(source)
	if drawn := source.Check(err); drawn != nil {
		t.Error(drawn)
	}
	return err
}

// keysIn returns the ids and keys in a JSON object of one-time or fallback keys.
func keysIn(t *testing.T, text string) map[string]string {
	var object struct {
		Curve25519 map[string]string `json:"curve25519"`
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object.Curve25519
}

type published struct{ Curve25519, Ed25519 string }

func identityKeys(t *testing.T, a side.Account) (k published) {
	if err := json.Unmarshal([]byte(a.IdentityKeys()), &k); err != nil {
		t.Fatal(err)
	}
	return k
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// hashed is how the files give a state.
func hashed(pickled string) string {
	h := sha256.Sum256([]byte(pickled))
	return hex.EncodeToString(h[:])
}

// equal compares an output; an empty want was left out of the file.
func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if want != "" && got != want {
		t.Errorf("%s is\n%s\nwant\n%s", what, got, want)
	}
}

// classes lists, for each name of libolm's, the errors of the Go packages that mean the same.
var classes = map[string][]error{
	"BAD_MESSAGE_VERSION":       {olm.ErrMessageVersion, megolm.ErrMessageVersion},
	"BAD_MESSAGE_FORMAT":        {olm.ErrMessageFormat, megolm.ErrMessageFormat},
	"BAD_MESSAGE_MAC":           {olm.ErrBadMAC, olm.ErrNoMessageKey, olm.ErrExhausted, new(olm.GapError), megolm.ErrBadMAC, pk.ErrDecryption, side.ErrVerify},
	"BAD_MESSAGE_KEY_ID":        {olm.ErrUnknownOneTimeKey, olm.ErrIdentityMismatch, olm.ErrSessionMismatch},
	"BAD_SESSION_KEY":           {megolm.ErrSessionKey},
	"BAD_SIGNATURE":             {megolm.ErrSignature},
	"UNKNOWN_MESSAGE_INDEX":     {new(megolm.UnknownIndexError)},
	"INVALID_BASE64":            {side.TextError{}, pickle.ErrBase64, megolm.ErrSessionKey},
	"BAD_ACCOUNT_KEY":           {pickle.ErrKey},
	"UNKNOWN_PICKLE_VERSION":    {pickle.ErrVersion},
	"CORRUPTED_PICKLE":          {pickle.ErrCorrupt},
	"BAD_LEGACY_ACCOUNT_PICKLE": {pickle.ErrLegacy},
	"OLM_PICKLE_EXTRA_DATA":     {pickle.ErrTrailing},
	// What libolm wants of buffers, Go wants of slices.
	"OLM_INPUT_BUFFER_TOO_SMALL": {pk.ErrPrivateKey, side.TextError{}},
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
	case side.TextError:
		return errors.As(err, new(side.TextError))
	}
	return errors.Is(err, class) && !errors.As(err, new(side.TextError))
}

func isAny(err error, list []error) bool {
	for _, class := range list {
		if is(err, class) {
			return true
		}
	}
	return false
}

// named reports whether err has the name that verdict is.
func named(err error, verdict string) bool {
	switch verdict {
	case vectors.OK, "":
		return err == nil
	case vectors.Refused:
		return err != nil
	}
	return err != nil && err.Error() == verdict
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
