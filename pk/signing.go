package pk

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/keys"
)

// Signing is an Ed25519 key pair made from a seed.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
type Signing struct {
	sealedSigning
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[signing]
}

// signing is the state of a Signing.
type signing struct {
	object Signing // what programs have of it, in the same allocation
	p      protocol.Signing
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
	state := new(signing)
	state.p.Start(seed)
	state.object.state.Put(state)
	return &state.object, nil
}

// PublicKey returns the public key, or zeros if s is wiped.
func (s *Signing) PublicKey() keys.Ed25519 {
	state := s.state.Lock()
	defer s.state.Unlock()
	return *state.p.Public()
}

// Sign signs message. It returns ErrWiped.
func (s *Signing) Sign(message []byte) (sig keys.Signature, err error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return sig, ErrWiped
	}
	state.p.Sign((*[64]byte)(&sig), message)
	return sig, nil
}

// Wipe overwrites s with zeros. It can be called again.
func (s *Signing) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.p.Wipe()
}

// String says what s is and shows nothing of it.
func (s *Signing) String() string { return "pk.Signing" }

// GoString is String.
func (s *Signing) GoString() string { return s.String() }
