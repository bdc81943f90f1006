package bench

import (
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pk"
)

// backupText is a message as a key backup has it.
type backupText struct{ ciphertext, mac, ephemeral []byte }

func encryptBackup(recipient string, plaintext []byte) (t backupText) {
	m := must(pk.NewEncryption(must(keys.ParseCurve25519(recipient))).Encrypt(plaintext))
	return backupText{must(m.Ciphertext.MarshalText()), must(m.MAC.MarshalText()), must(m.Ephemeral.MarshalText())}
}

func decryptBackup(d *pk.Decryption, t backupText) []byte {
	var m pk.Message
	check(m.Ciphertext.UnmarshalText(t.ciphertext))
	check(m.MAC.UnmarshalText(t.mac))
	check(m.Ephemeral.UnmarshalText(t.ephemeral))
	return must(d.Decrypt(m))
}

func pkOperations() []Operation {
	const size = 1 << 10
	return []Operation{
		{Name: "PkEncrypt1KiB", Bytes: size, Prepare: func() Loop {
			d, plaintext := pk.NewDecryption(), make([]byte, size)
			recipient := d.PublicKey().String()
			CheckPlaintext(decryptBackup(d, encryptBackup(recipient, plaintext)), size)
			return Repeat(func() { sinkBytes = encryptBackup(recipient, plaintext).ciphertext })
		}},
		{Name: "PkDecrypt1KiB", Bytes: size, Prepare: func() Loop {
			d := pk.NewDecryption()
			text := encryptBackup(d.PublicKey().String(), make([]byte, size))
			CheckPlaintext(decryptBackup(d, text), size)
			return Repeat(func() { sinkBytes = decryptBackup(d, text) })
		}},
	}
}
