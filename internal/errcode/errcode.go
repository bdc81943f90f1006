// Package errcode names every way in which an operation of the core can fail.
//
// The core returns codes instead of errors because it must neither allocate nor format text: the
// Go packages turn a code into one of their errors, the C and JavaScript surfaces into libolm's.
package errcode

// Code is the outcome of an operation; OK is its zero value.
type Code uint8

// The codes below 32 carry libolm's numbers.
const (
	OK Code = iota
	NotEnoughRandom
	OutputBufferTooSmall
	BadMessageVersion
	BadMessageFormat
	BadMessageMAC
	BadMessageKeyID
	InvalidBase64
	BadAccountKey // the pickle key is wrong, or the pickle was changed; or an account has no keys
	UnknownPickleVersion
	CorruptedPickle
	BadSessionKey
	UnknownMessageIndex
	BadLegacyAccountPickle
	BadSignature
	InputBufferTooSmall
	SASTheirKeyNotSet
	PickleExtraData
)

// The codes from 32 are finer than libolm's: a Go caller can tell them apart, Libolm can't.
const (
	MessageGap       Code = 32 + iota // the message is too far ahead on its chain
	NoMessageKey                      // the message key was used before, or is no longer kept
	NonContributory                   // the peer's public key forces a known shared secret
	BadPublicKey                      // a public key has no canonical encoding or is not on the curve
	IdentityMismatch                  // the message names another identity key than the caller expects
	SessionMismatch                   // a pre-key message belongs to another session
	Exhausted                         // the index is at its maximum: nothing can be sent any more
	KeyPairMismatch                   // a stored public key does not belong to its private half
)

// Libolm returns the code of libolm that comes nearest to c.
func (c Code) Libolm() Code {
	switch c {
	case MessageGap, NoMessageKey, NonContributory, Exhausted:
		return BadMessageMAC
	case BadPublicKey:
		return BadMessageFormat
	case IdentityMismatch, SessionMismatch:
		return BadMessageKeyID
	case KeyPairMismatch:
		return CorruptedPickle
	}
	return c
}
