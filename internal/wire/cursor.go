package wire

import "github.com/karst-im/karst/internal/secret"

// PutUint32 writes x to the first four bytes of b, big-endian.
func PutUint32(b []byte, x uint32) {
	b = b[:4]
	b[0], b[1], b[2], b[3] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
}

// Uint32 returns the number in the first four bytes of b, big-endian.
func Uint32(b []byte) uint32 {
	b = b[:4]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// The methods here are not inlined: for pickles speed does not matter, and the C library is to stay small.

// Writer fills a buffer of exactly the right size from the front.
type Writer struct{ rest []byte }

// NewWriter returns a Writer over buf.
func NewWriter(buf []byte) Writer { return Writer{buf} }

// Uint8 writes one byte.
//
//go:noinline
func (w *Writer) Uint8(x uint8) {
	w.rest[0] = x
	w.rest = w.rest[1:]
}

// Bool writes 1 or 0.
func (w *Writer) Bool(x bool) {
	if x {
		w.Uint8(1)
	} else {
		w.Uint8(0)
	}
}

// Uint32 writes four bytes, big-endian.
//
//go:noinline
func (w *Writer) Uint32(x uint32) {
	PutUint32(w.rest, x)
	w.rest = w.rest[4:]
}

// Bytes writes b.
//
//go:noinline
func (w *Writer) Bytes(b []byte) { w.rest = w.rest[secret.Copy(w.rest[:len(b)], b):] }

// Len returns how many bytes there is still room for.
func (w *Writer) Len() int { return len(w.rest) }

// Reader takes a buffer apart from the front. Reading past its end yields zeros and makes Short
// true: a caller asks once, at the end, or before it relies on a count.
type Reader struct {
	rest  []byte
	short bool
}

// NewReader returns a Reader over buf.
func NewReader(buf []byte) Reader { return Reader{rest: buf} }

// Uint8 reads one byte. Numbers are versions, flags and counts, and no secrets: those are read by Bytes.
//
//go:noinline
func (r *Reader) Uint8() uint8 {
	if len(r.rest) < 1 {
		r.short = true
		return 0
	}
	x := r.rest[0]
	r.rest = r.rest[1:]
	return secret.Public(x)
}

// Bool reads one byte; any but 0 is true.
func (r *Reader) Bool() bool { return r.Uint8() != 0 }

// Uint32 reads four bytes, big-endian.
//
//go:noinline
func (r *Reader) Uint32() uint32 {
	if len(r.rest) < 4 {
		r.short = true
		return 0
	}
	x := Uint32(r.rest)
	r.rest = r.rest[4:]
	return secret.Public(x)
}

// Bytes fills dst.
func (r *Reader) Bytes(dst []byte) {
	if len(r.rest) < len(dst) {
		r.short = true
		secret.Wipe(dst)
		return
	}
	r.rest = r.rest[secret.Copy(dst, r.rest[:len(dst)]):]
}

// Skip passes over count elements of size bytes each. If they are not all there it stays where it is,
// and Short is true.
//
//go:noinline
func (r *Reader) Skip(count uint32, size int) {
	n := uint64(count) * uint64(size)
	if n > uint64(len(r.rest)) {
		r.short = true
		return
	}
	r.rest = r.rest[n:]
}

// Short reports whether anything was read past the end.
func (r *Reader) Short() bool { return r.short }

// Len returns how many bytes are left.
func (r *Reader) Len() int { return len(r.rest) }
