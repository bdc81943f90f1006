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
	i := 0
	for ; n-i >= 8; i += 8 { // LLVM makes one load and one store of this
		d, s := dst[i:i+8], src[i:i+8]
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		d[0], d[1], d[2], d[3] = byte(x), byte(x>>8), byte(x>>16), byte(x>>24)
		d[4], d[5], d[6], d[7] = byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56)
	}
	for ; i < n; i++ {
		dst[i] = src[i]
	}
	return n
}

// keep marks the end of a wipe. LLVM looks through a function that isn't inlined, and removes the
// call if it has no effect that anybody sees; assembly, even none, is such an effect.
func keep() { device.Asm("") }
