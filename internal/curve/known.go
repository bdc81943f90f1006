//go:build !purego

package curve

import (
	"encoding/binary"
	"sync/atomic"
)

// knownKeys remembers tables for keys that have signed before: at most 256 of 8 KB. They are public keys and
// their multiples, and belong to nobody: a table is made when the same key comes three times in a row to its
// place, and stays until another does. It costs what it saves, so that where many keys take turns few should be
// made in vain. What is remembered changes how long a verification takes and nothing
// else. It is safe for concurrent use.
type knownKeys struct {
	tables [256]atomic.Pointer[knownKey]
	last   [256]atomic.Uint64 // of the last key that had no table: 62 bits, and how often it came in a row
}

var known knownKeys

// knownKey is a public key with the odd multiples of -A, -2^32 A, -2^64 A and so on.
type knownKey struct {
	key [32]byte
	odd oddSplit[[1 << (widthA - 2)]cached]
}

// find returns the table of a key, if there is one, or if it is time to make one. The key must be below p.
func (k *knownKeys) find(A *[32]byte) *knownKey {
	place := A[0]
	if t := k.tables[place].Load(); t != nil && t.key == *A {
		return t
	}
	const times = 3
	mark, last := binary.LittleEndian.Uint64(A[8:])&^times, k.last[place].Load()
	seen := last & times
	if last&^times != mark {
		seen = 0
	}
	if seen < times {
		seen++
		k.last[place].Store(mark | seen)
	}
	if seen < times {
		return nil
	}
	t := newKnownKey(A)
	if t != nil {
		k.tables[place].Store(t)
	}
	return t
}

// newKnownKey returns the table of a key, or nil if that is not on the curve.
func newKnownKey(A *[32]byte) *knownKey {
	var p point
	if !pointSetBytesVarTime(&p, A) {
		return nil
	}
	pointNegate(&p)
	t := &knownKey{key: *A}
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
// as in straus.go, where TinyGo's stack has no room for terms like these.
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
