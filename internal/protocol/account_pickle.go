package protocol

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/pickle"
)

// The versions of an account's pickle. Version 1 derived keys from a weak generator; 2 knew no
// fallback keys; 3 had always two of them, in use or not; 4 counts them.
const (
	accountLegacy        = 1
	accountNoFallback    = 2
	accountFixedFallback = 3
	accountVersion       = 4
)

const oneTimeKeyLen = 4 + 1 + keyPairLen

func (k *OneTimeKey) pickle(w *wire.Writer) {
	w.Uint32(k.id)
	w.Bool(k.published)
	k.pair.pickle(w)
}

func (k *OneTimeKey) unpickle(r *wire.Reader) {
	k.id = r.Uint32()
	k.published = r.Bool()
	k.pair.unpickle(r)
}

func (a *Account) rawPickleLen() int {
	return 4 + signingPairLen + keyPairLen + 4 + int(a.nOneTime)*oneTimeKeyLen + 1 + int(a.nFallback)*oneTimeKeyLen + 4
}

// PickleLen returns the length of what Pickle writes.
func (a *Account) PickleLen() int { return pickle.SealedLen(a.rawPickleLen()) }

// Pickle writes a, encrypted under key, to dst.
func (a *Account) Pickle(dst, key []byte, store []OneTimeKey) {
	n := a.rawPickleLen()
	w := wire.NewWriter(pickle.Contents(dst, n))
	w.Uint32(accountVersion)
	a.signing.pickle(&w)
	a.identity.pickle(&w)
	w.Uint32(uint32(a.nOneTime))
	for i := int(a.nOneTime) - 1; i >= 0; i-- {
		store[i].pickle(&w)
	}
	w.Uint8(a.nFallback)
	for i := range int(a.nFallback) {
		a.fallback[i].pickle(&w)
	}
	w.Uint32(a.lastID)
	pickle.Seal(dst, key, n)
}

// CountPickled returns how many one-time keys the opened pickle of an account holds, for a caller
// who then provides room for them.
func CountPickled(raw []byte) int {
	r := wire.NewReader(raw[min(len(raw), 4+signingPairLen+keyPairLen):])
	return int(min(r.Uint32(), MaxOneTimeKeys, uint32(r.Len()/oneTimeKeyLen)))
}

// Unpickle reads a from the contents of a pickle. store has room for CountPickled(raw) keys. After
// an error a is not usable, and must be wiped.
func (a *Account) Unpickle(raw []byte, store []OneTimeKey, tol wire.Tolerance) errcode.Code {
	r := wire.NewReader(raw)
	version := r.Uint32()
	switch {
	case r.Short():
		return errcode.CorruptedPickle
	case version == accountLegacy:
		return errcode.BadLegacyAccountPickle
	case version < accountNoFallback || version > accountVersion:
		return errcode.UnknownPickleVersion
	}
	a.signing.unpickle(&r)
	a.identity.unpickle(&r)
	n := r.Uint32()
	if r.Short() || n > MaxOneTimeKeys || int(n)*oneTimeKeyLen > r.Len() || int(n) > len(store) {
		return errcode.CorruptedPickle
	}
	a.nOneTime = uint16(n)
	for i := int(n) - 1; i >= 0; i-- {
		store[i].unpickle(&r)
	}
	for i := int(n); i < len(store); i++ {
		store[i].wipe()
	}
	if code := a.unpickleFallback(&r, version); code != errcode.OK {
		return code
	}
	a.lastID = r.Uint32()
	if r.Short() {
		return errcode.CorruptedPickle
	}
	if r.Len() > 0 {
		return errcode.PickleExtraData
	}
	a.created = true
	if tol == Strict {
		return a.checkUnpickled(store[:n])
	}
	return errcode.OK
}

func (a *Account) unpickleFallback(r *wire.Reader, version uint32) errcode.Code {
	a.nFallback = 0
	switch version {
	case accountFixedFallback:
		a.fallback[0].unpickle(r)
		a.fallback[1].unpickle(r)
		// That a key is in use shows in its flag: it was set before the key was ever given out.
		if a.fallback[0].published {
			a.nFallback = 1
			if a.fallback[1].published {
				a.nFallback = 2
			}
		}
	case accountVersion:
		n := r.Uint8()
		if n > 2 {
			return errcode.CorruptedPickle
		}
		a.nFallback = n
		for i := range int(n) {
			a.fallback[i].unpickle(r)
		}
	}
	for i := int(a.nFallback); i < 2; i++ {
		a.fallback[i].wipe()
	}
	return errcode.OK
}

// checkUnpickled refuses what can't be an account, and puts right what other libraries write
// differently.
func (a *Account) checkUnpickled(store []OneTimeKey) errcode.Code {
	if a.signing.hasZero() || a.identity.hasZero() {
		return errcode.CorruptedPickle
	}
	for i := range store {
		if store[i].pair.hasZero() {
			return errcode.CorruptedPickle
		}
		a.lastID = max(a.lastID, store[i].id)
	}
	for i := range int(a.nFallback) {
		if a.fallback[i].pair.hasZero() {
			return errcode.CorruptedPickle
		}
		// vodozemac counts its fallback keys apart, and early versions wrote a last id that was
		// one too low: an id that is in use must not be given out again.
		a.lastID = max(a.lastID, a.fallback[i].id)
	}
	reverseIfNewestFirst(store)
	return a.checkIdentity()
}

// reverseIfNewestFirst brings the keys of a pickle by vodozemac, which lists the oldest first where
// libolm lists the newest, into our order, so that the next key to go is the oldest.
func reverseIfNewestFirst(store []OneTimeKey) {
	for i := 1; i < len(store); i++ {
		if store[i].id >= store[i-1].id {
			return
		}
	}
	for i, j := 0, len(store)-1; i < j; i, j = i+1, j-1 {
		t := store[i]
		store[i] = store[j]
		store[j] = t
		t.wipe()
	}
}
