// Package sas implements the short authentication strings with which two people compare what their
// devices agreed on, by emoji or numbers (Matrix client-server API, "Short Authentication String
// (SAS) verification").
//
// Each side makes a [SAS], they exchange public keys, and each calls [SAS.Establish]. From the
// result both derive the same short string to compare, and MACs over their long-term keys to
// exchange. The commitment to the public key, and the info strings, are the protocol's, not this
// package's.
//
// What several goroutines may do at once is said at each type.
package sas

import (
	"errors"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Errors.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = errors.New("sas: object is wiped or was never set up")
	// ErrPublicKey means that the other side's key is not canonical, or of small order, so that it
	// would make a secret that everybody knows.
	ErrPublicKey = errors.New("sas: invalid public key")
	// ErrLength means that more bytes were asked for than one derivation yields.
	ErrLength = errors.New("sas: more than 8160 bytes")
	// ErrMAC means that a MAC is wrong: somebody is between the two sides.
	ErrMAC = errors.New("sas: bad MAC")
)

// SAS is one side's ephemeral key pair, for one verification.
//
// Establish and Wipe need it for themselves: the race detector reports if they are not alone. Several
// goroutines may at once call PublicKey and String.
type SAS struct {
	_ [0]func()
	p protocol.SAS
}

// New returns a random key pair.
func New() *SAS {
	secret.GrowStack()
	s := new(SAS)
	var random [protocol.SASRandomLen]byte
	entropy.Fill(random[:])
	s.p.Start(random[:])
	secret.Wipe(random[:])
	return s
}

// PublicKey returns the key to send to the other side, or zeros if s is wiped.
func (s *SAS) PublicKey() keys.Curve25519 { return *s.p.Public() }

// Establish computes the secret that is shared with the owner of theirs. It uses s up: s is wiped,
// since an ephemeral key that serves twice would let the other side try keys. It returns
// ErrPublicKey, with s unchanged, or ErrWiped.
func (s *SAS) Establish(theirs keys.Curve25519) (*Established, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	if s.p.Establish((*[32]byte)(&theirs), protocol.Strict) != errcode.OK {
		return nil, ErrPublicKey
	}
	e := new(Established)
	e.p.TakeOver(&s.p)
	s.Wipe()
	return e, nil
}

// Wipe overwrites s with zeros. It can be called again.
func (s *SAS) Wipe() { s.p.Wipe() }

// String says what s is and shows nothing of it.
func (s SAS) String() string { return "sas.SAS" }

// GoString is String.
func (s SAS) GoString() string { return s.String() }

// Established is one side of a verification that shares a secret with the other.
//
// Several goroutines may at once call any method but Wipe, which needs it for itself: the race detector
// reports if it is not alone.
type Established struct {
	_ [0]func()
	p protocol.SAS
}

// PublicKey returns our public key.
func (e *Established) PublicKey() keys.Curve25519 { return *e.p.Public() }

// TheirPublicKey returns the other side's public key.
func (e *Established) TheirPublicKey() keys.Curve25519 { return *e.p.Theirs() }

// Wipe overwrites e with zeros. It can be called again.
func (e *Established) Wipe() { e.p.Wipe() }

// String says what e is and shows nothing of it.
func (e Established) String() string { return "sas.Established" }

// GoString is String.
func (e Established) GoString() string { return e.String() }

// Bytes returns the short string for info, which both sides derive. It returns ErrWiped.
func (e *Established) Bytes(info string) (b Bytes, err error) {
	secret.GrowStack()
	if !e.p.Established() {
		return b, ErrWiped
	}
	e.p.Bytes(b[:], []byte(info))
	return b, nil
}

// RawBytes returns n bytes, at most 8160, that both sides derive for info. It returns ErrLength or
// ErrWiped.
func (e *Established) RawBytes(info string, n int) ([]byte, error) {
	secret.GrowStack()
	if !e.p.Established() {
		return nil, ErrWiped
	}
	if n < 0 || n > protocol.MaxSASBytes {
		return nil, ErrLength
	}
	b := make([]byte, n)
	e.p.Bytes(b, []byte(info))
	return b, nil
}

// MACs.

// MAC is the MAC over a key, or a list of key ids.
type MAC [32]byte

// String returns the unpadded base64 of m.
func (m MAC) String() string { return wire.Text(m[:]) }

// MarshalText implements encoding.TextMarshaler.
func (m MAC) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It returns ErrMAC if text is not the base64 of
// a MAC; m is then unchanged.
func (m *MAC) UnmarshalText(text []byte) error {
	var b [32]byte
	if !wire.DecodeKey(b[:], text) {
		return ErrMAC
	}
	*m = b
	return nil
}

// MAC returns the MAC over input for info: the method hkdf-hmac-sha256.v2. It returns ErrWiped.
func (e *Established) MAC(input, info string) (m MAC, err error) {
	secret.GrowStack()
	if !e.p.Established() {
		return m, ErrWiped
	}
	e.p.MAC((*[32]byte)(&m), []byte(input), []byte(info))
	return m, nil
}

// LegacyMAC returns the MAC over input for info as the method hkdf-hmac-sha256 has it: text, in the
// broken encoding that libolm made the standard. It returns ErrWiped.
func (e *Established) LegacyMAC(input, info string) (string, error) {
	m, err := e.MAC(input, info)
	if err != nil {
		return "", err
	}
	return legacyText(m), nil
}

// LongKDFMAC returns the MAC over input for info as the method hmac-sha256 has it: text, in the same
// broken encoding. It returns ErrWiped.
func (e *Established) LongKDFMAC(input, info string) (string, error) {
	secret.GrowStack()
	if !e.p.Established() {
		return "", ErrWiped
	}
	var m MAC
	e.p.LongKDFMAC((*[32]byte)(&m), []byte(input), []byte(info))
	return legacyText(m), nil
}

func legacyText(m MAC) string {
	var text [protocol.MACTextLen]byte
	protocol.LegacyMACText(&text, (*[32]byte)(&m))
	return string(text[:])
}

// VerifyMAC compares mac, in constant time, with the MAC over input for info. It returns ErrMAC if
// they differ, or ErrWiped.
func (e *Established) VerifyMAC(input, info string, mac MAC) error {
	want, err := e.MAC(input, info)
	if err != nil {
		return err
	}
	if secret.Equal(want[:], mac[:]) != 1 {
		return ErrMAC
	}
	return nil
}

// VerifyLegacyMAC is VerifyMAC for what LegacyMAC returns.
func (e *Established) VerifyLegacyMAC(input, info, mac string) error {
	want, err := e.LegacyMAC(input, info)
	return verifyText(want, mac, err)
}

// VerifyLongKDFMAC is VerifyMAC for what LongKDFMAC returns.
func (e *Established) VerifyLongKDFMAC(input, info, mac string) error {
	want, err := e.LongKDFMAC(input, info)
	return verifyText(want, mac, err)
}

func verifyText(want, got string, err error) error {
	if err == nil && secret.Equal([]byte(want), []byte(got)) != 1 {
		return ErrMAC
	}
	return err
}
