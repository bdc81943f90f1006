package mautrix

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"
)

func TestOlm(t *testing.T) {
	forPairs(t, func(t *testing.T, da, db driver) {
		alice := must[mautrix.Account](t)(da.newAccount())
		bob := must[mautrix.Account](t)(db.newAccount())
		a, b := establish(t, alice, bob)
		require.Equal(t, a.ID(), b.ID())
		require.Equal(t, a.Describe(), a.Describe())
		for i := range 30 {
			say(t, a, b, fmt.Sprint("to bob ", i))
			if i%3 == 0 {
				say(t, b, a, fmt.Sprint("to alice ", i))
			}
		}
		require.Equal(t, id.OlmMsgTypeMsg, a.EncryptMsgType())
		require.True(t, a.HasReceivedMessage())
		require.True(t, b.HasReceivedMessage())
	})
}

func TestMegolm(t *testing.T) {
	forPairs(t, func(t *testing.T, da, db driver) {
		out := must[mautrix.OutboundGroupSession](t)(da.newOutbound())
		in := must[mautrix.InboundGroupSession](t)(db.newInbound([]byte(out.Key())))
		require.Equal(t, out.ID(), in.ID())
		require.True(t, in.IsVerified())
		var messages [][]byte
		for i := range 20 {
			require.EqualValues(t, i, out.MessageIndex())
			messages = append(messages, must[[]byte](t)(out.Encrypt(fmt.Append(nil, "message ", i))))
		}
		for _, i := range rand.New(rand.NewSource(1)).Perm(len(messages)) {
			text, index, err := in.Decrypt(messages[i])
			require.NoError(t, err)
			require.EqualValues(t, i, index)
			require.Equal(t, fmt.Sprint("message ", i), string(text))
		}
		exported := must[[]byte](t)(in.Export(7))
		late := must[mautrix.InboundGroupSession](t)(da.importInbound(exported))
		require.EqualValues(t, 7, late.FirstKnownIndex())
		require.False(t, late.IsVerified())
		_, _, err := late.Decrypt(messages[6])
		require.ErrorIs(t, err, mautrix.ErrUnknownMessageIndex)
		_, err = late.Export(6)
		require.ErrorIs(t, err, mautrix.ErrUnknownMessageIndex)
		text, _, err := late.Decrypt(messages[7])
		require.NoError(t, err)
		require.Equal(t, "message 7", string(text))
		require.True(t, late.IsVerified())
	})
}

// A session moves from one driver to the other and back, again and again, in the middle of a conversation
// in which messages are lost and late.
func TestMoveSessions(t *testing.T) {
	forPairs(t, func(t *testing.T, da, db driver) {
		random := rand.New(rand.NewSource(2))
		a, b := establish(t, must[mautrix.Account](t)(da.newAccount()), must[mautrix.Account](t)(db.newAccount()))
		type sent struct {
			to      int
			msgType id.OlmMsgType
			text    string
			message string
		}
		sides := []mautrix.Session{a, b}
		var onTheWay []sent
		for i := range 400 {
			switch from := random.Intn(2); random.Intn(5) {
			case 0, 1:
				text := fmt.Sprint("message ", i)
				msgType, message, err := sides[from].Encrypt([]byte(text))
				require.NoError(t, err)
				onTheWay = append(onTheWay, sent{1 - from, msgType, text, string(message)})
			case 2, 3:
				if len(onTheWay) == 0 {
					continue
				}
				// Not too late: goolm keeps the keys of 40 late messages, for all chains together.
				n := random.Intn(min(len(onTheWay), 4))
				m := onTheWay[n]
				onTheWay = append(onTheWay[:n:n], onTheWay[n+1:]...)
				require.Equal(t, m.text, string(must[[]byte](t)(sides[m.to].Decrypt(m.message, m.msgType))))
			case 4:
				to := []driver{da, db}[random.Intn(2)]
				sides[from] = move(t, sides[from], to.blankSession())
			}
		}
	})
}

