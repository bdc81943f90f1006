package aes

import "testing"

// sbox returns S(x) by definition (FIPS 197, section 5.1.1).
func sbox(x byte) byte {
	y := byte(1) // x⁻¹ = x²⁵⁴, and 0 for 0
	for range 254 {
		y = multiply(y, x)
	}
	s := byte(0x63)
	for _, n := range []int{0, 1, 2, 3, 4} {
		s ^= y<<n | y>>(8-n)
	}
	return s
}

// multiply multiplies in GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1 (section 4.2).
func multiply(a, b byte) byte {
	var p byte
	for ; b != 0; b >>= 1 {
		if b&1 != 0 {
			p ^= a
		}
		a = a<<1 ^ a>>7*0x1b
	}
	return p
}

// TestCircuits has every byte go through the circuits in every lane.
func TestCircuits(t *testing.T) {
	set := func(q *[8]uint64, lane int, x byte) {
		for i := range q {
			q[i] |= uint64(x>>i&1) << lane
		}
	}
	get := func(q *[8]uint64, lane int) (x byte) {
		for i := range q {
			x |= byte(q[i]>>lane&1) << i
		}
		return x
	}
	if sbox(0x53) != 0xed { // the example in section 5.1.1
		t.Fatal("the definition is wrong")
	}
	for first := range 256 {
		var forward, inverse [8]uint64
		for lane := range 64 {
			x := byte(first + lane)
			set(&forward, lane, x)
			set(&inverse, lane, sbox(x)^0x63)
		}
		substitute(&forward)
		invSubstitute(&inverse)
		for lane := range 64 {
			x := byte(first + lane)
			if got := get(&forward, lane) ^ 0x63; got != sbox(x) {
				t.Fatalf("S(%#x) = %#x in lane %d, want %#x", x, got, lane, sbox(x))
			}
			if got := get(&inverse, lane); got != x {
				t.Fatalf("the inverse of S(%#x) in lane %d is %#x", x, lane, got)
			}
		}
	}
}

// TestPacked checks the packed form against its description, and that what undoes something does.
func TestPacked(t *testing.T) {
	for n := range 128 {
		var x, y uint64
		if n < 64 {
			x = 1 << n
		} else {
			y = 1 << (n - 64)
		}
		position := func(row, column, bit int) int { return 64*(bit/4) + 16*row + 4*column + bit%4 }
		a, b := pack(x, y)
		if row, column, bit := n/8%4, n/32, n%8; a|b == 0 || lowest(a, b) != position(row, column, bit) {
			t.Errorf("bit %d of row %d, column %d is packed as %#x, %#x", bit, row, column, a, b)
		}
		if x1, y1 := unpack(a, b); x1 != x || y1 != y {
			t.Errorf("%#x, %#x is unpacked as %#x, %#x", x, y, x1, y1)
		}
		// ShiftRows: what is in column c of row r comes from column c+r (section 5.1.2).
		row, column, bit := n/8%4, n/32, n%8
		if got := lowest(shiftRows(a), shiftRows(b)); got != position(row, (column-row+4)%4, bit) {
			t.Errorf("shiftRows moves row %d, column %d to %d", row, column, got)
		}
		if invShiftRows(shiftRows(a)) != a || invShiftRows(shiftRows(b)) != b {
			t.Errorf("invShiftRows doesn't undo shiftRows in row %d, column %d", row, column)
		}
	}
}

// lowest returns the place of the lowest bit that is set in a, or 64 plus that in b.
func lowest(a, b uint64) int {
	for i := range 64 {
		if a>>i&1 != 0 {
			return i
		}
	}
	for i := range 64 {
		if b>>i&1 != 0 {
			return 64 + i
		}
	}
	return -1
}
