// Package ratchet implements the two key schedules of Matrix: the Double Ratchet of Olm (Olm
// specification, "The Olm Algorithm") and the ratchet of Megolm (Megolm specification, "The Megolm
// ratchet algorithm").
//
// It knows neither messages nor base64, and draws no randomness: random bytes are arguments. The types
// hold no pointers and methods allocate nothing, so that a state may lie in memory that somebody else
// provides. None is safe for concurrent use. Package ratchet is the form of it that programs use.
package ratchet

// Reviewers: the names are the specification's. R is a root key or a Megolm part, C a chain key, M a
// message key, T a ratchet key. Every method that can fail on what a peer sent first computes into a
// Pending, whose key the caller uses to authenticate the message, and only Commit moves the state.
