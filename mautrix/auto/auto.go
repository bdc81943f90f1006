// Package auto makes karst the Olm implementation of mautrix-go, in a program that imports it:
//
//	import _ "github.com/karst-im/karst/mautrix/auto"
package auto

import (
	// mautrix's package registers its own driver when it is initialised. Importing it here makes that
	// happen before.
	_ "maunium.net/go/mautrix/crypto"

	"github.com/karst-im/karst/mautrix"
)

func init() { mautrix.Register() }
