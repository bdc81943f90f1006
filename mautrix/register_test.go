package mautrix

import (
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix/crypto/goolm/account"
	goolmpk "maunium.net/go/mautrix/crypto/goolm/pk"
	goolmsession "maunium.net/go/mautrix/crypto/goolm/session"
	mautrix "maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

func TestRegister(t *testing.T) {
	Register()
	require.Equal(t, "karst", mautrix.Driver)
	major, minor, _ := mautrix.Version()
	require.Equal(t, [2]uint8{3, 2}, [2]uint8{major, minor})

	a, err := mautrix.NewAccount()
	require.NoError(t, err)
	require.IsType(t, &Account{}, a)
	require.IsType(t, &Account{}, mautrix.NewBlankAccount())
	stored := must[[]byte](t)(a.Pickle(testKey))
	require.IsType(t, &Account{}, must[mautrix.Account](t)(mautrix.AccountFromPickled(stored, testKey)))

	session, _ := establish(t, a, must[mautrix.Account](t)(mautrix.NewAccount()))
	require.IsType(t, &Session{}, mautrix.NewBlankSession())
	stored = must[[]byte](t)(session.Pickle(testKey))
	require.IsType(t, &Session{}, must[mautrix.Session](t)(mautrix.SessionFromPickled(stored, testKey)))

	out, err := mautrix.NewOutboundGroupSession()
	require.NoError(t, err)
	require.IsType(t, &OutboundGroupSession{}, out)
	require.IsType(t, &OutboundGroupSession{}, mautrix.NewBlankOutboundGroupSession())
	for _, key := range []string{"", " ", "key"} { // none is the same as a space
		stored, err = out.Pickle(orSpace([]byte(key)))
		require.NoError(t, err)
		require.IsType(t, &OutboundGroupSession{}, must[mautrix.OutboundGroupSession](t)(mautrix.OutboundGroupSessionFromPickled(stored, []byte(key))))
	}

	in, err := mautrix.NewInboundGroupSession([]byte(out.Key()))
	require.NoError(t, err)
	require.IsType(t, &InboundGroupSession{}, in)
	require.IsType(t, &InboundGroupSession{}, mautrix.NewBlankInboundGroupSession())
	exported := must[[]byte](t)(in.Export(0))
	require.IsType(t, &InboundGroupSession{}, must[mautrix.InboundGroupSession](t)(mautrix.InboundGroupSessionImport(exported)))
	stored, err = in.Pickle([]byte(" "))
	require.NoError(t, err)
	require.IsType(t, &InboundGroupSession{}, must[mautrix.InboundGroupSession](t)(mautrix.InboundGroupSessionFromPickled(stored, nil)))

	signing, err := mautrix.NewPKSigning()
	require.NoError(t, err)
	require.IsType(t, &PKSigning{}, signing)
	again := must[mautrix.PKSigning](t)(mautrix.NewPKSigningFromSeed(signing.Seed()))
	require.Equal(t, signing.PublicKey(), again.PublicKey())

	// Beside an error there is no object, not even a nil pointer in an interface.
	for name, object := range map[string]func() (any, error){
		"account":  func() (any, error) { return mautrix.AccountFromPickled([]byte("x"), testKey) },
		"session":  func() (any, error) { return mautrix.SessionFromPickled([]byte("x"), testKey) },
		"outbound": func() (any, error) { return mautrix.OutboundGroupSessionFromPickled([]byte("x"), testKey) },
		"inbound":  func() (any, error) { return mautrix.InboundGroupSessionFromPickled([]byte("x"), testKey) },
		"new":      func() (any, error) { return mautrix.NewInboundGroupSession([]byte("x")) },
		"import":   func() (any, error) { return mautrix.InboundGroupSessionImport([]byte("x")) },
		"signing":  func() (any, error) { return mautrix.NewPKSigningFromSeed([]byte("x")) },
	} {
		got, err := object()
		require.Error(t, err, name)
		require.True(t, got == nil, name)
	}
}

func TestSigningBesideGoolm(t *testing.T) {
	ours := must[*PKSigning](t)(NewPKSigning())
	theirs := must[*goolmpk.Signing](t)(goolmpk.NewSigningFromSeed(ours.Seed()))
	require.Equal(t, theirs.PublicKey(), ours.PublicKey())
	require.Equal(t, must[[]byte](t)(theirs.Sign([]byte("text"))), must[[]byte](t)(ours.Sign([]byte("text"))))
	for _, object := range []any{
		map[string]any{"b": 1, "a": "<&>\u2028é\\", "signatures": map[string]string{"x": "y"}, "unsigned": 1},
		map[string]any{"nested": map[string]any{"unsigned": true, "signatures": []int{3, 1}}, "é": -5, "z": nil},
		struct {
			User string   `json:"user_id"`
			Keys []string `json:"keys"`
		}{"@a:b", []string{"k"}},
		map[string]any{},
	} {
		require.Equal(t, must[string](t)(theirs.SignJSON(object)), must[string](t)(ours.SignJSON(object)))
	}
	for _, bad := range []any{nil, 1, "text", []int{1}, func() {}} {
		_, err := ours.SignJSON(bad)
		require.Error(t, err)
	}
	for _, length := range []int{0, 31, 33} {
		_, err := NewPKSigningFromSeed(make([]byte, length))
		require.ErrorIs(t, err, mautrix.ErrBadInput)
	}
	seed := ours.Seed()
	seed[0] ^= 1
	require.NotEqual(t, seed, ours.Seed(), "the seed is shared with the caller")
}

// Pickles are equal to goolm's, byte for byte, for equal state.
func TestPicklesEqualGoolms(t *testing.T) {
	a := must[*account.Account](t)(account.NewAccount())
	require.NoError(t, a.GenOneTimeKeys(5))
	require.NoError(t, a.GenFallbackKey())
	out := must[*goolmsession.MegolmOutboundSession](t)(goolmsession.NewMegolmOutboundSession())
	in := must[*goolmsession.MegolmInboundSession](t)(goolmsession.NewMegolmInboundSession([]byte(out.Key())))
	session, _ := establish(t, a, must[mautrix.Account](t)(goolm.newAccount()))
	for theirs, ours := range map[pickled]pickled{a: NewBlankAccount(), out: NewBlankOutboundGroupSession(), in: NewBlankInboundGroupSession(), session: NewBlankSession()} {
		stored := must[[]byte](t)(theirs.Pickle(testKey))
		before := string(stored)
		require.NoError(t, ours.Unpickle(stored, testKey))
		require.Equal(t, before, string(stored), "the caller's pickle was changed")
		require.Equal(t, before, string(must[[]byte](t)(ours.Pickle(testKey))), "%T", theirs)
	}
}

// What encodes by other interfaces than JSON's would leave out all that an object is: it fails.
func TestNothingEncodesToNothing(t *testing.T) {
	session, _ := establish(t, must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount()))
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	signing := must[*PKSigning](t)(NewPKSigning())
	core := olm.NewAccount()
	key, err := megolm.NewOutboundSession().SessionKey()
	require.NoError(t, err)
	for _, object := range []any{must[*Account](t)(NewAccount()), session, out, in, signing, *signing, core, key, &key} {
		for name, encode := range map[string]func(any) ([]byte, error){
			"yaml": yaml.Marshal, "xml": xml.Marshal,
			"gob": func(x any) ([]byte, error) { return nil, gob.NewEncoder(io.Discard).Encode(x) },
		} {
			for _, x := range []any{object, struct{ X any }{object}} {
				if _, in := x.(struct{ X any }); in && name == "gob" {
					continue // it wants each type in an interface to be registered
				}
				text, err := encode(x)
				require.Error(t, err, "%T by %s: %q", object, name, text)
			}
		}
		p := reflect.New(reflect.Indirect(reflect.ValueOf(object)).Type()).Interface()
		texts := []string{`"text"`}
		if reflect.TypeOf(p).Elem().PkgPath() != reflect.TypeFor[Account]().PkgPath() {
			texts = append(texts, "{}", "a: b") // karst's own refuse a mapping too
		}
		for _, text := range texts {
			require.Error(t, yaml.Unmarshal([]byte(text), p), "%T from %s", p, text)
		}
	}
	for _, object := range []any{signing, *signing} {
		_, err := json.Marshal(object)
		require.ErrorContains(t, err, "Seed")
	}
	require.ErrorContains(t, json.Unmarshal([]byte("{}"), new(PKSigning)), "NewPKSigningFromSeed")
	type left struct {
		Key megolm.SessionKey `yaml:"key,omitempty"`
	}
	_, err = yaml.Marshal(left{key})
	require.Error(t, err, "it is not left out as if it were empty")
}

