package pk_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/karst-im/karst/pk"
)

func Example() {
	// The private key of a backup is kept by its owner; the devices know the public one.
	owner := pk.NewDecryption()

	message, err := pk.NewEncryption(owner.PublicKey()).Encrypt([]byte(`{"session_key":"..."}`))
	if err != nil {
		log.Fatal(err)
	}
	sessionData, err := json.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}

	var restored pk.Message
	if err := json.Unmarshal(sessionData, &restored); err != nil {
		log.Fatal(err)
	}
	plaintext, err := owner.Decrypt(restored)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", plaintext)

	// Output:
	// {"session_key":"..."}
}
