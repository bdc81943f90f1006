package main

import (
	"maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/bench"
)

func growthOperations() []bench.Operation {
	return bench.Growth(growthSessions, megolmDecrypt, olmDecrypt, megolmJump)
}

func growthSessions(held int) bench.Loop {
	return bench.HeldSessions(held, func() (pickled, text []byte) {
		out := must(olm.NewOutboundGroupSession())
		in := must(olm.NewInboundGroupSession([]byte(out.Key())))
		return must(in.Pickle(pickleKey)), must(out.Encrypt(make([]byte, 64)))
	}, hotMegolm)
}
