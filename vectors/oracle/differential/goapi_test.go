package differential

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// feed makes the Go API draw the given bytes while f runs, and exactly those.
func feed[T any](random []byte, f func() T) T {
	restore := entropy.Replace(func(b []byte) {
		if copy(b, random) < len(b) {
			panic("more random bytes drawn than libolm draws")
		}
		random = random[len(b):]
	})
	defer restore()
	x := f()
	if len(random) > 0 {
		panic("fewer random bytes drawn than libolm draws")
	}
	return x
}

func marshal(x any) string { return string(must(json.Marshal(x))) }

var raw64 = base64.RawStdEncoding

var goImpl = implementation{
	name: "Go API",
	newAccount: func(random []byte) account {
		// libolm takes all bytes in one piece, as NewAccount does.
		return gAccount{feed(random, olm.NewAccount)}
	},
	newSender: func(random []byte) sender { return gSender{feed(random, megolm.NewOutboundSession)} },
	inbound: func(key string) (receiver, error) {
		k, err := megolm.ParseSessionKey(key)
		if err != nil {
			return nil, err
		}
		g, err := megolm.NewInboundSession(k)
		return gReceiver{g}, err
	},
	imported: func(key string) (receiver, error) {
		k, err := megolm.ParseExportedKey(key)
		if err != nil {
			return nil, err
		}
		g, err := megolm.ImportSession(k)
		return gReceiver{g}, err
	},
}

type gAccount struct{ a *olm.Account }

func (a gAccount) identityKeys() string       { return marshal(a.a.IdentityKeys()) }
func (a gAccount) sign(message []byte) string { return must(a.a.Sign(message)).String() }
func (a gAccount) markPublished() int         { return a.a.MarkKeysAsPublished() }
func (a gAccount) forgetFallback()            { a.a.ForgetOldFallbackKey() }
func (a gAccount) pickle(key []byte) string   { return string(must(a.a.Pickle(key))) }
func (a gAccount) free()                      { a.a.Wipe() }

// oneTimeKeys writes the JSON by hand: a map would lose the order.
func (a gAccount) oneTimeKeys() string {
	text := ""
	for id, key := range a.a.OneTimeKeys() {
		if text != "" {
			text += ","
		}
		text += fmt.Sprintf("%q:%q", id.String(), key.String())
	}
	return `{"curve25519":{` + text + `}}`
}

func (a gAccount) unpublishedFallback() string {
	found := map[olm.KeyID]keys.Curve25519{}
	if id, key, ok := a.a.UnpublishedFallbackKey(); ok {
		found[id] = key
	}
	return marshal(map[string]any{"curve25519": found})
}

func (a gAccount) generateOneTimeKeys(n int, random []byte) {
	if err := feed(random, func() error { _, err := a.a.GenerateOneTimeKeys(n); return err }); err != nil {
		panic(err)
	}
}

func (a gAccount) generateFallback(random []byte) {
	if err := feed(random, a.a.GenerateFallbackKey); err != nil {
		panic(err)
	}
}

func (a gAccount) unpickle(key []byte, pickled string) (account, error) {
	n, err := olm.UnpickleAccount(key, []byte(pickled))
	if err == nil {
		err = n.Check()
	}
	return gAccount{n}, err
}

func (a gAccount) outbound(identity, oneTime string, random []byte) (session, error) {
	i, o := must(keys.ParseCurve25519(identity)), must(keys.ParseCurve25519(oneTime))
	var err error
	s := feed(random, func() (s *olm.Session) { s, err = a.a.NewOutboundSession(i, o); return s })
	return gSession{s}, err
}

func message(messageType int, body string) (m olm.Message, err error) {
	m.Type = olm.MessageType(messageType)
	return m, m.Body.UnmarshalText([]byte(body))
}

func (a gAccount) inbound(from, body string) (session, []byte, error) {
	m, err := message(0, body)
	if err != nil {
		return nil, nil, err
	}
	s, plaintext, err := a.a.Accept(must(keys.ParseCurve25519(from)), m)
	return gSession{s}, plaintext, err
}

type gSession struct{ s *olm.Session }

func (s gSession) id() string               { return s.s.ID() }
func (s gSession) describe() string         { return s.s.Describe() }
func (s gSession) hasReceived() bool        { return s.s.HasReceivedMessage() }
func (s gSession) needsRandom() bool        { return false } // does not show; feed notices
func (s gSession) pickle(key []byte) string { return string(must(s.s.Pickle(key))) }
func (s gSession) free()                    { s.s.Wipe() }

func (s gSession) matches(body string) bool {
	m, err := message(0, body)
	if err != nil {
		return false
	}
	p, err := olm.ParsePreKeyMessage(m.Body)
	return err == nil && s.s.Matches(p)
}

func (s gSession) encrypt(plaintext, random []byte) (int, string, error) {
	var err error
	m := feed(random, func() (m olm.Message) { m, err = s.s.Encrypt(plaintext); return m })
	return int(m.Type), m.Body.String(), err
}

func (s gSession) decrypt(messageType int, body string) ([]byte, error) {
	m, err := message(messageType, body)
	if err != nil {
		return nil, err
	}
	return s.s.Decrypt(m)
}

func (s gSession) unpickle(key []byte, pickled string) (session, error) {
	n, err := olm.UnpickleSession(key, []byte(pickled))
	if err == nil {
		err = n.Check()
	}
	return gSession{n}, err
}

type gSender struct{ g *megolm.OutboundSession }

func (g gSender) id() string                      { return g.g.ID() }
func (g gSender) index() uint32                   { return g.g.Index() }
func (g gSender) encrypt(plaintext []byte) string { return must(g.g.Encrypt(plaintext)).String() }
func (g gSender) pickle(key []byte) string        { return string(must(g.g.Pickle(key))) }
func (g gSender) free()                           { g.g.Wipe() }

func (g gSender) sessionKey() string {
	k := must(g.g.SessionKey())
	return must(k.Base64())
}

func (g gSender) unpickle(key []byte, pickled string) (sender, error) {
	n, err := megolm.UnpickleOutboundSession(key, []byte(pickled))
	if err == nil {
		err = n.Check()
	}
	return gSender{n}, err
}

type gReceiver struct{ g *megolm.InboundSession }

func (g gReceiver) firstKnown() uint32       { return g.g.FirstKnownIndex() }
func (g gReceiver) pickle(key []byte) string { return string(must(g.g.Pickle(key))) }
func (g gReceiver) free()                    { g.g.Wipe() }

// verified is what libolm's flag says: that something is.
func (g gReceiver) verified() bool {
	_, ok := g.g.VerifiedFrom()
	return ok
}

func (g gReceiver) decrypt(body string) ([]byte, uint32, error) {
	var m megolm.Message
	if err := m.UnmarshalText([]byte(body)); err != nil {
		return nil, 0, err
	}
	return g.g.Decrypt(m)
}

func (g gReceiver) export(index uint32) (string, error) {
	k, err := g.g.Export(index)
	if err != nil {
		return "", err
	}
	return k.Base64()
}

func (g gReceiver) unpickle(key []byte, pickled string) (receiver, error) {
	n, err := megolm.UnpickleInboundSession(key, []byte(pickled))
	return gReceiver{n}, err
}
