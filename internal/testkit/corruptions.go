package testkit

import (
	"bytes"
	"fmt"
	"iter"
)

// Flips yields b with each single bit flipped, and the number of the bit.
func Flips[B ~[]byte](b B) iter.Seq2[int, B] {
	return func(yield func(int, B) bool) {
		for i := range 8 * len(b) {
			bad := bytes.Clone(b)
			bad[i/8] ^= 1 << (i % 8)
			if !yield(i, bad) {
				return
			}
		}
	}
}

// Corruptions yields b with each single bit flipped, cut to every length, and with one byte more, and says
// which it is.
func Corruptions(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i, bad := range Flips(b) {
			if !yield(fmt.Sprintf("bit %d flipped", i), bad) {
				return
			}
		}
		for n := range b {
			if !yield(fmt.Sprintf("cut to %d bytes", n), bytes.Clone(b[:n])) {
				return
			}
		}
		for _, more := range []byte{0, 3, 0xff} {
			if !yield(fmt.Sprintf("%#x appended", more), append(bytes.Clone(b), more)) {
				return
			}
		}
	}
}
