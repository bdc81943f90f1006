package main

import "github.com/karst-im/karst/bench"

// memory lists what memory is measured of. The C library's sessions lie in memory that mautrix takes from Go's
// heap.
func memory() []bench.Held {
	session := func(skipped int) func() any {
		alice, bob := sessions()
		for range skipped {
			encrypt(alice, []byte("late"))
		}
		decrypt(bob, encrypt(alice, []byte("early")))
		unpickle := stored(bob)
		return func() any { return unpickle() }
	}
	return []bench.Held{
		{Name: "MemorySession", Prepare: func() func() any { return session(0) }},
		{Name: "MemorySession40", Prepare: func() func() any { return session(40) }},
		{Name: "MemoryMegolm", Prepare: func() func() any {
			_, in := group()
			unpickle := storedGroup(in)
			return func() any { return unpickle() }
		}},
	}
}
