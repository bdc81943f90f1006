// Package sas implements the short authentication strings with which two people compare what their
// devices agreed on, by emoji or numbers (Matrix client-server API, "Short Authentication String
// (SAS) verification").
//
// Each side makes a [SAS], they exchange public keys, and each calls [SAS.Establish]. From the
// result both derive the same short string to compare, and MACs over their long-term keys to
// exchange. The commitment to the public key, and the info strings, are the protocol's, not this
// package's.
//
// Several goroutines may use an object at once: their calls take turns.
package sas

import (
	"errors"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Errors.
var (
	// ErrWiped means that the object was wiped, or never set up.
	ErrWiped = failure.ErrWiped
	// ErrPublicKey means that the other side's key is not canonical, or of small order, so that it
	// would make a secret that everybody knows.
	ErrPublicKey = failure.ErrPublicKey
	// ErrLength means that more bytes were asked for than one derivation yields.
	ErrLength = errors.New("sas: more than 8160 bytes")
	// ErrMAC means that a MAC is wrong: somebody is between the two sides.
	ErrMAC = errors.New("sas: bad MAC")
)

// SAS is one side's ephemeral key pair, for one verification.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
type SAS struct {
	sealedSAS
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[ephemeral]
}

// ephemeral is the state of a SAS.
type ephemeral struct {
	object SAS // what programs have of it, in the same allocation
	p      protocol.SAS
}

// New returns a random key pair.
func New() *SAS {
	secret.GrowStack()
	state := new(ephemeral)
	var random [protocol.SASRandomLen]byte
	entropy.Fill(random[:])
	state.p.Start(random[:])
	secret.Wipe(random[:])
	state.object.state.Put(state)
	return &state.object
}

// PublicKey returns the key to send to the other side, or zeros if s is wiped.
func (s *SAS) PublicKey() keys.Curve25519 {
	state := s.state.Lock()
	defer s.state.Unlock()
	return *state.p.Public()
}

// Establish computes the secret that is shared with the owner of theirs. It uses s up: s is wiped,
// since an ephemeral key that serves twice would let the other side try keys. It returns
// ErrPublicKey, with s unchanged, or ErrWiped.
func (s *SAS) Establish(theirs keys.Curve25519) (*Established, error) {
	state := s.state.Lock()
	defer s.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	if state.p.Establish((*[32]byte)(&theirs), wire.Strict) != errcode.OK {
		return nil, ErrPublicKey
	}
	shared := new(established)
	shared.p.TakeOver(&state.p)
	state.p.Wipe()
	shared.object.state.Put(shared)
	return &shared.object, nil
}

// Wipe overwrites s with zeros. It can be called again.
func (s *SAS) Wipe() {
	state := s.state.Lock()
	defer s.state.Unlock()
	state.p.Wipe()
}

// String says what s is and shows nothing of it.
func (s *SAS) String() string { return "sas.SAS" }

// GoString is String.
func (s *SAS) GoString() string { return s.String() }
