//go:build tinygo

// Command small is a library that reaches the whole core: package selftest with a C interface, for
// native code and for WebAssembly.
//
// It is built by TinyGo with -gc=none, which leaves the allocator undefined: whatever in the core
// needs a heap is an error of the linker, and nothing of Go's runtime ends up in a C program or a
// browser.
package main

import (
	"unsafe"

	"github.com/karst-im/karst/internal/selftest"
)

func main() {}

//export karst_selftest_size
func size() uint32 { return uint32(unsafe.Sizeof(selftest.State{})) }

// run runs the self-test in the memory at state, which is aligned to 8 bytes, and writes 32 bytes to
// out. It returns 0, or the number of the step that failed.
//
//export karst_selftest_run
func run(state, out unsafe.Pointer) uint32 {
	return uint32((*selftest.State)(state).Run((*[32]byte)(out)))
}
