package mautrix

import (
	"bytes"
	"cmp"
	"errors"

	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// Session is one side of an Olm session.
type Session struct {
	object[olm.Session, *olm.Session]
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
	pickled, err := s.pickle(key)
	if errors.Is(err, ErrBlank) {
		return pickle.Seal(key, blankSession[:])
	}
	return pickled, err
}

// Unpickle makes s the session in a pickle, and overwrites the secrets of what it was. On an error s is
// unchanged.
func (s *Session) Unpickle(pickled, key []byte) error {
	return s.unpickle(pickled, key, unpickleSession, sessionFromJSON)
}

// ID returns the id of the session, equal on both sides.
func (s *Session) ID() id.SessionID {
	defer s.done()
	return id.SessionID(cmp.Or(s.use().ID(), blankSessionID))
}

// HasReceivedMessage reports whether s has decrypted a message.
func (s *Session) HasReceivedMessage() bool {
	defer s.done()
	return s.use().HasReceivedMessage()
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
	defer s.done()
	return s.use().Matches(message), nil
}

// EncryptMsgType returns the type of the next message that Encrypt returns.
func (s *Session) EncryptMsgType() id.OlmMsgType {
	defer s.done()
	return id.OlmMsgType(s.use().NextType())
}

// Encrypt encrypts plaintext, which must not be empty, and returns the message as base64.
func (s *Session) Encrypt(plaintext []byte) (id.OlmMsgType, []byte, error) {
	if len(plaintext) == 0 {
		return 0, nil, mautrix.ErrEmptyInput
	}
	defer s.done()
	message, err := s.use().Encrypt(plaintext)
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
	defer s.done()
	plaintext, err := s.use().Decrypt(olm.Message{Type: olm.MessageType(msgType), Body: body})
	return plaintext, translate(err)
}

// Describe returns the indices of the chains and of the keys that are kept for late messages, for logs.
// It shows no secret.
func (s *Session) Describe() string {
	defer s.done()
	return s.use().Describe()
}

// Clear overwrites the secrets of s and leaves it blank.
func (s *Session) Clear() error {
	s.replace(nil)
	return nil
}

func parsePreKeyMessage(text string) (*olm.PreKeyMessage, error) {
	body, err := parseOlmBody(text)
	if err != nil {
		return nil, err
	}
	return olm.ParsePreKeyMessage(body)
}

// blankSessionID is what mautrix's other drivers say is the id of a blank session, and what its state,
// all zeros, gives.
const blankSessionID = "LqmrkZjRY4AHQAzSw77xzHRbhkt2ARoOG8UhgKxkUtQ"

// unpickleSession is olm.UnpickleSession, which refuses a blank session; for that one it returns nil.
func unpickleSession(key, pickled []byte) (*olm.Session, error) {
	inner, err := olm.UnpickleSession(key, pickled)
	if errors.Is(err, pickle.ErrCorrupt) {
		if blank, sealErr := pickle.Seal(key, blankSession[:]); sealErr == nil && bytes.Equal(pickled, blank) {
			return nil, nil
		}
	}
	return inner, err
}

// blankSession is what the pickle of a blank session holds: version 1, flag, four keys, three empty lists.
var blankSession = [4 + 1 + 4*32 + 3*4]byte{3: 1}
