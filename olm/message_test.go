package olm_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

func TestMessageJSON(t *testing.T) {
	alice, _ := newPair(t)
	for _, m := range []olm.Message{
		encrypt(t, alice, "hello"),
		{Type: olm.Normal, Body: olm.Body{0xfb, 0xff, 0xbf, 0}},
		{Type: olm.PreKey, Body: olm.Body{}},
	} {
		kind := "0"
		if m.Type == olm.Normal {
			kind = "1"
		}
		text, err := json.Marshal(m)
		require.NoError(t, err)
		require.Equal(t, `{"type":`+kind+`,"body":"`+text64(m.Body)+`"}`, string(text))
		require.Equal(t, text64(m.Body), m.Body.String())
		for _, body := range []string{text64(m.Body), base64.StdEncoding.EncodeToString(m.Body)} {
			var back olm.Message
			require.NoError(t, json.Unmarshal([]byte(`{"type":`+kind+`,"body":"`+body+`"}`), &back))
			testkit.Equal(t, m, back)
		}
		dst, err := m.Body.AppendText([]byte("body: "))
		require.NoError(t, err)
		require.Equal(t, "body: "+text64(m.Body), string(dst))
	}
	text, err := json.Marshal(olm.Message{})
	require.NoError(t, err)
	require.Equal(t, `{"type":0,"body":""}`, string(text))
}

func TestMessageJSONRefuses(t *testing.T) {
	for _, bad := range []string{"A", "AAAAA", "AAA-", "AA_A", "AA=", "AAAA=", "AA===", "AA==A", "AB", "AAB", " AAAA", "AAAA\\n", "AA\\nAA", "AAA\\u0000", "AA\\u00e9"} {
		m := olm.Message{Type: olm.Normal, Body: olm.Body("old")}
		err := json.Unmarshal([]byte(`{"type":0,"body":"`+bad+`"}`), &m)
		require.ErrorIs(t, err, olm.ErrMessageFormat, "%q", bad)
		require.Equal(t, "old", string(m.Body))
	}
	for _, bad := range []string{`{"type":"0","body":""}`, `{"type":0,"body":7}`, `{"type":0.5,"body":""}`, `[]`} {
		var m olm.Message
		require.Error(t, json.Unmarshal([]byte(bad), &m), bad)
	}
}

func TestPreKeyMessage(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	s, m := outbound(t, a, b, "hello")
	p, err := olm.ParsePreKeyMessage(m.Body)
	require.NoError(t, err)
	testkit.Equal(t, s.Keys(), olm.SessionKeys{Identity: p.IdentityKey(), Base: p.BaseKey(), OneTime: p.OneTimeKey()})
	require.Equal(t, identity(a), p.IdentityKey())
	require.Equal(t, s.ID(), p.SessionID())
	require.Equal(t, olm.Normal, p.Message().Type)
	testkit.Equal(t, m, wrap(s.Keys(), p.Message().Body)) // the encoding is the one of libolm

	zero := new(olm.PreKeyMessage)
	require.Zero(t, zero.IdentityKey())
	require.Zero(t, zero.BaseKey())
	require.Zero(t, zero.OneTimeKey())
	require.Empty(t, zero.SessionID())
	require.Empty(t, zero.Message().Body)
}

// TestEncodingOfMessages compares with an encoder of the test's own, which knows the keys.
func TestEncodingOfMessages(t *testing.T) {
	alice, bob := newTalk(t)
	encrypt(t, alice, "begin the chain")
	for range 3 {
		f := forger(t, alice)
		testkit.Equal(t, f.message(t), encrypt(t, alice, "forged"))
	}
	prekey, _ := outbound(t, olm.NewAccount(), olm.NewAccount(), "hello")
	f := forger(t, prekey)
	testkit.Equal(t, f.wrapped(t, prekey.Keys()), encrypt(t, prekey, "forged"))
	f = forger(t, alice)
	decrypt(t, bob, f.message(t), "forged")
}

