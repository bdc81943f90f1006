package kdf

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"testing"

	"golang.org/x/crypto/hkdf"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/testkit"
)

// TestHKDFEqualsXCrypto compares with golang.org/x/crypto, which expands by code of its own: at the lengths where blocks
// begin and end, with inputs of one byte repeated and of random ones, and at random lengths.
func TestHKDFEqualsXCrypto(t *testing.T) {
	edges := []int{0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 96, 127, 128, 129}
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		check := func(ikm, salt, info []byte, n int) {
			t.Helper()
			want, got := make([]byte, n), make([]byte, n)
			if _, err := io.ReadFull(hkdf.New(sha256.New, ikm, salt, info), want); err != nil {
				t.Fatal(err)
			}
			var key Midstate
			key.SetKey(salt)
			key.extract(&key, ikm)
			key.expand(got, info)
			testkit.Equal(t, want, got)
			switch len(salt) {
			case 0:
				HKDF(got, nil, ikm, info)
			case hashLen:
				HKDF(got, (*[hashLen]byte)(salt), ikm, info)
			default:
				return
			}
			testkit.Equal(t, want, got)
		}
		for _, fill := range []byte{0, 0x36, 0x5c, 0xff} { // the bytes of HMAC's pads among them
			for _, n := range edges {
				p := bytes.Repeat([]byte{fill}, n)
				check(p, p, p, max(n, 1))
				check(p, nil, p, 80)
				check(p, bytes.Repeat([]byte{fill}, hashLen), p, MaxHKDF-n)
			}
		}
		for _, n := range edges {
			for _, m := range edges {
				check(testkit.Random(rng, n), testkit.Random(rng, hashLen), testkit.Random(rng, m), 1+n)
			}
		}
		for i := range 300 {
			salt := testkit.Random(rng, []int{0, hashLen, rng.IntN(150)}[i%3])
			check(testkit.Random(rng, rng.IntN(300)), salt, testkit.Random(rng, rng.IntN(100)), 1+rng.IntN(MaxHKDF))
		}
	})
}
