// Package keys has the public values of Matrix's encryption: Curve25519 keys, which agree on
// secrets (RFC 7748), and Ed25519 keys and signatures (RFC 8032).
//
// They are comparable, fit for map keys, safe for concurrent use, and nothing in them is secret. As
// text, and so in JSON, they are unpadded base64; parsing also takes correct padding.
package keys

import (
	"errors"

	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/wire"
)

// Errors of parsing.
var (
	// ErrSyntax means that a text is not base64 of the right length.
	ErrSyntax = errors.New("keys: not base64 of the right length")
	// ErrNotCanonical means that a Curve25519 key is not the one encoding that its point has. No
	// honest implementation sends such a key, and two of them could stand for one device.
	ErrNotCanonical = errors.New("keys: Curve25519 key is not canonical")
)

// Curve25519 is a Curve25519 public key: a little-endian u-coordinate.
type Curve25519 [32]byte

// Ed25519 is an Ed25519 public key.
type Ed25519 [32]byte

// Signature is an Ed25519 signature.
type Signature [64]byte

// ParseCurve25519 parses a key from base64. It returns ErrSyntax or ErrNotCanonical.
func ParseCurve25519(text string) (k Curve25519, err error) {
	err = k.UnmarshalText([]byte(text))
	return k, err
}

// ParseEd25519 parses a key from base64. It returns ErrSyntax. That it is a usable key shows when a
// signature verifies.
func ParseEd25519(text string) (k Ed25519, err error) {
	err = k.UnmarshalText([]byte(text))
	return k, err
}

// ParseSignature parses a signature from base64. It returns ErrSyntax.
func ParseSignature(text string) (s Signature, err error) {
	err = s.UnmarshalText([]byte(text))
	return s, err
}

// Verify reports whether sig is a signature of message by the owner of k.
//
// It is strict where RFC 8032 section 5.1.7 leaves a choice: R, S and k must be canonical, R and k
// not of small order, and the equation is checked without the cofactor. So a signature can't be
// changed into another one, and no key exists that signs everything. The time taken depends on the
// arguments, which are public.
func (k Ed25519) Verify(message []byte, sig Signature) bool {
	return curve.Verify((*[32]byte)(&k), message, (*[64]byte)(&sig))
}

// String returns the unpadded base64 of k.
func (k Curve25519) String() string { return wire.Text(k[:]) }

// String returns the unpadded base64 of k.
func (k Ed25519) String() string { return wire.Text(k[:]) }

// String returns the unpadded base64 of s.
func (s Signature) String() string { return wire.Text(s[:]) }

// AppendText implements encoding.TextAppender.
func (k Curve25519) AppendText(b []byte) ([]byte, error) { return wire.AppendText(b, k[:]), nil }

// AppendText implements encoding.TextAppender.
func (k Ed25519) AppendText(b []byte) ([]byte, error) { return wire.AppendText(b, k[:]), nil }

// AppendText implements encoding.TextAppender.
func (s Signature) AppendText(b []byte) ([]byte, error) { return wire.AppendText(b, s[:]), nil }

// MarshalText implements encoding.TextMarshaler.
func (k Curve25519) MarshalText() ([]byte, error) { return k.AppendText(nil) }

// MarshalText implements encoding.TextMarshaler.
func (k Ed25519) MarshalText() ([]byte, error) { return k.AppendText(nil) }

// MarshalText implements encoding.TextMarshaler.
func (s Signature) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler. On an error k is unchanged.
func (k *Curve25519) UnmarshalText(text []byte) error {
	var b [32]byte
	if !wire.DecodeKey(b[:], text) {
		return ErrSyntax
	}
	if !curve.CanonicalMontgomery(&b) {
		return ErrNotCanonical
	}
	*k = b
	return nil
}

// UnmarshalText implements encoding.TextUnmarshaler. On an error k is unchanged.
func (k *Ed25519) UnmarshalText(text []byte) error {
	var b [32]byte
	if !wire.DecodeKey(b[:], text) {
		return ErrSyntax
	}
	*k = b
	return nil
}

// UnmarshalText implements encoding.TextUnmarshaler. On an error s is unchanged.
func (s *Signature) UnmarshalText(text []byte) error {
	var b [64]byte
	if !wire.DecodeKey(b[:], text) {
		return ErrSyntax
	}
	*s = b
	return nil
}
