package ratchet_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/ratchet"
)

// A message of this little protocol is our ratchet key, the index, and what AES-256-GCM made of the plaintext. Each key
// serves once, so that the nonce may be zeros.

const header = 32 + 4

func aead(key *[ratchet.KeyLen]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		log.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		log.Fatal(err)
	}
	return gcm
}

func seal(d *ratchet.Double, plaintext string) ([]byte, error) {
	var key [ratchet.KeyLen]byte
	defer clear(key[:])
	ours, index, err := d.Send(&key)
	if err != nil {
		return nil, err
	}
	message := binary.BigEndian.AppendUint32(ours[:], index)
	return aead(&key).Seal(message, make([]byte, 12), []byte(plaintext), message[:header:header]), nil
}

func open(d *ratchet.Double, message []byte) (plaintext []byte, err error) {
	if len(message) < header {
		return nil, errors.New("too short")
	}
	theirs, index := keys.Curve25519(message[:32]), binary.BigEndian.Uint32(message[32:])
	err = d.Receive(theirs, index, func(key *[ratchet.KeyLen]byte) (err error) {
		plaintext, err = aead(key).Open(nil, make([]byte, 12), message[header:], message[:header])
		return err // the ratchet moves only if the message is authentic
	})
	return plaintext, err
}

func Example() {
	// Both sides have a secret that nobody else knows, of a key agreement for example.
	var shared [ratchet.SharedLen]byte
	rand.Read(shared[:])

	alice := ratchet.Initiate(&shared)
	first, err := seal(alice, "The cave is dry.")
	if err != nil {
		log.Fatal(err)
	}

	// Bob begins with the ratchet key of her first message, and keeps what he gets if that message is authentic.
	bob, err := ratchet.Respond(&shared, keys.Curve25519(first[:32]))
	if err != nil {
		log.Fatal(err)
	}
	plaintext, err := open(bob, first)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", plaintext)

	answer, err := seal(bob, "Come in, then.")
	if err != nil {
		log.Fatal(err)
	}
	forged := append([]byte(nil), answer...)
	forged[len(forged)-1] ^= 1
	_, err = open(alice, forged)
	fmt.Println("forged:", err)
	plaintext, err = open(alice, answer)
	fmt.Printf("%s %v\n", plaintext, err)
	_, err = open(alice, answer)
	fmt.Println("again:", err)
	// Output:
	// The cave is dry.
	// forged: cipher: message authentication failed
	// Come in, then. <nil>
	// again: karst: message key was used before or is no longer kept
}
