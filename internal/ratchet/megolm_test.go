package ratchet

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

func (m *Megolm) same(t *testing.T, want *refMegolm) {
	t.Helper()
	var key [MegolmLen]byte
	m.Key(&key)
	if m.Counter() != want.i {
		t.Fatalf("at %#x, want %#x", m.Counter(), want.i)
	}
	testkit.Equal(t, want.bytes(), key[:])
}

// TestMegolmAdvance walks over every kind of boundary, and past 2^32.
func TestMegolmAdvance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for start, steps := range map[uint32]int{
		0: 1<<16 + 300, 1<<16 - 300: 600, 1<<17 - 3: 5, 1<<24 - 300: 600, 5<<24 - 2: 4, 1<<31 - 2: 4, 0xffffff00 - 5: 300,
	} {
		raw := testkit.Random(rng, MegolmLen)
		var m Megolm
		m.Set(raw, start)
		ref := newRefMegolm(raw, start)
		for i := range steps {
			m.Advance()
			if i%256 > 250 || i%256 < 5 || i == steps-1 {
				ref.moveTo(start + uint32(i) + 1)
				m.same(t, &ref)
			}
		}
	}
}

// TestMegolmStepByStep checks the reference: that its leaps end where its steps do.
func TestMegolmStepByStep(t *testing.T) {
	raw := testkit.Random(rand.New(rand.NewPCG(3, 4)), MegolmLen)
	for _, start := range []uint32{0, 77, 1<<16 - 700, 1<<24 - 700, 0xffffffff - 700} {
		step, leap := newRefMegolm(raw, start), newRefMegolm(raw, start)
		for range 1500 {
			step.nextMultiple(0)
		}
		leap.moveTo(start + 1500)
		if step.i != leap.i || !bytes.Equal(step.bytes(), leap.bytes()) {
			t.Errorf("from %#x: steps and leaps differ", start)
		}
	}
}

func TestMegolmAdvanceTo(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	type jump struct{ from, to uint32 }
	jumps := []jump{{0, 0}, {0, 1<<32 - 1}, {1<<32 - 1, 0}, {1<<32 - 1, 1<<32 - 2}, {1, 0}, {0x01020304, 0x01020303}, {0x01020304, 0x01020304}}
	near := []uint32{0, 1, 2, 255, 256, 257, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1<<16 + 256, 1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<24 + 1<<16, 1<<32 - 1<<24, 1<<32 - 2, 1<<32 - 1}
	for _, from := range near {
		for _, to := range near {
			jumps = append(jumps, jump{from, to})
		}
	}
	for range 60 {
		from := rng.Uint32()
		jumps = append(jumps, jump{from, rng.Uint32()}, jump{from, from + rng.Uint32()>>rng.IntN(32)}, jump{from, from - rng.Uint32()>>rng.IntN(32)})
	}
	if testing.Short() {
		jumps = jumps[:100]
	}
	for _, j := range jumps {
		raw := testkit.Random(rng, MegolmLen)
		var m Megolm
		m.Set(raw, j.from)
		m.AdvanceTo(j.to)
		ref := newRefMegolm(raw, j.from)
		ref.moveTo(j.to)
		m.same(t, &ref)
		if n := jumpCost(j.from, j.to); n > 1030 {
			t.Errorf("%#x to %#x costs %d HMACs", j.from, j.to, n)
		}
	}
	// In two jumps, and on the same path one by one.
	for range 50 {
		raw := testkit.Random(rng, MegolmLen)
		var once, twice Megolm
		from := rng.Uint32()
		once.Set(raw, from)
		twice.Set(raw, from)
		between := rng.Uint32() >> 1
		once.AdvanceTo(from + between + 200)
		twice.AdvanceTo(from + between)
		for range 200 {
			twice.Advance()
		}
		if !once.Equal(&twice) {
			t.Errorf("%#x + %#x + 200 in one jump and in steps differ", from, between)
		}
	}
}

// jumpCost returns how many HMACs the algorithm of AdvanceTo needs: for each part j that moves, one for
// each of its steps, and one for each part behind it. The real ones can't be counted from here.
func jumpCost(from, to uint32) (n int) {
	for j := range 4 {
		shift := 24 - 8*j
		steps := int((to>>shift - from>>shift) & 0xff)
		if steps == 0 && to < from {
			steps = 256
		}
		if steps > 0 {
			n += steps + 3 - j
			from = to >> shift << shift
		}
	}
	return n
}

func TestMegolmEqual(t *testing.T) {
	raw := testkit.Random(rand.New(rand.NewPCG(7, 8)), MegolmLen)
	var a, b Megolm
	a.Set(raw, 5)
	b.CopyFrom(&a)
	if !a.Equal(&b) || !b.Equal(&a) || b.Counter() != 5 {
		t.Error("a copy differs")
	}
	b.counter++
	if a.Equal(&b) {
		t.Error("the counter makes no difference")
	}
	for i := range raw {
		b.Set(raw, 5)
		b.r[i] ^= 0x80
		if a.Equal(&b) {
			t.Errorf("byte %d makes no difference", i)
		}
	}
	b.Set(raw, 5)
	b.Advance()
	if bytes.Equal(b.r[:], a.r[:]) || !bytes.Equal(a.r[:], raw) {
		t.Error("a ratchet shares its bytes with what it was set to")
	}
	if a.IsZero() != 0 || new(Megolm).IsZero() != 1 {
		t.Error("IsZero")
	}
	if zero := (Megolm{counter: 9}); zero.IsZero() != 1 {
		t.Error("the counter counts as a byte")
	}
}

func TestMegolmPickle(t *testing.T) {
	raw := testkit.Random(rand.New(rand.NewPCG(9, 10)), MegolmLen)
	var m, back Megolm
	m.Set(raw, 0x01020304)
	buf := make([]byte, MegolmPickleLen)
	w := wire.NewWriter(buf)
	m.Pickle(&w)
	testkit.Equal(t, append(raw, 1, 2, 3, 4), buf)
	if w.Len() != 0 {
		t.Errorf("%d bytes are not written", w.Len())
	}
	r := wire.NewReader(buf)
	back.Unpickle(&r)
	if !back.Equal(&m) || r.Short() || r.Len() != 0 {
		t.Error("the pickle does not come back")
	}
	for n := range buf {
		r := wire.NewReader(buf[:n])
		if back.Unpickle(&r); !r.Short() {
			t.Errorf("%d bytes are enough", n)
		}
	}
}
