package olm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

func Example() {
	// Alice and Bob each have a device, with an account that is made once.
	alice, bob := olm.NewAccount(), olm.NewAccount()

	// Bob publishes his identity keys and some one-time keys, each signed, on his homeserver.
	if _, err := bob.GenerateOneTimeKeys(2); err != nil {
		log.Fatal(err)
	}
	var oneTimeKey keys.Curve25519
	for _, key := range bob.OneTimeKeys() {
		oneTimeKey = key
	}
	bob.MarkKeysAsPublished()

	// Alice claims one of them, begins a session, and sends her first message.
	aliceSession, err := alice.NewOutboundSession(bob.IdentityKeys().Curve25519, oneTimeKey)
	if err != nil {
		log.Fatal(err)
	}
	message, err := aliceSession.Encrypt([]byte("The cave is dry."))
	if err != nil {
		log.Fatal(err)
	}
	event, err := json.Marshal(message) // what goes to the homeserver
	if err != nil {
		log.Fatal(err)
	}

	// Bob accepts it, and has the other side of the session.
	var received olm.Message
	if err := json.Unmarshal(event, &received); err != nil {
		log.Fatal(err)
	}
	bobSession, plaintext, err := bob.Accept(alice.IdentityKeys().Curve25519, received)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s (message type %d, one session: %v)\n", plaintext, received.Type, bobSession.ID() == aliceSession.ID())

	// He stores his account and the session before he answers. The key should be random, and kept
	// where the platform keeps secrets.
	pickleKey := []byte("32 random bytes from a key store")
	pickled, err := bobSession.Pickle(pickleKey)
	if err != nil {
		log.Fatal(err)
	}
	bobSession, err = olm.UnpickleSession(pickleKey, pickled)
	if err != nil {
		log.Fatal(err)
	}

	// His answer moves the ratchet: from now on both send normal messages.
	answer, err := bobSession.Encrypt([]byte("The river is below."))
	if err != nil {
		log.Fatal(err)
	}
	plaintext, err = aliceSession.Decrypt(answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s (message type %d)\n", plaintext, answer.Type)

	// Output:
	// The cave is dry. (message type 0, one session: true)
	// The river is below. (message type 1)
}

// A message to a fallback key can be delivered again, since the key stays: who accepts it says which sessions
// there are.
func ExampleAccount_Accept() {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	if err := bob.GenerateFallbackKey(); err != nil {
		log.Fatal(err)
	}
	_, fallbackKey, _ := bob.FallbackKey()
	aliceSession, err := alice.NewOutboundSession(bob.IdentityKeys().Curve25519, fallbackKey)
	if err != nil {
		log.Fatal(err)
	}
	first, err := aliceSession.Encrypt([]byte("The cave is dry."))
	if err != nil {
		log.Fatal(err)
	}
	second, err := aliceSession.Encrypt([]byte("The lamp is lit."))
	if err != nil {
		log.Fatal(err)
	}

	withAlice := map[string]*olm.Session{} // what Bob stores, by id
	for _, message := range []olm.Message{first, second, first} {
		known := slices.Collect(maps.Values(withAlice))
		session, plaintext, err := bob.Accept(alice.IdentityKeys().Curve25519, message, known...)
		if knownSession := new(olm.KnownSessionError); errors.As(err, &knownSession) {
			session = withAlice[knownSession.SessionID]
			plaintext, err = session.Decrypt(message)
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		withAlice[session.ID()] = session
		fmt.Println(string(plaintext))
	}

	// Output:
	// The cave is dry.
	// The lamp is lit.
	// karst: message key was used before or is no longer kept
}
