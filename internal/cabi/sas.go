package cabi

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// SAS is an OlmSAS.
type SAS struct {
	status
	s protocol.SAS
}

// Lengths of a SAS's random bytes, public key and MACs.
const (
	SASRandomLen = protocol.SASRandomLen
	SASKeyLen    = keyText
	SASMACLen    = protocol.MACTextLen
)

// Create draws a key pair. random stays as it is.
func (s *SAS) Create(random []byte) uint {
	if len(random) < SASRandomLen {
		return s.fail(errcode.NotEnoughRandom)
	}
	s.s.Start(random)
	return 0
}

// PublicKey writes the public key and returns 0.
func (s *SAS) PublicKey(out []byte) uint {
	if s.putText(out, s.s.Public()[:]) == Error {
		return Error
	}
	return 0
}

// SetTheirKey computes the shared secret with the other side's public key. theirKey is its text, or begins
// with it, and is decoded where it lies.
func (s *SAS) SetTheirKey(theirKey []byte) uint {
	if len(theirKey) < keyText {
		return s.fail(errcode.InputBufferTooSmall)
	}
	raw, code := decodeInPlace(theirKey)
	if code == errcode.OK && !s.s.Created() {
		code = noKey
	}
	if code != errcode.OK {
		return s.fail(code)
	}
	var theirs [32]byte
	secret.Copy(theirs[:], raw)
	if code := s.s.Establish(&theirs, wire.Lenient); code != errcode.OK {
		return s.failKey(code)
	}
	return 0
}

// IsTheirKeySet reports whether there is a shared secret.
func (s *SAS) IsTheirKeySet() bool { return s.s.Established() }

// GenerateBytes fills out with bytes that both sides derive for info. It refuses an out of more than 8,160
// bytes, after which libolm starts anew.
func (s *SAS) GenerateBytes(info, out []byte) uint {
	if !s.s.Established() {
		return s.fail(errcode.SASTheirKeyNotSet)
	}
	if len(out) > protocol.MaxSASBytes {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	s.s.Bytes(out, info)
	return 0
}

// MACMethod is a way to compute the MAC of a SAS.
type MACMethod uint8

// The methods, by their names in libolm.
const (
	MAC            MACMethod = iota // with the wrong base64 that everybody once used
	MACFixedBase64                  // with the right one
	MACLongKDF                      // with a longer key and the wrong base64
)

// CalculateMAC writes the MAC over input under a key derived for info.
func (s *SAS) CalculateMAC(method MACMethod, input, info, mac []byte) uint {
	if len(mac) < SASMACLen {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	if !s.s.Established() {
		return s.fail(errcode.SASTheirKeyNotSet)
	}
	var raw [32]byte
	if method == MACLongKDF {
		s.s.LongKDFMAC(&raw, input, info)
	} else {
		s.s.MAC(&raw, input, info)
	}
	var encoded [SASMACLen]byte
	if method == MACFixedBase64 {
		wire.Encode(encoded[:], raw[:])
	} else {
		protocol.LegacyMACText(&encoded, &raw)
	}
	secret.Copy(mac, encoded[:])
	return 0
}
