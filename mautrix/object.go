package mautrix

import (
	"errors"
	"sync"

	mautrix "maunium.net/go/mautrix/crypto/olm"
)

// core is a type of karst's packages olm and megolm.
type core[T any] interface {
	*T
	Pickle(key []byte) ([]byte, error)
	Wipe()
}

// object is what the types of this package have in common: one of the core's objects, which can be
// replaced. It is blank until there is one.
//
// The core's objects let calls take turns themselves. The lock is only for which object it is: whoever
// uses it reads, and whoever replaces it writes, and so waits until nobody has the one before any more,
// whose secrets are then overwritten. So a call sees one object or the other, whole, and never one that
// is wiped, of which an identity key would be zeros.
type object[T any, P core[T]] struct {
	mu    sync.RWMutex
	inner P // nil in a blank one
}

// use returns the core's object until done, which the caller defers. That of a blank one is a zero value:
// its methods return their package's ErrWiped, or what is said there of an object that is wiped.
func (o *object[T, P]) use() P {
	o.mu.RLock()
	if o.inner == nil {
		return new(T)
	}
	return o.inner
}

// done ends what use began.
func (o *object[T, P]) done() { o.mu.RUnlock() }

// replace puts another object, or nil, in the place of the one there is, and wipes that.
func (o *object[T, P]) replace(inner P) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.inner != nil {
		o.inner.Wipe()
	}
	o.inner = inner
}

// errNotText is what encoders get that know nothing of an object's MarshalJSON: they would store nothing, and
// say nothing.
var errNotText = errors.New("mautrix: object is secret and marshals only to JSON: use Pickle")

// MarshalText implements encoding.TextMarshaler, for which XML and YAML look. It fails: Pickle is the way.
func (o *object[T, P]) MarshalText() ([]byte, error) { return nil, errNotText }

// UnmarshalText implements encoding.TextUnmarshaler. It fails: Unpickle is the way.
func (o *object[T, P]) UnmarshalText([]byte) error { return errNotText }

// MarshalBinary implements encoding.BinaryMarshaler, for which gob looks. It fails: Pickle is the way.
func (o *object[T, P]) MarshalBinary() ([]byte, error) { return nil, errNotText }

// UnmarshalBinary implements encoding.BinaryUnmarshaler. It fails: Unpickle is the way.
func (o *object[T, P]) UnmarshalBinary([]byte) error { return errNotText }

func (o *object[T, P]) pickle(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, mautrix.ErrNoKeyProvided
	}
	defer o.done()
	pickled, err := o.use().Pickle(key)
	return pickled, translate(err)
}

// unpickle replaces the object by the one in a pickle: of libolm's format, which native reads, or of
// goolm's older JSON format, whose contents fromJSON turns into those of libolm's. On an error there is
// still the one before.
func (o *object[T, P]) unpickle(pickled, key []byte, native func(key, pickled []byte) (P, error), fromJSON func([]byte) ([]byte, error)) error {
	inner, err := unpickle(pickled, key, native, fromJSON)
	if err != nil {
		return err
	}
	o.replace(inner)
	return nil
}
