package mautrix

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// changed returns the base64 text with one byte of what it encodes changed.
func changed(text []byte, at int) []byte {
	raw := must64(text)
	if at < 0 {
		at += len(raw)
	}
	raw[at] ^= 1
	return []byte(base64.RawStdEncoding.EncodeToString(raw))
}

func must64(text []byte) []byte {
	raw, err := base64.RawStdEncoding.DecodeString(string(text))
	if err != nil {
		panic(err)
	}
	return raw
}

// TestEquivalentsOnce: of two entries for one error the second would never be found.
func TestEquivalentsOnce(t *testing.T) {
	seen := map[error]bool{}
	for _, e := range equivalents {
		require.False(t, seen[e.karst], "%v", e.karst)
		seen[e.karst] = true
	}
	for _, err := range []error{megolm.ErrMessageFormat, megolm.ErrMessageVersion, megolm.ErrBadMAC, megolm.ErrExhausted, megolm.ErrWiped} {
		require.True(t, seen[err], "%v", err)
	}
}

func TestErrorsOfMegolm(t *testing.T) {
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	key := []byte(out.Key())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession(key))
	message := must[[]byte](t)(out.Encrypt([]byte("text")))
	before := must[[]byte](t)(in.Pickle(testKey))

	for _, test := range []struct {
		name    string
		message []byte
		want    []error
	}{
		{"empty", nil, []error{mautrix.ErrEmptyInput}},
		{"no base64", []byte("????"), []error{mautrix.ErrBadMessageFormat}},
		{"no length of base64", append(message[:len(message)-len(message)%4:len(message)-len(message)%4], 'A'), []error{mautrix.ErrLibolmInvalidBase64}},
		{"version", changed(message, 0), []error{mautrix.ErrWrongProtocolVersion, megolm.ErrMessageVersion}},
		{"signature", changed(message, -1), []error{mautrix.ErrBadSignature, megolm.ErrSignature}},
		{"another session", must[[]byte](t)(must[*OutboundGroupSession](t)(NewOutboundGroupSession()).Encrypt([]byte("x"))), []error{mautrix.ErrBadSignature}},
		{"cut", message[:8:8], []error{mautrix.ErrWrongProtocolVersion}},
	} {
		_, _, err := in.Decrypt(test.message)
		for _, want := range test.want {
			require.ErrorIs(t, err, want, test.name)
		}
	}
	_, err := in.Export(1 << 31)
	require.NoError(t, err, "any later index can be exported")
	require.NoError(t, in.Unpickle(before, testKey))

	out2 := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	for range 3 {
		must[[]byte](t)(out2.Encrypt([]byte("text")))
	}
	late := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out2.Key())))
	_, err = late.Export(2)
	var unknown *megolm.UnknownIndexError
	require.ErrorAs(t, err, &unknown)
	require.EqualValues(t, 3, unknown.FirstKnown)
	require.ErrorIs(t, err, mautrix.ErrUnknownMessageIndex)

	_, err = NewInboundGroupSession(nil)
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, err = InboundGroupSessionImport(nil)
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, err = NewInboundGroupSession(changed(key, -1))
	require.ErrorIs(t, err, mautrix.ErrBadSignature)
	require.ErrorIs(t, err, mautrix.ErrBadVerification)
	_, err = NewInboundGroupSession(key[:100])
	require.ErrorIs(t, err, mautrix.ErrLibolmBadSessionKey)
	_, err = InboundGroupSessionImport(key)
	require.ErrorIs(t, err, mautrix.ErrLibolmBadSessionKey)
	_, err = out.Encrypt(nil)
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
}

