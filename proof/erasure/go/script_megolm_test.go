//go:build linux && amd64 && !race

package erasure_test

import (
	"bytes"

	"github.com/karst-im/karst/megolm"
)

func megolmScript(s *stage, pickleKey []byte) {
	var out *megolm.OutboundSession
	s.run(func() { out = megolm.NewOutboundSession() })
	s.hold("group", out)
	s.did("megolm.NewOutboundSession")

	key := new(megolm.SessionKey)
	s.run(func() { *key = must1(out.SessionKey()) })
	s.hold("session key", key)
	s.did("OutboundSession.SessionKey")

	var in *megolm.InboundSession
	s.run(func() { in = must1(megolm.NewInboundSession(*key)) })
	s.hold("member", in)
	s.did("megolm.NewInboundSession")

	var raw []byte
	s.run(func() { raw = must1(key.Bytes()) })
	s.hold("bytes", raw)
	s.did("SessionKey.Bytes")
	var text string
	s.run(func() { text = must1(key.Base64()) })
	s.hold("text", text)
	s.did("SessionKey.Base64")
	parsed := new(megolm.SessionKey)
	s.run(func() { *parsed = must1(megolm.ParseSessionKey(text)) })
	s.hold("parsed", parsed)
	s.did("ParseSessionKey")
	s.wipe("parsed")
	s.did("SessionKey.Wipe of the parsed one")
	s.run(func() { *parsed = must1(megolm.SessionKeyFromBytes(raw)) })
	s.hold("parsed", parsed)
	s.did("SessionKeyFromBytes")
	s.wipe("parsed")
	s.wipe("session key")
	s.did("SessionKey.Wipe")
	raw[9] ^= 1
	s.run(func() { *parsed = must1(megolm.SessionKeyFromBytes(raw)) })
	s.hold("forged", parsed)
	s.run(func() { refused(second(megolm.NewInboundSession(*parsed))) })
	s.did("megolm.NewInboundSession, forged")
	s.wipe("forged")
	s.wipe("bytes")
	s.did("clear of the session key's bytes")

	var messages []megolm.Message
	for i := range 5 {
		s.run(func() { messages = append(messages, must1(out.Encrypt([]byte("a plaintext")))) })
		s.did("OutboundSession.Encrypt, " + string('0'+rune(i)))
	}
	s.run(func() {
		for range 300 { // a part of the ratchet behind the last one changes, too
			messages = append(messages, must1(out.Encrypt([]byte("a plaintext"))))
			s.look()
		}
	})
	s.did("OutboundSession.Encrypt, 300 times")

	decrypt := func(to *megolm.InboundSession, i int, what string) {
		s.run(func() { must(third(to.Decrypt(messages[i]))) })
		s.did("InboundSession.Decrypt, " + what)
	}
	decrypt(in, 0, "the first")
	decrypt(in, 1, "the next")
	decrypt(in, 290, "ahead")
	decrypt(in, 20, "back")
	bad := bytes.Clone(messages[30])
	bad[20] ^= 1
	s.run(func() { refused(third(in.Decrypt(bad))) })
	s.did("InboundSession.Decrypt, forged")

	exported := new(megolm.ExportedKey)
	s.run(func() { *exported = must1(in.Export(10)) })
	s.hold("exported", exported)
	s.did("InboundSession.Export")
	s.run(func() { raw = must1(exported.Bytes()) })
	s.hold("bytes", raw)
	s.did("ExportedKey.Bytes")
	var imported *megolm.InboundSession
	s.run(func() { imported = must1(megolm.ImportSession(*exported)) })
	s.hold("imported", imported)
	s.did("ImportSession")
	s.run(func() { text = must1(exported.Base64()) })
	s.hold("exported text", text)
	s.did("ExportedKey.Base64")
	again := new(megolm.ExportedKey)
	s.run(func() { *again = must1(megolm.ParseExportedKey(text)) })
	s.hold("again", again)
	s.did("ParseExportedKey")
	s.wipe("again")
	s.run(func() { *again = must1(megolm.ExportedKeyFromBytes(raw)) })
	s.hold("again", again)
	s.did("ExportedKeyFromBytes")
	s.wipe("exported")
	s.wipe("bytes")
	s.wipe("again")
	s.did("ExportedKey.Wipe")
	s.run(func() { must(in.Advance(5)) })
	s.did("InboundSession.Advance")
	s.run(func() { refused(second(in.Export(4))) })
	s.did("InboundSession.Export, refused")
	s.run(func() { in.Compare(imported) })
	s.did("InboundSession.Compare")
	s.run(func() { must(imported.Merge(in)) })
	s.did("InboundSession.Merge")
	var forged *megolm.InboundSession
	s.run(func() {
		*exported = must1(in.Export(20))
		raw = must1(exported.Bytes())
		raw[5+127] ^= 1 // in R(3)
		*again = must1(megolm.ExportedKeyFromBytes(raw))
		forged = must1(megolm.ImportSession(*again))
	})
	s.hold("exported", exported)
	s.hold("bytes", raw)
	s.hold("again", again)
	s.hold("forged", forged)
	s.wipe("exported")
	s.wipe("bytes")
	s.wipe("again")
	s.did("ImportSession of a forgery")
	s.run(func() { refused(in.Merge(forged)) })
	s.did("InboundSession.Merge, refused")
	s.run(func() { must(forged.Merge(in)) })
	s.did("InboundSession.Merge into a forgery")

	var pickled []byte
	s.run(func() { pickled = must1(out.Pickle(pickleKey)) })
	s.did("OutboundSession.Pickle")
	var sender *megolm.OutboundSession
	s.run(func() { sender = must1(megolm.UnpickleOutboundSession(pickleKey, pickled)) })
	s.hold("sender", sender)
	s.did("UnpickleOutboundSession")
	s.run(func() { must(sender.Check()) })
	s.did("OutboundSession.Check")
	s.wipe("sender")
	s.did("OutboundSession.Wipe of the unpickled one")
	s.run(func() { refused(second(megolm.UnpickleInboundSession(pickleKey, pickled))) })
	s.did("UnpickleInboundSession of an outbound one")
	s.run(func() { pickled = must1(in.Pickle(pickleKey)) })
	s.did("InboundSession.Pickle")
	var receiver *megolm.InboundSession
	s.run(func() { receiver = must1(megolm.UnpickleInboundSession(pickleKey, pickled)) })
	s.hold("receiver", receiver)
	s.did("UnpickleInboundSession")

	for _, name := range []string{"receiver", "imported", "forged", "member", "group"} {
		s.wipe(name)
		s.did("Wipe of the Megolm session " + name)
	}
}
