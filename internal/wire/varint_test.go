package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// boundaries are the numbers at which a varint of 32 bits becomes longer, and some others.
var boundaries = []uint32{
	0, 1, 2, 1<<7 - 1, 1 << 7, 1<<7 + 1, 1<<8 - 1, 1 << 8, 1<<14 - 1, 1 << 14, 1<<21 - 1, 1 << 21, 1<<28 - 1, 1 << 28,
	1<<31 - 1, 1 << 31, math.MaxUint32 - 1, math.MaxUint32,
}

func TestVarint(t *testing.T) {
	for _, x := range boundaries {
		want := binary.AppendUvarint(nil, uint64(x))
		if VarintLen(x) != len(want) {
			t.Errorf("%d: length %d, want %d", x, VarintLen(x), len(want))
		}
		buf := bytes.Repeat([]byte{0xee}, len(want)+1)
		if rest := putVarint(buf, x); !bytes.Equal(buf[:len(want)], want) || len(rest) != 1 || rest[0] != 0xee {
			t.Errorf("%d: %x and %x behind it", x, buf, rest)
		}
		y, rest, ok := varint(buf)
		if y != uint64(x) || !ok || len(rest) != 1 {
			t.Errorf("%x: %d, %v, %d bytes left", buf, y, ok, len(rest))
		}
		for n := range want {
			if _, rest, ok := varint(want[:n]); ok || rest != nil {
				t.Errorf("%x cut to %d bytes: %v, %x left", want, n, ok, rest)
			}
		}
	}
}

// TestVarintWrong has what is not the shortest encoding of a number below 2^32, and what libolm makes
// of it: a number modulo 2^64.
func TestVarintWrong(t *testing.T) {
	ff := func(n int) string { return strings.Repeat("\xff", n) }
	for _, c := range []struct {
		in   string
		x    uint64
		left int
	}{
		{"", 0, 0},
		{"\x80", 0, 0},
		{"\x85", 5, 0},
		{"\x80\x00", 0, 0},
		{"\x85\x00", 5, 0},
		{"\x85\x80\x00!", 5, 1},
		{"\x80\x80\x80\x80\x00!", 0, 1},
		{"\x80\x80\x80\x80\x10", 1 << 32, 0},
		{ff(4) + "\x1f", 1<<33 - 1, 0},
		{ff(4) + "\x7f", 1<<35 - 1, 0},
		{ff(5) + "\x00", 1<<35 - 1, 0},
		{ff(5) + "\x01", 1<<36 - 1, 0},
		{ff(9) + "\x01", math.MaxUint64, 0},
		{ff(9) + "\x02", 1<<63 - 1, 0}, // bit 64 is lost
		{ff(9) + "\x7f", math.MaxUint64, 0},
		{ff(10) + "\x7f!!", math.MaxUint64, 2},
		{strings.Repeat("\x80", 10) + "\x01!", 0, 1},
		{"\x83" + strings.Repeat("\x80", 30) + "\x01!", 3, 1},
		{ff(40), math.MaxUint64, 0},
	} {
		x, rest, ok := varint([]byte(c.in))
		if ok || x != c.x || len(rest) != c.left {
			t.Errorf("%x: %x (valid %v), %d bytes left; want %x, %d", c.in, x, ok, len(rest), c.x, c.left)
		}
	}
	// The largest that is right.
	if x, _, ok := varint([]byte(ff(4) + "\x0f")); !ok || x != math.MaxUint32 {
		t.Errorf("2^32-1: %d, %v", x, ok)
	}
}
