package ratchet

import (
	"slices"
	"testing"
)

// TestGrown: with room enough the storage stays. Without it the keys move, some entries are added to what is wanted, and
// nothing is left behind.
func TestGrown(t *testing.T) {
	for have := range MaxSkipped + 1 {
		for want := range MaxSkipped + 1 {
			keys := make([]SkippedKey, have)
			for i := range keys {
				keys[i] = SkippedKey{key: [32]byte{byte(i), 1}, index: uint32(i), chain: 7}
			}
			before := slices.Clone(keys)
			grown := Grown(keys, want)
			if want <= have {
				if len(grown) != have || have > 0 && &grown[0] != &keys[0] || !slices.Equal(keys, before) {
					t.Fatalf("%d for %d keys: not what they were", have, want)
				}
				continue
			}
			if n := len(grown); n < want || n >= want+8 || n > MaxSkipped || want < MaxSkipped-8 && n%8 != 0 {
				t.Fatalf("%d for %d keys: %d", have, want, n)
			}
			if !slices.Equal(grown[:have], before) || !slices.Equal(grown[have:], make([]SkippedKey, len(grown)-have)) {
				t.Fatalf("%d for %d keys: others", have, want)
			}
			if !slices.Equal(keys, make([]SkippedKey, have)) {
				t.Fatalf("%d for %d keys: the old ones are left", have, want)
			}
		}
	}
}
