package protocol

import (
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
	"github.com/karst-im/karst/internal/wire"
)

// Random bytes that a session consumes, as libolm does.
const (
	OutboundRandomLen = 64 // base key ‖ first ratchet key
	RatchetRandomLen  = 32 // for a message that begins a new sending chain
)

var olmInfo = []byte("OLM_KEYS")

// Message types.
const (
	TypePreKey = 0
	TypeNormal = 1
)

// Session is one side of an Olm session, without its skipped message keys, which lie in storage of
// the caller's.
type Session struct {
	// The public keys that name the session, and that a pre-key message carries.
	identity [32]byte // I_A
	base     [32]byte // E_A
	oneTime  [32]byte // E_B

	ratchet  ratchet.Double
	received bool // a message was decrypted: the other side has the session too
	created  bool
}

// Created reports whether s was set up.
func (s *Session) Created() bool { return s.created }

// HasReceived reports whether s has decrypted a message.
func (s *Session) HasReceived() bool { return s.received }

// Keys returns the initiator's identity key, her base key, and the responder's one-time key.
func (s *Session) Keys() (identity, base, oneTime *[32]byte) {
	return &s.identity, &s.base, &s.oneTime
}

// Ratchet returns the Double Ratchet of s, for its figures.
func (s *Session) Ratchet() *ratchet.Double { return &s.ratchet }

// ID writes SHA-256(I_A ‖ E_A ‖ E_B) to id, equal on both sides.
func (s *Session) ID(id *[32]byte) { sessionID(id, s.identity[:], s.base[:], s.oneTime[:]) }

func sessionID(id *[32]byte, identity, base, oneTime []byte) {
	var h sha2.Hash256
	h.Reset()
	h.Write(identity)
	h.Write(base)
	h.Write(oneTime)
	h.Sum(id)
}

// PreKeySessionID writes the id of the session that m sets up to id.
func PreKeySessionID(id *[32]byte, m *wire.PreKeyMessage) {
	sessionID(id, m.IdentityKey, m.BaseKey, m.OneTimeKey)
}

// Wipe overwrites s with zeros. The caller wipes the skipped keys.
func (s *Session) Wipe() {
	secret.Wipe(s.identity[:])
	secret.Wipe(s.base[:])
	secret.Wipe(s.oneTime[:])
	s.ratchet.Wipe()
	s.received, s.created = false, false
}

// Setup.

// dh fills out with the shared secret of a private and a public key.
func dh(out []byte, private, public *[32]byte) errcode.Code {
	var shared [32]byte
	if curve.X25519(&shared, private, public) == 0 {
		return errcode.NonContributory
	}
	secret.Copy(out[:32], shared[:])
	secret.Wipe(shared[:])
	return errcode.OK
}

// tripleDH fills shared with the secret that a session starts from:
// ECDH(I_A, E_B) ‖ ECDH(E_A, I_B) ‖ ECDH(E_A, E_B). Each side has the private half of one key of
// each pair, and the public half of the other.
func tripleDH(shared *[96]byte, private1, public1, private2, public2, private3, public3 *[32]byte) errcode.Code {
	code := dh(shared[:32], private1, public1)
	if code == errcode.OK {
		code = dh(shared[32:64], private2, public2)
	}
	if code == errcode.OK {
		code = dh(shared[64:], private3, public3)
	}
	return code
}

// StartOutbound makes s the initiator's side of a session of a with the owner of the given keys,
// from OutboundRandomLen random bytes. It returns BadAccountKey if a has no keys.
func (s *Session) StartOutbound(a *Account, identity, oneTime *[32]byte, random []byte, tol wire.Tolerance) errcode.Code {
	if tol == wire.Strict && !(curve.CanonicalMontgomery(identity) && curve.CanonicalMontgomery(oneTime)) {
		return errcode.BadPublicKey
	}
	if !a.created {
		return errcode.BadAccountKey
	}
	var base keyPair
	var shared [96]byte
	base.set(random)
	code := tripleDH(&shared, &a.identity.private, oneTime, &base.private, identity, &base.private, oneTime)
	if code == errcode.OK {
		var ratchetKey [32]byte
		secret.Copy(ratchetKey[:], random[32:64])
		s.ratchet.StartAlice(&shared, &ratchetKey)
		secret.Wipe(ratchetKey[:])
		s.identity, s.base, s.oneTime = a.identity.public, base.public, *oneTime
		s.received, s.created = false, true
	}
	base.wipe()
	secret.Wipe(shared[:])
	return code
}

