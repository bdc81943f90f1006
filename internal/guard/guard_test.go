package guard

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

func TestStateIsForOneAtATime(t *testing.T) {
	const goroutines, each = 8, 1000
	var s State[int]
	s.Put(new(int))
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for range each {
				n := s.Lock()
				before := *n
				runtime.Gosched() // the others' turn, if they had one
				*n = before + 1
				s.Unlock()
			}
		})
	}
	all.Wait()
	if n := *s.Lock(); n != goroutines*each {
		t.Errorf("%d steps instead of %d", n, goroutines*each)
	}
}

// TestBoth: two states in either order, and one twice. Without the care that LockBoth takes this never ends.
func TestBoth(t *testing.T) {
	const each = 20_000
	var a, b State[int]
	a.Put(new(int))
	b.Put(new(int))
	var all sync.WaitGroup
	for _, pair := range [][2]*State[int]{{&a, &b}, {&b, &a}, {&a, &a}, {&b, &b}} {
		all.Go(func() {
			for range each {
				x, y := LockBoth(pair[0], pair[1])
				before := *x
				runtime.Gosched()
				*x = before + 1
				*y++
				UnlockBoth(pair[0], pair[1])
			}
		})
	}
	all.Wait()
	if x, y := LockBoth(&a, &b); *x != 4*each || *y != 4*each {
		t.Errorf("%d and %d steps instead of %d", *x, *y, 4*each)
	}
}

// TestBothWaitForNobodyElse: a pair that waits for a busy state is of no concern to another pair. If it were, this
// would never end.
func TestBothWaitForNobodyElse(t *testing.T) {
	var states [4]State[int] // in the order of their addresses
	for i := range states {
		states[i].Put(new(int))
	}
	first, last := &states[0], &states[3]
	last.Lock()
	for _, pair := range [][2]*State[int]{{first, last}, {last, first}} {
		var waiting sync.WaitGroup
		waiting.Go(func() {
			LockBoth(pair[0], pair[1])
			UnlockBoth(pair[0], pair[1])
		})
		for first.mu.TryLock() { // until the other has the first, and so waits for the last
			first.mu.Unlock()
			runtime.Gosched()
		}
		LockBoth(&states[1], &states[2])
		UnlockBoth(&states[1], &states[2])
		LockBoth(&states[2], &states[1])
		UnlockBoth(&states[2], &states[1])
		last.Unlock()
		waiting.Wait()
		last.Lock()
	}
}

func TestPut(t *testing.T) {
	var s State[int]
	for range 2 { // nothing is kept before Put
		n := s.Lock()
		if *n != 0 {
			t.Errorf("%d where nothing was put", *n)
		}
		*n = 3
		s.Unlock()
	}
	n := 7
	s.Put(&n)
	if s.Lock() != &n {
		t.Error("the state is another one")
	}
}

func TestStateIsHidden(t *testing.T) {
	const secret = 0x12345678
	open := struct{ state *[4]int }{new([4]int)}
	open.state[0] = secret
	hidden := new(State[[4]int])
	hidden.Put(open.state)
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%x"} {
		number := fmt.Sprintf(verb, secret)
		if text := fmt.Sprintf(verb, hidden); strings.Contains(text, number) {
			t.Errorf("%s prints %s", verb, text)
		}
		if text := fmt.Sprintf(verb, open.state); !strings.Contains(text, number) {
			t.Errorf("%s of what is not hidden prints %s: this test sees nothing", verb, text)
		}
	}
}

func TestLockCostsNoAllocation(t *testing.T) {
	var s State[[100]byte]
	s.Put(new([100]byte))
	testkit.NoAllocations(t, "Lock", 100, func() { s.Lock(); s.Unlock() })
}

func BenchmarkLock(b *testing.B) {
	var s State[int]
	s.Put(new(int))
	for b.Loop() {
		s.Lock()
		s.Unlock()
	}
}
