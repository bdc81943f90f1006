package pk

import (
	"github.com/karst-im/karst/internal/guard"
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

// NewDecryption returns a random key pair.
func NewDecryption() *Decryption {
	d, _ := guardDecryption(newDecryption(), nil)
	return d
}

// DecryptionFromKey returns the key pair of a private key. It returns ErrPrivateKey.
func DecryptionFromKey(private []byte) (*Decryption, error) {
	return guardDecryption(decryptionFromKey(private))
}

// UnpickleDecryption returns the key pair in a pickle of libolm's format. It returns the errors of
// package pickle.
func UnpickleDecryption(key, pickled []byte) (*Decryption, error) {
	return guardDecryption(unpickleDecryption(key, pickled))
}

func guardDecryption(state *decryption, err error) (*Decryption, error) {
	if err != nil {
		return nil, err
	}
	state.handle.state.Put(state)
	return &state.handle, nil
}

// PublicKey returns the public key, or zeros if d is wiped.
func (d *Decryption) PublicKey() keys.Curve25519 {
	state := d.state.Lock()
	defer d.state.Unlock()
	return state.PublicKey()
}

// PrivateKey returns a copy of the private key. It returns ErrWiped.
func (d *Decryption) PrivateKey() ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	return state.PrivateKey()
}

// Decrypt decrypts m. It returns ErrDecryption, ErrPublicKey or ErrWiped. That m is what was
// encrypted is not proved: see the package's documentation.
func (d *Decryption) Decrypt(m Message) ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	return state.Decrypt(m)
}

// Wipe overwrites d with zeros. It can be called again.
func (d *Decryption) Wipe() {
	state := d.state.Lock()
	defer d.state.Unlock()
	state.Wipe()
}

// Pickle returns d, encrypted under key, in libolm's format (version 1): base64 text. It returns
// ErrWiped.
func (d *Decryption) Pickle(key []byte) ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	return state.Pickle(key)
}

// Check recomputes the public key, which UnpickleDecryption takes as it finds it. It returns
// pickle.ErrKeyPair or ErrWiped.
func (d *Decryption) Check() error {
	state := d.state.Lock()
	defer d.state.Unlock()
	return state.Check()
}

// String says what d is and shows nothing of it.
func (d *Decryption) String() string { return "pk.Decryption" }

// GoString is String.
func (d *Decryption) GoString() string { return d.String() }
