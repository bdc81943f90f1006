package olm

import (
	"errors"
	"iter"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pickle"
)

// Account is a device: its identity keys, one-time keys and fallback keys. It must be pickled and
// stored after every call that changes it.
//
// Several goroutines may at once call what changes nothing: IdentityKeys, Sign, OneTimeKeys,
// OneTimeKeyCount, FallbackKey, UnpublishedFallbackKey, NewOutboundSession, NewInboundSession,
// NewInboundSessionFrom, Pickle, AppendPickle, Check and String. Any other method needs the Account for
// itself: beside another call it may panic, or lose a key. The race detector reports that.
//
// The zero value is of no use; NewAccount and UnpickleAccount make one.
type Account struct {
	_       [0]func() // not comparable: == would take time that depends on secrets
	p       protocol.Account
	oneTime []protocol.OneTimeKey
}

// IdentityKeys are the public keys that name a device.
type IdentityKeys struct {
	Curve25519 keys.Curve25519 `json:"curve25519"`
	Ed25519    keys.Ed25519    `json:"ed25519"`
}

// KeyID is the number of a one-time or fallback key in its account. As text it is the base64 of its
// four bytes, as in "signed_curve25519:AAAAAQ".
type KeyID uint32

// String returns the base64 of id.
func (id KeyID) String() string {
	return wire.Text([]byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)})
}

// MarshalText implements encoding.TextMarshaler.
func (id KeyID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It returns keys.ErrSyntax if text is not the
// base64 of four bytes; id is then unchanged.
func (id *KeyID) UnmarshalText(text []byte) error {
	var b [4]byte
	if !wire.DecodeKey(b[:], text) {
		return keys.ErrSyntax
	}
	*id = KeyID(b[0])<<24 | KeyID(b[1])<<16 | KeyID(b[2])<<8 | KeyID(b[3])
	return nil
}

// NewAccount returns a new account with random identity keys, and no other keys yet.
func NewAccount() *Account {
	secret.GrowStack()
	a := new(Account)
	var random [protocol.AccountRandomLen]byte
	entropy.Fill(random[:])
	a.p.Create(random[:])
	secret.Wipe(random[:])
	return a
}

// IdentityKeys returns the public identity keys, or zeros if a is wiped.
func (a *Account) IdentityKeys() IdentityKeys {
	return IdentityKeys{*a.p.Curve25519(), *a.p.Ed25519()}
}

// Sign signs message with the Ed25519 identity key. It returns ErrWiped.
func (a *Account) Sign(message []byte) (sig keys.Signature, err error) {
	secret.GrowStack()
	if !a.p.Created() {
		return sig, ErrWiped
	}
	a.p.Sign((*[64]byte)(&sig), message)
	return sig, nil
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (a *Account) Wipe() {
	a.p.Wipe(a.oneTime)
	a.oneTime = nil
}

// One-time keys.

// GenerateOneTimeKeys adds n new one-time keys. Only the newest MaxOneTimeKeys are kept. It returns
// ErrWiped, or another error if n is negative.
func (a *Account) GenerateOneTimeKeys(n int) error {
	secret.GrowStack()
	if !a.p.Created() {
		return ErrWiped
	}
	if n < 0 {
		return errors.New("olm: negative number of one-time keys")
	}
	a.makeRoom(n)
	var random [protocol.KeyRandomLen]byte
	for range n {
		entropy.Fill(random[:])
		a.p.GenerateOneTimeKey(a.oneTime, random[:])
	}
	secret.Wipe(random[:])
	return nil
}

// makeRoom makes a.oneTime long enough for n more keys, or for as many as are kept.
func (a *Account) makeRoom(n int) {
	total := min(n, MaxOneTimeKeys) + a.p.OneTimeKeys()
	if total = min(total, MaxOneTimeKeys); total <= len(a.oneTime) {
		return
	}
	grown := make([]protocol.OneTimeKey, total)
	copy(grown, a.oneTime)
	clear(a.oneTime)
	a.oneTime = grown
}

// OneTimeKeys yields the one-time keys that are not marked as published, newest first. The account
// must not be changed meanwhile.
func (a *Account) OneTimeKeys() iter.Seq2[KeyID, keys.Curve25519] {
	return func(yield func(KeyID, keys.Curve25519) bool) {
		for i := a.p.OneTimeKeys() - 1; i >= 0; i-- {
			if k := &a.oneTime[i]; !k.Published() && !yield(KeyID(k.ID()), *k.Public()) {
				return
			}
		}
	}
}

// OneTimeKeyCount returns how many one-time keys are kept, published or not.
func (a *Account) OneTimeKeyCount() int { return a.p.OneTimeKeys() }

// MarkKeysAsPublished marks every one-time key and the current fallback key as published, and
// returns how many one-time keys were not before.
func (a *Account) MarkKeysAsPublished() int { return a.p.MarkPublished(a.oneTime) }

// RemoveOneTimeKey drops the one-time key that s was set up with, and reports whether the account
// had it. A fallback key stays, and counts as one that the account has.
func (a *Account) RemoveOneTimeKey(s *Session) bool {
	secret.GrowStack()
	if !s.p.Created() {
		return false
	}
	_, code := a.p.Remove(a.oneTime, &s.p)
	return code == errcode.OK
}

// Fallback keys.

// GenerateFallbackKey makes a new fallback key, for when all one-time keys are used. The one before
// stays usable until ForgetOldFallbackKey, or until the next one is made. It returns ErrWiped.
func (a *Account) GenerateFallbackKey() error {
	secret.GrowStack()
	if !a.p.Created() {
		return ErrWiped
	}
	var random [protocol.KeyRandomLen]byte
	entropy.Fill(random[:])
	a.p.GenerateFallbackKey(random[:])
	secret.Wipe(random[:])
	return nil
}

// FallbackKey returns the current fallback key. ok is false if there is none.
func (a *Account) FallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	k := a.p.Fallback()
	if k == nil {
		return 0, key, false
	}
	return KeyID(k.ID()), *k.Public(), true
}

// UnpublishedFallbackKey is FallbackKey for a key that is not marked as published.
func (a *Account) UnpublishedFallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	if k := a.p.Fallback(); k == nil || k.Published() {
		return 0, key, false
	}
	return a.FallbackKey()
}

