// Package secret has the few operations that touch every kind of secret bytes: wiping, copying and
// comparing in constant time.
//
// Nothing here branches on, or indexes by, the contents of its arguments; lengths are public.
package secret

// What wiping can't reach are copies that the Go runtime makes on its own, such as a stack that grew
// or a spilled register.

// Wipe overwrites b with zeros. Unlike an assignment or a clear of memory that is not read again, it
// is not optimised away.
//
//go:noinline
func Wipe(b []byte) {
	clear(b)
	keep()
}

// WipeWords is Wipe for words.
//
//go:noinline
func WipeWords[T uint32 | uint64](b []T) {
	clear(b)
	keep()
}

// Equal returns 1 if a and b have equal length and contents, and 0 otherwise, in time that depends
// on the lengths alone.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func Equal(a, b []byte) int {
	if len(a) != len(b) {
		return 0
	}
	var or byte
	for i, x := range a {
		or |= x ^ b[i]
	}
	return isZeroByte(or)
}

// IsZero returns 1 if every byte of b is zero, and 0 otherwise, in time that depends on the length
// alone.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func IsZero(b []byte) int {
	var or byte
	for _, x := range b {
		or |= x
	}
	return isZeroByte(or)
}

// isZeroByte returns 1 if x is zero, and 0 otherwise. The verdict is public: what is done next shows it.
func isZeroByte(x byte) int { return Public(int((uint32(x) - 1) >> 31)) }
