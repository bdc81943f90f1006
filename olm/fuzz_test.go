package olm_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/olm"
)

// FuzzSessionDecrypt decrypts body as it is, and as the fields of a message under a MAC that is right.
func FuzzSessionDecrypt(f *testing.F) {
	deterministic(f, 1)
	alice, bob := newTalk(f)
	ms := encryptN(f, alice, 4)
	decrypt(f, bob, ms[2], place(2))
	state := pickled(f, bob)
	forge := forger(f, alice)
	for _, m := range []olm.Message{ms[1], ms[2], ms[3], encrypt(f, bob, "m"), wrap(bob.Keys(), ms[3].Body)} {
		f.Add(int(m.Type), []byte(m.Body))
	}
	f.Add(1, forge.honest(make([]byte, 16)))
	f.Fuzz(func(t *testing.T, kind int, body []byte) {
		s, err := olm.UnpickleSession(pickleKey, state)
		require.NoError(t, err)
		try := func(m olm.Message) {
			before := s.State()
			plaintext, err := s.Decrypt(m)
			if err == nil {
				require.NotEmpty(t, testkit.Diff(before, s.State()), "what decrypts once does not decrypt twice")
				_, err = s.Decrypt(m)
				require.Error(t, err)
				return
			}
			require.Nil(t, plaintext)
			testkit.Equal(t, before, s.State())
			plaintext, err = s.AppendDecrypt(make([]byte, 3, 300), m)
			require.Error(t, err)
			require.Nil(t, plaintext)
			testkit.Equal(t, before, s.State())
		}
		try(olm.Message{Type: olm.MessageType(kind), Body: body})
		g := *forge
		g.fields = func([]byte) []byte { return bytes.Clone(body) }
		try(g.message(t))
		try(g.wrapped(t, s.Keys()))
	})
}

// FuzzAccept does the same for the first message of a session.
func FuzzAccept(f *testing.F) {
	deterministic(f, 1)
	a, b := olm.NewAccount(), olm.NewAccount()
	require.NoError(f, b.GenerateFallbackKey())
	out, m := outbound(f, a, b, "m")
	_, key, _ := b.FallbackKey()
	other, err := a.NewOutboundSession(identity(b), key)
	require.NoError(f, err)
	forge := forger(f, out)
	state, err := b.Pickle(pickleKey)
	require.NoError(f, err)
	f.Add(0, []byte(m.Body))
	f.Add(0, []byte(encrypt(f, other, "m").Body))
	f.Add(1, []byte(inner(f, m).Body))
	f.Add(0, forge.honest(make([]byte, 16)))
	f.Fuzz(func(t *testing.T, kind int, body []byte) {
		b, err := olm.UnpickleAccount(pickleKey, state)
		require.NoError(t, err)
		try := func(m olm.Message) {
			before := b.State()
			s, plaintext, err := b.Accept(identity(a), m)
			if err == nil {
				require.Equal(t, identity(a), s.Keys().Identity)
				_, _, err := b.Accept(identity(a), m, s)
				require.ErrorIs(t, err, olm.ErrKnownSession)
				return
			}
			require.Nil(t, s)
			require.Nil(t, plaintext)
			testkit.Equal(t, before, b.State())
		}
		try(olm.Message{Type: olm.MessageType(kind), Body: body})
		g := *forge
		g.fields = func([]byte) []byte { return bytes.Clone(body) }
		try(g.wrapped(t, out.Keys()))
		if p, err := olm.ParsePreKeyMessage(body); err == nil {
			text, err := p.MarshalText()
			require.NoError(t, err)
			var read olm.PreKeyMessage
			require.NoError(t, read.UnmarshalText(text))
			testkit.Equal(t, *p, read)
			k := olm.SessionKeys{Identity: p.IdentityKey(), Base: p.BaseKey(), OneTime: p.OneTimeKey()}
			same, err := olm.ParsePreKeyMessage(wrap(k, p.Message().Body).Body)
			require.NoError(t, err)
			require.Equal(t, p.SessionID(), same.SessionID())
			before := b.State()
			s, err := b.NewInboundSession(p)
			s2, err2 := b.NewInboundSessionFrom(k.Identity, p)
			require.Equal(t, err, err2)
			testkit.Equal(t, before, b.State()) // neither drops the key
			if err == nil {
				require.True(t, s.Matches(p))
				testkit.Equal(t, s.State(), s2.State())
				require.Equal(t, p.SessionID(), s.ID())
			}
			_, _ = b.NewOutboundSession(k.Identity, k.OneTime)
		}
	})
}

