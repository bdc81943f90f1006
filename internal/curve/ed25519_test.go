package curve_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"

	"filippo.io/edwards25519"

	"github.com/karst-im/karst/internal/curve"
)

// RFC 8032 section 7.1: TEST 1, 2, 3 and SHA(abc).
func TestEd25519RFC8032(t *testing.T) {
	for _, v := range []struct{ seed, pub, msg, sig string }{
		{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
			"",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
		{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
			"72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
		{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
			"af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
		{"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
			"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
			"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
	} {
		seed, msg := hex32(v.seed), unhex(v.msg)
		var pub [32]byte
		var sk, sig [64]byte
		curve.ExpandSeed(&sk, &seed)
		curve.PublicFromExpanded(&pub, &sk)
		curve.Sign(&sig, &sk, &pub, msg)
		if pub != hex32(v.pub) || sig != hex64(v.sig) {
			t.Errorf("%s: %x %x", v.seed, pub, sig)
		}
		if !curve.Verify(&pub, msg, &sig) || !curve.ValidPublic(&pub) {
			t.Errorf("%s: refused", v.seed)
		}
	}
}

func TestEd25519Wycheproof(t *testing.T) {
	w := readWycheproof(t, "ed25519_test.json")
	n := 0
	var all []verdict
	for _, g := range w.TestGroups {
		for _, v := range g.Tests {
			n++
			b := unhex(v.Sig)
			if len(b) != 64 { // can't be expressed here
				if v.Result == "valid" {
					t.Errorf("%d: a valid signature of %d bytes", v.ID, len(b))
				}
				continue
			}
			all = append(all, verdict{fmt.Sprint(v.ID, " ", v.Comment), unhex(g.PublicKey.PK), unhex(v.Msg), b, v.Result == "valid"})
		}
	}
	if valid := onEveryPath(t, all); n != w.NumberOfTests || valid < 60 {
		t.Errorf("%d cases, %d accepted, the file has %d", n, valid, w.NumberOfTests)
	}
}

func TestEd25519Standard(t *testing.T) {
	r := seeded("ed25519")
	for i := range 300 {
		seed := random32(r)
		msg := make([]byte, i)
		r.Read(msg)
		std := ed25519.NewKeyFromSeed(seed[:])
		var pub [32]byte
		var sk, sig [64]byte
		curve.ExpandSeed(&sk, &seed)
		h := sha512.Sum512(seed[:])
		if !bytes.Equal(sk[32:], h[32:]) || sk[0] != h[0]&248 || sk[31] != h[31]&63|64 || !bytes.Equal(sk[1:31], h[1:31]) {
			t.Fatalf("expanded key of %x: %x", seed, sk)
		}
		curve.PublicFromExpanded(&pub, &sk)
		if !bytes.Equal(pub[:], std.Public().(ed25519.PublicKey)) {
			t.Fatalf("public key of %x: %x", seed, pub)
		}
		curve.Sign(&sig, &sk, &pub, msg)
		if !bytes.Equal(sig[:], ed25519.Sign(std, msg)) {
			t.Fatalf("signature with %x: %x", seed, sig)
		}
		if !curve.Verify(&pub, msg, &sig) || !curve.ValidPublic(&pub) {
			t.Fatalf("%x: refused", seed)
		}

		// vodozemac writes the expanded key as it leaves the hash. It is the same key.
		var pub2 [32]byte
		var sig2 [64]byte
		curve.PublicFromExpanded(&pub2, &h)
		curve.Sign(&sig2, &h, &pub, msg)
		if pub2 != pub || sig2 != sig {
			t.Fatalf("unclamped %x: %x %x", h, pub2, sig2)
		}
	}
}

// Any 64 bytes are a key, and its signatures verify, also where the scalar is a multiple of L or all ones.
func TestEd25519AnyExpandedKey(t *testing.T) {
	var keys [][64]byte
	for _, x := range []byte{0, 0xff, 0x88, 0x77} {
		var sk [64]byte
		for i := range sk[:] {
			sk[i] = x
		}
		keys = append(keys, sk)
	}
	for m := int64(0); m < 16; m++ {
		e := encode(new(big.Int).Mul(order, big.NewInt(m)))
		var sk [64]byte
		copy(sk[:], e[:])
		keys = append(keys, sk)
	}
	for _, sk := range keys {
		before := sk
		var pub [32]byte
		var sig [64]byte
		curve.PublicFromExpanded(&pub, &sk)
		curve.Sign(&sig, &sk, &pub, []byte("message"))
		if !curve.Verify(&pub, []byte("message"), &sig) || !ed25519.Verify(pub[:], []byte("message"), sig[:]) {
			t.Errorf("%x: refused", sk)
		}
		if sk != before {
			t.Errorf("%x: changed", before)
		}
	}
}

func TestVerifyFlips(t *testing.T) {
	seed := [32]byte{1}
	msg := []byte("flip every bit of me")
	var pub [32]byte
	var sk, sig [64]byte
	curve.ExpandSeed(&sk, &seed)
	curve.PublicFromExpanded(&pub, &sk)
	curve.Sign(&sig, &sk, &pub, msg)
	for _, b := range [][]byte{pub[:], msg, sig[:]} {
		for i := range 8 * len(b) {
			b[i>>3] ^= 1 << (i & 7)
			if curve.Verify(&pub, msg, &sig) {
				t.Errorf("bit %d of %d accepted", i, 8*len(b))
			}
			b[i>>3] ^= 1 << (i & 7)
		}
	}
	for i := range msg {
		if curve.Verify(&pub, msg[:i], &sig) {
			t.Errorf("message cut to %d accepted", i)
		}
	}
	if !curve.Verify(&pub, msg, &sig) {
		t.Error("refused")
	}
}

func TestVerifyMalleableS(t *testing.T) {
	seed := [32]byte{2}
	var pub [32]byte
	var sk, sig [64]byte
	curve.ExpandSeed(&sk, &seed)
	curve.PublicFromExpanded(&pub, &sk)
	curve.Sign(&sig, &sk, &pub, nil)
	s := decode(sig[32:])
	for m := int64(1); m < 15; m++ { // as long as it fits
		e := encode(new(big.Int).Add(s, new(big.Int).Mul(order, big.NewInt(m))))
		bad := sig
		copy(bad[32:], e[:])
		if curve.Verify(&pub, nil, &bad) {
			t.Errorf("S + %dL accepted", m)
		}
	}

	// With R = SB and k = 0 the equation would hold for these S, if they were not refused.
	for d := int64(-2); d <= 2; d++ {
		e := encode(new(big.Int).Add(order, big.NewInt(d)))
		var sig [64]byte
		sig[0] = 1
		copy(sig[32:], e[:])
		if curve.Verify(&pub, nil, &sig) {
			t.Errorf("S = L%+d accepted", d)
		}
	}
}

// Small order.

// torsion has the encodings of the eight points whose order divides 8, in the order of the multiples of
// the first.
func torsion(t *testing.T) (all [8]*edwards25519.Point) {
	p, err := new(edwards25519.Point).SetBytes(unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
	if err != nil {
		t.Fatal(err)
	}
	all[0] = edwards25519.NewIdentityPoint()
	for i := 1; i < 8; i++ {
		all[i] = new(edwards25519.Point).Add(all[i-1], p)
	}
	if new(edwards25519.Point).Add(all[7], p).Equal(all[0]) != 1 || all[4].Equal(all[0]) == 1 {
		t.Fatal("not of order 8")
	}
	return all
}

// nonCanonical has every encoding that decoders without a check take for another one: y from p to 2^255-1,
// and x = 0 with a sign.
func nonCanonical() (all [][32]byte) {
	for d := int64(0); d < 19; d++ {
		e := encode(new(big.Int).Add(prime, big.NewInt(d)))
		all = append(all, e)
		e[31] |= 0x80
		all = append(all, e)
	}
	for _, y := range []*big.Int{big.NewInt(1), new(big.Int).Sub(prime, big.NewInt(1))} {
		e := encode(y)
		e[31] |= 0x80
		all = append(all, e)
	}
	return all
}

func scalarOf(n uint64) *edwards25519.Scalar {
	var b [64]byte
	binary.LittleEndian.PutUint64(b[:], n)
	s, err := edwards25519.NewScalar().SetUniformBytes(b[:])
	if err != nil {
		panic(err)
	}
	return s
}

func challenge(R, A, msg []byte) *edwards25519.Scalar {
	h := sha512.New()
	h.Write(R)
	h.Write(A)
	h.Write(msg)
	k, err := edwards25519.NewScalar().SetUniformBytes(h.Sum(nil))
	if err != nil {
		panic(err)
	}
	return k
}

// forge looks for a message under which the signature satisfies the equation as crypto/ed25519 checks it.
func forge(t *testing.T, pub []byte, sign func(msg []byte) []byte) (msg []byte, sig [64]byte) {
	t.Helper()
	for i := range uint32(1000) {
		msg = binary.BigEndian.AppendUint32(nil, i)
		s := sign(msg)
		if ed25519.Verify(pub, msg, s) {
			return msg, [64]byte(s)
		}
	}
	t.Fatalf("%x: no forgery found", pub)
	return
}

func TestSmallOrderPublicKey(t *testing.T) {
	var keys [][]byte
	for _, p := range torsion(t) {
		keys = append(keys, p.Bytes())
	}
	for _, e := range nonCanonical() {
		p, err := new(edwards25519.Point).SetBytes(e[:])
		if err == nil && new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
			keys = append(keys, bytes.Clone(e[:]))
		}
	}
	if len(keys) != 14 { // the list of the 14 is well known
		t.Errorf("%d encodings of points of small order", len(keys))
	}
	s := scalarOf(123456789)
	R := new(edwards25519.Point).ScalarBaseMult(s).Bytes()
	for _, key := range keys {
		pub := [32]byte(key)
		if curve.ValidPublic(&pub) {
			t.Errorf("%x: valid", key)
		}
		// Nobody's signature: R = SB holds whenever kA is neutral.
		msg, sig := forge(t, key, func([]byte) []byte { return append(bytes.Clone(R), s.Bytes()...) })
		if curve.Verify(&pub, msg, &sig) {
			t.Errorf("%x: forgery accepted", key)
		}
	}
}

func TestSmallOrderR(t *testing.T) {
	all := torsion(t)
	a := scalarOf(987654321)
	aB := new(edwards25519.Point).ScalarBaseMult(a)
	for i, R := range all {
		// A has a part of order 8, so that SB - kA is any of the eight for S = ka.
		A := new(edwards25519.Point).Add(aB, all[1]).Bytes()
		pub := [32]byte(A)
		if !curve.ValidPublic(&pub) {
			t.Fatal("a point of mixed order refused")
		}
		msg, sig := forge(t, A, func(msg []byte) []byte {
			s := edwards25519.NewScalar().Multiply(challenge(R.Bytes(), A, msg), a)
			return append(bytes.Clone(R.Bytes()), s.Bytes()...)
		})
		if curve.Verify(&pub, msg, &sig) {
			t.Errorf("R = %d: accepted", i)
		}
	}
	// The control: the same A, and an R that is not of small order.
	A := new(edwards25519.Point).Add(aB, all[1]).Bytes()
	pub := [32]byte(A)
	r := scalarOf(5)
	R := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
	msg, sig := forge(t, A, func(msg []byte) []byte {
		s := edwards25519.NewScalar().MultiplyAdd(challenge(R, A, msg), a, r)
		return append(bytes.Clone(R), s.Bytes()...)
	})
	if !curve.Verify(&pub, msg, &sig) {
		t.Error("the control was refused")
	}
}

func TestNonCanonical(t *testing.T) {
	onCurve := 0
	for _, e := range nonCanonical() {
		if curve.ValidPublic(&e) {
			t.Errorf("%x: valid", e)
		}
		if _, err := new(edwards25519.Point).SetBytes(e[:]); err == nil {
			onCurve++
		}
		var sig [64]byte
		if curve.Verify(&e, nil, &sig) {
			t.Errorf("%x: accepted", e)
		}
		copy(sig[:], e[:])
		if pub := [32]byte(edwards25519.NewGeneratorPoint().Bytes()); curve.Verify(&pub, nil, &sig) {
			t.Errorf("R = %x: accepted", e)
		}
	}
	if onCurve < 20 {
		t.Errorf("only %d of the encodings would decode", onCurve)
	}
}

func TestValidPublic(t *testing.T) {
	r := seeded("valid public")
	valid := 0
	check := func(e [32]byte) {
		p, err := new(edwards25519.Point).SetBytes(e[:])
		want := err == nil && bytes.Equal(p.Bytes(), e[:]) &&
			new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 0
		if got := curve.ValidPublic(&e); got != want {
			t.Errorf("%x: %v", e, got)
		}
		if want {
			valid++
		}
	}
	for range 500 {
		check(random32(r))
	}
	for y := int64(0); y < 100; y++ {
		for _, a := range []*big.Int{big.NewInt(y), new(big.Int).Sub(prime, big.NewInt(y+1))} {
			e := encode(a)
			check(e)
			e[31] |= 0x80
			check(e)
		}
	}
	if valid < 300 {
		t.Errorf("only %d valid ones", valid)
	}
}

func TestEd25519Aliasing(t *testing.T) {
	r := seeded("ed25519 aliasing")
	for range 5 {
		seed := random32(r)
		msg := make([]byte, 200)
		r.Read(msg)
		var pub [32]byte
		var sk, sig [64]byte
		curve.ExpandSeed(&sk, &seed)
		curve.PublicFromExpanded(&pub, &sk)
		curve.Sign(&sig, &sk, &pub, msg)

		for off := 0; off <= 32; off += 8 {
			var b [64]byte
			copy(b[off:], seed[:])
			curve.ExpandSeed(&b, (*[32]byte)(b[off:]))
			if b != sk {
				t.Errorf("seed at %d of sk", off)
			}
			b = sk
			curve.PublicFromExpanded((*[32]byte)(b[off:]), &b)
			if [32]byte(b[off:]) != pub {
				t.Errorf("pub at %d of sk", off)
			}
			copy(b[off:], pub[:])
			curve.Sign(&b, &sk, (*[32]byte)(b[off:]), msg)
			if b != sig {
				t.Errorf("pub at %d of sig", off)
			}
			m := bytes.Clone(msg)
			curve.Sign((*[64]byte)(m[off:]), &sk, &pub, m)
			if [64]byte(m[off:]) != sig {
				t.Errorf("sig at %d of the message", off)
			}
		}
		b := sk
		curve.Sign(&b, &b, &pub, msg)
		if b != sig {
			t.Error("sig = sk")
		}
		s, p, m := sig, pub, hex.EncodeToString(msg)
		if !curve.Verify(&p, msg, &s) || s != sig || p != pub || m != hex.EncodeToString(msg) {
			t.Error("Verify changed an input")
		}
	}
}