// Objects as JSON: pickles under the key that the program sets, and never under one that everybody knows.
func TestEncoding(t *testing.T) {
	defer pickleKey.Store(nil)
	pickleKey.Store(nil)
	alice := must[*Account](t)(NewAccount())
	session, _ := establish(t, alice, must[*Account](t)(NewAccount()))
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	objects := map[pickled]pickled{alice: NewBlankAccount(), session: NewBlankSession(), out: NewBlankOutboundGroupSession(), in: NewBlankInboundGroupSession()}
	for object, blank := range objects {
		_, err := json.Marshal(object)
		require.ErrorIs(t, err, ErrNoPickleKey)
		// What libolm's driver wrote under its default key is read.
		stored := must[[]byte](t)(object.Pickle(defaultPickleKey))
		require.NoError(t, json.Unmarshal(fmt.Appendf(nil, "%q", stored), blank))
		require.Equal(t, stored, must[[]byte](t)(blank.Pickle(defaultPickleKey)))
		require.ErrorIs(t, json.Unmarshal([]byte("1"), blank), mautrix.ErrInputNotJSONString)
	}
	setPickleKey([]byte("own"))
	for object, blank := range objects {
		encoded := must[[]byte](t)(json.Marshal(object))
		require.NoError(t, json.Unmarshal(encoded, blank))
		require.Equal(t, must[[]byte](t)(object.Pickle(testKey)), must[[]byte](t)(blank.Pickle(testKey)))
	}
}
