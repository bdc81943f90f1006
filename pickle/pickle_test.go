package pickle_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(5*i + 3)
	}
	return b
}

func seal(t testing.TB, key, contents []byte) []byte {
	t.Helper()
	text, err := pickle.Seal(key, contents)
	require.NoError(t, err)
	return text
}

func padding(text []byte) string { return strings.Repeat("=", (4-len(text)%4)%4) }

// TestRoundTrip: every length of contents, and of the key. The text is that of the standard library and of the engine,
// and nothing that was handed over is written to.
func TestRoundTrip(t *testing.T) {
	for _, keyLen := range []int{0, 1, 31, 32, 33, 63, 64, 65, 1000} {
		key := pattern(keyLen)
		for n := range 150 {
			contents := pattern(n)
			text := seal(t, key, contents)
			require.Equal(t, pattern(n), contents)
			require.Equal(t, pattern(keyLen), key)
			require.Equal(t, string(pickles.Reference(key, testkit.Pad(contents))), string(text))
			require.Equal(t, len(text), cap(text))

			engine := make([]byte, envelope.SealedLen(n))
			copy(envelope.Contents(engine, n), contents)
			envelope.Seal(engine, key, n)
			require.Equal(t, engine, text)
			raw, code := envelope.Open(bytes.Clone(text), key)
			require.Equal(t, errcode.OK, code)
			require.Equal(t, contents, raw)

			for _, text := range [][]byte{text, append(bytes.Clone(text), padding(text)...)} {
				before := bytes.Clone(text)
				got, err := pickle.Open(key, text)
				require.NoError(t, err)
				require.Equal(t, contents, got)
				require.Equal(t, before, text)
			}
		}
	}
	text := seal(t, nil, nil)
	require.Equal(t, text, seal(t, []byte{}, []byte{}))
	got, err := pickle.Open(nil, text)
	require.NoError(t, err)
	require.NotNil(t, got)
	require.Empty(t, got)
}

// TestContentsAreTheCallers: what Open returns is memory that nobody else has.
func TestContentsAreTheCallers(t *testing.T) {
	key, contents := []byte("key"), pattern(100)
	text := seal(t, key, contents)
	before := bytes.Clone(text)
	first, err := pickle.Open(key, text)
	require.NoError(t, err)
	clear(first[:cap(first)])
	require.Equal(t, before, text)
	again, err := pickle.Open(key, text)
	require.NoError(t, err)
	clear(text)
	require.Equal(t, contents, again)

	text = seal(t, key, contents)
	clear(contents)
	require.Equal(t, before, text, "what was sealed is no part of the text")
}

// TestOpenRefuses: every change is an error, and there are no contents then.
func TestOpenRefuses(t *testing.T) {
	key := []byte("key")
	for _, n := range []int{0, 1, 15, 16, 40} {
		text := seal(t, key, pattern(n))
		raw, err := base64.RawStdEncoding.DecodeString(string(text))
		require.NoError(t, err)
		refused := func(want error, key, text []byte) {
			t.Helper()
			before := bytes.Clone(text)
			got, err := pickle.Open(key, text)
			require.ErrorIs(t, err, want, "%q", text)
			require.Nil(t, got)
			require.Equal(t, before, text)
		}
		for _, bad := range testkit.Corruptions(raw) {
			refused(pickle.ErrKey, key, base64.RawStdEncoding.AppendEncode(nil, bad))
		}
		for _, wrong := range []string{"", "kez", "key ", "Key"} {
			refused(pickle.ErrKey, []byte(wrong), text)
		}
		right := padding(text)
		for _, bad := range []string{string(text) + right + "=", string(text) + "\n", " " + string(text), "-" + string(text[1:]), "A", "A===", "=", string(text[:1]) + "\x00" + string(text[2:])} {
			refused(pickle.ErrBase64, key, []byte(bad))
		}
		// Under a MAC that is right, padding that is not.
		for _, tail := range [][]byte{{0}, {17}, {255}, {1, 2}, {16, 16}} {
			padded := pattern(48)
			copy(padded[48-len(tail):], tail)
			refused(pickle.ErrKey, key, pickles.Reference(key, padded))
		}
		refused(pickle.ErrKey, key, pickles.Reference(key, nil))
	}
}

// TestLooksIntoPickles: the other packages' pickles open, and what is sealed again they read.
func TestLooksIntoPickles(t *testing.T) {
	key := []byte("key")
	account := olm.NewAccount()
	text, err := account.Pickle(key)
	require.NoError(t, err)
	contents, err := pickle.Open(key, text)
	require.NoError(t, err)
	require.True(t, bytes.Contains(contents, public(account)))
	other := seal(t, []byte("another key"), contents)
	again, err := olm.UnpickleAccount([]byte("another key"), other)
	require.NoError(t, err)
	require.Equal(t, account.IdentityKeys(), again.IdentityKeys())

	require.ErrorIs(t, second(olm.UnpickleAccount(key, seal(t, key, []byte("a secret of my own")))), pickle.ErrVersion)
}

func public(a *olm.Account) []byte {
	k := a.IdentityKeys().Curve25519
	return k[:]
}

func second[T any](_ T, err error) error { return err }
