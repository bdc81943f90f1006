package main

import (
	"maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/bench"
)

func olmOperations() (all []bench.Operation) {
	for _, size := range bench.Sizes() {
		all = operation(all, "OlmEncrypt/"+size.Name, size.Bytes, func() bench.Loop { return olmEncrypt(size.Bytes) })
	}
	for _, size := range bench.Sizes() {
		all = operation(all, "OlmDecrypt/"+size.Name, size.Bytes, func() bench.Loop { return olmDecrypt(size.Bytes) })
	}
	all = operation(all, "OlmPingPong", 2*64, olmPingPong)
	return operation(all, "OlmSkip40", 40*64, olmSkip40)
}

func olmEncrypt(size int) bench.Loop {
	alice, bob := sessions()
	plaintext := make([]byte, size)
	bench.CheckPlaintext(decrypt(bob, encrypt(alice, plaintext)), size)
	return bench.Repeat(func() {
		_, text, err := alice.Encrypt(plaintext)
		check(err)
		sinkBytes = text
	})
}

func olmDecrypt(size int) bench.Loop {
	alice, bob := sessions()
	texts, begin := make([]string, bench.MessagesOf(size)), stored(bob)
	for i := range texts {
		texts[i] = encrypt(alice, make([]byte, size))
	}
	bench.CheckPlaintext(decrypt(begin(), texts[0]), size)
	return bench.InOrder(begin, texts, func(bob olm.Session, text string) { sinkBytes = decrypt(bob, text) })
}

// olmPingPong is a message in each direction, each with a new ratchet key.
func olmPingPong() bench.Loop {
	alice, bob := sessions()
	plaintext := make([]byte, 64)
	return bench.Repeat(func() {
		sinkBytes = decrypt(alice, encrypt(bob, plaintext))
		sinkBytes = decrypt(bob, encrypt(alice, plaintext))
	})
}

// olmSkip40 is 40 messages that come in the wrong order, the newest first: 39 keys are kept, then found.
func olmSkip40() bench.Loop {
	alice, bob := sessions()
	begin, texts := stored(bob), make([]string, 40)
	for i := range texts {
		texts[len(texts)-1-i] = encrypt(alice, make([]byte, 64))
	}
	all := func(bob olm.Session) {
		for _, text := range texts {
			sinkBytes = decrypt(bob, text)
		}
	}
	all(begin())
	bench.CheckPlaintext(sinkBytes, 64)
	return bench.OnEach(begin, all)
}
