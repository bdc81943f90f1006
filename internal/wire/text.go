package wire

import "github.com/karst-im/karst/internal/secret"

// What only the Go packages need, which may allocate.

// Grow returns dst with n more bytes behind its contents, and those bytes. It allocates only if dst
// has no room.
func Grow(dst []byte, n int) (whole, tail []byte) {
	if total := len(dst) + n; total <= cap(dst) {
		whole = dst[:total]
	} else {
		whole = make([]byte, total)
		copy(whole, dst)
	}
	return whole, whole[len(dst):]
}

// AppendText appends the unpadded base64 of b to dst.
func AppendText(dst, b []byte) []byte {
	dst, tail := Grow(dst, EncodedLen(len(b)))
	Encode(tail, b)
	return dst
}

// Text returns the unpadded base64 of b. A short text may be that of a secret key, and leaves no other copy in memory.
func Text(b []byte) string {
	var short [512]byte
	n := EncodedLen(len(b))
	if n > len(short) {
		return string(AppendText(nil, b))
	}
	Encode(short[:n], b)
	text := string(short[:n])
	secret.Wipe(short[:n])
	return text
}

// ParseText returns the bytes that text encodes, with optional correct padding, and whether it is
// valid.
func ParseText(text []byte) ([]byte, bool) {
	text = TrimPadding(text)
	n := DecodedLen(len(text))
	if n < 0 {
		return nil, false
	}
	b := make([]byte, n)
	if !Decode(b, text) {
		return nil, false
	}
	return b, true
}
