package sha2

import (
	"crypto/sha256"
	"crypto/sha512"
	"testing"
)

func TestFirst(t *testing.T) {
	p := make([]byte, 400)
	for i := range p {
		p[i] = byte(i * 7)
	}
	for n := range 400 {
		var out [32]byte
		Sum256(&out, p[:n])
		if out != sha256.Sum256(p[:n]) {
			t.Fatal(n)
		}
		var h1, h2 [8]uint32
		IV256(&h1)
		IV256(&h2)
		Block256(&h1, p[:n&^63])
		block256Compact(&h2, p[:n&^63])
		if h1 != h2 {
			t.Fatal(n)
		}
		var o5, o6 [64]byte
		Sum512(&o5, p[:n/3], p[n/3:n/2], p[n/2:n])
		sum512Compact(&o6, p[:n/3], p[n/3:n/2], p[n/2:n])
		if o5 != sha512.Sum512(p[:n]) || o5 != o6 {
			t.Fatal(n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { var o [32]byte; Sum256(&o, p); var o5 [64]byte; Sum512(&o5, p, nil, p) }); n != 0 {
		t.Error(n, "allocs")
	}
}

func BenchmarkBlock(b *testing.B) {
	var h [8]uint32
	p := make([]byte, 64)
	for b.Loop() {
		Block256(&h, p)
	}
}