// StartInbound makes s the responder's side of the session that m sets up. from, if not nil, is
// the identity key that m must come from. Nothing is authenticated yet, and the one-time key stays
// in the account. It returns BadAccountKey if a has no keys but one-time keys.
func (s *Session) StartInbound(a *Account, store []OneTimeKey, m *wire.PreKeyMessage, from *[32]byte, tol wire.Tolerance) errcode.Code {
	var identity, base, oneTime, theirs [32]byte
	if code := inboundKeys(&identity, &base, &oneTime, m, from); code != errcode.OK {
		return code
	}
	ratchetKey, code := wire.RatchetKey(m.Message, tol)
	if code != errcode.OK {
		return code
	}
	secret.Copy(theirs[:], ratchetKey)
	if tol == wire.Strict && !(curve.CanonicalMontgomery(&identity) && curve.CanonicalMontgomery(&base) && curve.CanonicalMontgomery(&theirs)) {
		return errcode.BadPublicKey
	}
	key, _ := a.find(store, &oneTime)
	if key == nil {
		return errcode.BadMessageKeyID
	}
	if !a.created {
		return errcode.BadAccountKey
	}
	var shared [96]byte
	code = tripleDH(&shared, &key.pair.private, &identity, &a.identity.private, &base, &key.pair.private, &base)
	if code == errcode.OK {
		s.ratchet.StartBob(&shared, &theirs)
		s.identity, s.base, s.oneTime = identity, base, oneTime
		s.received, s.created = false, true
	}
	secret.Wipe(shared[:])
	return code
}

// inboundKeys copies the three keys out of m. That the identity key is among them libolm wants only
// without from; with it, it then copies from a null pointer.
func inboundKeys(identity, base, oneTime *[32]byte, m *wire.PreKeyMessage, from *[32]byte) errcode.Code {
	if len(m.BaseKey) != 32 || len(m.OneTimeKey) != 32 || len(m.IdentityKey) != 32 {
		return errcode.BadMessageFormat
	}
	secret.Copy(identity[:], m.IdentityKey)
	if from != nil && !equal(identity, from) {
		return errcode.IdentityMismatch
	}
	secret.Copy(base[:], m.BaseKey)
	secret.Copy(oneTime[:], m.OneTimeKey)
	return errcode.OK
}

// Matches reports whether m belongs to s: whether it carries its keys. from, if not nil, must be the
// initiator's identity key too, and m need not say it again.
func (s *Session) Matches(m *wire.PreKeyMessage, from *[32]byte) bool {
	theirs := m.IdentityKey
	if from != nil {
		if !equal(from, &s.identity) {
			return false
		}
		if theirs == nil {
			theirs = from[:]
		}
	}
	return secret.Equal(theirs, s.identity[:])&secret.Equal(m.BaseKey, s.base[:])&secret.Equal(m.OneTimeKey, s.oneTime[:]) == 1
}

// Encryption.

// Type returns the type of the next message: TypePreKey until one was decrypted.
func (s *Session) Type() int {
	if s.received {
		return TypeNormal
	}
	return TypePreKey
}

// NeedsRandom reports whether the next message needs RatchetRandomLen random bytes.
func (s *Session) NeedsRandom() bool { return s.ratchet.NeedsRatchetKey() }

