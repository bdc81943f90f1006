package mautrix

import (
	"encoding/json"

	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
)

// Account is a device: its identity keys, one-time keys and fallback keys.
type Account struct {
	object[olm.Account, *olm.Account]
}

var _ mautrix.Account = (*Account)(nil)

// NewBlankAccount returns an Account to unpickle into.
func NewBlankAccount() *Account { return new(Account) }

// NewAccount returns a new Account with random identity keys.
func NewAccount() (*Account, error) {
	a := NewBlankAccount()
	a.inner = olm.NewAccount()
	return a, nil
}

// AccountFromPickled returns the Account in a pickle.
func AccountFromPickled(pickled, key []byte) (*Account, error) {
	a := NewBlankAccount()
	if err := a.Unpickle(pickled, key); err != nil {
		return nil, err
	}
	return a, nil
}

// Pickle returns a, encrypted under key, in libolm's format.
func (a *Account) Pickle(key []byte) ([]byte, error) { return a.pickle(key) }

// Unpickle makes a the account in a pickle, and overwrites the secrets of what it was. On an error a is
// unchanged.
func (a *Account) Unpickle(pickled, key []byte) error {
	return a.unpickle(pickled, key, olm.UnpickleAccount, accountFromJSON)
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
	defer a.done()
	public := a.use().IdentityKeys()
	if public == (olm.IdentityKeys{}) {
		return "", "", nil
	}
	return id.Ed25519(public.Ed25519.String()), id.Curve25519(public.Curve25519.String()), nil
}

// Sign returns the signature of message, which must not be empty, as base64.
func (a *Account) Sign(message []byte) ([]byte, error) {
	if len(message) == 0 {
		return nil, mautrix.ErrEmptyInput
	}
	defer a.done()
	signature, err := a.use().Sign(message)
	if err != nil {
		return nil, translate(err)
	}
	return signature.MarshalText()
}

// OneTimeKeys returns the one-time keys that are not marked as published, by their ids.
func (a *Account) OneTimeKeys() (map[string]id.Curve25519, error) {
	unpublished := make(map[string]id.Curve25519)
	defer a.done()
	for keyID, key := range a.use().OneTimeKeys() {
		unpublished[keyID.String()] = id.Curve25519(key.String())
	}
	return unpublished, nil
}

// MarkKeysAsPublished marks the one-time keys and the fallback key as published.
func (a *Account) MarkKeysAsPublished() {
	defer a.done()
	a.use().MarkKeysAsPublished()
}

// MaxNumberOfOneTimeKeys returns how many one-time keys an account keeps.
func (a *Account) MaxNumberOfOneTimeKeys() uint { return olm.MaxOneTimeKeys }

// GenOneTimeKeys adds num one-time keys. If more than MaxNumberOfOneTimeKeys would be there, those count that
// are not published yet: mautrix uploads them along with the new ones. So uploads that fail again and again
// drop no key that the homeserver hands out. Of what is still too many the oldest are dropped.
func (a *Account) GenOneTimeKeys(num uint) error {
	return a.generate(func(inner *olm.Account) error {
		// More than are kept would only cost time, and num may not fit an int.
		n := int(min(num, olm.MaxOneTimeKeys))
		over := inner.OneTimeKeyCount() + n - olm.MaxOneTimeKeys
		for range inner.OneTimeKeys() {
			if over <= 0 || n == 0 {
				break
			}
			over--
			n--
		}
		_, err := inner.GenerateOneTimeKeys(n)
		return err
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
	defer a.done()
	return wrapSession(a.use().NewOutboundSession(identity, oneTime))
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
	defer a.done()
	return wrapSession(a.use().NewInboundSessionFrom(identity, message))
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
		defer own.replace(nil)
	}
	if own == nil {
		return ErrBlank
	}
	account, session := a.use(), own.use()
	defer a.done()
	defer own.done()
	if a.inner == nil || own.inner == nil {
		return ErrBlank
	}
	if !account.RemoveOneTimeKey(session) {
		return translate(olm.ErrUnknownOneTimeKey)
	}
	return nil
}

// Clear overwrites the secrets of a and leaves it blank.
func (a *Account) Clear() error {
	a.replace(nil)
	return nil
}

func wrapSession(inner *olm.Session, err error) (mautrix.Session, error) {
	if err != nil {
		return nil, translate(err)
	}
	s := NewBlankSession()
	s.inner = inner
	return s, nil
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
	defer clear(pickled) // everybody has the key
	return SessionFromPickled(pickled, []byte(key))
}
