package side

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

type strictAccount struct{ a *olm.Account }

func (strict) NewAccount(random io.Reader) Account {
	var a *olm.Account
	Drawing(random, func() { a = olm.NewAccount() })
	return strictAccount{a}
}

func (strict) UnpickleAccount(key []byte, pickled string) (Account, error) {
	a, err := olm.UnpickleAccount(key, []byte(pickled))
	if err == nil {
		err = a.Check()
	}
	if err != nil {
		return nil, err
	}
	return strictAccount{a}, nil
}

func (a strictAccount) Pickle(key []byte) string       { return string(must(a.a.Pickle(key))) }
func (a strictAccount) Free()                          { a.a.Wipe() }
func (a strictAccount) IdentityKeys() string           { return string(must(json.Marshal(a.a.IdentityKeys()))) }
func (a strictAccount) Sign(message []byte) string     { return must(a.a.Sign(message)).String() }
func (a strictAccount) OneTimeKeys() string            { return listed(a.a.OneTimeKeys()) }
func (a strictAccount) MaxOneTimeKeys() int            { return olm.MaxOneTimeKeys }
func (a strictAccount) OneTimeKeyCount() int           { return a.a.OneTimeKeyCount() }
func (a strictAccount) MarkPublished() int             { return a.a.MarkKeysAsPublished() }
func (a strictAccount) FallbackKey() string            { return one(a.a.FallbackKey()) }
func (a strictAccount) UnpublishedFallbackKey() string { return one(a.a.UnpublishedFallbackKey()) }
func (a strictAccount) ForgetOldFallbackKey()          { a.a.ForgetOldFallbackKey() }

// listed writes the JSON by hand: the order counts, which a map would lose.
func listed(list iter.Seq2[olm.KeyID, keys.Curve25519]) string {
	var parts []string
	for id, key := range list {
		parts = append(parts, fmt.Sprintf("%q:%q", id, key))
	}
	return `{"curve25519":{` + strings.Join(parts, ",") + `}}`
}

func one(id olm.KeyID, key keys.Curve25519, ok bool) string {
	return listed(func(yield func(olm.KeyID, keys.Curve25519) bool) {
		if ok {
			yield(id, key)
		}
	})
}

func (a strictAccount) GenerateOneTimeKeys(n int, random io.Reader) (err error) {
	Drawing(random, func() { _, err = a.a.GenerateOneTimeKeys(n) })
	return err
}

func (a strictAccount) GenerateFallbackKey(random io.Reader) (err error) {
	Drawing(random, func() { err = a.a.GenerateFallbackKey() })
	return err
}

func (a strictAccount) Outbound(identity, oneTime string, random io.Reader) (Session, error) {
	i, err := parseKey(identity)
	if err != nil {
		return nil, err
	}
	o, err := parseKey(oneTime)
	if err != nil {
		return nil, err
	}
	var s *olm.Session
	if Drawing(random, func() { s, err = a.a.NewOutboundSession(i, o) }); err != nil {
		return nil, err
	}
	return strictSession{s}, nil
}

func (a strictAccount) Inbound(from, body string) (Session, error) {
	m, err := parsePreKey(body)
	if err != nil {
		return nil, err
	}
	var s *olm.Session
	if from == "" {
		s, err = a.a.NewInboundSession(m)
	} else {
		var identity keys.Curve25519
		if identity, err = parseKey(from); err != nil {
			return nil, err
		}
		s, err = a.a.NewInboundSessionFrom(identity, m)
	}
	if (s == nil) != (err != nil) {
		panic("side: a session and an error, or neither")
	}
	if err != nil {
		return nil, err
	}
	return strictSession{s}, nil
}

func parsePreKey(body string) (*olm.PreKeyMessage, error) {
	var b olm.Body
	if err := b.UnmarshalText([]byte(body)); err != nil {
		return nil, TextError{err}
	}
	return olm.ParsePreKeyMessage(b)
}

func (a strictAccount) Accept(from, body string) (Session, []byte, error) {
	m, err := message(int(olm.PreKey), body)
	if err != nil {
		return nil, nil, err
	}
	identity, err := parseKey(from)
	if err != nil {
		return nil, nil, err
	}
	s, plaintext, err := a.a.Accept(identity, m)
	if err != nil {
		if s != nil || plaintext != nil {
			panic("side: a message that is refused yields something")
		}
		return nil, nil, err
	}
	return strictSession{s}, plaintext, nil
}

func message(kind int, body string) (m olm.Message, err error) {
	m.Type = olm.MessageType(kind)
	if err := m.Body.UnmarshalText([]byte(body)); err != nil {
		return m, TextError{err}
	}
	return m, nil
}

// Remove returns no id: package olm does not say it.
func (a strictAccount) Remove(s Session) (uint32, error) {
	if !a.a.RemoveOneTimeKey(s.(strictSession).s) {
		return 0, olm.ErrUnknownOneTimeKey
	}
	return 0, nil
}

type strictSession struct{ s *olm.Session }

func (strict) UnpickleSession(key []byte, pickled string) (Session, error) {
	s, err := olm.UnpickleSession(key, []byte(pickled))
	if err == nil {
		err = s.Check()
	}
	if err != nil {
		return nil, err
	}
	return strictSession{s}, nil
}

func (s strictSession) Pickle(key []byte) string { return string(must(s.s.Pickle(key))) }
func (s strictSession) Free()                    { s.s.Wipe() }
func (s strictSession) ID() string               { return s.s.ID() }
func (s strictSession) Describe() string         { return s.s.Describe() }
func (s strictSession) HasReceived() bool        { return s.s.HasReceivedMessage() }

// OneTimeKey returns the one-time key that the session was set up with.
func (s strictSession) OneTimeKey() string { return s.s.Keys().OneTime.String() }

// Matches compares the sender's identity key itself, which Session.Matches takes from the message alone.
func (s strictSession) Matches(from, body string) (bool, error) {
	m, err := parsePreKey(body)
	if err != nil {
		return false, err
	}
	if from != "" {
		identity, err := parseKey(from)
		if err != nil {
			return false, err
		}
		if identity != m.IdentityKey() {
			return false, nil
		}
	}
	return s.s.Matches(m), nil
}

func (s strictSession) Encrypt(plaintext []byte, random io.Reader) (kind int, body string, err error) {
	var m olm.Message
	announced, size := s.s.NextType(), s.s.MessageLen(len(plaintext))
	Drawing(random, func() { m, err = s.s.Encrypt(plaintext) })
	if err == nil && (m.Type != announced || len(m.Body) != size) {
		err = fmt.Errorf("a message of type %d with %d bytes, announced were type %d and %d bytes", m.Type, len(m.Body), announced, size)
	}
	return int(m.Type), m.Body.String(), err
}

func (s strictSession) Decrypt(kind int, body string) ([]byte, error) {
	m, err := message(kind, body)
	if err != nil {
		return nil, err
	}
	return s.s.Decrypt(m)
}
