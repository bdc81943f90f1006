package ratchet

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// Megolm is a Megolm ratchet: a value of MegolmLen bytes at an index, R(i,0) ‖ R(i,1) ‖ R(i,2) ‖ R(i,3), from which
// every later value follows and no earlier one. It can go to any later index, in at most 1,030 HMACs.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; NewMegolm, MegolmFromKey and UnpickleMegolm make one.
type Megolm struct {
	sealedMegolm
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[megolm]
}

// megolm is the state of a Megolm.
type megolm struct {
	object  Megolm // what programs have of it, in the same allocation
	m       ratchet.Megolm
	created bool
}

// NewMegolm returns a ratchet with a random value, at index 0.
func NewMegolm() *Megolm {
	secret.GrowStack()
	var random [MegolmLen]byte
	entropy.Fill(random[:])
	m := MegolmFromKey(&random, 0)
	secret.Wipe(random[:])
	return m
}

// MegolmFromKey returns the ratchet that has the value key at an index. Zeros are no value: for them it returns a
// Megolm that was never set up.
func MegolmFromKey(key *[MegolmLen]byte, index uint32) *Megolm {
	if secret.IsZero(key[:]) == 1 {
		return new(Megolm)
	}
	state := new(megolm)
	state.m.Set(key[:], index)
	return state.guarded()
}

func (m *megolm) guarded() *Megolm {
	m.created = true
	m.object.state.Put(m)
	return &m.object
}

// Index returns the index i of m.
func (m *Megolm) Index() uint32 {
	state := m.state.Lock()
	defer m.state.Unlock()
	return state.m.Counter()
}

// Key writes the value of m to key: what the keys of message i are derived from, and what lets others follow from
// there. The caller wipes key. It returns ErrWiped; key is then what it was.
func (m *Megolm) Key(key *[MegolmLen]byte) error {
	state := m.state.Lock()
	defer m.state.Unlock()
	if !state.created {
		return ErrWiped
	}
	state.m.Key(key)
	return nil
}

// Advance moves m on by one. It returns ErrExhausted at index 2^32-1, or ErrWiped; m is then what it was.
func (m *Megolm) Advance() error {
	state := m.state.Lock()
	defer m.state.Unlock()
	switch {
	case !state.created:
		return ErrWiped
	case state.m.Counter() == ^uint32(0):
		return ErrExhausted
	}
	state.m.Advance()
	return nil
}

// AdvanceTo moves m on to an index. It returns ErrPast if m is further, or ErrWiped; m is then what it was.
func (m *Megolm) AdvanceTo(index uint32) error {
	state := m.state.Lock()
	defer m.state.Unlock()
	switch {
	case !state.created:
		return ErrWiped
	case index < state.m.Counter():
		return ErrPast
	}
	state.m.AdvanceTo(index)
	return nil
}

// Wipe overwrites m with zeros; afterwards every method that returns an error returns ErrWiped. It can be called
// again.
func (m *Megolm) Wipe() {
	state := m.state.Lock()
	defer m.state.Unlock()
	state.wipe()
}

func (m *megolm) wipe() {
	m.m.Wipe()
	m.created = false
}

// megolmVersion is what the contents of a pickled Megolm begin with. No library's pickles begin like that.
const megolmVersion = 0x6b4d0001

// Pickle returns m, encrypted under key, in an envelope as package pickle has it: base64 text. The contents are
// karst's own: four bytes that tell them, the value and the index. It returns ErrWiped.
func (m *Megolm) Pickle(key []byte) ([]byte, error) {
	state := m.state.Lock()
	defer m.state.Unlock()
	if !state.created {
		return nil, ErrWiped
	}
	const n = 4 + ratchet.MegolmPickleLen
	text := make([]byte, envelope.SealedLen(n))
	w := wire.NewWriter(envelope.Contents(text, n))
	w.Uint32(megolmVersion)
	state.m.Pickle(&w)
	envelope.Seal(text, key, n)
	return text, nil
}

// UnpickleMegolm returns the ratchet in a pickle. It returns the errors of package pickle.
func UnpickleMegolm(key, pickled []byte) (*Megolm, error) {
	secret.GrowStack()
	state := new(megolm)
	if code := envelope.Read(key, pickled, state.unpickle); code != errcode.OK {
		state.wipe()
		return nil, failure.Of(code)
	}
	return state.guarded(), nil
}

func (m *megolm) unpickle(contents []byte) errcode.Code {
	r := wire.NewReader(contents)
	if code := isVersion(megolmVersion, &r); code != errcode.OK {
		return code
	}
	m.m.Unpickle(&r)
	switch {
	case r.Short() || m.m.IsZero() == 1:
		return errcode.CorruptedPickle
	case r.Len() > 0:
		return errcode.PickleExtraData
	}
	return errcode.OK
}

// String says what m is and shows nothing of it.
func (m *Megolm) String() string { return "ratchet.Megolm" }

// GoString is String.
func (m *Megolm) GoString() string { return m.String() }
