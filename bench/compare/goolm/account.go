package main

import (
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/bench"
)

func accountOperations() (all []bench.Operation) {
	all = operation(all, "AccountNew", 0, func() bench.Loop {
		return bench.Repeat(func() { bench.Sink = must(olm.NewAccount()) })
	})
	all = operation(all, "OneTimeKeys50", 0, func() bench.Loop {
		fresh := func() olm.Account { return must(olm.NewAccount()) }
		return bench.OnEach(fresh, func(a olm.Account) { check(a.GenOneTimeKeys(50)) })
	})
	all = operation(all, "AccountSign", 0, func() bench.Loop {
		a, message := must(olm.NewAccount()), make([]byte, 256)
		return bench.Repeat(func() { sinkBytes = must(a.Sign(message)) })
	})
	all = operation(all, "OlmOutbound", 64, outbound)
	return operation(all, "OlmInbound", 64, inbound)
}

// outbound is beginning a session, and its first message.
func outbound() bench.Loop {
	a := must(olm.NewAccount())
	b, oneTime := accountWith(1)
	theirs, plaintext := identity(b), make([]byte, 64)
	return bench.Repeat(func() {
		_, text, err := must(a.NewOutboundSession(theirs, oneTime)).Encrypt(plaintext)
		check(err)
		sinkBytes = text
	})
}

// inbound is accepting a session: its first message is decrypted, and its one-time key, one of 50, dropped.
func inbound() bench.Loop {
	a := must(olm.NewAccount())
	b, oneTime := accountWith(50)
	text, from := encrypt(must(a.NewOutboundSession(identity(b), oneTime)), make([]byte, 64)), identity(a)
	pickled := must(b.Pickle(pickleKey))
	fresh := func() olm.Account { return unpickleAccount(pickled) }
	accept := func(b olm.Account) {
		s := must(b.NewInboundSessionFrom(&from, text))
		sinkBytes = must(s.Decrypt(text, id.OlmMsgTypePreKey))
		check(b.RemoveOneTimeKeys(s))
	}
	b = fresh()
	accept(b)
	bench.CheckPlaintext(sinkBytes, 64)
	if n := len(must(b.OneTimeKeys())); n != 49 {
		panic("the one-time key is still there")
	}
	return bench.OnEach(fresh, accept)
}
