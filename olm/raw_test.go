package olm_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/olm"
)

// The contents of libolm's pickles, written down a second time, so that tests can read and forge
// them.

type rawPair struct{ Public, Private [32]byte }

type rawOneTime struct {
	ID        uint32
	Published uint8
	Pair      rawPair
}

type rawAccount struct {
	Version       uint32
	SigningPublic [32]byte
	Signing       [64]byte
	Identity      rawPair
	OneTime       []rawOneTime
	Fallback      []rawOneTime
	LastID        uint32
}

type rawSending struct {
	Pair  rawPair
	Chain [32]byte
	Index uint32
}

// rawReceiving is a receiving chain or a skipped key.
type rawReceiving struct {
	Ratchet, Key [32]byte
	Index        uint32
}

type rawSession struct {
	Version                       uint32
	Received                      uint8
	Identity, Base, OneTime, Root [32]byte
	Sending                       []rawSending
	Receiving, Skipped            []rawReceiving
}

// bytesOf returns parts as they stand in a pickle: big-endian.
func bytesOf(parts ...any) (b []byte) {
	for _, part := range parts {
		var err error
		if b, err = binary.Append(b, binary.BigEndian, part); err != nil {
			panic(err)
		}
	}
	return b
}

func (a *rawAccount) bytes() []byte {
	b := bytesOf(a.Version, a.SigningPublic, a.Signing, a.Identity, uint32(len(a.OneTime)), a.OneTime)
	switch a.Version {
	case 3:
		b = append(b, bytesOf(a.Fallback[:2])...)
	case 4:
		b = append(b, bytesOf(uint8(len(a.Fallback)), a.Fallback)...)
	}
	return append(b, bytesOf(a.LastID)...)
}

func (s *rawSession) bytes() []byte {
	return bytesOf(s.Version, s.Received, s.Identity, s.Base, s.OneTime, s.Root, uint32(len(s.Sending)), s.Sending,
		uint32(len(s.Receiving)), s.Receiving, uint32(len(s.Skipped)), s.Skipped)
}

// readers of the same.

type reader struct {
	t testing.TB
	b []byte
}

func (r *reader) read(into any) {
	r.t.Helper()
	n, err := binary.Decode(r.b, binary.BigEndian, into)
	require.NoError(r.t, err)
	r.b = r.b[n:]
}

func (r *reader) count() (n uint32) {
	r.t.Helper()
	r.read(&n)
	return n
}

func parseAccount(t testing.TB, raw []byte) *rawAccount {
	t.Helper()
	r := reader{t, raw}
	a := new(rawAccount)
	r.read(&a.Version)
	r.read(&a.SigningPublic)
	r.read(&a.Signing)
	r.read(&a.Identity)
	a.OneTime = make([]rawOneTime, r.count())
	r.read(a.OneTime)
	var n uint8
	r.read(&n)
	a.Fallback = make([]rawOneTime, n)
	r.read(a.Fallback)
	r.read(&a.LastID)
	require.Empty(t, r.b)
	return a
}

func parseSession(t testing.TB, raw []byte) *rawSession {
	t.Helper()
	r := reader{t, raw}
	s := new(rawSession)
	r.read(&s.Version)
	r.read(&s.Received)
	for _, key := range []*[32]byte{&s.Identity, &s.Base, &s.OneTime, &s.Root} {
		r.read(key)
	}
	s.Sending = make([]rawSending, r.count())
	r.read(s.Sending)
	s.Receiving = make([]rawReceiving, r.count())
	r.read(s.Receiving)
	s.Skipped = make([]rawReceiving, r.count())
	r.read(s.Skipped)
	require.Empty(t, r.b)
	return s
}

func sealed(raw []byte) []byte { return pickles.Sealed(pickleKey, raw) }

func opened(pickled []byte) []byte { return pickles.Opened(pickleKey, pickled) }

