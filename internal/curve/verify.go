//go:build !purego

package curve

import "sync"

// Verification: variable time, for public inputs.
//
// There are two ways. What a key signs for the first time is verified with factors of half the length, as
// under purego (see straus.go). Whoever signs again, as the sender of a Megolm session does with every
// message, gets a table of multiples, and verifying takes half as long again: see known.go.

// The widths of the digits: the multiples of A and R are computed, those of B once and for all.
const (
	widthA = 5
	widthB = 8
)

// oddSplit has the odd multiples of 2^(64i) P: up to four factors with the same doublings.
type oddSplit[T [1 << (widthA - 2)]cached | [1 << (widthB - 2)]cached] [4]T

// oddBase is oddSplit for the base point, with z = 1.
var oddBase = sync.OnceValue(func() *oddSplit[[1 << (widthB - 2)]cached] {
	var p point
	B := [32]byte{0x58}
	for i := 1; i < len(B); i++ {
		B[i] = 0x66
	}
	pointSetBytesVarTime(&p, &B)
	t := new(oddSplit[[1 << (widthB - 2)]cached])
	for i := range t {
		setSplit(t[i][:], &p)
		makeAffine(t[i][:])
	}
	return t
})

// setSplit sets odd to p, 3p, 5p, ..., and then p = 2^64 p.
func setSplit(odd []cached, p *point) {
	q := *p
	oddMultiples(odd, &q)
	for i := range 64 {
		pointDouble(p, i == 63)
	}
}

// makeAffine divides by z, with one inversion for all: from the product of them all, multiplied by all but
// one.
func makeAffine(odd []cached) {
	products := make([]fe, len(odd)) // of the z before
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

// term is a factor in odd digits with the odd multiples of a point.
type term struct {
	digits [256]int8
	odd    []cached
	affine bool
}

// sumVarTime sets p to the sum of the terms, whose digits end at top. The products share their doublings
// (Straus, Amer. Math. Monthly 70, 1964).
func sumVarTime(p *point, terms []term, top int) {
	var q cached
	pointSetNeutral(p)
	started := false
	for i := top; i >= 0; i-- {
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

// equationVarTime reports whether A and R are on the curve and R = sB - kA. s must be below L, A and R
// below p.
func equationVarTime(R, s *[32]byte, k *sc, A *[32]byte) bool {
	var kb [32]byte
	scBytes(&kb, k)
	if a := known.find(A); a != nil {
		return equationKnownVarTime(R, s, &kb, a)
	}
	return equationNewVarTime(R, s, &kb, A)
}

// equationNewVarTime is equationVarTime by halves: see straus.go for why this is the same equation.
func equationNewVarTime(R, s, k, A *[32]byte) bool {
	var p point
	var u, t, ts [32]byte
	var odd [2][1 << (widthA - 2)]cached
	var terms [4]term
	negative := halveVarTime(&u, &t, k)
	scMulBytes(&ts, &t, s)
	base := oddBase()
	oddDigitsVarTime(&terms[0].digits, u[:], widthA)
	oddDigitsVarTime(&terms[1].digits, t[:], widthA)
	oddDigitsVarTime(&terms[2].digits, ts[:16], widthB)
	oddDigitsVarTime(&terms[3].digits, ts[16:], widthB)

	if !pointSetBytesVarTime(&p, A) {
		return false
	}
	if !negative {
		pointNegate(&p)
	}
	oddMultiples(odd[0][:], &p)
	if !pointSetBytesVarTime(&p, R) {
		return false
	}
	pointNegate(&p)
	oddMultiples(odd[1][:], &p)

	terms[0].odd, terms[1].odd = odd[0][:], odd[1][:]
	terms[2].odd, terms[2].affine = base[0][:], true
	terms[3].odd, terms[3].affine = base[2][:], true
	sumVarTime(&p, terms[:], 255)
	var zero fe
	return feEqualVarTime(&p.x, &zero) && feEqualVarTime(&p.y, &p.z)
}

func onCurveVarTime(A *[32]byte) bool {
	var p point
	return pointSetBytesVarTime(&p, A)
}
