package megolm

import "github.com/karst-im/karst/internal/guard"

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

// NewOutboundSession returns a new session with random keys, at index 0.
func NewOutboundSession() *OutboundSession { return guardOutbound(newOutbound()) }

// UnpickleOutboundSession returns the session in a pickle of libolm's format. It returns the errors
// of package pickle.
func UnpickleOutboundSession(key, pickled []byte) (*OutboundSession, error) {
	state, err := unpickleOutbound(key, pickled)
	if err != nil {
		return nil, err
	}
	return guardOutbound(state), nil
}

func guardOutbound(state *outbound) *OutboundSession {
	state.handle.state.Put(state)
	return &state.handle
}

// ID returns the id of the session, the base64 of its Ed25519 key: 43 characters. It is empty if s
// is wiped.
func (s *OutboundSession) ID() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.ID()
}

// Index returns the index of the next message.
func (s *OutboundSession) Index() uint32 {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Index()
}

// SessionKey returns what lets others decrypt from the next message on. It returns ErrWiped.
func (s *OutboundSession) SessionKey() (SessionKey, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.SessionKey()
}

// MessageLen returns the length in bytes of the next message, for a plaintext of n bytes.
func (s *OutboundSession) MessageLen(n int) int {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.MessageLen(n)
}

// Encrypt encrypts plaintext. It returns ErrExhausted or ErrWiped.
func (s *OutboundSession) Encrypt(plaintext []byte) (Message, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Encrypt(plaintext)
}

// AppendEncrypt is Encrypt, appended to dst, which must not overlap plaintext. It allocates only if
// dst has no room for MessageLen(len(plaintext)) bytes more. On an error the result is nil.
func (s *OutboundSession) AppendEncrypt(dst, plaintext []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.AppendEncrypt(dst, plaintext)
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *OutboundSession) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.Wipe()
}

// Pickle returns s, encrypted under key, in libolm's format (version 1): base64 text. It returns
// ErrWiped.
func (s *OutboundSession) Pickle(key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Pickle(key)
}

// AppendPickle is Pickle, appended to dst.
func (s *OutboundSession) AppendPickle(dst, key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.AppendPickle(dst, key)
}

// Check recomputes the public signing key, which UnpickleOutboundSession takes as it finds it. It
// returns pickle.ErrKeyPair or ErrWiped.
func (s *OutboundSession) Check() error {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Check()
}

// String says what s is and shows nothing of it.
func (s *OutboundSession) String() string { return "megolm.OutboundSession" }

// GoString is String.
func (s *OutboundSession) GoString() string { return s.String() }
