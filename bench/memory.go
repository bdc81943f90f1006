package bench

import (
	"runtime"
	"runtime/debug"

	"github.com/karst-im/karst/olm"
)

// Held is a kind of object that a program holds many of.
type Held struct {
	Name string
	// Prepare returns a function that makes such objects, as unpickling makes them.
	Prepare func() func() any
}

// HeldObjects is how many objects the memory of one is the average over.
const HeldObjects = 100_000

// Memory lists what memory is measured of: a session in which both sides have sent, one with 40 keys for
// messages that are late, and an inbound Megolm session.
func Memory() []Held {
	session := func(skipped int) func() any {
		alice, bob := sessions()
		for range skipped {
			must(alice.Encrypt([]byte("late")))
		}
		must(bob.Decrypt(must(alice.Encrypt([]byte("early")))))
		unpickle := stored(bob)
		return func() any { return unpickle() }
	}
	return []Held{
		{"MemorySession", func() func() any { return session(0) }},
		{"MemorySession40", func() func() any { return session(olm.MaxSkippedPerChain) }},
		{"MemoryMegolm", func() func() any {
			_, in := group()
			unpickle := storedGroup(in)
			return func() any { return unpickle() }
		}},
	}
}

// Bytes returns how much of the heap each of n objects takes: what the allocator gives, which may be more than
// what was asked for.
func (h Held) Bytes(n int) float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // hundreds of megabytes need no garbage beside them
	create, objects := h.Prepare(), make([]any, n)
	before := heap()
	for i := range objects {
		objects[i] = create()
	}
	after := heap()
	runtime.KeepAlive(objects)
	return float64(after-before) / float64(n)
}

// heap returns how many bytes are allocated and reachable.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the second ends the sweep of the first, and empties the pools
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
