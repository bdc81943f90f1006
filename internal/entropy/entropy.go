// Package entropy is the one place at which randomness enters the Go packages.
//
// The C and JavaScript surfaces do not use it: they hand the caller's random bytes to the core.
package entropy

import "crypto/rand"

var replaced func(b []byte) // nil but in known-answer tests

// Fill fills b with random bytes.
func Fill(b []byte) {
	if replaced == nil {
		_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
		return
	}
	// Handed to a function variable, b would escape, and every caller's array be on the heap.
	drawn := make([]byte, len(b))
	replaced(drawn)
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
