package entropy

import (
	"bytes"
	"crypto/rand"
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

// zeros is a source that a program may have put into rand.Reader.
type zeros struct{ asked int }

func (z *zeros) Read(b []byte) (int, error) {
	z.asked++
	clear(b)
	return len(b), nil
}

// TestSystem: the bytes are the system's also when somebody has replaced the reader of crypto/rand.
func TestSystem(t *testing.T) {
	source := new(zeros)
	before := rand.Reader
	rand.Reader = source
	defer func() { rand.Reader = before }()
	a, b := make([]byte, 64), make([]byte, 64)
	Fill(a)
	Fill(b)
	if source.asked > 0 || bytes.Equal(a, make([]byte, 64)) || bytes.Equal(a, b) {
		t.Errorf("asked %d times: %x, %x", source.asked, a, b)
	}
}

func TestAllocations(t *testing.T) {
	b := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() { Fill(b) }); n != 0 && !Allocates {
		t.Errorf("%v allocations", n)
	}
}
