// Package ratchet implements the two key schedules of Matrix: the Double Ratchet of Olm (Olm
// specification, "The Olm Algorithm") and the ratchet of Megolm (Megolm specification, "The Megolm
// ratchet algorithm").
//
// It knows neither messages nor base64, and draws no randomness: random bytes are arguments. Nearly
// every program wants packages olm and megolm, which are built on it.
//
// The types hold no pointers and methods allocate nothing, so that a state may lie in memory that
// somebody else provides. None is safe for concurrent use.
package ratchet

// What a state, a key or a Pending prints as shows nothing of it.

// String says what m is.
func (m Megolm) String() string { return "ratchet.Megolm" }

// GoString is String.
func (m Megolm) GoString() string { return m.String() }

// String says what d is.
func (d Double) String() string { return "ratchet.Double" }

// GoString is String.
func (d Double) GoString() string { return d.String() }

// String says what p is.
func (p Pending) String() string { return "ratchet.Pending" }

// GoString is String.
func (p Pending) GoString() string { return p.String() }

// String says what k is.
func (k SkippedKey) String() string { return "ratchet.SkippedKey" }

// GoString is String.
func (k SkippedKey) GoString() string { return k.String() }

// String says what s is.
func (s Skipped) String() string { return "ratchet.Skipped" }

// GoString is String.
func (s Skipped) GoString() string { return s.String() }

// Reviewers: the names are the specification's. R is a root key or a Megolm part, C a chain key, M a
// message key, T a ratchet key. Every method that can fail on what a peer sent first computes into a
// Pending, whose key the caller uses to authenticate the message, and only Commit moves the state.
