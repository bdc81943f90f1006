package mautrix

import (
	"bytes"
	"encoding/json"
	"errors"

	"maunium.net/go/mautrix/crypto/canonicaljson"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/pk"
)

// PKSigning is an Ed25519 key pair made from a seed: a cross-signing key.
type PKSigning struct {
	seed []byte
	key  *pk.Signing
}

var _ mautrix.PKSigning = (*PKSigning)(nil)

// NewPKSigning returns the key pair of a random seed.
func NewPKSigning() (*PKSigning, error) { return NewPKSigningFromSeed(pk.GenerateSeed()) }

// NewPKSigningFromSeed returns the key pair of a seed of 32 bytes.
func NewPKSigningFromSeed(seed []byte) (*PKSigning, error) {
	key, err := pk.NewSigning(seed)
	if err != nil {
		return nil, translate(err)
	}
	return &PKSigning{bytes.Clone(seed), key}, nil
}

// errSeed is what encoders get: they would store nothing, and say nothing.
var errSeed = errors.New("mautrix: PKSigning is secret and does not marshal: use Seed and NewPKSigningFromSeed")

// MarshalJSON implements json.Marshaler. It fails: Seed is the way.
func (p PKSigning) MarshalJSON() ([]byte, error) { return nil, errSeed }

// MarshalText implements encoding.TextMarshaler. It fails: Seed is the way.
func (p PKSigning) MarshalText() ([]byte, error) { return nil, errSeed }

// MarshalBinary implements encoding.BinaryMarshaler. It fails: Seed is the way.
func (p PKSigning) MarshalBinary() ([]byte, error) { return nil, errSeed }

// UnmarshalJSON implements json.Unmarshaler. It fails: NewPKSigningFromSeed is the way.
func (p *PKSigning) UnmarshalJSON([]byte) error { return errSeed }

// UnmarshalText implements encoding.TextUnmarshaler. It fails: NewPKSigningFromSeed is the way.
func (p *PKSigning) UnmarshalText([]byte) error { return errSeed }

// UnmarshalBinary implements encoding.BinaryUnmarshaler. It fails: NewPKSigningFromSeed is the way.
func (p *PKSigning) UnmarshalBinary([]byte) error { return errSeed }

// Seed returns a copy of the seed.
func (p *PKSigning) Seed() []byte { return bytes.Clone(p.seed) }

// PublicKey returns the public key.
func (p *PKSigning) PublicKey() id.Ed25519 { return id.Ed25519(p.key.PublicKey().String()) }

// Sign returns the signature of message as base64.
func (p *PKSigning) Sign(message []byte) ([]byte, error) {
	signature, err := p.key.Sign(message)
	if err != nil {
		return nil, translate(err)
	}
	return signature.MarshalText()
}

// SignJSON returns the signature of object, without its members "signatures" and "unsigned", as canonical
// JSON (Matrix specification, appendix "Signing JSON").
func (p *PKSigning) SignJSON(object any) (string, error) {
	encoded, err := json.Marshal(object)
	if err != nil {
		return "", err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &members); err != nil || members == nil {
		return "", errNotJSON
	}
	delete(members, "signatures")
	delete(members, "unsigned")
	canonical, err := canonicaljson.Marshal(members)
	if err != nil {
		return "", err
	}
	signature, err := p.Sign(canonical)
	return string(signature), err
}
