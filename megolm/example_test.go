package megolm_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/karst-im/karst/megolm"
)

func Example() {
	// Alice begins a session for a room, and sends its key to every member's devices over Olm.
	alice := megolm.NewOutboundSession()
	sessionKey, err := alice.SessionKey()
	if err != nil {
		log.Fatal(err)
	}
	bob, err := megolm.NewInboundSession(sessionKey)
	if err != nil {
		log.Fatal(err)
	}

	// She encrypts each message once, for everybody.
	first, err := alice.Encrypt([]byte("Mind the step."))
	if err != nil {
		log.Fatal(err)
	}
	second, err := alice.Encrypt([]byte("Turn left."))
	if err != nil {
		log.Fatal(err)
	}

	// Messages can be decrypted in any order.
	for _, message := range []megolm.Message{second, first} {
		plaintext, index, err := bob.Decrypt(message)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d: %s\n", index, plaintext)
	}

	// Bob exports the session from its second message on. Who imports that can't read the first.
	exported, err := bob.Export(1)
	if err != nil {
		log.Fatal(err)
	}
	carol, err := megolm.ImportSession(exported)
	if err != nil {
		log.Fatal(err)
	}
	_, _, err = carol.Decrypt(first)
	var unknown *megolm.UnknownIndexError
	fmt.Println(errors.As(err, &unknown), err)

	// Output:
	// 1: Turn left.
	// 0: Mind the step.
	// true megolm: message index 0 is before the first known one, 1
}
