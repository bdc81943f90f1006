package olm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

// requireDeadAccount wants every method of a to answer that there is nothing.
func requireDeadAccount(t *testing.T, a *olm.Account) {
	t.Helper()
	alice, bob := olm.NewAccount(), olm.NewAccount()
	s, m := outbound(t, alice, bob, "hello")
	p, err := olm.ParsePreKeyMessage(m.Body)
	require.NoError(t, err)

	for name, err := range map[string]error{
		"Sign":                 testkit.Err(a.Sign(nil)),
		"GenerateOneTimeKeys":  testkit.Err(a.GenerateOneTimeKeys(1)),
		"negative":             testkit.Err(a.GenerateOneTimeKeys(-1)),
		"GenerateFallbackKey":  a.GenerateFallbackKey(),
		"NewOutboundSession":   testkit.Err(a.NewOutboundSession(identity(bob), claim(t, bob))),
		"of zero keys":         testkit.Err(a.NewOutboundSession(keys.Curve25519{}, keys.Curve25519{})),
		"NewInboundSession":    testkit.Err(a.NewInboundSession(p)),
		"of nothing":           testkit.Err(a.NewInboundSession(new(olm.PreKeyMessage))),
		"NewInboundSession2":   testkit.Err(a.NewInboundSessionFrom(identity(alice), p)),
		"Accept":               testkit.Err(a.Accept(identity(alice), m)),
		"Accept nothing":       testkit.Err(a.Accept(keys.Curve25519{}, olm.Message{})),
		"Accept another type":  testkit.Err(a.Accept(identity(alice), olm.Message{Type: olm.Normal, Body: m.Body})),
		"Pickle":               testkit.Err(a.Pickle(nil)),
		"AppendPickle":         testkit.Err(a.AppendPickle(nil, pickleKey)),
		"Check":                a.Check(),
		"Sign after all these": testkit.Err(a.Sign([]byte("m"))),
	} {
		require.ErrorIs(t, err, olm.ErrWiped, name)
	}
	require.Zero(t, a.IdentityKeys())
	require.Zero(t, a.OneTimeKeyCount())
	require.Zero(t, a.MarkKeysAsPublished())
	require.False(t, a.ForgetOldFallbackKey())
	require.False(t, a.RemoveOneTimeKey(s))
	require.False(t, alice.RemoveOneTimeKey(new(olm.Session)))
	_, _, ok := a.FallbackKey()
	require.False(t, ok)
	_, _, ok = a.UnpublishedFallbackKey()
	require.False(t, ok)
	ids, _ := unpublished(a)
	require.Empty(t, ids)
}

// requireDeadSession is the same for a session.
func requireDeadSession(t *testing.T, s *olm.Session) {
	t.Helper()
	alice, bob := newTalk(t)
	m := encrypt(t, alice, "hello")
	out, first := outbound(t, olm.NewAccount(), olm.NewAccount(), "hello")
	p, err := olm.ParsePreKeyMessage(first.Body)
	require.NoError(t, err)
	for name, err := range map[string]error{
		"Encrypt":            testkit.Err(s.Encrypt(nil)),
		"AppendEncrypt":      testkit.Err(s.AppendEncrypt(nil, []byte("m"))),
		"Decrypt":            testkit.Err(s.Decrypt(m)),
		"Decrypt a pre-key":  testkit.Err(s.Decrypt(first)),
		"Decrypt nothing":    testkit.Err(s.Decrypt(olm.Message{})),
		"Decrypt some type":  testkit.Err(s.Decrypt(olm.Message{Type: 9})),
		"AppendDecrypt":      testkit.Err(s.AppendDecrypt(nil, m)),
		"Pickle":             testkit.Err(s.Pickle(nil)),
		"AppendPickle":       testkit.Err(s.AppendPickle(nil, pickleKey)),
		"Check":              s.Check(),
		"Decrypt once again": testkit.Err(s.Decrypt(wrap(olm.SessionKeys{}, m.Body))),
	} {
		require.ErrorIs(t, err, olm.ErrWiped, name)
	}
	require.Empty(t, s.ID())
	require.Zero(t, s.Keys())
	require.False(t, s.HasReceivedMessage())
	require.False(t, s.Matches(p))
	require.False(t, s.Matches(new(olm.PreKeyMessage)))
	zeros, err := olm.ParsePreKeyMessage(wrap(olm.SessionKeys{}, m.Body).Body)
	require.NoError(t, err)
	require.False(t, s.Matches(zeros), "its own keys are zeros, too")
	require.False(t, out.Matches(new(olm.PreKeyMessage)))
	require.Equal(t, olm.PreKey, s.NextType())
	require.Positive(t, s.MessageLen(0))
	require.Equal(t, "sender chain index: 0 receiver chain indices: skipped message keys:", s.Describe())
	decrypt(t, bob, m, "hello")
}

