package aes

import "github.com/karst-im/karst/internal/secret"

// A block in packed form is two words. Bit 16·row + 4·column + i of the first is bit i of the byte in
// that row and column of the state (FIPS 197, section 3.4), and of the second it is bit 4+i.
//
// So a row is 16 adjacent bits, ShiftRows rotates nibbles inside of it, and MixColumns rotates the
// word. The eight planes that the S-box circuit wants are the two words shifted down by 0 to 3: of
// these every fourth bit counts and the rest is ignored. With four blocks in flight (decryption) it
// takes the place of the ignored bits: there, bit 16·row + 4·column + n of plane i is bit i of a byte of
// block n.

const (
	rounds    = 14
	everyByte = 0x0101010101010101
	// lowBits has the lowest bit of each nibble.
	lowBits = 0x1111111111111111
)

// roundKeys are the round keys in packed form. 0x63, the constant of SubBytes that substitute leaves
// out, is added to all but the first: since ShiftRows, MixColumns and their inverses do not change a
// state of equal bytes, the constant may as well be added with the round key that comes after them, or
// in decryption before them.
type roundKeys [2 * (rounds + 1)]uint64

// expandKey sets rk to the round keys of key (FIPS 197, section 5.2).
func expandKey(rk *roundKeys, key *[32]byte) {
	var w [8]uint32 // the last eight words; the first byte of a word is its lowest
	for i := 0; i < 8; i += 2 {
		x := load(key[4*i:])
		w[i], w[i+1] = uint32(x), uint32(x>>32)
	}
	var q [8]uint64
	rcon := uint32(1)
	for r := 0; r <= rounds; r++ {
		half := (r & 1) * 4 // where this round key is in w
		if r >= 2 {
			t := w[7-half]
			if half == 0 {
				t = subWord(&q, t>>8|t<<24) ^ rcon
				rcon <<= 1
			} else {
				t = subWord(&q, t)
			}
			for i := half; i < half+4; i++ {
				t ^= w[i]
				w[i] = t
			}
		}
		a, b := pack(uint64(w[half])|uint64(w[half+1])<<32, uint64(w[half+2])|uint64(w[half+3])<<32)
		if r > 0 {
			a ^= 0x3 * lowBits
			b ^= 0x6 * lowBits
		}
		rk[2*r], rk[2*r+1] = a, b
	}
	secret.WipeWords(w[:])
	subWord(&q, 0) // over what the circuit left on the stack: see bitslice_cbc.go
	secret.WipeWords(q[:])
}

// subWord applies SubBytes to the four bytes of w: of each plane every eighth bit counts. q is scratch.
func subWord(q *[8]uint64, w uint32) uint32 {
	for i := range q[:] {
		q[i] = uint64(w >> i)
	}
	substitute(q)
	w = 0x63636363
	for i := range q[:] {
		w ^= uint32(q[i]&everyByte) << i
	}
	return w
}

// subBytes applies SubBytes, but for its constant, to a packed block.
//
//go:inline
func subBytes(a, b uint64) (uint64, uint64) {
	var q [8]uint64
	q[0], q[1], q[2], q[3] = a, a>>1, a>>2, a>>3
	q[4], q[5], q[6], q[7] = b, b>>1, b>>2, b>>3
	substitute(&q)
	a = q[0]&lowBits | q[1]&lowBits<<1 | q[2]&lowBits<<2 | q[3]&lowBits<<3
	b = q[4]&lowBits | q[5]&lowBits<<1 | q[6]&lowBits<<2 | q[7]&lowBits<<3
	return a, b
}

// shiftRows rotates row r by r columns (section 5.1.2).
func shiftRows(x uint64) uint64 {
	x = swapBits(x, 0x00ff00ff00000000, 8) // rows 2 and 3 by two
	return x&0x0000ffff0000ffff | x>>4&0x0fff00000fff0000 | x<<12&0xf0000000f0000000
}

// invShiftRows undoes shiftRows (section 5.3.1).
func invShiftRows(x uint64) uint64 {
	x = swapBits(x, 0x00ff00ff00000000, 8)
	return x&0x0000ffff0000ffff | x<<4&0xfff00000fff00000 | x>>12&0x000f0000000f0000
}

// below returns x with each row replaced by the next, and below2 by the next but one.
func below(x uint64) uint64  { return x>>16 | x<<48 }
func below2(x uint64) uint64 { return x>>32 | x<<32 }

// mixColumns multiplies the columns of a packed block by 2, 3, 1, 1 (section 5.1.3): with t = x +
// below(x), the result is 2·t + below(x) + below2(t).
func mixColumns(a, b uint64) (uint64, uint64) {
	a1, b1 := below(a), below(b)
	ta, tb := a^a1, b^b1
	// 2·t: the planes move up by one, and 0x1b takes the place of the highest.
	top := tb >> 3 & lowBits
	a = a1 ^ below2(ta) ^ ta&^(8*lowBits)<<1 ^ top*0xb
	b = b1 ^ below2(tb) ^ tb&^(8*lowBits)<<1 ^ ta>>3&lowBits ^ top
	return a, b
}

