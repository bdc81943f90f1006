//go:build purego && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package curve

// fe is the field element v[0] + v[1] 2^51 + v[2] 2^102 + v[3] 2^153 + v[4] 2^204 modulo p.
//
// The limbs of a tight element are at most 2^51 + 2^13. All bounds below hold for sums of three of them,
// at most 2^52.6.
type fe [5]limb

type limb = uint64

const mask51 = 1<<51 - 1

// feAdd sets v = a + b without a carry.
func feAdd(v, a, b *fe) {
	v[0] = a[0] + b[0]
	v[1] = a[1] + b[1]
	v[2] = a[2] + b[2]
	v[3] = a[3] + b[3]
	v[4] = a[4] + b[4]
}

// feSub sets v = a - b. It adds 4p, whose limbs are larger than those of b, so that none goes below zero.
func feSub(v, a, b *fe) {
	v0 := a[0] + (1<<53 - 76) - b[0]
	v1 := a[1] + (1<<53 - 4) - b[1]
	v2 := a[2] + (1<<53 - 4) - b[2]
	v3 := a[3] + (1<<53 - 4) - b[3]
	v4 := a[4] + (1<<53 - 4) - b[4]
	feCarry(v, v0, v1, v2, v3, v4)
}

// feCarry sets v to a tight element from any limbs whose top one is at most 2^59: each passes what
// exceeds 51 bits to the next, all at once.
func feCarry(v *fe, v0, v1, v2, v3, v4 uint64) {
	v[0] = v0&mask51 + v4>>51*19 // 2^255 = 19
	v[1] = v1&mask51 + v0>>51
	v[2] = v2&mask51 + v1>>51
	v[3] = v3&mask51 + v2>>51
	v[4] = v4&mask51 + v3>>51
}

// feMul sets v = a b, by the schoolbook method with 2^255 = 19. Each sum is below 77 2^105.2 < 2^112.
//
//go:noinline
func feMul(v, a, b *fe) {
	a0, a1, a2, a3, a4 := a[0], a[1], a[2], a[3], a[4]
	b0, b1, b2, b3, b4 := b[0], b[1], b[2], b[3], b[4]
	c1, c2, c3, c4 := a1*19, a2*19, a3*19, a4*19
	r0 := mulAddWide(mulAddWide(mulAddWide(mulAddWide(mulWide(a0, b0), c1, b4), c2, b3), c3, b2), c4, b1)
	r1 := mulAddWide(mulAddWide(mulAddWide(mulAddWide(mulWide(a0, b1), a1, b0), c2, b4), c3, b3), c4, b2)
	r2 := mulAddWide(mulAddWide(mulAddWide(mulAddWide(mulWide(a0, b2), a1, b1), a2, b0), c3, b4), c4, b3)
	r3 := mulAddWide(mulAddWide(mulAddWide(mulAddWide(mulWide(a0, b3), a1, b2), a2, b1), a3, b0), c4, b4)
	r4 := mulAddWide(mulAddWide(mulAddWide(mulAddWide(mulWide(a0, b4), a1, b3), a2, b2), a3, b1), a4, b0)
	feReduce(v, r0, r1, r2, r3, r4)
}

// feSquare sets v = a^2, as feMul does, with the products that occur twice taken once and doubled.
//
//go:noinline
func feSquare(v, a *fe) {
	a0, a1, a2, a3, a4 := a[0], a[1], a[2], a[3], a[4]
	d0, d1, d2, c3, c4 := a0*2, a1*2, a2*2, a3*19, a4*19
	r0 := mulAddWide(mulAddWide(mulWide(a0, a0), d1, c4), d2, c3)
	r1 := mulAddWide(mulAddWide(mulWide(d0, a1), d2, c4), a3, c3)
	r2 := mulAddWide(mulAddWide(mulWide(d0, a2), a1, a1), a3*2, c4)
	r3 := mulAddWide(mulAddWide(mulWide(d0, a3), d1, a2), a4, c4)
	r4 := mulAddWide(mulAddWide(mulWide(d0, a4), d1, a3), a2, a2)
	feReduce(v, r0, r1, r2, r3, r4)
}

func feMul121666(v, a *fe) {
	const n = 121666
	feReduce(v, mulWide(a[0], n), mulWide(a[1], n), mulWide(a[2], n), mulWide(a[3], n), mulWide(a[4], n))
}

// feReduce carries sums of products. The first pass leaves limbs below 2^61 (r4 has no factor of 19, so
// that r4 >> 51 is below 2^57), the second a tight element.
func feReduce(v *fe, r0, r1, r2, r3, r4 uint128) {
	feCarry(v,
		r0.lo&mask51+(r4.hi<<13|r4.lo>>51)*19,
		r1.lo&mask51+(r0.hi<<13|r0.lo>>51),
		r2.lo&mask51+(r1.hi<<13|r1.lo>>51),
		r3.lo&mask51+(r2.hi<<13|r2.lo>>51),
		r4.lo&mask51+(r3.hi<<13|r3.lo>>51))
}

// feSetWords sets v to the low 255 bits of w.
func feSetWords(v *fe, w *[4]uint64) {
	v[0] = w[0] & mask51
	v[1] = (w[0]>>51 | w[1]<<13) & mask51
	v[2] = (w[1]>>38 | w[2]<<26) & mask51
	v[3] = (w[2]>>25 | w[3]<<39) & mask51
	v[4] = w[3] >> 12 & mask51
}

// feWords sets w to the tight a, fully reduced.
func feWords(w *[4]uint64, a *fe) {
	v0, v1, v2, v3, v4 := a[0], a[1], a[2], a[3], a[4]
	// q is 1 if a >= p, that is, a + 19 >= 2^255. Then a - p = a + 19 - 2^255.
	q := (v0 + 19) >> 51
	q = (v1 + q) >> 51
	q = (v2 + q) >> 51
	q = (v3 + q) >> 51
	q = (v4 + q) >> 51
	v0 += 19 * q
	v1 += v0 >> 51
	v2 += v1 >> 51
	v3 += v2 >> 51
	v4 += v3 >> 51
	v0, v1, v2, v3, v4 = v0&mask51, v1&mask51, v2&mask51, v3&mask51, v4&mask51
	w[0] = v0 | v1<<51
	w[1] = v1>>13 | v2<<38
	w[2] = v2>>26 | v3<<25
	w[3] = v3>>39 | v4<<12
}
