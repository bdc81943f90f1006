//go:build purego

package curve

// Verification: variable time, for public inputs.

// combineVarTime sets out to the encoding of sB - kA and reports whether A is on the curve. s must be below
// L.
//
// The two products share their doublings (Straus, Amer. Math. Monthly 70, 1964), and odd signed digits make
// an addition rare: of B, whose multiples are in a table, rarer than of A.
func combineVarTime(out, s *[32]byte, k *sc, A *[32]byte) bool {
	var p, pp point
	if !pointSetBytesVarTime(&p, A) {
		return false
	}
	pointNegate(&p)

	var odd [1 << (widthA - 2)]cached // -A, -3A, -5A, ...
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
	oddDigitsVarTime(&kd, &kb, widthA)
	oddDigitsVarTime(&sd, s, widthB)
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
			cachedSetWords(&q, &oddTable[abs(y)>>1])
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

// The widths of the digits of k and s: the multiples of A are computed each time, those of B are in a table.
const (
	widthA = 4
	widthB = 7
)

// oddDigitsVarTime sets d to a form of s, which is below 2^253, as the sum of d[i] 2^i with every d[i] zero
// or odd and of less than width bits, besides a sign, and at least width-1 zeros after each that isn't.
func oddDigitsVarTime(d *[256]int8, s *[32]byte, width int) {
	carry := 0
	for i := 0; i < 256; {
		window := int(s[i>>3])
		if i < 248 {
			window |= int(s[i>>3+1]) << 8
		}
		window = window>>(i&7)&(1<<width-1) + carry
		if window&1 == 0 { // also when the carry makes it 2^width
			i++
			continue
		}
		carry = 0
		if window > 1<<(width-1) {
			window -= 1 << width
			carry = 1
		}
		d[i] = int8(window)
		i += width
	}
}

func abs(x int8) int {
	if x < 0 {
		return -int(x)
	}
	return int(x)
}
