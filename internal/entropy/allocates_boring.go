//go:build goexperiment.boringcrypto

package entropy

// Allocates is true where the system's source allocates when it is asked: with Go's experiment boringcrypto it is C.
const Allocates = true
