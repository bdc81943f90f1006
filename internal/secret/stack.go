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

// WipedStack is how many bytes WipeStack wipes: more than the arithmetic of package curve needs below the function that
// calls it, which a test there measures.
const WipedStack = 2 << 10

// WipeStack overwrites what the functions that were called before it have left on the stack. It is for those that
// are not ours and don't wipe their temporaries, and costs some 30 nanoseconds.
//
//go:noinline
func WipeStack() {
	var frame [WipedStack]byte
	Wipe(frame[:])
}