// FuzzUnpickleAccount reads raw as the contents of a pickle.
func FuzzUnpickleAccount(f *testing.F) {
	deterministic(f, 1)
	all := accounts(f)
	for _, name := range []string{"new", "one-time keys", "two fallbacks"} {
		f.Add(rawOfAccount(f, all[name]).bytes())
	}
	v3 := rawOfAccount(f, all["two fallbacks"])
	v3.Version = 3
	f.Add(v3.bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := olm.UnpickleAccount(pickleKey, sealed(raw))
		if err != nil {
			require.Nil(t, a)
			return
		}
		again := reloadAccount(t, a)
		testkit.Equal(t, rawOfAccount(t, a), rawOfAccount(t, again))
		_ = a.Check()
		require.LessOrEqual(t, a.OneTimeKeyCount(), olm.MaxOneTimeKeys)
		generate(t, a, 2)
		require.NoError(t, a.GenerateFallbackKey())
		sig, err := a.Sign(raw)
		require.NoError(t, err)
		require.True(t, a.IdentityKeys().Ed25519.Verify(raw, sig))
		a.MarkKeysAsPublished()
		a.Wipe()
	})
}

// FuzzUnpickleSession does the same for sessions, and uses what comes out.
func FuzzUnpickleSession(f *testing.F) {
	deterministic(f, 1)
	all := sessions(f)
	for _, name := range []string{"outbound", "with both", "skipped keys", "five chains"} {
		f.Add(rawOf(f, all[name]).bytes())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := olm.UnpickleSession(pickleKey, sealed(raw))
		if err != nil {
			require.Nil(t, s)
			return
		}
		again := reload(t, s)
		require.Equal(t, pickled(t, s), pickled(t, again))
		require.Equal(t, s.Describe(), again.Describe())
		_ = s.Check()
		r := rawOf(t, s)
		for _, chain := range append(r.Receiving, r.Skipped...) {
			g := forgery{chain: chain.Key, ratchet: chain.Ratchet, index: chain.Index}
			before := s.State()
			if _, err := s.Decrypt(g.message(t)); err != nil {
				testkit.Equal(t, before, s.State())
			}
		}
		before := s.State()
		n := s.MessageLen(5)
		m, err := s.Encrypt([]byte("hello"))
		if err != nil {
			testkit.Equal(t, before, s.State())
		} else {
			require.Len(t, m.Body, n)
		}
		s.Wipe()
	})
}

// FuzzMessageJSON reads text as a message, a body and a key id: what parses is written as it would be by us,
// and parses again.
func FuzzMessageJSON(f *testing.F) {
	for _, text := range []string{
		`{"type":0,"body":"AwogZ"}`, `{"type":1,"body":"AwogZm9v"}`, `{"type":1,"body":"Awo="}`, `{"body":"","type":-7}`,
		`AAAAAQ`, `AwogZm9v`, `AAAAAQ==`, `{"type":0,"body":"A\nwog"}`, `{"type":0,"body":null}`, `{}`, `{"type":1e3,"body":"A+/A"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var id olm.KeyID
		if id.UnmarshalText(text) == nil {
			require.Equal(t, string(bytes.TrimRight(text, "=")), id.String())
		} else {
			require.Zero(t, id)
		}
		body := olm.Body("old")
		if body.UnmarshalText(text) == nil {
			require.Equal(t, string(bytes.TrimRight(text, "=")), body.String())
		} else {
			require.Equal(t, "old", string(body))
		}
		var m, back olm.Message
		if json.Unmarshal(text, &m) != nil {
			return
		}
		out, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &back))
		if len(m.Body) == 0 {
			m.Body, back.Body = nil, nil
		}
		testkit.Equal(t, m, back)
		_, _ = olm.ParsePreKeyMessage(m.Body)
	})
}

// FuzzSchedule takes its bytes for the choices of a schedule, and holds both sessions against the
// model.
func FuzzSchedule(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 30, 0, 1, 2, 0, 50, 1, 55, 0, 56, 1, 62, 40, 0, 30, 0})
	f.Add(bytes.Repeat([]byte{1, 30, 0, 0, 5, 0, 48, 3, 1, 9, 0, 52, 1, 1, 7}, 20))
	f.Fuzz(func(t *testing.T, program []byte) {
		program = program[:min(len(program), 3000)]
		deterministic(t, 1)
		next := func() int {
			if len(program) == 0 {
				return 0
			}
			b := program[0]
			program = program[1:]
			return int(b)
		}
		s := newSchedule(t, func(n int) int {
			x := next()
			if n > 256 {
				x = x<<8 | next()
			}
			return x % n
		})
		for len(program) > 0 {
			s.step()
		}
	})
}
