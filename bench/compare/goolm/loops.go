package main

import (
	"maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/bench"
)

func loopOperations() (all []bench.Operation) {
	all = operation(all, "HotOlm", 64, func() bench.Loop {
		alice, bob := sessions()
		text, pickled := encrypt(alice, make([]byte, 64)), must(bob.Pickle(pickleKey))
		plaintext, _ := hotOlm(pickled, text)
		bench.CheckPlaintext(plaintext, 64)
		return bench.Repeat(func() { _, sinkBytes = hotOlm(pickled, text) })
	})
	all = operation(all, "HotMegolm", 64, func() bench.Loop {
		out, in := group()
		text, pickled := must(out.Encrypt(make([]byte, 64))), must(in.Pickle(pickleKey))
		plaintext, _ := hotMegolm(pickled, text)
		bench.CheckPlaintext(plaintext, 64)
		return bench.Repeat(func() { _, sinkBytes = hotMegolm(pickled, text) })
	})
	all = operation(all, "Backfill", bench.BackfillMessages*64, backfill)
	return operation(all, "FanOut", bench.FanOutDevices*bench.RoomKeyLen, fanOut)
}

// backfill is the history of a room: all messages of one sender's session, which nobody has decrypted before.
func backfill() bench.Loop {
	out, in := group()
	texts, begin := make([][]byte, bench.BackfillMessages), storedGroup(in)
	for i := range texts {
		texts[i] = must(out.Encrypt(make([]byte, 64)))
	}
	all := func(in olm.InboundGroupSession) {
		for _, text := range texts {
			sinkBytes = decryptGroup(in, text)
		}
	}
	all(begin())
	bench.CheckPlaintext(sinkBytes, 64)
	return bench.OnEach(begin, all)
}

// fanOut is giving a room's key to every device in it, with all of which there are sessions: objects of their
// own with equal keys.
func fanOut() bench.Loop {
	alice, bob := sessions()
	devices, unpickle, roomKey := make([]olm.Session, bench.FanOutDevices), stored(alice), make([]byte, bench.RoomKeyLen)
	for i := range devices {
		devices[i] = unpickle()
	}
	bench.CheckPlaintext(decrypt(bob, encrypt(devices[len(devices)-1], roomKey)), bench.RoomKeyLen)
	return bench.Repeat(func() {
		for _, s := range devices {
			_, text, err := s.Encrypt(roomKey)
			check(err)
			sinkBytes = text
		}
	})
}
