package bench

import (
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

func pickleOperations() []Operation {
	return []Operation{
		{Name: "PickleAccount50", Prepare: func() Loop {
			a, _ := accountWith(50)
			return Repeat(func() { sinkBytes = must(a.Pickle(pickleKey)) })
		}},
		{Name: "UnpickleAccount50", Prepare: func() Loop {
			a, _ := accountWith(50)
			pickled := must(a.Pickle(pickleKey))
			return Repeat(func() { Sink = must(olm.UnpickleAccount(pickleKey, pickled)) })
		}},
		// With the first use of an identity key: what unpickling leaves for later is in this row.
		{Name: "UnpickleAccount50/use", Prepare: func() Loop {
			a, _ := accountWith(50)
			pickled := must(a.Pickle(pickleKey))
			return Repeat(func() {
				a := must(olm.UnpickleAccount(pickleKey, pickled))
				sinkString = a.IdentityKeys().Curve25519.String()
			})
		}},
		{Name: "PickleSession", Prepare: func() Loop {
			s, _ := sessions()
			return Repeat(func() { sinkBytes = must(s.Pickle(pickleKey)) })
		}},
		{Name: "UnpickleSession", Prepare: func() Loop {
			s, _ := sessions()
			unpickle := stored(s)
			return Repeat(func() { Sink = unpickle() })
		}},
		{Name: "PickleMegolm", Prepare: func() Loop {
			_, in := group()
			return Repeat(func() { sinkBytes = must(in.Pickle(pickleKey)) })
		}},
		{Name: "UnpickleMegolm", Prepare: func() Loop {
			_, in := group()
			unpickle := storedGroup(in)
			return Repeat(func() { Sink = unpickle() })
		}},
	}
}

// hotOlm is what a bridge does for a message of a device.
func hotOlm(pickled, text []byte) (plaintext, changed []byte) {
	s := must(olm.UnpickleSession(pickleKey, pickled))
	plaintext = decryptText(s, text)
	return plaintext, must(s.Pickle(pickleKey))
}

// hotMegolm is what a bridge does for a message of a room.
func hotMegolm(pickled, text []byte) (plaintext, changed []byte) {
	s := must(megolm.UnpickleInboundSession(pickleKey, pickled))
	plaintext = decryptGroupText(s, text)
	return plaintext, must(s.Pickle(pickleKey))
}
