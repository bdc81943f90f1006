package mautrix

import (
	"bytes"
	"errors"
	"sync/atomic"

	mautrix "maunium.net/go/mautrix/crypto/olm"
)

// mautrix's libolm driver lets encoding/json store its objects, as pickles under one key for the process,
// and stores of that kind exist. The methods here read and write the same, with one difference: under
// libolm's default key, which everybody knows, they read only. So nothing that is logged or sent as JSON
// by mistake gives a secret away.

var defaultPickleKey = []byte("maunium.net/go/mautrix/crypto/olm")

// pickleKey is nil until a program sets its own.
var pickleKey atomic.Pointer[[]byte]

// ErrNoPickleKey means that an object was to be written as JSON before olm.SetPickleKey was called.
var ErrNoPickleKey = errors.New("mautrix: no key for JSON: olm.SetPickleKey was not called")

// setPickleKey is behind mautrix's olm.SetPickleKey.
func setPickleKey(key []byte) {
	key = bytes.Clone(key)
	pickleKey.Store(&key)
}

type pickler interface {
	Pickle(key []byte) ([]byte, error)
	Unpickle(pickled, key []byte) error
}

func marshalJSON(p pickler) ([]byte, error) {
	key := pickleKey.Load()
	if key == nil {
		return nil, ErrNoPickleKey
	}
	pickled, err := p.Pickle(*key)
	if err != nil {
		return nil, err
	}
	return append(append([]byte{'"'}, pickled...), '"'), nil
}

func unmarshalJSON(p pickler, data []byte) error {
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return mautrix.ErrInputNotJSONString
	}
	key := defaultPickleKey
	if own := pickleKey.Load(); own != nil {
		key = *own
	}
	return p.Unpickle(data[1:len(data)-1], key)
}

// MarshalJSON returns a's pickle under the key of olm.SetPickleKey, in quotes.
func (a *Account) MarshalJSON() ([]byte, error) { return marshalJSON(a) }

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Account) UnmarshalJSON(data []byte) error { return unmarshalJSON(a, data) }

// MarshalJSON returns s's pickle under the key of olm.SetPickleKey, in quotes.
func (s *Session) MarshalJSON() ([]byte, error) { return marshalJSON(s) }

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Session) UnmarshalJSON(data []byte) error { return unmarshalJSON(s, data) }

// MarshalJSON returns s's pickle under the key of olm.SetPickleKey, in quotes.
func (s *InboundGroupSession) MarshalJSON() ([]byte, error) { return marshalJSON(s) }

// UnmarshalJSON reads what MarshalJSON writes.
func (s *InboundGroupSession) UnmarshalJSON(data []byte) error { return unmarshalJSON(s, data) }

// MarshalJSON returns s's pickle under the key of olm.SetPickleKey, in quotes.
func (s *OutboundGroupSession) MarshalJSON() ([]byte, error) { return marshalJSON(s) }

// UnmarshalJSON reads what MarshalJSON writes.
func (s *OutboundGroupSession) UnmarshalJSON(data []byte) error { return unmarshalJSON(s, data) }
