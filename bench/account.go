package bench

import (
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

func accountOperations() []Operation {
	return []Operation{
		{Name: "AccountNew", Prepare: func() Loop {
			return Repeat(func() { Sink = olm.NewAccount() })
		}},
		{Name: "OneTimeKeys50", Prepare: func() Loop {
			return OnEach(olm.NewAccount, func(a *olm.Account) { must(a.GenerateOneTimeKeys(50)) })
		}},
		{Name: "AccountSign", Prepare: func() Loop {
			a, message := olm.NewAccount(), make([]byte, 256)
			if !a.IdentityKeys().Ed25519.Verify(message, must(a.Sign(message))) {
				panic("the signature is wrong")
			}
			return Repeat(func() { sinkString = must(a.Sign(message)).String() })
		}},
		{Name: "OlmOutbound", Bytes: 64, Prepare: outbound},
		{Name: "OlmInbound", Bytes: 64, Prepare: inbound},
	}
}

// outbound is beginning a session, and its first message.
func outbound() Loop {
	a := olm.NewAccount()
	b, oneTimeKey := accountWith(1)
	identity, oneTime, plaintext := b.IdentityKeys().Curve25519.String(), oneTimeKey.String(), make([]byte, 64)
	return Repeat(func() {
		s := must(a.NewOutboundSession(must(keys.ParseCurve25519(identity)), must(keys.ParseCurve25519(oneTime))))
		sinkBytes = encryptText(s, plaintext)
	})
}

// inbound is accepting a session: its first message is decrypted, and its one-time key, one of 50, dropped.
func inbound() Loop {
	a := olm.NewAccount()
	b, oneTime := accountWith(50)
	text := encryptText(must(a.NewOutboundSession(b.IdentityKeys().Curve25519, oneTime)), make([]byte, 64))
	from, pickled := a.IdentityKeys().Curve25519.String(), must(b.Pickle(pickleKey))
	accept := func(b *olm.Account) {
		m := olm.Message{Type: olm.PreKey}
		check(m.Body.UnmarshalText(text))
		_, plaintext, err := b.Accept(must(keys.ParseCurve25519(from)), m)
		check(err)
		sinkBytes = plaintext
	}
	fresh := func() *olm.Account {
		b := must(olm.UnpickleAccount(pickleKey, pickled))
		_ = b.IdentityKeys() // what comes with the first use is not part of it
		return b
	}
	b = fresh()
	accept(b)
	CheckPlaintext(sinkBytes, 64)
	if n := b.OneTimeKeyCount(); n != 49 {
		panic("the one-time key is still there")
	}
	return OnEach(fresh, accept)
}
