//go:build purego

package curve

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"filippo.io/edwards25519"
)

// The arithmetic of our own twin against math/big, on random and on skewed numbers.

var bigP, _ = new(big.Int).SetString("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", 16)

// skewed returns a number below 2^bits that is uniform, or near a power of two, near p, near L, tiny, or has
// long runs of equal bits.
func skewed(r *rand.Rand, bits int) *big.Int {
	one := big.NewInt(1)
	small := big.NewInt(int64(r.IntN(64)) - 32)
	a := new(big.Int)
	switch r.IntN(8) {
	case 0:
		a.Set(small)
	case 1:
		a.Add(bigP, small)
	case 2:
		a.Add(a.Lsh(one, uint(r.IntN(bits+1))), small)
	case 3:
		a.Sub(a.Lsh(one, uint(bits)), big.NewInt(int64(1+r.IntN(64))))
	case 4:
		a.Mul(bigL, big.NewInt(int64(r.IntN(16)))).Add(a, small)
	case 5:
		for i := 0; i < bits; {
			n := 1 + r.IntN(60)
			if r.IntN(2) == 0 {
				a.Or(a, new(big.Int).Lsh(new(big.Int).Sub(new(big.Int).Lsh(one, uint(n)), one), uint(i)))
			}
			i += n
		}
	default:
		for range bits/64 + 1 {
			a.Lsh(a, 64).Or(a, new(big.Int).SetUint64(r.Uint64()))
		}
	}
	return a.Mod(a, new(big.Int).Lsh(one, uint(bits)))
}

// element returns a field element that is tight or a sum of up to three, and its value.
func element(r *rand.Rand) (v fe, a *big.Int) {
	a = new(big.Int)
	for range 1 + r.IntN(3) {
		n := skewed(r, 255)
		b := fromBig(n)
		var t fe
		feSetBytes(&t, &b)
		feAdd(&v, &v, &t)
		a.Add(a, n)
	}
	return v, a
}

// limb returns the largest tight limb i and its place.
func limbOf(i int) (max uint64, shift uint) {
	if len(fe{}) == 5 {
		return 1<<51 + 1<<13, uint(51 * i)
	}
	return 1<<(26-i&1) + 1<<17, uint(51*i+1) / 2
}

// setLimb is for limbs of both sizes.
func setLimb[T uint32 | uint64](v *T, x uint64) { *v = T(x) }

// largest returns the sum of n of the largest tight elements, and its value.
func largest(n uint64) (v fe, a *big.Int) {
	a = new(big.Int)
	for i := range v {
		max, shift := limbOf(i)
		setLimb(&v[i], n*max)
		x := new(big.Int).SetUint64(n * max)
		a.Add(a, x.Lsh(x, shift))
	}
	return v, a
}

// checkTight fails if v is larger than a tight element may be, or is not a modulo p.
func checkTight(t *testing.T, op string, v *fe, a *big.Int) {
	t.Helper()
	for i := range v {
		if max, _ := limbOf(i); uint64(v[i]) > max {
			t.Fatalf("%s: limb %d is %#x", op, i, v[i])
		}
	}
	var b [32]byte
	feBytes(&b, v)
	if want := fromBig(new(big.Int).Mod(a, bigP)); b != want {
		t.Fatalf("%s: %x, want %x", op, b, want)
	}
}

func TestField(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 20000 {
		a, x := element(r)
		b, y := element(r)
		if i == 0 || i == 1 {
			a, x = largest(3)
		}
		if i == 0 || i == 2 {
			b, y = largest(3)
		}
		xy := new(big.Int).Mul(x, y)
		var v fe
		for alias := range 4 {
			p, q, u := a, b, &v
			switch alias {
			case 1:
				u = &p
			case 2:
				u = &q
			case 3:
				q = a
			}
			pp, qq, z, zz := &p, &q, y, xy
			if alias == 3 { // all three the same
				qq, u, z, zz = pp, pp, x, new(big.Int).Mul(x, x)
			}
			feMul(u, pp, qq)
			checkTight(t, "mul", u, zz)
			p, q = a, b
			feSub(u, pp, qq)
			checkTight(t, "sub", u, new(big.Int).Sub(x, z))
			p = a
			if alias < 2 {
				feSquare(u, pp)
				checkTight(t, "square", u, new(big.Int).Mul(x, x))
				p = a
				feMul121666(u, pp)
				checkTight(t, "121666", u, new(big.Int).Mul(x, big.NewInt(121666)))
				p = a
			}
			if alias < 2 && i < 200 {
				feInvert(u, pp)
				w := new(big.Int).Exp(x, new(big.Int).Sub(bigP, big.NewInt(2)), bigP)
				checkTight(t, "invert", u, w)
			}
		}
	}
}

func TestFieldBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		x := skewed(r, 256)
		b := fromBig(x)
		var v, w fe
		feSetBytes(&v, &b)
		x.SetBit(x, 255, 0)
		checkTight(t, "bytes", &v, x)
		feNegate(&w, &v)
		checkTight(t, "negate", &w, new(big.Int).Neg(x))

		y := w
		p, q := v, w
		feSwap(&p, &q, 0)
		if p != v || q != y {
			t.Fatal("swapped by 0")
		}
		feSwap(&p, &q, 1)
		if q != v || p != y {
			t.Fatal("not swapped by 1")
		}
	}
	v, a := largest(1)
	checkTight(t, "largest", &v, a)
}

