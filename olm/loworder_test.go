package olm_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

// lowOrder returns the public keys of Wycheproof with which every shared secret is zero.
func lowOrder(t testing.TB) (public []keys.Curve25519) {
	t.Helper()
	text, err := os.ReadFile("../vectors/wycheproof/x25519_test.json")
	require.NoError(t, err)
	var file struct {
		TestGroups []struct {
			Tests []struct {
				Public string
				Flags  []string
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &file))
	for _, g := range file.TestGroups {
		for _, c := range g.Tests {
			if slices.Contains(c.Flags, "LowOrderPublic") || slices.Contains(c.Flags, "ZeroSharedSecret") {
				b, err := hex.DecodeString(c.Public)
				require.NoError(t, err)
				public = append(public, keys.Curve25519(b))
			}
		}
	}
	require.Len(t, public, 31)
	return public
}

// TestLowOrderKeys puts each of them in every place where a key of the other side enters.
func TestLowOrderKeys(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	out, m := outbound(t, a, b, "hello")
	k, body := out.Keys(), inner(t, m).Body
	alice, bob := newTalk(t)
	good := claim(t, olm.NewAccount())
	n := 0
	for _, low := range lowOrder(t) {
		_, err := a.NewOutboundSession(low, good)
		require.ErrorIs(t, err, olm.ErrPublicKey)
		_, err = a.NewOutboundSession(good, low)
		require.ErrorIs(t, err, olm.ErrPublicKey)

		refuseAccept(t, b, low, wrap(olm.SessionKeys{Identity: low, Base: k.Base, OneTime: k.OneTime}, body), olm.ErrPublicKey)
		refuseAccept(t, b, k.Identity, wrap(olm.SessionKeys{Identity: k.Identity, Base: low, OneTime: k.OneTime}, body), olm.ErrPublicKey)
		refuseAccept(t, b, k.Identity, wrap(olm.SessionKeys{Identity: k.Identity, Base: k.Base, OneTime: low}, body), olm.ErrUnknownOneTimeKey)

		// A ratchet key of a new chain.
		f := forgery{ratchet: low}
		refuse(t, bob, f.message(t), olm.ErrPublicKey)
		refuse(t, bob, f.wrapped(t, bob.Keys()), olm.ErrPublicKey)
		n += 7
	}
	_, _, err := b.Accept(k.Identity, m)
	require.NoError(t, err, "the key is still there")
	pass(t, alice, bob, "and so is the session")
	t.Logf("%d of %d refused", n, n)
}

// TestLowOrderFirstRatchetKey: the first message of a session carries a ratchet key that nothing is
// computed with yet. Nothing ever is: the receiver can't be made to answer it.
func TestLowOrderFirstRatchetKey(t *testing.T) {
	for _, low := range lowOrder(t) {
		a, b := olm.NewAccount(), olm.NewAccount()
		out, _ := outbound(t, a, b, "hello")
		f := forger(t, out)
		f.ratchet = low
		s, _, err := b.Accept(identity(a), f.wrapped(t, out.Keys()))
		if err != nil {
			require.ErrorIs(t, err, olm.ErrPublicKey)
			require.Equal(t, 1, b.OneTimeKeyCount())
			continue
		}
		for _, s := range []*olm.Session{s, reloaded(s)} {
			if s == nil { // the zero key does not even unpickle
				continue
			}
			before := s.State()
			_, err = s.Encrypt([]byte("answer"))
			require.ErrorIs(t, err, olm.ErrPublicKey)
			require.True(t, before.Equal(s.State()))
		}
	}
}

// reloaded is reload for a session that may not survive it: nil then.
func reloaded(s *olm.Session) *olm.Session {
	p, _ := s.Pickle(pickleKey)
	s, _ = olm.UnpickleSession(pickleKey, p)
	return s
}
