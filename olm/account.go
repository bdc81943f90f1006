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

// account is the state of an Account, whose methods call those of the same name, and document them.
type account struct {
	handle  Account // what programs have of it, in the same allocation
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

func newAccount() *account {
	secret.GrowStack()
	a := new(account)
	var random [protocol.AccountRandomLen]byte
	entropy.Fill(random[:])
	a.p.Create(random[:])
	secret.Wipe(random[:])
	return a
}

func (a *account) IdentityKeys() IdentityKeys {
	return IdentityKeys{*a.p.Curve25519(), *a.p.Ed25519()}
}

func (a *account) Sign(message []byte) (sig keys.Signature, err error) {
	secret.GrowStack()
	if !a.p.Created() {
		return sig, ErrWiped
	}
	a.p.Sign((*[64]byte)(&sig), message)
	return sig, nil
}

func (a *account) Wipe() {
	a.p.Wipe(a.oneTime)
	a.oneTime = nil
}

// One-time keys.

// DroppedKey is a one-time key that gave way to a newer one. Who has claimed it can't begin a session any more.
type DroppedKey struct {
	ID        KeyID
	Key       keys.Curve25519
	Published bool // as MarkKeysAsPublished has it
}

func (a *account) GenerateOneTimeKeys(n int) (dropped []DroppedKey, err error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	if n < 0 {
		return nil, errors.New("olm: negative number of one-time keys")
	}
	have := a.p.OneTimeKeys()
	if over := have + min(n, MaxOneTimeKeys) - MaxOneTimeKeys; over > 0 { // min: n may be the largest int
		dropped = make([]DroppedKey, over)
		for i := range dropped {
			k := &a.oneTime[i]
			dropped[i] = DroppedKey{KeyID(k.ID()), *k.Public(), k.Published()}
		}
	}
	a.makeRoom(n)
	var random [protocol.KeyRandomLen]byte
	for range n {
		entropy.Fill(random[:])
		a.p.GenerateOneTimeKey(a.oneTime, random[:])
	}
	secret.Wipe(random[:])
	return dropped, nil
}

// makeRoom makes a.oneTime long enough for n more keys, or for as many as are kept.
func (a *account) makeRoom(n int) {
	total := min(n, MaxOneTimeKeys) + a.p.OneTimeKeys()
	if total = min(total, MaxOneTimeKeys); total <= len(a.oneTime) {
		return
	}
	grown := make([]protocol.OneTimeKey, total)
	copy(grown, a.oneTime)
	clear(a.oneTime)
	a.oneTime = grown
}

func (a *account) OneTimeKeys() iter.Seq2[KeyID, keys.Curve25519] {
	return func(yield func(KeyID, keys.Curve25519) bool) {
		for i := a.p.OneTimeKeys() - 1; i >= 0; i-- {
			if k := &a.oneTime[i]; !k.Published() && !yield(KeyID(k.ID()), *k.Public()) {
				return
			}
		}
	}
}

func (a *account) OneTimeKeyCount() int { return a.p.OneTimeKeys() }

func (a *account) MarkKeysAsPublished() int { return a.p.MarkPublished(a.oneTime) }

func (a *account) RemoveOneTimeKey(s *session) bool {
	secret.GrowStack()
	if !s.p.Created() {
		return false
	}
	_, code := a.p.Remove(a.oneTime, &s.p)
	return code == errcode.OK
}

// Fallback keys.

func (a *account) GenerateFallbackKey() error {
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

func (a *account) FallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	k := a.p.Fallback()
	if k == nil {
		return 0, key, false
	}
	return KeyID(k.ID()), *k.Public(), true
}

func (a *account) UnpublishedFallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	if k := a.p.Fallback(); k == nil || k.Published() {
		return 0, key, false
	}
	return a.FallbackKey()
}

func (a *account) ForgetOldFallbackKey() bool { return a.p.ForgetOldFallback() }

// Sessions.

func (a *account) NewOutboundSession(identity, oneTime keys.Curve25519) (*session, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	s := new(session)
	var random [protocol.OutboundRandomLen]byte
	entropy.Fill(random[:])
	code := s.p.StartOutbound(&a.p, (*[32]byte)(&identity), (*[32]byte)(&oneTime), random[:], protocol.Strict)
	secret.Wipe(random[:])
	if code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

func (a *account) Accept(from keys.Curve25519, m Message, known bool) (*session, []byte, error) {
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
	if p.IdentityKey() != from {
		return nil, nil, ErrIdentityMismatch
	}
	if known {
		return nil, nil, &KnownSessionError{p.SessionID()}
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

func (a *account) NewInboundSession(m *PreKeyMessage) (*session, error) {
	return a.newInboundSession(m, nil)
}

func (a *account) NewInboundSessionFrom(from keys.Curve25519, m *PreKeyMessage) (*session, error) {
	return a.newInboundSession(m, (*[32]byte)(&from))
}

func (a *account) newInboundSession(m *PreKeyMessage, from *[32]byte) (*session, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	s := new(session)
	if code := s.p.StartInbound(&a.p, a.oneTime, &m.m, from, protocol.Strict); code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

// Pickles.

func (a *account) Pickle(key []byte) ([]byte, error) { return a.AppendPickle(nil, key) }

func (a *account) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !a.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, a.p.PickleLen())
	a.p.Pickle(tail, key, a.oneTime)
	return dst, nil
}

func unpickleAccount(key, pickled []byte) (*account, error) {
	secret.GrowStack()
	buf := make([]byte, len(pickled))
	copy(buf, pickled)
	defer secret.Wipe(buf)
	raw, code := pickle.Open(buf, key)
	if code != errcode.OK {
		return nil, failure(code)
	}
	a := &account{oneTime: make([]protocol.OneTimeKey, protocol.CountPickled(raw))}
	if code := a.p.Unpickle(raw, a.oneTime, protocol.Strict); code != errcode.OK {
		a.Wipe()
		return nil, failure(code)
	}
	return a, nil
}

func (a *account) Check() error {
	secret.GrowStack()
	if !a.p.Created() {
		return ErrWiped
	}
	return failure(a.p.Check(a.oneTime))
}