// invMixAndShift adds the round key k to four blocks, multiplies the columns by 14, 11, 13, 9 (section
// 5.3.3), which is what mixColumns does to x + 4·(x + below2(x)), and undoes ShiftRows. It is one
// function because the planes should go through memory once.
func invMixAndShift(q, k *[8]uint64) {
	x0, x1, x2, x3 := q[0]^k[0], q[1]^k[1], q[2]^k[2], q[3]^k[3]
	x4, x5, x6, x7 := q[4]^k[4], q[5]^k[5], q[6]^k[6], q[7]^k[7]
	t0, t1, t2, t3 := x0^below2(x0), x1^below2(x1), x2^below2(x2), x3^below2(x3)
	t4, t5, t6, t7 := x4^below2(x4), x5^below2(x5), x6^below2(x6), x7^below2(x7)
	x0 ^= t6
	x1 ^= t6 ^ t7
	x2 ^= t0 ^ t7
	x3 ^= t1 ^ t6
	x4 ^= t2 ^ t6 ^ t7
	x5 ^= t3 ^ t7
	x6 ^= t4
	x7 ^= t5

	t0, t1, t2, t3 = x0^below(x0), x1^below(x1), x2^below(x2), x3^below(x3)
	t4, t5, t6, t7 = x4^below(x4), x5^below(x5), x6^below(x6), x7^below(x7)
	q[0] = invShiftRows(x0 ^ t0 ^ below2(t0) ^ t7)
	q[1] = invShiftRows(x1 ^ t1 ^ below2(t1) ^ t0 ^ t7)
	q[2] = invShiftRows(x2 ^ t2 ^ below2(t2) ^ t1)
	q[3] = invShiftRows(x3 ^ t3 ^ below2(t3) ^ t2 ^ t7)
	q[4] = invShiftRows(x4 ^ t4 ^ below2(t4) ^ t3 ^ t7)
	q[5] = invShiftRows(x5 ^ t5 ^ below2(t5) ^ t4)
	q[6] = invShiftRows(x6 ^ t6 ^ below2(t6) ^ t5)
	q[7] = invShiftRows(x7 ^ t7 ^ below2(t7) ^ t6)
}

// pack returns the packed form of the block with the bytes x, y.
//
//go:noinline
func pack(x, y uint64) (a, b uint64) {
	// Columns 0 and 2 to a, 1 and 3 to b; in each, order the bytes by row; then all low nibbles to a.
	a, b = x&0xffffffff|y<<32, x>>32|y&0xffffffff00000000
	a = swapBits(swapBits(a, 0x00000000ffff0000, 16), 0x0000ff000000ff00, 8)
	b = swapBits(swapBits(b, 0x00000000ffff0000, 16), 0x0000ff000000ff00, 8)
	t := (a>>4 ^ b) & (0xf * everyByte)
	return a ^ t<<4, b ^ t
}

// unpack undoes pack.
func unpack(a, b uint64) (x, y uint64) {
	t := (a>>4 ^ b) & (0xf * everyByte)
	a, b = a^t<<4, b^t
	a = swapBits(swapBits(a, 0x0000ff000000ff00, 8), 0x00000000ffff0000, 16)
	b = swapBits(swapBits(b, 0x0000ff000000ff00, 8), 0x00000000ffff0000, 16)
	return a&0xffffffff | b<<32, a>>32 | b&0xffffffff00000000
}

// swapBits exchanges the bits of x in mask with those n places above them.
func swapBits(x, mask uint64, n uint) uint64 {
	t := (x>>n ^ x) & mask
	return x ^ t ^ t<<n
}

// transpose turns one word of four packed blocks into four planes, and back.
//
//go:noinline
func transpose(x *[4]uint64) {
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	const m1, m2 = 5 * lowBits, 3 * lowBits
	t := (x0>>1 ^ x1) & m1
	x0, x1 = x0^t<<1, x1^t
	t = (x2>>1 ^ x3) & m1
	x2, x3 = x2^t<<1, x3^t
	t = (x0>>2 ^ x2) & m2
	x0, x2 = x0^t<<2, x2^t
	t = (x1>>2 ^ x3) & m2
	x1, x3 = x1^t<<2, x3^t
	x[0], x[1], x[2], x[3] = x0, x1, x2, x3
}

// load returns the first eight bytes of b, and store sets them; the first byte is the lowest.
func load(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

func store(b []byte, x uint64) {
	_ = b[7]
	b[0], b[1], b[2], b[3] = byte(x), byte(x>>8), byte(x>>16), byte(x>>24)
	b[4], b[5], b[6], b[7] = byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56)
}
