package megolm_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

// FuzzMegolmDecrypt decrypts body as it is, and as the fields of a message under a MAC and a signature
// that are right.
func FuzzMegolmDecrypt(f *testing.F) {
	ref := newReference(1).jump(300)
	state := pickled(f, ref.inbound(f))
	f.Add([]byte(ref.honest("m")))
	f.Add([]byte(newReference(1).jump(70000).honest("m")))
	f.Add([]byte(newReference(1).honest("m")))
	f.Add(ref.fields(make([]byte, 16)))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := megolm.UnpickleInboundSession(pickleKey, state)
		require.NoError(t, err)
		try := func(m megolm.Message) {
			before := s.State()
			plaintext, index, err := s.Decrypt(m)
			if err != nil {
				require.Nil(t, plaintext)
				plaintext, _, err = s.AppendDecrypt(make([]byte, 3, 300), m)
				require.Error(t, err)
				require.Nil(t, plaintext)
				testkit.Equal(t, before, s.State())
				return
			}
			claimed, err := m.MessageIndex()
			require.NoError(t, err)
			require.Equal(t, claimed, index)
			require.GreaterOrEqual(t, index, s.FirstKnownIndex())
			again, index2, err := s.Decrypt(m)
			require.NoError(t, err, "a replay decrypts to the same")
			require.Equal(t, index, index2)
			require.Equal(t, plaintext, again)
		}
		try(body)
		try(ref.message(make([]byte, 16), func([]byte) []byte { return bytes.Clone(body) }))
		if index, err := megolm.Message(body).MessageIndex(); err == nil && index >= 300 {
			try(newReference(1).jump(index).message(testkit.Pad("m"), func([]byte) []byte { return bytes.Clone(body[:len(body)-72]) }))
		}
	})
}

// FuzzSessionKey reads raw as a session key, with its own and with a right signature, as an exported
// key, and as the text of either.
func FuzzSessionKey(f *testing.F) {
	ref := newReference(1).jump(70000)
	f.Add(ref.sessionKey())
	f.Add(ref.shared(1))
	f.Add([]byte(text64(ref.sessionKey())))
	f.Add([]byte(text64(ref.shared(1))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if k, err := megolm.ParseSessionKey(string(raw)); err == nil {
			testkit.Equal(t, string(raw), must(k.Base64()))
		}
		if k, err := megolm.ParseExportedKey(string(raw)); err == nil {
			testkit.Equal(t, string(raw), must(k.Base64()))
		}
		if k, err := megolm.SessionKeyFromBytes(raw); err == nil {
			if s, err := megolm.NewInboundSession(k); err == nil {
				use(t, s)
			}
		}
		if k, err := megolm.ExportedKeyFromBytes(raw); err == nil {
			if s, err := megolm.ImportSession(k); err == nil {
				back, err := s.Export(s.FirstKnownIndex())
				require.NoError(t, err)
				testkit.Equal(t, raw, must(back.Bytes()))
				use(t, s)
			}
		}
	})
}

// use does what can be done with an inbound session that came from anywhere.
func use(t *testing.T, s *megolm.InboundSession) {
	t.Helper()
	first := s.FirstKnownIndex()
	u := reload(t, s)
	testkit.Equal(t, u.State(), s.State())
	require.Equal(t, megolm.Equal, s.Compare(u))
	require.NoError(t, s.Merge(u))
	later := first + min(1000, last-first)
	k, err := s.Export(later)
	require.NoError(t, err)
	require.NoError(t, u.Advance(later))
	same, err := u.Export(later)
	require.NoError(t, err)
	testkit.Equal(t, must(k.Bytes()), must(same.Bytes()))
	if later > first {
		require.Equal(t, megolm.Better, s.Compare(u))
		require.Error(t, u.Advance(first))
	}
	if imported, err := megolm.ImportSession(k); err == nil { // a pickle may hold a key that is none
		require.Equal(t, megolm.Equal, u.Compare(imported))
	}
	_, _, err = s.Decrypt(newReference(9).honest("m"))
	require.Error(t, err)
	s.Wipe()
}

// FuzzUnpickleInbound reads raw as the contents of a pickle.
func FuzzUnpickleInbound(f *testing.F) {
	ref := newReference(1)
	f.Add(ref.rawInbound(2, ref, 1))
	f.Add(ref.rawInbound(2, ref.copy().jump(70000), 0))
	f.Add(ref.rawInbound(1, ref))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := megolm.UnpickleInboundSession(pickleKey, sealed(raw))
		if err != nil {
			require.Nil(t, s)
			return
		}
		if raw[3] == 1 {
			// Version 1 is of sessions that began with a signed key. The flag of version 2 says less.
			require.True(t, s.Verified())
			s = reload(t, s)
			require.True(t, s.Verified())
		}
		u := reload(t, s)
		testkit.Equal(t, u.State(), s.State())
		_, _, err = s.Decrypt(ref.honest("m"))
		if err != nil {
			testkit.Equal(t, u.State(), s.State())
		}
		_, err = s.Export(s.FirstKnownIndex())
		require.NoError(t, err)
		_ = s.Compare(ref.inbound(t))
		_ = s.Merge(ref.inbound(t))
		require.NoError(t, s.Advance(last))
		require.Equal(t, uint32(last), s.FirstKnownIndex())
	})
}

// FuzzUnpickleOutbound does the same for senders.
func FuzzUnpickleOutbound(f *testing.F) {
	f.Add(newReference(1).rawOutbound())
	f.Add(newReference(1).jump(last).rawOutbound())
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := megolm.UnpickleOutboundSession(pickleKey, sealed(raw))
		if err != nil {
			require.Nil(t, s)
			return
		}
		testkit.Equal(t, raw, opened(pickled(t, s))) // there is one encoding
		_, err = s.SessionKey()
		require.NoError(t, err)
		before, index, n := s.State(), s.Index(), s.MessageLen(5)
		m, err := s.Encrypt([]byte("hello"))
		if err != nil {
			require.ErrorIs(t, err, megolm.ErrExhausted)
			testkit.Equal(t, before, s.State())
			return
		}
		require.Len(t, m, n)
		got, err := m.MessageIndex()
		require.NoError(t, err)
		require.Equal(t, index, got)
		if s.Check() == nil {
			in := receiver(t, reload(t, s))
			m, err := s.Encrypt(nil)
			if err == nil {
				decrypt(t, in, m, "", index+1)
			}
		}
	})
}

func FuzzMessageJSON(f *testing.F) {
	for _, text := range []string{`"AwgAEg"`, `"AwgAEgA="`, `""`, `null`, `"A\nAA"`, `7`, `AwgAEgA=`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		old := megolm.Message("old")
		if old.UnmarshalText(text) == nil {
			require.Equal(t, string(bytes.TrimRight(text, "=")), old.String())
		} else {
			require.Equal(t, "old", string(old))
		}
		var m, back megolm.Message
		if json.Unmarshal(text, &m) != nil {
			return
		}
		out, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &back))
		require.True(t, bytes.Equal(m, back))
		_, _ = m.MessageIndex()
	})
}
