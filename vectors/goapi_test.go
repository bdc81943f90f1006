package vectors_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

// Package olm, as a replay drives it.

var goOlm = olmSide{
	newAccount: func(t *testing.T, random []byte) (a account) {
		feed(t, random, func() { a = goAccount{olm.NewAccount()} })
		return a
	},
	agrees: agrees,
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func marshal(x any) string { return string(must(json.Marshal(x))) }

// keysIn returns the ids and keys in a JSON object of one-time or fallback keys.
func keysIn(t *testing.T, text string) map[string]string {
	var object struct {
		Curve25519 map[string]string `json:"curve25519"`
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object.Curve25519
}

func parseKey(t *testing.T, text string) keys.Curve25519 {
	t.Helper()
	k, err := keys.ParseCurve25519(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return k
}

func decodeText(t *testing.T, text string) (b olm.Body) {
	t.Helper()
	if err := b.UnmarshalText([]byte(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

type goAccount struct{ a *olm.Account }

func (a goAccount) identityKeys() string       { return marshal(a.a.IdentityKeys()) }
func (a goAccount) sign(message []byte) string { return must(a.a.Sign(message)).String() }
func (a goAccount) markPublished() int         { return a.a.MarkKeysAsPublished() }
func (a goAccount) forgetFallback()            { a.a.ForgetOldFallbackKey() }
func (a goAccount) pickle(key []byte) string   { return string(must(a.a.Pickle(key))) }
func (a goAccount) remove(s session) bool      { return a.a.RemoveOneTimeKey(s.(goSession).s) }

// listed writes the JSON by hand: the order counts, which a map would lose.
func listed(list iter.Seq2[olm.KeyID, keys.Curve25519]) string {
	var parts []string
	for id, key := range list {
		parts = append(parts, fmt.Sprintf("%q:%q", id, key))
	}
	return `{"curve25519":{` + strings.Join(parts, ",") + `}}`
}

func (a goAccount) oneTimeKeys() string { return listed(a.a.OneTimeKeys()) }

func (a goAccount) fallback() (current, unpublished string) {
	one := func(id olm.KeyID, key keys.Curve25519, ok bool) string {
		found := map[olm.KeyID]keys.Curve25519{}
		if ok {
			found[id] = key
		}
		return listed(maps.All(found))
	}
	return one(a.a.FallbackKey()), one(a.a.UnpublishedFallbackKey())
}

func (a goAccount) generateOneTimeKeys(t *testing.T, n int, random []byte) {
	feed(t, random, func() {
		if _, err := a.a.GenerateOneTimeKeys(n); err != nil {
			t.Fatal(err)
		}
	})
}

func (a goAccount) generateFallback(t *testing.T, random []byte) {
	feed(t, random, func() {
		if err := a.a.GenerateFallbackKey(); err != nil {
			t.Fatal(err)
		}
	})
}

func (a goAccount) reload(t *testing.T, key []byte, pickled string) account {
	n, err := olm.UnpickleAccount(key, []byte(pickled))
	if err == nil {
		err = n.Check()
	}
	if err != nil {
		t.Fatal(err)
	}
	return goAccount{n}
}

func (a goAccount) outbound(t *testing.T, identity, oneTime string, random []byte) (session, error) {
	var s *olm.Session
	err := feedSome(t, random, func() (err error) {
		s, err = a.a.NewOutboundSession(parseKey(t, identity), parseKey(t, oneTime))
		return err
	})
	return goSession{s}, err
}

func (a goAccount) inbound(body, from string) (session, error) {
	s, err := newInbound(a.a, body, from)
	return goSession{s}, err
}

// newInbound takes texts, as negative cases have them.
func newInbound(a *olm.Account, body, from string) (*olm.Session, error) {
	p, err := parsePreKey(body)
	if err != nil {
		return nil, err
	}
	if from == "" {
		return a.NewInboundSession(p)
	}
	identity, err := keys.ParseCurve25519(from)
	if err != nil {
		return nil, textError{err}
	}
	return a.NewInboundSessionFrom(identity, p)
}

func parsePreKey(body string) (*olm.PreKeyMessage, error) {
	var b olm.Body
	if err := b.UnmarshalText([]byte(body)); err != nil {
		return nil, textError{err}
	}
	return olm.ParsePreKeyMessage(b)
}

type goSession struct{ s *olm.Session }

func (s goSession) id() string               { return s.s.ID() }
func (s goSession) describe() string         { return s.s.Describe() }
func (s goSession) hasReceived() bool        { return s.s.HasReceivedMessage() }
func (s goSession) oneTimeKey() string       { return s.s.Keys().OneTime.String() }
func (s goSession) pickle(key []byte) string { return string(must(s.s.Pickle(key))) }

// matches compares the sender's identity key itself, which Session.Matches takes from the message alone.
func (s goSession) matches(body, from string) (bool, error) {
	p, err := parsePreKey(body)
	if err != nil {
		return false, err
	}
	if from != "" {
		identity, err := keys.ParseCurve25519(from)
		if err != nil {
			return false, textError{err}
		}
		if identity != p.IdentityKey() {
			return false, nil
		}
	}
	return s.s.Matches(p), nil
}

func (s goSession) encrypt(t *testing.T, plaintext, random []byte) (int, string, error) {
	var m olm.Message
	kind, size := s.s.NextType(), s.s.MessageLen(len(plaintext))
	err := feedSome(t, random, func() (err error) {
		m, err = s.s.Encrypt(plaintext)
		return err
	})
	if m.Type != kind || err == nil && len(m.Body) != size {
		t.Errorf("a message of type %d with %d bytes, announced were type %d and %d bytes", m.Type, len(m.Body), kind, size)
	}
	return int(m.Type), m.Body.String(), err
}

func (s goSession) decrypt(messageType int, body string) ([]byte, error) {
	m := olm.Message{Type: olm.MessageType(messageType)}
	if err := m.Body.UnmarshalText([]byte(body)); err != nil {
		return nil, textError{err}
	}
	return s.s.Decrypt(m)
}

func (s goSession) reload(t *testing.T, key []byte, pickled string) session {
	n, err := olm.UnpickleSession(key, []byte(pickled))
	if err == nil {
		err = n.Check()
	}
	if err != nil {
		t.Fatal(err)
	}
	return goSession{n}
}
