//go:build !purego

package curve

import "testing"

// Path is a way that Verify goes, on which it must be asked.
type Path struct {
	Name   string
	Verify func(t testing.TB, pub *[32]byte, message []byte, sig *[64]byte) bool
}

// Paths has them all. Each fails the test if its way was not gone.
var Paths = []Path{
	{"first", func(t testing.TB, pub *[32]byte, message []byte, sig *[64]byte) bool {
		known.forget()
		valid := Verify(pub, message, sig)
		if heard := known.nHeard == 1 && known.heard[0].key == *pub && known.heard[0].times == 1; heard != valid || known.n.Load() != 0 {
			t.Errorf("%x: valid: %v; one signature of the key was heard: %v; %d tables", *pub, valid, heard, known.n.Load())
		}
		return valid
	}},
	{"third", func(t testing.TB, pub *[32]byte, message []byte, sig *[64]byte) bool {
		known.forget()
		valid := Verify(pub, message, sig)
		for range timesForPlace - 1 {
			if Verify(pub, message, sig) != valid {
				t.Errorf("%x: first %v, then %v", *pub, valid, !valid)
			}
		}
		if table := known.find(pub) != nil; table != valid {
			t.Errorf("%x: valid: %v; a table was made: %v", *pub, valid, table)
		}
		return valid
	}},
	{"known", func(t testing.TB, pub *[32]byte, message []byte, sig *[64]byte) bool {
		table := newKnownKey(pub) // whether or not such a key could get one
		if table == nil {
			return Verify(pub, message, sig)
		}
		known.forget()
		known.now.Store(1)
		known.tables[0].Store(table)
		known.starts[0].Store(startOf(pub))
		known.n.Store(1)
		valid := Verify(pub, message, sig)
		if used := table.last.Load() == 1; used != valid || known.nHeard != 0 {
			t.Errorf("%x: valid: %v; the table was used: %v; heard: %d", *pub, valid, used, known.nHeard)
		}
		return valid
	}},
}
