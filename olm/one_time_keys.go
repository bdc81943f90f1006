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
)

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

// One-time keys.

// DroppedKey is a one-time key that gave way to a newer one. Who has claimed it can't begin a session any more.
type DroppedKey struct {
	ID        KeyID
	Key       keys.Curve25519
	Published bool // as MarkKeysAsPublished has it
}

// GenerateOneTimeKeys adds n new one-time keys. Only the newest MaxOneTimeKeys are kept: it returns the
// others that there were before, oldest first. A published one among them may have been claimed, and what
// its claimant sends then can't be read. It returns ErrWiped, or another error if n is negative.
//
// n should be MaxOneTimeKeys/2 less the server's count, the number of keys that nobody has claimed yet, which
// it tells with every upload and sync, and less the keys that OneTimeKeys yields: those were made, but never
// reached the server or never were marked, and are to be uploaded again first. Then the other half is left for
// keys that were claimed and whose first message is on its way, and none of all is dropped.
func (a *Account) GenerateOneTimeKeys(n int) (dropped []DroppedKey, err error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	if n < 0 {
		return nil, errors.New("olm: negative number of one-time keys")
	}
	have := state.p.OneTimeKeys()
	if over := have + min(n, MaxOneTimeKeys) - MaxOneTimeKeys; over > 0 { // min: n may be the largest int
		dropped = make([]DroppedKey, over)
		for i := range dropped {
			k := &state.oneTime[i]
			dropped[i] = DroppedKey{KeyID(k.ID()), *k.Public(), k.Published()}
		}
	}
	state.makeRoom(n)
	var random [protocol.KeyRandomLen]byte
	for range n {
		entropy.Fill(random[:])
		state.p.GenerateOneTimeKey(state.oneTime, random[:])
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

// OneTimeKeys yields the one-time keys that are not marked as published, newest first: those that there
// are when the loop begins. The loop may use the account, and change it.
func (a *Account) OneTimeKeys() iter.Seq2[KeyID, keys.Curve25519] {
	return func(yield func(KeyID, keys.Curve25519) bool) {
		var list oneTimeKeys
		a.listOneTimeKeys(&list)
		for i := range list.n {
			if !yield(list.ids[i], list.keys[i]) {
				return
			}
		}
	}
}

// oneTimeKeys is a list of public keys.
type oneTimeKeys struct {
	n    int
	ids  [MaxOneTimeKeys]KeyID
	keys [MaxOneTimeKeys]keys.Curve25519
}

// listOneTimeKeys copies what OneTimeKeys yields: the body of a loop may call a, which is not locked then.
func (a *Account) listOneTimeKeys(list *oneTimeKeys) {
	state := a.state.Lock()
	defer a.state.Unlock()
	for i := state.p.OneTimeKeys() - 1; i >= 0; i-- {
		if k := &state.oneTime[i]; !k.Published() {
			list.ids[list.n], list.keys[list.n] = KeyID(k.ID()), *k.Public()
			list.n++
		}
	}
}

// OneTimeKeyCount returns how many one-time keys are kept, published or not.
func (a *Account) OneTimeKeyCount() int {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.p.OneTimeKeys()
}

// MarkKeysAsPublished marks every one-time key and the current fallback key as published, and
// returns how many one-time keys were not before.
func (a *Account) MarkKeysAsPublished() int {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.p.MarkPublished(state.oneTime)
}

// RemoveOneTimeKey drops the one-time key that s was set up with, and reports whether the account
// had it. A fallback key stays, and counts as one that the account has.
func (a *Account) RemoveOneTimeKey(s *Session) bool {
	state := a.state.Lock()
	defer a.state.Unlock()
	of := s.state.Lock() // always after an account: who locks the two has no other order
	defer s.state.Unlock()
	return state.removeOneTimeKey(of)
}

func (a *account) removeOneTimeKey(s *session) bool {
	if !s.p.Created() {
		return false
	}
	_, code := a.p.Remove(a.oneTime, &s.p)
	return code == errcode.OK
}

// Fallback keys.

// GenerateFallbackKey makes a new fallback key, for when all one-time keys are used. The one before
// stays usable until ForgetOldFallbackKey, or until the next one is made. As long as one is usable, its
// messages can be accepted again: see Accept. It returns ErrWiped.
func (a *Account) GenerateFallbackKey() error {
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return ErrWiped
	}
	var random [protocol.KeyRandomLen]byte
	entropy.Fill(random[:])
	state.p.GenerateFallbackKey(random[:])
	secret.Wipe(random[:])
	return nil
}

// FallbackKey returns the current fallback key. ok is false if there is none.
func (a *Account) FallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return fallback(state.p.Fallback())
}

// UnpublishedFallbackKey is FallbackKey for a key that is not marked as published.
func (a *Account) UnpublishedFallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	state := a.state.Lock()
	defer a.state.Unlock()
	k := state.p.Fallback()
	if k != nil && k.Published() {
		k = nil
	}
	return fallback(k)
}

func fallback(k *protocol.OneTimeKey) (id KeyID, key keys.Curve25519, ok bool) {
	if k == nil {
		return 0, key, false
	}
	return KeyID(k.ID()), *k.Public(), true
}

// ForgetOldFallbackKey drops the previous fallback key and reports whether there was one. The time
// for it is when messages that used that key have arrived, say an hour after the new one was
// published. From then on nothing that used it is accepted again.
func (a *Account) ForgetOldFallbackKey() bool {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.p.ForgetOldFallback()
}
