//go:build goolm

package crypto

import karst "github.com/karst-im/karst/mautrix"

func init() { karst.Register() }
