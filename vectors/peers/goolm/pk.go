//go:build goolmpk

package main

import (
	"fmt"

	"maunium.net/go/mautrix/crypto/goolm/pk"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

var decryptions = map[string]*pk.Decryption{}

func doPK(q call.Request) (r call.Response, err error) {
	switch q.Op {
	case "pk":
		d, err := pk.NewDecryption()
		if err != nil {
			return r, err
		}
		decryptions[q.Object] = d
		r.Curve25519 = string(d.KeyPair.B64Encoded())
		return r, nil
	}
	return r, fmt.Errorf("no such operation: %s", q.Op)
}

func pkObject(name string) (pickler, error) {
	if d := decryptions[name]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("no such object: %s", name)
}
