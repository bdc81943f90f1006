package test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	globallog "github.com/rs/zerolog/log" // the mock server's
	"github.com/stretchr/testify/require"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/crypto/goolm"
	"maunium.net/go/mautrix/crypto/signatures"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/mockserver"

	karst "github.com/karst-im/karst/mautrix"
)

// distort returns what a hostile device or homeserver may make of a message.
func distort(random *rand.Rand, message string) []string {
	raw, err := base64.RawStdEncoding.DecodeString(message)
	if err != nil {
		panic(err)
	}
	all := []string{
		"", "A", "AA==", "not base64", "Aw", message[:len(message)/2], message + "AAAA", message + message,
		"\n" + message + "\x00", strings.Repeat("A", 4<<20), message + strings.Repeat("/", 4<<20),
	}
	for range 100 {
		bad := append([]byte(nil), raw...)
		bad[random.Intn(len(bad))] ^= 1 << random.Intn(8)
		all = append(all, base64.RawStdEncoding.EncodeToString(bad))
	}
	return all
}

// meet gives bob and mallory machines on karst that know each other's devices, on one server.
func meet(t *testing.T) (ctx context.Context, server *mockserver.MockServer, bobs, mallorys *crypto.OlmMachine) {
	t.Helper()
	t.Cleanup(goolm.Register)
	karst.Register()
	globallog.Logger = zerolog.Nop()
	ctx = zerolog.Nop().WithContext(t.Context())
	server = mockserver.Create(t)
	server.MemoryStore = true
	bob, _ := server.Login(t, ctx, "@bob:example.org", "BOB")
	mallory, _ := server.Login(t, ctx, "@mallory:example.org", "MALLORY")
	bobs, mallorys = machine(bob), machine(mallory)
	for m, user := range map[*crypto.OlmMachine]id.UserID{bobs: mallory.UserID, mallorys: bob.UserID} {
		_, err := m.FetchKeys(ctx, []id.UserID{user}, true)
		require.NoError(t, err)
	}
	// mautrix answers a message that does not decrypt with a session of its own, in the background. It
	// gets no key for one, so that nothing but the messages can change what bob has.
	server.OneTimeKeys[mallory.UserID]["MALLORY"] = nil
	return ctx, server, bobs, mallorys
}

