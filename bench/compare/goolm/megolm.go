package main

import (
	"maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/bench"
)

func megolmOperations() (all []bench.Operation) {
	all = operation(all, "MegolmNew", 0, func() bench.Loop {
		return bench.Repeat(func() { bench.Sink = must(olm.NewOutboundGroupSession()) })
	})
	all = operation(all, "MegolmInboundNew", 0, func() bench.Loop {
		fresh := func() []byte { return []byte(must(olm.NewOutboundGroupSession()).Key()) }
		return bench.OnEach(fresh, func(text []byte) { bench.Sink = must(olm.NewInboundGroupSession(text)) })
	})
	for _, size := range bench.Sizes() {
		all = operation(all, "MegolmEncrypt/"+size.Name, size.Bytes, func() bench.Loop { return megolmEncrypt(size.Bytes) })
	}
	for _, size := range bench.Sizes() {
		all = operation(all, "MegolmDecrypt/"+size.Name, size.Bytes, func() bench.Loop { return megolmDecrypt(size.Bytes) })
	}
	all = operation(all, "MegolmFar", 64, func() bench.Loop { return megolmJump(0, 1<<16) })
	all = operation(all, "MegolmExport", 0, func() bench.Loop {
		_, in := group()
		return bench.Repeat(func() { sinkBytes = must(in.Export(0)) })
	})
	return operation(all, "MegolmImport", 0, func() bench.Loop {
		_, in := group()
		text := must(in.Export(0))
		return bench.Repeat(func() { bench.Sink = must(olm.InboundGroupSessionImport(own(text))) })
	})
}

func megolmEncrypt(size int) bench.Loop {
	out, in := group()
	plaintext := make([]byte, size)
	bench.CheckPlaintext(decryptGroup(in, must(out.Encrypt(plaintext))), size)
	return bench.Repeat(func() { sinkBytes = must(out.Encrypt(plaintext)) })
}

func megolmDecrypt(size int) bench.Loop {
	out, in := group()
	texts, begin := make([][]byte, bench.MessagesOf(size)), storedGroup(in)
	for i := range texts {
		texts[i] = must(out.Encrypt(make([]byte, size)))
	}
	bench.CheckPlaintext(decryptGroup(begin(), texts[0]), size)
	return bench.InOrder(begin, texts, func(in olm.InboundGroupSession, text []byte) { sinkBytes = decryptGroup(in, text) })
}

// megolmJump is a message that comes when the one with index seen was the last. karst makes it: none of these
// interfaces takes a sender that far.
func megolmJump(seen, index uint32) bench.Loop {
	exported, text := bench.FarMessage(seen, index)
	begin, message := storedGroup(must(olm.InboundGroupSessionImport([]byte(exported)))), []byte(text)
	bench.CheckPlaintext(decryptGroup(begin(), message), 64)
	return bench.OnEach(begin, func(in olm.InboundGroupSession) { sinkBytes = decryptGroup(in, message) })
}
