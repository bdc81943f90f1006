//go:build purego && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x) && !(tinygo && (amd64 || arm64))

package curve

import "math/bits"

// uint128 is a sum of products of two limbs.
type uint128 struct{ lo, hi uint64 }

// mulWide returns a b.
func mulWide(a, b uint64) uint128 {
	hi, lo := bits.Mul64(a, b)
	return uint128{lo, hi}
}

// mulAddWide returns v + a b.
func mulAddWide(v uint128, a, b uint64) uint128 {
	hi, lo := bits.Mul64(a, b)
	lo, c := bits.Add64(lo, v.lo, 0)
	hi, _ = bits.Add64(hi, v.hi, c)
	return uint128{lo, hi}
}
