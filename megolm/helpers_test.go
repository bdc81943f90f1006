package megolm_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/megolm"
)

// pickleKey serves where the key is of no interest.
var pickleKey = []byte("0123456789abcdef0123456789abcdef")

func text64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// The reference: Megolm as its specification has it, step by step, by the standard library.

type reference struct {
	r       [4][32]byte
	counter uint32
	signing ed25519.PrivateKey
}

// newReference returns a sender that follows from seed.
func newReference(seed byte) *reference {
	ref := &reference{signing: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))}
	for i := range ref.r {
		ref.r[i] = sha256.Sum256([]byte{seed, byte(i)})
	}
	return ref
}

// step replaces the part h by its successor, and those behind it by its children.
func (ref *reference) step(h int) {
	from := ref.r[h]
	for i := h; i < 4; i++ {
		ref.r[i] = [32]byte(testkit.HMAC(from[:], []byte{byte(i)}))
	}
}

// advance moves ref by one.
func (ref *reference) advance() {
	ref.counter++
	switch c := ref.counter; {
	case c%(1<<24) == 0:
		ref.step(0)
	case c%(1<<16) == 0:
		ref.step(1)
	case c%(1<<8) == 0:
		ref.step(2)
	default:
		ref.step(3)
	}
}

// jump moves ref from index 0 to index. Between two multiples of 2^24 nothing that happens to
// R(1) to R(3) matters to the next multiple, and so on: it takes only the last steps of each kind.
func (ref *reference) jump(index uint32) *reference {
	if ref.counter != 0 {
		panic("not at 0")
	}
	for h, shift := range []int{24, 16, 8, 0} {
		for range index >> shift & 0xff {
			ref.step(h)
		}
	}
	ref.counter = index
	return ref
}

func (ref *reference) copy() *reference { c := *ref; return &c }

func (ref *reference) public() []byte { return ref.signing.Public().(ed25519.PublicKey) }

func (ref *reference) ratchet() []byte {
	return bytes.Join([][]byte{ref.r[0][:], ref.r[1][:], ref.r[2][:], ref.r[3][:]}, nil)
}

// shared is version ‖ index ‖ ratchet ‖ public key.
func (ref *reference) shared(version byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{version}, ref.counter)
	return append(append(b, ref.ratchet()...), ref.public()...)
}

func (ref *reference) sessionKey() []byte {
	b := ref.shared(2)
	return append(b, ed25519.Sign(ref.signing, b)...)
}

// message returns the message of ref's index. fields, if not nil, makes all that comes before the
// MAC.
func (ref *reference) message(padded []byte, fields func(ciphertext []byte) []byte) megolm.Message {
	k := testkit.NewAESSHA2(ref.ratchet(), "MEGOLM_KEYS")
	ciphertext := k.Encrypt(padded)
	body := ref.fields(ciphertext)
	if fields != nil {
		body = fields(ciphertext)
	}
	body = append(body, k.Tag(body)...)
	return append(body, ed25519.Sign(ref.signing, body)...)
}

func (ref *reference) fields(ciphertext []byte) []byte {
	b := binary.AppendUvarint([]byte{3, 0x08}, uint64(ref.counter))
	b = binary.AppendUvarint(append(b, 0x12), uint64(len(ciphertext)))
	return append(b, ciphertext...)
}

// honest is message for a plaintext.
func (ref *reference) honest(plaintext string) megolm.Message {
	return ref.message(testkit.Pad(plaintext), nil)
}

// outbound returns ref as a session of ours, through a pickle.
func (ref *reference) outbound(t testing.TB) *megolm.OutboundSession {
	t.Helper()
	s, err := megolm.UnpickleOutboundSession(pickleKey, sealed(ref.rawOutbound()))
	require.NoError(t, err)
	return s
}

// rawOutbound returns the contents of a pickle: version, ratchet, counter, key pair. The private key
// is the expanded one (RFC 8032 section 5.1.5).
func (ref *reference) rawOutbound() []byte {
	b := append([]byte{0, 0, 0, 1}, ref.ratchet()...)
	b = append(binary.BigEndian.AppendUint32(b, ref.counter), ref.public()...)
	private := sha512.Sum512(ref.signing.Seed())
	private[0] &= 248
	private[31] &= 63
	private[31] |= 64
	return append(b, private[:]...)
}

// rawInbound returns the contents of a pickle: version, first ratchet, latest ratchet, public key,
// flag. Version 1 has no flag.
func (ref *reference) rawInbound(version uint32, latest *reference, flag ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, version)
	b = binary.BigEndian.AppendUint32(append(b, ref.ratchet()...), ref.counter)
	b = binary.BigEndian.AppendUint32(append(b, latest.ratchet()...), latest.counter)
	return append(append(b, ref.public()...), flag...)
}

func (ref *reference) inbound(t testing.TB) *megolm.InboundSession {
	t.Helper()
	k, err := megolm.SessionKeyFromBytes(ref.sessionKey())
	require.NoError(t, err)
	s, err := megolm.NewInboundSession(k)
	require.NoError(t, err)
	return s
}

