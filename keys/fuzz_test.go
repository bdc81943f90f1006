package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/karst-im/karst/keys"
)

// parsedText is any of the types, and how it is parsed.
type parsedText interface {
	String() string
	MarshalText() ([]byte, error)
}

// FuzzText parses text as each of the types: both ways agree, what is accepted has one form, and what is
// refused leaves the old value.
func FuzzText(f *testing.F) {
	for _, n := range []int{31, 32, 33, 64} {
		key := keys.Curve25519(pattern(32))
		f.Add([]byte(key.String())[:min(43, n)])
		f.Add(bytes.Repeat([]byte("A"), n*4/3))
		f.Add(append(bytes.Repeat([]byte("A"), 43), '='))
		f.Add(append(bytes.Repeat([]byte("A"), 86), '=', '='))
		f.Add(bytes.Repeat([]byte{'_'}, n))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		same := func(parsed parsedText, err error, unmarshalled parsedText, err2 error, old string) {
			t.Helper()
			switch {
			case (err == nil) != (err2 == nil):
				t.Fatalf("%q: %v and %v", text, err, err2)
			case err == nil:
				out, err := parsed.MarshalText()
				if err != nil || parsed.String() != unmarshalled.String() || string(out) != parsed.String() ||
					!bytes.Equal(bytes.TrimRight(text, "="), out) {
					t.Fatalf("%q becomes %q and %q", text, out, unmarshalled)
				}
			case !errors.Is(err, keys.ErrSyntax) && !errors.Is(err, keys.ErrNotCanonical):
				t.Fatalf("%q: %v", text, err)
			case unmarshalled.String() != old:
				t.Fatalf("%q is refused, and changes the value to %q", text, unmarshalled)
			}
		}
		curve, edwards, signature := keys.Curve25519(pattern(32)), keys.Ed25519(pattern(32)), keys.Signature(pattern(64))
		olds := []string{curve.String(), edwards.String(), signature.String()}
		p1, err := keys.ParseCurve25519(string(text))
		err2 := curve.UnmarshalText(text)
		same(p1, err, curve, err2, olds[0])
		p2, err := keys.ParseEd25519(string(text))
		err2 = edwards.UnmarshalText(text)
		same(p2, err, edwards, err2, olds[1])
		p3, err := keys.ParseSignature(string(text))
		err2 = signature.UnmarshalText(text)
		same(p3, err, signature, err2, olds[2])
	})
}

// FuzzVerify holds any signature, and one that is right but for what change does to it, against the
// standard library, which accepts no less.
func FuzzVerify(f *testing.F) {
	f.Add(pattern(32), pattern(64), []byte("message"), uint16(0), byte(1))
	f.Add(make([]byte, 32), make([]byte, 64), []byte{}, uint16(256), byte(0x80))
	f.Add(append([]byte{1}, make([]byte, 31)...), append([]byte{1}, make([]byte, 63)...), []byte("x"), uint16(511), byte(0x10))
	f.Fuzz(func(t *testing.T, public, signature, message []byte, at uint16, change byte) {
		var key keys.Ed25519
		var sig keys.Signature
		copy(key[:], public)
		copy(sig[:], signature)
		if key.Verify(message, sig) && !ed25519.Verify(key[:], message, sig[:]) {
			t.Fatalf("%x signs %x by %x", key, message, sig)
		}
		private := ed25519.NewKeyFromSeed(key[:])
		owner := keys.Ed25519(private.Public().(ed25519.PublicKey))
		sig = keys.Signature(ed25519.Sign(private, message))
		if !owner.Verify(message, sig) {
			t.Fatalf("%x: the signature %x of %x is refused", key, sig, message)
		}
		sig[int(at)%len(sig)] ^= change
		if owner.Verify(message, sig) != (change == 0) {
			t.Fatalf("%x: byte %d changed by %#x", key, int(at)%len(sig), change)
		}
	})
}