func TestMoveGroupSessions(t *testing.T) {
	forPairs(t, func(t *testing.T, da, db driver) {
		out := must[mautrix.OutboundGroupSession](t)(da.newOutbound())
		in := must[mautrix.InboundGroupSession](t)(da.newInbound([]byte(out.Key())))
		for i := range 40 {
			to := []driver{db, da}[i%2]
			out = move(t, out, to.blankOutbound())
			in = move(t, in, to.blankInbound())
			require.EqualValues(t, i, out.MessageIndex())
			text, index, err := in.Decrypt(must[[]byte](t)(out.Encrypt(fmt.Append(nil, i))))
			require.NoError(t, err)
			require.EqualValues(t, i, index)
			require.Equal(t, fmt.Sprint(i), string(text))
			require.Zero(t, in.FirstKnownIndex())
		}
	})
}

// An account moves with keys in all states; the other driver goes on with them, and gives no key an id
// that another has.
func TestMoveAccounts(t *testing.T) {
	forPairs(t, func(t *testing.T, da, db driver) {
		bob := must[mautrix.Account](t)(da.newAccount())
		ed25519, curve25519, err := bob.IdentityKeys()
		require.NoError(t, err)
		require.NoError(t, bob.GenOneTimeKeys(10))
		published := must[map[string]id.Curve25519](t)(bob.OneTimeKeys())
		fallback, err := da.generateFallback(bob)
		require.NoError(t, err)
		bob.MarkKeysAsPublished()
		require.NoError(t, bob.GenOneTimeKeys(5))
		unpublished := must[map[string]id.Curve25519](t)(bob.OneTimeKeys())
		require.Len(t, unpublished, 5)

		moved := move(t, bob, db.blankAccount())
		movedEd25519, movedCurve25519, err := moved.IdentityKeys()
		require.NoError(t, err)
		require.Equal(t, ed25519, movedEd25519)
		require.Equal(t, curve25519, movedCurve25519)
		require.Equal(t, unpublished, must[map[string]id.Curve25519](t)(moved.OneTimeKeys()))
		require.Equal(t, must[[]byte](t)(bob.Sign([]byte("text"))), must[[]byte](t)(moved.Sign([]byte("text"))))
		var keysJSON map[string]string
		require.NoError(t, json.Unmarshal(must[[]byte](t)(moved.IdentityKeysJSON()), &keysJSON))
		require.Equal(t, map[string]string{"ed25519": string(ed25519), "curve25519": string(curve25519)}, keysJSON)

		require.NoError(t, moved.GenOneTimeKeys(5))
		after := must[map[string]id.Curve25519](t)(moved.OneTimeKeys())
		require.Len(t, after, 10, "an id was used twice")
		for keyID, key := range after {
			require.NotContains(t, published, keyID)
			if old, ok := unpublished[keyID]; ok {
				require.Equal(t, old, key)
			}
		}

		alice := must[mautrix.Account](t)(da.newAccount())
		_, aliceKey, err := alice.IdentityKeys()
		require.NoError(t, err)
		for _, key := range append(values(published), append(values(after), fallback)...) {
			session := must[mautrix.Session](t)(alice.NewOutboundSession(curve25519, key))
			msgType, message, err := session.Encrypt([]byte("hello"))
			require.NoError(t, err)
			accepted := must[mautrix.Session](t)(moved.NewInboundSessionFrom(&aliceKey, string(message)))
			require.Equal(t, "hello", string(must[[]byte](t)(accepted.Decrypt(string(message), msgType))))
			require.NoError(t, moved.RemoveOneTimeKeys(accepted))
			_, err = moved.NewInboundSessionFrom(&aliceKey, string(message))
			if key == fallback {
				require.NoError(t, err, "a fallback key serves more than once")
			} else {
				require.ErrorIs(t, err, mautrix.ErrBadMessageKeyID)
			}
		}
	})
}

func values(keys map[string]id.Curve25519) (list []id.Curve25519) {
	for _, key := range keys {
		list = append(list, key)
	}
	return list
}

