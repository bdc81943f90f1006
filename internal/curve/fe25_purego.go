//go:build purego && !(amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package curve

// fe is a field element in ten limbs of 26 and 25 bits in turn: the sum of v[i] 2^e(i) modulo p, where e is
// 0, 26, 51, 77, 102, 128, 153, 179, 204, 230. The limbs are unsigned because 32-bit machines multiply two
// unsigned words to a double one in a single instruction, also as Go compiles it.
//
// A limb of a tight element is at most 2^26 + 2^17 if even and at most 2^25 + 2^17 if odd. All bounds below
// hold for sums of three tight elements, whose limbs are below 2^27.6 and 2^26.6.
type fe [10]limb

type limb = uint32

const (
	mask26 = 1<<26 - 1
	mask25 = 1<<25 - 1
)

// feAdd sets v = a + b without a carry. Inlining it and feSub would make WebAssembly 5 KB larger and no
// faster.
//
//go:noinline
func feAdd(v, a, b *fe) {
	for i := range v[:] {
		v[i] = a[i] + b[i]
	}
}

// feSub sets v = a - b. It adds 4p, whose limbs are larger than those of b, so that none goes below zero;
// then each limb passes its excess to the next.
//
//go:noinline
func feSub(v, a, b *fe) {
	bias, carry := uint32(1<<28-76), uint32(0)
	for i := 0; i < 10; i += 2 {
		even := a[i] + bias - b[i]
		odd := a[i+1] + (1<<27 - 4) - b[i+1]
		v[i] = even&mask26 + carry
		v[i+1] = odd&mask25 + even>>26
		bias, carry = 1<<28-4, odd>>25
	}
	v[0] += carry * 19 // 2^255 = 19
}

// feMul sets v = a b, by the schoolbook method. The product of the limbs i and j belongs to limb i+j, twice
// if both are odd, because e rounds up; if i+j >= 10, to limb i+j-10 and 19 times, because 2^255 = 19. So d
// is twice a limb of a, and n is 19 times a limb of b, which is below 2^32. The largest sum, r[0], is below
// 125 2^27.6 2^27.6 < 2^63.
//
//go:noinline
func feMul(v, a, b *fe) {
	a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 := uint64(a[0]), uint64(a[1]), uint64(a[2]), uint64(a[3]), uint64(a[4]), uint64(a[5]), uint64(a[6]), uint64(a[7]), uint64(a[8]), uint64(a[9])
	d1, d3, d5, d7, d9 := uint64(a[1]*2), uint64(a[3]*2), uint64(a[5]*2), uint64(a[7]*2), uint64(a[9]*2)
	b0, b1, b2, b3, b4, b5, b6, b7, b8, b9 := uint64(b[0]), uint64(b[1]), uint64(b[2]), uint64(b[3]), uint64(b[4]), uint64(b[5]), uint64(b[6]), uint64(b[7]), uint64(b[8]), uint64(b[9])
	n1, n2, n3, n4, n5, n6, n7, n8, n9 := uint64(b[1]*19), uint64(b[2]*19), uint64(b[3]*19), uint64(b[4]*19), uint64(b[5]*19), uint64(b[6]*19), uint64(b[7]*19), uint64(b[8]*19), uint64(b[9]*19)
	r0 := a0*b0 + d1*n9 + a2*n8 + d3*n7 + a4*n6 + d5*n5 + a6*n4 + d7*n3 + a8*n2 + d9*n1
	r1 := a0*b1 + a1*b0 + a2*n9 + a3*n8 + a4*n7 + a5*n6 + a6*n5 + a7*n4 + a8*n3 + a9*n2
	r2 := a0*b2 + d1*b1 + a2*b0 + d3*n9 + a4*n8 + d5*n7 + a6*n6 + d7*n5 + a8*n4 + d9*n3
	r3 := a0*b3 + a1*b2 + a2*b1 + a3*b0 + a4*n9 + a5*n8 + a6*n7 + a7*n6 + a8*n5 + a9*n4
	r4 := a0*b4 + d1*b3 + a2*b2 + d3*b1 + a4*b0 + d5*n9 + a6*n8 + d7*n7 + a8*n6 + d9*n5
	r5 := a0*b5 + a1*b4 + a2*b3 + a3*b2 + a4*b1 + a5*b0 + a6*n9 + a7*n8 + a8*n7 + a9*n6
	r6 := a0*b6 + d1*b5 + a2*b4 + d3*b3 + a4*b2 + d5*b1 + a6*b0 + d7*n9 + a8*n8 + d9*n7
	r7 := a0*b7 + a1*b6 + a2*b5 + a3*b4 + a4*b3 + a5*b2 + a6*b1 + a7*b0 + a8*n9 + a9*n8
	r8 := a0*b8 + d1*b7 + a2*b6 + d3*b5 + a4*b4 + d5*b3 + a6*b2 + d7*b1 + a8*b0 + d9*n9
	r9 := a0*b9 + a1*b8 + a2*b7 + a3*b6 + a4*b5 + a5*b4 + a6*b3 + a7*b2 + a8*b1 + a9*b0
	feReduce(v, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9)
}

