package olm

import (
	"strconv"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Session is one side of an Olm session with another device. It must be pickled and stored after
// every Encrypt and every successful Decrypt.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; the methods of Account and UnpickleSession make one.
type Session struct {
	sealedSession
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[session]
}

// session is the state of a Session.
type session struct {
	object  Session // what programs have of it, in the same allocation
	p       protocol.Session
	skipped []ratchet.SkippedKey
}

// UnpickleSession returns the session in a pickle of libolm's format, as libolm, goolm and karst
// write it. It returns the errors of package pickle.
//
// goolm kept every receiving chain and every key for a late message up to mautrix 0.26. What a Session
// does not keep is dropped: all but the five newest chains, and for each of them all but the 40 keys
// with the highest indices. Late messages that wanted the others do not decrypt. Up to 0.21 it wrote its chains
// so that nobody can use them: such a session is read, and whole again once the other side answers what it sent
// last. If it has sent nothing since it last received, what it sends now nobody can read, and a new session has to be begun.
func UnpickleSession(key, pickled []byte) (*Session, error) {
	secret.GrowStack()
	state := new(session)
	code := envelope.Read(key, pickled, state.unpickle)
	if code != errcode.OK {
		state.wipe()
		return nil, failure.Of(code)
	}
	return state.guarded(), nil
}

func (s *session) unpickle(contents []byte) errcode.Code {
	var r protocol.SessionReader
	if code := r.Open(contents); code != errcode.OK {
		return code
	}
	if n := r.Skipped(); n > 0 {
		s.skipped = make([]ratchet.SkippedKey, n)
	}
	if code := s.p.Unpickle(&r, &ratchet.Skipped{Keys: s.skipped}, wire.Strict); code != errcode.OK {
		return code
	}
	if !s.p.CanEncrypt() {
		// Better to learn it here than when the session is to be used.
		return errcode.CorruptedPickle
	}
	return errcode.OK
}

func (s *session) guarded() *Session {
	s.object.state.Put(s)
	return &s.object
}

// ID returns the id of the session, equal on both sides: 43 characters of base64. It is empty if s
// is wiped.
func (s *Session) ID() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return ""
	}
	var id [32]byte
	state.p.ID(&id)
	return wire.Text(id[:])
}

// SessionKeys are the public keys that a session was set up with.
type SessionKeys struct {
	Identity keys.Curve25519 // of the device that began
	Base     keys.Curve25519 // that it made for the session
	OneTime  keys.Curve25519 // of the other device
}

// Keys returns the public keys that s was set up with, or zeros if it is wiped.
func (s *Session) Keys() SessionKeys {
	state := s.state.Lock()
	defer s.state.Unlock()
	identity, base, oneTime := state.p.Keys()
	return SessionKeys{*identity, *base, *oneTime}
}

// Matches reports whether m names the keys of this session. Nothing has authenticated them: whether m was sent in
// it, Decrypt shows.
func (s *Session) Matches(m *PreKeyMessage) bool {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.Created() && state.p.Matches(&m.m, nil)
}

// HasReceivedMessage reports whether s has decrypted a message. From then on it sends normal
// messages.
func (s *Session) HasReceivedMessage() bool {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.HasReceived()
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *Session) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.wipe()
}

func (s *session) wipe() {
	clear(s.skipped)
	s.skipped = nil
	s.p.Wipe()
}

// Encryption.

// NextType returns the type of the next message that s sends.
func (s *Session) NextType() MessageType {
	state := s.state.Lock()
	defer s.state.Unlock()
	return MessageType(state.p.Type())
}

// MessageLen returns the length in bytes of the body of the next message, for a plaintext of n
// bytes.
func (s *Session) MessageLen(n int) int {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.MessageLen(n)
}

// Encrypt encrypts plaintext. It returns ErrExhausted, ErrPublicKey or ErrWiped.
func (s *Session) Encrypt(plaintext []byte) (Message, error) {
	body, t, err := s.AppendEncrypt(nil, plaintext)
	return Message{t, body}, err
}

// AppendEncrypt is Encrypt, with the body of the message appended to dst, which must not overlap
// plaintext. It allocates only if dst has no room for MessageLen(len(plaintext)) bytes more. On an
// error the body is nil.
func (s *Session) AppendEncrypt(dst, plaintext []byte) ([]byte, MessageType, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, 0, ErrWiped
	}
	t := MessageType(state.p.Type())
	dst, tail := wire.Grow(dst, state.p.MessageLen(len(plaintext)))
	var random [protocol.RatchetRandomLen]byte
	if state.p.NeedsRandom() {
		entropy.Fill(random[:])
	}
	code := state.p.Encrypt(tail, plaintext, random[:])
	secret.Wipe(random[:])
	if code != errcode.OK {
		return nil, 0, failure.Of(code)
	}
	return dst, t, nil
}

