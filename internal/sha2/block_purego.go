//go:build purego

package sha2

const withoutSHA = "compact"

// Block256 runs SHA-256's compression function over p, whose length is a multiple of 64.
func Block256(h *[8]uint32, p []byte) { block256Compact(h, p) }

// Sum512 writes the SHA-512 of a ‖ b ‖ c to out.
func Sum512(out *[64]byte, a, b, c []byte) { sum512Compact(out, a, b, c) }
