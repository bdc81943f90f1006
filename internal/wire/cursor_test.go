package wire

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

func TestCursors(t *testing.T) {
	buf := bytes.Repeat([]byte{0xee}, 14)
	w := NewWriter(buf[:13])
	w.Uint8(0xab)
	w.Bool(true)
	w.Bool(false)
	w.Uint32(0x01020304)
	w.Bytes([]byte("karst!"))
	w.Bytes(nil)
	if w.Len() != 0 {
		t.Errorf("room for %d bytes is left", w.Len())
	}
	if want := "\xab\x01\x00\x01\x02\x03\x04karst!\xee"; string(buf) != want {
		t.Errorf("%q, want %q", buf, want)
	}

	r := NewReader(buf[:13])
	if r.Len() != 13 {
		t.Errorf("%d bytes to read", r.Len())
	}
	if x := r.Uint8(); x != 0xab {
		t.Errorf("byte %x", x)
	}
	if !r.Bool() || r.Bool() {
		t.Error("booleans")
	}
	if x := r.Uint32(); x != 0x01020304 {
		t.Errorf("number %x", x)
	}
	var name [6]byte
	r.Bytes(name[:])
	if string(name[:]) != "karst!" || r.Short() || r.Len() != 0 {
		t.Errorf("%q, short %v, %d bytes left", name, r.Short(), r.Len())
	}
	r.Bytes(nil)
	if r.Short() {
		t.Error("reading nothing is short")
	}
	if r = NewReader(buf[3:7:7]); r.Uint32() != 0x01020304 || r.Len() != 0 || r.Short() {
		t.Error("a number that is all there is")
	}
	for _, x := range []byte{1, 2, 0x80, 0xff} {
		if r := NewReader([]byte{x}); !r.Bool() {
			t.Errorf("%d is false", x)
		}
	}
}

// TestReaderShort reads each kind past the end, from every length: it yields zeros, takes nothing
// away, and the verdict stays.
func TestReaderShort(t *testing.T) {
	data := bytes.Repeat([]byte{0xff}, 7)
	for n := range data {
		for size := n + 1; size <= 8; size++ {
			r := NewReader(data[:n])
			dst := bytes.Repeat([]byte{0xaa}, size)
			r.Bytes(dst)
			if !r.Short() || !bytes.Equal(dst, make([]byte, size)) || r.Len() != n {
				t.Errorf("%d bytes of %d: short %v, %x, %d left", size, n, r.Short(), dst, r.Len())
			}
			r.Bytes(nil)
			if n > 0 && r.Uint8() != 0xff {
				t.Error("what is there can't be read any more")
			}
			if !r.Short() {
				t.Error("the verdict is forgotten")
			}
		}
		if n < 4 {
			r := NewReader(data[:n])
			if x := r.Uint32(); x != 0 || !r.Short() {
				t.Errorf("number of %d bytes: %x, short %v", n, x, r.Short())
			}
		}
	}
	r := NewReader(nil)
	if r.Uint8() != 0 || !r.Short() {
		t.Error("a byte of nothing")
	}
	if r = NewReader(nil); r.Bool() || !r.Short() {
		t.Error("a boolean of nothing")
	}
}

// TestWriterFull checks that a Writer panics instead of writing past its end or losing anything: that
// the buffer has the right size is the caller's to see to.
func TestWriterFull(t *testing.T) {
	for name, write := range map[string]func(w *Writer){
		"byte":   func(w *Writer) { w.Bytes(make([]byte, 3)); w.Uint8(1) },
		"number": func(w *Writer) { w.Uint32(1) },
		"bytes":  func(w *Writer) { w.Bytes(make([]byte, 4)) },
	} {
		t.Run(name, func(t *testing.T) {
			buf := bytes.Repeat([]byte{0xee}, 8)
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
				if !bytes.Equal(buf[3:], bytes.Repeat([]byte{0xee}, 5)) {
					t.Errorf("written past the end: %x", buf)
				}
			}()
			w := NewWriter(buf[:3:3])
			write(&w)
		})
	}
}

func TestGrow(t *testing.T) {
	whole, tail := Grow(nil, 0)
	if len(whole) != 0 || len(tail) != 0 {
		t.Errorf("nothing grows to %d and %d", len(whole), len(tail))
	}
	dst := append(make([]byte, 0, 10), "abc"...)
	whole, tail = Grow(dst, 7)
	if &whole[0] != &dst[0] || len(whole) != 10 || len(tail) != 7 || &tail[0] != &whole[3] {
		t.Error("the room that there is is not used")
	}
	whole, tail = Grow(dst, 8)
	if &whole[0] == &dst[0] || string(whole[:3]) != "abc" || len(whole) != 11 || len(tail) != 8 || &tail[0] != &whole[3] {
		t.Error("growing beyond the room that there is")
	}
	testkit.NoAllocations(t, "Grow with room", 100, func() { Grow(dst, 7) })
}

func TestText(t *testing.T) {
	raw := []byte{0xfb, 0xff, 0}
	if s := Text(raw); s != "+/8A" {
		t.Errorf("%q", s)
	}
	if s := Text(nil); s != "" {
		t.Errorf("nothing is %q", s)
	}
	if b := AppendText([]byte("key:"), raw[:2]); string(b) != "key:+/8" {
		t.Errorf("appended: %q", b)
	}
	for _, text := range []string{"+/8", "+/8="} {
		if b, ok := ParseText([]byte(text)); !ok || !bytes.Equal(b, raw[:2]) {
			t.Errorf("%q: %x, %v", text, b, ok)
		}
	}
	if b, ok := ParseText(nil); !ok || len(b) != 0 {
		t.Errorf("nothing: %x, %v", b, ok)
	}
	for _, bad := range []string{"A", "+/9", "+/8==", "=", "==", "====", "+/ 8", "-_8", "+/8A\n"} {
		if b, ok := ParseText([]byte(bad)); ok || b != nil {
			t.Errorf("%q: %x, %v", bad, b, ok)
		}
	}
}

func TestCursorAllocations(t *testing.T) {
	buf, key := make([]byte, 39), make([]byte, 32)
	text := AppendText(nil, key)
	testkit.NoAllocations(t, "cursors", 100, func() {
		w := NewWriter(buf)
		w.Uint8(1)
		w.Bool(true)
		w.Uint32(2)
		w.Bytes(key)
		r := NewReader(buf)
		r.Uint8()
		r.Bool()
		r.Uint32()
		r.Bytes(key)
		DecodeKey(key, TrimPadding(text))
	})
}

func TestReaderSkip(t *testing.T) {
	data := bytes.Repeat([]byte{0xff}, 12)
	for count := range uint32(20) {
		for size := range 20 {
			r := NewReader(data)
			r.Skip(count, size)
			n := int(count) * size
			if short := n > len(data); r.Short() != short || r.Len() != map[bool]int{true: len(data), false: len(data) - n}[short] {
				t.Errorf("%d of %d: short %v, %d left", count, size, r.Short(), r.Len())
			}
		}
	}
	for _, count := range []uint32{62244681 /* times 69 is 2^32 + 5 */, 63161283 /* times 68 is 2^32 - 52 */, 1 << 30, 1 << 31, 1<<32 - 1} {
		for _, size := range []int{4, 68, 69, 100} {
			r := NewReader(data)
			if r.Skip(count, size); !r.Short() || r.Len() != len(data) {
				t.Errorf("%d of %d: short %v, %d left", count, size, r.Short(), r.Len())
			}
		}
	}
}
