//go:build !purego

package curve_test

import (
	"testing"

	"github.com/karst-im/karst/internal/cpu"
)

// TestWithoutADX runs what the rest of the module gets on a processor without ADX.
func TestWithoutADX(t *testing.T) {
	if !cpu.ADX {
		t.Skip("this processor has no ADX, so the other tests do the same")
	}
	cpu.ADX = false
	defer func() { cpu.ADX = true }()
	for _, test := range []func(*testing.T){
		TestX25519RFC7748, TestX25519Wycheproof, TestX25519EqualsXCrypto, TestPublicKeyEdges, TestX25519LowOrder, TestX25519Aliasing,
		TestEd25519RFC8032, TestEd25519Wycheproof, TestEd25519CCTV, TestEd25519Speccheck, TestEd25519Standard, TestEd25519Aliasing, TestAccumulated, TestVerifyFlips,
	} {
		test(t)
	}
}
