// Package guard holds the state of an object that programs handle: out of the sight of whoever prints
// the object, and for one call at a time.
package guard

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/karst-im/karst/internal/secret"
)

// State holds a T, from Put on. Before that every Lock finds a zero T, of which nothing is kept: an object
// that was never set up can't be used by accident. A State must not be copied.
//
// Printers, loggers and test helpers look into the fields of what they print, unexported ones too, and
// follow pointers. They stop at an unsafe.Pointer, which is what an atomic.Pointer is inside: all that
// they show is an address. That the pointer is atomic has no other use.
//
// A T may hold the State that points to it: both are then one allocation. A pointer to that State does not
// show the T around it either.
type State[T any] struct {
	mu sync.Mutex
	p  atomic.Pointer[T]
}

// Put makes what p points to the state, of an object that nobody else has yet.
func (s *State[T]) Put(p *T) { s.p.Store(p) }

// Lock returns the state, for the caller alone until Unlock. The caller defers that: a panic on the way,
// from which the program may recover, must not leave the object locked for ever. It grows the stack for
// what the caller does with secrets: see [secret.GrowStack].
func (s *State[T]) Lock() *T {
	secret.GrowStack()
	s.mu.Lock()
	if p := s.p.Load(); p != nil {
		return p
	}
	return new(T)
}

// Unlock ends what Lock began.
func (s *State[T]) Unlock() { s.mu.Unlock() }

// LockBoth is Lock for two states, which may be one and the same. Everybody locks the one with the lower
// address first: two callers, each with one of two states, would wait for the other's for ever. What two
// goroutines share is in the heap, where nothing moves.
func LockBoth[T any](a, b *State[T]) (*T, *T) {
	switch x, y := uintptr(unsafe.Pointer(a)), uintptr(unsafe.Pointer(b)); {
	case x == y:
		p := a.Lock()
		return p, p
	case x > y:
		q := b.Lock()
		return a.Lock(), q
	}
	p := a.Lock()
	return p, b.Lock()
}

// UnlockBoth ends what LockBoth began.
func UnlockBoth[T any](a, b *State[T]) {
	a.Unlock()
	if a != b {
		b.Unlock()
	}
}
