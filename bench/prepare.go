package bench

import (
	"bytes"
	"fmt"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// PickleKey is what everything is pickled under.
func PickleKey() []byte { return bytes.Clone(pickleKey) }

var pickleKey = []byte("32 random bytes from a key store")

func must[T any](x T, err error) T {
	check(err)
	return x
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// CheckPlaintext panics if what was decrypted is not the plaintext of every message here: zeros.
func CheckPlaintext(got []byte, size int) {
	if !bytes.Equal(got, make([]byte, size)) {
		panic(fmt.Sprintf("decrypted %d bytes, which are not the %d zeros that were encrypted", len(got), size))
	}
}

// accountWith returns an account with n one-time keys, and one of them.
func accountWith(n int) (*olm.Account, keys.Curve25519) {
	a := olm.NewAccount()
	must(a.GenerateOneTimeKeys(n))
	for _, key := range a.OneTimeKeys() {
		return a, key
	}
	return a, keys.Curve25519{}
}

// sessions returns both sides of a session in which both have sent, as they are after unpickling.
func sessions() (alice, bob *olm.Session) {
	a := olm.NewAccount()
	b, oneTime := accountWith(1)
	alice = must(a.NewOutboundSession(b.IdentityKeys().Curve25519, oneTime))
	bob, _, err := b.Accept(a.IdentityKeys().Curve25519, must(alice.Encrypt([]byte("1"))))
	check(err)
	must(alice.Decrypt(must(bob.Encrypt([]byte("2")))))
	must(bob.Decrypt(must(alice.Encrypt([]byte("3")))))
	return stored(alice)(), stored(bob)()
}

// stored pickles a session and returns a function that unpickles it, each time as a new one.
func stored(s *olm.Session) func() *olm.Session {
	pickled := must(s.Pickle(pickleKey))
	return func() *olm.Session { return must(olm.UnpickleSession(pickleKey, pickled)) }
}

// encryptText encrypts to what an event carries.
func encryptText(s *olm.Session, plaintext []byte) []byte {
	return must(must(s.Encrypt(plaintext)).Body.MarshalText())
}

// decryptText decrypts what an event carries.
func decryptText(s *olm.Session, text []byte) []byte {
	m := olm.Message{Type: olm.Normal}
	check(m.Body.UnmarshalText(text))
	return must(s.Decrypt(m))
}

// group returns both sides of a Megolm session, the receiver's as it is after unpickling.
func group() (*megolm.OutboundSession, *megolm.InboundSession) {
	out := megolm.NewOutboundSession()
	return out, storedGroup(must(megolm.NewInboundSession(must(out.SessionKey()))))()
}

func storedGroup(s *megolm.InboundSession) func() *megolm.InboundSession {
	pickled := must(s.Pickle(pickleKey))
	return func() *megolm.InboundSession { return must(megolm.UnpickleInboundSession(pickleKey, pickled)) }
}

func encryptGroupText(s *megolm.OutboundSession, plaintext []byte) []byte {
	return must(must(s.Encrypt(plaintext)).MarshalText())
}

func decryptGroupText(s *megolm.InboundSession, text []byte) []byte {
	var m megolm.Message
	check(m.UnmarshalText(text))
	plaintext, _, err := s.Decrypt(m)
	check(err)
	return plaintext
}

// FarMessage returns the exported key of a Megolm session whose receiver has seen the messages up to one
// index, and a message of 64 bytes with a later index.
//
// No sender gets to index 2^24 in the time that there is, so this one is moved: its pickle gets the ratchet of
// an export from there.
func FarMessage(seen, index uint32) (exported, message string) {
	out, in := group()
	here, there := must(in.Export(seen)), must(in.Export(index))
	const versionLen, ratchetLen = 4, 128 // in the pickle, where the index is behind the ratchet
	contents := must(pickle.Open(pickleKey, must(out.Pickle(pickleKey))))
	ratchet := must(there.Bytes())[1:] // behind its version: the index, then the ratchet
	copy(contents[versionLen:], ratchet[4:4+ratchetLen])
	copy(contents[versionLen+ratchetLen:], ratchet[:4])
	out = must(megolm.UnpickleOutboundSession(pickleKey, must(pickle.Seal(pickleKey, contents))))
	if out.Index() != index {
		panic(fmt.Sprintf("the sender is at index %d instead of %d", out.Index(), index))
	}
	return must(here.Base64()), string(encryptGroupText(out, make([]byte, 64)))
}
