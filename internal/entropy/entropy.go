// Package entropy is the one place at which randomness enters the Go packages.
//
// The C and JavaScript surfaces do not use it: they hand the caller's random bytes to the core.
package entropy

import "crypto/rand"

var replaced func(b []byte) // nil but in known-answer tests

// system is the system's random source as it was before the program began. Whatever a program, or a test that was left in
// it, puts into rand.Reader later does not choose our keys, as it does not choose those of Go's own crypto.
var system = rand.Reader

// Fill fills b with random bytes of the system.
func Fill(b []byte) {
	if replaced == nil && rand.Reader == system {
		_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
		return
	}
	// Handed to a function variable or an interface, b would escape, and every caller's array be on the heap.
	drawn := make([]byte, len(b))
	if replaced != nil {
		replaced(drawn)
	} else if n, err := system.Read(drawn); n < len(drawn) || err != nil {
		panic("entropy: the system gave no random bytes") // it never does that
	}
	copy(b, drawn)
	clear(drawn)
}

// Replace makes f the source until restore is called. It exists for known-answer tests, which feed
// two implementations the same bytes, and must not run beside anything that draws randomness.
func Replace(f func(b []byte)) (restore func()) {
	old := replaced
	replaced = f
	return func() { replaced = old }
}
