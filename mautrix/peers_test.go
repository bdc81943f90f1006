package mautrix

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors"
)

// What old versions of other libraries have left in stores; package vectors checks the same pickles in detail,
// but for goolm's JSON format, which is known here alone.

// eachFormat runs a test for each pickle of a state, and returns how many of them are JSON. In goolm's older versions only
// that was whole.
func eachFormat(t *testing.T, writer, name string, texts vectors.Texts, test func(t *testing.T, pickled string, isJSON bool)) (inJSON int) {
	t.Run(writer+" "+name, func(t *testing.T) { test(t, texts.Pickle, false) })
	if texts.JSON != "" {
		t.Run(writer+" "+name+" JSON", func(t *testing.T) { test(t, texts.JSON, true) })
		inJSON = 1
	}
	return inJSON
}

// damaged reports whether the receiving chains and skipped keys in a pickle of libolm's format are not whole: up to
// 0.21 goolm wrote the end of each over its beginning.
func damaged(writer string) bool {
	for _, minor := range []string{"17", "18", "19", "20", "21"} {
		if strings.HasPrefix(writer, "goolm 0."+minor+".") {
			return true
		}
	}
	return false
}

func TestPeerAccounts(t *testing.T) {
	inJSON := 0
	for _, c := range vectors.Peers().Accounts {
		inJSON += eachFormat(t, c.Writer, c.Name, c.Texts, func(t *testing.T, pickled string, isJSON bool) {
			read := func() *Account {
				a := NewBlankAccount()
				require.NoError(t, a.Unpickle([]byte(pickled), c.Key))
				return a
			}
			a := read()
			ed25519, curve25519, err := a.IdentityKeys()
			require.NoError(t, err)
			require.Equal(t, c.Ed25519, string(ed25519))
			require.Equal(t, c.Curve25519, string(curve25519))
			require.Equal(t, c.Signature, string(must[[]byte](t)(a.Sign(c.Input))))
			oneTimeKeys, err := a.OneTimeKeys()
			require.NoError(t, err)
			require.Len(t, oneTimeKeys, min(len(c.Unpublished), olm.MaxOneTimeKeys))
			for keyID, key := range oneTimeKeys {
				require.Equal(t, c.Unpublished[keyID], string(key))
			}
			for _, m := range c.FirstMessages {
				from := id.Curve25519(m.From)
				s, err := read().NewInboundSessionFrom(&from, m.Body)
				kept := m.Kept
				if isJSON {
					kept = m.KeptJSON
				}
				if !kept || m.Newer >= olm.MaxOneTimeKeys {
					require.ErrorIs(t, err, mautrix.ErrBadMessageKeyID)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, string(m.Plaintext), string(must[[]byte](t)(s.Decrypt(m.Body, id.OlmMsgTypePreKey))))
			}
		})
	}
	require.GreaterOrEqual(t, inJSON, 20)
}

func TestPeerSessions(t *testing.T) {
	inJSON := 0
	for _, c := range vectors.Peers().Sessions {
		texts := vectors.Texts{Pickle: "0", JSON: c.Sides[0].JSON}
		inJSON += eachFormat(t, c.Writer, c.Name, texts, func(t *testing.T, _ string, isJSON bool) {
			whole := isJSON || !damaged(c.Writer)
			read := func(side int) *Session {
				pickled := c.Sides[side].Pickle
				if isJSON {
					pickled = c.Sides[side].JSON
				}
				s := NewBlankSession()
				require.NoError(t, s.Unpickle([]byte(pickled), c.Key))
				require.Equal(t, c.ID, string(s.ID()))
				return s
			}
			decrypts := func(s *Session, m *vectors.PeerMessage) {
				t.Helper()
				require.Equal(t, string(m.Plaintext), string(must[[]byte](t)(s.Decrypt(m.Body, id.OlmMsgType(m.Type)))))
			}
			goesOn := true
			for i := range c.Sides {
				s := read(i)
				for _, m := range c.Sides[1-i].Sends {
					if kept := m.Kept && !isJSON || m.KeptJSON && isJSON; !kept {
						goesOn = false
						continue
					}
					decrypts(s, &m)
				}
				for _, m := range c.Sides[i].Late {
					if whole && m.NewerChains < olm.MaxReceivingChains && m.Newer < olm.MaxSkippedPerChain && (m.Kept || m.KeptJSON) {
						decrypts(s, &m.PeerMessage)
					}
				}
			}
			if !goesOn {
				return
			}
			a, b := read(0), read(1)
			for i := range 10 {
				say(t, a, b, fmt.Sprint("go on ", i))
				say(t, b, a, fmt.Sprint("go on ", i))
			}
		})
	}
	require.GreaterOrEqual(t, inJSON, 20)
}

func TestPeerGroups(t *testing.T) {
	peers := vectors.Peers()
	inJSON := 0
	for _, c := range peers.OutboundGroups {
		inJSON += eachFormat(t, c.Writer, c.Name, c.Texts, func(t *testing.T, pickled string, _ bool) {
			s := NewBlankOutboundGroupSession()
			require.NoError(t, s.Unpickle([]byte(pickled), c.Key))
			require.Equal(t, c.ID, string(s.ID()))
			require.EqualValues(t, c.Index, s.MessageIndex())
			require.Equal(t, c.SessionKey, s.Key())
			for _, m := range c.Sends {
				require.Equal(t, m.Body, string(must[[]byte](t)(s.Encrypt(m.Plaintext))))
			}
		})
	}
	for _, c := range peers.InboundGroups {
		inJSON += eachFormat(t, c.Writer, c.Name, c.Texts, func(t *testing.T, pickled string, _ bool) {
			s := NewBlankInboundGroupSession()
			require.NoError(t, s.Unpickle([]byte(pickled), c.Key))
			require.Equal(t, c.ID, string(s.ID()))
			require.Equal(t, c.FirstKnownIndex, s.FirstKnownIndex())
			require.Equal(t, c.Verified, s.IsVerified())
			require.Equal(t, c.Exported, string(must[[]byte](t)(s.Export(c.ExportAt))))
			for _, m := range c.Messages {
				plaintext, index, err := s.Decrypt([]byte(m.Body))
				require.NoError(t, err)
				require.EqualValues(t, m.Index, index)
				require.Equal(t, string(m.Plaintext), string(plaintext))
			}
		})
	}
	require.GreaterOrEqual(t, inJSON, 20)
}