// ForgetOldFallbackKey drops the previous fallback key and reports whether there was one. The time
// for it is when messages that used that key have arrived, say an hour after the new one was
// published.
func (a *Account) ForgetOldFallbackKey() bool { return a.p.ForgetOldFallback() }

// Sessions.

// NewOutboundSession begins a session with the device that has the given identity key and one-time,
// or fallback, key. The caller has checked the signature of the one-time key. It returns ErrPublicKey
// or ErrWiped.
func (a *Account) NewOutboundSession(identity, oneTime keys.Curve25519) (*Session, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	s := new(Session)
	var random [protocol.OutboundRandomLen]byte
	entropy.Fill(random[:])
	code := s.p.StartOutbound(&a.p, (*[32]byte)(&identity), (*[32]byte)(&oneTime), random[:], protocol.Strict)
	secret.Wipe(random[:])
	if code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

// Accept begins the session that m, a pre-key message, sets up, and decrypts m. from is the identity
// key of the device that is said to have sent it.
//
// The one-time key is dropped only if m proves authentic: a forged message can't use it up. A
// fallback key stays. It returns what [Session.Decrypt] returns, and ErrUnknownOneTimeKey,
// ErrIdentityMismatch and ErrPublicKey.
func (a *Account) Accept(from keys.Curve25519, m Message) (*Session, []byte, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, nil, ErrWiped
	}
	if m.Type != PreKey {
		return nil, nil, ErrMessageFormat
	}
	p, err := ParsePreKeyMessage(m.Body)
	if err != nil {
		return nil, nil, err
	}
	s, err := a.newInboundSession(p, (*[32]byte)(&from))
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := s.Decrypt(m)
	if err != nil {
		s.Wipe()
		return nil, nil, err
	}
	a.RemoveOneTimeKey(s)
	return s, plaintext, nil
}

// NewInboundSession begins the session that m sets up, without decrypting it: libolm's way, in
// which the caller decrypts m next and, if it proves authentic, calls RemoveOneTimeKey. Accept is
// all three in one. It returns ErrUnknownOneTimeKey, ErrPublicKey, ErrMessageFormat,
// ErrMessageVersion or ErrWiped.
func (a *Account) NewInboundSession(m *PreKeyMessage) (*Session, error) {
	return a.newInboundSession(m, nil)
}

// NewInboundSessionFrom is NewInboundSession for a message that is said to come from the device
// with a given identity key. It also returns ErrIdentityMismatch.
func (a *Account) NewInboundSessionFrom(from keys.Curve25519, m *PreKeyMessage) (*Session, error) {
	return a.newInboundSession(m, (*[32]byte)(&from))
}

func (a *Account) newInboundSession(m *PreKeyMessage, from *[32]byte) (*Session, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	s := new(Session)
	if code := s.p.StartInbound(&a.p, a.oneTime, &m.m, from, protocol.Strict); code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

// Pickles.

// Pickle returns a, encrypted under key, in libolm's format (version 4): base64 text. It returns
// ErrWiped.
func (a *Account) Pickle(key []byte) ([]byte, error) { return a.AppendPickle(nil, key) }

// AppendPickle is Pickle, appended to dst.
func (a *Account) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, a.p.PickleLen())
	a.p.Pickle(tail, key, a.oneTime)
	return dst, nil
}

// UnpickleAccount returns the account in a pickle of libolm's format, version 2 to 4, as libolm,
// goolm, vodozemac and karst write it. It returns the errors of package pickle.
//
// The identity keys are recomputed; Check does the same for all others.
func UnpickleAccount(key, pickled []byte) (*Account, error) {
	secret.GrowStack()
	buf := make([]byte, len(pickled))
	copy(buf, pickled)
	defer secret.Wipe(buf)
	raw, code := pickle.Open(buf, key)
	if code != errcode.OK {
		return nil, failure(code)
	}
	a := &Account{oneTime: make([]protocol.OneTimeKey, protocol.CountPickled(raw))}
	if code := a.p.Unpickle(raw, a.oneTime, protocol.Strict); code != errcode.OK {
		a.Wipe()
		return nil, failure(code)
	}
	return a, nil
}

// Check recomputes the public half of every key pair. It is worth its cost, 12 microseconds a key,
// when an account comes from somewhere else. It returns pickle.ErrKeyPair or ErrWiped.
func (a *Account) Check() error {
	secret.GrowStack()
	if !a.p.Created() {
		return ErrWiped
	}
	return failure(a.p.Check(a.oneTime))
}

// String says what a is and shows nothing of it.
func (a Account) String() string { return "olm.Account" }

// GoString is String.
func (a Account) GoString() string { return a.String() }
