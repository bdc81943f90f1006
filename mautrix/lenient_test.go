package mautrix

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"
)

// spellings are the texts that stand for one value: what goolm or libolm would take for it, and padding.
func spellings(text string) []string {
	padded := text + strings.Repeat("=", (4-len(text)%4)%4)
	all := []string{text, padded, text + "\n", text[:4] + "\r\n" + text[4:], "\n" + padded + "\r\n"}
	if unused := map[int]int{2: 4, 3: 2}[len(text)%4]; unused > 0 {
		last := strings.IndexByte(alphabet, text[len(text)-1])
		all = append(all, text[:len(text)-1]+alphabet[last+1:last+2], text[:len(text)-1]+alphabet[last+1<<unused-1:][:1])
	}
	return all
}

func TestLenientBase64(t *testing.T) {
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	key := out.Key()
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(key)))
	exported := string(must[[]byte](t)(in.Export(0)))
	for _, spelling := range spellings(key) {
		require.Equal(t, in.ID(), must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(spelling))).ID(), spelling)
	}
	for _, spelling := range spellings(exported) {
		require.Equal(t, in.ID(), must[*InboundGroupSession](t)(InboundGroupSessionImport([]byte(spelling))).ID(), spelling)
	}
	for _, length := range []int{1, 2, 3, 20, 40, 60} { // so that every remainder comes up
		message := string(must[[]byte](t)(out.Encrypt([]byte(strings.Repeat("x", length)))))
		for _, spelling := range spellings(message) {
			_, _, err := in.Decrypt([]byte(spelling))
			require.NoError(t, err, spelling)
		}
	}

	alice, bob := must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount())
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	_, aliceKey, err := alice.IdentityKeys()
	require.NoError(t, err)
	require.NoError(t, bob.GenOneTimeKeys(1))
	oneTime := only(must[map[string]id.Curve25519](t)(bob.OneTimeKeys()))
	var session mautrix.Session
	for _, spelling := range spellings(string(bobKey)) {
		session = must[mautrix.Session](t)(alice.NewOutboundSession(id.Curve25519(spelling), oneTime))
	}
	msgType, message, err := session.Encrypt([]byte("text"))
	require.NoError(t, err)
	for _, identity := range spellings(string(aliceKey)) {
		identity := id.Curve25519(identity)
		for _, spelling := range spellings(string(message)) {
			accepted := must[mautrix.Session](t)(bob.NewInboundSessionFrom(&identity, spelling))
			require.True(t, must[bool](t)(accepted.MatchesInboundSessionFrom(string(identity), spelling)))
			require.Equal(t, "text", string(must[[]byte](t)(accepted.Decrypt(spelling, msgType))))
		}
	}
	for _, spelling := range spellings(string(must[[]byte](t)(bob.Pickle(testKey)))) {
		must[*Account](t)(AccountFromPickled([]byte(spelling), testKey))
	}
}

func TestNotSoLenient(t *testing.T) {
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	message := string(must[[]byte](t)(out.Encrypt([]byte("text"))))
	for _, spelling := range []string{
		message + "====", "=" + message, message[:8] + "=" + message[9:], message[:8] + " " + message[9:],
		message[:8] + "-" + message[9:], message + "\x00", strings.Repeat("=", 100), "=", "\n",
	} {
		_, _, err := in.Decrypt([]byte(spelling))
		require.Error(t, err, spelling)
	}
}

func FuzzLenient(f *testing.F) {
	f.Add([]byte("AAAA"))
	f.Add([]byte("QQ==\n"))
	f.Add([]byte("\r="))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		canonical, err := lenient(text)
		require.Equal(t, before, string(text), "the caller's text was changed")
		if err != nil {
			return
		}
		again, err := lenient(canonical)
		require.NoError(t, err)
		require.Equal(t, string(canonical), string(again))
	})
}
