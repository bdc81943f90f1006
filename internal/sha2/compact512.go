package sha2

import (
	"math/bits"

	"github.com/karst-im/karst/internal/secret"
)

// k512 are the first 64 bits of the fractional parts of the cube roots of the first 80 primes
// (FIPS 180-4 section 4.2.3).
var k512 = [80]uint64{
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
}

// iv512 is the initial hash value of FIPS 180-4 section 5.3.5.
var iv512 = [8]uint64{
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

// hash512 is a SHA-512 computation.
type hash512 struct {
	h   [8]uint64
	buf [2 * blockLen]byte // the last n%128 bytes
	n   uint64             // bytes so far
}

// sum512Compact is Sum512 in portable Go.
func sum512Compact(out *[64]byte, a, b, c []byte) {
	d := hash512{h: iv512}
	d.write(a)
	d.write(b)
	d.write(c)

	// Padding, FIPS 180-4 section 5.1.2. The upper half of the length stays 0: nobody hashes 2^61 bytes.
	at := int(d.n % uint64(len(d.buf)))
	d.buf[at] = 0x80
	clear(d.buf[at+1:])
	if at >= len(d.buf)-16 {
		block512Compact(&d.h, &d.buf)
		clear(d.buf[:])
	}
	put64(d.buf[len(d.buf)-8:], d.n<<3)
	block512Compact(&d.h, &d.buf)
	for i, x := range d.h[:] {
		put64(out[8*i:], x)
	}
	secret.WipeWords(d.h[:])
	secret.Wipe(d.buf[:])
}

// write absorbs p, through the buffer: one path is smaller than two, and messages are short.
func (d *hash512) write(p []byte) {
	for len(p) > 0 {
		at := int(d.n % uint64(len(d.buf)))
		n := secret.Copy(d.buf[at:], p)
		p = p[n:]
		d.n += uint64(n)
		if at+n == len(d.buf) {
			block512Compact(&d.h, &d.buf)
		}
	}
}

// block512Compact is the compression function of FIPS 180-4 section 6.4.2, small rather than fast.
func block512Compact(s *[8]uint64, p *[2 * blockLen]byte) {
	var w [80]uint64 // the message schedule
	for i := range 16 {
		b := p[8*i:]
		w[i] = uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
			uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7])
	}
	for i := 16; i < 80; i++ {
		x, y := w[i-15], w[i-2]
		w[i] = w[i-16] + w[i-7] +
			(bits.RotateLeft64(x, -1) ^ bits.RotateLeft64(x, -8) ^ x>>7) +
			(bits.RotateLeft64(y, -19) ^ bits.RotateLeft64(y, -61) ^ y>>6)
	}
	a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	for i := 0; i < 80; i += 2 {
		h += first512(e, f, g) + k512[i] + w[i]
		d += h
		h += second512(a, b, c)
		g += first512(d, e, f) + k512[i+1] + w[i+1]
		c += g
		g += second512(h, a, b)
		a, b, c, d, e, f, g, h = g, h, a, b, c, d, e, f
	}
	s[0] += a
	s[1] += b
	s[2] += c
	s[3] += d
	s[4] += e
	s[5] += f
	s[6] += g
	s[7] += h
	secret.WipeWords(w[:])
}

// first512 is Σ1(e) + Ch(e, f, g), the part of T1 that depends on the state.
func first512(e, f, g uint64) uint64 {
	return (bits.RotateLeft64(e, -14) ^ bits.RotateLeft64(e, -18) ^ bits.RotateLeft64(e, -41)) + (g ^ e&(f^g))
}

// second512 is T2 = Σ0(a) + Maj(a, b, c).
func second512(a, b, c uint64) uint64 {
	return (bits.RotateLeft64(a, -28) ^ bits.RotateLeft64(a, -34) ^ bits.RotateLeft64(a, -39)) + (a&b | c&(a|b))
}
