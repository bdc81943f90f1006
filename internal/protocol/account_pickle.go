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
// first; goolm mixes them up. Of more keys than store has room for, the newest are kept, by their ids.
//
// After an error a is what it was, unless tol is Strict: then it may be anything, and must be wiped.
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
	a.created = !a.hasZero() // nothing but an account that was never created has such keys
	if tol == Strict {
		return a.checkUnpickled(store[:a.nOneTime])
	}
	return errcode.OK
}

func (a *Account) hasZero() bool { return a.signing.hasZero() || a.identity.hasZero() }

// unpickleOneTime reads a list of one-time keys into store.
func (a *Account) unpickleOneTime(r *wire.Reader, store []OneTimeKey, tol wire.Tolerance) {
	count := r.Uint32()
	store = store[:min(len(store), MaxOneTimeKeys)]
	n := int(min(count, uint32(len(store))))
	full := count > uint32(n)
	var newest newestIDs
	look := *r // TinyGo puts what is declared in a loop on the heap
	if full {
		for range count {
			newest.offer(look.Uint32(), n)
			look.Skip(1, oneTimeKeyLen-4)
		}
	}
	next := n
	for range count {
		if look = *r; full && !newest.take(look.Uint32()) {
			r.Skip(1, oneTimeKeyLen)
			continue
		}
		next--
		store[next].unpickle(r)
	}
	for i := n; i < len(store); i++ {
		store[i].wipe()
	}
	a.nOneTime = uint16(n)
	// libolm takes what has room for what it is.
	if full || tol == Strict {
		sortByID(store[:n])
	}
}

// newestIDs is the greatest ids of a list. To offer and to take one costs at most MaxOneTimeKeys steps,
// whatever was there before, so that a list of any length is read in linear time.
type newestIDs struct {
	ids [MaxOneTimeKeys]uint32 // while they are offered, the greatest first
	n   int
}

// offer offers an id, of which room are to be kept. An account in which several libraries made keys may
// have one twice.
func (l *newestIDs) offer(id uint32, room int) {
	i := l.n
	for i > 0 && l.ids[i-1] < id {
		i--
	}
	if i == room {
		return
	}
	if l.n < room {
		l.n++
	}
	for j := l.n - 1; j > i; j-- {
		l.ids[j] = l.ids[j-1]
	}
	l.ids[i] = id
}

// take removes an id, and reports whether it was there.
func (l *newestIDs) take(id uint32) bool {
	for i := range l.n {
		if l.ids[i] == id {
			l.n--
			l.ids[i] = l.ids[l.n]
			return true
		}
	}
	return false
}

// sortByID puts the key with the greatest id, which is the newest, last.
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
	if a.hasZero() {
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
