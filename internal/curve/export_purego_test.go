//go:build purego

package curve

import "testing"

// Path is a way that Verify goes.
type Path struct {
	Name   string
	Verify func(t testing.TB, pub *[32]byte, message []byte, sig *[64]byte) bool
}

// Paths has the only one.
var Paths = []Path{{"first", func(_ testing.TB, pub *[32]byte, message []byte, sig *[64]byte) bool {
	return Verify(pub, message, sig)
}}}
