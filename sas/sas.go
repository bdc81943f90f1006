// Package sas implements the short authentication strings with which two people compare what their
// devices agreed on, by emoji or numbers (Matrix client-server API, "Short Authentication String
// (SAS) verification").
//
// Each side makes a [SAS], they exchange public keys, and each calls [SAS.Establish]. From the
// result both derive the same short string to compare, and MACs over their long-term keys to
// exchange. The commitment to the public key, and the info strings, are the protocol's, not this
// package's.
//
// Several goroutines may use an object at once: their calls take turns.
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

// ephemeral is the state of a SAS, whose methods call those of the same name, and document them.
type ephemeral struct {
	handle SAS // what programs have of it, in the same allocation
	p      protocol.SAS
}

func newEphemeral() *ephemeral {
	secret.GrowStack()
	s := new(ephemeral)
	var random [protocol.SASRandomLen]byte
	entropy.Fill(random[:])
	s.p.Start(random[:])
	secret.Wipe(random[:])
	return s
}

func (s *ephemeral) PublicKey() keys.Curve25519 { return *s.p.Public() }

func (s *ephemeral) Establish(theirs keys.Curve25519) (*established, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	if s.p.Establish((*[32]byte)(&theirs), protocol.Strict) != errcode.OK {
		return nil, ErrPublicKey
	}
	e := new(established)
	e.p.TakeOver(&s.p)
	s.Wipe()
	return e, nil
}

func (s *ephemeral) Wipe() { s.p.Wipe() }

// established is the state of an Established, whose methods call those of the same name, and document them.
type established struct {
	handle Established // what programs have of it, in the same allocation
	p      protocol.SAS
}

func (e *established) PublicKey() keys.Curve25519 { return *e.p.Public() }

func (e *established) TheirPublicKey() keys.Curve25519 { return *e.p.Theirs() }

func (e *established) Wipe() { e.p.Wipe() }

func (e *established) Bytes(info string) (b Bytes, err error) {
	secret.GrowStack()
	if !e.p.Established() {
		return b, ErrWiped
	}
	e.p.Bytes(b[:], []byte(info))
	return b, nil
}

func (e *established) RawBytes(info string, n int) ([]byte, error) {
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

func (e *established) MAC(input, info string) (m MAC, err error) {
	secret.GrowStack()
	if !e.p.Established() {
		return m, ErrWiped
	}
	e.p.MAC((*[32]byte)(&m), []byte(input), []byte(info))
	return m, nil
}

func (e *established) LegacyMAC(input, info string) (string, error) {
	m, err := e.MAC(input, info)
	if err != nil {
		return "", err
	}
	return legacyText(m), nil
}

func (e *established) LongKDFMAC(input, info string) (string, error) {
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

func (e *established) VerifyMAC(input, info string, mac MAC) error {
	want, err := e.MAC(input, info)
	if err != nil {
		return err
	}
	if secret.Equal(want[:], mac[:]) != 1 {
		return ErrMAC
	}
	return nil
}

func (e *established) VerifyLegacyMAC(input, info, mac string) error {
	want, err := e.LegacyMAC(input, info)
	return verifyText(want, mac, err)
}

func (e *established) VerifyLongKDFMAC(input, info, mac string) error {
	want, err := e.LongKDFMAC(input, info)
	return verifyText(want, mac, err)
}

func verifyText(want, got string, err error) error {
	if err == nil && secret.Equal([]byte(want), wire.TrimPadding([]byte(got))) != 1 {
		return ErrMAC
	}
	return err
}
