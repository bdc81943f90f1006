// Package megolm implements Megolm, Matrix's encryption of one device to many: a ratchet that only
// the sender and those who got its key can follow, and a signature on every message (Megolm
// specification, https://spec.matrix.org/latest/olm-megolm/megolm/).
//
// The sender's [OutboundSession] encrypts. Its [SessionKey] goes to every member's devices, over Olm
// (package olm), and makes an [InboundSession] there, which decrypts this and all later messages, in
// any order and any number of times. It says nothing of messages before: that is what a member who
// joins late, or an exported key, can't read.
//
// Decryption yields the index of a message. A caller must refuse an index that it saw before with
// another event: nothing else tells a replay.
//
// # Guarantees
//
// On an error the object is what it was before, bit for bit. A message is taken only if both its
// signature and its MAC are right. No exported key, whoever made it, replaces what a session key's signature or a
// message has verified. No operation takes time that depends on a secret. A jump over any
// number of messages costs at most 1,030 HMACs, about 0.2 milliseconds.
//
// Several goroutines may use an object at once: their calls take turns, in no particular order.
package megolm

import (
	"errors"
	"strconv"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/wire"
)

// Reviewers: this package is the Go shape of internal/protocol, where the cryptography is. What it
// adds is memory, randomness, and errors.

// Errors that a caller may want to tell apart. Those of unpickling are in package pickle.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = failure.ErrWiped
	// ErrMessageFormat means that a message is malformed.
	ErrMessageFormat = failure.ErrMessageFormat
	// ErrMessageVersion means that a message has another version than 3, or is too short to have one.
	ErrMessageVersion = failure.ErrMessageVersion
	// ErrSignature means that the signature of a message or session key is wrong: it was changed, or
	// is not by the owner of the session.
	ErrSignature = failure.ErrSignature
	// ErrBadMAC means that a message is signed by the owner of the session, but was not made with
	// its ratchet.
	ErrBadMAC = failure.ErrBadMAC
	// ErrSessionKey means that a session key or exported key is malformed.
	ErrSessionKey = failure.ErrSessionKey
	// ErrExhausted means that a session has sent its last message.
	ErrExhausted = failure.ErrExhausted
	// ErrUnrelated means that two inbound sessions are not of one outbound session, or contradict each other.
	ErrUnrelated = errors.New("megolm: sessions are not the same")
)

// UnknownIndexError means that a session does not reach back to an index.
type UnknownIndexError struct {
	Index      uint32 // that was asked for
	FirstKnown uint32 // the first that the session knows
}

func (e *UnknownIndexError) Error() string {
	return "megolm: message index " + strconv.FormatUint(uint64(e.Index), 10) +
		" is before the first known one, " + strconv.FormatUint(uint64(e.FirstKnown), 10)
}

// Message is an encrypted message: raw bytes, which as text, and so in JSON, are unpadded base64.
type Message []byte

// String returns the unpadded base64 of m.
func (m Message) String() string { return wire.Text(m) }

// AppendText implements encoding.TextAppender.
func (m Message) AppendText(dst []byte) ([]byte, error) { return wire.AppendText(dst, m), nil }

// MarshalText implements encoding.TextMarshaler.
func (m Message) MarshalText() ([]byte, error) { return wire.AppendText(nil, m), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It returns ErrMessageFormat if text is not
// base64, with or without padding; m is then unchanged.
func (m *Message) UnmarshalText(text []byte) error {
	raw, ok := wire.ParseText(text)
	if !ok {
		return ErrMessageFormat
	}
	*m = raw
	return nil
}

// MessageIndex returns the index that m claims to have. Nothing proves it before m is decrypted.
func (m Message) MessageIndex() (uint32, error) {
	var w wire.GroupMessage
	if code := w.Decode(m, wire.Strict); code != errcode.OK {
		return 0, failure.Of(code)
	}
	return w.Index, nil
}
