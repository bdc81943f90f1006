package envelope_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/testkit/pickles"
)

func open(key, sealed []byte) ([]byte, errcode.Code) {
	return envelope.Open(bytes.Clone(sealed), key)
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(7*i + 1)
	}
	return b
}

var keyLens = []int{0, 1, 31, 32, 33, 63, 64, 65, 1000}

func TestSealEqualsReference(t *testing.T) {
	for _, keyLen := range keyLens {
		key := pattern(keyLen)
		for n := range 150 {
			contents := pattern(n)
			sealed := pickles.Sealed(key, contents)
			if want := pickles.Reference(key, testkit.Pad(contents)); !bytes.Equal(sealed, want) {
				t.Fatalf("key of %d, contents of %d bytes: %s, want %s", keyLen, n, sealed, want)
			}
			got, code := open(key, sealed)
			if code != errcode.OK || !bytes.Equal(got, contents) {
				t.Fatalf("key of %d, contents of %d bytes: %x, %v", keyLen, n, got, code)
			}
		}
	}
}

func TestOpenRefusesEveryChange(t *testing.T) {
	key, contents := []byte("key"), pattern(40)
	sealed := pickles.Sealed(key, contents)
	raw, err := base64.RawStdEncoding.DecodeString(string(sealed))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	refused := func(text []byte, want errcode.Code) {
		n++
		buf := bytes.Clone(text)
		if got, code := envelope.Open(buf, key); got != nil || code != want {
			t.Errorf("%q: %x, %v", text, got, code)
		}
		if bytes.Contains(buf, contents[:8]) {
			t.Errorf("%q: the contents are left behind", text)
		}
	}
	for _, bad := range testkit.Flips(raw) {
		refused([]byte(base64.RawStdEncoding.EncodeToString(bad)), errcode.BadAccountKey)
	}
	for i := range raw {
		refused([]byte(base64.RawStdEncoding.EncodeToString(raw[:i])), errcode.BadAccountKey)
	}
	refused([]byte(base64.RawStdEncoding.EncodeToString(append(raw[:len(raw):len(raw)], 0))), errcode.BadAccountKey)
	for _, bad := range []string{string(sealed) + "==", string(sealed) + "===", string(sealed) + "\n", " " + string(sealed), "-" + string(sealed[1:]), "A", "A===", string(sealed[:1]) + "!" + string(sealed[2:])} {
		refused([]byte(bad), errcode.InvalidBase64)
	}
	t.Logf("%d of %d refused", n, n)
}

func TestOpenNeedsTheKey(t *testing.T) {
	for _, keyLen := range keyLens {
		key := pattern(keyLen)
		sealed := pickles.Sealed(key, pattern(100))
		for _, wrong := range [][]byte{append(bytes.Clone(key), 1), pattern(keyLen + 1), []byte("wrong")} {
			if got, code := open(wrong, sealed); got != nil || code != errcode.BadAccountKey {
				t.Errorf("key of %d bytes: opens with %x: %v", keyLen, wrong, code)
			}
		}
		if keyLen > 0 {
			key[0] ^= 1
			if _, code := open(key, sealed); code != errcode.BadAccountKey {
				t.Errorf("key of %d bytes: opens with another bit: %v", keyLen, code)
			}
		}
	}
}

// TestOpenRefusesBadPadding: behind a MAC that is right, which only the owner of the key can make,
// the padding has to be that of PKCS#7, and nothing of what was decrypted stays in the buffer.
func TestOpenRefusesBadPadding(t *testing.T) {
	key := []byte("key")
	for name, tail := range map[string][]byte{
		"zero":     {1, 2, 3, 0},
		"17":       bytes.Repeat([]byte{17}, 16),
		"255":      {1, 2, 3, 255},
		"not same": {3, 2, 3},
		"too long": {16, 16, 16},
	} {
		padded := pattern(48)
		copy(padded[48-len(tail):], tail)
		buf := pickles.Reference(key, padded)
		if got, code := envelope.Open(buf, key); got != nil || code != errcode.BadAccountKey {
			t.Errorf("%s: %x, %v", name, got, code)
		}
		if bytes.Contains(buf, padded[:8]) {
			t.Errorf("%s: the contents are left behind", name)
		}
	}
	for n := 1; n <= 16; n++ {
		if got, code := open(key, pickles.Reference(key, testkit.Pad(pattern(32-n)))); code != errcode.OK || len(got) != 32-n {
			t.Errorf("padding of %d bytes: %v", n, code)
		}
	}
}

// TestOpenRefusesNoCiphertext: a MAC over nothing, that is right.
func TestOpenRefusesNoCiphertext(t *testing.T) {
	key := []byte("key")
	if got, code := open(key, pickles.Reference(key, nil)); got != nil || code != errcode.BadAccountKey {
		t.Errorf("%x, %v", got, code)
	}
	if got, code := open(key, pickles.Reference(key, testkit.Pad(""))); got == nil || len(got) != 0 || code != errcode.OK {
		t.Errorf("contents of no bytes: %x, %v", got, code)
	}
}

func TestOpenEveryLength(t *testing.T) {
	for n := range 200 {
		if got, code := open(nil, bytes.Repeat([]byte("A"), n)); got != nil || code == errcode.OK {
			t.Errorf("%d characters open", n)
		}
	}
}

// TestRead: what is handed on are the contents, in memory that is wiped afterwards, whatever becomes of them.
func TestRead(t *testing.T) {
	key, contents := []byte("key"), pattern(310)
	sealed := pickles.Sealed(key, contents)
	padded := append(bytes.Clone(sealed), "=="...)
	var kept []byte
	read := func(key, text []byte, answer func() errcode.Code) (code errcode.Code) {
		kept = nil
		before := bytes.Clone(text)
		defer func() {
			if !bytes.Equal(text, before) {
				t.Error("the text was written to")
			}
			if kept != nil && !bytes.Equal(kept, make([]byte, len(kept))) {
				t.Errorf("%x is left behind", kept)
			}
		}()
		return envelope.Read(key, text, func(raw []byte) errcode.Code {
			if !bytes.Equal(raw, contents) {
				t.Errorf("%x", raw)
			}
			kept = raw[:cap(raw)] // all that was decoded
			return answer()
		})
	}
	for _, want := range []errcode.Code{errcode.OK, errcode.CorruptedPickle} {
		for _, text := range [][]byte{sealed, padded} {
			if code := read(key, text, func() errcode.Code { return want }); code != want || kept == nil {
				t.Errorf("code %d, want %d", code, want)
			}
		}
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		read(key, sealed, func() errcode.Code { panic("take") })
	}()
	if code := read([]byte("another"), sealed, nil); code != errcode.BadAccountKey {
		t.Errorf("code %d", code)
	}
	if code := read(key, sealed[1:], nil); code != errcode.InvalidBase64 {
		t.Errorf("code %d", code)
	}
}
