//go:build !purego

package wire

import (
	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/secret"
)

// encodeBlocks encodes the front of src, if there is a fast way to, and returns how many bytes it read
// and how many characters it wrote.
func encodeBlocks(dst, src []byte) (read, written int) {
	n := (len(src) - 4) / 12
	if n <= 0 || !cpu.SSSE3 {
		return 0, 0
	}
	encodeSSSE3(&dst[0], &src[0], n)
	return 12 * n, 16 * n
}

// decodeBlocks decodes the front of src, if there is a fast way to, and returns how many characters it
// read, how many bytes it wrote, and whether all were valid.
func decodeBlocks(dst, src []byte) (read, written int, ok bool) {
	n := (len(dst) - 4) / 12
	if n <= 0 || !cpu.SSSE3 {
		return 0, 0, true
	}
	ok = secret.Public(decodeSSSE3(&dst[0], &src[0], n)) == 0
	return 16 * n, 12 * n, ok
}
