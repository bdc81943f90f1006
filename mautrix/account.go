package mautrix

import (
	"encoding/json"
	"sync"

	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
)

// Account is a device: its identity keys, one-time keys and fallback keys.
type Account struct {
	mu    sync.Mutex
	inner *olm.Account // nil in a blank one
}

var _ mautrix.Account = (*Account)(nil)

// NewBlankAccount returns an Account to unpickle into.
func NewBlankAccount() *Account { return new(Account) }

// NewAccount returns a new Account with random identity keys.
func NewAccount() (*Account, error) { return &Account{inner: olm.NewAccount()}, nil }

// AccountFromPickled returns the Account in a pickle.
func AccountFromPickled(pickled, key []byte) (*Account, error) {
	a := NewBlankAccount()
	if err := a.Unpickle(pickled, key); err != nil {
		return nil, err
	}
	return a, nil
}

// Pickle returns a, encrypted under key, in libolm's format.
func (a *Account) Pickle(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, mautrix.ErrNoKeyProvided
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return nil, ErrBlank
	}
	pickled, err := a.inner.Pickle(key)
	return pickled, translate(err)
}

// Unpickle makes a the account in a pickle. On an error a is unchanged.
func (a *Account) Unpickle(pickled, key []byte) error {
	inner, err := unpickle(pickled, key, olm.UnpickleAccount, accountFromJSON)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inner = inner
	return nil
}

// IdentityKeysJSON returns the public identity keys as JSON.
func (a *Account) IdentityKeysJSON() ([]byte, error) {
	ed25519, curve25519, err := a.IdentityKeys()
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Curve25519 id.Curve25519 `json:"curve25519"`
		Ed25519    id.Ed25519    `json:"ed25519"`
	}{curve25519, ed25519})
}

// IdentityKeys returns the public identity keys. They are empty, without an error, if a is blank:
// mautrix panics at an error.
func (a *Account) IdentityKeys() (id.Ed25519, id.Curve25519, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return "", "", nil
	}
	public := a.inner.IdentityKeys()
	return id.Ed25519(public.Ed25519.String()), id.Curve25519(public.Curve25519.String()), nil
}

// Sign returns the signature of message, which must not be empty, as base64.
func (a *Account) Sign(message []byte) ([]byte, error) {
	if len(message) == 0 {
		return nil, mautrix.ErrEmptyInput
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return nil, ErrBlank
	}
	signature, err := a.inner.Sign(message)
	if err != nil {
		return nil, translate(err)
	}
	return signature.MarshalText()
}

// OneTimeKeys returns the one-time keys that are not marked as published, by their ids.
func (a *Account) OneTimeKeys() (map[string]id.Curve25519, error) {
	unpublished := make(map[string]id.Curve25519)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return unpublished, nil
	}
	for keyID, key := range a.inner.OneTimeKeys() {
		unpublished[keyID.String()] = id.Curve25519(key.String())
	}
	return unpublished, nil
}

// MarkKeysAsPublished marks the one-time keys and the fallback key as published.
func (a *Account) MarkKeysAsPublished() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner != nil {
		a.inner.MarkKeysAsPublished()
	}
}

// MaxNumberOfOneTimeKeys returns how many one-time keys an account keeps.
func (a *Account) MaxNumberOfOneTimeKeys() uint { return olm.MaxOneTimeKeys }

// GenOneTimeKeys adds num one-time keys. Of more than MaxNumberOfOneTimeKeys the oldest are dropped.
func (a *Account) GenOneTimeKeys(num uint) error {
	return a.generate(func(inner *olm.Account) error {
		// More than are kept would only cost time, and num may not fit an int.
		return inner.GenerateOneTimeKeys(int(min(num, olm.MaxOneTimeKeys)))
	})
}

// NewOutboundSession begins a session with the device that has the given identity key and one-time key.
func (a *Account) NewOutboundSession(theirIdentityKey, theirOneTimeKey id.Curve25519) (mautrix.Session, error) {
	if theirIdentityKey == "" || theirOneTimeKey == "" {
		return nil, mautrix.ErrEmptyInput
	}
	identity, err := parseCurve25519(theirIdentityKey)
	if err != nil {
		return nil, translate(err)
	}
	oneTime, err := parseCurve25519(theirOneTimeKey)
	if err != nil {
		return nil, translate(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return nil, ErrBlank
	}
	return wrapSession(a.inner.NewOutboundSession(identity, oneTime))
}

// NewInboundSession begins the session that a pre-key message sets up. It decrypts nothing and drops no
// one-time key: Session.Decrypt and RemoveOneTimeKeys are to follow.
func (a *Account) NewInboundSession(oneTimeKeyMsg string) (mautrix.Session, error) {
	return a.NewInboundSessionFrom(nil, oneTimeKeyMsg)
}

// NewInboundSessionFrom is NewInboundSession for a message that is said to come from the device with the
// given identity key. nil stands for any device.
func (a *Account) NewInboundSessionFrom(theirIdentityKey *id.Curve25519, oneTimeKeyMsg string) (mautrix.Session, error) {
	if oneTimeKeyMsg == "" {
		return nil, mautrix.ErrEmptyInput
	}
	message, err := parsePreKeyMessage(oneTimeKeyMsg)
	if err != nil {
		return nil, translate(err)
	}
	identity := message.IdentityKey()
	if theirIdentityKey != nil {
		if identity, err = parseCurve25519(*theirIdentityKey); err != nil {
			return nil, translate(err)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return nil, ErrBlank
	}
	return wrapSession(a.inner.NewInboundSessionFrom(identity, message))
}

// RemoveOneTimeKeys drops the one-time key that s was set up with; a fallback key stays. It returns
// ErrBadMessageKeyID if the account has neither. s may be a session of another driver.
func (a *Account) RemoveOneTimeKeys(s mautrix.Session) error {
	own, ok := s.(*Session)
	if !ok {
		var err error
		if own, err = adopt(s); err != nil {
			return err
		}
	}
	if own == nil {
		return ErrBlank
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	own.mu.Lock()
	defer own.mu.Unlock()
	if a.inner == nil || own.inner == nil {
		return ErrBlank
	}
	if !a.inner.RemoveOneTimeKey(own.inner) {
		return translate(olm.ErrUnknownOneTimeKey)
	}
	return nil
}

// Clear overwrites the secrets of a and leaves it blank.
func (a *Account) Clear() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner != nil {
		a.inner.Wipe()
		a.inner = nil
	}
	return nil
}

func wrapSession(inner *olm.Session, err error) (mautrix.Session, error) {
	if err != nil {
		return nil, translate(err)
	}
	return &Session{inner: inner}, nil
}

// adopt returns a copy, of this driver, of a session of another one.
func adopt(s mautrix.Session) (*Session, error) {
	if s == nil {
		return nil, ErrBlank
	}
	const key = "from one driver to the other, within one process"
	pickled, err := s.Pickle([]byte(key))
	if err != nil {
		return nil, err
	}
	return SessionFromPickled(pickled, []byte(key))
}
