package guard

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

// TestLockGrowsTheStack: behind Lock an operation finds a stack that need not move, as one that is new does: what lay on
// it would stay where it was.
func TestLockGrowsTheStack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection makes stacks smaller
	var s State[int]
	s.Put(new(int))
	if !moves(func() {}) {
		t.Error("a new stack does not move: this test sees nothing")
	}
	if moves(func() { s.Lock(); s.Unlock() }) {
		t.Error("the stack moves behind Lock")
	}
	if moves(func() { LockBoth(&s, &s); UnlockBoth(&s, &s) }) {
		t.Error("the stack moves behind LockBoth")
	}
}

// moves reports whether, in a goroutine that has called before, the stack moves when an operation uses it.
func moves(before func()) bool {
	moved := make(chan bool)
	go func() {
		before()
		var here byte
		at := uintptr(unsafe.Pointer(&here))
		operation(0)
		moved <- at != uintptr(unsafe.Pointer(&here))
	}()
	return <-moved
}

// operation uses more of the stack than a new one has.
//
//go:noinline
func operation(x byte) byte {
	var frame [10 << 10]byte
	for i := range frame[:] {
		frame[i] = x + byte(i)
	}
	return frame[x]
}
