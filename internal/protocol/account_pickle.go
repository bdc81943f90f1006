package protocol

import (
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
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
func (a *Account) PickleLen() int { return envelope.SealedLen(a.rawPickleLen()) }

// Pickle writes a, encrypted under key, to dst.
func (a *Account) Pickle(dst, key []byte, store []OneTimeKey) {
	n := a.rawPickleLen()
	w := wire.NewWriter(envelope.Contents(dst, n))
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
	envelope.Seal(dst, key, n)
}

// CountPickled returns for how many one-time keys a caller who unpickles the account in raw provides
// room.
func CountPickled(raw []byte) int {
	r := wire.NewReader(raw[min(len(raw), 4+signingPairLen+keyPairLen):])
	return int(min(r.Uint32(), MaxOneTimeKeys, uint32(r.Len()/oneTimeKeyLen)))
}

// accountShape looks at the whole of a pickle's contents, and at no keys in them.
func accountShape(raw []byte) errcode.Code {
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
	r.Skip(1, signingPairLen+keyPairLen)
	r.Skip(r.Uint32(), oneTimeKeyLen)
	fallback := uint32(0)
	switch version {
	case accountFixedFallback:
		fallback = 2
	case accountVersion:
		if fallback = uint32(r.Uint8()); fallback > 2 {
			return errcode.CorruptedPickle
		}
	}
	r.Skip(fallback, oneTimeKeyLen)
	r.Skip(1, 4)
	return atEnd(&r)
}

// Unpickle reads a from the contents of a pickle. store has room for CountPickled(raw) keys.
//
// vodozemac keeps up to 5,000 one-time keys and lists the oldest first, where libolm has the newest
// first; goolm keeps no more than libolm and mixes them up. Of more keys than store has room for, the
// newest are kept.
//
// After an error a is what it was, unless tol is wire.Strict: then it may be anything, and must be wiped.
func (a *Account) Unpickle(raw []byte, store []OneTimeKey, tol wire.Tolerance) errcode.Code {
	if code := accountShape(raw); code != errcode.OK {
		return code
	}
	r := wire.NewReader(raw)
	version := r.Uint32()
	a.signing.unpickle(&r)
	a.identity.unpickle(&r)
	a.unpickleOneTime(&r, store, tol)
	a.unpickleFallback(&r, version)
	a.lastID = r.Uint32()
	// Nothing but an account that was never created has zeros there.
	a.created = secret.IsZero(a.signing.private[:32])|secret.IsZero(a.identity.private[:]) == 0
	if tol == wire.Strict {
		return a.checkUnpickled(store[:a.nOneTime])
	}
	return errcode.OK
}

// unpickleOneTime reads a list of one-time keys into store. Nobody who keeps more than we do mixes them:
// the newest are at the end where the ids of the first and the last key say so.
func (a *Account) unpickleOneTime(r *wire.Reader, store []OneTimeKey, tol wire.Tolerance) {
	count := r.Uint32()
	store = store[:min(len(store), MaxOneTimeKeys)]
	n := min(count, uint32(len(store)))
	a.nOneTime = uint16(n)
	oldestFirst := false
	if count > n {
		last := *r
		first := last.Uint32()
		last.Skip(1, oneTimeKeyLen-4)
		last.Skip(count-2, oneTimeKeyLen)
		oldestFirst = n > 0 && first < last.Uint32()
	}
	if oldestFirst {
		r.Skip(count-n, oneTimeKeyLen)
	}
	for i := range n {
		at := n - 1 - i
		if oldestFirst {
			at = i
		}
		store[at].unpickle(r)
	}
	if !oldestFirst {
		r.Skip(count-n, oneTimeKeyLen)
	}
	for i := int(n); i < len(store); i++ {
		store[i].wipe()
	}
	if tol == wire.Strict { // libolm takes what has room for what it is
		sortByID(store[:n])
	}
}

// sortByID puts the key with the greatest id, which is the newest, last: goolm puts the last key of a list
// in the place of one that is removed.
func sortByID(store []OneTimeKey) {
	var t OneTimeKey
	for i := 1; i < len(store); i++ {
		for j := i; j > 0 && store[j-1].id > store[j].id; j-- {
			t = store[j]
			store[j] = store[j-1]
			store[j-1] = t
		}
	}
	t.wipe()
}

func (a *Account) unpickleFallback(r *wire.Reader, version uint32) {
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
		a.nFallback = r.Uint8()
		for i := range int(a.nFallback) {
			a.fallback[i].unpickle(r)
		}
	}
	for i := int(a.nFallback); i < 2; i++ {
		a.fallback[i].wipe()
	}
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
	return a.checkIdentity()
}
