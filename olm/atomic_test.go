package olm_test

import (
	"bytes"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/olm"
)

// corruptions yields b with each single bit flipped, cut to every length, and with one byte more.
func corruptions(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := range 8 * len(b) {
			bad := bytes.Clone(b)
			bad[i/8] ^= 1 << (i % 8)
			if !yield(fmt.Sprintf("bit %d flipped", i), bad) {
				return
			}
		}
		for n := range b {
			if !yield(fmt.Sprintf("cut to %d bytes", n), bytes.Clone(b[:n])) {
				return
			}
		}
		for _, more := range []byte{0, 3, 0xff} {
			if !yield(fmt.Sprintf("%#x appended", more), append(bytes.Clone(b), more)) {
				return
			}
		}
	}
}

// TestFailedDecryptChangesNothing sweeps one message of each kind.
func TestFailedDecryptChangesNothing(t *testing.T) {
	kinds := map[string]func(t *testing.T) (to *olm.Session, m olm.Message){
		"pre-key": func(t *testing.T) (*olm.Session, olm.Message) {
			a, b := olm.NewAccount(), olm.NewAccount()
			alice, first := outbound(t, a, b, "first")
			bob, _, err := b.Accept(identity(a), first)
			require.NoError(t, err)
			return bob, encrypt(t, alice, "m")
		},
		"first pre-key of a session begun in two steps": func(t *testing.T) (*olm.Session, olm.Message) {
			a, b := olm.NewAccount(), olm.NewAccount()
			_, m := outbound(t, a, b, "m")
			p, err := olm.ParsePreKeyMessage(m.Body)
			require.NoError(t, err)
			bob, err := b.NewInboundSession(p)
			require.NoError(t, err)
			return bob, m
		},
		"normal on a chain that is known": func(t *testing.T) (*olm.Session, olm.Message) {
			alice, bob := newTalk(t)
			pass(t, alice, bob, "begin the chain")
			return bob, encrypt(t, alice, "m")
		},
		"normal on the first new chain": func(t *testing.T) (*olm.Session, olm.Message) {
			alice, bob := newPair(t)
			return alice, encrypt(t, bob, "m")
		},
		"normal on a sixth chain": func(t *testing.T) (*olm.Session, olm.Message) {
			alice, bob := newTalk(t)
			turns(t, alice, bob, 4, 3)
			return bob, encrypt(t, alice, "m")
		},
		"normal behind a gap": func(t *testing.T) (*olm.Session, olm.Message) {
			alice, bob := newTalk(t)
			pass(t, alice, bob, "begin the chain")
			ms := encryptN(t, alice, 5)
			decrypt(t, bob, ms[2], place(2))
			return bob, ms[4]
		},
		"normal whose key was kept": func(t *testing.T) (*olm.Session, olm.Message) {
			alice, bob := newTalk(t)
			ms := encryptN(t, alice, 5)
			decrypt(t, bob, ms[4], place(4))
			return bob, ms[1]
		},
		"normal whose key was kept on an older chain": func(t *testing.T) (*olm.Session, olm.Message) {
			alice, bob := newTalk(t)
			late := turns(t, alice, bob, 2, 4)
			return bob, late[0][1]
		},
	}
	for name, setup := range kinds {
		t.Run(name, func(t *testing.T) {
			s, m := setup(t)
			before, text, description := s.State(), pickled(t, s), s.Describe()
			n := 0
			for what, body := range corruptions(m.Body) {
				n++
				plaintext, err := s.Decrypt(olm.Message{Type: m.Type, Body: body})
				require.Error(t, err, what)
				require.Nil(t, plaintext, what)
				if !before.Equal(s.State()) {
					t.Fatalf("%s: the session has changed", what)
				}
			}
			require.Equal(t, text, pickled(t, s))
			require.Equal(t, description, s.Describe())
			_, err := s.Decrypt(m)
			require.NoError(t, err, "the honest message")
			require.False(t, before.Equal(s.State()), "the comparison sees changes")
			t.Logf("%d of %d refused", n, n)
		})
	}
}

func TestFailedAcceptChangesNothing(t *testing.T) {
	for _, fallback := range []bool{false, true} {
		alice, bob := olm.NewAccount(), olm.NewAccount()
		key := claim(t, bob)
		if fallback {
			require.NoError(t, bob.GenerateFallbackKey())
			_, key, _ = bob.FallbackKey()
		}
		s, err := alice.NewOutboundSession(identity(bob), key)
		require.NoError(t, err)
		m := encrypt(t, s, "m")
		before := bob.State()
		n := 0
		for what, body := range corruptions(m.Body) {
			n++
			s, plaintext, err := bob.Accept(identity(alice), olm.Message{Type: olm.PreKey, Body: body})
			require.Error(t, err, what)
			require.Nil(t, s)
			require.Nil(t, plaintext)
			if !before.Equal(bob.State()) {
				t.Fatalf("%s: the account has changed", what)
			}
		}
		_, plaintext, err := bob.Accept(identity(alice), m)
		require.NoError(t, err)
		require.Equal(t, "m", string(plaintext))
		require.Equal(t, fallback, before.Equal(bob.State()))
		t.Logf("%d of %d refused", n, n)
	}
}
