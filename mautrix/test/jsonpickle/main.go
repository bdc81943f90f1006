// Command jsonpickle writes the pickles that testdata/goolm-0.22.1.json holds: objects of the last goolm
// that had a JSON format, each in that format and in libolm's.
//
//	go run . >../../testdata/goolm-0.22.1.json
package main

import (
	"encoding/json"
	"log"
	"os"

	"maunium.net/go/mautrix/crypto/goolm/account"
	"maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/id"
)

type object interface {
	PickleAsJSON(key []byte) ([]byte, error)
	Pickle(key []byte) ([]byte, error)
}

type pickles struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	JSON   string `json:"json"`
	Libolm string `json:"libolm"`
}

var key = []byte("key of the pickles")

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	var all []pickles
	add := func(kind, name string, o object) {
		all = append(all, pickles{kind, name, string(must(o.PickleAsJSON(key))), string(must(o.Pickle(key)))})
	}

	bob := must(account.NewAccount())
	add("account", "new", bob)
	check(bob.GenOneTimeKeys(3))
	bob.MarkKeysAsPublished()
	check(bob.GenOneTimeKeys(2))
	add("account", "one-time keys", bob)
	check(bob.GenFallbackKey())
	add("account", "fallback key", bob)
	bob.MarkKeysAsPublished()
	check(bob.GenFallbackKey())
	add("account", "two fallback keys", bob)

	alice := must(account.NewAccount())
	a := must(alice.NewOutboundSession(bob.IdKeys.Curve25519.B64Encoded(), bob.OTKeys[0].Key.B64Encoded())).(*session.OlmSession)
	add("session", "new", a)
	_, first, err := a.Encrypt([]byte("first"))
	check(err)
	b := must(bob.NewInboundSession(string(first))).(*session.OlmSession)
	must(b.Decrypt(string(first), id.OlmMsgTypePreKey))
	add("session", "received", b)
	for range 3 { // back and forth, with messages that stay away
		must2(b.Encrypt([]byte("lost")))
		msgType, message, err := b.Encrypt([]byte("text"))
		check(err)
		must(a.Decrypt(string(message), msgType))
		msgType, message, err = a.Encrypt([]byte("text"))
		check(err)
		must(b.Decrypt(string(message), msgType))
	}
	add("session", "late messages", a)
	add("session", "several chains", b)

	out := must(session.NewMegolmOutboundSession())
	add("outbound", "new", out)
	in := must(session.NewMegolmInboundSession([]byte(out.Key())))
	add("inbound", "new", in)
	for range 5 {
		_, _, err := in.Decrypt(must(out.Encrypt([]byte("text"))))
		check(err)
	}
	add("outbound", "used", out)
	add("inbound", "used", in)
	add("inbound", "imported", must(session.NewMegolmInboundSessionFromExport(must(in.Export(3)))))

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "\t")
	check(encoder.Encode(all))
}

func must2[A, B any](a A, b B, err error) (A, B) {
	check(err)
	return a, b
}
