//go:build tinygo && helper

package wire

// The C library links helper/base64.c, which does this in vector registers.

// helperEncode encodes blocks of 12 bytes. src may be the tail of dst, as in Encode.
//
//export karst_base64_encode
func helperEncode(dst, src *byte, blocks uintptr)

// helperDecodeLenient decodes blocks of 16 characters, as DecodeLenient does.
//
//export karst_base64_decode_lenient
func helperDecodeLenient(dst, src *byte, blocks uintptr)

func encodeBlocks(dst, src []byte) (read, written int) {
	blocks := len(src) / 12
	if blocks > 0 {
		helperEncode(&dst[0], &src[0], uintptr(blocks))
	}
	return 12 * blocks, 16 * blocks
}

func decodeBlocks(dst, src []byte) (read, written int, ok bool) { return 0, 0, true }

// lenientBlocks decodes the front of src, and returns how many characters it read and bytes it wrote.
func lenientBlocks(dst, src []byte) (read, written int) {
	blocks := min(len(dst)/12, len(src)/16)
	if blocks > 0 {
		helperDecodeLenient(&dst[0], &src[0], uintptr(blocks))
	}
	return 16 * blocks, 12 * blocks
}
