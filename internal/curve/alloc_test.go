//go:build !race

package curve_test

// The race detector makes the standard library's hashes allocate.

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/testkit"
)

// allocates reports whether f does, but for what the runtime may need for itself in the meantime, such as a sudog of 96
// bytes.
func allocates(f func()) bool { return testkit.Allocated(f) > 256 }

func TestAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var a, b [32]byte
	var sk, sig [64]byte
	msg := make([]byte, 300)
	b[0] = 9
	curve.ExpandSeed(&sk, &a)
	curve.PublicFromExpanded(&a, &sk)
	pub := a
	curve.Sign(&sig, &sk, &pub, msg)
	for range 4 { // the table of the base point, and that of this key
		if !curve.Verify(&pub, msg, &sig) {
			t.Error("refused")
		}
	}
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
		for i := range 10 {
			if allocates(f) {
				t.Errorf("%s allocates in run %d", name, i)
			}
		}
		testkit.NoAllocations(t, name, 10, f)
	}
}

// TestVerifyAllocatesForValidSignatures, once for each key, and never for others.
func TestVerifyAllocatesForValidSignatures(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	r := seeded("allocations")
	allocating := 0
	for range 20 {
		var pub [32]byte
		var sk, sig [64]byte
		seed := random32(r)
		curve.ExpandSeed(&sk, &seed)
		curve.PublicFromExpanded(&pub, &sk)
		curve.Sign(&sig, &sk, &pub, nil)
		for i := range 12 {
			for range 5 {
				if allocates(func() { curve.Verify(&pub, []byte{byte(i)}, &sig) }) {
					t.Errorf("a signature that is not valid allocates, after %d that are", i)
				}
			}
			if allocates(func() { curve.Verify(&pub, nil, &sig) }) {
				allocating++
			}
		}
	}
	if allocating > 20 {
		t.Errorf("%d verifications with 20 keys allocate", allocating)
	}
}

// TestKeysInTurnAllocateOnce: two keys that begin with the same byte, and many that don't.
func TestKeysInTurnAllocateOnce(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	type signed struct {
		pub [32]byte
		sig [64]byte
	}
	r := seeded("in turn")
	var all, two []signed
	for len(two) < 2 {
		var s signed
		var sk [64]byte
		seed := random32(r)
		curve.ExpandSeed(&sk, &seed)
		curve.PublicFromExpanded(&s.pub, &sk)
		curve.Sign(&s.sig, &sk, &s.pub, nil)
		if s.pub[0] == 7 {
			two = append(two, s)
		} else if len(all) < 200 {
			all = append(all, s)
		}
	}
	for _, keys := range [][]signed{two, all} {
		allocating := 0
		for range 20 {
			for i := range 3 * len(keys) { // three times each
				s := keys[i/3]
				if allocates(func() {
					if !curve.Verify(&s.pub, nil, &s.sig) {
						t.Error("refused")
					}
				}) {
					allocating++
				}
			}
		}
		if allocating > len(keys) {
			t.Errorf("%d verifications with %d keys in turn allocate", allocating, len(keys))
		}
	}
}
