//go:build !purego

package curve

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/cpu"
)

// Operands that make the assembly carry where chance never would. Its elements are numbers below 2^256, its sums and
// products are taken modulo m = 2^256 - 38, which is 2p, and a second or third carry needs a number within some dozens of
// 2^256 in the middle of a formula. So these tests choose what is to be in the middle, and compute the operands.

var (
	two256 = new(big.Int).Lsh(big.NewInt(1), 256)
	twoP   = new(big.Int).Sub(two256, big.NewInt(38))
)

func element(n *big.Int) (v fe) {
	for i := range v[:] {
		v[i] = new(big.Int).Rsh(n, uint(64*i)).Uint64()
	}
	return v
}

type chooser struct{ *rand.Rand }

func (c chooser) random() *big.Int {
	return number(&fe{c.Uint64(), c.Uint64(), c.Uint64(), c.Uint64()})
}

// small is a number of either end: a few bits, or a few below 2^256.
func (c chooser) small() *big.Int {
	n := big.NewInt(c.Int64N(80))
	if c.IntN(2) == 0 {
		n.Sub(two256, n.Add(n, big.NewInt(1)))
	}
	return n
}

func modulo2P(n *big.Int) *big.Int { return n.Mod(n, twoP) }

// lifted returns n modulo p as a number below 2p with the given parity.
func lifted(n *big.Int, parity uint) *big.Int {
	n = new(big.Int).Mod(n, prime)
	if n.Bit(0) != parity {
		n.Add(n, prime)
	}
	return n
}

// root returns a number whose square is t modulo 2p, if there is one.
func (c chooser) root(t *big.Int) *big.Int {
	r := new(big.Int).ModSqrt(new(big.Int).Mod(t, prime), prime)
	if r == nil {
		return nil
	}
	if c.IntN(2) == 0 {
		r.Sub(prime, r)
	}
	return lifted(r, t.Bit(0))
}

// quotient returns a number whose product with a is t modulo 2p, if there is one.
func (c chooser) quotient(t, a *big.Int) *big.Int {
	inverse := new(big.Int).ModInverse(a, prime)
	if inverse == nil || a.Bit(0) == 0 && t.Bit(0) == 1 {
		return nil
	}
	parity := t.Bit(0)
	if a.Bit(0) == 0 {
		parity = uint(c.IntN(2))
	}
	return lifted(inverse.Mul(inverse, t), parity)
}

// factors returns two numbers whose product is a small one modulo 2p.
func (c chooser) factors() (a, b *big.Int) {
	for {
		switch c.IntN(5) {
		case 0:
			return big.NewInt(c.Int64N(7)), big.NewInt(c.Int64N(7))
		case 1:
			return c.random(), c.random()
		}
		a = c.random()
		if b = c.quotient(c.small(), a); b != nil {
			return a, b
		}
	}
}

// base returns a number whose square is a small one modulo 2p.
func (c chooser) base() *big.Int {
	switch c.IntN(5) {
	case 0:
		return big.NewInt(c.Int64N(7))
	case 1:
		return c.random()
	}
	for {
		t := c.small()
		if c.IntN(3) == 0 { // which doubled is near 2^256
			t.Sub(new(big.Int).Rsh(two256, 1), big.NewInt(c.Int64N(40)))
		}
		if r := c.root(t); r != nil {
			return r
		}
	}
}

// overflowing returns two factors with a product of h 2^256 + l for which l + 38 h is so near below a multiple of 2^256 that
// the carry out of it, times 38, carries once more.
func (c chooser) overflowing() (a, b *big.Int) {
	for {
		carry := 1 + c.Int64N(37)
		t := new(big.Int).Mul(two256, big.NewInt(carry+1))
		t.Sub(t, big.NewInt(1+c.Int64N(38*carry)))
		// a b = t + h m, with h below t/38 and so large that b is below 2^256.
		a = new(big.Int).Rsh(c.random(), 4)
		a.SetBit(a, 251, 1)
		inverse := new(big.Int).ModInverse(twoP, a)
		if inverse == nil {
			continue
		}
		h := new(big.Int).Mul(new(big.Int).Neg(t), inverse)
		h.Mod(h, a)
		for {
			low := new(big.Int).Sub(t, new(big.Int).Mul(h, big.NewInt(38)))
			if low.Sign() < 0 {
				break
			}
			if low.Cmp(two256) < 0 {
				product := new(big.Int).Mul(h, twoP)
				product.Add(product, t)
				if b, rest := new(big.Int).QuoRem(product, a, new(big.Int)); rest.Sign() == 0 && b.Cmp(two256) < 0 {
					return a, b
				}
			}
			h.Add(h, a)
		}
	}
}

func TestCarriesOfProducts(t *testing.T) {
	c := chooser{rand.New(rand.NewPCG(5, 6))}
	check := func(a, b *big.Int) {
		x, y := element(a), element(b)
		var v fe
		mulByWords(&v, &x, &y)
		same(t, "mulByWords", &v, new(big.Int).Mul(a, b))
		if !cpu.ADX {
			return
		}
		mulADX(&v, &x, &y)
		same(t, "mulADX", &v, new(big.Int).Mul(a, b))
		for _, of := range []*fe{&x, &y} {
			n := number(of)
			squareADX(&v, of, 1)
			same(t, "squareADX", &v, n.Mul(n, n))
		}
	}
	for range 2_000 {
		check(c.overflowing())
		check(c.factors())
		check(c.base(), c.small())
	}
	// A square: its root is one modulo m, not of an integer, so that a few multiples of m must be tried.
	found := 0
	for found < 50 {
		carry := 1 + c.Int64N(37)
		n := new(big.Int).Mul(two256, big.NewInt(carry+1))
		n.Sub(n, big.NewInt(1+c.Int64N(38*carry)))
		r := c.root(modulo2P(new(big.Int).Set(n)))
		if r == nil {
			continue
		}
		check(r, r)
		h, low := new(big.Int).DivMod(new(big.Int).Mul(r, r), two256, new(big.Int))
		if low.Add(low, h.Mul(h, big.NewInt(38))).Cmp(n) == 0 {
			found++
		}
	}
}

