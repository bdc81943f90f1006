package olm

import (
	"strconv"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/ratchet"
)

// Session is one side of an Olm session with another device. It must be pickled and stored after
// every Encrypt and every successful Decrypt.
//
// Encrypt, Decrypt, their Append forms and Wipe need the Session for themselves: beside another call
// they may panic, or use a key twice, and that gives away what was encrypted. The race detector reports
// it. Several goroutines may at once call the other methods, which change nothing.
//
// The zero value is of no use; the methods of Account and UnpickleSession make one.
type Session struct {
	_       [0]func() // not comparable: == would take time that depends on secrets
	p       protocol.Session
	skipped []ratchet.SkippedKey
}

// SessionKeys are the public keys that a session was set up with.
type SessionKeys struct {
	Identity keys.Curve25519 // of the device that began
	Base     keys.Curve25519 // that it made for the session
	OneTime  keys.Curve25519 // of the other device
}

// ID returns the id of the session, equal on both sides: 43 characters of base64. It is empty if s
// is wiped.
func (s *Session) ID() string {
	if !s.p.Created() {
		return ""
	}
	var id [32]byte
	s.p.ID(&id)
	return wire.Text(id[:])
}

// Keys returns the public keys that s was set up with, or zeros if it is wiped.
func (s *Session) Keys() SessionKeys {
	identity, base, oneTime := s.p.Keys()
	return SessionKeys{*identity, *base, *oneTime}
}

// Matches reports whether m was sent in this session.
func (s *Session) Matches(m *PreKeyMessage) bool { return s.p.Created() && s.p.Matches(&m.m, nil) }

// HasReceivedMessage reports whether s has decrypted a message. From then on it sends normal
// messages.
func (s *Session) HasReceivedMessage() bool { return s.p.HasReceived() }

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *Session) Wipe() {
	clear(s.skipped)
	s.skipped = nil
	s.p.Wipe()
}

// Encryption.

// NextType returns the type of the next message that s sends.
func (s *Session) NextType() MessageType { return MessageType(s.p.Type()) }

// MessageLen returns the length in bytes of the body of the next message, for a plaintext of n
// bytes.
func (s *Session) MessageLen(n int) int { return s.p.MessageLen(n) }

// Encrypt encrypts plaintext. It returns ErrExhausted, ErrPublicKey or ErrWiped.
func (s *Session) Encrypt(plaintext []byte) (Message, error) {
	t, body, err := s.AppendEncrypt(nil, plaintext)
	return Message{t, body}, err
}

// AppendEncrypt is Encrypt, with the body of the message appended to dst, which must not overlap
// plaintext. It allocates only if dst has no room for MessageLen(len(plaintext)) bytes more. On an
// error the body is nil.
func (s *Session) AppendEncrypt(dst, plaintext []byte) (MessageType, []byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return 0, nil, ErrWiped
	}
	t := s.NextType()
	dst, tail := wire.Grow(dst, s.p.MessageLen(len(plaintext)))
	var random [protocol.RatchetRandomLen]byte
	if s.p.NeedsRandom() {
		entropy.Fill(random[:])
	}
	code := s.p.Encrypt(tail, plaintext, random[:])
	secret.Wipe(random[:])
	if code != errcode.OK {
		return 0, nil, failure(code)
	}
	return t, dst, nil
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
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	var inner wire.Message
	if code := s.decode(&inner, m); code != errcode.OK {
		return nil, failure(code)
	}
	before := len(dst)
	dst, tail := wire.Grow(dst, len(inner.Ciphertext))
	var pending ratchet.Pending
	skipped := ratchet.Skipped{Keys: s.skipped}
	n, code := s.p.Decrypt(&pending, &skipped, tail, &inner, protocol.Strict)
	switch code {
	case errcode.OK:
	case errcode.MessageGap:
		return nil, &GapError{inner.Index}
	default:
		return nil, failure(code)
	}
	s.commit(&pending)
	return dst[:before+n], nil
}

