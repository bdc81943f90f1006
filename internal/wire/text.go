package wire

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

// Text returns the unpadded base64 of b.
func Text(b []byte) string { return string(AppendText(nil, b)) }

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
