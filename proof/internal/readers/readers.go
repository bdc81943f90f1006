// Package readers has all that reads a pickle, for proofs that go through every kind.
package readers

import (
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/ratchet"
)

// Pickled is an object that can be pickled.
type Pickled interface {
	Pickle(key []byte) ([]byte, error)
}

// either returns the object or the error. It panics if there are neither or both.
func either[T any, P interface {
	*T
	Pickled
}](object P, err error) (Pickled, error) {
	if (object == nil) != (err != nil) {
		panic("neither an object nor an error, or both")
	}
	if object == nil {
		return nil, err
	}
	return object, nil
}

// ByKind has what reads a pickle of each kind.
var ByKind = map[string]func(key, text []byte) (Pickled, error){
	"account":    func(key, text []byte) (Pickled, error) { return either(olm.UnpickleAccount(key, text)) },
	"session":    func(key, text []byte) (Pickled, error) { return either(olm.UnpickleSession(key, text)) },
	"outbound":   func(key, text []byte) (Pickled, error) { return either(megolm.UnpickleOutboundSession(key, text)) },
	"inbound":    func(key, text []byte) (Pickled, error) { return either(megolm.UnpickleInboundSession(key, text)) },
	"decryption": func(key, text []byte) (Pickled, error) { return either(pk.UnpickleDecryption(key, text)) },
	"double":     func(key, text []byte) (Pickled, error) { return either(ratchet.UnpickleDouble(key, text)) },
	"megolm":     func(key, text []byte) (Pickled, error) { return either(ratchet.UnpickleMegolm(key, text)) },
}
