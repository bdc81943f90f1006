package bench

import "github.com/karst-im/karst/olm"

func olmOperations() (all []Operation) {
	for _, size := range Sizes() {
		all = append(all,
			Operation{Name: "OlmEncrypt/" + size.Name, Bytes: size.Bytes, Prepare: func() Loop { return olmEncrypt(size.Bytes) }},
			Operation{Name: "OlmEncrypt/" + size.Name + "/raw", Bytes: size.Bytes, Prepare: func() Loop { return olmEncryptRaw(size.Bytes) }},
		)
	}
	for _, size := range Sizes() {
		all = append(all,
			Operation{Name: "OlmDecrypt/" + size.Name, Bytes: size.Bytes, Prepare: func() Loop { return olmDecrypt(size.Bytes) }},
			Operation{Name: "OlmDecrypt/" + size.Name + "/raw", Bytes: size.Bytes, Prepare: func() Loop { return olmDecryptRaw(size.Bytes) }},
		)
	}
	return append(all,
		Operation{Name: "OlmPingPong", Bytes: 2 * 64, Prepare: olmPingPong},
		Operation{Name: "OlmSkip40", Bytes: 40 * 64, Prepare: olmSkip40},
	)
}

func olmEncrypt(size int) Loop {
	alice, bob := sessions()
	plaintext := make([]byte, size)
	CheckPlaintext(decryptText(bob, encryptText(alice, plaintext)), size)
	return Repeat(func() { sinkBytes = encryptText(alice, plaintext) })
}

func olmEncryptRaw(size int) Loop {
	alice, bob := sessions()
	plaintext := make([]byte, size)
	buf := make([]byte, 0, alice.MessageLen(size)+8) // the index grows
	encrypt := func() []byte {
		body, _, err := alice.AppendEncrypt(buf, plaintext)
		check(err)
		return body
	}
	CheckPlaintext(must(bob.Decrypt(olm.Message{Type: olm.Normal, Body: encrypt()})), size)
	return Repeat(func() { sinkBytes = encrypt() })
}

func olmDecrypt(size int) Loop {
	alice, bob := sessions()
	texts, begin := make([][]byte, MessagesOf(size)), stored(bob)
	for i := range texts {
		texts[i] = encryptText(alice, make([]byte, size))
	}
	CheckPlaintext(decryptText(begin(), texts[0]), size)
	return InOrder(begin, texts, func(bob *olm.Session, text []byte) { sinkBytes = decryptText(bob, text) })
}

func olmDecryptRaw(size int) Loop {
	alice, bob := sessions()
	messages, begin := make([]olm.Message, MessagesOf(size)), stored(bob)
	for i := range messages {
		messages[i] = must(alice.Encrypt(make([]byte, size)))
	}
	buf := make([]byte, 0, size+16)
	CheckPlaintext(must(begin().AppendDecrypt(buf, messages[0])), size)
	return InOrder(begin, messages, func(bob *olm.Session, m olm.Message) { sinkBytes = must(bob.AppendDecrypt(buf, m)) })
}

// olmPingPong is a message in each direction, each with a new ratchet key.
func olmPingPong() Loop {
	alice, bob := sessions()
	plaintext := make([]byte, 64)
	return Repeat(func() {
		sinkBytes = decryptText(alice, encryptText(bob, plaintext))
		sinkBytes = decryptText(bob, encryptText(alice, plaintext))
	})
}

// olmSkip40 is 40 messages that come in the wrong order, the newest first: 39 keys are kept, then found.
func olmSkip40() Loop {
	alice, bob := sessions()
	begin, texts := stored(bob), make([][]byte, 40)
	for i := range texts {
		texts[len(texts)-1-i] = encryptText(alice, make([]byte, 64))
	}
	all := func(bob *olm.Session) {
		for _, text := range texts {
			sinkBytes = decryptText(bob, text)
		}
	}
	all(begin())
	CheckPlaintext(sinkBytes, 64)
	return OnEach(begin, all)
}
