package main

import (
	"maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/bench"
)

func pickleOperations() (all []bench.Operation) {
	all = operation(all, "PickleAccount50", 0, func() bench.Loop {
		a, _ := accountWith(50)
		return bench.Repeat(func() { sinkBytes = must(a.Pickle(pickleKey)) })
	})
	all = operation(all, "UnpickleAccount50", 0, func() bench.Loop {
		a, _ := accountWith(50)
		pickled := must(a.Pickle(pickleKey))
		return bench.Repeat(func() { bench.Sink = unpickleAccount(pickled) })
	})
	all = operation(all, "PickleSession", 0, func() bench.Loop {
		s, _ := sessions()
		return bench.Repeat(func() { sinkBytes = must(s.Pickle(pickleKey)) })
	})
	all = operation(all, "UnpickleSession", 0, func() bench.Loop {
		s, _ := sessions()
		unpickle := stored(s)
		return bench.Repeat(func() { bench.Sink = unpickle() })
	})
	all = operation(all, "PickleMegolm", 0, func() bench.Loop {
		_, in := group()
		return bench.Repeat(func() { sinkBytes = must(in.Pickle(pickleKey)) })
	})
	return operation(all, "UnpickleMegolm", 0, func() bench.Loop {
		_, in := group()
		unpickle := storedGroup(in)
		return bench.Repeat(func() { bench.Sink = unpickle() })
	})
}

// hotOlm is what a bridge does for a message of a device.
func hotOlm(pickled []byte, text string) (plaintext, changed []byte) {
	s := must(olm.SessionFromPickled(own(pickled), pickleKey))
	plaintext = decrypt(s, text)
	return plaintext, must(s.Pickle(pickleKey))
}

// hotMegolm is what a bridge does for a message of a room.
func hotMegolm(pickled, text []byte) (plaintext, changed []byte) {
	s := must(olm.InboundGroupSessionFromPickled(own(pickled), pickleKey))
	plaintext = decryptGroup(s, text)
	return plaintext, must(s.Pickle(pickleKey))
}
