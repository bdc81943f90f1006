package ratchet

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// listed is an entry of a list in a pickle: of a receiving chain, or of a skipped key.
type listed struct {
	chain int // 0 is the newest
	key   []byte
	index uint32
}

// lists writes a ratchet with the given lists, in which a chain's ratchet key begins with its number.
func lists(chains, skipped []listed) []byte {
	var b []byte
	number := func(n int) { b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n)) }
	b = append(b, bytes.Repeat([]byte{0xaa}, 32)...)
	number(1)
	b = append(b, bytes.Repeat([]byte{0xbb}, 96)...)
	number(7)
	for _, list := range [][]listed{chains, skipped} {
		number(len(list))
		for _, l := range list {
			theirs := make([]byte, 32)
			theirs[0], theirs[1], theirs[31] = byte(l.chain), byte(l.chain>>8), 1
			b = append(append(b, theirs...), l.key...)
			number(int(l.index))
		}
	}
	return b
}

// TestUnpickleTooMuch reads lists such as goolm wrote up to mautrix 0.26, which kept every chain and every
// skipped key, and moved the last one into the place of one that was used; and longer ones.
func TestUnpickleTooMuch(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 21))
	for _, nChains := range []int{1, 2, 5, 6, 12, 1000} {
		var chains []listed
		for c := range nChains {
			chains = append(chains, listed{c, testkit.Random(rng, 32), 10_000})
		}
		for _, perChain := range []int{0, 1, 8, 9, 39, 40, 41, 300, 2000} {
			if nChains*perChain > 12_000 {
				continue
			}
			var all []listed // the newest first
			for c := range nChains {
				for i := range perChain {
					all = append(all, listed{c, testkit.Random(rng, 32), uint32(3 * (perChain - i))})
				}
			}
			all = append(all, listed{nChains, testkit.Random(rng, 32), 1}, listed{nChains + 1, testkit.Random(rng, 32), 1})
			oldestFirst := slices.Clone(all)
			slices.Reverse(oldestFirst)
			mixed := slices.Clone(all)
			rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			used := slices.Clone(oldestFirst)
			for range len(used) / 3 { // as goolm removes
				used[rng.IntN(len(used))] = used[len(used)-1]
				used = used[:len(used)-1]
			}
			for name, list := range map[string][]listed{"newest first": all, "oldest first": oldestFirst, "in no order": mixed, "used": used} {
				for _, libolm := range []bool{false, true} {
					t.Run(fmt.Sprintf("%d chains of %d, %s, libolm %v", nChains, perChain, name, libolm), func(t *testing.T) {
						testTooMuch(t, chains, list, libolm)
					})
				}
			}
		}
	}
}

func testTooMuch(t *testing.T, chains, list []listed, libolm bool) {
	s := newSide(libolm)
	code, left := unpickle(s, lists(chains, list), wire.Tolerance(libolm))
	if code != errcode.OK || left != 0 {
		t.Fatalf("code %d, %d bytes left", code, left)
	}
	chains = chains[:min(5, len(chains))]
	if s.d.ReceivingChains() != len(chains) {
		t.Fatalf("%d chains", s.d.ReceivingChains())
	}
	for i, c := range chains {
		if !bytes.Equal(s.d.receiving[i].key[:], c.key) {
			t.Fatalf("chain %d is another one", i)
		}
	}
	want := slices.Clone(list)
	if !libolm || len(list) > 40 {
		want = slices.DeleteFunc(want, func(l listed) bool { return l.chain >= len(chains) })
		// What could be a list of libolm's is in its order, which tells of chains that took turns.
		sorted := slices.Clone(want)
		slices.SortStableFunc(sorted, func(a, b listed) int {
			return cmp.Or(cmp.Compare(a.chain, b.chain), cmp.Compare(b.index, a.index))
		})
		var perChain, last [5]int
		for _, l := range want {
			if n := perChain[l.chain]; n == 40 || n > 0 && last[l.chain] <= int(l.index) {
				want = sorted
				break
			}
			perChain[l.chain]++
			last[l.chain] = int(l.index)
		}
		perChain = [5]int{}
		want = slices.DeleteFunc(want, func(l listed) bool { perChain[l.chain]++; return perChain[l.chain] > 40 })
	}
	if libolm {
		want = want[:min(len(want), 40)]
	} else if n := len(s.s.Keys); n > 200 || n > len(list) {
		t.Fatalf("room for %d keys", n)
	}
	if s.d.Skipped() != len(want) {
		t.Fatalf("%d skipped keys are kept, want %d", s.d.Skipped(), len(want))
	}
	for i, l := range want { // the newest is the last
		k := &s.s.Keys[len(want)-1-i]
		if !bytes.Equal(k.key[:], l.key) || k.index != l.index || s.d.theirs(&s.s, k.chain)[0] != byte(l.chain) {
			t.Fatalf("place %d has index %d, want %d of chain %d", i, k.index, l.index, l.chain)
		}
		if l.chain < len(chains) && s.d.findSkipped(&s.s, s.d.newestChain-uint32(l.chain), l.index) < 0 {
			t.Fatalf("index %d of chain %d is not found", l.index, l.chain)
		}
	}
	for i := len(want); i < len(s.s.Keys); i++ {
		if s.s.Keys[i] != (SkippedKey{}) {
			t.Fatalf("a key behind the last one")
		}
	}
	// What is written now is read as it is, by whichever rules.
	buf := make([]byte, s.d.PickleLen())
	w := wire.NewWriter(buf)
	s.d.Pickle(&w, &s.s)
	for _, rules := range []bool{false, true} {
		again := newSide(rules)
		code, _ := unpickle(again, buf, wire.Tolerance(libolm))
		out := make([]byte, again.d.PickleLen())
		w := wire.NewWriter(out)
		again.d.Pickle(&w, &again.s)
		if code != errcode.OK {
			t.Errorf("code %d", code)
		}
		if rules == libolm {
			testkit.Equal(t, buf, out)
		}
	}
}

// TestChoice compares choices with those of sorting, duplicates included.
func TestChoice(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 23))
	for range 3000 {
		var ch choice
		ch.ordered = true
		var all [MaxReceivingChains][]uint32
		ordered := true
		span := []uint32{3, 50, 1 << 31}[rng.IntN(3)]
		for range rng.IntN(300) {
			c, index := rng.IntN(MaxReceivingChains), rng.Uint32N(span)
			if n := len(all[c]); n > 0 && all[c][n-1] <= index || n >= MaxSkippedPerChain {
				ordered = false
			}
			all[c] = append(all[c], index)
			ch.offer(c, index)
		}
		if ch.ordered != ordered {
			t.Fatalf("in order: %v, of %v", ch.ordered, all)
		}
		room, total := rng.IntN(250), 0
		for c := range all {
			slices.SortFunc(all[c], func(a, b uint32) int { return cmp.Compare(b, a) })
			all[c] = slices.Compact(all[c])
			all[c] = all[c][:min(len(all[c]), MaxSkippedPerChain, room-total)]
			total += len(all[c])
		}
		if n := ch.limit(room); n != total {
			t.Fatalf("%d are chosen, want %d", n, total)
		}
		age := 0
		for c := range all {
			for _, index := range all[c] {
				if ch.age(c, index) != age {
					t.Fatalf("age of %d is %d, want %d", index, ch.age(c, index), age)
				}
				age++
			}
			if ch.age(c, ^uint32(0)) != -1 {
				t.Fatal("what was never offered is chosen")
			}
		}
	}
}
