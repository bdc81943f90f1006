package curve_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/testkit"
)

// Helpers.

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func hex32(s string) [32]byte { return [32]byte(unhex(s)) }
func hex64(s string) [64]byte { return [64]byte(unhex(s)) }

// seeded returns the same random bytes in every run.
func seeded(name string) *rand.ChaCha8 { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

func random32(r *rand.ChaCha8) (b [32]byte) { r.Read(b[:]); return }

// encode is the little-endian encoding of a number below 2^256.
func encode(a *big.Int) (b [32]byte) {
	var be [32]byte
	a.FillBytes(be[:])
	for i, x := range be {
		b[31-i] = x
	}
	return
}

func decode(b []byte) *big.Int {
	be := make([]byte, len(b))
	for i, x := range b {
		be[len(b)-1-i] = x
	}
	return new(big.Int).SetBytes(be)
}

func number(s string) *big.Int {
	a, ok := new(big.Int).SetString(strings.ReplaceAll(s, " ", ""), 10)
	if !ok {
		panic(s)
	}
	return a
}

var (
	prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	order = new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 252), number("27742317777372353535851937790883648493"))
)

type wycheproof struct {
	NumberOfTests int
	TestGroups    []struct {
		PublicKey struct{ PK string }
		Tests     []struct {
			ID      int `json:"tcId"`
			Comment string
			Flags   []string
			Result  string

			Public, Private, Shared string // X25519
			Msg, Sig                string // Ed25519
		}
	}
}

func readWycheproof(t *testing.T, name string) (w wycheproof) {
	t.Helper()
	testkit.Wycheproof(t, "../..", name, &w)
	return w
}

// TestAccumulated hashes the results of many operations. The two twins, and every architecture, must arrive
// at the same value.
func TestAccumulated(t *testing.T) {
	n, want := 400, "55070f4032c18323d2f1c4055f7ac2f1b9461ad974565c7afe3205516c5babc7"
	if testing.Short() {
		n, want = 20, "f7ddbcc41df3bc37d9190db10fde5f752dd90e6fdb317badf67909497c90e141"
	}
	r := seeded("accumulated")
	all := sha256.New()
	bit := func(ok bool) {
		if ok {
			all.Write([]byte{1})
		} else {
			all.Write([]byte{0})
		}
	}
	for i := range n {
		scalar, point, seed := random32(r), random32(r), random32(r)
		var pub, shared, edPub [32]byte
		var sk, sig [64]byte

		curve.PublicKey(&pub, &scalar)
		all.Write(pub[:])
		for range 4 { // half of all points are on the twist
			all.Write([]byte{byte(curve.X25519(&shared, &scalar, &point))})
			all.Write(shared[:])
			bit(curve.CanonicalMontgomery(&point))
			bit(curve.ValidPublic(&point))
			point[i&31]++
		}

		if i&1 == 0 {
			curve.ExpandSeed(&sk, &seed)
		} else {
			r.Read(sk[:]) // what a hostile pickle may hold
		}
		curve.PublicFromExpanded(&edPub, &sk)
		msg := make([]byte, i)
		r.Read(msg)
		curve.Sign(&sig, &sk, &edPub, msg)
		all.Write(edPub[:])
		all.Write(sig[:])
		if !curve.Verify(&edPub, msg, &sig) {
			t.Fatalf("%d: own signature refused", i)
		}
		flip := binary.LittleEndian.Uint16(seed[:]) & 511
		sig[flip>>3] ^= 1 << (flip & 7)
		if curve.Verify(&edPub, msg, &sig) {
			t.Fatalf("%d: signature with bit %d flipped accepted", i, flip)
		}
		bit(curve.Verify(&point, msg, &sig))
	}
	if got := hex.EncodeToString(all.Sum(nil)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Benchmarks.

func BenchmarkX25519(b *testing.B) {
	var k, u [32]byte
	k[0], u[0] = 9, 9
	for b.Loop() {
		curve.X25519(&u, &k, &u)
	}
}

func BenchmarkPublicKey(b *testing.B) {
	var k [32]byte
	for b.Loop() {
		curve.PublicKey(&k, &k)
	}
}

func BenchmarkExpandSeed(b *testing.B) {
	var sk [64]byte
	for b.Loop() {
		curve.ExpandSeed(&sk, (*[32]byte)(sk[:32]))
	}
}

func BenchmarkPublicFromExpanded(b *testing.B) {
	var pub [32]byte
	var sk [64]byte
	for b.Loop() {
		curve.PublicFromExpanded(&pub, &sk)
	}
}

func BenchmarkSign(b *testing.B) {
	var pub [32]byte
	var sk, sig [64]byte
	msg := make([]byte, 256)
	curve.PublicFromExpanded(&pub, &sk)
	for b.Loop() {
		curve.Sign(&sig, &sk, &pub, msg)
	}
}

func BenchmarkVerify(b *testing.B) {
	var pub [32]byte
	var sk, sig [64]byte
	msg := make([]byte, 256)
	curve.PublicFromExpanded(&pub, &sk)
	curve.Sign(&sig, &sk, &pub, msg)
	for b.Loop() {
		if !curve.Verify(&pub, msg, &sig) {
			b.Fatal("refused")
		}
	}
}

func BenchmarkValidPublic(b *testing.B) {
	var pub [32]byte
	var sk [64]byte
	curve.PublicFromExpanded(&pub, &sk)
	for b.Loop() {
		curve.ValidPublic(&pub)
	}
}
