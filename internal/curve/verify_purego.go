//go:build purego

package curve

// Verification without tables of keys: each signature is verified as the first of its key is elsewhere.

// The widths of the digits in verification.
const (
	widthA = 4
	widthB = 6
)

// baseOdd sets q to (2i+1) 2^(128 half) B.
func baseOdd(q *cached, half, i int) { cachedSetWords(q, &oddTable[half][i]) }

// equationVarTime reports whether A and R are on the curve and R = sB - kA. s must be below L, A and R below p.
func equationVarTime(R, s *[32]byte, k *sc, A *[32]byte) bool {
	var kb [32]byte
	scBytes(&kb, k)
	return equationByHalvesVarTime(R, s, &kb, A)
}