// malformed lists encodings of a normal message that no honest peer sends. Each is put under a MAC
// that is right, so that nothing but the decoder can refuse it.
var malformed = map[string]struct {
	want   error
	fields func(f *forgery, ciphertext []byte) []byte
}{
	"version 2": {olm.ErrMessageVersion, func(f *forgery, c []byte) []byte { b := f.honest(c); b[0] = 2; return b }},
	"version 4": {olm.ErrMessageVersion, func(f *forgery, c []byte) []byte { b := f.honest(c); b[0] = 4; return b }},
	"version 0x83": {olm.ErrMessageVersion, func(f *forgery, c []byte) []byte {
		b := f.honest(c)
		b[0] = 0x83
		return b
	}},
	"only a version":     {olm.ErrMessageFormat, func(*forgery, []byte) []byte { return []byte{3} }},
	"nothing":            {olm.ErrMessageVersion, func(*forgery, []byte) []byte { return nil }},
	"unknown field":      {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.honest(c), 0x28, 1) }},
	"unknown bytes":      {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.honest(c), 0x2a, 1, 1) }},
	"trailing zero":      {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.honest(c), 0) }},
	"repeated index":     {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.honest(c), 0x10, byte(f.index)) }},
	"repeated key":       {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(append(f.honest(c), 0x0a, 32), f.ratchet[:]...) }},
	"no index":           {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(true, nil, c) }},
	"no key":             {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(false, []byte{0}, c) }},
	"no ciphertext":      {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(true, []byte{0}, nil) }},
	"long index":         {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(true, []byte{0x80, 0}, c) }},
	"longer index":       {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(true, []byte{0x80, 0x80, 0x80, 0x80, 0}, c) }},
	"index 2^32":         {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(true, binary.AppendUvarint(nil, 1<<32), c) }},
	"index 2^64-1":       {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.parts(true, binary.AppendUvarint(nil, 1<<64-1), c) }},
	"endless index":      {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.parts(true, nil, c), 0x10, 0x80) }},
	"empty ciphertext":   {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.parts(true, []byte{0}, nil), 0x22, 0) }},
	"15 bytes":           {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.honest(c[:15]) }},
	"17 bytes":           {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return f.honest(append(c[:16:16], 0)) }},
	"ciphertext too big": {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.parts(true, []byte{0}, nil), 0x22, 16) }},
	"ciphertext 2^64-1": {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte {
		return append(binary.AppendUvarint(append(f.parts(true, []byte{0}, nil), 0x22), 1<<64-1), c...)
	}},
	"key of 31 bytes": {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte {
		b := append([]byte{3, 0x0a, 31}, f.ratchet[:31]...)
		return append(append(b, 0x10, byte(f.index), 0x22, byte(len(c))), c...)
	}},
	"key of 33 bytes": {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte {
		b := append(append([]byte{3, 0x0a, 33}, f.ratchet[:]...), 0)
		return append(append(b, 0x10, byte(f.index), 0x22, byte(len(c))), c...)
	}},
	"index as bytes": {olm.ErrMessageFormat, func(f *forgery, c []byte) []byte { return append(f.parts(true, nil, c), 0x12, 1, 0) }},
}

// parts returns an encoding without those of its fields that are nil.
func (f *forgery) parts(key bool, index, ciphertext []byte) []byte {
	b := []byte{3}
	if key {
		b = append(append(b, 0x0a, 32), f.ratchet[:]...)
	}
	if index != nil {
		b = append(append(b, 0x10), index...)
	}
	if ciphertext != nil {
		b = append(append(b, 0x22, byte(len(ciphertext))), ciphertext...)
	}
	return b
}

func TestDecryptRefusesMalformed(t *testing.T) {
	alice, bob := newTalk(t)
	f := forger(t, alice)
	for name, c := range malformed {
		t.Run(name, func(t *testing.T) {
			f := *f
			f.fields = func(ciphertext []byte) []byte { return c.fields(&f, ciphertext) }
			refuse(t, bob, f.message(t), c.want)
			// And in a pre-key message, where no session can come of it either.
			refuse(t, bob, f.wrapped(t, bob.Keys()), c.want)
			a, b := olm.NewAccount(), olm.NewAccount()
			s, _ := outbound(t, a, b, "hello")
			g := forger(t, s)
			g.fields = func(ciphertext []byte) []byte { return c.fields(g, ciphertext) }
			refuseAccept(t, b, identity(a), g.wrapped(t, s.Keys()), c.want)
			g.fields = nil
			_, _, err := b.Accept(identity(a), g.wrapped(t, s.Keys()))
			require.NoError(t, err, "the honest encoding is accepted")
		})
	}
	// The order of the fields is free.
	f.fields = func(c []byte) []byte {
		b := append([]byte{3, 0x22, byte(len(c))}, c...)
		return append(append(b, 0x10, byte(f.index), 0x0a, 32), f.ratchet[:]...)
	}
	decrypt(t, bob, f.message(t), "forged")
}

