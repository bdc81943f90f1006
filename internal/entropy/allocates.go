//go:build !goexperiment.boringcrypto

package entropy

// Allocates is true where the system's source allocates when it is asked.
const Allocates = false
