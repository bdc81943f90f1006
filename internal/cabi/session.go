package cabi

import (
	"math"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// Session is an OlmSession.
type Session struct {
	status
	s         protocol.Session
	skipped   [maxSkipped]ratchet.SkippedKey
	forgotten [maxSkipped]ratchet.ForgottenChain
}

// maxSkipped is how many skipped message keys libolm keeps, of all chains together.
const maxSkipped = 40

// storage sets k to where s keeps its skipped keys.
func (s *Session) storage(k *ratchet.Skipped) {
	k.Keys = s.skipped[:]
	k.Forgotten = s.forgotten[:]
}

// reset makes s a session of zeros, but for the reason of its last failure.
func (s *Session) reset() {
	code := s.code
	secret.Wipe(bytesOf(s))
	s.code = code
}

// PickleLen returns the length of the session's pickle.
func (s *Session) PickleLen() uint { return uint(s.s.PickleLen()) }

// Pickle writes the session, encrypted under key, to pickled, and returns the length.
func (s *Session) Pickle(key, pickled []byte) uint {
	return writePickle(s, s.PickleLen(), key, pickled)
}

func (s *Session) write(dst, key []byte) {
	var skipped ratchet.Skipped
	s.storage(&skipped)
	s.s.Pickle(dst, key, &skipped)
}

// Unpickle reads the session from pickled, which is decrypted where it lies, and returns the length
// of pickled.
func (s *Session) Unpickle(key, pickled []byte) uint { return readPickle(s, key, pickled) }

func (s *Session) read(raw []byte) errcode.Code {
	var r protocol.SessionReader
	if code := r.Open(raw); code != errcode.OK {
		return code
	}
	s.reset()
	var skipped ratchet.Skipped
	s.storage(&skipped)
	return s.s.Unpickle(&r, &skipped, wire.Lenient)
}

// Setup.

// CreateOutboundRandomLen is how many random bytes CreateOutbound needs.
const CreateOutboundRandomLen = protocol.OutboundRandomLen

// CreateOutbound makes s a new session of a with the owner of the given keys. It wipes random, unless
// a key has the wrong length.
func (s *Session) CreateOutbound(a *Account, identityKey, oneTimeKey, random []byte) uint {
	var identity, oneTime [32]byte
	code := decodeKey(&identity, identityKey)
	if code == errcode.OK {
		code = decodeKey(&oneTime, oneTimeKey)
	}
	if code != errcode.OK {
		return s.fail(code)
	}
	code = errcode.NotEnoughRandom
	if len(random) >= CreateOutboundRandomLen {
		code = s.s.StartOutbound(&a.a, &identity, &oneTime, random, wire.Lenient)
	}
	secret.Wipe(random)
	if code != errcode.OK {
		return s.failKey(code)
	}
	s.dropSkipped()
	return 0
}

// decodePreKey decodes a pre-key message where it lies.
func decodePreKey(m *wire.PreKeyMessage, message []byte) errcode.Code {
	raw, code := decodeInPlace(message)
	if code != errcode.OK {
		return code
	}
	return m.Decode(raw, wire.Lenient)
}

// CreateInbound makes s the session that a pre-key message sets up. The message is decoded where it
// lies, nothing in it is authenticated yet, and the one-time key stays in a.
func (s *Session) CreateInbound(a *Account, message []byte) uint {
	return s.createInbound(a, nil, message)
}

// CreateInboundFrom is CreateInbound for a message that must come from the owner of identityKey.
func (s *Session) CreateInboundFrom(a *Account, identityKey, message []byte) uint {
	var from [32]byte
	if code := decodeKey(&from, identityKey); code != errcode.OK {
		return s.fail(code)
	}
	return s.createInbound(a, &from, message)
}

func (s *Session) createInbound(a *Account, from *[32]byte, message []byte) uint {
	var m wire.PreKeyMessage
	code := decodePreKey(&m, message)
	if code == errcode.OK {
		code = s.s.StartInbound(&a.a, a.store[:], &m, from, wire.Lenient)
	}
	switch code {
	case errcode.OK:
		s.dropSkipped()
		return 0
	case errcode.NonContributory: // a key in the message that libolm would go on with
		code = errcode.BadMessageFormat
	}
	return s.fail(code)
}

// MatchesInbound returns 1 if a pre-key message belongs to s, and 0 if it does not or is none. The
// message is decoded where it lies.
func (s *Session) MatchesInbound(message []byte) uint { return s.matchesInbound(nil, message) }

// MatchesInboundFrom is MatchesInbound for a message that must come from the owner of identityKey.
func (s *Session) MatchesInboundFrom(identityKey, message []byte) uint {
	var from [32]byte
	if code := decodeKey(&from, identityKey); code != errcode.OK {
		return s.fail(code)
	}
	return s.matchesInbound(&from, message)
}

func (s *Session) matchesInbound(from *[32]byte, message []byte) uint {
	var m wire.PreKeyMessage
	switch code := decodePreKey(&m, message); {
	case code == errcode.InvalidBase64:
		return s.fail(code)
	case code == errcode.OK && s.s.Matches(&m, from):
		return 1
	}
	return 0
}

// SessionIDLen is the length of a session's id.
const SessionIDLen = keyText

// ID writes the id of the session, equal on both sides, and returns its length.
func (s *Session) ID(out []byte) uint {
	var id [32]byte
	s.s.ID(&id)
	return s.putText(out, id[:])
}

// HasReceivedMessage reports whether s has decrypted a message.
func (s *Session) HasReceivedMessage() bool { return s.s.HasReceived() }

// Messages.

// EncryptMessageType returns the type of the next message: 0 for a pre-key message, 1 for a normal
// one.
func (s *Session) EncryptMessageType() uint { return uint(s.s.Type()) }

// EncryptRandomLen returns how many random bytes the next message needs.
func (s *Session) EncryptRandomLen() uint {
	if s.s.NeedsRandom() {
		return protocol.RatchetRandomLen
	}
	return 0
}

// EncryptMessageLen returns the length of the next message for a plaintext of n bytes, or Error if
// that is too long.
func (s *Session) EncryptMessageLen(n uint) uint {
	if n > maxPlaintext {
		return Error
	}
	return uint(wire.EncodedLen(s.s.MessageLen(int(n))))
}

// Encrypt writes the next message and returns its length. It wipes random, unless message has no room.
func (s *Session) Encrypt(plaintext, random, message []byte) uint {
	n := s.EncryptMessageLen(uint(len(plaintext)))
	if uint(len(message)) < n {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	message = message[:n]
	raw := message[int(n)-s.s.MessageLen(len(plaintext)):]
	code := errcode.NotEnoughRandom
	if uint(len(random)) >= s.EncryptRandomLen() {
		code = s.s.Encrypt(raw, plaintext, random)
	}
	secret.Wipe(random)
	if code != errcode.OK {
		return s.fail(code)
	}
	wire.Encode(message, raw)
	return n
}

// normalMessage decodes a message of the given type where it lies, and returns the normal message
// that it is or contains. Every type but 1 is a pre-key message.
func normalMessage(kind uint, message []byte) ([]byte, errcode.Code) {
	raw, code := decodeInPlace(message)
	if code != errcode.OK || kind == protocol.TypeNormal {
		return raw, code
	}
	var m wire.PreKeyMessage
	code = m.Decode(raw, wire.Lenient)
	return m.Message, code
}

// DecryptMaxPlaintextLen returns how much room Decrypt wants for a plaintext. The message is decoded
// where it lies.
func (s *Session) DecryptMaxPlaintextLen(kind uint, message []byte) uint {
	raw, code := normalMessage(kind, message)
	if code != errcode.OK {
		return s.fail(code)
	}
	n, code := wire.MaxPlaintextLen(raw)
	if code != errcode.OK {
		return s.fail(code)
	}
	return uint(n)
}

// Decrypt authenticates and decrypts a message of the given type, which is decoded where it lies, and
// returns the length of the plaintext.
func (s *Session) Decrypt(kind uint, message, plaintext []byte) uint {
	raw, code := normalMessage(kind, message)
	if code != errcode.OK {
		return s.fail(code)
	}
	var m wire.Message
	code = m.Decode(raw, wire.Lenient)
	if len(m.Ciphertext) > len(plaintext) {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	if code != errcode.OK {
		return s.fail(code)
	}
	var skipped ratchet.Skipped
	s.storage(&skipped)
	var p ratchet.Pending
	n, code := s.s.Decrypt(&p, &skipped, plaintext, &m, wire.Lenient)
	if code != errcode.OK {
		return s.fail(code)
	}
	s.s.Commit(&p, &skipped)
	return uint(n)
}

// Describe writes a text with the indices of the session's chains and skipped keys, and a NUL, to out.
// If there is no room, it ends with three dots, or is empty.
func (s *Session) Describe(out []byte) {
	const tooShort = len("sender chain index: ") + 3
	if len(out) == 0 || len(out) > math.MaxInt32 {
		return
	}
	if len(out) < tooShort {
		out[0] = 0
		return
	}
	t := text{out: out}
	s.describe(&t)
	switch {
	case t.n > len(out):
		end := text{out: out, n: len(out) - 4}
		end.str("...")
		end.byte(0)
	case t.n == len(out):
		out[t.n-1] = 0 // libolm forgets the dots
	default:
		t.byte(0)
	}
}

func (s *Session) describe(t *text) {
	r := s.s.Ratchet()
	t.str("sender chain index: ")
	t.int(int32(r.SendIndex()))
	t.str(" receiver chain indices:")
	for i := range r.ReceivingChains() {
		t.byte(' ')
		t.int(int32(r.ReceiveIndex(i)))
	}
	t.str(" skipped message keys:")
	var skipped ratchet.Skipped
	s.storage(&skipped)
	for i := range r.Skipped() {
		t.byte(' ')
		t.int(int32(r.SkippedIndex(&skipped, i)))
	}
}
