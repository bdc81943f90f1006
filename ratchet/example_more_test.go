package ratchet_test

import (
	"crypto/rand"
	"fmt"
	"log"

	"github.com/karst-im/karst/ratchet"
)

func ExampleMegolm() {
	// Who has the value at an index knows that of every later one.
	sender := ratchet.NewMegolm()
	if err := sender.AdvanceTo(100); err != nil {
		log.Fatal(err)
	}
	var value [ratchet.MegolmLen]byte
	if err := sender.Key(&value); err != nil {
		log.Fatal(err)
	}
	member := ratchet.MegolmFromKey(&value, sender.Index())

	var later, theirs [ratchet.MegolmLen]byte
	for _, m := range []*ratchet.Megolm{sender, member} {
		if err := m.AdvanceTo(5000); err != nil {
			log.Fatal(err)
		}
	}
	if err := sender.Key(&later); err != nil {
		log.Fatal(err)
	}
	if err := member.Key(&theirs); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same at 5000:", later == theirs)
	fmt.Println("back to 99:", member.AdvanceTo(99))
	// Output:
	// the same at 5000: true
	// back to 99: ratchet: the ratchet is past that index
}

func ExampleDouble_Pickle() {
	var shared [ratchet.SharedLen]byte
	rand.Read(shared[:])
	alice := ratchet.Initiate(&shared)
	pickleKey := []byte("32 random bytes from a key store")
	pickled, err := alice.Pickle(pickleKey)
	if err != nil {
		log.Fatal(err)
	}
	alice, err = ratchet.UnpickleDouble(pickleKey, pickled)
	fmt.Println(alice, err)
	_, err = ratchet.UnpickleDouble([]byte("another key"), pickled)
	fmt.Println(err)
	// Output:
	// ratchet.Double <nil>
	// pickle: wrong key, or damaged pickle
}
