//go:build !purego && goexperiment.boringcrypto

package sha2

// With Go's experiment boringcrypto the standard library hands SHA-2 to a C library, whose state lies in memory that it
// allocates and that nobody could wipe. The compact forms take its place.

const withoutSHA = "compact"

// block256Std is Block256 where there are no instructions for it.
func block256Std(h *[8]uint32, p []byte) { block256Compact(h, p) }

// Sum512 writes the SHA-512 of a ‖ b ‖ c to out.
func Sum512(out *[64]byte, a, b, c []byte) { sum512Compact(out, a, b, c) }
