package megolm_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

func TestKeysAsText(t *testing.T) {
	ref := newReference(1).jump(70000)
	for _, raw := range [][]byte{ref.sessionKey(), newReference(2).sessionKey()} {
		k, err := megolm.ParseSessionKey(text64(raw))
		require.NoError(t, err)
		testkit.Equal(t, text64(raw), must(k.Base64()))
		testkit.Equal(t, raw, must(k.Bytes()))
		padded, err := megolm.ParseSessionKey(base64.StdEncoding.EncodeToString(raw))
		require.NoError(t, err)
		testkit.Equal(t, raw, must(padded.Bytes()))
		same, err := megolm.SessionKeyFromBytes(raw)
		require.NoError(t, err)
		testkit.Equal(t, must(k.Bytes()), must(same.Bytes()))
		must(k.Bytes())[0] ^= 0xff // a copy
		raw[1] ^= 0xff             // a copy as well
		testkit.Equal(t, must(same.Base64()), must(k.Base64()))
		_, err = megolm.NewInboundSession(same)
		require.NoError(t, err)
	}
	raw := ref.shared(1)
	k, err := megolm.ParseExportedKey(text64(raw))
	require.NoError(t, err)
	testkit.Equal(t, text64(raw), must(k.Base64()))
	testkit.Equal(t, raw, must(k.Bytes()))
	same, err := megolm.ExportedKeyFromBytes(raw)
	require.NoError(t, err)
	testkit.Equal(t, must(k.Bytes()), must(same.Bytes()))
	require.Len(t, ref.sessionKey(), megolm.SessionKeyLen)
	require.Len(t, raw, megolm.ExportedKeyLen)
}

func TestKeysRefuseText(t *testing.T) {
	ref := newReference(1)
	for _, raw := range [][]byte{ref.sessionKey(), ref.shared(1)} {
		good := text64(raw)
		bad := []string{
			"", "A", good + "A", good + "AAAA", base64.StdEncoding.EncodeToString(append(raw, 0)), good + "=", good + "===", good + "====", good + "\n",
			" " + good, "-" + good[1:], "_" + good[1:], good[:10] + "\n" + good[11:], good[:10] + "=" + good[11:], strings.Repeat("!", len(good)),
		}
		for n := range good {
			if n != len(text64(ref.shared(1))) { // a length is all that parsing asks for
				bad = append(bad, good[:n])
			}
		}
		for _, text := range bad {
			k, err := megolm.ParseSessionKey(text)
			require.ErrorIs(t, err, megolm.ErrSessionKey, "%q", text)
			require.ErrorIs(t, testkit.Err(k.Bytes()), megolm.ErrWiped, "nothing is left of it")
			e, err := megolm.ParseExportedKey(text)
			require.ErrorIs(t, err, megolm.ErrSessionKey, "%q", text)
			require.ErrorIs(t, testkit.Err(e.Bytes()), megolm.ErrWiped)
		}
	}
	_, err := megolm.ParseSessionKey(text64(ref.shared(1)))
	require.ErrorIs(t, err, megolm.ErrSessionKey)
	_, err = megolm.ParseExportedKey(text64(ref.sessionKey()))
	require.ErrorIs(t, err, megolm.ErrSessionKey)
	for _, err := range []error{
		testkit.Err(megolm.SessionKeyFromBytes(make([]byte, megolm.SessionKeyLen))), testkit.Err(megolm.ExportedKeyFromBytes(make([]byte, megolm.ExportedKeyLen))),
		testkit.Err(megolm.ParseSessionKey(text64(make([]byte, megolm.SessionKeyLen)))), testkit.Err(megolm.ParseExportedKey(text64(make([]byte, megolm.ExportedKeyLen)))),
	} {
		require.ErrorIs(t, err, megolm.ErrSessionKey, "zeros are no key")
	}
	for n := range 300 {
		if n != megolm.SessionKeyLen {
			_, err := megolm.SessionKeyFromBytes(bytes.Repeat([]byte{2}, n))
			require.ErrorIs(t, err, megolm.ErrSessionKey)
		}
		if n != megolm.ExportedKeyLen {
			_, err := megolm.ExportedKeyFromBytes(bytes.Repeat([]byte{1}, n))
			require.ErrorIs(t, err, megolm.ErrSessionKey)
		}
	}
}

// TestSessionKeyIsSigned: every bit of it.
func TestSessionKeyIsSigned(t *testing.T) {
	raw := newReference(1).jump(3).sessionKey()
	n := 0
	for i, bad := range testkit.Flips(raw) {
		k, err := megolm.SessionKeyFromBytes(bad)
		require.NoError(t, err)
		s, err := megolm.NewInboundSession(k)
		want := megolm.ErrSignature
		if i < 8 {
			want = megolm.ErrSessionKey // the version
		}
		require.ErrorIs(t, err, want, "bit %d", i)
		require.Nil(t, s)
		n++
	}
	t.Logf("%d of %d refused", n, n)
	k, err := megolm.SessionKeyFromBytes(raw)
	require.NoError(t, err)
	s, err := megolm.NewInboundSession(k)
	require.NoError(t, err)
	require.True(t, s.Verified())
	require.Equal(t, uint32(3), s.FirstKnownIndex())
}

