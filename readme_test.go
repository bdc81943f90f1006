package karst_test

import (
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

func Example() {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	must(bob.GenerateOneTimeKeys(1))
	for _, oneTimeKey := range bob.OneTimeKeys() { // through the homeserver
		session := must(alice.NewOutboundSession(bob.IdentityKeys().Curve25519, oneTimeKey))
		room := megolm.NewOutboundSession()
		roomKey := must(room.SessionKey())
		forBob := must(session.Encrypt([]byte(must(roomKey.Base64()))))
		forAll := must(room.Encrypt([]byte("Hello, room.")))

		_, received, err := bob.Accept(alice.IdentityKeys().Curve25519, forBob)
		check(err)
		inbound := must(megolm.NewInboundSession(must(megolm.ParseSessionKey(string(received)))))
		plaintext, index, err := inbound.Decrypt(forAll)
		check(err)
		fmt.Printf("%d: %s\n", index, plaintext)
	}
	// Output: 0: Hello, room.
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

// TestREADME keeps the example that the README shows the one that runs above.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "func Example() {\n")
	body, _, _ = strings.Cut(body, "\t// Output:")
	shown := strings.ReplaceAll(strings.TrimPrefix(body, "\t"), "\n\t", "\n")
	if !strings.Contains(string(readme), "```go\n"+shown+"```\n") {
		t.Errorf("README.md does not show this example:\n%s", shown)
	}
}