// Decryption.

// Decrypt decrypts m. It returns
//   - ErrMessageFormat or ErrMessageVersion if m is malformed,
//   - ErrBadMAC if it does not authenticate, and *GapError or ErrNoMessageKey if its key can't be
//     had to find out,
//   - ErrSessionMismatch if it is a pre-key message of another session,
//   - ErrPublicKey if its ratchet key is invalid, ErrExhausted if its index is 2^32-1, which no
//     session sends, and ErrWiped,
//
// and s is then what it was.
func (s *Session) Decrypt(m Message) ([]byte, error) { return s.AppendDecrypt(nil, m) }

// AppendDecrypt is Decrypt, with the plaintext appended to dst, which must not overlap the body of
// m. It allocates only if dst has no room for the plaintext and up to 16 bytes more, or if messages
// are missing before m, whose keys have to be kept. What is behind the plaintext in dst is
// overwritten. On an error the result is nil.
func (s *Session) AppendDecrypt(dst []byte, m Message) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.appendDecrypt(dst, m)
}

func (s *session) appendDecrypt(dst []byte, m Message) ([]byte, error) {
	if !s.p.Created() {
		return nil, ErrWiped
	}
	var inner wire.Message
	if code := s.decode(&inner, m); code != errcode.OK {
		return nil, failure.Of(code)
	}
	before := len(dst)
	dst, tail := wire.Grow(dst, len(inner.Ciphertext))
	var pending ratchet.Pending
	skipped := ratchet.Skipped{Keys: s.skipped}
	n, code := s.p.Decrypt(&pending, &skipped, tail, &inner, wire.Strict)
	switch code {
	case errcode.OK:
	case errcode.MessageGap:
		return nil, &GapError{inner.Index}
	default:
		return nil, failure.Of(code)
	}
	s.commit(&pending)
	return dst[:before+n], nil
}

// decode finds the normal message in m.
func (s *session) decode(inner *wire.Message, m Message) errcode.Code {
	body := []byte(m.Body)
	switch m.Type {
	case Normal:
	case PreKey:
		var outer wire.PreKeyMessage
		if code := outer.Decode(body, wire.Strict); code != errcode.OK {
			return code
		}
		if code := s.p.CheckPreKey(&outer, wire.Strict); code != errcode.OK {
			return code
		}
		body = outer.Message
	default:
		return errcode.BadMessageFormat
	}
	return inner.Decode(body, wire.Strict)
}

// commit makes room for the keys of messages that are missing, and moves the session.
func (s *session) commit(pending *ratchet.Pending) {
	s.skipped = ratchet.Grown(s.skipped, s.p.Room(pending))
	s.p.Commit(pending, &ratchet.Skipped{Keys: s.skipped})
	if s.p.Ratchet().Skipped() == 0 {
		s.skipped = nil // an idle session costs no storage for what it doesn't keep
	}
}

// Description.

// Describe returns the indices of the chains of s and of the keys that are kept for late messages,
// for logs, in libolm's words. It shows no secret.
func (s *Session) Describe() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	r := state.p.Ratchet()
	b := append([]byte(nil), "sender chain index: "...)
	b = appendIndex(b, r.SendIndex())
	b = append(b, " receiver chain indices:"...)
	for i := range r.ReceivingChains() {
		b = appendIndex(append(b, ' '), r.ReceiveIndex(i))
	}
	b = append(b, " skipped message keys:"...)
	skipped := ratchet.Skipped{Keys: state.skipped}
	for i := range r.Skipped() {
		b = appendIndex(append(b, ' '), r.SkippedIndex(&skipped, i))
	}
	return string(b)
}

func appendIndex(b []byte, index uint32) []byte { return strconv.AppendUint(b, uint64(index), 10) }

// String says what s is and shows nothing of it.
func (s *Session) String() string { return "olm.Session" }

// GoString is String.
func (s *Session) GoString() string { return s.String() }

// Pickles.

// Pickle returns s, encrypted under key, in libolm's format (version 1): base64 text. It holds the 40
// newest keys for late messages. It returns ErrWiped.
func (s *Session) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (s *Session) AppendPickle(dst, key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, state.p.PickleLen())
	state.p.Pickle(tail, key, &ratchet.Skipped{Keys: state.skipped})
	return dst, nil
}

// Check recomputes the public ratchet key. It returns pickle.ErrKeyPair or ErrWiped.
func (s *Session) Check() error {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return ErrWiped
	}
	return failure.Of(state.p.Check())
}
