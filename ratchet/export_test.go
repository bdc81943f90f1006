package ratchet

import (
	"slices"

	"github.com/karst-im/karst/internal/ratchet"
)

// DoubleState is all that a Double is, for tests that nothing of it has changed.
type DoubleState struct {
	d       ratchet.Double
	skipped []ratchet.SkippedKey
	created bool
}

// State returns a copy of the whole of d.
func (d *Double) State() DoubleState {
	state := d.state.Lock()
	defer d.state.Unlock()
	return DoubleState{state.d, slices.Clone(state.skipped), state.created}
}

// Equal reports whether x and y are the same bit for bit.
func (x DoubleState) Equal(y DoubleState) bool {
	return x.d == y.d && slices.Equal(x.skipped, y.skipped) && x.created == y.created
}

// Is reports whether x is what the engine has in e and kept.
func (x DoubleState) Is(e ratchet.Double, kept []ratchet.SkippedKey) bool {
	return x.d == e && slices.Equal(x.skipped[:e.Skipped()], kept[:e.Skipped()])
}

// SkippedStorage returns the memory in which d keeps the keys of late messages.
func (d *Double) SkippedStorage() []ratchet.SkippedKey {
	state := d.state.Lock()
	defer d.state.Unlock()
	return state.skipped
}

// MegolmState is all that a Megolm is.
type MegolmState struct {
	m       ratchet.Megolm
	created bool
}

// State returns a copy of the whole of m.
func (m *Megolm) State() MegolmState {
	state := m.state.Lock()
	defer m.state.Unlock()
	return MegolmState{state.m, state.created}
}
