package cabi

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// GroupSessionIDLen is the length of a group session's id.
const GroupSessionIDLen = keyText

// OutboundGroupSession is an OlmOutboundGroupSession.
type OutboundGroupSession struct {
	status
	g protocol.OutboundGroup
}

// InitOutboundGroupRandomLen is how many random bytes Init needs.
const InitOutboundGroupRandomLen = protocol.GroupRandomLen

// Init makes g a new session. It wipes random, unless that is too short.
func (g *OutboundGroupSession) Init(random []byte) uint {
	if len(random) < InitOutboundGroupRandomLen {
		return g.fail(errcode.NotEnoughRandom)
	}
	g.g.Start(random)
	secret.Wipe(random)
	return 0
}

// OutboundGroupPickleLen returns the length of the pickle of an OutboundGroupSession.
func OutboundGroupPickleLen() uint { return uint(protocol.OutboundPickleLen) }

// Pickle writes the session, encrypted under key, to pickled, and returns the length.
func (g *OutboundGroupSession) Pickle(key, pickled []byte) uint {
	return writePickle(g, OutboundGroupPickleLen(), key, pickled)
}

func (g *OutboundGroupSession) write(dst, key []byte) { g.g.Pickle(dst, key) }

// Unpickle reads the session from pickled, which is decrypted where it lies, and returns the length
// of pickled.
func (g *OutboundGroupSession) Unpickle(key, pickled []byte) uint { return readPickle(g, key, pickled) }

func (g *OutboundGroupSession) read(raw []byte) errcode.Code {
	return g.g.Unpickle(raw, wire.Lenient)
}

// EncryptMessageLen returns the length of the next message for a plaintext of n bytes, or Error if
// that is too long.
func (g *OutboundGroupSession) EncryptMessageLen(n uint) uint {
	if n > maxPlaintext {
		return Error
	}
	return uint(wire.EncodedLen(g.g.MessageLen(int(n))))
}

// Encrypt writes the next message and returns its length.
func (g *OutboundGroupSession) Encrypt(plaintext, message []byte) uint {
	n := g.EncryptMessageLen(uint(len(plaintext)))
	if uint(len(message)) < n {
		return g.fail(errcode.OutputBufferTooSmall)
	}
	if !g.g.Created() {
		return g.fail(noSession)
	}
	message = message[:n]
	raw := message[int(n)-g.g.MessageLen(len(plaintext)):]
	if code := g.g.Encrypt(raw, plaintext); code != errcode.OK {
		return g.fail(code)
	}
	wire.Encode(message, raw)
	return n
}

// ID writes the id of the session and returns its length.
func (g *OutboundGroupSession) ID(out []byte) uint { return g.putText(out, g.g.Public()[:]) }

// MessageIndex returns the index of the next message.
func (g *OutboundGroupSession) MessageIndex() uint32 { return g.g.Index() }

// SessionKeyLen returns the length of what Key writes.
func SessionKeyLen() uint { return uint(wire.EncodedLen(protocol.SessionKeyLen)) }

// Key writes what lets others decrypt from the next message on, and returns its length.
func (g *OutboundGroupSession) Key(out []byte) uint {
	n := SessionKeyLen()
	if uint(len(out)) < n {
		return g.fail(errcode.OutputBufferTooSmall)
	}
	if !g.g.Created() {
		return g.fail(noSession)
	}
	out = out[:n]
	raw := out[n-protocol.SessionKeyLen:]
	g.g.SessionKey(raw)
	wire.Encode(out, raw)
	return n
}

// InboundGroupSession is an OlmInboundGroupSession.
type InboundGroupSession struct {
	status
	g protocol.InboundGroup
}

// InboundGroupPickleLen returns the length of the pickle of an InboundGroupSession.
func InboundGroupPickleLen() uint { return uint(protocol.InboundPickleLen) }

// Pickle writes the session, encrypted under key, to pickled, and returns the length.
func (g *InboundGroupSession) Pickle(key, pickled []byte) uint {
	return writePickle(g, InboundGroupPickleLen(), key, pickled)
}

func (g *InboundGroupSession) write(dst, key []byte) { g.g.Pickle(dst, key, wire.Lenient) }

