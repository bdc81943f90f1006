package testkit

import (
	"runtime"
	"testing"
)

// Budget wants f, which is called 1+runs times with the number of the call, to allocate n times in each.
func Budget(t testing.TB, what string, n float64, runs int, f func(call int)) {
	t.Helper()
	call := -1
	if got := testing.AllocsPerRun(runs, func() { call++; f(call) }); got != n {
		t.Errorf("%s: %v allocations, want %v", what, got, n)
	}
}

// NoAllocations wants f, which is called 1+runs times, not to allocate.
func NoAllocations(t testing.TB, what string, runs int, f func()) {
	t.Helper()
	Budget(t, what, 0, runs, func(int) { f() })
}

// Allocated returns how many bytes are allocated while f runs, by others as well. testing.AllocsPerRun does not see what
// one run of many allocates: it has the mean, rounded down.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Holds wants each of the objects that f makes to hold no more than that many bytes of the heap.
func Holds[T any](t testing.TB, what string, most int64, f func() T) {
	t.Helper()
	const n = 100_000
	held := make([]T, n)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range held {
		held[i] = f()
	}
	size := int64(heap()-before) / n
	t.Logf("%s holds %d bytes", what, size)
	if size > most {
		t.Errorf("%s holds %d bytes, more than %d", what, size, most)
	}
	runtime.KeepAlive(held)
}
