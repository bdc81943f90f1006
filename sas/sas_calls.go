package sas

import (
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/keys"
)

// SAS is one side's ephemeral key pair, for one verification.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
type SAS struct {
	sealedSAS
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[ephemeral]
}

// New returns a random key pair.
func New() *SAS {
	state := newEphemeral()
	state.handle.state.Put(state)
	return &state.handle
}

// PublicKey returns the key to send to the other side, or zeros if s is wiped.
func (s *SAS) PublicKey() keys.Curve25519 {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.PublicKey()
}

// Establish computes the secret that is shared with the owner of theirs. It uses s up: s is wiped,
// since an ephemeral key that serves twice would let the other side try keys. It returns
// ErrPublicKey, with s unchanged, or ErrWiped.
func (s *SAS) Establish(theirs keys.Curve25519) (*Established, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	shared, err := state.Establish(theirs)
	if err != nil {
		return nil, err
	}
	shared.handle.state.Put(shared)
	return &shared.handle, nil
}

// Wipe overwrites s with zeros. It can be called again.
func (s *SAS) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.Wipe()
}

// String says what s is and shows nothing of it.
func (s *SAS) String() string { return "sas.SAS" }

// GoString is String.
func (s *SAS) GoString() string { return s.String() }

// Established is one side of a verification that shares a secret with the other.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
type Established struct {
	sealedEstablished
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[established]
}

// PublicKey returns our public key.
func (e *Established) PublicKey() keys.Curve25519 {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.PublicKey()
}

// TheirPublicKey returns the other side's public key.
func (e *Established) TheirPublicKey() keys.Curve25519 {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.TheirPublicKey()
}

// Wipe overwrites e with zeros. It can be called again.
func (e *Established) Wipe() {
	state := e.state.Lock()
	defer e.state.Unlock()
	state.Wipe()
}

// String says what e is and shows nothing of it.
func (e *Established) String() string { return "sas.Established" }

// GoString is String.
func (e *Established) GoString() string { return e.String() }

// Bytes returns the short string for info, which both sides derive. It returns ErrWiped.
func (e *Established) Bytes(info string) (b Bytes, err error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.Bytes(info)
}

// RawBytes returns n bytes, at most 8160, that both sides derive for info. It returns ErrLength or
// ErrWiped.
func (e *Established) RawBytes(info string, n int) ([]byte, error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.RawBytes(info, n)
}

// MAC returns the MAC over input for info: the method hkdf-hmac-sha256.v2. It returns ErrWiped.
func (e *Established) MAC(input, info string) (m MAC, err error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.MAC(input, info)
}

// LegacyMAC returns the MAC over input for info as the method hkdf-hmac-sha256 has it: text, in the
// broken encoding that libolm made the standard. It returns ErrWiped.
func (e *Established) LegacyMAC(input, info string) (string, error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.LegacyMAC(input, info)
}

// LongKDFMAC returns the MAC over input for info as the method hmac-sha256 has it: text, in the same
// broken encoding. It returns ErrWiped.
func (e *Established) LongKDFMAC(input, info string) (string, error) {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.LongKDFMAC(input, info)
}

// VerifyMAC compares mac, in constant time, with the MAC over input for info. It returns ErrMAC if
// they differ, or ErrWiped.
func (e *Established) VerifyMAC(input, info string, mac MAC) error {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.VerifyMAC(input, info, mac)
}

// VerifyLegacyMAC is VerifyMAC for what LegacyMAC returns, with or without padding.
func (e *Established) VerifyLegacyMAC(input, info, mac string) error {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.VerifyLegacyMAC(input, info, mac)
}

// VerifyLongKDFMAC is VerifyMAC for what LongKDFMAC returns, with or without padding.
func (e *Established) VerifyLongKDFMAC(input, info, mac string) error {
	state := e.state.Lock()
	defer e.state.Unlock()
	return state.VerifyLongKDFMAC(input, info, mac)
}
