//go:build purego

package curve

// Verification: variable time, for public inputs.

// equationVarTime reports whether A and R are on the curve and R = sB - kA. s must be below L.
//
// It checks t times that equation for a t that makes all factors half as long, and thus halves the
// doublings: tsB = uA + tR with u = tk modulo 8L, see halveVarTime. Since t is odd and below L, it has no
// common factor with the order of any point, and nothing but the neutral point becomes neutral. All products
// share their doublings (Straus, Amer. Math. Monthly 70, 1964), ts is cut in two, and odd signed digits make
// an addition rare.
func equationVarTime(R, s *[32]byte, k *sc, A *[32]byte) bool {
	var p point
	var u, t, ts [32]byte
	var d [4][256]int8 // the digits of u, of t, and of both halves of ts
	var oddA, oddR [1 << (widthA - 2)]cached
	var q cached

	scBytes(&u, k)
	negative := halveVarTime(&u, &t, &u)
	scMulBytes(&ts, &t, s)
	oddDigitsVarTime(&d[0], u[:], widthA)
	oddDigitsVarTime(&d[1], t[:], widthA)
	oddDigitsVarTime(&d[2], ts[:16], widthB)
	oddDigitsVarTime(&d[3], ts[16:], widthB)

	if !oddMultiples(&oddA, A, !negative) || !oddMultiples(&oddR, R, true) {
		return false
	}
	pointSetNeutral(&p)
	started := false
	for i := 255; i >= 0; i-- {
		last := 3
		for last >= 0 && d[last][i] == 0 {
			last--
		}
		if started {
			pointDouble(&p, last >= 0)
		}
		for j := 0; j <= last; j++ {
			n := abs(d[j][i])
			if n == 0 {
				continue
			}
			switch j {
			case 0:
				q = oddA[n>>1]
			case 1:
				q = oddR[n>>1]
			default:
				cachedSetWords(&q, &oddTable[j-2][n>>1])
			}
			if d[j][i] < 0 {
				feSwap(&q.sum, &q.diff, 1)
				feNegate(&q.dt, &q.dt)
			}
			pointAdd(&p, &q, j >= 2, j < last)
			started = true
		}
	}
	var zero fe
	return feEqualVarTime(&p.x, &zero) && feEqualVarTime(&p.y, &p.z)
}

// oddMultiples sets odd to p, 3p, 5p, ... of the point p that b encodes, or of -p, and reports whether there
// is one.
func oddMultiples(odd *[1 << (widthA - 2)]cached, b *[32]byte, negative bool) bool {
	var p, pp point
	var q cached
	if !pointSetBytesVarTime(&p, b) {
		return false
	}
	if negative {
		pointNegate(&p)
	}
	pp.x, pp.y, pp.z = p.x, p.y, p.z
	pointDouble(&pp, true)
	cachedSetPoint(&q, &pp)
	for i := range odd[:] {
		if i > 0 {
			pointAdd(&p, &q, false, true)
		}
		cachedSetPoint(&odd[i], &p)
	}
	return true
}

func onCurveVarTime(A *[32]byte) bool {
	var p point
	return pointSetBytesVarTime(&p, A)
}

func cachedSetPoint(q *cached, p *point) {
	feAdd(&q.sum, &p.y, &p.x)
	feSub(&q.diff, &p.y, &p.x)
	feAdd(&q.zz, &p.z, &p.z)
	feSetWords(&q.dt, &curveD2)
	feMul(&q.dt, &q.dt, &p.t)
}

// The widths of the digits: the multiples of A and R are computed each time, those of B are in a table.
const (
	widthA = 4
	widthB = 6
)

// oddDigitsVarTime sets d to a form of s, which is below 2^255, as the sum of d[i] 2^i with every d[i] zero
// or odd and of less than width bits, besides a sign, and at least width-1 zeros after each that isn't.
func oddDigitsVarTime(d *[256]int8, s []byte, width int) {
	carry := 0
	for i := 0; i < 8*len(s) || carry != 0; {
		window := 0
		for j := i>>3 + 1; j >= i>>3; j-- {
			window <<= 8
			if j < len(s) {
				window |= int(s[j])
			}
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
