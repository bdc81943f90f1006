package mautrix

import (
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
)

// OutboundGroupSession encrypts to a room.
type OutboundGroupSession struct {
	object[megolm.OutboundSession, *megolm.OutboundSession]
}

var _ mautrix.OutboundGroupSession = (*OutboundGroupSession)(nil)

// NewBlankOutboundGroupSession returns an OutboundGroupSession to unpickle into.
func NewBlankOutboundGroupSession() *OutboundGroupSession { return new(OutboundGroupSession) }

// NewOutboundGroupSession returns a new session with random keys, at index 0.
func NewOutboundGroupSession() (*OutboundGroupSession, error) {
	s := NewBlankOutboundGroupSession()
	s.inner = megolm.NewOutboundSession()
	return s, nil
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
func (s *OutboundGroupSession) Pickle(key []byte) ([]byte, error) { return s.pickle(key) }

// Unpickle makes s the session in a pickle, and overwrites the secrets of what it was. On an error s is
// unchanged.
func (s *OutboundGroupSession) Unpickle(pickled, key []byte) error {
	return s.unpickle(pickled, key, megolm.UnpickleOutboundSession, outboundFromJSON)
}

// Encrypt encrypts plaintext, which must not be empty, and returns the message as base64.
func (s *OutboundGroupSession) Encrypt(plaintext []byte) ([]byte, error) {
	if len(plaintext) == 0 {
		return nil, mautrix.ErrEmptyInput
	}
	defer s.done()
	message, err := s.use().Encrypt(plaintext)
	if err != nil {
		return nil, translate(err)
	}
	return message.MarshalText()
}

// ID returns the id of the session. It is empty if s is blank.
func (s *OutboundGroupSession) ID() id.SessionID {
	defer s.done()
	return id.SessionID(s.use().ID())
}

// MessageIndex returns the index of the next message.
func (s *OutboundGroupSession) MessageIndex() uint {
	defer s.done()
	return uint(s.use().Index())
}

// Key returns, as base64, what lets others decrypt from the next message on. It is empty if s is blank.
func (s *OutboundGroupSession) Key() string {
	defer s.done()
	key, err := s.use().SessionKey()
	if err != nil {
		return ""
	}
	defer key.Wipe()
	text, _ := key.Base64() // key was made just now
	return text
}

// Clear overwrites the secrets of s and leaves it blank.
func (s *OutboundGroupSession) Clear() error {
	s.replace(nil)
	return nil
}
