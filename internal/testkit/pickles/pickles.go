// Package pickles puts contents into envelopes and takes them out, for tests that look into a pickle or change it.
package pickles

import (
	"bytes"

	"github.com/karst-im/karst/pickle"
)

// Sealed returns raw in an envelope under key.
func Sealed(key, raw []byte) []byte {
	dst := make([]byte, pickle.SealedLen(len(raw)))
	copy(pickle.Contents(dst, len(raw)), raw)
	pickle.Seal(dst, key, len(raw))
	return dst
}

// Opened returns the contents of an envelope under key. It panics if there are none.
func Opened(key, pickled []byte) []byte {
	raw, code := pickle.Open(bytes.Clone(pickled), key)
	if err := pickle.Error(code); err != nil {
		panic(err)
	}
	return raw
}
