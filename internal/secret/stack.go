//go:build !tinygo

package secret

// stackDepth is more than any operation needs below the function that calls GrowStack.
const stackDepth = 12 << 10

// GrowStack makes sure that the stack need not grow while an operation has secrets on it: Go moves a
// stack that grows, and leaves the old one as it is. It costs a nanosecond unless the stack grows.
func GrowStack() { reserve(false) }

// reserve has a large frame, for which the stack grows before the first statement. The frame is zeroed
// only where it is used.
//
//go:noinline
func reserve(use bool) {
	if use {
		var frame [stackDepth]byte
		Wipe(frame[:])
	}
}
