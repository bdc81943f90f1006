package olm

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

// Account is a device: its identity keys, one-time keys and fallback keys. It must be pickled and
// stored after every call that changes it.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; NewAccount and UnpickleAccount make one.
type Account struct {
	sealedAccount
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[account]
}

// account is the state of an Account.
type account struct {
	object  Account // what programs have of it, in the same allocation
	p       protocol.Account
	oneTime []protocol.OneTimeKey
}

// NewAccount returns a new account with random identity keys, and no other keys yet.
func NewAccount() *Account {
	secret.GrowStack()
	state := new(account)
	var random [protocol.AccountRandomLen]byte
	entropy.Fill(random[:])
	state.p.Create(random[:])
	secret.Wipe(random[:])
	return state.guarded()
}

// UnpickleAccount returns the account in a pickle of libolm's format, version 2 to 4, as libolm,
// goolm, vodozemac and karst write it. It returns the errors of package pickle.
//
// Of more than MaxOneTimeKeys one-time keys, of which vodozemac keeps 5,000, the newest stay; first
// messages to the others do not decrypt.
//
// The identity keys are recomputed; Check does the same for all others.
func UnpickleAccount(key, pickled []byte) (*Account, error) {
	secret.GrowStack()
	state := new(account)
	code := envelope.Read(key, pickled, func(contents []byte) errcode.Code {
		state.oneTime = make([]protocol.OneTimeKey, protocol.CountPickled(contents))
		return state.p.Unpickle(contents, state.oneTime, wire.Strict)
	})
	if code != errcode.OK {
		state.wipe()
		return nil, failure.Of(code)
	}
	return state.guarded(), nil
}

func (a *account) guarded() *Account {
	a.object.state.Put(a)
	return &a.object
}

// IdentityKeys are the public keys that name a device.
type IdentityKeys struct {
	Curve25519 keys.Curve25519 `json:"curve25519"`
	Ed25519    keys.Ed25519    `json:"ed25519"`
}

// IdentityKeys returns the public identity keys, or zeros if a is wiped.
func (a *Account) IdentityKeys() IdentityKeys {
	state := a.state.Lock()
	defer a.state.Unlock()
	return IdentityKeys{*state.p.Curve25519(), *state.p.Ed25519()}
}

// Sign signs message with the Ed25519 identity key. It returns ErrWiped.
func (a *Account) Sign(message []byte) (sig keys.Signature, err error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return sig, ErrWiped
	}
	state.p.Sign((*[64]byte)(&sig), message)
	return sig, nil
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns
// ErrWiped. It can be called again.
func (a *Account) Wipe() {
	state := a.state.Lock()
	defer a.state.Unlock()
	state.wipe()
}

func (a *account) wipe() {
	a.p.Wipe(a.oneTime)
	a.oneTime = nil
}

// Pickle returns a, encrypted under key, in libolm's format (version 4): base64 text. It returns
// ErrWiped.
func (a *Account) Pickle(key []byte) ([]byte, error) {
	return a.AppendPickle(nil, key)
}

// AppendPickle is Pickle, appended to dst.
func (a *Account) AppendPickle(dst, key []byte) ([]byte, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, state.p.PickleLen())
	state.p.Pickle(tail, key, state.oneTime)
	return dst, nil
}

// Check recomputes the public half of every key pair. It is worth its cost, 10 microseconds a key,
// when an account comes from somewhere else. It returns pickle.ErrKeyPair or ErrWiped.
func (a *Account) Check() error {
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return ErrWiped
	}
	return failure.Of(state.p.Check(state.oneTime))
}

// String says what a is and shows nothing of it.
func (a *Account) String() string { return "olm.Account" }

// GoString is String.
func (a *Account) GoString() string { return a.String() }
