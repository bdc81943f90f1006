// Package side drives karst as its vectors and the differential test ask: with the calls of libolm, in its texts, on
// given random bytes. There are two bodies. Strict is the Go API. Libolm is package cabi, which the C library and the
// WebAssembly module export, called as C calls them. What is compared with libolm's answers is so what ships; nothing
// here knows an answer.
//
// Keys, messages, pickles and lists are texts as libolm has them: base64 and JSON. A call that can't fail panics if it
// does.
package side

import (
	"io"

	"github.com/karst-im/karst/vectors"
)

// Side makes accounts, sessions and groups.
type Side interface {
	NewAccount(random io.Reader) Account
	UnpickleAccount(key []byte, pickled string) (Account, error)
	UnpickleSession(key []byte, pickled string) (Session, error)

	NewSender(random io.Reader) Sender
	UnpickleSender(key []byte, pickled string) (Sender, error)
	NewReceiver(sessionKey string) (Receiver, error)
	ImportReceiver(exported string) (Receiver, error)
	UnpickleReceiver(key []byte, pickled string) (Receiver, error)
}

// Whole is a side with all that libolm has.
type Whole interface {
	Side
	PKSide

	NewSAS(random io.Reader) SAS
	// Verify returns an error if the signature of message is not that of the owner of publicKey.
	Verify(publicKey string, message []byte, signature string) error
}

// PKSide makes the objects of libolm's pk.h.
type PKSide interface {
	EncryptPK(recipient string, plaintext []byte, random io.Reader) (vectors.PKMessage, error)
	NewPKDecryption(private []byte) (PKDecryption, error)
	UnpicklePKDecryption(key []byte, pickled string) (PKDecryption, error)
	NewPKSigning(seed []byte) (PKSigning, error)
}

// Object is what has a pickle.
type Object interface {
	Pickle(key []byte) string
	Free() // overwrites the object, which is not used again
}

// Account is an account of Olm.
type Account interface {
	Object
	IdentityKeys() string
	Sign(message []byte) string
	GenerateOneTimeKeys(n int, random io.Reader) error
	OneTimeKeys() string // those that are not published
	MaxOneTimeKeys() int
	MarkPublished() int // returns how many one-time keys were not
	GenerateFallbackKey(random io.Reader) error
	FallbackKey() string
	UnpublishedFallbackKey() string
	ForgetOldFallbackKey()
	Outbound(identity, oneTime string, random io.Reader) (Session, error)
	// Inbound creates the session of a pre-key message, which from has sent, or anybody if that is empty. The one-time
	// key stays.
	Inbound(from, body string) (Session, error)
	// Accept creates the session, decrypts the message and, if that succeeds, removes the one-time key.
	Accept(from, body string) (Session, []byte, error)
	// Remove removes the one-time key that s was set up with, and returns its id if this side says it.
	Remove(s Session) (id uint32, err error)
}

// Session is a session of Olm.
type Session interface {
	Object
	ID() string
	Describe() string
	HasReceived() bool
	// Matches reports whether a pre-key message belongs to the session, and from has sent it, or anybody if that is
	// empty.
	Matches(from, body string) (bool, error)
	Encrypt(plaintext []byte, random io.Reader) (kind int, body string, err error)
	Decrypt(kind int, body string) ([]byte, error)
}

// Sender is the end of a Megolm session that encrypts.
type Sender interface {
	Object
	ID() string
	Index() uint32
	SessionKey() string
	Encrypt(plaintext []byte) (string, error)
}

// Receiver is an end of a Megolm session that decrypts.
type Receiver interface {
	Object
	ID() string
	FirstKnown() uint32
	Verified() bool // at any index, which is what libolm's flag says
	Decrypt(body string) (plaintext []byte, index uint32, err error)
	Export(index uint32) (string, error)
}

// PKDecryption decrypts what was encrypted for a public key.
type PKDecryption interface {
	Object
	PublicKey() string
	Decrypt(m vectors.PKMessage) ([]byte, error)
}

// PKSigning signs with a seed.
type PKSigning interface {
	PublicKey() string
	Sign(message []byte) string
}

// SAS is one side of an exchange of keys for short authentication strings.
type SAS interface {
	PublicKey() string
	SetTheirKey(key string) error
	Bytes(info []byte, n int) ([]byte, error)
	// MAC returns the MAC over input; op is one of the vectors' names for the ways to compute it.
	MAC(op string, input, info []byte) (string, error)
}

func must[T any](x T, err error) T {
	if err != nil {
		panic("side: " + err.Error())
	}
	return x
}
