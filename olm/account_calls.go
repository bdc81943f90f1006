package olm

import (
	"iter"

	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/keys"
)

// Account is a device: its identity keys, one-time keys and fallback keys. It must be pickled and
// stored after every call that changes it.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; NewAccount and UnpickleAccount make one.
type Account struct {
	sealedAccount
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[account]
}

// NewAccount returns a new account with random identity keys, and no other keys yet.
func NewAccount() *Account { return guardAccount(newAccount()) }

// UnpickleAccount returns the account in a pickle of libolm's format, version 2 to 4, as libolm,
// goolm, vodozemac and karst write it. It returns the errors of package pickle.
//
// Of more than MaxOneTimeKeys one-time keys, of which vodozemac keeps 5,000, the newest stay; first
// messages to the others do not decrypt.
//
// The identity keys are recomputed; Check does the same for all others.
func UnpickleAccount(key, pickled []byte) (*Account, error) {
	state, err := unpickleAccount(key, pickled)
	if err != nil {
		return nil, err
	}
	return guardAccount(state), nil
}

func guardAccount(state *account) *Account {
	state.handle.state.Put(state)
	return &state.handle
}

// IdentityKeys returns the public identity keys, or zeros if a is wiped.
func (a *Account) IdentityKeys() IdentityKeys {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.IdentityKeys()
}

// Sign signs message with the Ed25519 identity key. It returns ErrWiped.
func (a *Account) Sign(message []byte) (sig keys.Signature, err error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.Sign(message)
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (a *Account) Wipe() {
	state := a.state.Lock()
	defer a.state.Unlock()
	state.Wipe()
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
	return state.GenerateOneTimeKeys(n)
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
	for id, key := range state.OneTimeKeys() {
		list.ids[list.n], list.keys[list.n] = id, key
		list.n++
	}
}

// OneTimeKeyCount returns how many one-time keys are kept, published or not.
func (a *Account) OneTimeKeyCount() int {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.OneTimeKeyCount()
}

// MarkKeysAsPublished marks every one-time key and the current fallback key as published, and
// returns how many one-time keys were not before.
func (a *Account) MarkKeysAsPublished() int {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.MarkKeysAsPublished()
}

// RemoveOneTimeKey drops the one-time key that s was set up with, and reports whether the account
// had it. A fallback key stays, and counts as one that the account has.
func (a *Account) RemoveOneTimeKey(s *Session) bool {
	state := a.state.Lock()
	defer a.state.Unlock()
	of := s.state.Lock() // always after an account: who locks the two has no other order
	defer s.state.Unlock()
	return state.RemoveOneTimeKey(of)
}

// GenerateFallbackKey makes a new fallback key, for when all one-time keys are used. The one before
// stays usable until ForgetOldFallbackKey, or until the next one is made. As long as one is usable, its
// messages can be accepted again: see Accept. It returns ErrWiped.
func (a *Account) GenerateFallbackKey() error {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.GenerateFallbackKey()
}

// FallbackKey returns the current fallback key. ok is false if there is none.
func (a *Account) FallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.FallbackKey()
}

// UnpublishedFallbackKey is FallbackKey for a key that is not marked as published.
func (a *Account) UnpublishedFallbackKey() (id KeyID, key keys.Curve25519, ok bool) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.UnpublishedFallbackKey()
}

// ForgetOldFallbackKey drops the previous fallback key and reports whether there was one. The time
// for it is when messages that used that key have arrived, say an hour after the new one was
// published. From then on nothing that used it is accepted again.
func (a *Account) ForgetOldFallbackKey() bool {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.ForgetOldFallbackKey()
}

// NewOutboundSession begins a session with the device that has the given identity key and one-time,
// or fallback, key. The caller has checked the signature of the one-time key. It returns ErrPublicKey
// or ErrWiped.
func (a *Account) NewOutboundSession(identity, oneTime keys.Curve25519) (*Session, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return guardSession(state.NewOutboundSession(identity, oneTime))
}

// Accept begins the session that m, a pre-key message, sets up, and decrypts m. from is the identity
// key of the device that is said to have sent it, and known are the sessions with that device.
//
// If m sets up one of those it returns a *KnownSessionError, before m is decrypted: that session is to
// decrypt it, and will refuse what it has decrypted before. A new session in its place would have lost all
// that the live one knows, and could not read the next message.
//
// The one-time key is dropped only if m proves authentic: a forged message can't use it up. So a message is
// accepted once. A fallback key stays, and with it Accept takes a message as often as it comes, also after a
// restart, unless its session is among known. Who deletes a session keeps its id, and compares it with
// [PreKeyMessage.SessionID] first, for as long as the account has the fallback key, which
// [Account.ForgetOldFallbackKey] ends.
//
// It also returns what [Session.Decrypt] returns, and ErrUnknownOneTimeKey, ErrIdentityMismatch and
// ErrPublicKey. On an error nothing has changed.
func (a *Account) Accept(from keys.Curve25519, m Message, known ...*Session) (*Session, []byte, error) {
	sets := oneOf(known, m)
	state := a.state.Lock()
	defer a.state.Unlock()
	begun, plaintext, err := state.Accept(from, m, sets)
	s, err := guardSession(begun, err)
	return s, plaintext, err
}

// oneOf reports whether m sets up one of the sessions. Sessions that are nil or wiped are none.
func oneOf(sessions []*Session, m Message) bool {
	if len(sessions) == 0 || m.Type != PreKey {
		return false
	}
	p, err := ParsePreKeyMessage(m.Body)
	if err != nil {
		return false
	}
	for _, s := range sessions {
		if s != nil && s.Matches(p) {
			return true
		}
	}
	return false
}

// NewInboundSession begins the session that m sets up, without decrypting it: libolm's way, in
// which the caller decrypts m next and, if it proves authentic, calls RemoveOneTimeKey. Accept is
// all three in one, and knows the sessions that there are already. It returns ErrUnknownOneTimeKey,
// ErrPublicKey, ErrMessageFormat, ErrMessageVersion or ErrWiped.
func (a *Account) NewInboundSession(m *PreKeyMessage) (*Session, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return guardSession(state.NewInboundSession(m))
}

// NewInboundSessionFrom is NewInboundSession for a message that is said to come from the device
// with a given identity key. It also returns ErrIdentityMismatch.
func (a *Account) NewInboundSessionFrom(from keys.Curve25519, m *PreKeyMessage) (*Session, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return guardSession(state.NewInboundSessionFrom(from, m))
}

// Pickle returns a, encrypted under key, in libolm's format (version 4): base64 text. It returns
// ErrWiped.
func (a *Account) Pickle(key []byte) ([]byte, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.Pickle(key)
}

// AppendPickle is Pickle, appended to dst.
func (a *Account) AppendPickle(dst, key []byte) ([]byte, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.AppendPickle(dst, key)
}

// Check recomputes the public half of every key pair. It is worth its cost, 10 microseconds a key,
// when an account comes from somewhere else. It returns pickle.ErrKeyPair or ErrWiped.
func (a *Account) Check() error {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.Check()
}

// String says what a is and shows nothing of it.
func (a *Account) String() string { return "olm.Account" }

// GoString is String.
func (a *Account) GoString() string { return a.String() }
