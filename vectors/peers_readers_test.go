package vectors_test

import (
	"crypto/rand"
	"testing"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors"
)

// reader is one way to read what peers wrote: with the Go packages, or with the engine as the C surface drives it.
type reader struct {
	account func(key []byte, pickled string) (account, error)
	session func(key []byte, pickled string) (session, error)
	// accept creates a session, decrypts, and takes the one-time key.
	accept func(a account, from, body string) ([]byte, error)
	send   func(s session, plaintext []byte) (kind int, body string, err error)
	drawn  func(f func()) (drew bool) // reports whether f drew random bytes
	// keeps reports whether a skipped key is among those that are read, of more than there is room for.
	keeps  func(m *vectors.PeerLateMessage) bool
	megolm megolmSide
}

var goReader = reader{
	account: func(key []byte, pickled string) (account, error) {
		a, err := olm.UnpickleAccount(key, []byte(pickled))
		if err != nil {
			return nil, err
		}
		return goAccount{a}, a.Check()
	},
	session: func(key []byte, pickled string) (session, error) {
		s, err := olm.UnpickleSession(key, []byte(pickled))
		if err != nil {
			return nil, err
		}
		return goSession{s}, s.Check()
	},
	accept: func(a account, from, body string) ([]byte, error) {
		m := olm.Message{Type: olm.PreKey}
		if err := m.Body.UnmarshalText([]byte(body)); err != nil {
			return nil, err
		}
		_, plaintext, err := a.(goAccount).a.Accept(must(keys.ParseCurve25519(from)), m)
		return plaintext, err
	},
	send: func(s session, plaintext []byte) (kind int, body string, err error) {
		m, err := s.(goSession).s.Encrypt(plaintext)
		return int(m.Type), m.Body.String(), err
	},
	drawn: func(f func()) (drew bool) {
		defer entropy.Replace(func(b []byte) {
			_, _ = rand.Read(b)
			drew = true
		})()
		f()
		return drew
	},
	keeps: func(m *vectors.PeerLateMessage) bool {
		return m.NewerChains < olm.MaxReceivingChains && m.Newer < olm.MaxSkippedPerChain
	},
	megolm: goMegolm,
}

// engineDrew is for whether engineReader.send was given random bytes.
var engineDrew bool

var engineReader = reader{
	account: func(key []byte, pickled string) (account, error) {
		a := new(engineAccount)
		return a, a.unpickle(key, pickled)
	},
	session: func(key []byte, pickled string) (session, error) {
		s := new(engineSession)
		return s, s.unpickle(key, pickled)
	},
	accept: func(a account, from, body string) ([]byte, error) {
		s, err := a.inbound(body, from)
		if err != nil {
			return nil, err
		}
		plaintext, err := s.decrypt(protocol.TypePreKey, body)
		a.remove(s)
		return plaintext, err
	},
	send: func(s session, plaintext []byte) (kind int, body string, err error) {
		e := s.(*engineSession)
		var random []byte
		if e.s.NeedsRandom() {
			random = make([]byte, 32)
			_, _ = rand.Read(random)
			engineDrew = true
		}
		out := make([]byte, e.s.MessageLen(len(plaintext)))
		kind = e.s.Type()
		code := e.s.Encrypt(out, plaintext, random)
		return kind, encode64(out), toError(code)
	},
	drawn: func(f func()) (drew bool) {
		engineDrew = false
		f()
		return engineDrew
	},
	keeps: func(m *vectors.PeerLateMessage) bool {
		return m.NewerChains < ratchet.MaxReceivingChains && m.NewerInAll < ratchet.MaxPickledSkipped
	},
	megolm: engineMegolm,
}

func eachReader(t *testing.T, test func(t *testing.T, r reader)) {
	t.Run("Go", func(t *testing.T) { test(t, goReader) })
	t.Run("engine", func(t *testing.T) { test(t, engineReader) })
}
