package ratchet

import (
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/guard"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// Double is one party's Double Ratchet. It must be pickled and stored after every Send and every successful Receive.
//
// It is safe for use by several goroutines at once: their calls take turns. It must not be copied.
//
// The zero value is of no use; Initiate, Respond and UnpickleDouble make one.
type Double struct {
	sealedDouble
	_     [0]func() // not comparable: == would take time that depends on secrets
	state guard.State[double]
}

// double is the state of a Double.
type double struct {
	object  Double // what programs have of it, in the same allocation
	d       ratchet.Double
	skipped []ratchet.SkippedKey
	created bool
}

// Initiate returns the ratchet of the party that sends first. shared is a secret of both parties that nobody else
// knows, and that serves once: in Olm it is the result of three Diffie-Hellman exchanges.
func Initiate(shared *[SharedLen]byte) *Double {
	secret.GrowStack()
	state := new(double)
	var random [32]byte
	entropy.Fill(random[:])
	state.d.StartAlice(shared, &random)
	secret.Wipe(random[:])
	return state.guarded()
}

// Respond returns the ratchet of the other party. theirs is the ratchet key of the first message, which the
// initiator's Send returned. Nothing has authenticated it: a caller keeps the Double only if that message then
// proves authentic in Receive. It returns ErrPublicKey.
func Respond(shared *[SharedLen]byte, theirs keys.Curve25519) (*Double, error) {
	secret.GrowStack()
	if !valid(&theirs) {
		return nil, ErrPublicKey
	}
	state := new(double)
	state.d.StartBob(shared, (*[32]byte)(&theirs))
	return state.guarded(), nil
}

func valid(ratchetKey *keys.Curve25519) bool {
	k := (*[32]byte)(ratchetKey)
	return curve.CanonicalMontgomery(k) && !curve.LowOrderMontgomery(k)
}

func (d *double) guarded() *Double {
	d.created = true
	d.object.state.Put(d)
	return &d.object
}

// Send writes the key of the next message to key, and returns our ratchet key and the index on its chain, which the
// receiver needs to find it: they go with the message, and what authenticates the message covers them. The caller
// wipes key. No key comes twice.
//
// It returns ErrExhausted after message 2^32-1 of one chain, or ErrWiped; key is then what it was.
func (d *Double) Send(key *[KeyLen]byte) (ours keys.Curve25519, index uint32, err error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.created {
		return ours, 0, ErrWiped
	}
	if state.d.NeedsRatchetKey() {
		var random [32]byte
		entropy.Fill(random[:])
		code := state.d.StartSending(&random)
		secret.Wipe(random[:])
		if code != errcode.OK {
			return ours, 0, failure.Of(code)
		}
	}
	index = state.d.SendIndex()
	if code := state.d.NextMessageKey(key); code != errcode.OK {
		return ours, 0, failure.Of(code)
	}
	state.d.RatchetKey((*[32]byte)(&ours))
	return ours, index, nil
}

// Receive finds the key of the message with the ratchet key theirs and the given index, and calls open with it, which
// is to authenticate the message. Only if open returns nil the ratchet moves on, and the key is gone. Else Receive
// returns what open returned, and d is what it was: a forged message costs nothing.
//
// The key is open's until it returns; then it is wiped. open must not call d, whose calls take turns.
//
// Before it calls open it returns ErrPublicKey, ErrUnknownRatchetKey, ErrNoMessageKey, ErrGap, ErrExhausted for the
// index 2^32-1, which nobody sends, or ErrWiped; d is then what it was.
func (d *Double) Receive(theirs keys.Curve25519, index uint32, open func(key *[KeyLen]byte) error) error {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.created {
		return ErrWiped
	}
	if !valid(&theirs) {
		return ErrPublicKey
	}
	var found ratchet.Pending
	defer found.Wipe()
	switch code := state.d.Receive(&found, &ratchet.Skipped{Keys: state.skipped}, (*[32]byte)(&theirs), index); code {
	case errcode.OK:
	case errcode.MessageGap:
		return ErrGap
	case errcode.BadMessageMAC:
		return ErrUnknownRatchetKey
	default:
		return failure.Of(code)
	}
	o := new(opening)
	defer o.wipe() // open may panic
	o.pending.TakeOver(&found)
	secret.Copy(o.key[:], o.pending.Key[:])
	if err := open(&o.key); err != nil {
		return err
	}
	state.commit(&o.pending)
	return nil
}

// opening is what Receive holds while open runs, in the heap: open may make the stack grow, and Go leaves the old one
// as it is.
type opening struct {
	pending ratchet.Pending
	key     [KeyLen]byte // a copy: open may keep the pointer
}

func (o *opening) wipe() {
	o.pending.Wipe()
	secret.Wipe(o.key[:])
}

// commit makes room for the keys of messages that are missing, and moves the ratchet.
func (d *double) commit(pending *ratchet.Pending) {
	d.skipped = ratchet.Grown(d.skipped, d.d.Room(pending))
	d.d.Commit(pending, &ratchet.Skipped{Keys: d.skipped})
	if d.d.Skipped() == 0 {
		d.skipped = nil
	}
}

// Wipe overwrites every key with zeros; afterwards every method that returns an error returns ErrWiped. It can be
// called again.
func (d *Double) Wipe() {
	state := d.state.Lock()
	defer d.state.Unlock()
	state.wipe()
}

func (d *double) wipe() {
	clear(d.skipped)
	d.skipped = nil
	d.d.Wipe()
	d.created = false
}

// doubleVersion is what the contents of a pickled Double begin with. No library's pickles begin like that.
const doubleVersion = 0x6b440001

// Pickle returns d, encrypted under key, in an envelope as package pickle has it: base64 text. It holds the 40 newest
// keys for late messages. The contents are karst's own: four bytes that tell them, and the ratchet as it lies in a
// pickled Olm session. It returns ErrWiped.
func (d *Double) Pickle(key []byte) ([]byte, error) {
	state := d.state.Lock()
	defer d.state.Unlock()
	if !state.created {
		return nil, ErrWiped
	}
	n := 4 + state.d.PickleLen()
	text := make([]byte, envelope.SealedLen(n))
	w := wire.NewWriter(envelope.Contents(text, n))
	w.Uint32(doubleVersion)
	state.d.Pickle(&w, &ratchet.Skipped{Keys: state.skipped})
	envelope.Seal(text, key, n)
	return text, nil
}

// UnpickleDouble returns the ratchet in a pickle. It returns the errors of package pickle.
func UnpickleDouble(key, pickled []byte) (*Double, error) {
	secret.GrowStack()
	state := new(double)
	if code := envelope.Read(key, pickled, state.unpickle); code != errcode.OK {
		state.wipe()
		return nil, failure.Of(code)
	}
	return state.guarded(), nil
}

func (d *double) unpickle(contents []byte) errcode.Code {
	r := wire.NewReader(contents)
	if code := isVersion(doubleVersion, &r); code != errcode.OK {
		return code
	}
	behind := r
	n, code := ratchet.PassPickle(&behind)
	if code != errcode.OK {
		return code
	}
	if behind.Len() > 0 {
		return errcode.PickleExtraData
	}
	if n > 0 {
		d.skipped = make([]ratchet.SkippedKey, n)
	}
	if code := d.d.Unpickle(&r, &ratchet.Skipped{Keys: d.skipped}, wire.Strict); code != errcode.OK {
		return code
	}
	if !d.d.CanSend() {
		return errcode.CorruptedPickle
	}
	return d.d.Check()
}

// isVersion judges the beginning of a pickle, of either kind.
func isVersion(want uint32, r *wire.Reader) errcode.Code {
	switch version := r.Uint32(); {
	case r.Short():
		return errcode.CorruptedPickle
	case version != want:
		return errcode.UnknownPickleVersion
	}
	return errcode.OK
}

// String says what d is and shows nothing of it.
func (d *Double) String() string { return "ratchet.Double" }

// GoString is String.
func (d *Double) GoString() string { return d.String() }
