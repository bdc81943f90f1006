package megolm

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// OutboundSession encrypts to a room. It must be pickled and stored after every Encrypt.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; NewOutboundSession and UnpickleOutboundSession make one.
type OutboundSession struct {
	sealedOutboundSession
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[outbound]
}

// outbound is the state of an OutboundSession.
type outbound struct {
	object OutboundSession // what programs have of it, in the same allocation
	p      protocol.OutboundGroup
}

// NewOutboundSession returns a new session with random keys, at index 0.
func NewOutboundSession() *OutboundSession {
	secret.GrowStack()
	state := new(outbound)
	var random [protocol.GroupRandomLen]byte
	entropy.Fill(random[:])
	state.p.Start(random[:])
	secret.Wipe(random[:])
	return state.guarded()
}

// UnpickleOutboundSession returns the session in a pickle of libolm's format. It returns the errors
// of package pickle.
func UnpickleOutboundSession(key, pickled []byte) (*OutboundSession, error) {
	secret.GrowStack()
	state := new(outbound)
	code := envelope.Read(key, pickled, func(contents []byte) errcode.Code {
		return state.p.Unpickle(contents, wire.Strict)
	})
	if code != errcode.OK {
		state.p.Wipe()
		return nil, failure.Of(code)
	}
	return state.guarded(), nil
}

func (s *outbound) guarded() *OutboundSession {
	s.object.state.Put(s)
	return &s.object
}

// ID returns the id of the session, the base64 of its Ed25519 key: 43 characters. It is empty if s
// is wiped.
func (s *OutboundSession) ID() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	return id(state.p.Created(), state.p.Public())
}

func id(created bool, public *[32]byte) string {
	if !created {
		return ""
	}
	return wire.Text(public[:])
}

// Index returns the index of the next message.
func (s *OutboundSession) Index() uint32 {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.Index()
}

// SessionKey returns what lets others decrypt from the next message on. It returns ErrWiped.
func (s *OutboundSession) SessionKey() (SessionKey, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return SessionKey{}, ErrWiped
	}
	raw := new([SessionKeyLen]byte)
	state.p.SessionKey(raw[:])
	return SessionKey{raw: hide(raw)}, nil
}

// MessageLen returns the length in bytes of the next message, for a plaintext of n bytes.
func (s *OutboundSession) MessageLen(n int) int {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.MessageLen(n)
}

// Encrypt encrypts plaintext. It returns ErrExhausted or ErrWiped.
func (s *OutboundSession) Encrypt(plaintext []byte) (Message, error) {
	return s.AppendEncrypt(nil, plaintext)
}

// AppendEncrypt is Encrypt, appended to dst, which must not overlap plaintext. It allocates only if
// dst has no room for MessageLen(len(plaintext)) bytes more. On an error the result is nil.
func (s *OutboundSession) AppendEncrypt(dst, plaintext []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, state.p.MessageLen(len(plaintext)))
	if code := state.p.Encrypt(tail, plaintext); code != errcode.OK {
		return nil, failure.Of(code)
	}
	return dst, nil
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *OutboundSession) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.p.Wipe()
}

// Pickle returns s, encrypted under key, in libolm's format (version 1): base64 text. It returns
// ErrWiped.
func (s *OutboundSession) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (s *OutboundSession) AppendPickle(dst, key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, protocol.OutboundPickleLen)
	state.p.Pickle(tail, key)
	return dst, nil
}

// Check recomputes the public signing key, which UnpickleOutboundSession takes as it finds it. It
// returns pickle.ErrKeyPair or ErrWiped.
func (s *OutboundSession) Check() error {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return ErrWiped
	}
	return failure.Of(state.p.Check())
}

// String says what s is and shows nothing of it.
func (s *OutboundSession) String() string { return "megolm.OutboundSession" }

// GoString is String.
func (s *OutboundSession) GoString() string { return s.String() }
