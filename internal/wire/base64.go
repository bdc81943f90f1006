package wire

import "github.com/karst-im/karst/internal/secret"

// Base64 with the standard alphabet and without padding (RFC 4648 sections 3.2 and 4), in constant
// time: eight characters travel as the eight lanes of a uint64, and every class of the alphabet is
// selected by masks; where the processor has them, sixteen travel in a vector register. Session keys
// and pickles pass here, so that neither a table nor a branch may see a character. Only lengths and the
// final verdict are public.
//
// TinyGo inlines by size, unless it is told to inline: the loops are worth it.

const (
	lanes = 0x0101010101010101 // 1 in each lane
	highs = 0x8080808080808080 // the top bit of each lane
)

// EncodedLen returns the number of characters that n bytes encode to.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func EncodedLen(n int) int { return n/3*4 + (n%3*8+5)/6 }

// DecodedLen returns the number of bytes that n characters decode to, or -1 if no number of bytes
// encodes to n characters.
func DecodedLen(n int) int {
	if n%4 == 1 {
		return -1
	}
	return n/4*3 + n%4*6/8
}

// Encode writes the encoding of src to dst, which must have room for EncodedLen(len(src))
// characters. src may be the tail of dst: every character is written after the bytes below it were
// read.
func Encode(dst, src []byte) {
	n := EncodedLen(len(src))
	dst = dst[:n]
	i, j := encodeBlocks(dst, src)
	dst, src = dst[j:], src[i:]
	for len(src) > 0 {
		n, m := 6, 8
		x := uint64(0)
		if len(src) >= 8 {
			x = load64(src) >> 16 // six of the eight
		} else {
			n, m = min(len(src), 6), min(len(dst), 8)
			for _, b := range src[:n] {
				x = x<<8 | uint64(b)
			}
			x <<= 48 - 8*n
		}
		x = toASCII(spread(x))
		if m == 8 {
			store64(dst, x)
		} else {
			for i := range dst[:m] {
				dst[i] = byte(x >> 56)
				x <<= 8
			}
		}
		dst, src = dst[m:], src[n:]
	}
}

// Decode writes the bytes that src encodes to dst, which must have room for DecodedLen(len(src)).
// dst may be src or begin where src begins. It reports whether src is valid: a possible length,
// nothing outside the alphabet, unused trailing bits zero. If it isn't, the bytes in dst mean
// nothing.
func Decode(dst, src []byte) bool {
	n := DecodedLen(len(src))
	if n < 0 {
		return false
	}
	dst = dst[:n]
	i, j, ok := decodeBlocks(dst, src)
	bad := uint64(0)
	dst, src = dst[j:], src[i:]
	for len(src) > 0 {
		n, x := loadUpTo8(src)
		x, b := fromASCII(x)
		x = gather(x)
		m := storeUpTo6(dst, x)
		bad |= b | x<<(16+8*m) // what is left must be zero
		dst, src = dst[m:], src[n:]
	}
	return ok && secret.Public(bad) == 0
}

// loadUpTo8 returns the first eight characters of src, or all and 'A', which stands for zero bits, in the
// place of the rest, and how many there are.
//
//go:inline
func loadUpTo8(src []byte) (n int, x uint64) {
	if len(src) >= 8 {
		return 8, load64(src)
	}
	x = 'A' * lanes
	for _, c := range src {
		x = x<<8 | uint64(c)
	}
	for range 8 - len(src) {
		x = x<<8 | 'A'
	}
	return len(src), x
}

// storeUpTo6 writes the six lower bytes of x to dst, or those for which there is room, the highest first,
// and returns how many.
//
//go:inline
func storeUpTo6(dst []byte, x uint64) int {
	if len(dst) >= 8 {
		store64(dst, x<<16) // six bytes, and two that the next step overwrites
		return 6
	}
	n := min(len(dst), 6)
	for i := range dst[:n] {
		dst[i] = byte(x >> 40)
		x <<= 8
	}
	return n
}

