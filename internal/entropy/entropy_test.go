package entropy

import (
	"bytes"
	"testing"
)

func TestFill(t *testing.T) {
	a, b := make([]byte, 64), make([]byte, 64)
	Fill(a)
	Fill(b)
	if bytes.Equal(a, b) || bytes.Equal(a, make([]byte, 64)) {
		t.Errorf("not random: %x, %x", a, b)
	}
	Fill(nil)
}

func TestReplace(t *testing.T) {
	restore := Replace(func(b []byte) { clear(b) })
	b := []byte{1, 2, 3}
	Fill(b)
	if !bytes.Equal(b, []byte{0, 0, 0}) {
		t.Errorf("replaced: %x", b)
	}
	inner := Replace(func(b []byte) { b[0] = 7 })
	Fill(b)
	inner()
	Fill(b[1:])
	if !bytes.Equal(b, []byte{7, 0, 0}) {
		t.Errorf("nested: %x", b)
	}
	restore()
	long := make([]byte, 64)
	Fill(long)
	if bytes.Equal(long, make([]byte, 64)) {
		t.Error("the source is not restored")
	}
}

func TestAllocations(t *testing.T) {
	b := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() { Fill(b) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
