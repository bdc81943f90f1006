//go:build !purego

package curve

import (
	"crypto/ed25519"
	"fmt"
	"sync"
	"testing"
)

var equations = map[string]func(R, s *[32]byte, k *sc, A *[32]byte) bool{
	"chosen": equationVarTime,
	"halves": func(R, s *[32]byte, k *sc, A *[32]byte) bool {
		var kb [32]byte
		scBytes(&kb, k)
		return equationByHalvesVarTime(R, s, &kb, A)
	},
	"table": func(R, s *[32]byte, k *sc, A *[32]byte) bool {
		var kb [32]byte
		scBytes(&kb, k)
		return equationKnownVarTime(R, s, &kb, newKnownKey(A))
	},
}

func TestKnownKeys(t *testing.T) {
	var keys knownKeys
	encoded := func(n int) *[32]byte {
		var p point
		b := [32]byte{7}
		for ; ; b[8]++ { // y in the same place, on the curve
			b[12] = byte(n)
			if pointSetBytesVarTime(&p, &b) {
				return &b
			}
		}
	}
	a, b := encoded(1), encoded(2)
	for i, step := range []struct {
		key   *[32]byte
		found bool
	}{
		{a, false}, {a, false}, {b, false}, {a, false}, {b, false}, {b, false}, // never three times in a row
		{b, true}, {b, true},
		{a, false}, {b, true}, {a, false}, {b, true}, {a, true}, // a took the place: b's visits in between found its own table
		{b, false}, {b, false}, {a, true}, {b, true}, {a, false},
	} {
		k := keys.find(step.key)
		if (k != nil) != step.found || k != nil && k.key != *step.key {
			t.Fatalf("step %d: %v", i, k != nil)
		}
	}

	off := *a
	var p point
	for ; pointSetBytesVarTime(&p, &off); off[9]++ {
	}
	for range 3 {
		if keys.find(&off) != nil {
			t.Fatal("a table for no point")
		}
	}
}

// Many goroutines verify with keys that take each other's places.
func TestKnownKeysConcurrently(t *testing.T) {
	type signed struct {
		pub, message []byte
		sig          [64]byte
	}
	var all []signed
	for i := range 600 {
		seed := make([]byte, 32)
		seed[0], seed[1] = byte(i), byte(i>>8)
		key := ed25519.NewKeyFromSeed(seed)
		message := fmt.Append(nil, "message", i)
		all = append(all, signed{key.Public().(ed25519.PublicKey), message, [64]byte(ed25519.Sign(key, message))})
	}
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for n := range rounds * len(all) {
				s := all[(n/2*(2*g+1))%len(all)]
				sig := s.sig
				if n%3 == 0 {
					sig[n%32] ^= 1
				}
				if Verify((*[32]byte)(s.pub), s.message, &sig) != (n%3 != 0) {
					t.Errorf("signature %d", n)
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkVerifyWays(b *testing.B) {
	seed := make([]byte, 32)
	key := ed25519.NewKeyFromSeed(seed)
	pub := (*[32]byte)(key.Public().(ed25519.PublicKey))
	sig := [64]byte(ed25519.Sign(key, nil))
	var kb [32]byte
	var h [64]byte
	var k sc
	sum512(&h, sig[:32], pub[:], nil)
	scReduce(&k, &h)
	scBytes(&kb, &k)
	R, s := (*[32]byte)(sig[:32]), (*[32]byte)(sig[32:])
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			if !equationByHalvesVarTime(R, s, &kb, pub) {
				b.Fatal("no")
			}
		}
	})
	table := newKnownKey(pub)
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			if !equationKnownVarTime(R, s, &kb, table) {
				b.Fatal("no")
			}
		}
	})
	b.Run("table", func(b *testing.B) {
		for b.Loop() {
			table = newKnownKey(pub)
		}
	})
	b.Run("crypto-ed25519", func(b *testing.B) {
		for b.Loop() {
			ed25519.Verify(pub[:], nil, sig[:])
		}
	})
}