func TestWipe(t *testing.T) {
	for name, o := range picklers(t) {
		t.Run(name, func(t *testing.T) {
			for range 2 { // it can be called again
				o.Wipe()
				switch o := o.(type) {
				case *olm.Account:
					requireDeadAccount(t, o)
					testkit.Equal(t, o.State(), new(olm.Account).State()) // all is zero
				case *olm.Session:
					requireDeadSession(t, o)
					testkit.Equal(t, o.State(), new(olm.Session).State()) // all is zero
				}
			}
		})
	}
}

func TestZeroValues(t *testing.T) {
	requireDeadAccount(t, new(olm.Account))
	requireDeadSession(t, new(olm.Session))
	new(olm.Account).Wipe()
	new(olm.Session).Wipe()
}

// TestWipeClearsStorage: what lies in memory that the object lets go of.
func TestWipeClearsStorage(t *testing.T) {
	a := olm.NewAccount()
	generate(t, a, 5)
	keys := a.OneTimeStorage()
	require.Len(t, keys, 5)
	require.NotZero(t, keys[4])
	generate(t, a, 10) // moves to new storage
	for i := range keys {
		require.Zero(t, keys[i])
	}
	keys = a.OneTimeStorage()
	a.Wipe()
	for i := range keys {
		require.Zero(t, keys[i])
	}

	alice, bob := newTalk(t)
	ms := encryptN(t, alice, 60)
	decrypt(t, bob, ms[4], place(4))
	skipped := bob.SkippedStorage()
	require.NotZero(t, skipped[0])
	decrypt(t, bob, ms[30], place(30)) // moves to new storage
	for i := range skipped {
		require.Zero(t, skipped[i])
	}
	skipped = bob.SkippedStorage()
	decrypt(t, bob, ms[0], place(0)) // moves the others down
	require.Zero(t, skipped[29-1])
	bob.Wipe()
	for i := range skipped {
		require.Zero(t, skipped[i])
	}
}

// TestEmptyInputs: nothing panics.
func TestEmptyInputs(t *testing.T) {
	alice, bob := newTalk(t)
	for _, kind := range []olm.MessageType{olm.PreKey, olm.Normal} {
		for n := range 200 {
			for _, fill := range []byte{0, 3, 0x0a, 0x22, 0x80, 0xff} {
				body := make([]byte, n)
				for i := range body {
					body[i] = fill
				}
				if n > 0 {
					body[0] = 3
				}
				refuse(t, bob, olm.Message{Type: kind, Body: body}, nil)
			}
		}
		refuse(t, bob, olm.Message{Type: kind}, nil)
	}
	m, err := alice.Encrypt(nil)
	require.NoError(t, err)
	decrypt(t, bob, m, "")
	for n := range 200 {
		_, err := olm.UnpickleSession(nil, make([]byte, n))
		require.Error(t, err)
		_, err = olm.UnpickleAccount(nil, sealed(make([]byte, n)))
		require.Error(t, err)
		_, err = olm.UnpickleSession(pickleKey, sealed(make([]byte, n)))
		require.Error(t, err)
		_, err = olm.UnpickleAccount(pickleKey, sealed(make([]byte, n)))
		require.Error(t, err)
	}
	_, err = olm.UnpickleAccount(nil, nil)
	require.Error(t, err)
}
