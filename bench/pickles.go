package bench

import (
	"slices"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
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
		// Believes the stored public identity keys, as goolm and libolm do, and as our C library must for them.
		{Name: "UnpickleAccount50/stored", Prepare: func() Loop {
			a, _ := accountWith(50)
			pickled := must(a.Pickle(pickleKey))
			return Repeat(func() { Sink = unpickleStored(pickled) })
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

func unpickleStored(pickled []byte) *protocol.Account {
	buf := slices.Clone(pickled)
	raw, code := envelope.Open(buf, pickleKey)
	mustBeOK(code)
	store := make([]protocol.OneTimeKey, protocol.CountPickled(raw))
	a := new(protocol.Account)
	mustBeOK(a.Unpickle(raw, store, wire.Lenient))
	secret.Wipe(buf)
	return a
}

func mustBeOK(code errcode.Code) { check(failure.Of(code)) }

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
