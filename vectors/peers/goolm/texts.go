package main

import "maunium.net/go/mautrix/id"

func texts(keys map[string]id.Curve25519) map[string]string {
	all := map[string]string{}
	for keyID, key := range keys {
		all[keyID] = string(key)
	}
	return all
}
