package test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"maunium.net/go/mautrix/crypto/goolm"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"
)

// BenchmarkHotPath is what mautrix does for every message, with the store left out: it unpickles a session,
// uses it, and pickles it. `go test -bench HotPath .` runs all three drivers.
func BenchmarkHotPath(b *testing.B) {
	defer goolm.Register()
	text := bytes.Repeat([]byte("x"), 300) // an event of a short message
	key := []byte("pickle key, as long as it is")
	for _, d := range drivers {
		d.register()
		b.Run("Megolm decrypt/"+d.name, func(b *testing.B) {
			out, err := olm.NewOutboundGroupSession()
			require.NoError(b, err)
			in, err := olm.NewInboundGroupSession([]byte(out.Key()))
			require.NoError(b, err)
			message, err := out.Encrypt(text)
			require.NoError(b, err)
			stored, err := in.Pickle(key)
			require.NoError(b, err)
			for b.Loop() {
				s := olm.NewBlankInboundGroupSession()
				require.NoError(b, s.Unpickle(bytes.Clone(stored), key)) // libolm destroys its input
				got, _, err := s.Decrypt(message)
				require.NoError(b, err)
				require.Len(b, got, len(text))
				_, err = s.Pickle(key)
				require.NoError(b, err)
			}
		})
		b.Run("Megolm encrypt/"+d.name, func(b *testing.B) {
			out, err := olm.NewOutboundGroupSession()
			require.NoError(b, err)
			stored, err := out.Pickle(key)
			require.NoError(b, err)
			for b.Loop() {
				s := olm.NewBlankOutboundGroupSession()
				require.NoError(b, s.Unpickle(bytes.Clone(stored), key))
				_, err := s.Encrypt(text)
				require.NoError(b, err)
				_, err = s.Pickle(key)
				require.NoError(b, err)
			}
		})
		b.Run("Olm decrypt/"+d.name, func(b *testing.B) {
			message, stored := olmMessage(b, key, text)
			for b.Loop() {
				s := olm.NewBlankSession()
				require.NoError(b, s.Unpickle(bytes.Clone(stored), key))
				_, err := s.Decrypt(message, id.OlmMsgTypeMsg)
				require.NoError(b, err)
				_, err = s.Pickle(key)
				require.NoError(b, err)
			}
		})
		b.Run("Olm accept/"+d.name, func(b *testing.B) { // a new session, with an account of 50 keys
			bob, err := olm.NewAccount()
			require.NoError(b, err)
			require.NoError(b, bob.GenOneTimeKeys(50))
			_, bobKey, err := bob.IdentityKeys()
			require.NoError(b, err)
			keys, err := bob.OneTimeKeys()
			require.NoError(b, err)
			alice, err := olm.NewAccount()
			require.NoError(b, err)
			_, aliceKey, err := alice.IdentityKeys()
			require.NoError(b, err)
			var message []byte
			for _, oneTime := range keys {
				session, err := alice.NewOutboundSession(bobKey, oneTime)
				require.NoError(b, err)
				_, message, err = session.Encrypt(text)
				require.NoError(b, err)
				break
			}
			for b.Loop() {
				s, err := bob.NewInboundSessionFrom(&aliceKey, string(message))
				require.NoError(b, err)
				_, err = s.Decrypt(string(message), id.OlmMsgTypePreKey)
				require.NoError(b, err)
				_, err = s.Pickle(key)
				require.NoError(b, err)
				_, err = bob.Pickle(key)
				require.NoError(b, err)
			}
		})
	}
}

// olmMessage returns a message, and the pickle of a session that decrypts it without a new chain.
func olmMessage(b *testing.B, key, text []byte) (message string, stored []byte) {
	alice, err := olm.NewAccount()
	require.NoError(b, err)
	bob, err := olm.NewAccount()
	require.NoError(b, err)
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(b, err)
	require.NoError(b, bob.GenOneTimeKeys(1))
	keys, err := bob.OneTimeKeys()
	require.NoError(b, err)
	var from, to olm.Session
	for _, oneTime := range keys {
		from, err = alice.NewOutboundSession(bobKey, oneTime)
		require.NoError(b, err)
	}
	_, first, err := from.Encrypt([]byte("first"))
	require.NoError(b, err)
	to, err = bob.NewInboundSession(string(first))
	require.NoError(b, err)
	_, err = to.Decrypt(string(first), id.OlmMsgTypePreKey)
	require.NoError(b, err)
	say := func(from, to olm.Session) {
		msgType, message, err := from.Encrypt(text)
		require.NoError(b, err)
		_, err = to.Decrypt(string(message), msgType)
		require.NoError(b, err)
	}
	say(to, from)
	say(from, to)
	msgType, ciphertext, err := from.Encrypt(text)
	require.NoError(b, err)
	if msgType != id.OlmMsgTypeMsg {
		b.Fatal(fmt.Sprint("message of type ", msgType))
	}
	stored, err = to.Pickle(key)
	require.NoError(b, err)
	return string(ciphertext), stored
}
