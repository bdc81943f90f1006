package pk

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/keys"
)

// Signing is an Ed25519 key pair made from a seed.
//
// Several goroutines may at once call any method but Wipe, which needs it for itself: the race detector
// reports if it is not alone.
type Signing struct {
	_ [0]func() // not comparable: == would take time that depends on secrets
	p protocol.Signing
}

// GenerateSeed returns a random seed.
func GenerateSeed() []byte {
	secret.GrowStack()
	seed := make([]byte, KeyLen)
	entropy.Fill(seed)
	return seed
}

// NewSigning returns the key pair of a seed (RFC 8032 section 5.1.5). It returns ErrPrivateKey.
func NewSigning(seed []byte) (*Signing, error) {
	secret.GrowStack()
	if len(seed) != KeyLen {
		return nil, ErrPrivateKey
	}
	s := new(Signing)
	s.p.Start(seed)
	return s, nil
}

// PublicKey returns the public key, or zeros if s is wiped.
func (s *Signing) PublicKey() keys.Ed25519 { return *s.p.Public() }

// Sign signs message. It returns ErrWiped.
func (s *Signing) Sign(message []byte) (sig keys.Signature, err error) {
	secret.GrowStack()
	if !s.p.Created() {
		return sig, ErrWiped
	}
	s.p.Sign((*[64]byte)(&sig), message)
	return sig, nil
}

// Wipe overwrites s with zeros. It can be called again.
func (s *Signing) Wipe() { s.p.Wipe() }

// String says what s is and shows nothing of it.
func (s Signing) String() string { return "pk.Signing" }

// GoString is String.
func (s Signing) GoString() string { return s.String() }
