package pk

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Decryption is the private key of a recipient.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
type Decryption struct {
	sealedDecryption
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[decryption]
}

// decryption is the state of a Decryption.
type decryption struct {
	object Decryption // what programs have of it, in the same allocation
	p      protocol.PKDecryption
}

// NewDecryption returns a random key pair.
func NewDecryption() *Decryption {
	secret.GrowStack()
	var random [protocol.PKRandomLen]byte
	entropy.Fill(random[:])
	state := new(decryption)
	state.p.Start(random[:])
	secret.Wipe(random[:])
	return state.guarded()
}

// DecryptionFromKey returns the key pair of a private key. It returns ErrPrivateKey.
func DecryptionFromKey(private []byte) (*Decryption, error) {
	secret.GrowStack()
	if len(private) != KeyLen {
		return nil, ErrPrivateKey
	}
	state := new(decryption)
	state.p.Start(private)
	return state.guarded(), nil
}

// UnpickleDecryption returns the key pair in a pickle of libolm's format. It returns the errors of
// package pickle.
func UnpickleDecryption(key, pickled []byte) (*Decryption, error) {
	secret.GrowStack()
	state := new(decryption)
	code := envelope.Read(key, pickled, func(contents []byte) errcode.Code {
		return state.p.Unpickle(contents, wire.Strict)
	})
	if code != errcode.OK {
		state.p.Wipe()
		return nil, failure.Of(code)
	}
	return state.guarded(), nil
}

func (d *decryption) guarded() *Decryption {
	d.object.state.Put(d)
	return &d.object
}

// PublicKey returns the public key, or zeros if d is wiped.
func (d *Decryption) PublicKey() keys.Curve25519 {
	state := d.state.Lock()
	defer d.state.Unlock()
	return *state.p.Public()
}

// PrivateKey returns a copy of the private key. It returns ErrWiped.
func (d *Decryption) PrivateKey() ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	return append([]byte(nil), state.p.Private()[:]...), nil
}

// Decrypt decrypts m. It returns ErrDecryption, ErrPublicKey or ErrWiped. That m is what was
// encrypted is not proved: see the package's documentation.
func (d *Decryption) Decrypt(m Message) ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	plaintext := make([]byte, len(m.Ciphertext))
	n, code := state.p.Decrypt(plaintext, m.Ciphertext, m.MAC, (*[32]byte)(&m.Ephemeral), wire.Strict)
	switch code {
	case errcode.OK:
		return plaintext[:n], nil
	case errcode.BadPublicKey, errcode.NonContributory:
		return nil, ErrPublicKey
	}
	return nil, ErrDecryption
}

// Wipe overwrites d with zeros. It can be called again.
func (d *Decryption) Wipe() {
	state := d.state.Lock()
	defer d.state.Unlock()
	state.p.Wipe()
}

// Pickle returns d, encrypted under key, in libolm's format (version 1): base64 text. It returns
// ErrWiped.
func (d *Decryption) Pickle(key []byte) ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	dst := make([]byte, protocol.PKPickleLen)
	state.p.Pickle(dst, key)
	return dst, nil
}

// Check recomputes the public key, which UnpickleDecryption takes as it finds it. It returns
// pickle.ErrKeyPair or ErrWiped.
func (d *Decryption) Check() error {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.p.Created() {
		return ErrWiped
	}
	return failure.Of(state.p.Check())
}

// String says what d is and shows nothing of it.
func (d *Decryption) String() string { return "pk.Decryption" }

// GoString is String.
func (d *Decryption) GoString() string { return d.String() }
