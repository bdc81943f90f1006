package testkit

import (
	"crypto/sha256"
	"math/rand/v2"
)

// Random returns n bytes of r.
func Random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// Seeded returns random bytes that are the same in every run, and others for each name.
func Seeded(name string) *rand.ChaCha8 { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

// Bytes returns the first n bytes of Seeded.
func Bytes(name string, n int) []byte {
	b := make([]byte, n)
	Seeded(name).Read(b) // never fails
	return b
}
