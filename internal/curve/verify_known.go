//go:build !purego

package curve

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// knownKeys remembers tables for keys that have signed before: at most maxKnown. They are public keys and their
// multiples, and belong to nobody. What is remembered changes how long a verification takes and nothing else.
//
// Only a valid signature counts, and only after it proved valid: whoever can't sign with a key can't have a table made
// for it, and whoever can't sign at all can have none taken away. Every key can have any place, and keys are compared as a whole, so that
// nobody can choose keys that get in each other's way. While there are places, the third valid signature of a key
// gets it a table. After that a key gets one in exchange for the one that was of no use for the longest time, and
// only if it made more valid signatures since than a table costs: many keys that take turns make no tables in vain.
//
// It is safe for concurrent use. A key that has a table takes no lock.
type knownKeys struct {
	n      atomic.Int32            // how many places are taken, from the first on
	starts [maxKnown]atomic.Uint64 // of their keys: the first 8 bytes, to search fast
	tables [maxKnown]atomic.Pointer[knownKey]
	now    atomic.Uint64 // how many valid signatures came from keys without a table

	lock   sync.Mutex // held by who reads or writes what is below, or writes what is above
	nHeard int
	heard  [maxHeard]heardKey // keys without a table
}

const (
	maxKnown = 256
	maxHeard = 256

	// A table costs about as much as two verifications that use it save.
	timesForPlace    = 3
	timesForExchange = 8
)

var known knownKeys

// knownKey is a public key with the odd multiples of -A, -2^32 A, -2^64 A and so on.
type knownKey struct {
	key  [32]byte
	last atomic.Uint64 // now, when a signature was valid for the last time
	odd  *oddSplit[[1 << (widthA - 2)]cached]
}

// heardKey is a key that has no table yet. Its valid signatures are counted, from the moment since on.
type heardKey struct {
	key   [32]byte
	times int
	since uint64
}

// find returns the table of a key, or nil.
func (k *knownKeys) find(A *[32]byte) *knownKey {
	start := startOf(A)
	for i := range k.n.Load() {
		if k.starts[i].Load() == start {
			if t := k.tables[i].Load(); t.key == *A {
				return t
			}
		}
	}
	return nil
}

func startOf(A *[32]byte) uint64 { return binary.LittleEndian.Uint64(A[:]) }

// used notes a valid signature of a key that has a table.
func (k *knownKeys) used(t *knownKey) {
	if now := k.now.Load(); t.last.Load() != now {
		t.last.Store(now)
	}
}

// hear notes a valid signature of a key that had no table, and makes one if it is time to.
func (k *knownKeys) hear(A *[32]byte) {
	k.lock.Lock()
	defer k.lock.Unlock()
	if t := k.find(A); t != nil { // made in the meantime
		k.used(t)
		return
	}
	now := k.now.Add(1)
	h := k.remember(A, now)
	h.times++
	place := int(k.n.Load())
	if place < maxKnown && h.times < timesForPlace || place == maxKnown && h.times < timesForExchange {
		return
	}
	if place == maxKnown {
		place = k.oldest()
		if k.tables[place].Load().last.Load() >= h.since {
			h.times, h.since = 1, now
			return
		}
	}
	if t := newKnownKey(A); t != nil {
		t.last.Store(now)
		k.tables[place].Store(t)
		k.starts[place].Store(startOf(A))
		if place == int(k.n.Load()) {
			k.n.Add(1)
		}
	}
	k.nHeard--
	*h = k.heard[k.nHeard]
}

// remember returns the entry of a key in heard. If all are taken, another key gives way: one that looks random, and not
// the one that came first. So if keys take turns, and are a few too many, most of them are still there at their next turn.
func (k *knownKeys) remember(A *[32]byte, now uint64) *heardKey {
	for i := range k.nHeard {
		if k.heard[i].key == *A {
			return &k.heard[i]
		}
	}
	i := k.nHeard
	if i < maxHeard {
		k.nHeard++
	} else {
		i = int(scatter(now) % maxHeard)
	}
	k.heard[i] = heardKey{*A, 0, now}
	return &k.heard[i]
}

// scatter is a number that looks random, after splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
func scatter(x uint64) uint64 {
	x *= 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// oldest returns the place of the table that has been out of use for the longest time.
func (k *knownKeys) oldest() (place int) {
	for i := range k.tables[:] {
		if k.tables[i].Load().last.Load() < k.tables[place].Load().last.Load() {
			place = i
		}
	}
	return place
}

// newKnownKey returns the table of a key, or nil if that is not on the curve.
func newKnownKey(A *[32]byte) *knownKey {
	var p point
	if !pointSetBytesVarTime(&p, A) {
		return nil
	}
	pointNegate(&p)
	t := &knownKey{key: *A, odd: new(oddSplit[[1 << (widthA - 2)]cached])}
	for i := range t.odd {
		setSplit(t.odd[i][:], &p)
	}
	return t
}

// equationKnownVarTime is equationVarTime with a table: the parts of k and of s share the doublings of one.
func equationKnownVarTime(R, s, k *[32]byte, A *knownKey) bool {
	var p point
	var terms [2 * parts]term
	base := oddBase()
	for i := range parts {
		of := &terms[i]
		oddDigitsVarTime(&of.digits, k[partLen*i:partLen*(i+1)], widthA)
		of.odd = A.odd[i][:]
		of = &terms[parts+i]
		oddDigitsVarTime(&of.digits, s[partLen*i:partLen*(i+1)], widthB)
		of.odd, of.affine = base[i][:], true
	}
	sumVarTime(&p, terms[:])
	var got [32]byte
	pointBytes(&got, &p)
	return got == *R
}

// term is a factor in odd digits with the odd multiples of a point.
type term struct {
	digits [256]int8
	odd    []cached
	affine bool
}

// sumVarTime sets p to the sum of the terms, whose digits end where a part does. The products share their doublings,
// as in verify_straus.go, where TinyGo's stack has no room for terms like these.
func sumVarTime(p *point, terms []term) {
	var q cached
	pointSetNeutral(p)
	started := false
	for i := 8 * partLen; i >= 0; i-- {
		last := len(terms) - 1
		for last >= 0 && terms[last].digits[i] == 0 {
			last--
		}
		if started {
			pointDouble(p, last >= 0)
		}
		for j := 0; j <= last; j++ {
			t := &terms[j]
			d := t.digits[i]
			if d == 0 {
				continue
			}
			q = t.odd[abs(d)>>1]
			if d < 0 {
				cachedNegate(&q)
			}
			pointAdd(p, &q, t.affine, j < last)
			started = true
		}
	}
}
