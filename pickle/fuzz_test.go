package pickle_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/pickle"
)

// FuzzOpen opens text as an envelope, and as what one holds.
func FuzzOpen(f *testing.F) {
	for _, n := range []int{0, 1, 15, 16, 17, 100} {
		contents := bytes.Repeat([]byte{byte(n)}, n)
		f.Add(seal(f, []byte("key"), contents), []byte("key"))
		f.Add(contents, contents)
	}
	f.Fuzz(func(t *testing.T, text, key []byte) {
		before := bytes.Clone(text)
		got, err := pickle.Open(key, text)
		want, code := envelope.Open(bytes.Clone(text), key)
		if !errors.Is(err, failure.Of(code)) || !bytes.Equal(got, want) || (err == nil) != (got != nil) || (err == nil) != (code == errcode.OK) {
			t.Fatalf("%q: %x, %v; the engine has %x, code %d", text, got, err, want, code)
		}
		if err == nil && !bytes.Equal(bytes.TrimRight(text, "="), seal(t, key, got)) {
			t.Fatalf("%q and %q are envelopes of %x", text, seal(t, key, got), got)
		}
		if again, err := pickle.Open(key, seal(t, key, text)); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%x is sealed and becomes %x, %v", text, again, err)
		}
		if !bytes.Equal(before, text) {
			t.Fatalf("%x was written to", before)
		}
	})
}
