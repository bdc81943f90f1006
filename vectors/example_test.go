package vectors_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"

	"github.com/karst-im/karst/vectors"
)

// Another implementation, here the standard library's, replays the cases of signing with a seed.
func ExamplePK() {
	replayed := 0
	for _, c := range vectors.PK() {
		if c.Op != "sign" || c.Expect != vectors.OK {
			continue
		}
		sig := ed25519.Sign(ed25519.NewKeyFromSeed(c.Private), c.Input)
		if base64.RawStdEncoding.EncodeToString(sig) != c.Signature {
			fmt.Println(c.Name, "differs")
		}
		replayed++
	}
	fmt.Println(replayed, "signatures")
	// Output: 5 signatures
}
