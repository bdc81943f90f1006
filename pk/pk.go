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
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pickle"
)

// Errors. Those of unpickling are in package pickle.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = errors.New("pk: object is wiped or was never set up")
	// ErrPublicKey means that a Curve25519 key is not canonical, or of small order, so that it would
	// make a secret that everybody knows.
	ErrPublicKey = errors.New("pk: invalid public key")
	// ErrDecryption means that a message is not for this key, or is damaged.
	ErrDecryption = errors.New("pk: message does not decrypt")
	// ErrMessageFormat means that a part of a message is not base64, or not of the right length.
	ErrMessageFormat = errors.New("pk: malformed message")
	// ErrPrivateKey means that a private key or seed is not 32 bytes long.
	ErrPrivateKey = errors.New("pk: private key is not 32 bytes long")
)

// KeyLen is the length in bytes of a private key and of a seed.
const KeyLen = 32

// Text is a part of a message: raw bytes, which as text, and so in JSON, are unpadded base64.
type Text []byte

// String returns the unpadded base64 of t.
func (t Text) String() string { return wire.Text(t) }

// MarshalText implements encoding.TextMarshaler.
func (t Text) MarshalText() ([]byte, error) { return wire.AppendText(nil, t), nil }

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
		(*[32]byte)(&e.recipient), plaintext, random[:], protocol.Strict)
	secret.Wipe(random[:])
	if code != errcode.OK {
		return Message{}, ErrPublicKey
	}
	return m, nil
}

// decryption is the state of a Decryption, whose methods call those of the same name, and document them.
type decryption struct {
	handle Decryption // what programs have of it, in the same allocation
	p      protocol.PKDecryption
}

func newDecryption() *decryption {
	secret.GrowStack()
	var random [protocol.PKRandomLen]byte
	entropy.Fill(random[:])
	d := new(decryption)
	d.p.Start(random[:])
	secret.Wipe(random[:])
	return d
}

func decryptionFromKey(private []byte) (*decryption, error) {
	secret.GrowStack()
	if len(private) != KeyLen {
		return nil, ErrPrivateKey
	}
	d := new(decryption)
	d.p.Start(private)
	return d, nil
}

func (d *decryption) PublicKey() keys.Curve25519 { return *d.p.Public() }

func (d *decryption) PrivateKey() ([]byte, error) {
	if !d.p.Created() {
		return nil, ErrWiped
	}
	return append([]byte(nil), d.p.Private()[:]...), nil
}

func (d *decryption) Decrypt(m Message) ([]byte, error) {
	secret.GrowStack()
	if !d.p.Created() {
		return nil, ErrWiped
	}
	plaintext := make([]byte, len(m.Ciphertext))
	n, code := d.p.Decrypt(plaintext, m.Ciphertext, m.MAC, (*[32]byte)(&m.Ephemeral), protocol.Strict)
	switch code {
	case errcode.OK:
		return plaintext[:n], nil
	case errcode.BadPublicKey, errcode.NonContributory:
		return nil, ErrPublicKey
	}
	return nil, ErrDecryption
}

func (d *decryption) Wipe() { d.p.Wipe() }

func (d *decryption) Pickle(key []byte) ([]byte, error) {
	secret.GrowStack()
	if !d.p.Created() {
		return nil, ErrWiped
	}
	dst := make([]byte, protocol.PKPickleLen)
	d.p.Pickle(dst, key)
	return dst, nil
}

func unpickleDecryption(key, pickled []byte) (*decryption, error) {
	secret.GrowStack()
	buf := append([]byte(nil), pickled...)
	defer secret.Wipe(buf)
	raw, code := pickle.Open(buf, key)
	d := new(decryption)
	if code == errcode.OK {
		code = d.p.Unpickle(raw, protocol.Strict)
	}
	if code != errcode.OK {
		d.Wipe()
		return nil, pickle.Error(code)
	}
	return d, nil
}

func (d *decryption) Check() error {
	secret.GrowStack()
	if !d.p.Created() {
		return ErrWiped
	}
	return pickle.Error(d.p.Check())
}
