// A room key by way of a session, and a message to the room.
package main

import (
	"fmt"
	"log"

	_ "github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	_ "github.com/karst-im/karst/pickle"
	_ "github.com/karst-im/karst/pk"
	_ "github.com/karst-im/karst/ratchet"
	_ "github.com/karst-im/karst/sas"
)

func main() {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	must(bob.GenerateOneTimeKeys(1))
	for _, oneTimeKey := range bob.OneTimeKeys() {
		session := must(alice.NewOutboundSession(bob.IdentityKeys().Curve25519, oneTimeKey))
		room := megolm.NewOutboundSession()
		roomKey := must(room.SessionKey())
		_, received, err := bob.Accept(alice.IdentityKeys().Curve25519, must(session.Encrypt([]byte(must(roomKey.Base64())))))
		check(err)
		member := must(megolm.NewInboundSession(must(megolm.ParseSessionKey(string(received)))))
		plaintext, _, err := member.Decrypt(must(room.Encrypt([]byte("Hello, room."))))
		check(err)
		fmt.Printf("%s\n", plaintext)
	}
}

func must[T any](x T, err error) T {
	check(err)
	return x
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
