//go:build purego

package curve

import "github.com/karst-im/karst/internal/secret"

// pointBaseMult sets p = sB in constant time.
//
// s is written with 64 digits between -8 and 8 in base 16. The table has the multiples of 16^(4i) B, so
// that column j, the digits 4i+j, takes 16 additions and the step to the next column four doublings: 64
// additions and 12 doublings with 12 KB.
func pointBaseMult(p *point, s *sc) {
	var digits [64]byte // two's complement
	var q cached
	recode(&digits, s)
	pointSetNeutral(p)
	for j := 3; j >= 0; j-- {
		for i := 0; i < 16; i++ {
			baseSelect(&q, i, digits[4*i+j])
			pointAdd(p, &q, true, i < 15)
		}
		for i := 0; i < 4 && j > 0; i++ {
			pointDouble(p, i == 3)
		}
	}
	secret.Wipe(digits[:])
	q.wipe()
}

// recode sets digits to numbers between -8 and 8, as two's complement, of which s is the sum times 16^i.
// The last digit takes its carry, because s < L < 2^253.
func recode(digits *[64]byte, s *sc) {
	var b [32]byte
	scBytes(&b, s)
	carry := byte(0)
	for i := range digits[:] {
		x := b[i>>1]>>(i&1*4)&15 + carry
		carry = (x + 8) >> 4
		digits[i] = x - carry<<4
	}
	secret.Wipe(b[:])
}

// baseSelect sets q to digit times 2^(16i) B. It reads the whole row of the table.
func baseSelect(q *cached, i int, digit byte) {
	negative := digit >> 7
	abs := (digit ^ -negative) + negative
	var w [3][4]uint64
	w[0][0] = uint64(isEqual(abs, 0)) // the neutral point
	w[1][0] = w[0][0]
	row := &baseTable[i]
	for j := range row[:] {
		m := mask(isEqual(abs, byte(j+1)))
		for k := range w[:] {
			to, from := &w[k], &row[j][k]
			to[0] |= m & from[0]
			to[1] |= m & from[1]
			to[2] |= m & from[2]
			to[3] |= m & from[3]
		}
	}
	cachedSetWords(q, &w)

	cachedNegateIf(q, int(negative))
	wipeWords(&w)
}

func cachedSetWords(q *cached, w *[3][4]uint64) {
	feSetWords(&q.sum, &w[0])
	feSetWords(&q.diff, &w[1])
	feSetWords(&q.dt, &w[2])
}

func wipeWords(w *[3][4]uint64) {
	for i := range w[:] {
		secret.WipeWords(w[i][:])
	}
}
