//go:build purego

package curve

import "github.com/karst-im/karst/internal/secret"

// What the small builds have in common besides fepow.go.

const withoutADX = "compact"

// feSetBytes sets v to the low 255 bits of b, little-endian.
func feSetBytes(v *fe, b *[32]byte) {
	var w [4]uint64
	for i := range b[:] {
		w[i>>3] |= uint64(b[i]) << (i & 7 * 8)
	}
	feSetWords(v, &w)
}

// feBytes sets out to the canonical encoding of the tight a.
func feBytes(out *[32]byte, a *fe) {
	var w [4]uint64
	feWords(&w, a)
	for i := range out[:] {
		out[i] = byte(w[i>>3] >> (i & 7 * 8))
	}
	secret.WipeWords(w[:])
}

// feSquareN sets v to a^(2^n), n >= 1.
func feSquareN(v, a *fe, n int) {
	feSquare(v, a)
	for ; n > 1; n-- {
		feSquare(v, v)
	}
}
