package mautrix

import (
	"encoding/binary"

	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// mautrix's interface lacks fallback keys: these methods are those of goolm's account, to be had by
// asserting that an olm.Account is a *mautrix.Account.

// GenFallbackKey makes a new fallback key, for when all one-time keys are used. The one before stays
// usable until ForgetOldFallbackKey, or until the next one is made.
func (a *Account) GenFallbackKey() error {
	return a.generate((*olm.Account).GenerateFallbackKey)
}

// FallbackKey returns the current fallback key by its id; the map is empty if there is none.
func (a *Account) FallbackKey() map[string]id.Curve25519 {
	current := make(map[string]id.Curve25519)
	defer a.done()
	if keyID, key, ok := a.use().FallbackKey(); ok {
		current[keyID.String()] = id.Curve25519(key.String())
	}
	return current
}

// FallbackKeyUnpublished is FallbackKey for a key that is not marked as published.
func (a *Account) FallbackKeyUnpublished() map[string]id.Curve25519 {
	unpublished := make(map[string]id.Curve25519)
	defer a.done()
	if keyID, key, ok := a.use().UnpublishedFallbackKey(); ok {
		unpublished[keyID.String()] = id.Curve25519(key.String())
	}
	return unpublished
}

// ForgetOldFallbackKey drops the fallback key before the current one.
func (a *Account) ForgetOldFallbackKey() {
	defer a.done()
	a.use().ForgetOldFallbackKey()
}

// generate makes new keys, and sees to it that goolm can take the account over. It keeps everybody else
// out: what they would change meanwhile would be lost.
func (a *Account) generate(new func(*olm.Account) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inner == nil {
		return ErrBlank
	}
	if err := new(a.inner); err != nil {
		return translate(err)
	}
	spared, err := spareKeyID(a.inner)
	if err != nil {
		return translate(err)
	}
	a.inner.Wipe()
	a.inner = spared
	return nil
}

// spareKeyID returns account with one key id left unused.
//
// The last field of a pickled account is a key id: to libolm and karst the one that was used last, to
// goolm the one to use next. goolm would go on with an id that a key has already, and the homeserver
// refuses the upload of a second key under one id.
func spareKeyID(account *olm.Account) (*olm.Account, error) {
	key := []byte("the pickle lives as long as this call")
	pickled, err := account.Pickle(key)
	if err != nil {
		return nil, err
	}
	defer clear(pickled)
	contents, err := pickle.Open(key, pickled)
	if err != nil {
		return nil, err
	}
	defer clear(contents)
	lastID := contents[len(contents)-4:]
	binary.BigEndian.PutUint32(lastID, binary.BigEndian.Uint32(lastID)+1)
	sealed, err := pickle.Seal(key, contents)
	if err != nil {
		return nil, err
	}
	defer clear(sealed) // everybody has the key
	return olm.UnpickleAccount(key, sealed)
}
