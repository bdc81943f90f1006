// Package pickles opens and seals envelopes for tests that look into a pickle or change it, and that return no error
// where none can be.
package pickles

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
)

// Sealed returns raw in an envelope under key.
func Sealed(key, raw []byte) []byte {
	text := make([]byte, envelope.SealedLen(len(raw)))
	copy(envelope.Contents(text, len(raw)), raw)
	envelope.Seal(text, key, len(raw))
	return text
}

// Opened returns the contents of an envelope under key. It panics if there are none.
func Opened(key, pickled []byte) []byte {
	raw, code := envelope.Open(bytes.Clone(pickled), key)
	if code != errcode.OK {
		panic(fmt.Sprintf("an envelope does not open: code %d", code))
	}
	return raw
}

// Reference returns padded, whole blocks that the caller has padded, in an envelope under key: by the standard library
// alone, to compare with.
func Reference(key, padded []byte) []byte {
	k := testkit.NewAESSHA2(key, "Pickle")
	raw := k.Encrypt(padded)
	return base64.RawStdEncoding.AppendEncode(nil, append(raw, k.Tag(raw)...))
}
