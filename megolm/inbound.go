package megolm

import (
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// InboundSession decrypts the messages of one sender's session.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; NewInboundSession, ImportSession and UnpickleInboundSession make one.
type InboundSession struct {
	sealedInboundSession
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[inbound]
}

// inbound is the state of an InboundSession.
type inbound struct {
	object InboundSession // what programs have of it, in the same allocation
	p      protocol.InboundGroup
}

// NewInboundSession returns the session of a session key, whose signature it checks. It returns
// ErrSessionKey or ErrSignature.
func NewInboundSession(k SessionKey) (*InboundSession, error) {
	secret.GrowStack()
	state := new(inbound)
	return state.guarded(state.p.Start(k.bytes()))
}

// ImportSession returns the session of an exported key. Whose it is nobody has signed: nothing of it is
// verified until a message decrypts. It returns ErrSessionKey.
func ImportSession(k ExportedKey) (*InboundSession, error) {
	secret.GrowStack()
	state := new(inbound)
	return state.guarded(state.p.Import(k.bytes(), wire.Strict))
}

// UnpickleInboundSession returns the session in a pickle of libolm's format, version 1 or 2. It
// returns the errors of package pickle.
//
// Of what is verified the format keeps a flag. If it is set, all is taken for verified. A session that is so in
// part, as VerifiedFrom says, is stored without it: nothing is verified until the next message decrypts. libolm
// and its other successors set the flag after any one message. So where a pickle's flag alone stands against a
// session key, or against messages, Merge believes those.
func UnpickleInboundSession(key, pickled []byte) (*InboundSession, error) {
	secret.GrowStack()
	state := new(inbound)
	return state.guarded(envelope.Read(key, pickled, func(contents []byte) errcode.Code {
		return state.p.Unpickle(contents, wire.Strict)
	}))
}

// guarded returns the object whose state is s, unless making s has failed.
func (s *inbound) guarded(code errcode.Code) (*InboundSession, error) {
	if code != errcode.OK {
		s.p.Wipe()
		return nil, failure.Of(code)
	}
	s.object.state.Put(s)
	return &s.object, nil
}

// ID returns the id of the session, the base64 of its Ed25519 key: 43 characters. It is empty if s
// is wiped.
func (s *InboundSession) ID() string {
	state := s.state.Lock()
	defer s.state.Unlock()
	return id(state.p.Created(), state.p.Public())
}

// FirstKnownIndex returns the index of the first message that s can decrypt.
func (s *InboundSession) FirstKnownIndex() uint32 {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.FirstKnownIndex()
}

// Verified reports whether all that s knows, from FirstKnownIndex on, is known to come from the owner of the
// session's Ed25519 key: from a signed session key, or because messages decrypted. See VerifiedFrom.
func (s *InboundSession) Verified() bool {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.Verified()
}

// VerifiedFrom returns the index from which on s is verified. ok is false if nothing of it is.
//
// A signed session key verifies all that it gives. A message that decrypts verifies an imported session from the
// start if it is of the same 256 indices, 0 to 255 or 256 to 511 and so on. If not, it verifies it from the next
// multiple of 256 that follows the start, if it is of the same 65536 indices, and so on with 65536 and 2^24:
// parts of the ratchet are made anew there, and what they were before decides about the messages before alone.
// Messages before the index may fail to decrypt, whoever sent them.
func (s *InboundSession) VerifiedFrom() (index uint32, ok bool) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.VerifiedFrom()
}

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
// allocates only if dst has no room for the plaintext and up to 16 bytes more, or once for a signing
// key that has signed before, which makes what it signs next faster to check. What is behind the
// plaintext in dst is overwritten. On an error the plaintext is nil.
func (s *InboundSession) AppendDecrypt(dst []byte, m Message) (plaintext []byte, index uint32, err error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, 0, ErrWiped
	}
	var w wire.GroupMessage
	if code := w.Decode(m, wire.Strict); code != errcode.OK {
		return nil, 0, failure.Of(code)
	}
	before := len(dst)
	dst, tail := wire.Grow(dst, len(w.Ciphertext))
	n, code := state.p.Decrypt(tail, &w, wire.Strict)
	if code != errcode.OK {
		return nil, 0, state.failure(code, w.Index)
	}
	return dst[:before+n], w.Index, nil
}

