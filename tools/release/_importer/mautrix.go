// A room, one member of which comes by way of mautrix's interface.
package main

import (
	"fmt"
	"log"

	_ "github.com/karst-im/karst/mautrix/auto"
	"github.com/karst-im/karst/megolm"
	"maunium.net/go/mautrix/crypto/olm"
)

func main() {
	if olm.Driver != "karst" {
		log.Fatal("another driver: ", olm.Driver)
	}
	room := megolm.NewOutboundSession()
	key := must(room.SessionKey())
	member := must(olm.NewInboundGroupSession([]byte(must(key.Base64()))))
	message := must(room.Encrypt([]byte("Hello, room.")))
	plaintext, _, err := member.Decrypt([]byte(message.String()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", plaintext)
}

func must[T any](x T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return x
}
