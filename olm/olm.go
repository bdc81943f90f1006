// Package olm implements Olm, Matrix's encryption between two devices: a Double Ratchet set up by a
// triple Diffie-Hellman (Olm specification, https://spec.matrix.org/latest/olm-megolm/olm/).
//
// An [Account] is a device: its identity keys, and the one-time keys that others use to begin a
// session with it. A [Session] encrypts to one other device and decrypts what it sends, in any
// order, each message once. What sets a session up with a fallback key is the exception: see
// [Account.Accept].
//
// # Use
//
// A device publishes its identity keys and one-time keys through its homeserver. Another device
// claims one of them and begins:
//
//	session, err := alice.NewOutboundSession(bobsIdentityKey, bobsOneTimeKey)
//	message, err := session.Encrypt([]byte("hello"))
//
// The first messages are pre-key messages. The device that gets one accepts it, unless it belongs to a session
// that it has with the sender already: that one decrypts it.
//
//	session, plaintext, err := bob.Accept(alicesIdentityKey, message, sessionsWithAlice...)
//	if known := new(olm.KnownSessionError); errors.As(err, &known) {
//		plaintext, err = sessionWithID(known.SessionID).Decrypt(message)
//	}
//
// An account or session changes with nearly every call. What has changed must be pickled and stored
// before its result is used: a session that is sent from twice at the same state gives its keys
// away, and a one-time key that comes back after a crash can be used twice.
//
// # Guarantees
//
// On an error the object is what it was before, bit for bit. Messages that are lost cost nothing;
// those that come late decrypt as long as their keys are kept: 40 for each of the last 5 receiving
// chains, at most 2000 messages ahead. No operation takes time that depends on a secret.
//
// Several goroutines may use an object at once: their calls take turns, in no particular order. To send one message to a whole room, use package megolm.
package olm

import (
	"errors"
	"strconv"

	"github.com/karst-im/karst/internal/failure"
)

// Reviewers: this package is the Go shape of internal/protocol, where the cryptography is. What it
// adds is memory (the storage of one-time and skipped keys), randomness, and errors.

// Errors that a caller may want to tell apart. Those of unpickling are in package pickle.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = failure.ErrWiped
	// ErrMessageFormat means that a message is malformed, or not of the type that it is said to be.
	ErrMessageFormat = failure.ErrMessageFormat
	// ErrMessageVersion means that a message has another version than 3, or is too short to have one.
	ErrMessageVersion = failure.ErrMessageVersion
	// ErrBadMAC means that a message does not authenticate: it was changed, or is not of this
	// session.
	ErrBadMAC = failure.ErrBadMAC
	// ErrNoMessageKey means that the key of a message is gone: the message was decrypted before, or
	// is so late that its key is no longer kept.
	ErrNoMessageKey = failure.ErrNoMessageKey
	// ErrUnknownOneTimeKey means that the account does not have the one-time key that a message
	// names: it was used, or is of a life before a reset.
	ErrUnknownOneTimeKey = failure.ErrUnknownOneTimeKey
	// ErrIdentityMismatch means that a pre-key message does not come from the identity key that it
	// is said to come from.
	ErrIdentityMismatch = failure.ErrIdentityMismatch
	// ErrSessionMismatch means that a pre-key message belongs to another session.
	ErrSessionMismatch = failure.ErrSessionMismatch
	// ErrPublicKey means that a Curve25519 key is not canonical, or of small order, so that it would
	// make a secret that everybody knows.
	ErrPublicKey = failure.ErrPublicKey
	// ErrKnownSession means that a pre-key message sets up a session that there is already: it is a
	// *KnownSessionError.
	ErrKnownSession = errors.New("olm: pre-key message of a known session")
	// ErrExhausted means that a session has sent its last message, number 2^32-1 on one chain.
	ErrExhausted = failure.ErrExhausted
)

// GapError means that a message is too far ahead: decrypting it would take more than MaxGap steps.
type GapError struct {
	Index uint32 // of the message
}

func (e *GapError) Error() string {
	return "olm: message index " + strconv.FormatUint(uint64(e.Index), 10) + " is more than " +
		strconv.Itoa(MaxGap) + " ahead"
}

// KnownSessionError means that a pre-key message sets up a session that there is already, which is to decrypt
// it. It matches ErrKnownSession.
type KnownSessionError struct {
	SessionID string
}

func (e *KnownSessionError) Error() string {
	return "olm: pre-key message of the known session " + e.SessionID
}

// Unwrap returns ErrKnownSession.
func (e *KnownSessionError) Unwrap() error { return ErrKnownSession }

// Bounds.
const (
	MaxOneTimeKeys     = 100  // that an account keeps: the newest
	MaxReceivingChains = 5    // that a session keeps: the newest
	MaxSkippedPerChain = 40   // keys kept for messages that are late
	MaxGap             = 2000 // messages that may be missing before one
)