// feSquare sets v = a^2, as feMul does, with the products that occur twice taken once and doubled; q is
// four times a limb.
//
//go:noinline
func feSquare(v, a *fe) {
	a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 := uint64(a[0]), uint64(a[1]), uint64(a[2]), uint64(a[3]), uint64(a[4]), uint64(a[5]), uint64(a[6]), uint64(a[7]), uint64(a[8]), uint64(a[9])
	d0, d1, d2, d3, d4, d5, d6, d7, d8, d9 := uint64(a[0]*2), uint64(a[1]*2), uint64(a[2]*2), uint64(a[3]*2), uint64(a[4]*2), uint64(a[5]*2), uint64(a[6]*2), uint64(a[7]*2), uint64(a[8]*2), uint64(a[9]*2)
	q1, q3, q5, q7 := uint64(a[1]*4), uint64(a[3]*4), uint64(a[5]*4), uint64(a[7]*4)
	n5, n6, n7, n8, n9 := uint64(a[5]*19), uint64(a[6]*19), uint64(a[7]*19), uint64(a[8]*19), uint64(a[9]*19)
	r0 := a0*a0 + q1*n9 + d2*n8 + q3*n7 + d4*n6 + d5*n5
	r1 := d0*a1 + d2*n9 + d3*n8 + d4*n7 + d5*n6
	r2 := d0*a2 + d1*a1 + q3*n9 + d4*n8 + q5*n7 + a6*n6
	r3 := d0*a3 + d1*a2 + d4*n9 + d5*n8 + d6*n7
	r4 := d0*a4 + d1*d3 + a2*a2 + q5*n9 + d6*n8 + d7*n7
	r5 := d0*a5 + d1*a4 + d2*a3 + d6*n9 + d7*n8
	r6 := d0*a6 + d1*d5 + d2*a4 + d3*a3 + q7*n9 + a8*n8
	r7 := d0*a7 + d1*a6 + d2*a5 + d3*a4 + d8*n9
	r8 := d0*a8 + d1*d7 + d2*a6 + d3*d5 + a4*a4 + d9*n9
	r9 := d0*a9 + d1*a8 + d2*a7 + d3*a6 + d4*a5
	feReduce(v, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9)
}

func feMul121666(v, a *fe) {
	var r [10]uint64
	for i := range a[:] {
		r[i] = uint64(a[i]) * 121666
	}
	feReduce(v, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9])
}

// feReduce carries sums of products, in two chains that the machine can run side by side: 0 to 5 and 5 to
// 0, and then from both ends one limb more.
//
//go:inline
func feReduce(v *fe, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9 uint64) {
	r1, r6 = r1+r0>>26, r6+r5>>25
	r2, r7 = r2+r1>>25, r7+r6>>26
	r3, r8 = r3+r2>>26, r8+r7>>25
	r4, r9 = r4+r3>>25, r9+r8>>26
	// The first link of each chain is carried again, with what the other chain brings to it.
	r5, r0 = r5&mask25+r4>>26, r0&mask26+r9>>25*19
	r1, r6 = r1&mask25+r0>>26, r6&mask26+r5>>25
	v[0], v[5] = uint32(r0)&mask26, uint32(r5)&mask25
	v[1], v[6] = uint32(r1), uint32(r6)
	v[2], v[7] = uint32(r2)&mask26, uint32(r7)&mask25
	v[3], v[8] = uint32(r3)&mask25, uint32(r8)&mask26
	v[4], v[9] = uint32(r4)&mask26, uint32(r9)&mask25
}

// feSetWords sets v to the low 255 bits of w.
func feSetWords(v *fe, w *[4]uint64) {
	v[0] = uint32(w[0]) & mask26
	v[1] = uint32(w[0]>>26) & mask25
	v[2] = uint32(w[0]>>51|w[1]<<13) & mask26
	v[3] = uint32(w[1]>>13) & mask25
	v[4] = uint32(w[1] >> 38)
	v[5] = uint32(w[2]) & mask25
	v[6] = uint32(w[2]>>25) & mask26
	v[7] = uint32(w[2]>>51|w[3]<<13) & mask25
	v[8] = uint32(w[3]>>12) & mask26
	v[9] = uint32(w[3]>>38) & mask25
}

// feWords sets w to the tight a, fully reduced.
func feWords(w *[4]uint64, a *fe) {
	// q is 1 if a >= p, that is, a + 19 >= 2^255. Then a - p = a + 19 - 2^255.
	q := uint32(19)
	for i := 0; i < 10; i += 2 {
		q = (a[i] + q) >> 26
		q = (a[i+1] + q) >> 25
	}
	var v [10]uint64
	c := q * 19
	for i := 0; i < 10; i += 2 {
		c += a[i]
		v[i] = uint64(c & mask26)
		c = c>>26 + a[i+1]
		v[i+1] = uint64(c & mask25)
		c >>= 25
	}
	w[0] = v[0] | v[1]<<26 | v[2]<<51
	w[1] = v[2]>>13 | v[3]<<13 | v[4]<<38
	w[2] = v[5] | v[6]<<25 | v[7]<<51
	w[3] = v[7]>>13 | v[8]<<12 | v[9]<<38
}