func TestErrorsOfOlm(t *testing.T) {
	alice, bob := must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount())
	a, b := establish(t, alice, bob)
	_, old, err := a.Encrypt([]byte("old"))
	require.NoError(t, err)
	require.Equal(t, "old", string(must[[]byte](t)(b.Decrypt(string(old), id.OlmMsgTypeMsg))))

	_, err = b.Decrypt(string(old), id.OlmMsgTypeMsg)
	for _, want := range []error{mautrix.ErrMessageKeyNotFound, mautrix.ErrChainTooHigh, mautrix.ErrBadMAC, olm.ErrNoMessageKey} {
		require.ErrorIs(t, err, want)
	}
	_, message, err := a.Encrypt([]byte("text"))
	require.NoError(t, err)
	_, err = b.Decrypt(string(changed(message, -1)), id.OlmMsgTypeMsg)
	require.ErrorIs(t, err, mautrix.ErrBadMAC)
	_, err = b.Decrypt(string(changed(message, 0)), id.OlmMsgTypeMsg)
	require.ErrorIs(t, err, mautrix.ErrWrongProtocolVersion)
	_, err = b.Decrypt("", id.OlmMsgTypeMsg)
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, err = b.Decrypt("A", id.OlmMsgTypeMsg)
	require.ErrorIs(t, err, mautrix.ErrLibolmInvalidBase64)
	_, err = b.Decrypt("AwoA", id.OlmMsgTypePreKey)
	require.Error(t, err)
	_, err = b.Decrypt(string(message), id.OlmMsgType(7))
	require.ErrorIs(t, err, mautrix.ErrBadMessageFormat)
	for range olm.MaxGap + 1 {
		_, message, err = a.Encrypt([]byte("text"))
		require.NoError(t, err)
	}
	_, err = b.Decrypt(string(message), id.OlmMsgTypeMsg)
	require.ErrorIs(t, err, mautrix.ErrMsgIndexTooHigh)
	require.ErrorIs(t, err, mautrix.ErrBadMAC)
	var gap *olm.GapError
	require.ErrorAs(t, err, &gap)

	_, _, err = a.Encrypt(nil)
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, err = alice.Sign(nil)
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, err = alice.NewOutboundSession("", "x")
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, err = alice.NewInboundSession("")
	require.ErrorIs(t, err, mautrix.ErrEmptyInput)
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	_, err = alice.NewOutboundSession(bobKey, bobKey+"AA")
	require.ErrorIs(t, err, mautrix.ErrLibolmInvalidBase64)
	smallOrder := id.Curve25519(strings.Repeat("A", 43))
	_, err = alice.NewOutboundSession(bobKey, smallOrder)
	require.ErrorIs(t, err, mautrix.ErrBadInput)

	// A pre-key message that names another sender than the one it is said to come from.
	fresh, err := alice.NewOutboundSession(bobKey, bobKey)
	require.NoError(t, err)
	_, message, err = fresh.Encrypt([]byte("text"))
	require.NoError(t, err)
	_, err = bob.NewInboundSessionFrom(&bobKey, string(message))
	require.ErrorIs(t, err, mautrix.ErrBadMessageKeyID)
	matches, err := b.MatchesInboundSessionFrom(string(bobKey), string(message))
	require.NoError(t, err)
	require.False(t, matches)
}

func TestErrorsOfUnpickling(t *testing.T) {
	account := must[*Account](t)(NewAccount())
	stored := must[[]byte](t)(account.Pickle(testKey))
	ed25519, _, err := account.IdentityKeys()
	require.NoError(t, err)
	for _, test := range []struct {
		name    string
		pickled []byte
		key     []byte
		want    []error
	}{
		{"no key", stored, nil, []error{mautrix.ErrNoKeyProvided}},
		{"empty", nil, testKey, []error{mautrix.ErrEmptyInput}},
		{"wrong key", stored, []byte("wrong"), []error{mautrix.ErrLibolmBadAccountKey, mautrix.ErrBadMAC, pickle.ErrKey}},
		{"no base64", bytes.Repeat([]byte("?"), 80), testKey, []error{mautrix.ErrLibolmInvalidBase64}},
		{"another kind", must[[]byte](t)(must[*OutboundGroupSession](t)(NewOutboundGroupSession()).Pickle(testKey)), testKey, nil},
	} {
		err := account.Unpickle(test.pickled, test.key)
		require.Error(t, err, test.name)
		for _, want := range test.want {
			require.ErrorIs(t, err, want, test.name)
		}
		after, _, err := account.IdentityKeys()
		require.NoError(t, err)
		require.Equal(t, ed25519, after, test.name)
	}
	_, err = account.Pickle(nil)
	require.ErrorIs(t, err, mautrix.ErrNoKeyProvided)
	var inbound InboundGroupSession
	require.ErrorIs(t, inbound.Unpickle(stored, testKey), mautrix.ErrUnknownOlmPickleVersion)
}
