//go:build !purego

package curve

import (
	"encoding/binary"
	"math/bits"

	"github.com/karst-im/karst/internal/cpu"
)

// fe is the field element v[0] + v[1] 2^64 + v[2] 2^128 + v[3] 2^192 modulo p: any number below 2^256, so that
// every element is tight. 2^256 is 38.
//
// Saturated limbs have 16 products instead of the 25 of five limbs, and MULX, ADCX and ADOX add them up in two
// chains of carries at once. Processors without those (before 2014 at Intel, 2017 at AMD) run the Go code below.
type fe [4]limb

type limb = uint64

const withoutADX = "go"

//go:noescape
func mulADX(v, a, b *fe)

//go:noescape
func squareADX(v, a *fe, n int)

// feAdd sets v = a + b. A carry is worth 38. If adding that carries again, the sum is then near zero, and adding
// another 38 carries no more.
func feAdd(v, a, b *fe) {
	v0, c := bits.Add64(a[0], b[0], 0)
	v1, c := bits.Add64(a[1], b[1], c)
	v2, c := bits.Add64(a[2], b[2], c)
	v3, c := bits.Add64(a[3], b[3], c)
	feFold(v, v0, v1, v2, v3, 38*c)
}

// feSub sets v = a - b, in the same way.
func feSub(v, a, b *fe) {
	v0, c := bits.Sub64(a[0], b[0], 0)
	v1, c := bits.Sub64(a[1], b[1], c)
	v2, c := bits.Sub64(a[2], b[2], c)
	v3, c := bits.Sub64(a[3], b[3], c)
	v0, c = bits.Sub64(v0, 38*c, 0)
	v[1], c = bits.Sub64(v1, 0, c)
	v[2], c = bits.Sub64(v2, 0, c)
	v[3], c = bits.Sub64(v3, 0, c)
	v[0] = v0 - 38*c
}

// feFold sets v to the number of four words, plus more.
func feFold(v *fe, v0, v1, v2, v3, more uint64) {
	v0, c := bits.Add64(v0, more, 0)
	v[1], c = bits.Add64(v1, 0, c)
	v[2], c = bits.Add64(v2, 0, c)
	v[3], c = bits.Add64(v3, 0, c)
	v[0] = v0 + 38*c
}

// feMul sets v = a b.
func feMul(v, a, b *fe) {
	if cpu.ADX {
		mulADX(v, a, b)
	} else {
		mulByWords(v, a, b)
	}
}

// feSquareN sets v to a^(2^n), n >= 1.
func feSquareN(v, a *fe, n int) {
	if cpu.ADX {
		squareADX(v, a, n)
		return
	}
	for mulByWords(v, a, a); n > 1; n-- {
		mulByWords(v, v, v)
	}
}

func feSquare(v, a *fe) { feSquareN(v, a, 1) }

// mulByWords is the schoolbook method, a row at a time.
func mulByWords(v, a, b *fe) {
	var r [8]uint64
	for i, x := range a[:] {
		var c uint64
		c, r[i] = mulAdd(x, b[0], r[i], 0)
		c, r[i+1] = mulAdd(x, b[1], r[i+1], c)
		c, r[i+2] = mulAdd(x, b[2], r[i+2], c)
		r[i+4], r[i+3] = mulAdd(x, b[3], r[i+3], c)
	}
	var c uint64
	c, r[0] = mulAdd(38, r[4], r[0], 0)
	c, r[1] = mulAdd(38, r[5], r[1], c)
	c, r[2] = mulAdd(38, r[6], r[2], c)
	c, r[3] = mulAdd(38, r[7], r[3], c)
	feFold(v, r[0], r[1], r[2], r[3], 38*c)
}

// mulAdd returns x y + a + b, which two words always hold.
func mulAdd(x, y, a, b uint64) (high, low uint64) {
	high, low = bits.Mul64(x, y)
	low, c := bits.Add64(low, a, 0)
	high += c
	low, c = bits.Add64(low, b, 0)
	return high + c, low
}

func feMul121666(v, a *fe) {
	const n = 121666
	c, v0 := mulAdd(n, a[0], 0, 0)
	c, v1 := mulAdd(n, a[1], c, 0)
	c, v2 := mulAdd(n, a[2], c, 0)
	c, v3 := mulAdd(n, a[3], c, 0)
	feFold(v, v0, v1, v2, v3, 38*c)
}

// feSetWords sets v to the low 255 bits of w.
func feSetWords(v *fe, w *[4]uint64) {
	*v = *w
	v[3] &= 1<<63 - 1
}

// feSetBytes sets v to the low 255 bits of b, little-endian.
func feSetBytes(v *fe, b *[32]byte) {
	for i := range v[:] {
		v[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	v[3] &= 1<<63 - 1
}

// feBytes sets out to the canonical encoding of a.
func feBytes(out *[32]byte, a *fe) {
	// The top bit is worth 19, which leaves less than 2^255 + 19.
	v0, c := bits.Add64(a[0], 19*(a[3]>>63), 0)
	v1, c := bits.Add64(a[1], 0, c)
	v2, c := bits.Add64(a[2], 0, c)
	v3, _ := bits.Add64(a[3]&(1<<63-1), 0, c)
	// If that is p or more, adding 19 reaches 2^255, and p is taken away by adding 19 and dropping the top bit.
	_, c = bits.Add64(v0, 19, 0)
	_, c = bits.Add64(v1, 0, c)
	_, c = bits.Add64(v2, 0, c)
	q := (v3 + c) >> 63
	v0, c = bits.Add64(v0, 19*q, 0)
	v1, c = bits.Add64(v1, 0, c)
	v2, c = bits.Add64(v2, 0, c)
	v3 = (v3 + c) & (1<<63 - 1)
	binary.LittleEndian.PutUint64(out[0:], v0)
	binary.LittleEndian.PutUint64(out[8:], v1)
	binary.LittleEndian.PutUint64(out[16:], v2)
	binary.LittleEndian.PutUint64(out[24:], v3)
}