// The whole of mautrix's machine on karst: a hostile message ends as an error for that event, whether it is
// malformed, changed, replayed, gigantic or of another algorithm. The account and the sessions stay as they
// were, and the true message is read afterwards.
func TestHostileEvents(t *testing.T) {
	ctx, server, bobs, mallorys := meet(t)
	bob, bobStore := bobs.Client, bobs.CryptoStore
	random := rand.New(rand.NewSource(5))
	account := func() string {
		pickled, err := bobs.GetAccount().Internal.Pickle([]byte("key"))
		require.NoError(t, err)
		return string(pickled)
	}
	sessions := func() (all []string) {
		list, err := bobStore.GetSessions(ctx, mallorys.GetAccount().IdentityKey())
		require.NoError(t, err)
		for _, session := range list {
			pickled, err := session.Internal.Pickle([]byte("key"))
			require.NoError(t, err)
			all = append(all, string(pickled))
		}
		return all
	}

	// A key for a room, in a pre-key message.
	const roomID = id.RoomID("!room:example.org")
	require.NoError(t, mallorys.ShareGroupSession(ctx, roomID, []id.UserID{bob.UserID}))
	inbox := server.DeviceInbox[bob.UserID]["BOB"]
	require.Len(t, inbox, 1)
	roomKey := inbox[0]
	content := roomKey.Content.Parsed.(*event.EncryptedEventContent)
	ownKey := bobs.GetAccount().IdentityKey()
	cipher := content.OlmCiphertext[ownKey]
	require.Equal(t, id.OlmMsgTypePreKey, cipher.Type)
	with := func(change func(*event.EncryptedEventContent)) *event.Event {
		changed, evt := *content, roomKey
		changed.OlmCiphertext = event.OlmCiphertexts{ownKey: cipher}
		change(&changed)
		evt.Content = event.Content{Parsed: &changed}
		return &evt
	}
	refuse := func(name string, change func(*event.EncryptedEventContent)) {
		t.Helper()
		before, beforeSessions := account(), sessions()
		bobs.HandleEncryptedEvent(ctx, with(change))
		require.Equal(t, before, account(), "%.80s", name)
		require.Equal(t, beforeSessions, sessions(), "%.80s", name)
	}
	refuseAll := func() {
		t.Helper()
		for _, bad := range distort(random, cipher.Body) {
			for _, msgType := range []id.OlmMsgType{id.OlmMsgTypePreKey, id.OlmMsgTypeMsg, 7} {
				c := event.OlmCiphertexts{ownKey: {Type: msgType, Body: bad}}
				refuse(bad, func(e *event.EncryptedEventContent) { e.OlmCiphertext = c })
			}
		}
		refuse("another algorithm", func(e *event.EncryptedEventContent) { e.Algorithm = id.AlgorithmMegolmV1 })
		refuse("no algorithm", func(e *event.EncryptedEventContent) { e.Algorithm = "m.none" })
		refuse("for another device", func(e *event.EncryptedEventContent) { e.OlmCiphertext = event.OlmCiphertexts{"x": cipher} })
		refuse("of another sender", func(e *event.EncryptedEventContent) { e.SenderKey = ownKey })
		refuse("of a sender key that is none", func(e *event.EncryptedEventContent) { e.SenderKey = "AAAA" })
	}
	refuseAll()
	require.Empty(t, sessions())
	before := account()
	bobs.HandleEncryptedEvent(ctx, with(func(*event.EncryptedEventContent) {}))
	require.Len(t, sessions(), 1)
	require.NotEqual(t, before, account(), "the one-time key stays")
	refuse("replayed", func(*event.EncryptedEventContent) {})
	refuseAll()

	// A message to the room.
	encrypted, err := mallorys.EncryptMegolmEvent(ctx, roomID, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: "hello"})
	require.NoError(t, err)
	message := func(eventID id.EventID, change func(*event.EncryptedEventContent)) *event.Event {
		changed := *encrypted
		change(&changed)
		return &event.Event{ID: eventID, RoomID: roomID, Sender: mallorys.Client.UserID, Type: event.EventEncrypted, Timestamp: 1, Content: event.Content{Parsed: &changed}}
	}
	inbound := func() string {
		session, err := bobStore.GetGroupSession(ctx, roomID, encrypted.SessionID)
		require.NoError(t, err)
		require.NotNil(t, session)
		pickled, err := session.Internal.Pickle([]byte("key"))
		require.NoError(t, err)
		return string(pickled)
	}
	before = inbound()
	refuseMessage := func(eventID id.EventID, change func(*event.EncryptedEventContent)) error {
		t.Helper()
		_, err := bobs.DecryptMegolmEvent(ctx, message(eventID, change))
		require.Error(t, err)
		require.Equal(t, before, inbound())
		return err
	}
	for _, bad := range distort(random, string(encrypted.MegolmCiphertext)) {
		refuseMessage("$one", func(e *event.EncryptedEventContent) { e.MegolmCiphertext = []byte(bad) })
	}
	refuseMessage("$one", func(e *event.EncryptedEventContent) { e.Algorithm = id.AlgorithmOlmV1 })
	refuseMessage("$one", func(e *event.EncryptedEventContent) { e.SessionID = "another" })
	decrypted, err := bobs.DecryptMegolmEvent(ctx, message("$one", func(*event.EncryptedEventContent) {}))
	require.NoError(t, err)
	require.Equal(t, "hello", decrypted.Content.AsMessage().Body)
	before = inbound()
	err = refuseMessage("$two", func(*event.EncryptedEventContent) {}) // replayed as another event
	require.ErrorIs(t, err, crypto.ErrDuplicateMessageIndex)

	// Delivered in another order: what was said later first.
	var texts []*event.EncryptedEventContent
	for i := range 3 {
		encrypted, err := mallorys.EncryptMegolmEvent(ctx, roomID, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: fmt.Sprint(i)})
		require.NoError(t, err)
		texts = append(texts, encrypted)
	}
	for _, i := range []int{2, 0, 1} {
		encrypted = texts[i]
		decrypted, err := bobs.DecryptMegolmEvent(ctx, message(id.EventID(fmt.Sprint("$late", i)), func(*event.EncryptedEventContent) {}))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(i), decrypted.Content.AsMessage().Body)
		before = inbound()
		require.ErrorIs(t, refuseMessage("$again", func(*event.EncryptedEventContent) {}), crypto.ErrDuplicateMessageIndex)
	}
}

