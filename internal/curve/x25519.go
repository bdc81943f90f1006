package curve

import "github.com/karst-im/karst/internal/secret"

// ladder is what X25519 keeps on its stack.
type ladder struct {
	x1, x2, z2, x3, z3 fe
	a, b, c, d, e      fe
}

func (s *ladder) wipe() {
	feWipe(&s.x1)
	feWipe(&s.x2)
	feWipe(&s.z2)
	feWipe(&s.x3)
	feWipe(&s.z3)
	feWipe(&s.a)
	feWipe(&s.b)
	feWipe(&s.c)
	feWipe(&s.d)
	feWipe(&s.e)
}

// X25519 sets out to the product of scalar and point and returns 1, or sets out to zero and returns 0 if
// the product is all zero, which happens for the few points of low order and for no other.
//
// The scalar is clamped here; the top bit of point is ignored and a point of p or above is taken modulo p,
// all as in RFC 7748 section 5. It takes constant time.
func X25519(out, scalar, point *[32]byte) int {
	var s ladder
	var k [32]byte
	secret.Copy(k[:], scalar[:])
	clamp(&k)
	feSetBytes(&s.x1, point)
	feSetOne(&s.x2)
	s.x3 = s.x1 // the point is public
	feSetOne(&s.z3)

	swap := 0
	for t := 254; t >= 0; t-- {
		bit := int(k[t>>3]>>(t&7)) & 1
		swap ^= bit
		s.step(swap)
		swap = bit
	}
	// The last bit of a clamped scalar is 0, so the loop ends with the result in x2 and z2.
	feInvert(&s.e, &s.z2)
	feMul(&s.x2, &s.x2, &s.e)
	feBytes(out, &s.x2)
	s.wipe()
	secret.Wipe(k[:])
	wipeStack()
	return 1 - secret.IsZero(out[:])
}

// exchange exchanges (x2, z2) and (x3, z3) if swap is 1 and leaves them if it is 0.
func (s *ladder) exchange(swap int) {
	feSwap(&s.x2, &s.x3, swap)
	feSwap(&s.z2, &s.z3, swap)
}

// stepByElements doubles (x2, z2) and replaces (x3, z3) by the sum of the two, whose difference is x1.
// Multiplications that don't need each other stand together, for the processor to overlap them.
func (s *ladder) stepByElements() {
	feAdd(&s.a, &s.x2, &s.z2) // A
	feSub(&s.b, &s.x2, &s.z2) // B
	feAdd(&s.c, &s.x3, &s.z3) // C
	feSub(&s.d, &s.x3, &s.z3) // D
	feMul(&s.d, &s.d, &s.a)   // DA
	feMul(&s.c, &s.c, &s.b)   // CB
	feSquare(&s.a, &s.a)      // AA
	feSquare(&s.b, &s.b)      // BB
	feAdd(&s.x3, &s.d, &s.c)
	feSub(&s.z3, &s.d, &s.c)
	feSub(&s.e, &s.a, &s.b) // E
	feSquare(&s.z3, &s.z3)
	feMul(&s.x2, &s.a, &s.b)
	// The RFC has z2 = E (AA + 121665 E), and AA = BB + E.
	feMul121666(&s.z2, &s.e)
	feSquare(&s.x3, &s.x3)
	feAdd(&s.z2, &s.z2, &s.b)
	feMul(&s.z3, &s.z3, &s.x1)
	feMul(&s.z2, &s.z2, &s.e)
}

// PublicKey sets out to X25519(scalar, 9).
//
// The Edwards curve has a table of multiples of its base point, so the product is taken there and mapped
// back with u = (Z + Y) / (Z - Y), RFC 7748 section 4.1: three times as fast as the ladder. The base point
// has order L, so that the clamped scalar may be reduced modulo L first. It takes constant time.
func PublicKey(out, scalar *[32]byte) {
	var s sc
	scClamped(&s, scalar)
	baseMontgomery(out, &s)
	s.wipe()
	wipeStack()
}

// CanonicalMontgomery reports whether u is the one encoding of its point that RFC 7748 produces: below p,
// top bit clear. It takes variable time; u is public.
func CanonicalMontgomery(u *[32]byte) bool { return u[31]&0x80 == 0 && belowPVarTime(u) }

// LowOrderMontgomery reports whether u is a point of low order: one of which X25519 makes zero, whatever
// the scalar. It takes variable time; u is public.
func LowOrderMontgomery(u *[32]byte) bool {
	v := *u
	v[31] &= 0x7f // as X25519 does
	if !belowPVarTime(&v) {
		v = [32]byte{v[0] - 0xed} // minus p
	}
	if v[0] == 0xec { // p - 1?
		v[0]++
		if !belowPVarTime(&v) {
			return true
		}
		v[0]--
	}
	return v == [32]byte{} || v == [32]byte{1} || v == order8[0] || v == order8[1]
}

// order8 are the two u-coordinates of the points of order 8.
var order8 = [2][32]byte{
	{
		0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
		0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
	},
	{
		0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
		0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
	},
}

// belowPVarTime reports whether the low 255 bits of u are a number below p = 2^255 - 19.
func belowPVarTime(u *[32]byte) bool {
	if u[31]&0x7f != 0x7f {
		return true
	}
	for i := 30; i > 0; i-- {
		if u[i] != 0xff {
			return true
		}
	}
	return u[0] < 0xed
}

// clamp is decodeScalar25519 of RFC 7748 section 5 and the pruning of RFC 8032 section 5.1.5.
func clamp(k *[32]byte) {
	k[0] &= 248
	k[31] &= 127
	k[31] |= 64
}
