package pk

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/keys"
)

// signing is the state of a Signing, whose methods call those of the same name, and document them.
type signing struct {
	handle Signing // what programs have of it, in the same allocation
	p      protocol.Signing
}

// GenerateSeed returns a random seed.
func GenerateSeed() []byte {
	secret.GrowStack()
	seed := make([]byte, KeyLen)
	entropy.Fill(seed)
	return seed
}

func newSigning(seed []byte) (*signing, error) {
	secret.GrowStack()
	if len(seed) != KeyLen {
		return nil, ErrPrivateKey
	}
	s := new(signing)
	s.p.Start(seed)
	return s, nil
}

func (s *signing) PublicKey() keys.Ed25519 { return *s.p.Public() }

func (s *signing) Sign(message []byte) (sig keys.Signature, err error) {
	secret.GrowStack()
	if !s.p.Created() {
		return sig, ErrWiped
	}
	s.p.Sign((*[64]byte)(&sig), message)
	return sig, nil
}

func (s *signing) Wipe() { s.p.Wipe() }
