//go:build linux && amd64 && !race

package erasure_test

import (
	"bytes"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

// signedText is longer than a block of SHA-512, so that the nonce of its signature comes from two.
var signedText = []byte("what is signed is public, unlike the nonce of its signature, which gives the key away: " +
	"this is so long that the hash function needs a second block for it")

func olmScript(s *stage, pickleKey []byte) {
	accounts := func(name string) *olm.Account {
		var a *olm.Account
		s.run(func() { a = olm.NewAccount() })
		s.hold(name, a)
		s.did("olm.NewAccount")
		return a
	}
	alice, bob := accounts("alice"), accounts("bob")
	bobsKeys := bob.IdentityKeys().Curve25519

	s.run(func() { must1(bob.GenerateOneTimeKeys(3)) })
	s.did("Account.GenerateOneTimeKeys")
	s.run(func() { must1(bob.GenerateOneTimeKeys(120)) })
	s.did("Account.GenerateOneTimeKeys, in new storage, more than are kept")
	for _, again := range []string{"", ", a second time", ", a third time"} {
		s.run(func() { must(bob.GenerateFallbackKey()) })
		s.did("Account.GenerateFallbackKey" + again)
	}
	s.run(func() { bob.ForgetOldFallbackKey() })
	s.did("Account.ForgetOldFallbackKey")
	s.know(func(l *learner) { l.learnNonce("Account.Sign", signedText) })
	s.run(func() { must1(alice.Sign(signedText)) })
	s.did("Account.Sign")
	s.run(func() { must(bob.Check()) })
	s.did("Account.Check")

	// Pickles of accounts.
	var pickled []byte
	s.run(func() { pickled = must1(bob.Pickle(pickleKey)) })
	s.did("Account.Pickle")
	var restored *olm.Account
	s.run(func() { restored = must1(olm.UnpickleAccount(pickleKey, pickled)) })
	s.hold("restored", restored)
	s.did("UnpickleAccount")
	s.wipe("restored")
	s.did("Account.Wipe of the unpickled one")
	damaged := bytes.Clone(pickled)
	damaged[len(damaged)/2] ^= 1
	s.run(func() { refused(second(olm.UnpickleAccount(pickleKey, damaged))) })
	s.did("UnpickleAccount, damaged")
	s.run(func() { refused(second(olm.UnpickleSession(pickleKey, pickled))) })
	s.did("UnpickleSession of an account")

	// A session.
	var oneTime keys.Curve25519
	for _, oneTime = range bob.OneTimeKeys() {
		break
	}
	bob.MarkKeysAsPublished()
	var out, in *olm.Session
	s.run(func() { out = must1(alice.NewOutboundSession(bobsKeys, oneTime)) })
	s.hold("out", out)
	s.did("Account.NewOutboundSession")
	s.know(func(l *learner) { l.learnTriple(l.draws[0][32:], l.lastDraws(1)[0][:32], bobsKeys[:], oneTime[:]) })
	s.run(func() { refused(second(alice.NewOutboundSession(bobsKeys, keys.Curve25519{}))) })
	s.did("Account.NewOutboundSession, refused")

	encrypt := func(from *olm.Session, what string) (m olm.Message) {
		s.run(func() { m = must1(from.Encrypt([]byte("a plaintext"))) })
		s.did("Session.Encrypt, " + what)
		return m
	}
	decrypt := func(to *olm.Session, m olm.Message, what string) {
		s.run(func() { must1(to.Decrypt(m)) })
		s.did("Session.Decrypt, " + what)
	}
	first := encrypt(out, "pre-key")
	second1 := encrypt(out, "second pre-key")

	forged := first
	forged.Body = bytes.Clone(first.Body)
	forged.Body[len(forged.Body)-1] ^= 1
	s.run(func() { refused(third(bob.Accept(alice.IdentityKeys().Curve25519, forged))) })
	s.did("Account.Accept, forged")
	s.run(func() { in, _, _ = bob.Accept(alice.IdentityKeys().Curve25519, first) })
	s.hold("in", in)
	s.did("Account.Accept")
	decrypt(in, second1, "pre-key")
	decrypt(out, encrypt(in, "first answer"), "first answer")
	decrypt(in, encrypt(out, "a turn"), "a turn")

	// Messages that are late, lost, forged.
	var late []olm.Message
	for range 12 {
		late = append(late, must1(in.Encrypt([]byte("late"))))
		s.look()
	}
	s.did("Session.Encrypt, a dozen")
	decrypt(out, late[8], "skipping eight, on a new chain")
	decrypt(out, late[3], "a skipped one")
	decrypt(out, late[11], "skipping two, on a known chain, in new storage")
	s.run(func() { refused(second(out.Decrypt(late[3]))) })
	s.did("Session.Decrypt, a repeated one")
	for i := range late {
		if i != 3 && i != 8 && i != 11 {
			s.run(func() { must1(out.Decrypt(late[i])) })
		}
	}
	s.did("Session.Decrypt, all that were skipped")
	turn := must1(out.Encrypt([]byte("a turn")))
	s.did("Session.Encrypt, another turn")
	for _, at := range []int{10, len(turn.Body) - 12, len(turn.Body) - 1} {
		bad := turn
		bad.Body = bytes.Clone(turn.Body)
		bad.Body[at] ^= 1
		s.run(func() { refused(second(in.Decrypt(bad))) })
		s.did("Session.Decrypt, forged")
	}
	decrypt(in, turn, "the honest one after the forged ones")
	lost := must1(in.Encrypt([]byte("lost")))
	for range 50 {
		lost = must1(in.Encrypt([]byte("lost")))
		s.look()
	}
	s.did("Session.Encrypt, fifty")
	decrypt(out, lost, "skipping more than are kept")
	for range 6 { // more chains than are kept
		s.run(func() { must1(out.Decrypt(must1(in.Encrypt([]byte("there"))))) })
		s.look()
		s.run(func() { must1(in.Decrypt(must1(out.Encrypt([]byte("and back"))))) })
		s.look()
	}
	s.did("Session.Decrypt, when the oldest chain goes")

	// Pickles of sessions.
	for name, session := range map[string]*olm.Session{"with skipped keys": out} {
		s.run(func() { pickled = must1(session.Pickle(pickleKey)) })
		s.did("Session.Pickle, " + name)
		var restored *olm.Session
		s.run(func() { restored = must1(olm.UnpickleSession(pickleKey, pickled)) })
		s.hold("restored", restored)
		s.did("UnpickleSession, " + name)
		s.wipe("restored")
		s.did("Session.Wipe of the unpickled one")
	}
	s.run(func() { refused(second(olm.UnpickleSession(pickleKey[1:], pickled))) })
	s.did("UnpickleSession with a wrong key")

	s.wipe("out")
	s.did("Session.Wipe")
	s.wipe("in")
	s.did("Session.Wipe of the other side")
	s.wipe("alice")
	s.did("Account.Wipe")
	s.wipe("bob")
	s.did("Account.Wipe of the other side")
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }
