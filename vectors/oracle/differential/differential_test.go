package differential

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "seed of the schedule; 0 draws one")
	stepsFlag = flag.Int("steps", 100_000, "steps of the schedule")
)

// stepsPerWorld is how long one set of people lives: long enough for chains to be forgotten, short
// enough that many lives are tried.
const stepsPerWorld = 2_000

func TestDifferential(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d (go test -run TestDifferential ./differential -seed %d)", seed, seed)
	count := map[string]int{}
	for done, round := 0, uint64(0); done < *stepsFlag; done, round = done+stepsPerWorld, round+1 {
		choices := rand.New(rand.NewPCG(seed, round))
		var material [16]byte
		binary.BigEndian.PutUint64(material[:], seed)
		binary.BigEndian.PutUint64(material[8:], round)
		w := newWorld(t, fmt.Sprintf("seed %d, world %d", seed, round), sha256.Sum256(material[:]), choices.IntN, count)
		w.run(stepsPerWorld)
		w.free()
	}
	var lines []string
	for line := range count {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	for _, line := range lines {
		t.Logf("%7d %s", count[line], line)
	}
	// A schedule that never gets to what matters would show nothing.
	for _, line := range []string{
		"decrypt: success", "decrypt: BAD_MESSAGE_MAC", "accept: success", "accept: BAD_MESSAGE_KEY_ID", "sessions alike",
		"sessions that keep more keys in the Go API", "late messages that only the Go API has keys for",
		"changes that libolm does not notice", "group decrypt: success", "group decrypt: BAD_SIGNATURE",
		"group decrypt: UNKNOWN_MESSAGE_INDEX", "export: success", "export: UNKNOWN_MESSAGE_INDEX", "join: BAD_SIGNATURE",
	} {
		if *stepsFlag >= 100_000 && count[line] < 20 {
			t.Errorf("%q happened %d times only", line, count[line])
		}
	}
}

// FuzzDifferential runs a schedule that the fuzzer writes: every choice is two bytes of it.
func FuzzDifferential(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{10, 100, 1000} {
		program := make([]byte, 2*n)
		for i := range program {
			program[i] = byte(rng.Uint32())
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 4096 {
			program = program[:4096]
		}
		rest := program
		choose := func(n int) int {
			if len(rest) < 2 {
				rest = nil
				return 0
			}
			x := int(binary.BigEndian.Uint16(rest))
			rest = rest[2:]
			return x % n
		}
		w := newWorld(t, "fuzz", sha256.Sum256(program), choose, map[string]int{})
		defer w.free()
		for len(rest) > 0 {
			w.run(1)
		}
	})
}
