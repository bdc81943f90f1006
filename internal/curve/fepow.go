//go:build purego || amd64

package curve

import "github.com/karst-im/karst/internal/secret"

// What all our sizes of limbs share: one, masks, exchanging, powers.

// mask returns all ones if bit is 1 and zero if it is 0. It is not inlined: a compiler that saw where the
// mask comes from could make a branch of the and.
//
//go:noinline
func mask(bit int) uint64 { return -uint64(bit) }

func feSetOne(v *fe) { *v = fe{1} }

// feSwap exchanges a and b if bit is 1 and leaves them if it is 0.
func feSwap(a, b *fe, bit int) {
	m := limb(mask(bit))
	for i := range a[:] {
		t := m & (a[i] ^ b[i])
		a[i] ^= t
		b[i] ^= t
	}
}

// fePow sets v to z^(2^250-1) and z11, which must not be v, to z^11. The comments are the
// exponents.
func fePow(v, z11, z *fe) {
	var a, b, c fe
	feSquare(&a, z)        // 2
	feSquareN(&b, &a, 2)   // 8
	feMul(&b, &b, z)       // 9
	feMul(z11, &a, &b)     // 11
	feSquare(&a, z11)      // 22
	feMul(&a, &a, &b)      // 2^5 - 1
	feSquareN(&b, &a, 5)   // 2^10 - 2^5
	feMul(&b, &b, &a)      // 2^10 - 1
	feSquareN(&a, &b, 10)  // 2^20 - 2^10
	feMul(&a, &a, &b)      // 2^20 - 1
	feSquareN(&c, &a, 20)  // 2^40 - 2^20
	feMul(&a, &c, &a)      // 2^40 - 1
	feSquareN(&a, &a, 10)  // 2^50 - 2^10
	feMul(&b, &a, &b)      // 2^50 - 1
	feSquareN(&a, &b, 50)  // 2^100 - 2^50
	feMul(&a, &a, &b)      // 2^100 - 1
	feSquareN(&c, &a, 100) // 2^200 - 2^100
	feMul(&a, &c, &a)      // 2^200 - 1
	feSquareN(&a, &a, 50)  // 2^250 - 2^50
	feMul(v, &a, &b)       // 2^250 - 1
	feWipe(&a)
	feWipe(&b)
	feWipe(&c)
}

// fePow58 sets v to a^((p-5)/8): (p-5)/8 = 4 (2^250 - 1) + 1. v must not be a.
func fePow58(v, a *fe) {
	var a11 fe
	fePow(v, &a11, a)
	feSquareN(v, v, 2)
	feMul(v, v, a)
	feWipe(&a11)
}

// feInvert sets v to 1/a, and to 0 if a is 0: a^(p-2) = a^(2^255 - 32 + 11).
func feInvert(v, a *fe) {
	var t, a11 fe
	fePow(&t, &a11, a)
	feSquareN(&t, &t, 5)
	feMul(v, &t, &a11)
	feWipe(&t)
	feWipe(&a11)
}

// feWipe overwrites v with zeros.
func feWipe(v *fe) { secret.WipeWords(v[:]) }
