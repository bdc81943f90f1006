package ratchet

import seal "github.com/karst-im/karst/internal/sealed"

// sealed gives what encodes values, such as encoding/json, methods that fail. It is the first field of every
// type here.
type (
	sealed     = seal.Object[noEncoding]
	noEncoding struct{}
)

func (noEncoding) Error() string {
	return "ratchet: state is secret and does not marshal: packages olm and megolm pickle it"
}
