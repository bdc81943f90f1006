package curve_test

import (
	"bytes"
	"math/big"
	"testing"

	"golang.org/x/crypto/curve25519"

	"github.com/karst-im/karst/internal/curve"
)

// RFC 7748 section 5.2 and section 6.1.
func TestX25519RFC7748(t *testing.T) {
	const (
		alice    = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
		alicePub = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
		bob      = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
		bobPub   = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
		shared   = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
		base     = "0900000000000000000000000000000000000000000000000000000000000000"
	)
	for _, v := range []struct{ scalar, point, want string }{
		{"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
			"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
			"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
		{"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
			"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
			"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
		{alice, base, alicePub},
		{bob, base, bobPub},
		{alice, bobPub, shared},
		{bob, alicePub, shared},
	} {
		scalar, point := hex32(v.scalar), hex32(v.point)
		var got [32]byte
		if ok := curve.X25519(&got, &scalar, &point); ok != 1 || got != hex32(v.want) {
			t.Errorf("%d, %x, want %s", ok, got, v.want)
		}
		if v.point == base {
			if curve.PublicKey(&got, &scalar); got != hex32(v.want) {
				t.Errorf("public key %x, want %s", got, v.want)
			}
		}
	}
}

func TestX25519Iterated(t *testing.T) {
	k, u := [32]byte{9}, [32]byte{9}
	for i := 1; i <= 1000; i++ {
		curve.X25519(&u, &k, &u)
		k, u = u, k
		if i == 1 && k != hex32("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079") {
			t.Errorf("after 1: %x", k)
		}
	}
	if k != hex32("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51") {
		t.Errorf("after 1000: %x", k)
	}
}

func TestX25519Wycheproof(t *testing.T) {
	w := readWycheproof(t, "x25519_test.json")
	n, zero := 0, 0
	for _, g := range w.TestGroups {
		for _, v := range g.Tests {
			n++
			scalar, point, want := hex32(v.Private), hex32(v.Public), hex32(v.Shared)
			got := [32]byte{1, 31: 1}
			ok := curve.X25519(&got, &scalar, &point)
			if got != want {
				t.Errorf("%d: %x, want %x (%s)", v.ID, got, want, v.Comment)
			}
			if (ok == 1) != (want != [32]byte{}) {
				t.Errorf("%d: returned %d (%s)", v.ID, ok, v.Comment)
			}
			if ok == 0 {
				zero++
			}
			for _, f := range v.Flags {
				if f == "NonCanonicalPublic" && curve.CanonicalMontgomery(&point) {
					t.Errorf("%d: canonical (%s)", v.ID, v.Comment)
				}
				if f == "ZeroSharedSecret" && ok != 0 {
					t.Errorf("%d: returned %d (%s)", v.ID, ok, v.Comment)
				}
			}
		}
	}
	if n != w.NumberOfTests || n < 500 || zero < 30 {
		t.Errorf("%d cases, %d of them zero, the file has %d", n, zero, w.NumberOfTests)
	}
}

// TestX25519EqualsXCrypto compares with golang.org/x/crypto: random scalars and points, half of them on the twist, and all
// pairs of those at the ends, of which some points force the secret.
func TestX25519EqualsXCrypto(t *testing.T) {
	check := func(scalar, point [32]byte) (public [32]byte, forced bool) {
		t.Helper()
		want, err := curve25519.X25519(scalar[:], curve25519.Basepoint)
		if err != nil {
			t.Fatal(err)
		}
		if curve.PublicKey(&public, &scalar); !bytes.Equal(public[:], want) {
			t.Fatalf("public key of %x: %x, want %x", scalar, public, want)
		}
		got := [32]byte{1}
		ok := curve.X25519(&got, &scalar, &point)
		want, err = curve25519.X25519(scalar[:], point[:])
		if err != nil { // zeros: it has no other error for 32 bytes
			want = make([]byte, 32)
		}
		if (ok == 1) != (err == nil) || !bytes.Equal(got[:], want) {
			t.Fatalf("%x times %x: %d, %x, want %x, %v", scalar, point, ok, got, want, err)
		}
		return public, err != nil
	}
	r := seeded("x25519")
	for range 200 {
		public, _ := check(random32(r), random32(r))
		check(random32(r), public) // on the curve
	}
	var edges [][32]byte
	add := func(middle *big.Int, distances ...int64) {
		for _, n := range distances {
			edge := encode(new(big.Int).Add(middle, big.NewInt(n)))
			edges = append(edges, edge)
			edge[31] ^= 0x80
			edges = append(edges, edge)
		}
	}
	add(new(big.Int), 0, 1, 2, 8)
	add(prime, -2, -1, 0, 1, 2, 18)
	add(order, -1, 0, 1)
	add(number("325606250916557431795983626356110631294008115727848805560023387167927233504"), 0) // of order 8
	add(number("39382357235489614581723060781553021112529911719440698176882885853963445705823"), 0)
	scalars, forced := edges, 0
	if testing.Short() {
		scalars = edges[:9]
	}
	for _, point := range edges {
		for _, scalar := range scalars {
			if _, f := check(scalar, point); f {
				forced++
			}
		}
	}
	if want := 2 * 7 * len(scalars); forced != want { // 0, 1, -1, 0 and 1 again, and the two of order 8
		t.Errorf("%d secrets are forced, want %d", forced, want)
	}
}

// The scalars at the ends, where the digits of the base-point multiplication carry.
func TestPublicKeyEdges(t *testing.T) {
	var base, got, want [32]byte
	base[0] = 9
	for _, x := range []byte{0x00, 0x01, 0x07, 0x08, 0x77, 0x78, 0x7f, 0x80, 0x87, 0x88, 0x8f, 0xf7, 0xf8, 0xff} {
		for n := range 33 {
			var k [32]byte
			for i := range k[:n] {
				k[i] = x
			}
			curve.PublicKey(&got, &k)
			curve.X25519(&want, &k, &base)
			if got != want {
				t.Errorf("%x: %x, want %x", k, got, want)
			}
		}
	}
}

// The points of low order, and what is congruent to them, RFC 7748 section 6.1 and cr.yp.to/ecdh.html.
func TestX25519LowOrder(t *testing.T) {
	r := seeded("low order")
	order8 := number("325606250916557431795983626356110631294008115727848805560023387167927233504")
	other8 := number("39382357235489614581723060781553021112529911719440698176882885853963445705823")
	minusOne := new(big.Int).Sub(prime, big.NewInt(1))
	for _, u := range []*big.Int{big.NewInt(0), big.NewInt(1), order8, other8, minusOne} {
		for range 2 {
			if u.BitLen() > 255 {
				break
			}
			point := encode(u)
			for _, top := range []byte{0, 0x80} {
				point[31] ^= top
				scalar := random32(r)
				out := scalar
				if ok := curve.X25519(&out, &scalar, &point); ok != 0 || out != [32]byte{} {
					t.Errorf("%x: %d, %x", point, ok, out)
				}
				if !curve.LowOrderMontgomery(&point) {
					t.Errorf("%x is not of low order", point)
				}
			}
			u = new(big.Int).Add(u, prime)
		}
	}
}

// What is not of low order is not taken for it: neighbours of the points that are, and random ones.
func TestNotOfLowOrder(t *testing.T) {
	r := seeded("not of low order")
	var points [][32]byte
	for _, n := range []string{
		"2", "9", "325606250916557431795983626356110631294008115727848805560023387167927233503",
		"325606250916557431795983626356110631294008115727848805560023387167927233505",
		"39382357235489614581723060781553021112529911719440698176882885853963445705822",
		"39382357235489614581723060781553021112529911719440698176882885853963445705824",
	} {
		points = append(points, encode(number(n)), encode(new(big.Int).Sub(prime, number("2"))))
	}
	for n := int64(2); n < 19; n++ { // encodings that are not canonical, of points that are good
		points = append(points, encode(new(big.Int).Add(prime, big.NewInt(n))))
	}
	for range 100 {
		points = append(points, random32(r))
	}
	for _, point := range points {
		scalar := random32(r)
		out := scalar
		if ok := curve.X25519(&out, &scalar, &point); ok != 1 || curve.LowOrderMontgomery(&point) {
			t.Errorf("%x: X25519 says %d, LowOrderMontgomery %v", point, ok, curve.LowOrderMontgomery(&point))
		}
	}
}

func TestCanonicalMontgomery(t *testing.T) {
	for d := int64(-300); d < 19; d++ {
		u := encode(new(big.Int).Add(prime, big.NewInt(d)))
		if got := curve.CanonicalMontgomery(&u); got != (d < 0) {
			t.Errorf("p%+d: %v", d, got)
		}
		u[31] |= 0x80
		if curve.CanonicalMontgomery(&u) {
			t.Errorf("p%+d with the top bit: canonical", d)
		}
	}
	r := seeded("canonical")
	for range 300 {
		u := random32(r)
		for i := range u[:] { // mostly ones
			if u[i]&0x38 != 0 {
				u[i] = 0xff
			}
		}
		want := decode(u[:]).Cmp(prime) < 0
		if got := curve.CanonicalMontgomery(&u); got != want {
			t.Errorf("%x: %v", u, got)
		}
	}
}

func TestX25519Aliasing(t *testing.T) {
	r := seeded("x25519 aliasing")
	for range 10 {
		scalar, point := random32(r), random32(r)
		var want, pub, both [32]byte
		curve.X25519(&want, &scalar, &point)
		curve.X25519(&both, &scalar, &scalar)
		curve.PublicKey(&pub, &scalar)

		a, b := scalar, point
		curve.X25519(&a, &a, &b)
		if a != want || b != point {
			t.Error("out = scalar")
		}
		a = scalar
		curve.X25519(&b, &a, &b)
		if b != want || a != scalar {
			t.Error("out = point")
		}
		curve.X25519(&a, &a, &a)
		if a != both {
			t.Error("all three")
		}
		a = scalar
		curve.PublicKey(&a, &a)
		if a != pub {
			t.Error("public key")
		}
	}
}
