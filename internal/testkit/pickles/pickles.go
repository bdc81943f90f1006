// Package pickles is package pickle for tests that look into a pickle or change it: what can't fail there does not
// return an error.
package pickles

import (
	"encoding/base64"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/pickle"
)

// Sealed returns raw in an envelope under key.
func Sealed(key, raw []byte) []byte { return must(pickle.Seal(key, raw)) }

// Opened returns the contents of an envelope under key. It panics if there are none.
func Opened(key, pickled []byte) []byte { return must(pickle.Open(key, pickled)) }

// Reference returns padded, whole blocks that the caller has padded, in an envelope under key: by the standard library
// alone, to compare with.
func Reference(key, padded []byte) []byte {
	k := testkit.NewAESSHA2(key, "Pickle")
	raw := k.Encrypt(padded)
	return base64.RawStdEncoding.AppendEncode(nil, append(raw, k.Tag(raw)...))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
