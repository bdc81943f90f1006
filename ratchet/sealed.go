package ratchet

import "github.com/karst-im/karst/internal/sealed"

// What encodes values, such as encoding/json, finds methods by these that fail and say what to use. Each is the
// first field of its type.

type (
	sealedDouble = sealed.Object[noDouble]
	sealedMegolm = sealed.Object[noMegolm]

	noDouble struct{}
	noMegolm struct{}
)

func (noDouble) Error() string {
	return "ratchet: Double is secret and does not marshal: use Pickle and UnpickleDouble"
}

func (noMegolm) Error() string {
	return "ratchet: Megolm is secret and does not marshal: use Pickle and UnpickleMegolm"
}
