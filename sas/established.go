package sas

import (
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Established is one side of a verification that shares a secret with the other.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
type Established struct {
	sealedEstablished
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[established]
}

// established is the state of an Established.
type established struct {
	object Established // what programs have of it, in the same allocation
	p      protocol.SAS
}

// PublicKey returns our public key.
func (e *Established) PublicKey() keys.Curve25519 {
	state := e.state.Lock()
	defer e.state.Unlock()
	return *state.p.Public()
}

// TheirPublicKey returns the other side's public key.
func (e *Established) TheirPublicKey() keys.Curve25519 {
	state := e.state.Lock()
	defer e.state.Unlock()
	return *state.p.Theirs()
}

// Wipe overwrites e with zeros. It can be called again.
func (e *Established) Wipe() {
	state := e.state.Lock()
	defer e.state.Unlock()
	state.p.Wipe()
}

// String says what e is and shows nothing of it.
func (e *Established) String() string { return "sas.Established" }

// GoString is String.
func (e *Established) GoString() string { return e.String() }

// Bytes returns the short string for info, which both sides derive. It returns ErrWiped.
func (e *Established) Bytes(info string) (b Bytes, err error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	if !state.p.Established() {
		return b, ErrWiped
	}
	state.p.Bytes(b[:], []byte(info))
	return b, nil
}

// RawBytes returns n bytes, at most 8160, that both sides derive for info. It returns ErrLength or
// ErrWiped.
func (e *Established) RawBytes(info string, n int) ([]byte, error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	if !state.p.Established() {
		return nil, ErrWiped
	}
	if n < 0 || n > protocol.MaxSASBytes {
		return nil, ErrLength
	}
	b := make([]byte, n)
	state.p.Bytes(b, []byte(info))
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
	state := e.state.Lock()
	defer e.state.Unlock()
	if !state.p.Established() {
		return m, ErrWiped
	}
	state.p.MAC((*[32]byte)(&m), []byte(input), []byte(info))
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
	state := e.state.Lock()
	defer e.state.Unlock()
	if !state.p.Established() {
		return "", ErrWiped
	}
	var m MAC
	state.p.LongKDFMAC((*[32]byte)(&m), []byte(input), []byte(info))
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

// VerifyLegacyMAC is VerifyMAC for what LegacyMAC returns, with or without padding.
func (e *Established) VerifyLegacyMAC(input, info, mac string) error {
	want, err := e.LegacyMAC(input, info)
	return verifyText(want, mac, err)
}

// VerifyLongKDFMAC is VerifyMAC for what LongKDFMAC returns, with or without padding.
func (e *Established) VerifyLongKDFMAC(input, info, mac string) error {
	want, err := e.LongKDFMAC(input, info)
	return verifyText(want, mac, err)
}

func verifyText(want, got string, err error) error {
	if err == nil && secret.Equal([]byte(want), wire.TrimPadding([]byte(got))) != 1 {
		return ErrMAC
	}
	return err
}
