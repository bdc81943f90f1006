package protocol

import (
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// SASRandomLen is how many random bytes a SAS consumes.
const SASRandomLen = 32

// MaxSASBytes is how many bytes one derivation of a SAS yields at most (RFC 5869 section 2.3).
const MaxSASBytes = 255 * 32

// MACTextLen is the length of a MAC as text.
const MACTextLen = 43

// SAS is one side of a verification by short authentication strings (Matrix client-server API,
// "Short Authentication String (SAS) verification").
type SAS struct {
	own         keyPair
	secret      [32]byte
	theirs      [32]byte
	created     bool
	established bool
}

// Start draws the ephemeral key pair from SASRandomLen random bytes.
func (s *SAS) Start(random []byte) {
	s.Wipe()
	s.own.set(random)
	s.created = true
}

// Created reports whether s has a key pair.
func (s *SAS) Created() bool { return s.created }

// Established reports whether s knows the other side's key.
func (s *SAS) Established() bool { return s.established }

// Public returns the public key.
func (s *SAS) Public() *[32]byte { return &s.own.public }

// Theirs returns the other side's public key.
func (s *SAS) Theirs() *[32]byte { return &s.theirs }

// Establish computes the shared secret with the other side's public key.
func (s *SAS) Establish(theirs *[32]byte, tol wire.Tolerance) errcode.Code {
	if tol == wire.Strict && !curve.CanonicalMontgomery(theirs) {
		return errcode.BadPublicKey
	}
	var shared [32]byte
	if curve.X25519(&shared, &s.own.private, theirs) == 0 {
		return errcode.NonContributory
	}
	secret.Copy(s.secret[:], shared[:])
	secret.Wipe(shared[:])
	s.theirs = *theirs
	s.established = true
	return errcode.OK
}

// TakeOver makes s what o is, established, but for the private key, which has served. It is not an
// assignment, because the compiler may make that by way of a temporary.
func (s *SAS) TakeOver(o *SAS) {
	s.own.public = o.own.public
	secret.Copy(s.secret[:], o.secret[:])
	s.theirs = o.theirs
	s.created, s.established = o.created, o.established
}

// Bytes fills dst, of at most MaxSASBytes, with bytes that both sides derive for info.
func (s *SAS) Bytes(dst, info []byte) { kdf.HKDF(dst, nil, s.secret[:], info) }

// MAC writes HMAC-SHA-256 over input, keyed with 32 bytes derived for info, to mac.
func (s *SAS) MAC(mac *[32]byte, input, info []byte) {
	var key [32]byte
	kdf.HKDF(key[:], nil, s.secret[:], info)
	kdf.HMAC(mac, &key, input)
	secret.Wipe(key[:])
}

// LongKDFMAC is MAC with a key of 256 bytes, as the method hmac-sha256 had it.
func (s *SAS) LongKDFMAC(mac *[32]byte, input, info []byte) {
	var key [256]byte
	kdf.HKDF(key[:], nil, s.secret[:], info)
	var k kdf.Midstate
	k.SetKey(key[:])
	k.HMAC(mac, input)
	k.Wipe()
	secret.Wipe(key[:])
}

// LegacyMACText writes mac in the encoding of the method hkdf-hmac-sha256 to dst. libolm encoded it
// in place from the front, so that all but the first bytes were overwritten before they were read;
// everybody has had to do the same since.
func LegacyMACText(dst *[MACTextLen]byte, mac *[32]byte) {
	secret.Copy(dst[:], mac[:])
	var group [3]byte
	for g := range 10 {
		secret.Copy(group[:], dst[3*g:3*g+3])
		wire.Encode(dst[4*g:4*g+4], group[:])
	}
	secret.Copy(group[:2], dst[30:32])
	wire.Encode(dst[40:], group[:2])
}

// Wipe overwrites s with zeros.
func (s *SAS) Wipe() {
	s.own.wipe()
	secret.Wipe(s.secret[:])
	secret.Wipe(s.theirs[:])
	s.created, s.established = false, false
}
