// Package pickles is package pickle for tests that look into a pickle or change it: what can't fail there does not
// return an error.
package pickles

import "github.com/karst-im/karst/pickle"

// Sealed returns raw in an envelope under key.
func Sealed(key, raw []byte) []byte { return must(pickle.Seal(key, raw)) }

// Opened returns the contents of an envelope under key. It panics if there are none.
func Opened(key, pickled []byte) []byte { return must(pickle.Open(key, pickled)) }

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
