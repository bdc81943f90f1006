//go:build tinygo

package secret

import "unsafe"

// Copy copies as many bytes as fit from src to dst and reports how many. The slices may overlap.
//
// TinyGo's copy builtin lets both arguments escape, so that every array on the stack that is copied
// from or to would need a heap; a loop doesn't.
func Copy(dst, src []byte) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	if n == 0 {
		return 0
	}
	if uintptr(unsafe.Pointer(&dst[0])) > uintptr(unsafe.Pointer(&src[0])) {
		for i := n - 1; i >= 0; i-- {
			dst[i] = src[i]
		}
		return n
	}
	for i := range src {
		dst[i] = src[i]
	}
	return n
}
