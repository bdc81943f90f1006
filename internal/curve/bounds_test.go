package curve

import (
	"encoding/binary"
	"testing"
)

// plus returns n + i for a number of less than 2^256 - 2^64, little-endian.
func plus(n string, i int) (b [32]byte) {
	copy(b[:], n)
	low := binary.LittleEndian.Uint64(b[:])
	binary.LittleEndian.PutUint64(b[:], low+uint64(i))
	return b
}

// TestBounds has the numbers next to L and to p. That L itself as a signature's S, which stands for 0, is
// refused can't be shown with a signature: nobody can make one.
func TestBounds(t *testing.T) {
	const p = "\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
	for i := -3; i <= 3; i++ {
		n := plus(order, i)
		if got, want := belowLVarTime(&n), i < 0; got != want {
			t.Errorf("L%+d is below L: %v", i, got)
		}
		n = plus(p, i)
		if got, want := belowPVarTime(&n), i < 0; got != want {
			t.Errorf("p%+d is below p: %v", i, got)
		}
	}
	var zero [32]byte
	if !belowLVarTime(&zero) || !belowPVarTime(&zero) {
		t.Error("0 is not below")
	}
	for i := range 32 {
		n := plus(order, 0)
		if n[i]++; n[i] != 0 && belowLVarTime(&n) {
			t.Errorf("L with byte %d higher is below L", i)
		}
		if n[i] -= 2; n[i] != 0xff && n[i] != 0xfe && !belowLVarTime(&n) {
			t.Errorf("L with byte %d lower is not below L", i)
		}
	}
}

// TestEquationOffCurve checks the equation with a factor of 0 for A, so that it would hold, were A on the
// curve.
func TestEquationOffCurve(t *testing.T) {
	var k sc
	one := [32]byte{1}
	base := [32]byte{0x58}
	for i := 1; i < len(base); i++ {
		base[i] = 0x66
	}
	on, off := 0, 0
	for y := range byte(100) {
		A := [32]byte{y + 2}
		want := onCurveVarTime(&A)
		if want {
			on++
		} else {
			off++
		}
		if got := equationVarTime(&base, &one, &k, &A); got != want {
			t.Errorf("y = %d: the equation holds: %v; on the curve: %v", y+2, got, want)
		}
		if !want && equationVarTime(&A, &one, &k, &base) {
			t.Errorf("y = %d: R is not on the curve, and the equation holds", y+2)
		}
	}
	if on < 30 || off < 30 {
		t.Errorf("%d on the curve, %d off", on, off)
	}
}
