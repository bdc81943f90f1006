// Package entropy is the one place at which randomness enters the Go packages.
//
// The C and JavaScript surfaces do not use it: they hand the caller's random bytes to the core.
package entropy

import (
	"crypto/mlkem"
	"crypto/rand"
	"io"
	"reflect"
)

var replaced func(b []byte) // nil but in known-answer tests

// system is the system's random source, or nil if a package that was initialised earlier has put another one into
// rand.Reader. Whatever a program, or a test that was left in it, puts there does not choose our keys, as it does not
// choose those of Go's own crypto.
var system = ofGo(rand.Reader)

// ofGo returns r if it is Go's own, and otherwise nil. Its type is in a package in which no program has a type: the
// name is another one in other versions of Go.
func ofGo(r io.Reader) io.Reader {
	if r == nil {
		return nil
	}
	t := reflect.TypeOf(r)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if path := t.PkgPath(); path != "crypto/rand" && path != "crypto/internal/rand" {
		return nil
	}
	return r
}

// Fill fills b with random bytes of the system.
func Fill(b []byte) {
	if replaced == nil && system != nil && rand.Reader == system {
		_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
		return
	}
	// Handed to a function variable or an interface, b would escape, and every caller's array be on the heap.
	drawn := make([]byte, len(b))
	if replaced != nil {
		replaced(drawn)
	} else {
		draw(system, drawn)
	}
	copy(b, drawn)
	clear(drawn)
}

// draw fills b from Go's own source, or without one from what Go makes keys of, whatever rand.Reader is: a key of ML-KEM
// is 64 random bytes and nothing else. What Go keeps of those can't be wiped.
func draw(system io.Reader, b []byte) {
	if system != nil {
		if n, err := system.Read(b); n < len(b) || err != nil {
			panic("entropy: the system gave no random bytes") // it never does that
		}
		return
	}
	for len(b) > 0 {
		key, err := mlkem.GenerateKey768()
		if err != nil {
			panic("entropy: the system gave no random bytes") // it never does that
		}
		seed := key.Bytes()
		b = b[copy(b, seed):]
		clear(seed)
	}
}

// Replace makes f the source until restore is called. It exists for known-answer tests, which feed
// two implementations the same bytes, and must not run beside anything that draws randomness.
func Replace(f func(b []byte)) (restore func()) {
	old := replaced
	replaced = f
	return func() { replaced = old }
}