// TestCarriesOfFormulas compares the formulas as TestFormulas does, with what TestCarriesOfProducts says in the middle.
func TestCarriesOfFormulas(t *testing.T) {
	if !cpu.ADX {
		t.Skip("this processor has no ADX")
	}
	c := chooser{rand.New(rand.NewPCG(7, 8))}
	equal := func(what string, got, want []*fe) {
		t.Helper()
		for i := range got {
			same(t, what, got[i], number(want[i]))
		}
	}
	for range 6_000 {
		s := c.ladder()
		for swap := range 2 {
			got, want := s, s
			ladderStepADX(&got, swap)
			want.exchange(swap)
			want.stepByElements()
			equal("ladder", []*fe{&got.x2, &got.z2, &got.x3, &got.z3}, []*fe{&want.x2, &want.z2, &want.x3, &want.z3})
			s.x2, s.z2, s.x3, s.z3 = s.x3, s.z3, s.x2, s.z2
		}

		p, q := c.addition()
		for _, flags := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			got, want := p, p
			pointAddADX(&got, &q, flags[0], flags[1])
			pointAddByElements(&want, &q, flags[0], flags[1])
			equal("sum", []*fe{&got.x, &got.y, &got.z, &got.t}, []*fe{&want.x, &want.y, &want.z, &want.t})
		}

		d := c.doubling()
		for _, withT := range []bool{false, true} {
			got, want := d, d
			pointDoubleADX(&got, withT)
			pointDoubleByElements(&want, withT)
			equal("double", []*fe{&got.x, &got.y, &got.z}, []*fe{&want.x, &want.y, &want.z})
		}
	}
}

// ladder returns a state of the ladder whose sums and differences are chosen.
func (c chooser) ladder() (s ladder) {
	d, a := c.factors()
	cc, b := c.factors()
	switch c.IntN(4) {
	case 0: // the squares of a and b
		a, b = c.base(), c.base()
	case 1: // 121666 e + b^2 is near a multiple of 2^256, where e is a^2 - b^2
		if x, y := c.small121666(); x != nil {
			a, b = x, y
		}
	}
	s.x2, s.z2 = c.halves(a, b)
	s.x3, s.z3 = c.halves(cc, d)
	if c.IntN(3) == 0 {
		s.x2, s.z2 = element(c.small()), element(c.small())
	}
	s.x1 = element(c.random())
	return s
}

// doubling returns a point whose squares, or the sum of x and y, are chosen.
func (c chooser) doubling() point {
	x, y := c.base(), c.base()
	switch c.IntN(5) {
	case 0:
		x, y = c.small(), c.small()
	case 1: // x + y is a root
		y = modulo2P(new(big.Int).Sub(c.base(), x))
	case 2: // (x + y)^2 - (x^2 + y^2), which is 2 x y, borrows once more if only the highest word is above some dozens
		product := new(big.Int).Lsh(new(big.Int).SetUint64(c.Uint64()), 192)
		product.Sub(product, big.NewInt(2*c.Int64N(19)))
		x = c.random()
		if half := c.quotient(product.Rsh(product, 1), x); half != nil {
			y = half
		}
	}
	return point{x: element(x), y: element(y), z: element(c.base())}
}

// halves returns two numbers with that sum and that difference modulo 2p, as far as there are.
func (c chooser) halves(sum, difference *big.Int) (x, y fe) {
	n := new(big.Int).Add(sum, difference)
	if n.Bit(0) == 1 { // twoP is even
		n.Add(n, prime)
	}
	n.Rsh(n, 1)
	if c.IntN(2) == 0 {
		n.Add(n, prime)
	}
	modulo2P(n)
	return element(n), element(modulo2P(new(big.Int).Sub(sum, n)))
}

func (c chooser) small121666() (a, b *big.Int) {
	const factor = 121666
	b = c.random()
	squared := modulo2P(new(big.Int).Mul(b, b))
	carry := 4000 + c.Int64N(100_000)
	e := new(big.Int).Mul(two256, big.NewInt(carry+1))
	e.Sub(e, big.NewInt(1+c.Int64N(30*carry)))
	e.Sub(e, squared)
	e.Div(e, big.NewInt(factor)) // rounded down: by less than there is room for
	return c.root(modulo2P(e.Add(e, squared))), b
}

// addition returns a point and a prepared one whose products are chosen.
func (c chooser) addition() (p point, q cached) {
	h, e := c.random(), c.random()
	p.y, p.x = c.halves(h, e)
	with := func(of *big.Int) fe {
		if b := c.quotient(c.small(), of); b != nil && c.IntN(5) > 0 {
			return element(b)
		}
		return element(big.NewInt(c.Int64N(3)))
	}
	var sum, difference fe
	feAdd(&sum, &p.y, &p.x)
	feSub(&difference, &p.y, &p.x)
	q.sum, q.diff = with(number(&sum)), with(number(&difference))
	if c.IntN(4) == 0 {
		p.y, p.x = element(c.small()), element(c.small())
	}
	p.t, p.z = element(c.random()), element(c.random())
	q.dt, q.zz = with(number(&p.t)), with(number(&p.z))
	if c.IntN(2) == 0 {
		p.z = element(c.small())
	}
	return p, q
}
