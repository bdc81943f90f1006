//go:build !purego && !amd64

package sha2

// Block256 runs SHA-256's compression function over p, whose length is a multiple of 64.
func Block256(h *[8]uint32, p []byte) { block256Std(h, p) }
