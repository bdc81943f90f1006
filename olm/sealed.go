package olm

import "github.com/karst-im/karst/internal/sealed"

// What encodes values, such as encoding/json, finds methods by these that fail and say what to use. Each is the
// first field of its type.

type (
	sealedAccount = sealed.Object[noAccount]
	sealedSession = sealed.Object[noSession]

	noAccount struct{}
	noSession struct{}
)

func (noAccount) Error() string {
	return "olm: Account is secret and does not marshal: use Pickle and UnpickleAccount"
}

func (noSession) Error() string {
	return "olm: Session is secret and does not marshal: use Pickle and UnpickleSession"
}