func (s *inbound) failure(code errcode.Code, index uint32) error {
	if code == errcode.UnknownMessageIndex {
		return &UnknownIndexError{index, s.p.FirstKnownIndex()}
	}
	return failure.Of(code)
}

// Export returns what lets somebody decrypt from index on. It returns *UnknownIndexError or ErrWiped.
//
// Before the index that VerifiedFrom returns, a forgery that was imported is exported as it is. A program that
// vouches for what it gives to others, as for keys that it forwards, asks VerifiedFrom first. A copy for its own
// user, in a key backup for example, had better be whole, and be marked as unverified.
func (s *InboundSession) Export(index uint32) (ExportedKey, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return ExportedKey{}, ErrWiped
	}
	raw := new([ExportedKeyLen]byte)
	if code := state.p.Export(raw[:], index, wire.Strict); code != errcode.OK {
		return ExportedKey{}, state.failure(code, index)
	}
	return ExportedKey{raw: hide(raw)}, nil
}

// Advance makes index the first that s knows, for good: whoever gets hold of s later can't
// decrypt what came before. It returns *UnknownIndexError or ErrWiped.
func (s *InboundSession) Advance(index uint32) error {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return ErrWiped
	}
	return state.failure(state.p.Advance(index), index)
}

// Order says how two inbound sessions relate.
type Order int

const (
	Unrelated Order = 0 // the second contradicts the first, and is not better proven
	Equal     Order = 1 // both know the same messages
	Better    Order = 2 // the first knows earlier messages, or the second is forged there
	Worse     Order = 3 // the second knows earlier messages, or proves what the first doesn't
)

// Compare says how s relates to o. That two sessions have one id does not make them the same: their ratchets
// must agree wherever both are known. If they don't, one of them is forged there, and it counts which is
// verified:
//   - o, and not s: s is Worse, and Merge mends it.
//   - s, and not o: they are Unrelated. If o is verified further on, and agrees with s there, s is Better.
//   - neither, or both: they are Unrelated. If neither is, and o is verified further on, before s, and agrees with
//     s there, s is Worse: Merge takes that.
//
// For want of a signature a forgery may agree with s and give earlier messages than s knows. It is then taken for
// what it says, and VerifiedFrom tells it from the rest.
func (s *InboundSession) Compare(o *InboundSession) Order {
	state, other := guard.LockBoth(&s.state, &o.state)
	defer guard.UnlockBoth(&s.state, &o.state)
	if !state.p.Created() || !other.p.Created() {
		return Unrelated
	}
	return Order(state.p.Compare(&other.p))
}

// Merge takes what o knows and s does not: earlier indices, and from where on the session is verified. It
// returns ErrUnrelated, if o is Unrelated to s as Compare says, or ErrWiped; s is then what it was. Earlier indices
// that are not verified are taken too: Verified is false then, and VerifiedFrom what it was.
//
// Nothing that is not verified replaces what is, and what decrypted goes on decrypting. If o is verified where s
// contradicts it, as a signed session key is, s becomes what o is there, and loses its earlier indices: nothing
// ever decrypted at those.
//
// If two that are not verified contradict each other, s stays as it is. A program can find out which is right: the
// one that decrypts a message is verified, and the other one can then be merged with it.
func (s *InboundSession) Merge(o *InboundSession) error {
	state, other := guard.LockBoth(&s.state, &o.state)
	defer guard.UnlockBoth(&s.state, &o.state)
	if !state.p.Created() || !other.p.Created() {
		return ErrWiped
	}
	if !state.p.Merge(&other.p) {
		return ErrUnrelated
	}
	return nil
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (s *InboundSession) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.p.Wipe()
}

// Pickle returns s, encrypted under key, in libolm's format (version 2): base64 text. What that says of being
// verified, UnpickleInboundSession tells. It returns ErrWiped.
func (s *InboundSession) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (s *InboundSession) AppendPickle(dst, key []byte) ([]byte, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, protocol.InboundPickleLen)
	state.p.Pickle(tail, key, wire.Strict)
	return dst, nil
}

// String says what s is and shows nothing of it.
func (s *InboundSession) String() string { return "megolm.InboundSession" }

// GoString is String.
func (s *InboundSession) GoString() string { return s.String() }
