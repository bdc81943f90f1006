package olm_test

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

// pickleKey serves where the key is of no interest.
var pickleKey = []byte("0123456789abcdef0123456789abcdef")

// deterministic makes everything that is random in a test follow from seed.
func deterministic(t testing.TB, seed uint64) {
	t.Helper()
	source := rand.New(rand.NewPCG(seed, 0))
	t.Cleanup(entropy.Replace(func(b []byte) {
		for i := range b {
			b[i] = byte(source.Uint32())
		}
	}))
}

func text64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// Accounts.

// generate makes n one-time keys, and returns those that gave way.
func generate(t testing.TB, a *olm.Account, n int) []olm.DroppedKey {
	t.Helper()
	dropped, err := a.GenerateOneTimeKeys(n)
	require.NoError(t, err)
	return dropped
}

// claim makes a one-time key and returns it as a server would hand it out.
func claim(t testing.TB, a *olm.Account) keys.Curve25519 {
	t.Helper()
	generate(t, a, 1)
	defer a.MarkKeysAsPublished()
	for _, key := range a.OneTimeKeys() {
		return key
	}
	t.Fatal("no one-time key")
	return keys.Curve25519{}
}

func identity(a *olm.Account) keys.Curve25519 { return a.IdentityKeys().Curve25519 }

// unpublished returns the ids and keys of OneTimeKeys.
func unpublished(a *olm.Account) (ids []olm.KeyID, public []keys.Curve25519) {
	for id, key := range a.OneTimeKeys() {
		ids, public = append(ids, id), append(public, key)
	}
	return ids, public
}

// Sessions.

// outbound returns a session from alice to bob, and its first message.
func outbound(t testing.TB, alice, bob *olm.Account, plaintext string) (*olm.Session, olm.Message) {
	t.Helper()
	s, err := alice.NewOutboundSession(identity(bob), claim(t, bob))
	require.NoError(t, err)
	return s, encrypt(t, s, plaintext)
}

// newPair returns both sides of a session. Alice has sent one message, which Bob has accepted and
// not answered.
func newPair(t testing.TB) (alice, bob *olm.Session) {
	t.Helper()
	a, b := olm.NewAccount(), olm.NewAccount()
	alice, m := outbound(t, a, b, "hello")
	bob, plaintext, err := b.Accept(identity(a), m)
	require.NoError(t, err)
	require.Equal(t, "hello", string(plaintext))
	return alice, bob
}

// newTalk returns both sides of a session in which each has received a message of the other, and
// Bob has sent last.
func newTalk(t testing.TB) (alice, bob *olm.Session) {
	t.Helper()
	alice, bob = newPair(t)
	pass(t, bob, alice, "hello yourself")
	return alice, bob
}

func encrypt(t testing.TB, s *olm.Session, plaintext string) olm.Message {
	t.Helper()
	m, err := s.Encrypt([]byte(plaintext))
	require.NoError(t, err)
	return m
}

// encryptN returns the next n messages of s, each with its place as plaintext.
func encryptN(t testing.TB, s *olm.Session, n int) []olm.Message {
	t.Helper()
	ms := make([]olm.Message, n)
	for i := range ms {
		ms[i] = encrypt(t, s, place(i))
	}
	return ms
}

func place(i int) string { return "message " + string(rune('A'+i/26%26)) + string(rune('a'+i%26)) }

func decrypt(t testing.TB, s *olm.Session, m olm.Message, want string) {
	t.Helper()
	plaintext, err := s.Decrypt(m)
	require.NoError(t, err)
	require.Equal(t, want, string(plaintext))
}

// pass sends one message.
func pass(t testing.TB, from, to *olm.Session, plaintext string) {
	t.Helper()
	decrypt(t, to, encrypt(t, from, plaintext), plaintext)
}

// refuse wants s to refuse m with the error want, and to be what it was before. If want is nil any
// error will do.
func refuse(t testing.TB, s *olm.Session, m olm.Message, want error) {
	t.Helper()
	before := s.State()
	plaintext, err := s.Decrypt(m)
	require.Error(t, err)
	if want != nil {
		require.ErrorIs(t, err, want)
	}
	require.Nil(t, plaintext)
	testkit.Equal(t, before, s.State())
}

// refuseAccept is refuse for Account.Accept.
func refuseAccept(t testing.TB, a *olm.Account, from keys.Curve25519, m olm.Message, want error) {
	t.Helper()
	before := a.State()
	s, plaintext, err := a.Accept(from, m)
	require.Error(t, err)
	if want != nil {
		require.ErrorIs(t, err, want)
	}
	require.Nil(t, s)
	require.Nil(t, plaintext)
	testkit.Equal(t, before, a.State())
}

func pickled(t testing.TB, s *olm.Session) []byte {
	t.Helper()
	p, err := s.Pickle(pickleKey)
	require.NoError(t, err)
	return p
}

// reload returns s as it comes out of a pickle.
func reload(t testing.TB, s *olm.Session) *olm.Session {
	t.Helper()
	u, err := olm.UnpickleSession(pickleKey, pickled(t, s))
	require.NoError(t, err)
	return u
}

func reloadAccount(t testing.TB, a *olm.Account) *olm.Account {
	t.Helper()
	p, err := a.Pickle(pickleKey)
	require.NoError(t, err)
	u, err := olm.UnpickleAccount(pickleKey, p)
	require.NoError(t, err)
	return u
}