// TestExportedKeyIsNot: a change is not seen on import, but what comes of it is good for nothing, and
// can't be merged into what a session key gave, which mends it.
func TestExportedKeyIsNot(t *testing.T) {
	ref := newReference(1).jump(3)
	raw := ref.shared(1)
	honest := ref.inbound(t)
	before := honest.State()
	messages := []megolm.Message{ref.honest("3")}
	for range 2 {
		ref.advance()
		messages = append(messages, ref.honest("4 and 5"))
	}
	refused := 0
	for i, bad := range testkit.Flips(raw) {
		k, err := megolm.ExportedKeyFromBytes(bad)
		require.NoError(t, err)
		s, err := megolm.ImportSession(k)
		if err != nil {
			require.ErrorIs(t, err, megolm.ErrSessionKey)
			require.Nil(t, s)
			refused++
			continue
		}
		require.GreaterOrEqual(t, i, 8, "the version")
		require.False(t, s.Verified())
		for _, m := range messages {
			refuse(t, s, m, nil)
		}
		require.False(t, s.Verified())
		require.Equal(t, megolm.Unrelated, honest.Compare(s), "bit %d", i)
		require.ErrorIs(t, honest.Merge(s), megolm.ErrUnrelated)
		testkit.Equal(t, before, honest.State())
		if i/8 >= len(raw)-32 {
			require.Equal(t, megolm.Unrelated, s.Compare(honest), "bit %d of the signing key", i)
			require.ErrorIs(t, s.Merge(honest), megolm.ErrUnrelated)
			continue
		}
		require.Equal(t, megolm.Worse, s.Compare(honest), "bit %d", i)
		require.NoError(t, s.Merge(honest))
		testkit.Equal(t, before, s.State())
	}
	require.Greater(t, refused, 8, "not every Ed25519 key is one")
	t.Logf("%d of %d refused, the others are useless", refused, 8*len(raw))
}

func TestImportRefusesInvalidSigningKeys(t *testing.T) {
	for _, public := range [][]byte{
		make([]byte, 32),                       // of order 4
		append([]byte{1}, make([]byte, 31)...), // of order 1
		append([]byte{2}, make([]byte, 31)...), // not on the curve
		bytes.Repeat([]byte{0xff}, 32),         // not canonical
		append(bytes.Repeat([]byte{0xff}, 31), 0x7f),
	} {
		raw := newReference(1).shared(1)
		copy(raw[len(raw)-32:], public)
		k, err := megolm.ExportedKeyFromBytes(raw)
		require.NoError(t, err)
		_, err = megolm.ImportSession(k)
		require.ErrorIs(t, err, megolm.ErrSessionKey, "%x", public)
	}
}

// requireNoKey wants all that shows k or e to fail: a room key of nothing could be sent.
func requireNoKey(t *testing.T, k *megolm.SessionKey, e *megolm.ExportedKey) {
	t.Helper()
	for name, err := range map[string]error{
		"SessionKey.Base64": testkit.Err(k.Base64()), "SessionKey.Bytes": testkit.Err(k.Bytes()),
		"ExportedKey.Base64": testkit.Err(e.Base64()), "ExportedKey.Bytes": testkit.Err(e.Bytes()),
	} {
		require.ErrorIs(t, err, megolm.ErrWiped, name)
	}
	text, err := k.Base64()
	require.ErrorIs(t, err, megolm.ErrWiped)
	require.Empty(t, text)
}

func TestWipeKeys(t *testing.T) {
	k, err := megolm.SessionKeyFromBytes(newReference(1).sessionKey())
	require.NoError(t, err)
	e, err := megolm.ExportedKeyFromBytes(newReference(1).shared(1))
	require.NoError(t, err)
	for range 2 {
		k.Wipe()
		e.Wipe()
		requireNoKey(t, &k, &e)
	}
	requireNoKey(t, new(megolm.SessionKey), new(megolm.ExportedKey))
	for _, k := range []*megolm.SessionKey{&k, new(megolm.SessionKey)} {
		_, err = megolm.NewInboundSession(*k)
		require.ErrorIs(t, err, megolm.ErrSessionKey)
	}
	for _, e := range []*megolm.ExportedKey{&e, new(megolm.ExportedKey)} {
		_, err = megolm.ImportSession(*e)
		require.ErrorIs(t, err, megolm.ErrSessionKey)
	}
}
