//go:build !purego

package curve

import "github.com/karst-im/karst/internal/secret"

// affine is a point that is added with its z known to be 1: sum, diff and dt of cached.
type affine [3]fe

// pointBaseMult sets p = sB in constant time.
//
// s is written with 51 digits between -16 and 16 in base 32. The rows are for the digits in even places. Those in odd
// places use the same rows: they are added first, and five doublings multiply their sum by 32.
func pointBaseMult(p *point, s *sc) {
	var digits [51]byte // two's complement
	var q cached
	recode(&digits, s)
	pointSetNeutral(p)
	for i := 1; i < 51; i += 2 {
		selectMultiple(&q, &baseRows[i/2], int64(int8(digits[i])))
		pointAdd(p, &q, true, i < 49)
	}
	for i := range 5 {
		pointDouble(p, i == 4)
	}
	for i := 0; i < 51; i += 2 {
		selectMultiple(&q, &baseRows[i/2], int64(int8(digits[i])))
		pointAdd(p, &q, true, i < 50)
	}
	secret.Wipe(digits[:])
	q.wipe()
}

// recode sets digits to numbers between -16 and 15, as two's complement, of which s is the sum times 32^i. The
// last one takes its carry, because s < L < 2^253.
func recode(digits *[51]byte, s *sc) {
	var b [33]byte
	scBytes((*[32]byte)(b[:32]), s)
	carry := byte(0)
	for i := range digits[:] {
		at := 5 * i
		x := byte((uint16(b[at>>3])|uint16(b[at>>3+1])<<8)>>(at&7))&31 + carry
		carry = (x + 16) >> 5
		digits[i] = x - carry<<5
	}
	secret.Wipe(b[:])
}

// selectMultipleByElements sets q to the multiple of that row. It reads the whole row. zz is not set.
func selectMultipleByElements(q *cached, row *[16]affine, digit int64) {
	negative := byte(uint64(digit) >> 63)
	abs := (byte(digit) ^ -negative) + negative
	neutral := uint64(isEqual(abs, 0))
	q.sum, q.diff, q.dt = fe{neutral}, fe{neutral}, fe{}
	for j := range row[:] {
		m := mask(isEqual(abs, byte(j+1)))
		from := &row[j]
		for k := range q.sum[:] {
			q.sum[k] |= m & from[0][k]
			q.diff[k] |= m & from[1][k]
			q.dt[k] |= m & from[2][k]
		}
	}
	cachedNegateIf(q, int(negative))
}
