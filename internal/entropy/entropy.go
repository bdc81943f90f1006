// Package entropy is the one place at which randomness enters the Go packages.
//
// The C and JavaScript surfaces do not use it: they hand the caller's random bytes to the core.
package entropy

import "crypto/rand"

var source = func(b []byte) { _, _ = rand.Read(b) } // never fails: crypto/rand ends the program instead

// Fill fills b with random bytes.
func Fill(b []byte) { source(b) }

// Replace makes f the source until restore is called. It exists for known-answer tests, which feed
// two implementations the same bytes, and must not run beside anything that draws randomness.
func Replace(f func(b []byte)) (restore func()) {
	old := source
	source = f
	return func() { source = old }
}
