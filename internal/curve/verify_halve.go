package curve

import "math/bits"

// Shorter factors for verification (Antipa et al., SAC 2005), in variable time.

// eightOrder is 8L, a multiple of the order of every point.
var eightOrder = [4]uint64{0xc09318d2e7ae9f68, 0xa6f7cef517bce6b2, 0, 0x8000000000000000}

// halveVarTime finds an odd t, 0 < t < 2^128, and u < 2^255 with u = tk modulo 8L, or u = -tk if negative.
// u is about as short as t, except for k that no hash will ever be. It may be the same memory as k, which
// must be below L.
//
// The extended Euclidean algorithm for 8L and k goes through pairs of u and t, in which u becomes shorter and
// t longer. Two neighbours in this sequence generate every pair with u = tk, (1, k) among them: so their t are
// not both even.
func halveVarTime(u, t, k *[32]byte) (negative bool) {
	// v[i] = ±w[i] k modulo 8L, with minus for i = 0. v[x] is to be reduced by v[1-x].
	v := [2][4]uint64{0: eightOrder}
	w := [2][4]uint64{1: {1}}
	for i, b := range k[:] {
		v[1][i>>3] |= uint64(b) << (i & 7 * 8)
	}
	x := 0
	for v[1-x][2]|v[1-x][3] != 0 {
		shift := bitLen(&v[x]) - bitLen(&v[1-x])
		for shift >= 0 && !subtractShifted(&v[x], &v[1-x], shift) {
			shift--
		}
		if shift < 0 {
			x = 1 - x // this is the larger one
			continue
		}
		addShifted(&w[x], &w[1-x], shift)
	}
	if w[1-x][0]&1 == 1 {
		x = 1 - x
	}
	for i := range u[:] {
		u[i] = byte(v[x][i>>3] >> (i & 7 * 8))
		t[i] = byte(w[x][i>>3] >> (i & 7 * 8))
	}
	return x == 0
}

func bitLen(a *[4]uint64) int {
	i := 3
	for i > 0 && a[i] == 0 {
		i--
	}
	return 64*i + bits.Len64(a[i])
}

// word returns word i of a 2^shift.
func word(a *[4]uint64, i, shift int) (x uint64) {
	i -= shift >> 6
	if i >= 0 {
		x = a[i] << (shift & 63)
	}
	if i > 0 {
		x |= a[i-1] >> 1 >> (63 - shift&63)
	}
	return x
}

// subtractShifted sets a = a - b 2^shift if that isn't negative, and reports whether.
func subtractShifted(a, b *[4]uint64, shift int) bool {
	var d [4]uint64
	borrow := uint64(0)
	for i := range d[:] {
		d[i], borrow = bits.Sub64(a[i], word(b, i, shift), borrow)
	}
	if borrow == 0 {
		*a = d
	}
	return borrow == 0
}

func addShifted(a, b *[4]uint64, shift int) {
	carry := uint64(0)
	for i := range a[:] {
		a[i], carry = bits.Add64(a[i], word(b, i, shift), carry)
	}
}
