//go:build !goolm

package test

import "maunium.net/go/mautrix/crypto/libolm"

func init() { drivers = append(drivers, driver{"libolm", libolm.Register}) }
