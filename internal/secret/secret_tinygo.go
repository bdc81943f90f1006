//go:build tinygo

package secret

import "device"

// Copy copies as many bytes as fit from src to dst and reports how many. If the slices overlap, dst
// must not begin behind src.
//
// TinyGo's copy builtin lets both arguments escape, so that every array on the stack that is copied
// from or to would need a heap; a loop doesn't.
func Copy(dst, src []byte) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i := range src {
		dst[i] = src[i]
	}
	return n
}

// keep marks the end of a wipe. LLVM looks through a function that isn't inlined, and removes the
// call if it has no effect that anybody sees; assembly, even none, is such an effect.
func keep() { device.Asm("") }
