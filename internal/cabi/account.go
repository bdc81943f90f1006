package cabi

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// Account is an OlmAccount.
type Account struct {
	status
	a     protocol.Account
	store [protocol.MaxOneTimeKeys]protocol.OneTimeKey
}

// CreateAccountRandomLen is how many random bytes Create needs.
const CreateAccountRandomLen = protocol.AccountRandomLen

// Create makes identity keys, in place of any that a has, and wipes random.
func (a *Account) Create(random []byte) uint {
	enough := len(random) >= CreateAccountRandomLen
	if enough {
		a.a.Create(random)
	}
	secret.Wipe(random)
	if !enough {
		return a.fail(errcode.NotEnoughRandom)
	}
	return 0
}

// PickleLen returns the length of the account's pickle.
func (a *Account) PickleLen() uint { return uint(a.a.PickleLen()) }

// Pickle writes the account, encrypted under key, to pickled, and returns the length.
func (a *Account) Pickle(key, pickled []byte) uint {
	return writePickle(a, a.PickleLen(), key, pickled)
}

func (a *Account) write(dst, key []byte) { a.a.Pickle(dst, key, a.store[:]) }

// Unpickle reads the account from pickled, which is decrypted where it lies, and returns the length
// of pickled.
func (a *Account) Unpickle(key, pickled []byte) uint { return readPickle(a, key, pickled) }

func (a *Account) read(raw []byte) errcode.Code {
	return a.a.Unpickle(raw, a.store[:], wire.Lenient)
}

// IdentityKeysLen is the length of what IdentityKeys writes.
const IdentityKeysLen = len(`{"curve25519":"","ed25519":""}`) + 2*keyText

// IdentityKeys writes the public identity keys as JSON and returns the length.
func (a *Account) IdentityKeys(out []byte) uint {
	if len(out) < IdentityKeysLen {
		return a.fail(errcode.OutputBufferTooSmall)
	}
	t := text{out: out}
	t.str(`{"curve25519":"`)
	t.base64(a.a.Curve25519()[:])
	t.str(`","ed25519":"`)
	t.base64(a.a.Ed25519()[:])
	t.str(`"}`)
	return uint(t.n)
}

// SignatureLen is the length of a signature.
const SignatureLen = signatureText

// Sign writes the signature of message and returns its length.
func (a *Account) Sign(message, signature []byte) uint {
	if len(signature) < signatureText {
		return a.fail(errcode.OutputBufferTooSmall)
	}
	if !a.a.Created() {
		return a.fail(noKey)
	}
	var sig [64]byte
	a.a.Sign(&sig, message)
	return a.putText(signature, sig[:])
}

// One-time keys.

// MaxOneTimeKeys is how many one-time keys an account keeps.
const MaxOneTimeKeys = protocol.MaxOneTimeKeys

// OneTimeKeyRandomLen returns how many random bytes n one-time keys need.
func OneTimeKeyRandomLen(n uint) uint { return n * protocol.KeyRandomLen }

// GenerateOneTimeKeys makes n one-time keys, wipes random and returns n. The oldest keys give way.
func (a *Account) GenerateOneTimeKeys(n uint, random []byte) uint {
	enough := n <= uint(len(random))/protocol.KeyRandomLen
	if enough {
		for i := range int(n) {
			a.a.GenerateOneTimeKey(a.store[:], random[protocol.KeyRandomLen*i:])
		}
	}
	secret.Wipe(random)
	if !enough {
		return a.fail(errcode.NotEnoughRandom)
	}
	return n
}

// OneTimeKeysLen returns the length of what OneTimeKeys writes.
func (a *Account) OneTimeKeysLen() uint {
	n := uint(0)
	for i := range a.a.OneTimeKeys() {
		if !a.store[i].Published() {
			n++
		}
	}
	return keyListLen(n)
}

// OneTimeKeys writes the one-time keys that are not published as JSON, newest first, and returns the
// length.
func (a *Account) OneTimeKeys(out []byte) uint {
	if uint(len(out)) < a.OneTimeKeysLen() {
		return a.fail(errcode.OutputBufferTooSmall)
	}
	l := beginKeyList(out)
	for i := a.a.OneTimeKeys() - 1; i >= 0; i-- {
		if k := &a.store[i]; !k.Published() {
			l.add(k)
		}
	}
	return l.end()
}

// MarkKeysAsPublished marks all keys as published and returns how many one-time keys were not.
func (a *Account) MarkKeysAsPublished() uint { return uint(a.a.MarkPublished(a.store[:])) }

// RemoveOneTimeKeys drops the one-time key that s was set up with and returns its id. A fallback key
// stays.
func (a *Account) RemoveOneTimeKeys(s *Session) uint {
	id, code := a.a.Remove(a.store[:], &s.s)
	if code != errcode.OK {
		return a.fail(code)
	}
	return uint(id)
}

// Fallback keys.

// FallbackKeyRandomLen is how many random bytes a fallback key needs.
const FallbackKeyRandomLen = protocol.KeyRandomLen

// GenerateFallbackKey makes a new fallback key, keeps the one before, wipes random and returns 1.
func (a *Account) GenerateFallbackKey(random []byte) uint {
	enough := len(random) >= FallbackKeyRandomLen
	if enough {
		a.a.GenerateFallbackKey(random)
	}
	secret.Wipe(random)
	if !enough {
		return a.fail(errcode.NotEnoughRandom)
	}
	return 1
}

// fallback returns the current fallback key, unless there is none or it was published and the caller
// does not want that.
func (a *Account) fallback(published bool) *protocol.OneTimeKey {
	k := a.a.Fallback()
	if k == nil || k.Published() && !published {
		return nil
	}
	return k
}

// FallbackKeyLen returns the length of what FallbackKey writes.
func (a *Account) FallbackKeyLen(published bool) uint {
	if a.fallback(published) == nil {
		return keyListLen(0)
	}
	return keyListLen(1)
}

// FallbackKey writes the current fallback key as JSON, if it is not published or published is true,
// and returns the length.
func (a *Account) FallbackKey(published bool, out []byte) uint {
	if uint(len(out)) < a.FallbackKeyLen(published) {
		return a.fail(errcode.OutputBufferTooSmall)
	}
	l := beginKeyList(out)
	if k := a.fallback(published); k != nil {
		l.add(k)
	}
	return l.end()
}

// ForgetOldFallbackKey drops the fallback key before the current one.
func (a *Account) ForgetOldFallbackKey() { a.a.ForgetOldFallback() }
