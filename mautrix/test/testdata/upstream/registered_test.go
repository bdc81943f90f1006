//go:build goolm

package crypto

import (
	"testing"

	karst "github.com/karst-im/karst/mautrix"
	"maunium.net/go/mautrix/crypto/olm"
)

func TestKarstIsRegistered(t *testing.T) {
	if _, ok := NewOlmAccount().Internal.(*karst.Account); !ok || olm.Driver != "karst" {
		t.Fatal("another driver is registered")
	}
}
