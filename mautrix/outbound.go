package mautrix

import (
	"sync"

	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
)

// OutboundGroupSession encrypts to a room.
type OutboundGroupSession struct {
	mu    sync.Mutex
	inner *megolm.OutboundSession // nil in a blank one
}

var _ mautrix.OutboundGroupSession = (*OutboundGroupSession)(nil)

// NewBlankOutboundGroupSession returns an OutboundGroupSession to unpickle into.
func NewBlankOutboundGroupSession() *OutboundGroupSession { return new(OutboundGroupSession) }

// NewOutboundGroupSession returns a new session with random keys, at index 0.
func NewOutboundGroupSession() (*OutboundGroupSession, error) {
	return &OutboundGroupSession{inner: megolm.NewOutboundSession()}, nil
}

// OutboundGroupSessionFromPickled returns the session in a pickle. An empty key is read as " ", as
// mautrix's other drivers do.
func OutboundGroupSessionFromPickled(pickled, key []byte) (*OutboundGroupSession, error) {
	s := NewBlankOutboundGroupSession()
	if err := s.Unpickle(pickled, orSpace(key)); err != nil {
		return nil, err
	}
	return s, nil
}

// Pickle returns s, encrypted under key, in libolm's format.
func (s *OutboundGroupSession) Pickle(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, mautrix.ErrNoKeyProvided
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return nil, ErrBlank
	}
	pickled, err := s.inner.Pickle(key)
	return pickled, translate(err)
}

// Unpickle makes s the session in a pickle. On an error s is unchanged.
func (s *OutboundGroupSession) Unpickle(pickled, key []byte) error {
	inner, err := unpickle(pickled, key, megolm.UnpickleOutboundSession, outboundFromJSON)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inner = inner
	return nil
}

// Encrypt encrypts plaintext, which must not be empty, and returns the message as base64.
func (s *OutboundGroupSession) Encrypt(plaintext []byte) ([]byte, error) {
	if len(plaintext) == 0 {
		return nil, mautrix.ErrEmptyInput
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return nil, ErrBlank
	}
	message, err := s.inner.Encrypt(plaintext)
	if err != nil {
		return nil, translate(err)
	}
	return message.MarshalText()
}

// ID returns the id of the session. It is empty if s is blank.
func (s *OutboundGroupSession) ID() id.SessionID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return ""
	}
	return id.SessionID(s.inner.ID())
}

// MessageIndex returns the index of the next message.
func (s *OutboundGroupSession) MessageIndex() uint {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return 0
	}
	return uint(s.inner.Index())
}

// Key returns, as base64, what lets others decrypt from the next message on. It is empty if s is blank.
func (s *OutboundGroupSession) Key() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return ""
	}
	key, err := s.inner.SessionKey()
	if err != nil {
		return ""
	}
	defer key.Wipe()
	return key.Base64()
}

// Clear overwrites the secrets of s and leaves it blank.
func (s *OutboundGroupSession) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner != nil {
		s.inner.Wipe()
		s.inner = nil
	}
	return nil
}