func TestScalars(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	wide := func() (s sc, x *big.Int) {
		var b [64]byte
		lo, hi := skewed(r, 256), skewed(r, 256)
		l, h := fromBig(lo), fromBig(hi)
		copy(b[:], l[:])
		copy(b[32:], h[:])
		scReduce(&s, &b)
		return s, hi.Lsh(hi, 256).Add(hi, lo)
	}
	check := func(op string, s *sc, x *big.Int) {
		t.Helper()
		var b [32]byte
		scBytes(&b, s)
		if want := fromBig(new(big.Int).Mod(x, bigL)); b != want {
			t.Fatalf("%s: %x, want %x", op, b, want)
		}
	}
	for range 20000 {
		a, x := wide()
		b, y := wide()
		c, z := wide()
		check("reduce", &a, x)
		w := new(big.Int).Mul(x, y)
		w.Add(w, z)
		var v sc
		scMulAdd(&v, &a, &b, &c)
		check("mul add", &v, w)
		v = a
		scMulAdd(&v, &v, &b, &c)
		check("mul add, first", &v, w)
		v = b
		scMulAdd(&v, &a, &v, &c)
		check("mul add, second", &v, w)
		v = c
		scMulAdd(&v, &a, &b, &v)
		check("mul add, third", &v, w)

		n := skewed(r, 256)
		k := fromBig(n)
		scClamped(&v, &k)
		n.SetBit(n.SetBit(n.SetBit(n, 0, 0), 1, 0), 2, 0)
		check("clamped", &v, n.SetBit(n.SetBit(n, 255, 0), 254, 1))
		if k != fromBig(toBig(k[:])) {
			t.Fatal("input changed")
		}
	}
}

func TestDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 5000 {
		x := skewed(r, 256)
		x.Mod(x, bigL)
		b := fromBig(x)
		var wide [64]byte
		copy(wide[:], b[:])
		var s sc
		scReduce(&s, &wide)
		var d [64]byte
		recode(&d, &s)
		sum := new(big.Int)
		for i := 63; i >= 0; i-- {
			if n := int8(d[i]); n < -8 || n > 8 {
				t.Fatalf("digit %d", n)
			}
			sum.Lsh(sum, 4).Add(sum, big.NewInt(int64(int8(d[i]))))
		}
		if sum.Cmp(x) != 0 {
			t.Fatalf("base 16: %x, want %x", sum, x)
		}

		for _, width := range []int{widthA, widthB} {
			var o [256]int8
			oddDigitsVarTime(&o, b[:], width)
			sum.SetInt64(0)
			last, most := 300, 1<<(width-1)-1
			for i := 255; i >= 0; i-- {
				sum.Lsh(sum, 1).Add(sum, big.NewInt(int64(o[i])))
				if o[i] == 0 {
					continue
				}
				if n := int(o[i]); n&1 == 0 || n < -most || n > most || last-i < width {
					t.Fatalf("width %d: digit %d, %d after the last", width, n, last-i)
				}
				last = i
			}
			if sum.Cmp(x) != 0 {
				t.Fatalf("odd digits of width %d: %x, want %x", width, sum, x)
			}
		}
	}
}

// Every entry of the odd table, by the other one.
func TestOddTable(t *testing.T) {
	for i := range oddTable[:] {
		for j := range oddTable[i][:] {
			var q cached
			var p point
			cachedSetWords(&q, &oddTable[i][j])
			pointSetNeutral(&p)
			pointAdd(&p, &q, true, false)
			var got, want [32]byte
			pointBytes(&got, &p)
			n := new(big.Int).Lsh(big.NewInt(int64(2*j+1)), uint(128*i))
			s := fromBig(n.Mod(n, bigL))
			var wide [64]byte
			copy(wide[:], s[:])
			var k sc
			scReduce(&k, &wide)
			if baseMult(&want, &k); got != want {
				t.Errorf("%d 2^%d B: %x, want %x", 2*j+1, 128*i, got, want)
			}
		}
	}
}

// Every entry of the table, by its own definition: digits one at a time.
func TestBaseSelect(t *testing.T) {
	for i := range 16 {
		for d := -8; d <= 8; d++ {
			var q cached
			var p point
			baseSelect(&q, i, byte(int8(d)))
			pointSetNeutral(&p)
			pointAdd(&p, &q, true, false)
			var got, want [32]byte
			pointBytes(&got, &p)

			n := new(big.Int).Lsh(big.NewInt(int64(d)), uint(16*i))
			k := fromBig(n.Mod(n, bigL))
			s, err := new(edwards25519.Scalar).SetCanonicalBytes(k[:])
			if err != nil {
				t.Fatal(err)
			}
			copy(want[:], new(edwards25519.Point).ScalarBaseMult(s).Bytes())
			if got != want {
				t.Errorf("%d 2^%d B: %x, want %x", d, 16*i, got, want)
			}
		}
	}
}

func BenchmarkFieldMul(b *testing.B) {
	v, _ := largest(3)
	for b.Loop() {
		feMul(&v, &v, &v)
	}
}

func BenchmarkFieldSquare(b *testing.B) {
	v, _ := largest(3)
	for b.Loop() {
		feSquare(&v, &v)
	}
}

func BenchmarkScalarReduce(b *testing.B) {
	var s sc
	var w [64]byte
	for b.Loop() {
		scReduce(&s, &w)
	}
}
