package olm

import "github.com/karst-im/karst/internal/guard"

// Session is one side of an Olm session with another device. It must be pickled and stored after
// every Encrypt and every successful Decrypt.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; the methods of Account and UnpickleSession make one.
type Session struct {
	sealedSession
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[session]
}

// UnpickleSession returns the session in a pickle of libolm's format, as libolm, goolm and karst
// write it. It returns the errors of package pickle.
//
// goolm kept every receiving chain and every key for a late message up to mautrix 0.26. What a Session
// does not keep is dropped: all but the five newest chains, and for each of them all but the 40 keys
// with the highest indices. Late messages that wanted the others do not decrypt. Up to 0.21 it wrote its chains
// so that nobody can use them: such a session is read, and whole again once the other side answers what it sent
// last. If it has sent nothing since it last received, what it sends now nobody can read, and a new session has to be begun.
func UnpickleSession(key, pickled []byte) (*Session, error) {
	return guardSession(unpickleSession(key, pickled))
}

func guardSession(state *session, err error) (*Session, error) {
	if err != nil {
		return nil, err
	}
	state.handle.state.Put(state)
	return &state.handle, nil
}

// ID returns the id of the session, equal on both sides: 43 characters of base64. It is empty if s
// is wiped.
func (s *Session) ID() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.ID()
}

// Keys returns the public keys that s was set up with, or zeros if it is wiped.
func (s *Session) Keys() SessionKeys {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Keys()
}

// Matches reports whether m names the keys of this session. Nothing has authenticated them: whether m was sent in
// it, Decrypt shows.
func (s *Session) Matches(m *PreKeyMessage) bool {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Matches(m)
}

// HasReceivedMessage reports whether s has decrypted a message. From then on it sends normal
// messages.
func (s *Session) HasReceivedMessage() bool {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.HasReceivedMessage()
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *Session) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.Wipe()
}

// NextType returns the type of the next message that s sends.
func (s *Session) NextType() MessageType {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.NextType()
}

// MessageLen returns the length in bytes of the body of the next message, for a plaintext of n
// bytes.
func (s *Session) MessageLen(n int) int {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.MessageLen(n)
}

// Encrypt encrypts plaintext. It returns ErrExhausted, ErrPublicKey or ErrWiped.
func (s *Session) Encrypt(plaintext []byte) (Message, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Encrypt(plaintext)
}

// AppendEncrypt is Encrypt, with the body of the message appended to dst, which must not overlap
// plaintext. It allocates only if dst has no room for MessageLen(len(plaintext)) bytes more. On an
// error the body is nil.
func (s *Session) AppendEncrypt(dst, plaintext []byte) (MessageType, []byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.AppendEncrypt(dst, plaintext)
}

// Decrypt decrypts m. It returns
//   - ErrMessageFormat or ErrMessageVersion if m is malformed,
//   - ErrBadMAC if it does not authenticate, and *GapError or ErrNoMessageKey if its key can't be
//     had to find out,
//   - ErrSessionMismatch if it is a pre-key message of another session,
//   - ErrPublicKey if its ratchet key is invalid, ErrExhausted if its index is 2^32-1, which no
//     session sends, and ErrWiped,
//
// and s is then what it was.
func (s *Session) Decrypt(m Message) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Decrypt(m)
}

// AppendDecrypt is Decrypt, with the plaintext appended to dst, which must not overlap the body of
// m. It allocates only if dst has no room for the plaintext and up to 16 bytes more, or if messages
// are missing before m, whose keys have to be kept. What is behind the plaintext in dst is
// overwritten. On an error the result is nil.
func (s *Session) AppendDecrypt(dst []byte, m Message) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.AppendDecrypt(dst, m)
}

// Describe returns the indices of the chains of s and of the keys that are kept for late messages,
// for logs, in libolm's words. It shows no secret.
func (s *Session) Describe() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Describe()
}

// String says what s is and shows nothing of it.
func (s *Session) String() string { return "olm.Session" }

// GoString is String.
func (s *Session) GoString() string { return s.String() }

// Pickle returns s, encrypted under key, in libolm's format (version 1): base64 text. It holds the 40
// newest keys for late messages. It returns ErrWiped.
func (s *Session) Pickle(key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Pickle(key)
}

// AppendPickle is Pickle, appended to dst.
func (s *Session) AppendPickle(dst, key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.AppendPickle(dst, key)
}

// Check recomputes the public ratchet key. It returns pickle.ErrKeyPair or ErrWiped.
func (s *Session) Check() error {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.Check()
}