func TestFallbackKeys(t *testing.T) {
	account := must[*Account](t)(NewAccount())
	require.Empty(t, account.FallbackKey())
	require.Empty(t, account.FallbackKeyUnpublished())
	require.NoError(t, account.GenFallbackKey())
	first := account.FallbackKey()
	require.Len(t, first, 1)
	require.Equal(t, first, account.FallbackKeyUnpublished())
	account.MarkKeysAsPublished()
	require.Empty(t, account.FallbackKeyUnpublished())
	require.Equal(t, first, account.FallbackKey())
	require.NoError(t, account.GenFallbackKey())
	require.NotEqual(t, first, account.FallbackKey())

	sender := must[*Account](t)(NewAccount())
	_, identity, err := account.IdentityKeys()
	require.NoError(t, err)
	session := must[mautrix.Session](t)(sender.NewOutboundSession(identity, only(first)))
	_, message, err := session.Encrypt([]byte("with the key before"))
	require.NoError(t, err)
	_, err = account.NewInboundSession(string(message))
	require.NoError(t, err)
	account.ForgetOldFallbackKey()
	_, err = account.NewInboundSession(string(message))
	require.ErrorIs(t, err, mautrix.ErrBadMessageKeyID)
}

// A session of another driver names its one-time key too.
func TestRemoveOneTimeKeysOfOtherDriver(t *testing.T) {
	bob := must[*Account](t)(NewAccount())
	alice := must[*Account](t)(NewAccount())
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	require.NoError(t, bob.GenOneTimeKeys(1))
	oneTime := only(must[map[string]id.Curve25519](t)(bob.OneTimeKeys()))
	session := must[mautrix.Session](t)(alice.NewOutboundSession(bobKey, oneTime))
	foreign := move(t, session, goolm.blankSession())
	require.NoError(t, bob.RemoveOneTimeKeys(foreign))
	require.ErrorIs(t, bob.RemoveOneTimeKeys(foreign), mautrix.ErrBadMessageKeyID)
	require.ErrorIs(t, bob.RemoveOneTimeKeys(nil), ErrBlank)
	require.ErrorIs(t, bob.RemoveOneTimeKeys((*Session)(nil)), ErrBlank)
}

// Uploads that fail leave keys behind that nobody has seen. However many of them there are, what the homeserver
// hands out goes on to serve.
func TestFailedUploadsDropNoPublishedKey(t *testing.T) {
	alice, bob := must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount())
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	require.NoError(t, bob.GenOneTimeKeys(50))
	published := must[map[string]id.Curve25519](t)(bob.OneTimeKeys())
	bob.MarkKeysAsPublished()
	for range 22 {
		require.NoError(t, bob.GenOneTimeKeys(5))
		require.GreaterOrEqual(t, len(must[map[string]id.Curve25519](t)(bob.OneTimeKeys())), 5, "there is what to upload")
	}
	require.Len(t, must[map[string]id.Curve25519](t)(bob.OneTimeKeys()), 50)
	for keyID, key := range published {
		_, message, err := must[mautrix.Session](t)(alice.NewOutboundSession(bobKey, key)).Encrypt([]byte("hello"))
		require.NoError(t, err)
		_, err = bob.NewInboundSession(string(message))
		require.NoError(t, err, keyID)
	}
	// Once all are published there is no other way than to drop the oldest.
	bob.MarkKeysAsPublished()
	require.NoError(t, bob.GenOneTimeKeys(5))
	require.Len(t, must[map[string]id.Curve25519](t)(bob.OneTimeKeys()), 5)
}

func TestGenerateMoreThanFit(t *testing.T) {
	account := must[*Account](t)(NewAccount())
	require.NoError(t, account.GenOneTimeKeys(^uint(0)))
	require.Len(t, must[map[string]id.Curve25519](t)(account.OneTimeKeys()), int(account.MaxNumberOfOneTimeKeys()))
}