// Unpickle reads the session from pickled, which is decrypted where it lies, and returns the length
// of pickled.
func (g *InboundGroupSession) Unpickle(key, pickled []byte) uint { return readPickle(g, key, pickled) }

func (g *InboundGroupSession) read(raw []byte) errcode.Code {
	return g.g.Unpickle(raw, wire.Lenient)
}

// Init makes g the session of a session key, whose signature must verify.
func (g *InboundGroupSession) Init(sessionKey []byte) uint {
	var raw [protocol.SessionKeyLen]byte
	code := decodeSessionKey(raw[:], sessionKey)
	if code == errcode.OK {
		code = g.g.Start(raw[:])
	}
	secret.Wipe(raw[:])
	if code != errcode.OK {
		return g.fail(code)
	}
	return 0
}

// Import makes g the session of an exported key, which nobody has signed.
func (g *InboundGroupSession) Import(sessionKey []byte) uint {
	var raw [protocol.ExportLen]byte
	code := decodeSessionKey(raw[:], sessionKey)
	if code == errcode.OK {
		code = g.g.Import(raw[:], wire.Lenient)
	}
	secret.Wipe(raw[:])
	if code != errcode.OK {
		return g.fail(code)
	}
	return 0
}

// decodeSessionKey decodes the text of a session key, which must fill raw.
func decodeSessionKey(raw, text []byte) errcode.Code {
	switch n := wire.DecodedLen(len(text)); {
	case n < 0:
		return errcode.InvalidBase64
	case n != len(raw):
		return errcode.BadSessionKey
	}
	wire.DecodeLenient(raw, text)
	return errcode.OK
}

// DecryptMaxPlaintextLen returns how much room Decrypt wants for a plaintext. The message is decoded
// where it lies.
func (g *InboundGroupSession) DecryptMaxPlaintextLen(message []byte) uint {
	raw, code := decodeInPlace(message)
	n := 0
	if code == errcode.OK {
		n, code = wire.MaxGroupPlaintextLen(raw)
	}
	if code != errcode.OK {
		return g.fail(code)
	}
	return uint(n)
}

// Decrypt authenticates and decrypts a message, which is decoded where it lies, and returns the length
// of the plaintext. Unless index is nil, the message's index is written to it as soon as it is known,
// before it is known to be authentic.
func (g *InboundGroupSession) Decrypt(message, plaintext []byte, index *uint32) uint {
	raw, code := decodeInPlace(message)
	if code != errcode.OK {
		return g.fail(code)
	}
	var m wire.GroupMessage
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return g.fail(code)
	}
	if index != nil {
		*index = m.Index
	}
	n, code := g.g.Decrypt(plaintext, &m, wire.Lenient)
	if code != errcode.OK {
		return g.fail(code)
	}
	return uint(n)
}

// ID writes the id of the session and returns its length.
func (g *InboundGroupSession) ID(out []byte) uint { return g.putText(out, g.g.Public()[:]) }

// FirstKnownIndex returns the index of the first message that g can decrypt.
func (g *InboundGroupSession) FirstKnownIndex() uint32 { return g.g.FirstKnownIndex() }

// IsVerified reports whether the ratchet is known to come from the owner of the signing key, at some index at
// least: from a signed session key, or because a message decrypted. This is libolm's flag.
func (g *InboundGroupSession) IsVerified() bool {
	_, ok := g.g.VerifiedFrom()
	return ok
}

// ExportLen returns the length of what Export writes.
func ExportLen() uint { return uint(wire.EncodedLen(protocol.ExportLen)) }

// Export writes what lets somebody decrypt from index on, and returns its length.
func (g *InboundGroupSession) Export(out []byte, index uint32) uint {
	n := ExportLen()
	if uint(len(out)) < n {
		return g.fail(errcode.OutputBufferTooSmall)
	}
	if !g.g.Created() {
		return g.fail(errcode.UnknownMessageIndex)
	}
	out = out[:n]
	raw := out[n-protocol.ExportLen:]
	if code := g.g.Export(raw, index, wire.Lenient); code != errcode.OK {
		return g.fail(code)
	}
	wire.Encode(out, raw)
	return n
}
