package secret

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

func TestEqualAndIsZero(t *testing.T) {
	for n := range 70 {
		a, b := bytes.Repeat([]byte{0xa5}, n), bytes.Repeat([]byte{0xa5}, n)
		zero := make([]byte, n)
		if Equal(a, b) != 1 || Equal(a, a) != 1 || IsZero(zero) != 1 {
			t.Fatalf("%d bytes: equal ones differ", n)
		}
		for i := range n {
			for bit := range 8 {
				b[i] ^= 1 << bit
				zero[i] ^= 1 << bit
				if Equal(a, b) != 0 || Equal(b, a) != 0 || IsZero(zero) != 0 {
					t.Fatalf("%d bytes: bit %d of byte %d makes no difference", n, bit, i)
				}
				b[i] ^= 1 << bit
				zero[i] ^= 1 << bit
			}
		}
		if n > 0 && (Equal(a, b[:n-1]) != 0 || Equal(a[:n-1], b) != 0 || Equal(nil, b) != 0) {
			t.Fatalf("%d bytes equal fewer", n)
		}
	}
	if Equal(nil, []byte{}) != 1 || IsZero(nil) != 1 {
		t.Error("nothing differs from nothing")
	}
	// Every byte value, since a result of 0 or 1 comes from arithmetic.
	for x := range 256 {
		want := 0
		if x == 0 {
			want = 1
		}
		if got := IsZero([]byte{byte(x)}); got != want {
			t.Errorf("IsZero(%d) = %d", x, got)
		}
	}
}

func TestCopy(t *testing.T) {
	for _, c := range []struct{ dst, src, want string }{
		{"", "", ""}, {"abc", "", "abc"}, {"", "xyz", ""}, {"abc", "xy", "xyc"}, {"abc", "xyz", "xyz"}, {"abc", "wxyz", "wxy"},
	} {
		dst := []byte(c.dst)
		if n := Copy(dst, []byte(c.src)); string(dst) != c.want || n != min(len(c.dst), len(c.src)) {
			t.Errorf("%q over %q: %q, %d bytes", c.src, c.dst, dst, n)
		}
	}
	// Overlap, with dst first.
	b := []byte("0123456789")
	if Copy(b, b[3:]); string(b) != "3456789789" {
		t.Errorf("overlapping: %q", b)
	}
}

func TestWipe(t *testing.T) {
	for n := range 70 {
		b := bytes.Repeat([]byte{0xff}, n+2)
		Wipe(b[1 : n+1])
		if IsZero(b[1:n+1]) != 1 || b[0] != 0xff || b[n+1] != 0xff {
			t.Fatalf("%d bytes: %x", n, b)
		}
		w, v := make([]uint32, n+1), make([]uint64, n+1)
		for i := range w {
			w[i], v[i] = ^uint32(0), ^uint64(0)
		}
		WipeWords(w[:n])
		WipeWords(v[:n])
		for i := range n {
			if w[i] != 0 || v[i] != 0 {
				t.Fatalf("word %d of %d stays", i, n)
			}
		}
		if w[n] != ^uint32(0) || v[n] != ^uint64(0) {
			t.Fatalf("%d words: one too many is wiped", n)
		}
	}
	Wipe(nil)
}

func TestAllocations(t *testing.T) {
	a, b := make([]byte, 100), make([]byte, 100)
	words := make([]uint64, 8)
	testkit.NoAllocations(t, "these", 100, func() { Equal(a, b); IsZero(a); Copy(a, b); Wipe(a); WipeWords(words) })
}
