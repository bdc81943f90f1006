//go:build purego

package curve

import "github.com/karst-im/karst/internal/secret"

// sc is a scalar modulo L in Montgomery form: the number a stands for a 2^256 modulo L, as eight 32-bit
// limbs, always below L.
//
// Montgomery's method (Math. Comp. 44, 1985) needs neither a division nor a quotient estimate, and one
// loop serves for multiplying, for reducing 512 bits and for the way back, which makes it the smallest.
type sc [8]uint32

// scOrder is L, scInverse is -1/L modulo 2^32; scR2 and scR3 are the square and the cube of 2^256
// modulo L. scOne is 1 as a plain number.
var (
	scOrder = sc{0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000}
	scR2    = sc{0x449c0f01, 0xa40611e3, 0x68859347, 0xd00e1ba7, 0x17f5be65, 0xceec73d2, 0x7c309a3d, 0x399411b}
	scR3    = sc{0x7b83a2db, 0x2a9e4968, 0xaef7f3ec, 0x278324e6, 0x4ec5b65, 0x8065dc6c, 0x3599cec7, 0xe530b77}
	scOne   = sc{1}
)

const scInverse = 0x12547e1b

func (v *sc) wipe() { secret.WipeWords(v[:]) }

// scMul sets v = a b / 2^256 modulo L. a may be any number below 2^256.
func scMul(v, a, b *sc) {
	var t sc
	high := uint64(0) // the limb above t
	for i := range a[:] {
		ai, carry := uint64(a[i]), uint64(0)
		for j := range t[:] {
			carry += uint64(t[j]) + ai*uint64(b[j])
			t[j] = uint32(carry)
			carry >>= 32
		}
		high += carry
		// Adding m L makes the lowest limb zero, and it is shifted out.
		m := uint64(t[0] * scInverse)
		carry = (uint64(t[0]) + m*uint64(scOrder[0])) >> 32
		for j := 1; j < 8; j++ {
			carry += uint64(t[j]) + m*uint64(scOrder[j])
			t[j-1] = uint32(carry)
			carry >>= 32
		}
		high += carry
		t[7] = uint32(high)
		high >>= 32
	}
	// t is below (2^256 L + 2^256 L) / 2^256 = 2L, so high is zero again.
	scSubtractOrder(v, &t)
	t.wipe()
}

// scAdd sets v = a + b modulo L.
func scAdd(v, a, b *sc) {
	var t sc
	carry := uint64(0)
	for i := range t[:] {
		carry += uint64(a[i]) + uint64(b[i])
		t[i] = uint32(carry)
		carry >>= 32
	}
	scSubtractOrder(v, &t)
	t.wipe()
}

// scSubtractOrder sets v = t modulo L for t < 2L.
func scSubtractOrder(v, t *sc) {
	var d sc
	borrow := uint64(0)
	for i := range d[:] {
		x := uint64(t[i]) - uint64(scOrder[i]) - borrow
		d[i] = uint32(x)
		borrow = x >> 63
	}
	keep := uint32(mask(int(borrow))) // t is below L
	for i := range v[:] {
		v[i] = d[i] ^ keep&(d[i]^t[i])
	}
	d.wipe()
}

// scReduce sets v = b modulo L.
func scReduce(v *sc, b *[64]byte) {
	var t, u sc
	scSetBytes(&t, (*[32]byte)(b[:32]))
	scSetBytes(&u, (*[32]byte)(b[32:]))
	scMul(&t, &t, &scR2)
	scMul(&u, &u, &scR3) // 2^256 times as much
	scAdd(v, &t, &u)
	t.wipe()
	u.wipe()
}

// scClamped sets v to the clamped k modulo L.
func scClamped(v *sc, k *[32]byte) {
	var c [32]byte
	secret.Copy(c[:], k[:])
	clamp(&c)
	scSetBytes(v, &c)
	scMul(v, v, &scR2)
	secret.Wipe(c[:])
}

// scMulAdd sets v = a b + c.
func scMulAdd(v, a, b, c *sc) {
	var t sc
	scMul(&t, a, b)
	scAdd(v, &t, c)
	t.wipe()
}

// scSetBytes sets v to the number b itself, not in Montgomery form.
func scSetBytes(v *sc, b *[32]byte) {
	for i := range v[:] {
		v[i] = uint32(b[4*i]) | uint32(b[4*i+1])<<8 | uint32(b[4*i+2])<<16 | uint32(b[4*i+3])<<24
	}
}

// scBytes sets out to the number that a stands for.
func scBytes(out *[32]byte, a *sc) {
	var t sc
	scMul(&t, a, &scOne)
	for i := range out[:] {
		out[i] = byte(t[i>>2] >> (i & 3 * 8))
	}
	t.wipe()
}

// scMulBytes sets out = a b modulo L.
func scMulBytes(out, a, b *[32]byte) {
	var x, y sc
	scSetBytes(&x, a)
	scSetBytes(&y, b)
	scMul(&x, &x, &scR2)
	scMul(&y, &y, &scR2)
	scMul(&x, &x, &y)
	scBytes(out, &x)
	x.wipe()
	y.wipe()
}

// wipeStack has nothing to do here: all temporaries are ours and wiped.
func wipeStack() {}
