package mautrix

import (
	"bytes"
	"errors"
	"sync"

	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// Session is one side of an Olm session.
type Session struct {
	mu    sync.Mutex
	inner *olm.Session // nil in a blank one
}

var _ mautrix.Session = (*Session)(nil)

// NewBlankSession returns a Session to unpickle into.
func NewBlankSession() *Session { return new(Session) }

// SessionFromPickled returns the Session in a pickle.
func SessionFromPickled(pickled, key []byte) (*Session, error) {
	s := NewBlankSession()
	if err := s.Unpickle(pickled, key); err != nil {
		return nil, err
	}
	return s, nil
}

// Pickle returns s, encrypted under key, in libolm's format.
func (s *Session) Pickle(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, mautrix.ErrNoKeyProvided
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return pickleBlankSession(key), nil
	}
	pickled, err := s.inner.Pickle(key)
	return pickled, translate(err)
}

// Unpickle makes s the session in a pickle. On an error s is unchanged.
func (s *Session) Unpickle(pickled, key []byte) error {
	inner, err := unpickle(pickled, key, unpickleSession, sessionFromJSON)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inner = inner
	return nil
}

// ID returns the id of the session, equal on both sides.
func (s *Session) ID() id.SessionID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return blankSessionID
	}
	return id.SessionID(s.inner.ID())
}

// HasReceivedMessage reports whether s has decrypted a message.
func (s *Session) HasReceivedMessage() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner != nil && s.inner.HasReceivedMessage()
}

// MatchesInboundSession reports whether a pre-key message was sent in this session.
func (s *Session) MatchesInboundSession(oneTimeKeyMsg string) (bool, error) {
	return s.MatchesInboundSessionFrom("", oneTimeKeyMsg)
}

// MatchesInboundSessionFrom reports whether a pre-key message was sent in this session, and by the device
// that has the given identity key. An empty key stands for any device.
func (s *Session) MatchesInboundSessionFrom(theirIdentityKey, oneTimeKeyMsg string) (bool, error) {
	if oneTimeKeyMsg == "" {
		return false, mautrix.ErrEmptyInput
	}
	message, err := parsePreKeyMessage(oneTimeKeyMsg)
	if err != nil {
		return false, translate(err)
	}
	if theirIdentityKey != "" {
		identity, err := parseCurve25519(theirIdentityKey)
		if err != nil {
			return false, translate(err)
		}
		if identity != message.IdentityKey() {
			return false, nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner != nil && s.inner.Matches(message), nil
}

// EncryptMsgType returns the type of the next message that Encrypt returns.
func (s *Session) EncryptMsgType() id.OlmMsgType {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return id.OlmMsgTypePreKey
	}
	return id.OlmMsgType(s.inner.NextType())
}

// Encrypt encrypts plaintext, which must not be empty, and returns the message as base64.
func (s *Session) Encrypt(plaintext []byte) (id.OlmMsgType, []byte, error) {
	if len(plaintext) == 0 {
		return 0, nil, mautrix.ErrEmptyInput
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return 0, nil, ErrBlank
	}
	message, err := s.inner.Encrypt(plaintext)
	if err != nil {
		return 0, nil, translate(err)
	}
	text, err := message.Body.MarshalText()
	return id.OlmMsgType(message.Type), text, translate(err)
}

// Decrypt decrypts a message of the given type. On an error s is unchanged.
func (s *Session) Decrypt(message string, msgType id.OlmMsgType) ([]byte, error) {
	if message == "" {
		return nil, mautrix.ErrEmptyInput
	}
	body, err := parseOlmBody(message)
	if err != nil {
		return nil, translate(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return nil, ErrBlank
	}
	plaintext, err := s.inner.Decrypt(olm.Message{Type: olm.MessageType(msgType), Body: body})
	return plaintext, translate(err)
}

// Describe returns the indices of the chains and of the keys that are kept for late messages, for logs.
// It shows no secret.
func (s *Session) Describe() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return blankSessionDescription
	}
	return s.inner.Describe()
}

// Clear overwrites the secrets of s and leaves it blank.
func (s *Session) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner != nil {
		s.inner.Wipe()
		s.inner = nil
	}
	return nil
}

func parsePreKeyMessage(text string) (*olm.PreKeyMessage, error) {
	body, err := parseOlmBody(text)
	if err != nil {
		return nil, err
	}
	return olm.ParsePreKeyMessage(body)
}

// What a blank session says of itself is what mautrix's other drivers say: their state is all zeros then.
const (
	blankSessionID          = "LqmrkZjRY4AHQAzSw77xzHRbhkt2ARoOG8UhgKxkUtQ"
	blankSessionDescription = "sender chain index: 0 receiver chain indices: skipped message keys:"
)

// unpickleSession is olm.UnpickleSession, which refuses a blank session; for that one it returns nil.
func unpickleSession(key, pickled []byte) (*olm.Session, error) {
	inner, err := olm.UnpickleSession(key, pickled)
	if errors.Is(err, pickle.ErrCorrupt) && bytes.Equal(pickled, pickleBlankSession(key)) {
		return nil, nil
	}
	return inner, err
}

func pickleBlankSession(key []byte) []byte {
	const length = 4 + 1 + 4*32 + 3*4 // version, flag, four keys, three empty lists
	sealed := make([]byte, pickle.SealedLen(length))
	pickle.Contents(sealed, length)[3] = 1
	pickle.Seal(sealed, key, length)
	return sealed
}
