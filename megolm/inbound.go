package megolm

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// InboundSession decrypts the messages of one sender's session.
//
// Decrypt, AppendDecrypt, Export, Advance, Merge and Wipe need the session for themselves, since they
// keep the ratchet that they came to: beside another call they may ruin it. The race detector reports
// that. Several goroutines may at once call the other methods, which change nothing.
//
// The zero value is of no use; NewInboundSession, ImportSession and UnpickleInboundSession make one.
type InboundSession struct {
	_ [0]func() // not comparable: == would take time that depends on secrets
	p protocol.InboundGroup
}

// NewInboundSession returns the session of a session key, whose signature it checks. It returns
// ErrSessionKey or ErrSignature.
func NewInboundSession(k SessionKey) (*InboundSession, error) {
	secret.GrowStack()
	s := new(InboundSession)
	if code := s.p.Start(k.bytes()); code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

// ImportSession returns the session of an exported key. Whose it is nobody has signed: Verified is
// false until a message decrypts. It returns ErrSessionKey.
func ImportSession(k ExportedKey) (*InboundSession, error) {
	secret.GrowStack()
	s := new(InboundSession)
	if code := s.p.Import(k.bytes(), protocol.Strict); code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

// ID returns the id of the session, the base64 of its Ed25519 key: 43 characters. It is empty if s
// is wiped.
func (s *InboundSession) ID() string { return id(s.p.Created(), s.p.Public()) }

// FirstKnownIndex returns the index of the first message that s can decrypt.
func (s *InboundSession) FirstKnownIndex() uint32 { return s.p.FirstKnownIndex() }

// Verified reports whether the ratchet is known to come from the owner of the session's Ed25519 key:
// from a signed session key, or because a message decrypted.
func (s *InboundSession) Verified() bool { return s.p.Verified() }

// Decrypt decrypts m and returns its index too. It returns
//   - ErrMessageFormat or ErrMessageVersion if m is malformed,
//   - ErrSignature or ErrBadMAC if it does not authenticate,
//   - *UnknownIndexError if it is earlier than s knows, and ErrWiped,
//
// and s is then what it was.
func (s *InboundSession) Decrypt(m Message) (plaintext []byte, index uint32, err error) {
	return s.AppendDecrypt(nil, m)
}

// AppendDecrypt is Decrypt, with the plaintext appended to dst, which must not overlap m. It
// allocates only if dst has no room for the plaintext and up to 16 bytes more. What is behind the
// plaintext in dst is overwritten. On an error the plaintext is nil.
func (s *InboundSession) AppendDecrypt(dst []byte, m Message) (plaintext []byte, index uint32, err error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, 0, ErrWiped
	}
	var w wire.GroupMessage
	if code := w.Decode(m, protocol.Strict); code != errcode.OK {
		return nil, 0, failure(code)
	}
	before := len(dst)
	dst, tail := wire.Grow(dst, len(w.Ciphertext))
	n, code := s.p.Decrypt(tail, &w, protocol.Strict)
	if code != errcode.OK {
		return nil, 0, s.failure(code, w.Index)
	}
	return dst[:before+n], w.Index, nil
}

func (s *InboundSession) failure(code errcode.Code, index uint32) error {
	if code == errcode.UnknownMessageIndex {
		return &UnknownIndexError{index, s.p.FirstKnownIndex()}
	}
	return failure(code)
}

// Export returns what lets somebody decrypt from index on. It returns *UnknownIndexError or ErrWiped.
func (s *InboundSession) Export(index uint32) (ExportedKey, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return ExportedKey{}, ErrWiped
	}
	raw := new([ExportedKeyLen]byte)
	if code := s.p.Export(raw[:], index, protocol.Strict); code != errcode.OK {
		return ExportedKey{}, s.failure(code, index)
	}
	return ExportedKey{hide(raw)}, nil
}

// Advance makes index the first that s knows, for good: whoever gets hold of s later can't
// decrypt what came before. It returns *UnknownIndexError or ErrWiped.
func (s *InboundSession) Advance(index uint32) error {
	secret.GrowStack()
	if !s.p.Created() {
		return ErrWiped
	}
	return s.failure(s.p.Advance(index), index)
}

// Order says how two inbound sessions relate.
type Order int

const (
	Unrelated Order = iota // they are not of one outbound session
	Equal                  // both know the same messages
	Better                 // the first knows earlier messages
	Worse                  // the second knows earlier messages
)

// Compare says how s relates to o. That two sessions have one id does not make them the same: only
// if their ratchets meet are they.
func (s *InboundSession) Compare(o *InboundSession) Order {
	secret.GrowStack()
	switch a, b := s.FirstKnownIndex(), o.FirstKnownIndex(); {
	case !s.p.Created() || !o.p.Created() || !s.p.SameRatchet(&o.p):
		return Unrelated
	case a == b:
		return Equal
	case a < b:
		return Better
	}
	return Worse
}

// Merge takes what o knows and s does not: earlier indices, and that the session is verified. It
// returns ErrUnrelated or ErrWiped.
func (s *InboundSession) Merge(o *InboundSession) error {
	secret.GrowStack()
	if !s.p.Created() || !o.p.Created() {
		return ErrWiped
	}
	if s.Compare(o) == Unrelated {
		return ErrUnrelated
	}
	s.p.Merge(&o.p)
	return nil
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *InboundSession) Wipe() { s.p.Wipe() }

// Pickle returns s, encrypted under key, in libolm's format (version 2): base64 text. It returns
// ErrWiped.
func (s *InboundSession) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (s *InboundSession) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, protocol.InboundPickleLen)
	s.p.Pickle(tail, key)
	return dst, nil
}

// UnpickleInboundSession returns the session in a pickle of libolm's format, version 1 or 2. It
// returns the errors of package pickle.
func UnpickleInboundSession(key, pickled []byte) (*InboundSession, error) {
	secret.GrowStack()
	s := new(InboundSession)
	code := open(key, pickled, func(raw []byte) errcode.Code { return s.p.Unpickle(raw, protocol.Strict) })
	if code != errcode.OK {
		s.Wipe()
		return nil, failure(code)
	}
	return s, nil
}

// String says what s is and shows nothing of it.
func (s InboundSession) String() string { return "megolm.InboundSession" }

// GoString is String.
func (s InboundSession) GoString() string { return s.String() }