// MessageLen returns the length of the next message, for a plaintext of n bytes.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func (s *Session) MessageLen(n int) int {
	n = wire.MessageLen(s.ratchet.SendIndex(), aessha2.CiphertextLen(n))
	if !s.received {
		n = wire.PreKeyMessageLen(n)
	}
	return n
}

// Encrypt writes the next message to dst, of length MessageLen(len(plaintext)), which does not
// overlap plaintext. random has RatchetRandomLen bytes if NeedsRandom.
func (s *Session) Encrypt(dst, plaintext, random []byte) errcode.Code {
	if s.ratchet.NeedsRatchetKey() {
		var key [32]byte
		secret.Copy(key[:], random[:RatchetRandomLen])
		code := s.ratchet.StartSending(&key)
		secret.Wipe(key[:])
		if code != errcode.OK {
			return code
		}
	}
	index := s.ratchet.SendIndex()
	var key, ratchetKey [32]byte
	if code := s.ratchet.NextMessageKey(&key); code != errcode.OK {
		return code
	}
	s.ratchet.RatchetKey(&ratchetKey)
	ciphertextLen := aessha2.CiphertextLen(len(plaintext))
	message := dst
	if !s.received {
		message = wire.PutPreKeyMessage(dst, &s.oneTime, &s.base, &s.identity, wire.MessageLen(index, ciphertextLen))
	}
	ciphertext := wire.PutMessage(message, &ratchetKey, index, ciphertextLen)

	var k aessha2.Keys
	var mac [32]byte
	k.Derive(key[:], olmInfo)
	secret.Wipe(key[:])
	k.Encrypt(ciphertext, plaintext)
	signed := message[:len(message)-wire.MACLen]
	k.MAC(&mac, signed)
	secret.Copy(message[len(signed):], mac[:wire.MACLen])
	k.Wipe()
	return errcode.OK
}

// Decryption.

// CheckPreKey decides whether s may decrypt the message inside m. libolm looks at nothing but that
// message; wire.Strict also wants the keys around it to be those of the session, since nothing
// authenticates them.
func (s *Session) CheckPreKey(m *wire.PreKeyMessage, tol wire.Tolerance) errcode.Code {
	if tol == wire.Strict && !s.Matches(m, nil) {
		return errcode.SessionMismatch
	}
	return errcode.OK
}

// Decrypt authenticates m and decrypts it to dst, which is at least as long as the ciphertext, and
// returns the length of the plaintext. The session has not moved yet: on OK the caller makes room
// for Room(p) skipped keys and calls Commit; on any other code nothing has changed, and dst holds
// nothing of the plaintext.
func (s *Session) Decrypt(p *ratchet.Pending, skipped *ratchet.Skipped, dst []byte, m *wire.Message, tol wire.Tolerance) (n int, code errcode.Code) {
	var theirs [32]byte
	secret.Copy(theirs[:], m.RatchetKey)
	if tol == wire.Strict && !curve.CanonicalMontgomery(&theirs) {
		return 0, errcode.BadPublicKey
	}
	if code := s.ratchet.Receive(p, skipped, &theirs, m.Index); code != errcode.OK {
		p.Wipe()
		return 0, code
	}
	var k aessha2.Keys
	k.Derive(p.Key[:], olmInfo)
	n, ok := 0, k.VerifyMAC((*[aessha2.TagLen]byte)(m.MAC), m.Signed) == 1
	if ok {
		n, ok = k.Decrypt(dst, m.Ciphertext)
	}
	k.Wipe()
	if !ok {
		p.Wipe()
		return 0, errcode.BadMessageMAC
	}
	return n, errcode.OK
}

// Room returns how many skipped keys Commit needs room for; never more than ratchet.MaxSkipped.
func (s *Session) Room(p *ratchet.Pending) int { return s.ratchet.Room(p) }

// Commit moves s past the message that Decrypt prepared p for.
func (s *Session) Commit(p *ratchet.Pending, skipped *ratchet.Skipped) {
	s.ratchet.Commit(p, skipped)
	s.received = true
}