func TestParsePreKeyMessageRefuses(t *testing.T) {
	s, m := outbound(t, olm.NewAccount(), olm.NewAccount(), "hello")
	k, body := s.Keys(), inner(t, m).Body
	good := wrap(k, body).Body
	with := func(more ...byte) []byte { return append(good[:len(good):len(good)], more...) }
	for name, c := range map[string]struct {
		want error
		body []byte
	}{
		"empty":            {olm.ErrMessageFormat, nil},
		"version 2":        {olm.ErrMessageVersion, append([]byte{2}, good[1:]...)},
		"version 4":        {olm.ErrMessageVersion, append([]byte{4}, good[1:]...)},
		"only a version":   {olm.ErrMessageFormat, []byte{3}},
		"unknown field":    {olm.ErrMessageFormat, with(0x28, 1)},
		"repeated message": {olm.ErrMessageFormat, with(0x22, 0)},
		"repeated key":     {olm.ErrMessageFormat, append(with(0x0a, 32), make([]byte, 32)...)},
		"no one-time key":  {olm.ErrMessageFormat, append([]byte{3}, good[1+34:]...)},
		"no base key":      {olm.ErrMessageFormat, append(append([]byte{3}, good[1:1+34]...), good[1+68:]...)},
		"no identity key":  {olm.ErrMessageFormat, append(append([]byte{3}, good[1:1+68]...), good[1+102:]...)},
		"no message":       {olm.ErrMessageFormat, good[:1+102]},
		"long length":      {olm.ErrMessageFormat, append(append([]byte{3, 0x0a, 0xa0, 0}, good[3:1+102]...), good[1+102:]...)},
		"short key":        {olm.ErrMessageFormat, append(append([]byte{3, 0x0a, 31}, good[4:1+102]...), good[1+102:]...)},
		"wrong message":    {olm.ErrMessageVersion, body[1:]},
	} {
		p, err := olm.ParsePreKeyMessage(c.body)
		require.Error(t, err, name)
		if name != "empty" { // libolm calls it a format, others may call it a version
			require.ErrorIs(t, err, c.want, name)
		}
		require.Nil(t, p)
	}
	for n := range good {
		_, err := olm.ParsePreKeyMessage(good[:n])
		require.Error(t, err, "cut to %d bytes", n)
	}
	for n := range 200 {
		for _, fill := range []byte{0, 3, 0xff} {
			b := make([]byte, n)
			for i := range b {
				b[i] = fill
			}
			_, err := olm.ParsePreKeyMessage(b)
			require.Error(t, err)
		}
	}
}

func TestUnknownMessageType(t *testing.T) {
	alice, bob := newTalk(t)
	m := encrypt(t, alice, "hello")
	for _, kind := range []olm.MessageType{-1, 2, 7, 256, 257} {
		refuse(t, bob, olm.Message{Type: kind, Body: m.Body}, olm.ErrMessageFormat)
	}
	refuse(t, bob, olm.Message{Type: olm.PreKey, Body: m.Body}, nil)
	refuse(t, bob, olm.Message{Type: olm.Normal, Body: wrap(bob.Keys(), m.Body).Body}, nil)
	decrypt(t, bob, m, "hello")
}

// TestNonCanonicalKeys: a key that is not canonical is refused wherever one is taken.
func TestNonCanonicalKeys(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	s, m := outbound(t, a, b, "hello")
	high := func(k keys.Curve25519) keys.Curve25519 { k[31] |= 0x80; return k } // the same point
	k, body := s.Keys(), inner(t, m).Body

	_, err := a.NewOutboundSession(high(identity(b)), claim(t, b))
	require.ErrorIs(t, err, olm.ErrPublicKey)
	_, err = a.NewOutboundSession(identity(b), high(claim(t, b)))
	require.ErrorIs(t, err, olm.ErrPublicKey)
	refuseAccept(t, b, high(k.Identity), wrap(olm.SessionKeys{Identity: high(k.Identity), Base: k.Base, OneTime: k.OneTime}, body), olm.ErrPublicKey)
	refuseAccept(t, b, k.Identity, wrap(olm.SessionKeys{Identity: k.Identity, Base: high(k.Base), OneTime: k.OneTime}, body), olm.ErrPublicKey)
	refuseAccept(t, b, k.Identity, wrap(olm.SessionKeys{Identity: k.Identity, Base: k.Base, OneTime: high(k.OneTime)}, body), olm.ErrUnknownOneTimeKey)

	f := forger(t, s)
	f.ratchet = high(f.ratchet)
	refuseAccept(t, b, k.Identity, f.wrapped(t, k), olm.ErrPublicKey)
	bob, _, err := b.Accept(k.Identity, m)
	require.NoError(t, err)
	refuse(t, bob, f.message(t), olm.ErrPublicKey)
	refuse(t, bob, f.wrapped(t, k), olm.ErrPublicKey)
}
