//go:build purego || amd64

package curve

// What the multiplication of the base point has in common where it is our own.

// baseMult sets out to the encoding of sB.
func baseMult(out *[32]byte, s *sc) {
	var p point
	pointBaseMult(&p, s)
	pointBytes(out, &p)
	p.wipe()
}

// baseMontgomery sets out to the Montgomery u coordinate of sB.
func baseMontgomery(out *[32]byte, s *sc) {
	var p point
	pointBaseMult(&p, s)
	pointMontgomery(out, &p)
	p.wipe()
}

// pointMontgomery sets out to the u coordinate of p, (z + y) / (z - y). It destroys p.
func pointMontgomery(out *[32]byte, p *point) {
	feAdd(&p.e, &p.z, &p.y)
	feSub(&p.f, &p.z, &p.y)
	feInvert(&p.f, &p.f)
	feMul(&p.e, &p.e, &p.f)
	feBytes(out, &p.e)
}

// isEqual returns 1 if a and b, both below 128, are equal, and else 0.
func isEqual(a, b byte) int { return int((uint32(a^b) - 1) >> 31) }

// cachedNegateIf sets q = -q if bit is 1 and leaves it if it is 0.
func cachedNegateIf(q *cached, bit int) {
	var minus fe
	feNegate(&minus, &q.dt)
	feSwap(&q.dt, &minus, bit)
	feSwap(&q.sum, &q.diff, bit)
	feWipe(&minus)
}
