package protocol

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
)

// A pickle is looked at as a whole, by its version, counts and length, before an object takes anything
// from it: what fails late must not leave an object half overwritten.

// atEnd returns what it means that r has come to where a pickle is to end.
func atEnd(r *wire.Reader) errcode.Code {
	switch {
	case r.Short():
		return errcode.CorruptedPickle
	case r.Len() > 0:
		return errcode.PickleExtraData
	}
	return errcode.OK
}

// fills judges that the rest of r is to be n bytes long.
func fills(r *wire.Reader, n int) errcode.Code {
	rest := *r
	rest.Skip(1, n)
	return atEnd(&rest)
}
