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

// session is the state of a Session, whose methods call those of the same name, and document them.
type session struct {
	handle  Session // what programs have of it, in the same allocation
	p       protocol.Session
	skipped []ratchet.SkippedKey
}

// SessionKeys are the public keys that a session was set up with.
type SessionKeys struct {
	Identity keys.Curve25519 // of the device that began
	Base     keys.Curve25519 // that it made for the session
	OneTime  keys.Curve25519 // of the other device
}

func (s *session) ID() string {
	if !s.p.Created() {
		return ""
	}
	var id [32]byte
	s.p.ID(&id)
	return wire.Text(id[:])
}

func (s *session) Keys() SessionKeys {
	identity, base, oneTime := s.p.Keys()
	return SessionKeys{*identity, *base, *oneTime}
}

func (s *session) Matches(m *PreKeyMessage) bool { return s.p.Created() && s.p.Matches(&m.m, nil) }

func (s *session) HasReceivedMessage() bool { return s.p.HasReceived() }

func (s *session) Wipe() {
	clear(s.skipped)
	s.skipped = nil
	s.p.Wipe()
}

// Encryption.

func (s *session) NextType() MessageType { return MessageType(s.p.Type()) }

func (s *session) MessageLen(n int) int { return s.p.MessageLen(n) }

func (s *session) Encrypt(plaintext []byte) (Message, error) {
	t, body, err := s.AppendEncrypt(nil, plaintext)
	return Message{t, body}, err
}

func (s *session) AppendEncrypt(dst, plaintext []byte) (MessageType, []byte, error) {
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

func (s *session) Decrypt(m Message) ([]byte, error) { return s.AppendDecrypt(nil, m) }

func (s *session) AppendDecrypt(dst []byte, m Message) ([]byte, error) {
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
func (s *session) decode(inner *wire.Message, m Message) errcode.Code {
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
func (s *session) commit(pending *ratchet.Pending) {
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

func (s *session) Describe() string {
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

// Pickles.

func (s *session) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

func (s *session) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, s.p.PickleLen())
	s.p.Pickle(tail, key, &ratchet.Skipped{Keys: s.skipped})
	return dst, nil
}

func unpickleSession(key, pickled []byte) (*session, error) {
	secret.GrowStack()
	buf := make([]byte, len(pickled))
	copy(buf, pickled)
	defer secret.Wipe(buf)
	raw, code := pickle.Open(buf, key)
	if code != errcode.OK {
		return nil, failure(code)
	}
	s := new(session)
	var r protocol.SessionReader
	if code = r.Open(raw); code == errcode.OK {
		if n := r.Skipped(); n > 0 {
			s.skipped = make([]ratchet.SkippedKey, n)
		}
		code = s.p.Unpickle(&r, &ratchet.Skipped{Keys: s.skipped}, protocol.Strict)
	}
	if code == errcode.OK && !s.p.CanEncrypt() {
		// Better to learn it here than when the session is to be used.
		code = errcode.CorruptedPickle
	}
	if code != errcode.OK {
		s.Wipe()
		return nil, failure(code)
	}
	return s, nil
}

func (s *session) Check() error {
	secret.GrowStack()
	if !s.p.Created() {
		return ErrWiped
	}
	return failure(s.p.Check())
}
