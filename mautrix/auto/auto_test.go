package auto_test

import (
	"testing"

	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/mautrix"
	_ "github.com/karst-im/karst/mautrix/auto"
)

// That the package is imported is enough, though mautrix registers a driver of its own.
func TestAuto(t *testing.T) {
	if _, ok := crypto.NewOlmAccount().Internal.(*mautrix.Account); !ok || olm.Driver != mautrix.Driver {
		t.Fatalf("the driver is %s", olm.Driver)
	}
}
