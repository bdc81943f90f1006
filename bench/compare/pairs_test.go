package compare

import (
	"crypto/rand"
	"encoding/json"

	"maunium.net/go/mautrix/crypto/goolm"
	golm "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

func init() { goolm.Register() }

func must[T any](x T, err error) T {
	check(err)
	return x
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// Both ends of a session of each implementation, in which both have sent.

func karstPair() (alice, bob *olm.Session) {
	a, b := olm.NewAccount(), olm.NewAccount()
	check(b.GenerateOneTimeKeys(1))
	for _, oneTime := range b.OneTimeKeys() {
		alice = must(a.NewOutboundSession(b.IdentityKeys().Curve25519, oneTime))
	}
	bob, _, err := b.Accept(a.IdentityKeys().Curve25519, must(alice.Encrypt([]byte("1"))))
	check(err)
	must(alice.Decrypt(must(bob.Encrypt([]byte("2")))))
	must(bob.Decrypt(must(alice.Encrypt([]byte("3")))))
	return alice, bob
}

func goolmPair() (alice, bob golm.Session) {
	a, b := must(golm.NewAccount()), must(golm.NewAccount())
	check(b.GenOneTimeKeys(1))
	_, identity, err := b.IdentityKeys()
	check(err)
	for _, oneTime := range must(b.OneTimeKeys()) {
		alice = must(a.NewOutboundSession(identity, oneTime))
	}
	_, from, err := a.IdentityKeys()
	check(err)
	m := goolmEncrypt(alice, []byte("1"))
	bob = must(b.NewInboundSessionFrom(&from, m))
	must(bob.Decrypt(m, id.OlmMsgTypePreKey))
	must(alice.Decrypt(goolmEncrypt(bob, []byte("2")), id.OlmMsgTypeMsg))
	must(bob.Decrypt(goolmEncrypt(alice, []byte("3")), id.OlmMsgTypeMsg))
	return alice, bob
}

func goolmEncrypt(s golm.Session, plaintext []byte) string {
	_, m, err := s.Encrypt(plaintext)
	check(err)
	return string(m)
}

func libolmPair() (alice, bob *libolm.Session) {
	a, b := must(libolm.NewAccount(random(64))), must(libolm.NewAccount(random(64)))
	must(b.GenerateOneTimeKeys(1, random(32)))
	for _, oneTime := range parse[map[string]map[string]string](b.OneTimeKeys())["curve25519"] {
		alice = must(libolm.NewOutboundSession(a, identity(b), oneTime, random(64)))
	}
	m := libolmEncrypt(alice, []byte("1"))
	bob = must(libolm.NewInboundSessionFrom(b, identity(a), m))
	must(bob.Decrypt(libolm.TypePreKey, m))
	must(alice.Decrypt(libolm.TypeMessage, libolmEncrypt(bob, []byte("2"))))
	must(bob.Decrypt(libolm.TypeMessage, libolmEncrypt(alice, []byte("3"))))
	return alice, bob
}

func libolmEncrypt(s *libolm.Session, plaintext []byte) string {
	var drawn []byte
	if n := s.EncryptRandomLength(); n > 0 {
		drawn = random(n)
	}
	_, m, err := s.Encrypt(plaintext, drawn)
	check(err)
	return m
}

func identity(a *libolm.Account) string {
	return parse[map[string]string](a.IdentityKeys())["curve25519"]
}

func parse[T any](text string) (x T) {
	check(json.Unmarshal([]byte(text), &x))
	return x
}

func karstGroup() (*megolm.OutboundSession, *megolm.InboundSession) {
	out := megolm.NewOutboundSession()
	return out, must(megolm.NewInboundSession(must(out.SessionKey())))
}

func goolmGroup() (golm.OutboundGroupSession, golm.InboundGroupSession) {
	out := must(golm.NewOutboundGroupSession())
	return out, must(golm.NewInboundGroupSession([]byte(out.Key())))
}

func libolmGroup() (*libolm.OutboundGroup, *libolm.InboundGroup) {
	out := must(libolm.NewOutboundGroup(random(160)))
	return out, must(libolm.NewInboundGroup(out.Key()))
}