func (ref *reference) imported(t testing.TB) *megolm.InboundSession {
	t.Helper()
	k, err := megolm.ExportedKeyFromBytes(ref.shared(1))
	require.NoError(t, err)
	s, err := megolm.ImportSession(k)
	require.NoError(t, err)
	return s
}

// Pickles.

func sealed(raw []byte) []byte { return pickles.Sealed(pickleKey, raw) }

func opened(pickled []byte) []byte { return pickles.Opened(pickleKey, pickled) }

// pickler is either kind of session.
type pickler interface {
	Pickle(key []byte) ([]byte, error)
	AppendPickle(dst, key []byte) ([]byte, error)
	ID() string
	Wipe()
}

// unpickle reads a pickle of the kind of o.
func unpickle(o pickler, key, pickled []byte) (pickler, error) {
	if _, ok := o.(*megolm.OutboundSession); ok {
		s, err := megolm.UnpickleOutboundSession(key, pickled)
		if s == nil {
			return nil, err
		}
		return s, err
	}
	s, err := megolm.UnpickleInboundSession(key, pickled)
	if s == nil {
		return nil, err
	}
	return s, err
}

func pickled(t testing.TB, o pickler) []byte {
	t.Helper()
	p, err := o.Pickle(pickleKey)
	require.NoError(t, err)
	return p
}

func reload[T pickler](t testing.TB, o T) T {
	t.Helper()
	u, err := unpickle(o, pickleKey, pickled(t, o))
	require.NoError(t, err)
	return u.(T)
}

// Use.

// newPair returns a sender and a receiver from index 0 on.
func newPair(t testing.TB) (*megolm.OutboundSession, *megolm.InboundSession) {
	t.Helper()
	out := megolm.NewOutboundSession()
	return out, receiver(t, out)
}

// receiver returns a receiver from the next message of out on.
func receiver(t testing.TB, out *megolm.OutboundSession) *megolm.InboundSession {
	t.Helper()
	k, err := out.SessionKey()
	require.NoError(t, err)
	in, err := megolm.NewInboundSession(k)
	require.NoError(t, err)
	return in
}

func encrypt(t testing.TB, s *megolm.OutboundSession, plaintext string) megolm.Message {
	t.Helper()
	m, err := s.Encrypt([]byte(plaintext))
	require.NoError(t, err)
	return m
}

// encryptN returns the next n messages, each with its index as plaintext.
func encryptN(t testing.TB, s *megolm.OutboundSession, n int) []megolm.Message {
	t.Helper()
	ms := make([]megolm.Message, n)
	for i := range ms {
		ms[i] = encrypt(t, s, number(s.Index()))
	}
	return ms
}

// requireVerified wants s to be verified from an index on, or not at all.
func requireVerified(t testing.TB, s *megolm.InboundSession, from uint32, verified bool) {
	t.Helper()
	index, ok := s.VerifiedFrom()
	require.Equal(t, verified, ok)
	require.Equal(t, from, index)
	require.Equal(t, ok && from == s.FirstKnownIndex(), s.Verified())
}

func number(index uint32) string { return fmt.Sprintf("message %d", index) }

func decrypt(t testing.TB, s *megolm.InboundSession, m megolm.Message, want string, index uint32) {
	t.Helper()
	plaintext, got, err := s.Decrypt(m)
	require.NoError(t, err)
	require.Equal(t, want, string(plaintext))
	require.Equal(t, index, got)
}

// refuse wants s to refuse m with the error want, and to be what it was before. If want is nil any
// error will do.
func refuse(t testing.TB, s *megolm.InboundSession, m megolm.Message, want error) {
	t.Helper()
	before := s.State()
	plaintext, index, err := s.Decrypt(m)
	require.Error(t, err)
	if want != nil {
		require.ErrorIs(t, err, want)
	}
	require.Nil(t, plaintext)
	require.Zero(t, index)
	testkit.Equal(t, before, s.State())
}

// refuseIndex is refuse for an index that s does not reach.
func refuseIndex(t testing.TB, s *megolm.InboundSession, m megolm.Message, index uint32) {
	t.Helper()
	refuse(t, s, m, nil)
	_, _, err := s.Decrypt(m)
	requireUnknownIndex(t, err, index, s.FirstKnownIndex())
}

func requireUnknownIndex(t testing.TB, err error, index, first uint32) {
	t.Helper()
	var unknown *megolm.UnknownIndexError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, megolm.UnknownIndexError{Index: index, FirstKnown: first}, *unknown)
	require.EqualError(t, err, fmt.Sprintf("megolm: message index %d is before the first known one, %d", index, first))
}

// draw returns a new session whose random bytes are the ratchet and the seed of ref.
func (ref *reference) draw(t testing.TB) *megolm.OutboundSession {
	t.Helper()
	random := append(ref.ratchet(), ref.signing.Seed()...)
	restore := entropy.Replace(func(b []byte) { require.Equal(t, len(random), copy(b, random)) })
	defer restore()
	return megolm.NewOutboundSession()
}
