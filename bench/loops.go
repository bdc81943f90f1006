package bench

import (
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

const (
	// BackfillMessages is how many messages a room's history has in Backfill.
	BackfillMessages = 1000
	// FanOutDevices is how many devices get the key of a room in FanOut, and RoomKeyLen how long the message is
	// that carries it.
	FanOutDevices = 1000
	RoomKeyLen    = 300
)

func loopOperations() []Operation {
	return []Operation{
		{Name: "HotOlm", Bytes: 64, Prepare: func() Loop {
			alice, bob := sessions()
			text, pickled := encryptText(alice, make([]byte, 64)), must(bob.Pickle(pickleKey))
			plaintext, _ := hotOlm(pickled, text)
			CheckPlaintext(plaintext, 64)
			return Repeat(func() { _, sinkBytes = hotOlm(pickled, text) })
		}},
		{Name: "HotMegolm", Bytes: 64, Prepare: func() Loop {
			out, in := group()
			text, pickled := encryptGroupText(out, make([]byte, 64)), must(in.Pickle(pickleKey))
			plaintext, _ := hotMegolm(pickled, text)
			CheckPlaintext(plaintext, 64)
			return Repeat(func() { _, sinkBytes = hotMegolm(pickled, text) })
		}},
		{Name: "Backfill", Bytes: BackfillMessages * 64, Prepare: backfill},
		{Name: "FanOut", Bytes: FanOutDevices * RoomKeyLen, Prepare: fanOut},
	}
}

// backfill is the history of a room: all messages of one sender's session, which nobody has decrypted before.
func backfill() Loop {
	out, in := group()
	texts, begin := make([][]byte, BackfillMessages), storedGroup(in)
	for i := range texts {
		texts[i] = encryptGroupText(out, make([]byte, 64))
	}
	all := func(in *megolm.InboundSession) {
		for _, text := range texts {
			sinkBytes = decryptGroupText(in, text)
		}
	}
	all(begin())
	CheckPlaintext(sinkBytes, 64)
	return OnEach(begin, all)
}

// fanOut is giving a room's key to every device in it, with all of which there are sessions. These are objects
// of their own with equal keys: for the work it makes no difference.
func fanOut() Loop {
	alice, bob := sessions()
	devices, unpickle, roomKey := make([]*olm.Session, FanOutDevices), stored(alice), make([]byte, RoomKeyLen)
	for i := range devices {
		devices[i] = unpickle()
	}
	CheckPlaintext(decryptText(bob, encryptText(devices[FanOutDevices-1], roomKey)), RoomKeyLen)
	return Repeat(func() {
		for _, s := range devices {
			sinkBytes = encryptText(s, roomKey)
		}
	})
}
