//go:build purego

package curve

// Verification: variable time, for public inputs.

// combineVarTime sets out to the encoding of sB - kA and reports whether A is on the curve. s must be below
// L.
//
// The two products share their doublings (Straus, Amer. Math. Monthly 70, 1964), and odd signed digits make
// an addition rare.
func combineVarTime(out, s *[32]byte, k *sc, A *[32]byte) bool {
	var p, pp point
	if !pointSetBytesVarTime(&p, A) {
		return false
	}
	pointNegate(&p)

	var odd [4]cached // -A, -3A, -5A, -7A
	var q cached
	pp.x, pp.y, pp.z = p.x, p.y, p.z
	pointDouble(&pp, true)
	cachedSetPoint(&q, &pp) // -2A
	for i := range odd[:] {
		if i > 0 {
			pointAdd(&p, &q, false, true)
		}
		cachedSetPoint(&odd[i], &p)
	}

	var kb [32]byte
	var kd, sd [256]int8
	scBytes(&kb, k)
	oddDigitsVarTime(&kd, &kb)
	oddDigitsVarTime(&sd, s)
	pointSetNeutral(&p)
	i := 255
	for i > 0 && kd[i]|sd[i] == 0 {
		i--
	}
	for ; i >= 0; i-- {
		x, y := kd[i], sd[i]
		pointDouble(&p, x != 0 || y != 0)
		if x != 0 {
			q = odd[abs(x)>>1]
			addSignedVarTime(&p, &q, x < 0, false, y != 0)
		}
		if y != 0 {
			cachedSetWords(&q, &baseTable[0][abs(y)-1])
			addSignedVarTime(&p, &q, y < 0, true, false)
		}
	}
	pointBytes(out, &p)
	return true
}

func onCurveVarTime(A *[32]byte) bool {
	var p point
	return pointSetBytesVarTime(&p, A)
}

// addSignedVarTime sets p = p - q if negative and else p = p + q. It may negate q in place.
func addSignedVarTime(p *point, q *cached, negative, affine, t bool) {
	if negative {
		feSwap(&q.sum, &q.diff, 1)
		feNegate(&q.dt, &q.dt)
	}
	pointAdd(p, q, affine, t)
}

func cachedSetPoint(q *cached, p *point) {
	feAdd(&q.sum, &p.y, &p.x)
	feSub(&q.diff, &p.y, &p.x)
	feAdd(&q.zz, &p.z, &p.z)
	feSetWords(&q.dt, &curveD2)
	feMul(&q.dt, &q.dt, &p.t)
}

// oddDigitsVarTime sets d to a form of s, which is below 2^253, as the sum of d[i] 2^i with every d[i] zero
// or odd and between -7 and 7, and at least three zeros after each that isn't.
func oddDigitsVarTime(d *[256]int8, s *[32]byte) {
	carry := 0
	for i := 0; i < 256; {
		window := int(s[i>>3])
		if i < 248 {
			window |= int(s[i>>3+1]) << 8
		}
		window = window>>(i&7)&15 + carry
		if window&1 == 0 { // also when the carry makes it 16
			i++
			continue
		}
		carry = 0
		if window > 8 {
			window -= 16
			carry = 1
		}
		d[i] = int8(window)
		i += 4
	}
}

func abs(x int8) int {
	if x < 0 {
		return -int(x)
	}
	return int(x)
}