// TrimPadding returns src without correct padding: one or two '=' that fill it up to a multiple of
// four characters. Anything else is returned as it is, for Decode to refuse.
//
// src may be secret, like what Decode reads; how much padding it has is not.
func TrimPadding(src []byte) []byte {
	n := len(src)
	if n == 0 || n%4 != 0 {
		return src
	}
	last := isPadding(src[n-1])
	return src[:n-secret.Public(last+last&isPadding(src[n-2]))]
}

// isPadding returns 1 if c is '=', and 0 otherwise.
func isPadding(c byte) int { return int((uint32(c^'=') - 1) >> 31) }

// spread moves the eight 6-bit groups of a 48-bit x to the eight lanes, the first to the highest.
func spread(x uint64) uint64 {
	x = x&0x0000ffffff000000<<8 | x&0x0000000000ffffff
	x = x&0x00fff00000fff000<<4 | x&0x00000fff00000fff
	return x&0x0fc00fc00fc00fc0<<2 | x&0x003f003f003f003f
}

// gather is the inverse of spread.
func gather(x uint64) uint64 {
	x = x>>2&0x0fc00fc00fc00fc0 | x&0x003f003f003f003f
	x = x>>4&0x00fff00000fff000 | x&0x00000fff00000fff
	return x>>8&0x0000ffffff000000 | x&0x0000000000ffffff
}

// atLeast returns 1 in each lane of x, all below 128, that is at least k.
func atLeast(x uint64, k uint64) uint64 { return (x + (128-k)*lanes) >> 7 & lanes }

// toASCII maps 6-bit values to characters. The alphabet is five runs; each bound corrects the
// distance between a value and its character. No lane ever overflows or borrows.
func toASCII(v uint64) uint64 {
	return v + 'A'*lanes +
		atLeast(v, 26)*('a'-26-'A') -
		atLeast(v, 52)*('a'-26-('0'-52)) -
		atLeast(v, 62)*('0'-52-('+'-62)) +
		atLeast(v, 63)*('/'-63-('+'-62))
}

// fromASCII maps characters to 6-bit values; bad is not zero if one is outside the alphabet.
//
// Adding 128-k to a lane sets its top bit if the character is at least k. The alphabet is the four
// ranges [+, +], [/, 9], [A, Z] and [a, z], so that a character is in it if it has passed an odd
// number of their eight bounds. Its value, modulo 64, is the character plus 83, less a little for
// every bound that it has passed; the bits above are cut off.
func fromASCII(c uint64) (v, bad uint64) {
	bad = c & highs
	c &^= highs
	plusEnd := c + (128-('+'+1))*lanes
	digitEnd := c + (128-('9'+1))*lanes
	upperEnd := c + (128-('Z'+1))*lanes
	odd := (c + (128-'+')*lanes) ^ plusEnd ^
		(c + (128-'/')*lanes) ^ digitEnd ^
		(c + (128-'A')*lanes) ^ upperEnd ^
		(c + (128-'a')*lanes) ^ (c + (128-('z'+1))*lanes)
	bad |= ^odd & highs
	v = c&(63*lanes) + 83*lanes -
		plusEnd>>7&lanes*3 -
		atLeast(c, '0')*12 -
		digitEnd>>7&lanes*5 -
		upperEnd>>7&lanes*6
	return v & (63 * lanes), bad
}

//go:inline
func load64(b []byte) uint64 {
	b = b[:8]
	return uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
		uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7])
}

//go:inline
func store64(b []byte, x uint64) {
	b = b[:8]
	b[0], b[1], b[2], b[3] = byte(x>>56), byte(x>>48), byte(x>>40), byte(x>>32)
	b[4], b[5], b[6], b[7] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
}

// DecodeKey decodes text of exactly len(dst) bytes, with optional correct padding, and reports
// whether it is valid. If it isn't, dst is zero.
func DecodeKey(dst, text []byte) bool {
	text = TrimPadding(text)
	if DecodedLen(len(text)) != len(dst) || !Decode(dst, text) {
		secret.Wipe(dst)
		return false
	}
	return true
}
