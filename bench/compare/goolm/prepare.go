package main

import (
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/bench"
)

var pickleKey = bench.PickleKey()

func must[T any](x T, err error) T {
	check(err)
	return x
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// accountWith returns an account with n one-time keys, and one of them.
func accountWith(n uint) (a olm.Account, oneTime id.Curve25519) {
	a = must(olm.NewAccount())
	check(a.GenOneTimeKeys(n))
	for _, oneTime = range must(a.OneTimeKeys()) {
		return a, oneTime
	}
	return a, ""
}

func identity(a olm.Account) id.Curve25519 {
	_, key, err := a.IdentityKeys()
	check(err)
	return key
}

func unpickleAccount(pickled []byte) olm.Account {
	return must(olm.AccountFromPickled(own(pickled), pickleKey))
}

// sessions returns both sides of a session in which both have sent, as they are after unpickling.
func sessions() (alice, bob olm.Session) {
	a := must(olm.NewAccount())
	b, oneTime := accountWith(1)
	alice = must(a.NewOutboundSession(identity(b), oneTime))
	first, from := encrypt(alice, []byte("1")), identity(a)
	bob = must(b.NewInboundSessionFrom(&from, first))
	must(bob.Decrypt(first, id.OlmMsgTypePreKey))
	decrypt(alice, encrypt(bob, []byte("2")))
	decrypt(bob, encrypt(alice, []byte("3")))
	return stored(alice)(), stored(bob)()
}

// stored pickles a session and returns a function that unpickles it, each time as a new one.
func stored(s olm.Session) func() olm.Session {
	pickled := must(s.Pickle(pickleKey))
	return func() olm.Session { return must(olm.SessionFromPickled(own(pickled), pickleKey)) }
}

func encrypt(s olm.Session, plaintext []byte) string {
	_, text, err := s.Encrypt(plaintext)
	check(err)
	return string(text)
}

func decrypt(s olm.Session, text string) []byte { return must(s.Decrypt(text, id.OlmMsgTypeMsg)) }

// group returns both sides of a Megolm session, the receiver's as it is after unpickling.
func group() (olm.OutboundGroupSession, olm.InboundGroupSession) {
	out := must(olm.NewOutboundGroupSession())
	return out, storedGroup(must(olm.NewInboundGroupSession([]byte(out.Key()))))()
}

func storedGroup(s olm.InboundGroupSession) func() olm.InboundGroupSession {
	pickled := must(s.Pickle(pickleKey))
	return func() olm.InboundGroupSession {
		return must(olm.InboundGroupSessionFromPickled(own(pickled), pickleKey))
	}
}

func decryptGroup(s olm.InboundGroupSession, text []byte) []byte {
	plaintext, _, err := s.Decrypt(text)
	check(err)
	return plaintext
}
