//go:build !purego

package curve

import (
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/testkit"
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

// forget makes k what it was at the start of the program.
func (k *knownKeys) forget() {
	k.lock.Lock()
	defer k.lock.Unlock()
	k.n.Store(0)
	k.now.Store(0)
	for i := range k.tables[:] {
		k.tables[i].Store(nil)
		k.starts[i].Store(0)
	}
	k.nHeard = 0
}

// keysOfPoints returns encodings of n points that begin with the same 31 bytes but for two.
func keysOfPoints(n int) (all []*[32]byte) {
	var p point
	for i := range 1 << 16 {
		b := [32]byte{7, 29: byte(i), 30: byte(i >> 8)}
		if pointSetBytesVarTime(&p, &b) {
			all = append(all, &b)
		}
		if len(all) == n {
			break
		}
	}
	return all
}

// sign is what Verify does with n valid signatures of a key. It reports whether the last one found a table.
func (k *knownKeys) sign(A *[32]byte, n int) (found bool) {
	for range n {
		t := k.find(A)
		if found = t != nil; found {
			k.used(t)
		} else {
			k.hear(A)
		}
	}
	return found
}

// made returns the tables that there are.
func (k *knownKeys) made() map[*knownKey]bool {
	all := map[*knownKey]bool{}
	for i := range k.n.Load() {
		all[k.tables[i].Load()] = true
	}
	return all
}

// TestKnownKeyNeedsThreeSignatures, and the fourth finds the table of the whole key.
func TestKnownKeyNeedsThreeSignatures(t *testing.T) {
	var k knownKeys
	all := keysOfPoints(20)
	for _, A := range all {
		if k.sign(A, 2); k.find(A) != nil {
			t.Fatal("a table before the third signature")
		}
		k.sign(A, 1)
		if !k.sign(A, 1) {
			t.Fatal("no table after the third signature")
		}
		other := *A
		for i := range 256 {
			other[i>>3] ^= 1 << (i & 7)
			if found := k.find(&other); found != nil && found.key != other {
				t.Errorf("a key that differs in bit %d has its table", i)
			}
			other[i>>3] ^= 1 << (i & 7)
		}
		if found := k.find(&other); found == nil || found.key != *A {
			t.Error("another key's table")
		}
	}
	if n := len(k.made()); n != 20 || k.nHeard != 0 {
		t.Errorf("%d tables, %d keys without", n, k.nHeard)
	}
	for _, A := range all {
		want := newKnownKey(A)
		if got := k.find(A); *got.odd != *want.odd {
			t.Errorf("%x: not its table", *A)
		}
	}
}

// TestKnownKeysTakeTurns: as many keys as there are places get a table. With more that take turns, none is made in
// vain.
func TestKnownKeysTakeTurns(t *testing.T) {
	numbers := []int{2, maxKnown, maxKnown + 1, 2 * maxKnown, 2*maxKnown + 1, 3 * maxKnown, 1000}
	if testing.Short() {
		numbers = numbers[:3]
	}
	for _, n := range numbers {
		var k knownKeys
		all, found := keysOfPoints(n), 0
		round := func() {
			found = 0
			for _, A := range all {
				if k.sign(A, 1) {
					found++
				}
			}
		}
		for range 20 {
			round()
		}
		before := k.made()
		for range 20 {
			round()
		}
		after := k.made()
		for table := range after {
			if len(before) == maxKnown && !before[table] {
				t.Errorf("%d keys: a table was made again", n)
			}
		}
		// Far more than can be told apart hardly ever come three times.
		if want := min(n, maxKnown); n <= 2*maxKnown && (found != want || len(after) != want) {
			t.Errorf("%d keys: %d find a table, of %d", n, found, len(after))
		}
	}
}

// TestKnownKeysMakeWay for those that sign more, and stay if they are used.
func TestKnownKeysMakeWay(t *testing.T) {
	var k knownKeys
	all := keysOfPoints(maxKnown + 3)
	last, further := all[maxKnown-1], all[maxKnown:]
	for _, A := range all[:maxKnown] {
		k.sign(A, timesForPlace)
	}
	before := k.made()
	if len(before) != maxKnown {
		t.Fatalf("%d tables", len(before))
	}
	k.sign(all[0], 1)
	for _, A := range further[:2] { // those of all[1] and all[2]: nobody has used them for longer
		if k.sign(A, 7); k.find(A) != nil {
			t.Fatal("a table before it pays")
		}
		k.sign(A, 1)
		if !k.sign(A, 1) {
			t.Fatal("no table after all")
		}
	}
	for i, A := range all[:maxKnown] {
		if found := k.find(A) != nil; found != (i != 1 && i != 2) {
			t.Errorf("key %d has a table: %v", i, found)
		}
	}
	if n := len(k.made()); n != maxKnown {
		t.Errorf("%d tables", n)
	}

	// All are used while the last one collects its signatures.
	before = k.made()
	for range 10 * timesForExchange {
		k.sign(further[2], 1)
		for table := range before {
			k.used(table)
		}
	}
	if k.find(further[2]) != nil || k.find(last) == nil {
		t.Error("a table that is in use made way")
	}
}

// TestKnownKeysAreFew: in whatever order keys come, there are never more tables than places, and few are made in vain.
func TestKnownKeysAreFew(t *testing.T) {
	numbers, steps := []int{300, 400, 700, 5000}, 20_000
	if testing.Short() {
		numbers, steps = numbers[:1], 4_000
	}
	for _, n := range numbers {
		var k knownKeys
		all, ever := keysOfPoints(n), map[*knownKey]bool{}
		random, without := rand.New(rand.NewPCG(1, uint64(n))), 0
		for range steps {
			if A := all[random.IntN(n)]; !k.sign(A, 1) {
				without++
				if table := k.find(A); table != nil {
					ever[table] = true
				}
			}
			if k.n.Load() > maxKnown || k.nHeard > maxHeard {
				t.Fatalf("%d tables, %d keys without", k.n.Load(), k.nHeard)
			}
		}
		if most := maxKnown + without/timesForExchange; len(ever) > most {
			t.Errorf("%d keys: %d tables, at most %d are allowed", n, len(ever), most)
		}
	}
}

// TestTablesAreSmall: what a key that signs makes a process keep, and what it keeps for all of them.
func TestTablesAreSmall(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	entry := uint64(unsafe.Sizeof(cached{})) // 128 bytes on amd64, 160 elsewhere
	A := keysOfPoints(1)[0]
	for _, table := range []struct {
		name    string
		make    func()
		entries uint64
	}{
		{"a key", func() { newKnownKey(A) }, parts << (widthA - 2)},
		{"the base point", func() { newOddBase() }, parts << (widthB - 2)},
	} {
		if got, most := testkit.Allocated(table.make), entry*table.entries+256; got > most {
			t.Errorf("the table of %s has %d bytes, %d are allowed", table.name, got, most)
		}
	}
}

// TestNoTableForNoPoint: the equation does not hold for such a key. If it did, there would be no table.
func TestNoTableForNoPoint(t *testing.T) {
	var k knownKeys
	var p point
	off := [32]byte{7}
	for pointSetBytesVarTime(&p, &off) {
		off[9]++
	}
	if k.sign(&off, 20) || len(k.made()) != 0 {
		t.Error("a table for no point")
	}
}

type signature struct {
	pub [32]byte
	sig [64]byte
}

// signatures returns what so many keys made of the empty message.
func signatures(n int) (all []signature) {
	for i := range n {
		seed := make([]byte, 32)
		seed[0], seed[1] = byte(i), byte(i>>8)
		key := ed25519.NewKeyFromSeed(seed)
		all = append(all, signature{[32]byte(key.Public().(ed25519.PublicKey)), [64]byte(ed25519.Sign(key, nil))})
	}
	return all
}

// bad returns s with R or S of another signature, which are what a signature may be made of.
func (s signature) bad(other signature, inS bool) signature {
	if inS {
		copy(s.sig[32:], other.sig[32:])
	} else {
		copy(s.sig[:32], other.sig[:32])
	}
	return s
}

// TestBadSignaturesDoNotCount, whether a key has a table or not, and whoever's signature comes between.
func TestBadSignaturesDoNotCount(t *testing.T) {
	known.forget()
	defer known.forget()
	all := signatures(2 * maxKnown)
	expect := func(s signature, valid bool) {
		t.Helper()
		if Verify(&s.pub, nil, &s.sig) != valid {
			t.Fatalf("%x: valid: %v", s, !valid)
		}
	}
	victim := all[0]
	for i := range 20 {
		expect(victim.bad(all[1], i%2 == 0), false)
	}
	for i := range timesForPlace {
		if known.nHeard != min(i, 1) || known.find(&victim.pub) != nil {
			t.Fatalf("bad signatures count: before the valid one %d", i)
		}
		expect(victim, true)
		expect(victim.bad(all[1], i%2 == 0), false)
	}
	if known.find(&victim.pub) == nil {
		t.Fatal("no table after three valid signatures")
	}
	last := known.find(&victim.pub).last.Load()
	for _, s := range all[1:maxKnown] {
		for range timesForPlace {
			expect(s, true)
		}
	}
	if n := len(known.made()); n != maxKnown {
		t.Fatalf("%d tables", n)
	}

	before := known.made()
	for i, s := range all[maxKnown:] { // they have no table
		for range 2 * timesForExchange {
			expect(s.bad(victim, i%2 == 0), false)
		}
	}
	for i := range 20 { // and the one that has is not in use for that
		expect(victim.bad(all[1], i%2 == 0), false)
	}
	if known.nHeard != 0 || known.find(&victim.pub).last.Load() != last {
		t.Error("bad signatures count")
	}
	for table := range known.made() {
		if !before[table] {
			t.Error("bad signatures took a table away")
		}
	}
	expect(victim, true)
	if known.find(&victim.pub).last.Load() == last {
		t.Error("a valid signature does not count")
	}
}

// TestKnownKeysConcurrently: many goroutines verify with keys that take each other's places.
func TestKnownKeysConcurrently(t *testing.T) {
	known.forget()
	defer known.forget()
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

// BenchmarkVerifySenders verifies signatures of so many keys in turn.
func BenchmarkVerifySenders(b *testing.B) {
	for _, n := range []int{1, 16, maxKnown, maxKnown + maxKnown/4, 1000} {
		all := signatures(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			known.forget()
			defer known.forget()
			for range 10 {
				for _, s := range all {
					Verify(&s.pub, nil, &s.sig)
				}
			}
			for i := 0; b.Loop(); i++ {
				s := &all[i%n]
				if !Verify(&s.pub, nil, &s.sig) {
					b.Fatal("refused")
				}
			}
		})
	}
}
