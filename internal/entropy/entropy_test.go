package entropy

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha3"
	"io"
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

// TestGoes: what a program may have put into rand.Reader before this package was initialised is not taken for the
// system's, though it be a type of Go's.
func TestGoes(t *testing.T) {
	if ofGo(rand.Reader) == nil || system == nil {
		t.Error("the system's source is not known: every key costs more")
	}
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []io.Reader{nil, new(zeros), cipher.StreamReader{S: cipher.NewCTR(block, make([]byte, 16)), R: new(zeros)},
		&cipher.StreamReader{}, bytes.NewReader(nil), io.LimitReader(rand.Reader, 9), io.MultiReader(), struct{ io.Reader }{rand.Reader}, sha3.NewSHAKE128()} {
		if ofGo(r) != nil {
			t.Errorf("%T is taken for the system's source", r)
		}
	}
}

// TestDraw: where there is no source of Go's, all bytes are random.
func TestDraw(t *testing.T) {
	for _, system := range []io.Reader{rand.Reader, nil} {
		for n := range 200 {
			a, b := make([]byte, n), make([]byte, n)
			draw(system, a)
			draw(system, b)
			for i := 0; i+16 <= n; i++ {
				if bytes.Equal(a[i:i+16], b[i:i+16]) || bytes.Contains(a[i+1:], a[i:i+16]) {
					t.Fatalf("%d bytes are not random: %x, %x", n, a, b)
				}
			}
		}
	}
}

func TestAllocations(t *testing.T) {
	b := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() { Fill(b) }); n != 0 && !Allocates {
		t.Errorf("%v allocations", n)
	}
}
