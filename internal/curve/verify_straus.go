package curve

// Verification: variable time, for public inputs.

// equationByHalvesVarTime reports whether A and R are on the curve and R = sB - kA. k and s must be below L, A
// and R below p. The multiples of A and R are computed each time, with digits of widthA; baseOdd has those of B,
// for digits of widthB.
//
// It checks t times that equation for a t that makes all factors half as long, and thus halves the
// doublings: tsB = uA + tR with u = tk modulo 8L, see halveVarTime. Since t is odd and below L, it has no
// common factor with the order of any point, and nothing but the neutral point becomes neutral. All products
// share their doublings (Straus, Amer. Math. Monthly 70, 1964), ts is cut in two, and odd signed digits make
// an addition rare.
func equationByHalvesVarTime(R, s, k, A *[32]byte) bool {
	var p point
	var u, t, ts [32]byte
	var d [4][256]int8 // the digits of u, of t, and of both halves of ts
	var oddA, oddR [1 << (widthA - 2)]cached
	var q cached

	negative := halveVarTime(&u, &t, k)
	scMulBytes(&ts, &t, s)
	oddDigitsVarTime(&d[0], u[:], widthA)
	oddDigitsVarTime(&d[1], t[:], widthA)
	oddDigitsVarTime(&d[2], ts[:16], widthB)
	oddDigitsVarTime(&d[3], ts[16:], widthB)

	if !pointSetBytesVarTime(&p, A) {
		return false
	}
	if !negative {
		pointNegate(&p)
	}
	oddMultiples(oddA[:], &p)
	if !pointSetBytesVarTime(&p, R) {
		return false
	}
	pointNegate(&p)
	oddMultiples(oddR[:], &p)

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
				baseOdd(&q, j-2, n>>1)
			}
			if d[j][i] < 0 {
				cachedNegate(&q)
			}
			pointAdd(&p, &q, j >= 2, j < last)
			started = true
		}
	}
	var zero fe
	return feEqualVarTime(&p.x, &zero) && feEqualVarTime(&p.y, &p.z)
}

func onCurveVarTime(A *[32]byte) bool {
	var p point
	return pointSetBytesVarTime(&p, A)
}
