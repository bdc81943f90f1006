//go:build linux && amd64 && !race

package erasure_test

import (
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
)

func sasScript(s *stage) {
	var a, b *sas.SAS
	s.run(func() { a, b = sas.New(), sas.New() })
	s.hold("sas a", a)
	s.hold("sas b", b)
	s.did("sas.New")
	s.run(func() { refused(second(a.Establish(keys.Curve25519{}))) })
	s.did("SAS.Establish, refused")
	var e, f *sas.Established
	bobs := b.PublicKey()
	alices := a.PublicKey()
	s.run(func() { e = must1(a.Establish(bobs)) })
	s.drop("sas a")
	s.hold("established", e)
	s.did("SAS.Establish")
	const info, input = "MATRIX_KEY_VERIFICATION_SAS|info", "ed25519:DEVICE"
	s.know(func(l *learner) {
		shared := l.shared(l.lastDraws(2)[0], bobs[:])
		l.learn("SAS, shared secret", shared)
		l.learnHKDF("SAS.Bytes", shared, nil, info, 6)
		l.learnHMAC("SAS.MAC", l.learnHKDF("SAS.MAC", shared, nil, info, 32))
		l.learnHMAC("SAS.LongKDFMAC", l.learnHKDF("SAS.LongKDFMAC", shared, nil, info, 256))
	})
	s.run(func() { must1(e.Bytes(info)) })
	s.did("Established.Bytes")
	var raw []byte
	s.run(func() { raw = must1(e.RawBytes(info, 100)) })
	s.hold("raw", raw)
	s.did("Established.RawBytes")
	s.wipe("raw")
	var mac sas.MAC
	s.run(func() { mac = must1(e.MAC(input, info)) })
	s.did("Established.MAC")
	s.run(func() { must(e.VerifyMAC(input, info, mac)) })
	s.did("Established.VerifyMAC")
	s.run(func() { must1(e.LegacyMAC(input, info)) })
	s.did("Established.LegacyMAC")
	var long string
	s.run(func() { long = must1(e.LongKDFMAC(input, info)) })
	s.did("Established.LongKDFMAC")
	s.run(func() { must(e.VerifyLongKDFMAC(input, info, long)) })
	s.did("Established.VerifyLongKDFMAC")
	s.wipe("sas b")
	s.did("SAS.Wipe")
	s.wipe("established")
	s.did("Established.Wipe")
	_, _ = f, alices
}

func pkScript(s *stage, pickleKey []byte) {
	var d *pk.Decryption
	s.run(func() { d = pk.NewDecryption() })
	s.hold("decryption", d)
	s.did("pk.NewDecryption")
	recipient := d.PublicKey()
	var m pk.Message
	s.run(func() { m = must1(pk.NewEncryption(recipient).Encrypt([]byte("a plaintext"))) })
	s.know(func(l *learner) {
		shared := l.shared(l.lastDraws(1)[0], recipient[:])
		l.learn("PK, shared secret", shared)
		l.learnCipher("PK", shared, "")
	})
	s.did("Encryption.Encrypt")
	s.run(func() { must1(d.Decrypt(m)) })
	s.did("Decryption.Decrypt")
	m.MAC[0] ^= 1
	s.run(func() { refused(second(d.Decrypt(m))) })
	s.did("Decryption.Decrypt, forged")
	var private []byte
	s.run(func() { private = must1(d.PrivateKey()) })
	s.hold("private", private)
	s.did("Decryption.PrivateKey")
	var again *pk.Decryption
	s.run(func() { again = must1(pk.DecryptionFromKey(private)) })
	s.hold("again", again)
	s.did("pk.DecryptionFromKey")
	s.wipe("private")
	s.wipe("again")
	s.did("Decryption.Wipe of the second one")
	var pickled []byte
	s.run(func() { pickled = must1(d.Pickle(pickleKey)) })
	s.did("Decryption.Pickle")
	s.run(func() { again = must1(pk.UnpickleDecryption(pickleKey, pickled)) })
	s.hold("again", again)
	s.did("pk.UnpickleDecryption")
	s.run(func() { must(again.Check()) })
	s.did("Decryption.Check")
	s.wipe("again")
	s.wipe("decryption")
	s.did("Decryption.Wipe")

	var seed []byte
	s.run(func() { seed = pk.GenerateSeed() })
	s.hold("seed", seed)
	s.did("pk.GenerateSeed")
	var signing *pk.Signing
	s.run(func() { signing = must1(pk.NewSigning(seed)) })
	s.hold("signing", signing)
	s.did("pk.NewSigning")
	s.wipe("seed")
	s.know(func(l *learner) { l.learnNonce("Signing.Sign", signedText) })
	s.run(func() { must1(signing.Sign(signedText)) })
	s.did("Signing.Sign")
	s.wipe("signing")
	s.did("Signing.Wipe")
}
