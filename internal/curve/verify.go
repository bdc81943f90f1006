//go:build !purego

package curve

import "sync"

// Verification: variable time, for public inputs.
//
// There are two ways. The first signatures of a key are verified with factors of half the length, as in the
// purego build: see verify_straus.go. A key that signs again and again, as that of a Megolm session does with
// every message, gets a table of multiples, and verifying takes half as long: see verify_known.go.

// The widths of the digits in verification.
const (
	widthA = 5
	widthB = 8
)

// Scalars are split into parts of so many bytes: more parts have fewer doublings and larger tables.
const (
	parts   = 8
	partLen = 32 / parts
)

// oddSplit has the odd multiples of 2^(8 partLen i) P: one factor for each part, with the same doublings.
type oddSplit[T [1 << (widthA - 2)]cached | [1 << (widthB - 2)]cached] [parts]T

// oddBase is oddSplit for the base point, with z = 1. It is made when a signature is verified for the first time.
var oddBase = sync.OnceValue(newOddBase)

func newOddBase() *oddSplit[[1 << (widthB - 2)]cached] {
	var p point
	pointSetBase(&p)
	t := new(oddSplit[[1 << (widthB - 2)]cached])
	for i := range t {
		setSplit(t[i][:], &p)
		makeAffine(t[i][:])
	}
	return t
}

// pointSetBase sets p = B, whose y is 4/5.
func pointSetBase(p *point) {
	B := [32]byte{0x58}
	for i := 1; i < len(B); i++ {
		B[i] = 0x66
	}
	pointSetBytesVarTime(p, &B)
}

// baseOdd sets q to (2i+1) 2^(128 half) B.
func baseOdd(q *cached, half, i int) { *q = oddBase()[parts/2*half][i] }

// setSplit sets odd to p, 3p, 5p, ..., and then p = 2^(8 partLen) p.
func setSplit(odd []cached, p *point) {
	q := *p
	oddMultiples(odd, &q)
	for i := range 8 * partLen {
		pointDouble(p, i == 8*partLen-1)
	}
}

// makeAffine divides each point by its z, with one inversion for all of them: 1/z of a point is the inverse
// of the product of all z, times the z of all other points.
func makeAffine(odd []cached) {
	var products [1 << (widthB - 2)]fe // of the z before
	var all, z fe
	feSetOne(&all)
	for i := range odd {
		products[i] = all
		feMul(&all, &all, &odd[i].zz)
	}
	feInvert(&all, &all)
	for i := len(odd) - 1; i >= 0; i-- {
		q := &odd[i]
		feMul(&z, &all, &products[i])
		feMul(&all, &all, &q.zz)
		feAdd(&z, &z, &z) // zz is 2z
		feMul(&q.sum, &q.sum, &z)
		feMul(&q.diff, &q.diff, &z)
		feMul(&q.dt, &q.dt, &z)
		feSetOne(&q.zz)
		feAdd(&q.zz, &q.zz, &q.zz)
	}
}

// equationVarTime reports whether A and R are on the curve and R = sB - kA. s must be below L, A and R
// below p.
func equationVarTime(R, s *[32]byte, k *sc, A *[32]byte) bool {
	var kb [32]byte
	scBytes(&kb, k)
	if a := known.find(A); a != nil {
		if !equationKnownVarTime(R, s, &kb, a) {
			return false
		}
		known.used(a)
		return true
	}
	if !equationByHalvesVarTime(R, s, &kb, A) {
		return false
	}
	known.hear(A)
	return true
}
