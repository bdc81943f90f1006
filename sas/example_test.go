package sas_test

import (
	"fmt"
	"log"

	"github.com/karst-im/karst/sas"
)

func Example() {
	// Each device makes a key pair; they exchange the public halves.
	alice, bob := sas.New(), sas.New()
	alicesKey, bobsKey := alice.PublicKey(), bob.PublicKey()

	atAlice, err := alice.Establish(bobsKey)
	if err != nil {
		log.Fatal(err)
	}
	atBob, err := bob.Establish(alicesKey)
	if err != nil {
		log.Fatal(err)
	}

	// Both show the same emoji, or the same numbers, which the two people compare.
	info := "MATRIX_KEY_VERIFICATION_SAS|@alice:example.org|..."
	shownByAlice, err := atAlice.Bytes(info)
	if err != nil {
		log.Fatal(err)
	}
	shownByBob, err := atBob.Bytes(info)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(shownByAlice.Emoji() == shownByBob.Emoji(), len(shownByAlice.Emoji()))

	// Then each proves which long-term keys are its own.
	mac, err := atAlice.MAC("alices+device+key", "MATRIX_KEY_VERIFICATION_MAC|...")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(atBob.VerifyMAC("alices+device+key", "MATRIX_KEY_VERIFICATION_MAC|...", mac))
	fmt.Println(atBob.VerifyMAC("mallorys+device+key", "MATRIX_KEY_VERIFICATION_MAC|...", mac))

	// Output:
	// true 7
	// <nil>
	// sas: bad MAC
}
