package differential

import (
	"encoding/base64"
	"io"

	"github.com/karst-im/karst/vectors/internal/side"
)

// implementation makes objects.
type implementation struct {
	name string
	side.Side
}

// The places of the three implementations in every array.
const (
	reference = iota // libolm
	cabi             // what karst's C library exports
	goAPI            // karst's Go API
	nImpl
)

var implementations = [nImpl]implementation{{"libolm", libolmSide{}}, {"package cabi", side.Libolm}, {"Go API", side.Strict}}

// drawing gives an implementation the random bytes of a call, which must draw all of them and no others.
func drawing[R any](w *world, random []byte, call func(random io.Reader) (R, error)) (R, error) {
	w.t.Helper()
	given := side.NewGiven(random)
	x, err := call(given)
	if err := given.Check(err); err != nil {
		w.fail("%v", err)
	}
	return x, err
}

var raw64 = base64.RawStdEncoding

func text(b []byte) string { return raw64.EncodeToString(b) }

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
