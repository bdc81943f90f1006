package protocol

import "github.com/karst-im/karst/internal/errcode"

// Random bytes that an account consumes, as libolm does.
const (
	AccountRandomLen = 64 // Ed25519 seed ‖ Curve25519 private key
	KeyRandomLen     = 32 // for each one-time or fallback key
)

// MaxOneTimeKeys is how many one-time keys an account keeps: the newest.
const MaxOneTimeKeys = 100

// OneTimeKey is a one-time or fallback key.
type OneTimeKey struct {
	pair      keyPair
	id        uint32
	published bool
}

// ID returns the number of k in its account.
func (k *OneTimeKey) ID() uint32 { return k.id }

// Public returns the public half of k.
func (k *OneTimeKey) Public() *[32]byte { return &k.pair.public }

// Published reports whether k was marked as published.
func (k *OneTimeKey) Published() bool { return k.published }

// It is not inlined: the C library is to stay small.
//
//go:noinline
func (k *OneTimeKey) wipe() {
	k.pair.wipe()
	k.id, k.published = 0, false
}

// Account is a device's long-term keys, without its one-time keys: those lie in a slice of the
// caller's, oldest first, that every method which needs them takes as store.
type Account struct {
	signing   signingPair
	identity  keyPair
	fallback  [2]OneTimeKey // current, previous
	lastID    uint32        // the id that was given out last
	nOneTime  uint16
	nFallback uint8
	created   bool
}

// Create draws new identity keys from AccountRandomLen random bytes.
func (a *Account) Create(random []byte) {
	a.signing.set(random[:32])
	a.identity.set(random[32:64])
	a.created = true
}

// Created reports whether a has keys.
func (a *Account) Created() bool { return a.created }

// Ed25519 returns the public signing key, the device's fingerprint.
func (a *Account) Ed25519() *[32]byte { return &a.signing.public }

// Curve25519 returns the public identity key.
func (a *Account) Curve25519() *[32]byte { return &a.identity.public }

// Sign signs message with the Ed25519 key.
func (a *Account) Sign(sig *[64]byte, message []byte) { a.signing.sign(sig, message) }

// Wipe overwrites a and store with zeros.
func (a *Account) Wipe(store []OneTimeKey) {
	a.signing.wipe()
	a.identity.wipe()
	for i := range a.fallback[:] {
		a.fallback[i].wipe()
	}
	for i := range store {
		store[i].wipe()
	}
	a.lastID, a.nOneTime, a.nFallback, a.created = 0, 0, 0, false
}

// One-time keys.

// OneTimeKeys returns how many entries of store are in use.
func (a *Account) OneTimeKeys() int { return int(a.nOneTime) }

// GenerateOneTimeKey makes one key from KeyRandomLen random bytes. If len(store), or
// MaxOneTimeKeys, keys are there, the oldest goes. A store without room for one key stays as it is.
func (a *Account) GenerateOneTimeKey(store []OneTimeKey, random []byte) {
	if len(store) == 0 {
		return
	}
	if int(a.nOneTime) == min(len(store), MaxOneTimeKeys) {
		a.removeOneTimeKey(store, 0)
	}
	a.newKey(&store[a.nOneTime], random)
	a.nOneTime++
}

func (a *Account) newKey(k *OneTimeKey, random []byte) {
	a.lastID++
	k.pair.set(random)
	k.id, k.published = a.lastID, false
}

func (a *Account) removeOneTimeKey(store []OneTimeKey, i int) {
	a.nOneTime--
	for ; i < int(a.nOneTime); i++ {
		store[i] = store[i+1]
	}
	store[a.nOneTime].wipe()
}

// MarkPublished marks every one-time key and the current fallback key as published, and returns how
// many one-time keys were not before.
func (a *Account) MarkPublished(store []OneTimeKey) int {
	n := 0
	keys := store[:a.nOneTime]
	for i := range keys {
		if k := &keys[i]; !k.published {
			k.published = true
			n++
		}
	}
	a.fallback[0].published = a.nFallback > 0
	return n
}

// Fallback keys.

// GenerateFallbackKey makes a fallback key from KeyRandomLen random bytes; the current one becomes
// the previous one, and that goes.
func (a *Account) GenerateFallbackKey(random []byte) {
	a.fallback[1] = a.fallback[0]
	a.newKey(&a.fallback[0], random)
	a.nFallback = min(a.nFallback+1, 2)
}

// Fallback returns the current fallback key, or nil.
func (a *Account) Fallback() *OneTimeKey {
	if a.nFallback == 0 {
		return nil
	}
	return &a.fallback[0]
}

// ForgetOldFallback drops the previous fallback key and reports whether there was one.
func (a *Account) ForgetOldFallback() bool {
	if a.nFallback < 2 {
		return false
	}
	a.fallback[1].wipe()
	a.nFallback = 1
	return true
}

// Use of keys.

// find returns the one-time or fallback key with a public half, and its place in store or -1.
func (a *Account) find(store []OneTimeKey, public *[32]byte) (k *OneTimeKey, place int) {
	for i := int(a.nOneTime) - 1; i >= 0; i-- {
		if equal(&store[i].pair.public, public) {
			return &store[i], i
		}
	}
	for i := range int(a.nFallback) {
		if equal(&a.fallback[i].pair.public, public) {
			return &a.fallback[i], -1
		}
	}
	return nil, -1
}

// Remove drops the one-time key that s was set up with and returns its id. A fallback key stays.
func (a *Account) Remove(store []OneTimeKey, s *Session) (id uint32, code errcode.Code) {
	k, place := a.find(store, &s.oneTime)
	if k == nil {
		return 0, errcode.BadMessageKeyID
	}
	id = k.id
	if place >= 0 {
		a.removeOneTimeKey(store, place)
	}
	return id, errcode.OK
}

// Check recomputes the public half of every key pair, which Unpickle does for the identity keys
// alone.
func (a *Account) Check(store []OneTimeKey) errcode.Code {
	if code := a.checkIdentity(); code != errcode.OK {
		return code
	}
	for i := range int(a.nOneTime) {
		if code := store[i].pair.check(); code != errcode.OK {
			return code
		}
	}
	for i := range int(a.nFallback) {
		if code := a.fallback[i].pair.check(); code != errcode.OK {
			return code
		}
	}
	return errcode.OK
}

func (a *Account) checkIdentity() errcode.Code {
	if code := a.signing.check(); code != errcode.OK {
		return code
	}
	return a.identity.check()
}
