// Package protocol implements the objects of Matrix's encryption, accounts, Olm and Megolm sessions,
// SAS and PK, in the form that all of karst's surfaces share: state without pointers, in memory that
// the caller provides; random bytes as arguments; results written to buffers whose exact length a
// ...Len method gives; codes for errors. Nothing here allocates.
//
// The Go packages olm, megolm, sas and pk wrap it for Go programs, internal/cabi for C and
// JavaScript. What differs between them is a wire.Tolerance: wire.Strict is the behaviour that the Go
// packages promise, wire.Lenient that which users of libolm depend on.
package protocol

// Reviewers: the order is the same everywhere. Decode without touching state, compute into locals,
// authenticate, decrypt, and only then commit; a code other than OK leaves the object as it was.
// I, E and T are the identity, one-time or base, and ratchet keys of the Olm specification; a
// trailing A or B names the initiator or the responder.