// decode finds the normal message in m.
func (s *Session) decode(inner *wire.Message, m Message) errcode.Code {
	body := []byte(m.Body)
	switch m.Type {
	case Normal:
	case PreKey:
		var outer wire.PreKeyMessage
		if code := outer.Decode(body, protocol.Strict); code != errcode.OK {
			return code
		}
		if code := s.p.CheckPreKey(&outer, protocol.Strict); code != errcode.OK {
			return code
		}
		body = outer.Message
	default:
		return errcode.BadMessageFormat
	}
	return inner.Decode(body, protocol.Strict)
}

// commit makes room for the keys of messages that are missing, and moves the session.
func (s *Session) commit(pending *ratchet.Pending) {
	if room := s.p.Room(pending); room > len(s.skipped) {
		// Messages go missing in runs: a few entries more save an allocation for each.
		grown := make([]ratchet.SkippedKey, min((room+7)/8*8, ratchet.MaxSkipped))
		copy(grown, s.skipped)
		clear(s.skipped)
		s.skipped = grown
	}
	s.p.Commit(pending, &ratchet.Skipped{Keys: s.skipped})
	if s.p.Ratchet().Skipped() == 0 {
		s.skipped = nil // an idle session costs no storage for what it doesn't keep
	}
}

// Description.

// Describe returns the indices of the chains of s and of the keys that are kept for late messages,
// for logs, in libolm's words. It shows no secret.
func (s *Session) Describe() string {
	r := s.p.Ratchet()
	b := append([]byte(nil), "sender chain index: "...)
	b = appendIndex(b, r.SendIndex())
	b = append(b, " receiver chain indices:"...)
	for i := range r.ReceivingChains() {
		b = appendIndex(append(b, ' '), r.ReceiveIndex(i))
	}
	b = append(b, " skipped message keys:"...)
	skipped := ratchet.Skipped{Keys: s.skipped}
	for i := range r.Skipped() {
		b = appendIndex(append(b, ' '), r.SkippedIndex(&skipped, i))
	}
	return string(b)
}

func appendIndex(b []byte, index uint32) []byte { return strconv.AppendUint(b, uint64(index), 10) }

// String says what s is and shows nothing of it.
func (s Session) String() string { return "olm.Session" }

// GoString is String.
func (s Session) GoString() string { return s.String() }

// Pickles.

// Pickle returns s, encrypted under key, in libolm's format (version 1): base64 text. It holds the 40
// newest keys for late messages. It returns ErrWiped.
func (s *Session) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (s *Session) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, s.p.PickleLen())
	s.p.Pickle(tail, key, &ratchet.Skipped{Keys: s.skipped})
	return dst, nil
}

// UnpickleSession returns the session in a pickle of libolm's format, as libolm, goolm and karst
// write it. It returns the errors of package pickle.
func UnpickleSession(key, pickled []byte) (*Session, error) {
	secret.GrowStack()
	buf := make([]byte, len(pickled))
	copy(buf, pickled)
	defer secret.Wipe(buf)
	raw, code := pickle.Open(buf, key)
	if code != errcode.OK {
		return nil, failure(code)
	}
	s := new(Session)
	var r protocol.SessionReader
	code = s.p.Unpickle(&r, raw, protocol.Strict)
	if code == errcode.OK {
		if n := r.Skipped(); n > 0 {
			s.skipped = make([]ratchet.SkippedKey, n)
		}
		code = s.p.UnpickleSkipped(&r, &ratchet.Skipped{Keys: s.skipped})
	}
	if code != errcode.OK {
		s.Wipe()
		return nil, failure(code)
	}
	return s, nil
}

// Check recomputes the public ratchet key. It returns pickle.ErrKeyPair or ErrWiped.
func (s *Session) Check() error {
	secret.GrowStack()
	if !s.p.Created() {
		return ErrWiped
	}
	return failure(s.p.Check())
}
