package bench

import "github.com/karst-im/karst/megolm"

func megolmOperations() []Operation {
	all := []Operation{
		{Name: "MegolmNew", Prepare: func() Loop {
			return Repeat(func() { Sink = megolm.NewOutboundSession() })
		}},
		{Name: "MegolmInboundNew", Prepare: megolmInboundNew},
	}
	for _, size := range Sizes() {
		all = append(all,
			Operation{Name: "MegolmEncrypt/" + size.Name, Bytes: size.Bytes, Prepare: func() Loop { return megolmEncrypt(size.Bytes) }},
			Operation{Name: "MegolmEncrypt/" + size.Name + "/raw", Bytes: size.Bytes, Prepare: func() Loop { return megolmEncryptRaw(size.Bytes) }},
		)
	}
	for _, size := range Sizes() {
		all = append(all,
			Operation{Name: "MegolmDecrypt/" + size.Name, Bytes: size.Bytes, Prepare: func() Loop { return megolmDecrypt(size.Bytes) }},
			Operation{Name: "MegolmDecrypt/" + size.Name + "/raw", Bytes: size.Bytes, Prepare: func() Loop { return megolmDecryptRaw(size.Bytes) }},
		)
	}
	return append(all,
		Operation{Name: "MegolmFar", Bytes: 64, Prepare: func() Loop { return megolmJump(0, 1<<16) }},
		Operation{Name: "MegolmExport", Prepare: func() Loop {
			_, in := group()
			return Repeat(func() {
				exported := must(in.Export(0))
				sinkString = must(exported.Base64())
			})
		}},
		Operation{Name: "MegolmImport", Prepare: func() Loop {
			_, in := group()
			exported := must(in.Export(0))
			text := must(exported.Base64())
			return Repeat(func() { Sink = must(megolm.ImportSession(must(megolm.ParseExportedKey(text)))) })
		}},
	)
}

// megolmInboundNew takes a new sender's key each time, as it is: what is remembered of keys that have signed
// before must not help.
func megolmInboundNew() Loop {
	fresh := func() string {
		key := must(megolm.NewOutboundSession().SessionKey())
		return must(key.Base64())
	}
	return OnEach(fresh, func(text string) { Sink = must(megolm.NewInboundSession(must(megolm.ParseSessionKey(text)))) })
}

func megolmEncrypt(size int) Loop {
	out, in := group()
	plaintext := make([]byte, size)
	CheckPlaintext(decryptGroupText(in, encryptGroupText(out, plaintext)), size)
	return Repeat(func() { sinkBytes = encryptGroupText(out, plaintext) })
}

func megolmEncryptRaw(size int) Loop {
	out, in := group()
	plaintext := make([]byte, size)
	buf := make([]byte, 0, out.MessageLen(size)+8) // the index grows
	decrypted, _, err := in.Decrypt(must(out.AppendEncrypt(buf, plaintext)))
	check(err)
	CheckPlaintext(decrypted, size)
	return Repeat(func() { sinkBytes = must(out.AppendEncrypt(buf, plaintext)) })
}

func megolmDecrypt(size int) Loop {
	out, in := group()
	texts, begin := make([][]byte, MessagesOf(size)), storedGroup(in)
	for i := range texts {
		texts[i] = encryptGroupText(out, make([]byte, size))
	}
	CheckPlaintext(decryptGroupText(begin(), texts[0]), size)
	return InOrder(begin, texts, func(in *megolm.InboundSession, text []byte) { sinkBytes = decryptGroupText(in, text) })
}

func megolmDecryptRaw(size int) Loop {
	out, in := group()
	messages, begin := make([]megolm.Message, MessagesOf(size)), storedGroup(in)
	for i := range messages {
		messages[i] = must(out.Encrypt(make([]byte, size)))
	}
	buf := make([]byte, 0, size+16)
	decrypt := func(in *megolm.InboundSession, m megolm.Message) {
		plaintext, _, err := in.AppendDecrypt(buf, m)
		check(err)
		sinkBytes = plaintext
	}
	decrypt(begin(), messages[0])
	CheckPlaintext(sinkBytes, size)
	return InOrder(begin, messages, decrypt)
}

// megolmJump is a message that comes when the one with index seen was the last.
func megolmJump(seen, index uint32) Loop {
	exported, text := FarMessage(seen, index)
	begin, message := storedGroup(must(megolm.ImportSession(must(megolm.ParseExportedKey(exported))))), []byte(text)
	CheckPlaintext(decryptGroupText(begin(), message), 64)
	return OnEach(begin, func(in *megolm.InboundSession) { sinkBytes = decryptGroupText(in, message) })
}
