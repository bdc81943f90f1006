// Package generate makes the vector files of vectors/testdata with the real libolm.
//
// The files are the same bit for bit on every run: whatever is random comes from a [vectors.Stream], which is
// SHA-256 in counter mode over a label that the file records. vectors/README.md describes the files
// for those who read them; a change to a format belongs there too.
package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// Label begins the label of every stream.
const Label = "karst vectors 1 "

// File is one vector file before it is laid out.
type file struct {
	Format      int                      `json:"format"`
	Source      string                   `json:"source"`
	Description string                   `json:"description"`
	Setups      map[string]vectors.Setup `json:"setups,omitempty"` // encoding/json sorts the names
	Cases       any                      `json:"cases"`
}

// files in the order in which they are made, the quick ones first.
var files = []struct {
	name string
	make func() file
}{
	{"account.json", accountFile},
	{"olm_sessions.json", olmSessionsFile},
	{"megolm.json", megolmFile},
	{"pickles.json", picklesFile},
	{"sas.json", sasFile},
	{"pk.json", pkFile},
	{"signatures.json", signaturesFile},
	{"negative.json", negativeFile},
	{"accumulated.json", accumulatedFile},
}

// Slow is the one file that takes longer than a second or two.
const Slow = "accumulated.json"

// Names lists the files.
func Names() []string {
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	return names
}

// Make gives the contents of one file.
func Make(name string) (content []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			content, err = nil, fmt.Errorf("%s: %w", name, f.error)
		}
	}()
	for _, f := range files {
		if f.name == name {
			made := f.make()
			made.Format, made.Source = vectors.Format, "libolm "+libolm.Version()
			return layout(made), nil
		}
	}
	return nil, fmt.Errorf("%s is no vector file", name)
}

// Write makes all files in a directory.
func Write(dir string) error {
	for _, name := range Names() {
		content, err := Make(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// failure is how the generator gives up from any depth: an input that libolm should have taken was refused.
type failure struct{ error }

func fail(format string, args ...any) {
	panic(failure{fmt.Errorf(format, args...)})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return v
}

// class is the `expect` of a result.
func class(err error) string {
	var code libolm.Code
	switch {
	case err == nil:
		return "OK"
	case errors.As(err, &code):
		return code.Error()
	}
	panic(failure{err})
}

// newStream starts the stream of a case. Its label goes into the file.
func newStream(name string) *vectors.Stream { return vectors.NewStream(Label + name) }

func of[T any](v T) *T { return &v }

// layout writes one line per case, or one per step of a case that has steps, so that a difference
// between two versions can be read.
func layout(f file) []byte {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		panic(failure{err})
	}
	var out bytes.Buffer
	depth, inString, escaped, objects := 0, false, false, false
	breaks := func() bool { return depth == 1 || depth == 2 || depth == 4 && objects }
	text := bytes.TrimSpace(compact.Bytes())
	for i, c := range text {
		if inString {
			out.WriteByte(c)
			switch {
			case escaped:
				escaped = false
			case c == '\\':
				escaped = true
			case c == '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
			out.WriteByte(c)
		case '{', '[':
			if depth++; depth == 4 {
				objects = bytes.HasPrefix(text[i:], []byte("[{")) // steps, but no list of numbers
			}
			out.WriteByte(c)
			if breaks() {
				out.WriteByte('\n')
			}
		case '}', ']':
			if breaks() {
				out.WriteByte('\n')
			}
			depth--
			out.WriteByte(c)
		case ',':
			out.WriteByte(c)
			if breaks() {
				out.WriteByte('\n')
			}
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('\n')
	return out.Bytes()
}
