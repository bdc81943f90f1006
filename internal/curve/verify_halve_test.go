package curve

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"filippo.io/edwards25519"
)

func checkHalves(t *testing.T, k *big.Int) (longest int) {
	t.Helper()
	kb := fromBig(k)
	var ub, tb [32]byte
	negative := halveVarTime(&ub, &tb, &kb)
	u, f := toBig(ub[:]), toBig(tb[:])
	if f.Bit(0) != 1 || f.BitLen() > 128 || u.BitLen() > 255 {
		t.Fatalf("k = %x: t = %x, u = %x", k, f, u)
	}
	want := new(big.Int).Mul(f, k)
	if negative {
		want.Neg(want)
	}
	if want.Mod(want, new(big.Int).Lsh(bigL, 3)).Cmp(u) != 0 {
		t.Fatalf("k = %x: tk = %x, u = %x", k, want, u)
	}
	return max(u.BitLen(), f.BitLen())
}

func TestHalves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	total, n := 0, 20000
	if testing.Short() {
		n = 2000
	}
	for range n {
		total += checkHalves(t, randomBelowL(rng))
	}
	if mean := float64(total) / float64(n); mean > 129 {
		t.Errorf("%.1f bits on average", mean)
	}

	// Fractions with unusually large or small quotients: near 8L a/b for small a and b, and near powers of two.
	eightL := new(big.Int).Lsh(bigL, 3)
	near := func(x *big.Int) {
		for d := int64(-3); d <= 3; d++ {
			k := new(big.Int).Add(x, big.NewInt(d))
			checkHalves(t, k.Mod(k, bigL))
		}
	}
	for b := int64(1); b < 40; b++ {
		for a := range b {
			x := new(big.Int).Mul(eightL, big.NewInt(a))
			near(x.Div(x, big.NewInt(b)))
		}
	}
	for i := range uint(253) {
		near(new(big.Int).Lsh(big.NewInt(1), i))
		near(new(big.Int).Div(eightL, new(big.Int).Lsh(big.NewInt(1), i)))
	}
}

// The equation with points that have a part of small order: what is multiplied by t, which has no factor 2,
// must be neutral, not only its eightfold.
func TestEquationSmallOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	// A point of order 8, RFC 8032's encoding of one of the y in smallOrder.
	T, err := new(edwards25519.Point).SetBytes([]byte(smallOrder[3*32 : 4*32]))
	if err != nil {
		t.Fatal(err)
	}
	hold, fail := 0, 0
	for range 40 {
		a, r, k := libScalar(t, randomBelowL(rng)), libScalar(t, randomBelowL(rng)), libScalar(t, randomBelowL(rng))
		A, R := new(edwards25519.Point).ScalarBaseMult(a), new(edwards25519.Point).ScalarBaseMult(r)
		s := [32]byte(new(edwards25519.Scalar).MultiplyAdd(k, a, r).Bytes())
		for range 8 {
			A.Add(A, T)
			want := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(k, new(edwards25519.Point).Negate(A), libScalarBytes(t, s))
			for range 8 {
				R.Add(R, T)
				var kk sc
				wide := [64]byte{}
				copy(wide[:], k.Bytes())
				scReduce(&kk, &wide)
				Rb, Ab := [32]byte(R.Bytes()), [32]byte(A.Bytes())
				for name, equation := range equations {
					got := equation(&Rb, &s, &kk, &Ab)
					if got != (want.Equal(R) == 1) {
						t.Fatalf("%s: R = %x, A = %x, s = %x, k = %x: %v", name, Rb, Ab, s, k.Bytes(), got)
					}
					if got {
						hold++
					} else {
						fail++
					}
				}
			}
		}
	}
	if n := 40 * len(equations); hold != n*8 || fail != n*56 {
		t.Errorf("%d hold, %d don't", hold, fail)
	}
}

func randomBelowL(rng *rand.Rand) *big.Int {
	var b [40]byte
	for i := range b[:] {
		b[i] = byte(rng.Uint32())
	}
	x := new(big.Int).SetBytes(b[:])
	return x.Mod(x, bigL)
}

func libScalar(t *testing.T, x *big.Int) *edwards25519.Scalar {
	t.Helper()
	return libScalarBytes(t, fromBig(x))
}

func libScalarBytes(t *testing.T, b [32]byte) *edwards25519.Scalar {
	t.Helper()
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(b[:])
	if err != nil {
		t.Fatal(err)
	}
	return s
}
