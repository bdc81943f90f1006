//go:build !purego

package curve

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"testing"

	"filippo.io/edwards25519"

	"github.com/karst-im/karst/internal/cpu"
)

// hardElement returns a number near zero or 2^256, or four words many of which are zero or all ones, for carries to
// run as far as they can.
func hardElement(random *rand.Rand) (v fe) {
	switch random.IntN(8) {
	case 0:
		return fe{random.Uint64N(64)}
	case 1:
		return fe{^random.Uint64N(64), ^uint64(0), ^uint64(0), ^uint64(0)}
	}
	for i := range v[:] {
		switch random.IntN(6) {
		case 0:
			v[i] = ^uint64(0)
		case 1:
		case 2:
			v[i] = ^uint64(0) - random.Uint64N(64)
		case 3:
			v[i] = random.Uint64N(64)
		default:
			v[i] = random.Uint64()
		}
	}
	return v
}

func number(v *fe) *big.Int {
	n := new(big.Int)
	for i := 3; i >= 0; i-- {
		n.Or(n.Lsh(n, 64), new(big.Int).SetUint64(v[i]))
	}
	return n
}

func same(t *testing.T, what string, got *fe, want *big.Int) {
	t.Helper()
	if d := want.Sub(want, number(got)); d.Mod(d, prime).Sign() != 0 {
		t.Fatalf("%s: %x is wrong by %x", what, *got, d)
	}
}

var prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// TestElements compares the arithmetic, and what runs without ADX, with big integers.
func TestElements(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		a, b := hardElement(random), hardElement(random)
		x, y := number(&a), number(&b)
		product, square := new(big.Int).Mul(x, y), new(big.Int).Mul(x, x)
		var v fe
		mulByWords(&v, &a, &b)
		same(t, "mulByWords", &v, new(big.Int).Set(product))
		if cpu.ADX {
			mulADX(&v, &a, &b)
			same(t, "mulADX", &v, product)
			squareADX(&v, &a, 1)
			same(t, "squareADX", &v, new(big.Int).Set(square))
			squareADX(&v, &a, 3)
			same(t, "squareADX", &v, new(big.Int).Exp(x, big.NewInt(8), nil))
		}
		feSquareN(&v, &a, 2)
		same(t, "feSquareN", &v, square.Mul(square, square))
		feAdd(&v, &a, &b)
		same(t, "feAdd", &v, new(big.Int).Add(x, y))
		feSub(&v, &a, &b)
		same(t, "feSub", &v, new(big.Int).Sub(x, y))
		feMul121666(&v, &a)
		same(t, "feMul121666", &v, new(big.Int).Mul(x, big.NewInt(121666)))

		var out [32]byte
		feBytes(&out, &a)
		feSetBytes(&v, &out)
		if want := new(big.Int).Mod(x, prime); number(&v).Cmp(want) != 0 {
			t.Fatalf("feBytes: %x of %x", out, a)
		}
	}
}

// TestFormulas compares the assembly with the formulas that it follows, step by step, on numbers that need not be
// points: every element of the result is the same, modulo p.
func TestFormulas(t *testing.T) {
	if !cpu.ADX {
		t.Skip("this processor has no ADX")
	}
	random := rand.New(rand.NewPCG(3, 4))
	hard := func(elements ...*fe) {
		for _, v := range elements {
			*v = hardElement(random)
		}
	}
	equal := func(what string, got, want []*fe) {
		t.Helper()
		for i := range got {
			var a, b [32]byte
			feBytes(&a, got[i])
			feBytes(&b, want[i])
			if a != b {
				t.Fatalf("%s: element %d is %x instead of %x", what, i, a, b)
			}
		}
	}
	ofLadder := func(s *ladder) []*fe { return []*fe{&s.x1, &s.x2, &s.z2, &s.x3, &s.z3} }
	ofPoint := func(p *point) []*fe { return []*fe{&p.x, &p.y, &p.z, &p.t} }
	var row [16]affine
	for range 20_000 {
		for swap := range 2 {
			var s, s2 ladder
			hard(ofLadder(&s)...)
			s2 = s
			ladderStepADX(&s, swap)
			s2.exchange(swap)
			s2.stepByElements()
			equal("ladder", ofLadder(&s), ofLadder(&s2))
		}

		for _, flags := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			var p, p2 point
			var q cached
			hard(ofPoint(&p)...)
			hard(&q.sum, &q.diff, &q.dt, &q.zz)
			p2 = p
			pointAddADX(&p, &q, flags[0], flags[1])
			pointAddByElements(&p2, &q, flags[0], flags[1])
			equal("sum", ofPoint(&p), ofPoint(&p2))
			pointDoubleADX(&p, flags[1])
			pointDoubleByElements(&p2, flags[1])
			equal("double", ofPoint(&p), ofPoint(&p2))
		}

		for i := range row {
			hard(&row[i][0], &row[i][1], &row[i][2])
			row[i][2][3] &= 1<<63 - 1 // below 2p, as all that is tabulated
		}
		for digit := int64(-16); digit <= 16; digit++ {
			var q, q2 cached
			selectMultipleADX(&q, &row, digit)
			selectMultipleByElements(&q2, &row, digit)
			equal("multiple", []*fe{&q.sum, &q.diff, &q.dt}, []*fe{&q2.sum, &q2.diff, &q2.dt})
		}
	}
}

// TestBaseRows reads every entry of the table, with both signs.
func TestBaseRows(t *testing.T) {
	for place := range 51 {
		for digit := int64(-16); digit <= 16; digit++ {
			n := new(big.Int).Lsh(big.NewInt(digit), uint(5*place))
			k := fromBig(n.Mod(n, bigL))
			var s sc
			var wide [64]byte
			copy(wide[:], k[:])
			scReduce(&s, &wide)
			var got [32]byte
			baseMult(&got, &s)
			if want := new(edwards25519.Point).ScalarBaseMult(&s.s).Bytes(); !bytes.Equal(got[:], want) {
				t.Fatalf("%d 32^%d B is %x instead of %x", digit, place, got, want)
			}
		}
	}
}
