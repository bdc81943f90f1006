package envelope_test

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/internal/wire"
)

// FuzzOpen opens text as an envelope, as the bytes of one, and as what an envelope holds.
func FuzzOpen(f *testing.F) {
	for _, n := range []int{0, 1, 15, 16, 17, 100} {
		contents := bytes.Repeat([]byte{byte(n)}, n)
		f.Add(pickles.Sealed([]byte("key"), contents), []byte("key"))
		f.Add(contents, contents)
	}
	f.Fuzz(func(t *testing.T, text, key []byte) {
		raw, code := envelope.Open(bytes.Clone(text), key)
		switch {
		case code == errcode.OK && !bytes.Equal(pickles.Sealed(key, raw), text):
			t.Fatalf("%q and %q are envelopes of %x", text, pickles.Sealed(key, raw), raw)
		case code != errcode.OK && (raw != nil || failure.Of(code) == nil):
			t.Fatalf("%q: %x, code %d", text, raw, code)
		}
		var read []byte
		if same := envelope.Read(key, text, func(contents []byte) errcode.Code {
			read = append([]byte{}, contents...)
			return errcode.OK
		}); same != code || !bytes.Equal(read, raw) {
			t.Fatalf("%q: %x, code %d; read %x, code %d", text, raw, code, read, same)
		}
		decoded, ok := wire.ParseText(text)
		if !ok && code != errcode.InvalidBase64 {
			t.Fatalf("%q: code %d", text, code)
		}
		if ok && !bytes.HasSuffix(text, []byte("=")) {
			if same, sameCode := envelope.OpenSealed(decoded, key); sameCode != code || !bytes.Equal(same, raw) {
				t.Fatalf("%q: %x, code %d; without its text %x, code %d", text, raw, code, same, sameCode)
			}
		}
		if _, code := envelope.OpenSealed(bytes.Clone(text), key); code != errcode.OK && code != errcode.BadAccountKey {
			t.Fatalf("%x: code %d", text, code)
		}
		if raw, code := envelope.Open(pickles.Sealed(key, text), key); code != errcode.OK || !bytes.Equal(raw, text) {
			t.Fatalf("%x is sealed and becomes %x, code %d", text, raw, code)
		}
	})
}
