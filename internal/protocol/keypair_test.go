package protocol

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// TestSeedsInPickles reads signing keys as goolm wrote them up to mautrix 0.20: Go's private key, which is the seed
// and the public key. What only looks like one is left as it is, and does not fit its public key.
func TestSeedsInPickles(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	for i := range 50 {
		private := ed25519.NewKeyFromSeed(testkit.Random(rng, 32))
		public := private[32:]
		read := func(public, private []byte) (k signingPair) {
			r := wire.NewReader(append(bytes.Clone(public), private...))
			k.unpickle(&r)
			return k
		}
		k := read(public, private)
		var sig [64]byte
		k.sign(&sig, []byte("message"))
		if want := ed25519.Sign(private, []byte("message")); k.check() != errcode.OK || !bytes.Equal(sig[:], want) {
			t.Fatalf("code %d, signature %x, want %x", k.check(), sig, want)
		}

		_, expanded := expand(private.Seed())
		if k := read(public, expanded); !bytes.Equal(k.private[:], expanded) || k.check() != errcode.OK {
			t.Error("an expanded key is changed")
		}
		for _, at := range []int{i % 32, 32 + i%32} { // in the seed, or in the public key behind it
			other := bytes.Clone(private)
			other[at] ^= 1
			if k := read(public, other); !bytes.Equal(k.private[:], other) || k.check() != errcode.KeyPairMismatch {
				t.Errorf("with byte %d changed the key is another, or code %d", at, k.check())
			}
		}
	}
	var zero signingPair // of an account that was never created
	if zero.expandSeed(); zero != (signingPair{}) {
		t.Error("a pair of zeros is changed")
	}
}
