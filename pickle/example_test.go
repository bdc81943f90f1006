package pickle_test

import (
	"fmt"
	"log"

	"github.com/karst-im/karst/pickle"
)

func Example() {
	// The key should be random, and kept where the platform keeps secrets.
	key := []byte("32 random bytes from a key store")

	text, err := pickle.Seal(key, []byte("a secret of my own"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)

	contents, err := pickle.Open(key, text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", contents)
	clear(contents) // the caller wipes them

	_, err = pickle.Open([]byte("another key"), text)
	fmt.Println(err == pickle.ErrKey, err)
	// Output:
	// RnpNie/IKCCXVzSTXzL3jCf0BTXFiXfz7TexrO86PZNSO540cHTM2g
	// a secret of my own
	// true pickle: wrong key, or damaged pickle
}