// A message to a fallback key, which stays. mautrix's own memory of what it has decrypted, and then its session
// with the sender, keep it from being delivered again. When both are gone, nothing but that the fallback key is
// gone as well does.
func TestReplayedMessageToFallbackKey(t *testing.T) {
	ctx, server, bobs, mallorys := meet(t)
	bob, bobStore := bobs.Client, bobs.CryptoStore
	account := bobs.GetAccount().Internal.(*karst.Account)
	require.NoError(t, account.GenFallbackKey())
	for keyID, key := range account.FallbackKey() {
		fallback := mautrix.OneTimeKey{Key: key, IsSigned: true}
		signature, err := bobs.GetAccount().SignJSON(mautrix.OneTimeKey{Key: key})
		require.NoError(t, err)
		fallback.Signatures = signatures.NewSingleSignature(bob.UserID, id.KeyAlgorithmEd25519, "BOB", signature)
		server.OneTimeKeys[bob.UserID]["BOB"] = map[id.KeyID]mautrix.OneTimeKey{id.NewKeyID(id.KeyAlgorithmSignedCurve25519, keyID): fallback}
	}
	mallorysKey := mallorys.GetAccount().IdentityKey()
	sessions := func() crypto.OlmSessionList {
		list, err := bobStore.GetSessions(ctx, mallorysKey)
		require.NoError(t, err)
		return list
	}
	send := func(room id.RoomID) *event.Event {
		require.NoError(t, mallorys.ShareGroupSession(ctx, room, []id.UserID{bob.UserID}))
		inbox := server.DeviceInbox[bob.UserID]["BOB"]
		return &inbox[len(inbox)-1]
	}
	ownKey := bobs.GetAccount().IdentityKey()
	// The homeserver can write the outer message in another way, which nothing authenticates: its keys in another
	// order, for a hash that is not known.
	reordered := func(evt *event.Event, order ...int) *event.Event {
		content, changed := *evt.Content.Parsed.(*event.EncryptedEventContent), *evt
		cipher := content.OlmCiphertext[ownKey]
		require.Equal(t, id.OlmMsgTypePreKey, cipher.Type)
		raw, err := base64.RawStdEncoding.DecodeString(cipher.Body)
		require.NoError(t, err)
		const field = 2 + 32
		other := slices.Clone(raw)
		for to, from := range order {
			copy(other[1+to*field:][:field], raw[1+from*field:])
		}
		cipher.Body = base64.RawStdEncoding.EncodeToString(other)
		content.OlmCiphertext = event.OlmCiphertexts{ownKey: cipher}
		changed.Content = event.Content{Parsed: &content}
		return &changed
	}
	delivered := func(evt *event.Event) bool {
		n, state := len(sessions()), ""
		if n == 1 {
			pickled, err := sessions()[0].Internal.Pickle([]byte("key"))
			require.NoError(t, err)
			state = string(pickled)
		}
		bobs.HandleEncryptedEvent(ctx, evt)
		if n == 1 && len(sessions()) == 1 {
			pickled, err := sessions()[0].Internal.Pickle([]byte("key"))
			require.NoError(t, err)
			return state != string(pickled)
		}
		return n != len(sessions())
	}

	first := send("!one:example.org")
	require.True(t, delivered(first))
	require.Len(t, sessions(), 1)
	require.False(t, delivered(first), "its hash is known")
	require.False(t, delivered(reordered(first, 1, 0, 2)), "its session is known")
	require.True(t, delivered(send("!two:example.org")), "the session reads what comes next")

	live := sessions()[0]
	require.NoError(t, bobStore.DeleteSession(ctx, mallorysKey, live))
	require.False(t, delivered(first))
	require.Empty(t, sessions())
	require.True(t, delivered(reordered(first, 1, 0, 2)), "nobody remembers it but the fallback key")
	require.NoError(t, bobStore.DeleteSession(ctx, mallorysKey, sessions()[0]))
	require.True(t, delivered(reordered(first, 0, 2, 1)))
	require.NoError(t, bobStore.DeleteSession(ctx, mallorysKey, sessions()[0]))
	require.NoError(t, account.GenFallbackKey())
	account.ForgetOldFallbackKey()
	require.False(t, delivered(reordered(first, 2, 0, 1)))
	require.Empty(t, sessions())
}

func machine(client *mautrix.Client) *crypto.OlmMachine {
	m := client.Crypto.(*cryptohelper.CryptoHelper).Machine()
	log := zerolog.Nop()
	m.Log = &log
	m.AllowKeyShare = func(context.Context, *id.Device, event.RequestedKeyInfo) *crypto.KeyShareRejection {
		return &crypto.KeyShareRejectNoResponse
	}
	return m
}
