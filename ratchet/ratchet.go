// Package ratchet has the two key schedules of Matrix by themselves, for whoever builds a protocol of their own on
// them: the Double Ratchet of Olm ([Double]; Olm specification, "The Olm Algorithm") and the ratchet of Megolm
// ([Megolm]; Megolm specification, "The Megolm ratchet algorithm").
//
// Nearly every program wants packages olm and megolm, which encrypt and authenticate messages with them. Here are
// keys alone: what is encrypted with them, and how it is authenticated, is the caller's.
//
// Several goroutines may use an object at once: their calls take turns.
package ratchet

import (
	"errors"

	"github.com/karst-im/karst/internal/failure"
)

// Reviewers: this package is the Go shape of internal/ratchet, where the cryptography is. What it adds is memory,
// randomness, errors, and an order of calls that nobody can get wrong.

// Errors that a caller may want to tell apart. Those of unpickling are in package pickle.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = failure.ErrWiped
	// ErrPublicKey means that a ratchet key is not canonical, or of small order, so that it would make a
	// secret that everybody knows.
	ErrPublicKey = failure.ErrPublicKey
	// ErrUnknownRatchetKey means that a message has a ratchet key of no chain, and that nothing was sent since the
	// newest one which it could answer.
	ErrUnknownRatchetKey = errors.New("ratchet: unknown ratchet key, and nothing was sent that it could answer")
	// ErrNoMessageKey means that a message key is gone: it was used before, or its message is so late that it
	// is no longer kept.
	ErrNoMessageKey = failure.ErrNoMessageKey
	// ErrGap means that a message is more than MaxGap ahead on its chain.
	ErrGap = errors.New("ratchet: message is too far ahead")
	// ErrExhausted means that an index is at its maximum, 2^32-1.
	ErrExhausted = failure.ErrExhausted
	// ErrPast means that a Megolm ratchet is past an index: it never goes back.
	ErrPast = errors.New("ratchet: the ratchet is past that index")
)

// Bounds of a Double.
const (
	MaxReceivingChains = 5    // that it keeps: the newest
	MaxSkippedPerChain = 40   // keys kept for messages that are late
	MaxGap             = 2000 // messages that may be missing before one
)

// Lengths in bytes.
const (
	SharedLen = 96  // of the secret that a Double starts from
	KeyLen    = 32  // of a message key
	MegolmLen = 128 // of a Megolm ratchet's value
)