func rawOf(t testing.TB, s *olm.Session) *rawSession {
	t.Helper()
	return parseSession(t, opened(pickled(t, s)))
}

func rawOfAccount(t testing.TB, a *olm.Account) *rawAccount {
	t.Helper()
	p, err := a.Pickle(pickleKey)
	require.NoError(t, err)
	return parseAccount(t, opened(p))
}

// session returns what s makes once it is sealed and unpickled.
func (s *rawSession) session(t testing.TB) *olm.Session {
	t.Helper()
	u, err := olm.UnpickleSession(pickleKey, sealed(s.bytes()))
	require.NoError(t, err)
	return u
}

func (a *rawAccount) account(t testing.TB) *olm.Account {
	t.Helper()
	u, err := olm.UnpickleAccount(pickleKey, sealed(a.bytes()))
	require.NoError(t, err)
	return u
}

// edited returns s with its raw state changed by edit.
func edited(t testing.TB, s *olm.Session, edit func(*rawSession)) *olm.Session {
	t.Helper()
	raw := rawOf(t, s)
	edit(raw)
	return raw.session(t)
}

// Forged messages: what somebody who has the keys, but not this library, could send.

// forgery is a normal message to be made with a chain key.
type forgery struct {
	chain   [32]byte // of index
	ratchet [32]byte
	index   uint32
	padded  []byte                         // plaintext with its padding; a good one if nil
	fields  func(ciphertext []byte) []byte // everything before the MAC; the honest encoding if nil
}

// forger returns a forgery of the next message of s.
func forger(t testing.TB, s *olm.Session) *forgery {
	t.Helper()
	send := rawOf(t, s).Sending
	if len(send) == 0 {
		encrypt(t, s, "this begins a chain")
		send = rawOf(t, s).Sending
	}
	return &forgery{chain: send[0].Chain, ratchet: send[0].Pair.Public, index: send[0].Index}
}

func (f *forgery) body(t testing.TB) []byte {
	t.Helper()
	k := testkit.NewAESSHA2(testkit.HMAC(f.chain[:], []byte{1}), "OLM_KEYS")
	padded := f.padded
	if padded == nil {
		padded = testkit.Pad("forged")
	}
	ciphertext := k.Encrypt(padded)
	body := f.honest(ciphertext)
	if f.fields != nil {
		body = f.fields(ciphertext)
	}
	return append(body, k.Tag(body)...)
}

func (f *forgery) honest(ciphertext []byte) []byte {
	body := append([]byte{3, 0x0a, 32}, f.ratchet[:]...)
	body = binary.AppendUvarint(append(body, 0x10), uint64(f.index))
	body = binary.AppendUvarint(append(body, 0x22), uint64(len(ciphertext)))
	return append(body, ciphertext...)
}

func (f *forgery) message(t testing.TB) olm.Message {
	t.Helper()
	return olm.Message{Type: olm.Normal, Body: f.body(t)}
}

// wrapped returns f in a pre-key message with the keys of s.
func (f *forgery) wrapped(t testing.TB, k olm.SessionKeys) olm.Message {
	t.Helper()
	return wrap(k, f.body(t))
}

// wrap returns a pre-key message around the normal message body.
func wrap(k olm.SessionKeys, body []byte) olm.Message {
	b := append([]byte{3, 0x0a, 32}, k.OneTime[:]...)
	b = append(append(b, 0x12, 32), k.Base[:]...)
	b = append(append(b, 0x1a, 32), k.Identity[:]...)
	b = binary.AppendUvarint(append(b, 0x22), uint64(len(body)))
	return olm.Message{Type: olm.PreKey, Body: append(b, body...)}
}

// inner returns the normal message inside m.
func inner(t testing.TB, m olm.Message) olm.Message {
	t.Helper()
	if m.Type == olm.Normal {
		return m
	}
	p, err := olm.ParsePreKeyMessage(m.Body)
	require.NoError(t, err)
	return p.Message()
}
