package curve

// What verification needs in all builds, in variable time: odd multiples of a point, and odd digits.

// oddMultiples sets odd to p, 3p, 5p, ... It destroys p.
func oddMultiples(odd []cached, p *point) {
	var pp point
	var q cached
	pp.x, pp.y, pp.z = p.x, p.y, p.z
	pointDouble(&pp, true)
	cachedSetPoint(&q, &pp)
	for i := range odd {
		if i > 0 {
			pointAdd(p, &q, false, true)
		}
		cachedSetPoint(&odd[i], p)
	}
}

// cachedNegate sets q = -q.
func cachedNegate(q *cached) {
	feSwap(&q.sum, &q.diff, 1)
	feNegate(&q.dt, &q.dt)
}

func cachedSetPoint(q *cached, p *point) {
	feAdd(&q.sum, &p.y, &p.x)
	feSub(&q.diff, &p.y, &p.x)
	feAdd(&q.zz, &p.z, &p.z)
	feSetWords(&q.dt, &curveD2)
	feMul(&q.dt, &q.dt, &p.t)
}

// oddDigitsVarTime writes s, which is below 2^255, as the sum of d[i] 2^i. Every digit is zero, or odd and
// between -2^(width-1) and 2^(width-1), and after one that is not zero come at least width-1 zeros.
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
