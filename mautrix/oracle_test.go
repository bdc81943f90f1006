package mautrix

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	goolmaccount "maunium.net/go/mautrix/crypto/goolm/account"
	goolmsession "maunium.net/go/mautrix/crypto/goolm/session"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"
)

// driver is one implementation of mautrix's interfaces. The tests run karst beside goolm; what needs
// libolm, and so cgo, is in the module test/libolm.
type driver struct {
	name             string
	newAccount       func() (mautrix.Account, error)
	blankAccount     func() mautrix.Account
	blankSession     func() mautrix.Session
	blankInbound     func() mautrix.InboundGroupSession
	newInbound       func(sessionKey []byte) (mautrix.InboundGroupSession, error)
	importInbound    func(exportedKey []byte) (mautrix.InboundGroupSession, error)
	newOutbound      func() (mautrix.OutboundGroupSession, error)
	blankOutbound    func() mautrix.OutboundGroupSession
	generateFallback func(mautrix.Account) (id.Curve25519, error)
}

var karst = driver{
	name:         "karst",
	newAccount:   func() (mautrix.Account, error) { return NewAccount() },
	blankAccount: func() mautrix.Account { return NewBlankAccount() },
	blankSession: func() mautrix.Session { return NewBlankSession() },
	blankInbound: func() mautrix.InboundGroupSession { return NewBlankInboundGroupSession() },
	newInbound: func(sessionKey []byte) (mautrix.InboundGroupSession, error) {
		return NewInboundGroupSession(sessionKey)
	},
	importInbound: func(exportedKey []byte) (mautrix.InboundGroupSession, error) {
		return InboundGroupSessionImport(exportedKey)
	},
	newOutbound:   func() (mautrix.OutboundGroupSession, error) { return NewOutboundGroupSession() },
	blankOutbound: func() mautrix.OutboundGroupSession { return NewBlankOutboundGroupSession() },
	generateFallback: func(a mautrix.Account) (id.Curve25519, error) {
		account := a.(*Account)
		err := account.GenFallbackKey()
		return only(account.FallbackKeyUnpublished()), err
	},
}

var goolm = driver{
	name:         "goolm",
	newAccount:   func() (mautrix.Account, error) { return goolmaccount.NewAccount() },
	blankAccount: func() mautrix.Account { return new(goolmaccount.Account) },
	blankSession: func() mautrix.Session { return goolmsession.NewOlmSession() },
	blankInbound: func() mautrix.InboundGroupSession { return new(goolmsession.MegolmInboundSession) },
	newInbound: func(sessionKey []byte) (mautrix.InboundGroupSession, error) {
		return goolmsession.NewMegolmInboundSession(sessionKey)
	},
	importInbound: func(exportedKey []byte) (mautrix.InboundGroupSession, error) {
		return goolmsession.NewMegolmInboundSessionFromExport(exportedKey)
	},
	newOutbound:   func() (mautrix.OutboundGroupSession, error) { return goolmsession.NewMegolmOutboundSession() },
	blankOutbound: func() mautrix.OutboundGroupSession { return new(goolmsession.MegolmOutboundSession) },
	generateFallback: func(a mautrix.Account) (id.Curve25519, error) {
		account := a.(*goolmaccount.Account)
		err := account.GenFallbackKey()
		return only(account.FallbackKeyUnpublished()), err
	},
}

func only(keys map[string]id.Curve25519) id.Curve25519 {
	if len(keys) != 1 {
		panic(fmt.Sprint(len(keys), " keys"))
	}
	for _, key := range keys {
		return key
	}
	panic("unreachable")
}

// pairs are the orders in which two drivers meet.
var pairs = [][2]driver{{karst, karst}, {karst, goolm}, {goolm, karst}}

func forPairs(t *testing.T, test func(t *testing.T, a, b driver)) {
	for _, pair := range pairs {
		t.Run(pair[0].name+" and "+pair[1].name, func(t *testing.T) { test(t, pair[0], pair[1]) })
	}
}

var testKey = []byte("pickle key")

type pickled interface {
	Pickle(key []byte) ([]byte, error)
	Unpickle(pickled, key []byte) error
}

// move stores from and reads it into to: what a program does that changes its driver.
func move[T pickled](t *testing.T, from pickled, to T) T {
	t.Helper()
	stored, err := from.Pickle(testKey)
	require.NoError(t, err)
	require.NoError(t, to.Unpickle(stored, testKey))
	return to
}

// must returns a function that fails t at an error, and returns the value.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return value
	}
}

// establish returns a session of each side, after one message to bob and one back.
func establish(t *testing.T, alice, bob mautrix.Account) (a, b mautrix.Session) {
	t.Helper()
	_, aliceKey, err := alice.IdentityKeys()
	require.NoError(t, err)
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	require.NoError(t, bob.GenOneTimeKeys(1))
	oneTimeKeys, err := bob.OneTimeKeys()
	require.NoError(t, err)
	bob.MarkKeysAsPublished()
	a = must[mautrix.Session](t)(alice.NewOutboundSession(bobKey, only(oneTimeKeys)))

	msgType, message, err := a.Encrypt([]byte("first"))
	require.NoError(t, err)
	require.Equal(t, id.OlmMsgTypePreKey, msgType)
	b = must[mautrix.Session](t)(bob.NewInboundSessionFrom(&aliceKey, string(message)))
	require.True(t, must[bool](t)(b.MatchesInboundSession(string(message))))
	require.True(t, must[bool](t)(b.MatchesInboundSessionFrom(string(aliceKey), string(message))))
	require.Equal(t, "first", string(must[[]byte](t)(b.Decrypt(string(message), msgType))))
	require.NoError(t, bob.RemoveOneTimeKeys(b))
	say(t, b, a, "reply")
	return a, b
}

// say sends text from one session to the other.
func say(t *testing.T, from, to mautrix.Session, text string) {
	t.Helper()
	msgType, message, err := from.Encrypt([]byte(text))
	require.NoError(t, err)
	require.Equal(t, text, string(must[[]byte](t)(to.Decrypt(string(message), msgType))))
}
