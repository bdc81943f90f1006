// Package pk implements the public-key encryption of Matrix's key backup
// (m.megolm_backup.v1.curve25519-aes-sha2) and the signing with a seed that cross-signing uses, as
// libolm's PkEncryption, PkDecryption and PkSigning do.
//
// The encryption has a flaw that can't be mended without breaking every backup: its MAC covers
// nothing. Whoever can write to a backup can change a ciphertext; the change goes unnoticed unless
// what is inside is checked. Use it for the key backup, and for nothing else.
//
// Several goroutines may use an object at once: their calls take turns.
package pk

import (
	"errors"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Errors. Those of unpickling are in package pickle.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = failure.ErrWiped
	// ErrPublicKey means that a Curve25519 key is not canonical, or of small order, so that it would
	// make a secret that everybody knows.
	ErrPublicKey = failure.ErrPublicKey
	// ErrDecryption means that a message is not for this key, or is damaged.
	ErrDecryption = errors.New("pk: message does not decrypt")
	// ErrMessageFormat means that a part of a message is not base64, or not of the right length.
	ErrMessageFormat = failure.ErrMessageFormat
	// ErrPrivateKey means that a private key or seed is not 32 bytes long.
	ErrPrivateKey = errors.New("pk: private key is not 32 bytes long")
)

// KeyLen is the length in bytes of a private key and of a seed.
const KeyLen = 32

// Text is a part of a message: raw bytes, which as text, and so in JSON, are unpadded base64.
type Text []byte

// String returns the unpadded base64 of t.
func (t Text) String() string { return wire.Text(t) }

// AppendText implements encoding.TextAppender.
func (t Text) AppendText(b []byte) ([]byte, error) { return wire.AppendText(b, t), nil }

// MarshalText implements encoding.TextMarshaler.
func (t Text) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler. It returns ErrMessageFormat if text is not
// base64, with or without padding; t is then unchanged.
func (t *Text) UnmarshalText(text []byte) error {
	raw, ok := wire.ParseText(text)
	if !ok {
		return ErrMessageFormat
	}
	*t = raw
	return nil
}

// Message is an encrypted message. In JSON it is the session_data of a key backup.
type Message struct {
	Ciphertext Text            `json:"ciphertext"`
	MAC        Text            `json:"mac"` // 8 bytes
	Ephemeral  keys.Curve25519 `json:"ephemeral"`
}

// Encryption encrypts to the owner of a public key. Several goroutines may use it at once.
type Encryption struct {
	sealedEncryption
	recipient keys.Curve25519
}

// NewEncryption returns an Encryption to the owner of recipient.
func NewEncryption(recipient keys.Curve25519) *Encryption { return &Encryption{recipient: recipient} }

// Encrypt encrypts plaintext. It returns ErrPublicKey.
func (e *Encryption) Encrypt(plaintext []byte) (Message, error) {
	secret.GrowStack()
	n := protocol.PKCiphertextLen(len(plaintext))
	parts := make([]byte, n+wire.MACLen)
	m := Message{Ciphertext: parts[:n:n], MAC: parts[n:]}
	var random [protocol.PKRandomLen]byte
	entropy.Fill(random[:])
	code := protocol.PKEncrypt(m.Ciphertext, (*[wire.MACLen]byte)(m.MAC), (*[32]byte)(&m.Ephemeral),
		(*[32]byte)(&e.recipient), plaintext, random[:], wire.Strict)
	secret.Wipe(random[:])
	if code != errcode.OK {
		return Message{}, ErrPublicKey
	}
	return m, nil
}
