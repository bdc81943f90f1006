//go:build !tinygo

package secret

// Copy copies as many bytes as fit from src to dst and reports how many. The slices may overlap.
func Copy(dst, src []byte) int { return copy(dst, src) }
