package protocol

import (
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// InboundGroup is a receiver's side of a Megolm session.
type InboundGroup struct {
	initial    ratchet.Megolm // the earliest that is known
	latest     ratchet.Megolm // a cache, initial further on: the way to most messages is shorter from here
	public     [32]byte
	provenFrom uint32 // from here on the ratchet comes from the owner of the signing key, if proof says so
	proof      proof
	created    bool
}

// Created reports whether g was set up.
func (g *InboundGroup) Created() bool { return g.created }

// Public returns the Ed25519 key of the session, whose base64 is its id.
func (g *InboundGroup) Public() *[32]byte { return &g.public }

// FirstKnownIndex returns the index of the first message that g can decrypt.
func (g *InboundGroup) FirstKnownIndex() uint32 { return g.initial.Counter() }

// Wipe overwrites g with zeros.
func (g *InboundGroup) Wipe() {
	g.initial.Wipe()
	g.latest.Wipe()
	secret.Wipe(g.public[:])
	g.provenFrom, g.proof, g.created = 0, unproven, false
}

// Start makes g the session of a session key, whose signature must verify.
func (g *InboundGroup) Start(sessionKey []byte) errcode.Code {
	if len(sessionKey) != SessionKeyLen || sessionKey[0] != sessionKeyVersion {
		return errcode.BadSessionKey
	}
	var public [32]byte
	var sig [64]byte
	secret.Copy(public[:], sessionKey[sharedLen-32:sharedLen])
	secret.Copy(sig[:], sessionKey[sharedLen:])
	if !curve.Verify(&public, sessionKey[:sharedLen], &sig) {
		return errcode.BadSignature
	}
	g.set(sessionKey)
	g.prove(g.initial.Counter())
	return errcode.OK
}

// Import makes g the session of an exported key, which nobody has signed.
func (g *InboundGroup) Import(exported []byte, tol wire.Tolerance) errcode.Code {
	if len(exported) != ExportLen || exported[0] != exportVersion {
		return errcode.BadSessionKey
	}
	var public [32]byte
	secret.Copy(public[:], exported[sharedLen-32:])
	if tol == wire.Strict && !curve.ValidPublic(&public) {
		return errcode.BadSessionKey
	}
	g.set(exported)
	return errcode.OK
}

func (g *InboundGroup) set(shared []byte) {
	g.initial.Set(shared[5:], wire.Uint32(shared[1:])) // a Reader would let shared escape
	g.latest.CopyFrom(&g.initial)
	secret.Copy(g.public[:], shared[sharedLen-32:sharedLen])
	g.provenFrom, g.proof, g.created = 0, unproven, true
}

// reaches reports whether a ratchet at index from can move to index to. libolm counts modulo 2^32
// and takes the shorter way round; wire.Strict never passes the end.
func reaches(from, to uint32, tol wire.Tolerance) bool {
	if tol == wire.Lenient {
		return to-from < 1<<31
	}
	return to >= from
}

// at sets r to the ratchet at index, if g knows it.
func (g *InboundGroup) at(r *ratchet.Megolm, index uint32, tol wire.Tolerance) errcode.Code {
	switch {
	case reaches(g.latest.Counter(), index, tol):
		r.CopyFrom(&g.latest)
	case reaches(g.initial.Counter(), index, tol):
		r.CopyFrom(&g.initial)
	default:
		return errcode.UnknownMessageIndex
	}
	r.AdvanceTo(index)
	return errcode.OK
}

// Decrypt checks the signature of m, that dst is at least as long as the ciphertext, and the MAC,
// decrypts it to dst, and returns the length of the plaintext. On any code but OK nothing has changed,
// and dst holds nothing of the plaintext.
func (g *InboundGroup) Decrypt(dst []byte, m *wire.GroupMessage, tol wire.Tolerance) (n int, code errcode.Code) {
	var sig [64]byte
	secret.Copy(sig[:], m.Signature)
	if !curve.Verify(&g.public, m.Signed, &sig) {
		return 0, errcode.BadSignature
	}
	if len(dst) < len(m.Ciphertext) {
		return 0, errcode.OutputBufferTooSmall
	}
	var r ratchet.Megolm
	if code := g.at(&r, m.Index, tol); code != errcode.OK {
		return 0, code
	}
	var k aessha2.Keys
	megolmKeys(&k, &r)
	n, ok := 0, k.VerifyMAC((*[aessha2.TagLen]byte)(m.MAC), m.MACed) == 1
	if ok {
		n, ok = k.Decrypt(dst, m.Ciphertext)
	}
	k.Wipe()
	if !ok {
		r.Wipe()
		return 0, errcode.BadMessageMAC
	}
	g.cache(&r, tol)
	r.Wipe()
	g.proveByMessage(m.Index)
	return n, errcode.OK
}

// cache keeps r as the latest ratchet if it is ahead of it.
func (g *InboundGroup) cache(r *ratchet.Megolm, tol wire.Tolerance) {
	if at := g.latest.Counter(); at != r.Counter() && reaches(at, r.Counter(), tol) {
		g.latest.CopyFrom(r)
	}
}

// Export writes what lets somebody decrypt from index on to dst, of ExportLen bytes:
// version ‖ index ‖ ratchet ‖ Ed25519 key.
func (g *InboundGroup) Export(dst []byte, index uint32, tol wire.Tolerance) errcode.Code {
	var r ratchet.Megolm
	if code := g.at(&r, index, tol); code != errcode.OK {
		return code
	}
	putShared(dst, exportVersion, &r, &g.public)
	g.cache(&r, tol)
	r.Wipe()
	return errcode.OK
}

// Advance makes index the first that g knows, for good.
func (g *InboundGroup) Advance(index uint32) errcode.Code {
	var r ratchet.Megolm
	if code := g.at(&r, index, wire.Strict); code != errcode.OK {
		return code
	}
	g.initial.CopyFrom(&r)
	if !reaches(index, g.latest.Counter(), wire.Strict) {
		g.latest.CopyFrom(&r)
	}
	r.Wipe()
	if g.proof != unproven {
		g.provenFrom = max(g.provenFrom, index)
	}
	return errcode.OK
}

// Pickles. Version 1 had no flag: every session came from a signed key. In version 2 there is no room for
// more than the flag.

const (
	inboundUnflagged = 1
	inboundVersion   = 2
	inboundRawLen    = 4 + 2*ratchet.MegolmPickleLen + 32 + 1
)

// InboundPickleLen is the length of what Pickle writes.
var InboundPickleLen = envelope.SealedLen(inboundRawLen)

// Pickle writes g, encrypted under key, to dst. The flag that g is verified is libolm's under wire.Lenient: set
// by any one message. Under wire.Strict it is set if all that g knows is verified. Where it isn't, that some of it
// is, is forgotten, and comes back with the next message: too little is claimed, never too much.
func (g *InboundGroup) Pickle(dst, key []byte, tol wire.Tolerance) {
	w := wire.NewWriter(envelope.Contents(dst, inboundRawLen))
	w.Uint32(inboundVersion)
	g.initial.Pickle(&w)
	g.latest.Pickle(&w)
	w.Bytes(g.public[:])
	w.Bool(g.Verified() || tol == wire.Lenient && g.proof != unproven)
	envelope.Seal(dst, key, inboundRawLen)
}

// Unpickle reads g from the contents of a pickle. After an error g is what it was, unless
// tol is wire.Strict: then it may be anything, and must be wiped.
func (g *InboundGroup) Unpickle(raw []byte, tol wire.Tolerance) errcode.Code {
	r := wire.NewReader(raw)
	version := r.Uint32()
	switch {
	case r.Short():
		return errcode.CorruptedPickle
	case version != inboundUnflagged && version != inboundVersion:
		return errcode.UnknownPickleVersion
	}
	n := inboundRawLen - 4
	if version == inboundUnflagged {
		n--
	}
	if code := fills(&r, n); code != errcode.OK {
		return code
	}
	g.initial.Unpickle(&r)
	g.latest.Unpickle(&r)
	r.Bytes(g.public[:])
	secret.PublicBytes(g.public[:])
	g.provenFrom, g.proof = 0, unproven
	if version == inboundUnflagged {
		g.prove(g.initial.Counter())
	} else if r.Bool() {
		g.flag()
	}
	g.created = g.initial.IsZero()|g.latest.IsZero() == 0
	if tol == wire.Strict && !g.possible() {
		return errcode.CorruptedPickle
	}
	return errcode.OK
}

// possible reports whether g could be a session in use.
func (g *InboundGroup) possible() bool {
	return g.initial.IsZero()|g.latest.IsZero()|secret.IsZero(g.public[:]) == 0 &&
		reaches(g.initial.Counter(), g.latest.Counter(), wire.Strict)
}
