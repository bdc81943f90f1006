// Package wire reads and writes what karst sends: the messages of Olm and Megolm, session keys, and
// base64.
//
// The formats are protocol buffers, read and written by hand: a version byte, fields with a tag of one byte each, and
// a trailer (MAC, signature) outside the fields. Everything that a decoder returns is a slice of
// its input: a MAC or signature is checked over the bytes that were received, never over a
// re-encoding.
package wire

import "github.com/karst-im/karst/internal/errcode"

// Version is the first byte of every message.
const Version = 3

// Sizes of the parts whose size is fixed.
const (
	KeyLen       = 32
	MACLen       = 8
	SignatureLen = 64
)

// Tolerance says how much a decoder forgives.
type Tolerance bool

const (
	// Strict refuses whatever no honest peer sends: unknown or repeated fields, varints that are
	// longer than needed or overflow, a ciphertext that is not whole blocks.
	Strict Tolerance = false
	// Lenient reads what libolm reads: unknown fields are skipped, the last of a repeated field
	// counts, varints wrap. Existing users of libolm's C and JavaScript interfaces get its verdicts.
	Lenient Tolerance = true
)

const (
	typeVarint = 0
	typeBytes  = 2
)

// fields are what a decoder looks for, and what it found.
type fields struct {
	tags   [4]byte // as on the wire: number<<3 | type, below 128; 0 if there are fewer
	set    [4]bool
	bytes  [4][]byte
	number uint32 // no message has more than one
}

// VarintLen returns the length of x as a varint.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func VarintLen(x uint32) int {
	n := 1
	for ; x >= 0x80; x >>= 7 {
		n++
	}
	return n
}

// putVarint writes x to dst and returns what follows it.
func putVarint(dst []byte, x uint32) []byte {
	i := 0
	for ; x >= 0x80; x >>= 7 {
		dst[i] = byte(x) | 0x80
		i++
	}
	dst[i] = byte(x)
	return dst[i+1:]
}

// varint splits a varint from p. ok is false if it is not the shortest encoding of a value below
// 2^32, or cut off; x and rest are then what libolm makes of it.
func varint(p []byte) (x uint64, rest []byte, ok bool) {
	for i, b := range p {
		if i < 10 {
			x |= uint64(b&0x7f) << (7 * i)
		}
		if b < 0x80 {
			return x, p[i+1:], x>>32 == 0 && i < 5 && (i == 0 || b != 0)
		}
	}
	return x, nil, false
}

// decodeFields fills want from body.
func decodeFields(body []byte, want *fields, tol Tolerance) errcode.Code {
	for len(body) > 0 {
		i := want.find(body[0])
		if i < 0 {
			if tol == Strict {
				return errcode.BadMessageFormat
			}
			if body = skipUnknown(body); body == nil {
				return errcode.OK
			}
			continue
		}
		x, rest, ok := varint(body[1:])
		if tol == Strict && (!ok || want.set[i]) {
			return errcode.BadMessageFormat
		}
		if want.tags[i]&7 == typeBytes {
			if x > uint64(len(rest)) {
				if tol == Strict {
					return errcode.BadMessageFormat
				}
				return errcode.OK // libolm stops here and judges by the fields that it has
			}
			want.bytes[i], rest = rest[:x], rest[x:]
		} else {
			want.number = uint32(x)
		}
		want.set[i] = true
		body = rest
	}
	return errcode.OK
}

// find returns the place of the field with the given tag, or -1.
func (f *fields) find(tag byte) int {
	for i := range f.tags[:] {
		if f.tags[i] == tag && tag != 0 {
			return i
		}
	}
	return -1
}

// skipUnknown returns what follows the unknown field at the front of body, or nil if nothing more
// can be read.
func skipUnknown(body []byte) []byte {
	kind := body[0] & 7
	_, rest, _ := varint(body)
	n, rest, _ := varint(rest)
	switch {
	case kind == typeVarint:
		return rest
	case kind == typeBytes && n <= uint64(len(rest)):
		return rest[n:]
	}
	return nil
}

// payload splits raw into the fields between the version byte and the trailer. It refuses another
// version; a message without room for a version and a field counts as one, as in libolm.
func payload(raw []byte, trailer int) ([]byte, errcode.Code) {
	if len(raw) <= trailer || raw[0] != Version {
		return nil, errcode.BadMessageVersion
	}
	return raw[1 : len(raw)-trailer], errcode.OK
}
