// Package vectors has known answers for Olm, Megolm, pickles, SAS and PK as libolm 3.2.13 computes
// them, with every random byte, for any implementation in Go to replay.
//
// The values are those of the JSON files in testdata, which serve other languages as well. README.md
// beside them is the reference: it says what each operation does, which inputs and outputs it has,
// how random bytes are consumed, and what Expect, Strict and Needs mean. The documentation here only
// names things.
//
// Every function returns new values, which the caller may change.
package vectors

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
)

//go:embed testdata/*.json
var files embed.FS

// Format is the version of the files that the types here stand for.
const Format = 1

// read decodes the file with the given name, in which a case is a T.
func read[T any](name string) (cases []T, setups map[string]Setup) {
	text, err := files.ReadFile("testdata/" + name)
	if err != nil {
		panic("vectors: " + err.Error())
	}
	var file struct {
		Format      int              `json:"format"`
		Source      string           `json:"source"`
		Description string           `json:"description"`
		Setups      map[string]Setup `json:"setups"`
		Cases       []T              `json:"cases"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		panic("vectors: " + name + ": " + err.Error())
	}
	if file.Format != Format {
		panic("vectors: " + name + " has another format")
	}
	return file.Cases, file.Setups
}

// Bytes are raw bytes, hex in the files. Nil means that the field is left out; what is there and
// empty is not nil.
type Bytes []byte

// MarshalText encodes b as hex.
func (b Bytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

// UnmarshalText decodes hex.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.AppendDecode([]byte{}, text)
	return err
}

// What an operation may come to, beside the names of libolm's errors.
const (
	OK      = "OK"
	Refused = "REFUSED" // any error
)

// Verdict is what an operation comes to: OK, the name of one of libolm's errors, or Refused. It is
// empty for an operation that can't fail.
type Verdict struct {
	Expect string `json:"expect,omitempty"` // libolm's answer
	Strict string `json:"strict,omitempty"` // that of a strict implementation, if it is another one
}

// Strictly returns the answer of a strict implementation.
func (v Verdict) Strictly() string {
	if v.Strict != "" {
		return v.Strict
	}
	return v.Expect
}

// What an outcome hangs on that others than libolm decide otherwise.
const (
	NeedsCapacity      = "libolm-capacity"        // 40 skipped message keys in all
	NeedsEvicted       = "libolm-evicted"         // skipped keys of a forgotten chain are still there
	NeedsTwoStep       = "libolm-two-step"        // a session is created and used before it decrypts
	NeedsWrap          = "libolm-wrap"            // a Megolm counter begins again
	NeedsHalfRange     = "libolm-half-range"      // half of all indices are in the past
	NeedsExportAdvance = "libolm-export-advances" // an export moves the cached ratchet
)
