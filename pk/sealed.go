package pk

import "github.com/karst-im/karst/internal/sealed"

// What encodes values, such as encoding/json, finds methods by these that fail and say what to use. Each is the
// first field of its type.

type (
	sealedDecryption = sealed.Object[noDecryption]
	sealedEncryption = sealed.Object[noEncryption]
	sealedSigning    = sealed.Object[noSigning]

	noDecryption struct{}
	noEncryption struct{}
	noSigning    struct{}
)

func (noDecryption) Error() string {
	return "pk: Decryption is secret and does not marshal: use Pickle and UnpickleDecryption, or PrivateKey and DecryptionFromKey"
}

func (noEncryption) Error() string {
	return "pk: Encryption does not marshal: keep the public key that NewEncryption takes"
}

func (noSigning) Error() string {
	return "pk: Signing is secret and does not marshal: keep the seed that NewSigning takes"
}
