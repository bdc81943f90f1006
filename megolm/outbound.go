package megolm

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/pickle"
)

// OutboundSession encrypts to a room. It must be pickled and stored after every Encrypt.
//
// Encrypt, AppendEncrypt and Wipe need the session for themselves: beside another call they may use a
// key twice, and that gives away what was encrypted. The race detector reports it. Several goroutines
// may at once call the other methods, which change nothing.
//
// The zero value is of no use; NewOutboundSession and UnpickleOutboundSession make one.
type OutboundSession struct {
	_ [0]func() // not comparable: == would take time that depends on secrets
	p protocol.OutboundGroup
}

// NewOutboundSession returns a new session with random keys, at index 0.
func NewOutboundSession() *OutboundSession {
	secret.GrowStack()
	s := new(OutboundSession)
	var random [protocol.GroupRandomLen]byte
	entropy.Fill(random[:])
	s.p.Start(random[:])
	secret.Wipe(random[:])
	return s
}

// ID returns the id of the session, the base64 of its Ed25519 key: 43 characters. It is empty if s
// is wiped.
func (s *OutboundSession) ID() string { return id(s.p.Created(), s.p.Public()) }

func id(created bool, public *[32]byte) string {
	if !created {
		return ""
	}
	return wire.Text(public[:])
}

// Index returns the index of the next message.
func (s *OutboundSession) Index() uint32 { return s.p.Index() }

// SessionKey returns what lets others decrypt from the next message on. It returns ErrWiped.
func (s *OutboundSession) SessionKey() (SessionKey, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return SessionKey{}, ErrWiped
	}
	raw := new([SessionKeyLen]byte)
	s.p.SessionKey(raw[:])
	return SessionKey{hide(raw)}, nil
}

// MessageLen returns the length in bytes of the next message, for a plaintext of n bytes.
func (s *OutboundSession) MessageLen(n int) int { return s.p.MessageLen(n) }

// Encrypt encrypts plaintext. It returns ErrExhausted or ErrWiped.
func (s *OutboundSession) Encrypt(plaintext []byte) (Message, error) {
	return s.AppendEncrypt(nil, plaintext)
}

// AppendEncrypt is Encrypt, appended to dst, which must not overlap plaintext. It allocates only if
// dst has no room for MessageLen(len(plaintext)) bytes more. On an error the result is nil.
func (s *OutboundSession) AppendEncrypt(dst, plaintext []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, s.p.MessageLen(len(plaintext)))
	if code := s.p.Encrypt(tail, plaintext); code != errcode.OK {
		return nil, failure(code)
	}
	return dst, nil
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *OutboundSession) Wipe() { s.p.Wipe() }

// Pickle returns s, encrypted under key, in libolm's format (version 1): base64 text. It returns
// ErrWiped.
func (s *OutboundSession) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (s *OutboundSession) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, protocol.OutboundPickleLen)
	s.p.Pickle(tail, key)
	return dst, nil
}

// UnpickleOutboundSession returns the session in a pickle of libolm's format. It returns the errors
// of package pickle.
func UnpickleOutboundSession(key, pickled []byte) (*OutboundSession, error) {
	secret.GrowStack()
	s := new(OutboundSession)
	code := open(key, pickled, func(raw []byte) errcode.Code { return s.p.Unpickle(raw, protocol.Strict) })
	if code != errcode.OK {
		s.Wipe()
		return nil, failure(code)
	}
	return s, nil
}

// open hands the contents of a pickle to read, and wipes them.
func open(key, pickled []byte, read func(raw []byte) errcode.Code) errcode.Code {
	buf := make([]byte, len(pickled))
	copy(buf, pickled)
	raw, code := pickle.Open(buf, key)
	if code == errcode.OK {
		code = read(raw)
	}
	secret.Wipe(buf)
	return code
}

// Check recomputes the public signing key, which UnpickleOutboundSession takes as it finds it. It
// returns pickle.ErrKeyPair or ErrWiped.
func (s *OutboundSession) Check() error {
	secret.GrowStack()
	if !s.p.Created() {
		return ErrWiped
	}
	return failure(s.p.Check())
}

// String says what s is and shows nothing of it.
func (s OutboundSession) String() string { return "megolm.OutboundSession" }

// GoString is String.
func (s OutboundSession) GoString() string { return s.String() }
