//go:build !race

package curve_test

// The race detector makes the standard library's hashes allocate.

import (
	"testing"

	"github.com/karst-im/karst/internal/curve"
)

func TestAllocations(t *testing.T) {
	var a, b [32]byte
	var sk, sig [64]byte
	msg := make([]byte, 300)
	b[0] = 9
	curve.ExpandSeed(&sk, &a)
	curve.PublicFromExpanded(&a, &sk)
	pub := a
	for name, f := range map[string]func(){
		"X25519":              func() { curve.X25519(&a, &a, &b) },
		"PublicKey":           func() { curve.PublicKey(&a, &b) },
		"CanonicalMontgomery": func() { curve.CanonicalMontgomery(&a) },
		"LowOrderMontgomery":  func() { curve.LowOrderMontgomery(&a) },
		"ExpandSeed":          func() { curve.ExpandSeed(&sig, &a) },
		"PublicFromExpanded":  func() { curve.PublicFromExpanded(&a, &sk) },
		"Sign":                func() { curve.Sign(&sig, &sk, &pub, msg) },
		"ValidPublic":         func() { curve.ValidPublic(&pub) },
		"Verify": func() {
			curve.Sign(&sig, &sk, &pub, msg)
			if !curve.Verify(&pub, msg, &sig) {
				t.Error("refused")
			}
		},
		"Verify wrong": func() { curve.Verify(&pub, msg[1:], &sig) },
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
