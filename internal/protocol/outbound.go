package protocol

import (
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// GroupRandomLen is how many random bytes an outbound Megolm session consumes: its ratchet and its
// Ed25519 seed.
const GroupRandomLen = ratchet.MegolmLen + 32

// Lengths and versions of the two forms in which an inbound session travels.
const (
	SessionKeyLen = sharedLen + 64
	ExportLen     = sharedLen

	sharedLen         = 1 + 4 + ratchet.MegolmLen + 32
	sessionKeyVersion = 2
	exportVersion     = 1
)

var megolmInfo = []byte("MEGOLM_KEYS")

// OutboundGroup is the sender's side of a Megolm session.
type OutboundGroup struct {
	ratchet ratchet.Megolm
	signing signingPair
	created bool
}

// Start makes g a new session from GroupRandomLen random bytes.
func (g *OutboundGroup) Start(random []byte) {
	g.ratchet.Set(random, 0)
	g.signing.set(random[ratchet.MegolmLen:])
	g.created = true
}

// Created reports whether g was set up.
func (g *OutboundGroup) Created() bool { return g.created }

// Public returns the Ed25519 key of the session, whose base64 is its id.
func (g *OutboundGroup) Public() *[32]byte { return &g.signing.public }

// Index returns the index of the next message.
func (g *OutboundGroup) Index() uint32 { return g.ratchet.Counter() }

// Wipe overwrites g with zeros.
func (g *OutboundGroup) Wipe() {
	g.ratchet.Wipe()
	g.signing.wipe()
	g.created = false
}

// SessionKey writes what lets others decrypt from the next message on to dst, of SessionKeyLen
// bytes: version ‖ index ‖ ratchet ‖ Ed25519 key ‖ signature.
func (g *OutboundGroup) SessionKey(dst []byte) {
	putShared(dst, sessionKeyVersion, &g.ratchet, &g.signing.public)
	var sig [64]byte
	g.signing.sign(&sig, dst[:sharedLen])
	secret.Copy(dst[sharedLen:SessionKeyLen], sig[:])
}

func putShared(dst []byte, version byte, r *ratchet.Megolm, public *[32]byte) {
	dst = dst[:sharedLen]
	dst[0] = version
	wire.PutUint32(dst[1:], r.Counter())
	r.Key((*[ratchet.MegolmLen]byte)(dst[5:]))
	secret.Copy(dst[sharedLen-32:], public[:])
}

// MessageLen returns the length of the next message, for a plaintext of n bytes.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func (g *OutboundGroup) MessageLen(n int) int {
	return wire.GroupMessageLen(g.ratchet.Counter(), aessha2.CiphertextLen(n))
}

// Encrypt writes the next message to dst, of length MessageLen(len(plaintext)), which does not
// overlap plaintext. At the last index, whose successor would be the first again, it refuses.
func (g *OutboundGroup) Encrypt(dst, plaintext []byte) errcode.Code {
	index := g.ratchet.Counter()
	if index == ^uint32(0) {
		return errcode.Exhausted
	}
	ciphertext := wire.PutGroupMessage(dst, index, aessha2.CiphertextLen(len(plaintext)))
	var k aessha2.Keys
	megolmKeys(&k, &g.ratchet)
	k.Encrypt(ciphertext, plaintext)
	signed := dst[:len(dst)-wire.SignatureLen]
	macAt := len(signed) - wire.MACLen
	var mac [32]byte
	k.MAC(&mac, signed[:macAt])
	secret.Copy(signed[macAt:], mac[:wire.MACLen])
	k.Wipe()
	var sig [64]byte
	g.signing.sign(&sig, signed)
	secret.Copy(dst[len(signed):], sig[:])
	g.ratchet.Advance()
	return errcode.OK
}

// megolmKeys derives the keys of the message at r.
func megolmKeys(k *aessha2.Keys, r *ratchet.Megolm) {
	var key [ratchet.MegolmLen]byte
	r.Key(&key)
	k.Derive(key[:], megolmInfo)
	secret.Wipe(key[:])
}

// Pickles.

const (
	outboundVersion = 1
	outboundRawLen  = 4 + ratchet.MegolmPickleLen + signingPairLen
)

// OutboundPickleLen is the length of what Pickle writes.
var OutboundPickleLen = envelope.SealedLen(outboundRawLen)

// Pickle writes g, encrypted under key, to dst.
func (g *OutboundGroup) Pickle(dst, key []byte) {
	w := wire.NewWriter(envelope.Contents(dst, outboundRawLen))
	w.Uint32(outboundVersion)
	g.ratchet.Pickle(&w)
	g.signing.pickle(&w)
	envelope.Seal(dst, key, outboundRawLen)
}

// Unpickle reads g from the contents of a pickle. After an error g is what it was, unless
// tol is wire.Strict: then it may be anything, and must be wiped.
func (g *OutboundGroup) Unpickle(raw []byte, tol wire.Tolerance) errcode.Code {
	r := wire.NewReader(raw)
	version := r.Uint32()
	switch {
	case r.Short():
		return errcode.CorruptedPickle
	case version != outboundVersion:
		return errcode.UnknownPickleVersion
	}
	if code := fills(&r, outboundRawLen-4); code != errcode.OK {
		return code
	}
	g.ratchet.Unpickle(&r)
	g.signing.unpickle(&r)
	g.created = g.ratchet.IsZero()|secret.IsZero(g.signing.private[:32]) == 0
	if tol == wire.Strict && (!g.created || g.signing.hasZero()) {
		return errcode.CorruptedPickle
	}
	return errcode.OK
}

// Check recomputes the public signing key, which Unpickle takes as it finds it.
func (g *OutboundGroup) Check() errcode.Code { return g.signing.check() }
