package mautrix

import (
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
)

// InboundGroupSession decrypts the messages of one sender's Megolm session.
type InboundGroupSession struct {
	object[megolm.InboundSession, *megolm.InboundSession]
}

var _ mautrix.InboundGroupSession = (*InboundGroupSession)(nil)

// NewBlankInboundGroupSession returns an InboundGroupSession to unpickle into.
func NewBlankInboundGroupSession() *InboundGroupSession { return new(InboundGroupSession) }

// NewInboundGroupSession returns the session of a session key, whose signature it checks.
func NewInboundGroupSession(sessionKey []byte) (*InboundGroupSession, error) {
	if len(sessionKey) == 0 {
		return nil, mautrix.ErrEmptyInput
	}
	text, err := lenient(sessionKey)
	if err != nil {
		return nil, translate(err)
	}
	key, err := megolm.ParseSessionKey(string(text))
	if err != nil {
		return nil, translate(err)
	}
	defer key.Wipe()
	inner, err := megolm.NewInboundSession(key)
	if err != nil {
		return nil, translate(err)
	}
	return wrapInbound(inner), nil
}

// InboundGroupSessionImport returns the session of an exported key, which nobody has signed.
func InboundGroupSessionImport(exportedKey []byte) (*InboundGroupSession, error) {
	if len(exportedKey) == 0 {
		return nil, mautrix.ErrEmptyInput
	}
	text, err := lenient(exportedKey)
	if err != nil {
		return nil, translate(err)
	}
	key, err := megolm.ParseExportedKey(string(text))
	if err != nil {
		return nil, translate(err)
	}
	defer key.Wipe()
	inner, err := megolm.ImportSession(key)
	if err != nil {
		return nil, translate(err)
	}
	return wrapInbound(inner), nil
}

// InboundGroupSessionFromPickled returns the session in a pickle. An empty key is read as " ", as
// mautrix's other drivers do.
func InboundGroupSessionFromPickled(pickled, key []byte) (*InboundGroupSession, error) {
	s := NewBlankInboundGroupSession()
	if err := s.Unpickle(pickled, orSpace(key)); err != nil {
		return nil, err
	}
	return s, nil
}

// Pickle returns s, encrypted under key, in libolm's format.
func (s *InboundGroupSession) Pickle(key []byte) ([]byte, error) { return s.pickle(key) }

// Unpickle makes s the session in a pickle, and overwrites the secrets of what it was. On an error s is
// unchanged.
func (s *InboundGroupSession) Unpickle(pickled, key []byte) error {
	return s.unpickle(pickled, key, megolm.UnpickleInboundSession, inboundFromJSON)
}

// Decrypt decrypts a message and returns its index too. That the index was not seen before is for the
// caller to check. On an error s is unchanged.
func (s *InboundGroupSession) Decrypt(message []byte) ([]byte, uint, error) {
	if len(message) == 0 {
		return nil, 0, mautrix.ErrEmptyInput
	}
	raw, err := parseMegolmMessage(message)
	if err != nil {
		return nil, 0, translate(err)
	}
	defer s.done()
	plaintext, index, err := s.use().Decrypt(raw)
	if err != nil {
		return nil, 0, translate(err)
	}
	return plaintext, uint(index), nil
}

// ID returns the id of the session. It is empty if s is blank.
func (s *InboundGroupSession) ID() id.SessionID {
	defer s.done()
	return id.SessionID(s.use().ID())
}

// FirstKnownIndex returns the index of the first message that s can decrypt.
func (s *InboundGroupSession) FirstKnownIndex() uint32 {
	defer s.done()
	return s.use().FirstKnownIndex()
}

// IsVerified reports whether all that s knows, from FirstKnownIndex on, is known to come from the owner of the
// session's key: from a signed session key, or because messages decrypted that prove it. With mautrix's other
// drivers any one message is enough.
func (s *InboundGroupSession) IsVerified() bool {
	defer s.done()
	return s.use().Verified()
}

// Export returns, as base64, what lets somebody decrypt from messageIndex on.
func (s *InboundGroupSession) Export(messageIndex uint32) ([]byte, error) {
	defer s.done()
	key, err := s.use().Export(messageIndex)
	if err != nil {
		return nil, translate(err)
	}
	defer key.Wipe()
	text, err := key.Base64()
	return []byte(text), translate(err)
}

// Clear overwrites the secrets of s and leaves it blank.
func (s *InboundGroupSession) Clear() error {
	s.replace(nil)
	return nil
}

// orSpace is what mautrix's other drivers do when they have no key for the pickle of a group session.
func orSpace(key []byte) []byte {
	if len(key) == 0 {
		return []byte(" ")
	}
	return key
}

func wrapInbound(inner *megolm.InboundSession) *InboundGroupSession {
	s := NewBlankInboundGroupSession()
	s.inner = inner
	return s
}
