//go:build ctgrind && linux && (amd64 || 386)

package constant_time

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
)

// What a program sees of an account: public keys and signatures.

func (c *trial) account() (a *olm.Account, identity keys.Curve25519) {
	a = olm.NewAccount()
	ids := a.IdentityKeys()
	c.public("the signing key", ids.Ed25519[:])
	c.public("the identity key", ids.Curve25519[:])
	return a, ids.Curve25519
}

// oneTimeKey publishes a one-time key.
func (c *trial) oneTimeKey(a *olm.Account) (key keys.Curve25519) {
	_, err := a.GenerateOneTimeKeys(2)
	c.must(err)
	for _, k := range a.OneTimeKeys() {
		key = k
		c.public("a one-time key", key[:])
	}
	a.MarkKeysAsPublished()
	return key
}

func TestAccount(t *testing.T) {
	clean(t, func(c *trial) {
		a, _ := c.account()
		c.oneTimeKey(a)
		sig, err := a.Sign([]byte("message"))
		c.must(err)
		c.public("a signature", sig[:])
		c.must(a.GenerateFallbackKey())
		_, key, _ := a.FallbackKey()
		c.public("a fallback key", key[:])
		c.must(a.GenerateFallbackKey())
		a.ForgetOldFallbackKey()
		a.Wipe()
	})
}

// conversation is two accounts with a session.
type conversation struct {
	accounts [2]*olm.Account
	sides    [2]*olm.Session
}

func (c *trial) conversation() (v conversation) {
	var identities [2]keys.Curve25519
	for i := range v.accounts {
		v.accounts[i], identities[i] = c.account()
	}
	key := c.oneTimeKey(v.accounts[1])
	var err error
	v.sides[0], err = v.accounts[0].NewOutboundSession(identities[1], key)
	c.must(err)
	plaintext := c.key(100)
	m := c.encrypt(v.sides[0], plaintext)
	var got []byte
	v.sides[1], got, err = v.accounts[1].Accept(identities[0], m)
	c.must(err)
	c.same(plaintext, got)
	return v
}

func (c *trial) encrypt(s *olm.Session, plaintext []byte) olm.Message {
	m, err := s.Encrypt(plaintext)
	c.must(err)
	c.public("a message", m.Body)
	return m
}

// same compares what was encrypted with what was decrypted, which is secret until here.
func (c *trial) same(plaintext, got []byte) {
	c.public("what was decrypted", got)
	secret.MarkPublic(plaintext)
	if !bytes.Equal(plaintext, got) {
		panic("the wrong plaintext")
	}
}

func (c *trial) send(v conversation, from int) {
	plaintext := c.key(100)
	got, err := v.sides[1-from].Decrypt(c.encrypt(v.sides[from], plaintext))
	c.must(err)
	c.same(plaintext, got)
}

// Steady messages, turns of direction, and messages that are skipped and come late.
func TestSession(t *testing.T) {
	clean(t, func(c *trial) {
		v := c.conversation()
		for _, from := range []int{0, 0, 1, 1, 0, 1, 0} {
			c.send(v, from)
		}
		late := c.key(20)
		m := c.encrypt(v.sides[1], late)
		c.send(v, 1)
		c.send(v, 0)
		c.send(v, 1)
		got, err := v.sides[0].Decrypt(m)
		c.must(err)
		c.same(late, got)
	})
}

// A message with a wrong MAC, and one with a wrong padding under a right MAC, are told from others, and that
// is all that is told.
func TestRefusals(t *testing.T) {
	clean(t, func(c *trial) {
		v := c.conversation()
		c.send(v, 1)
		m := c.encrypt(v.sides[0], c.key(50))
		m.Body[len(m.Body)-1] ^= 1
		if _, err := v.sides[1].Decrypt(m); err == nil {
			panic("a wrong MAC")
		}
		pickled, err := v.sides[1].Pickle(c.key(32))
		c.must(err)
		c.public("a pickle", pickled)
		if _, err := olm.UnpickleSession(c.key(32), pickled); err == nil {
			panic("a wrong key")
		}
	})
}

func TestPickles(t *testing.T) {
	clean(t, func(c *trial) {
		v := c.conversation()
		c.send(v, 1)
		c.encrypt(v.sides[0], c.key(5)) // which stays away
		c.send(v, 0)
		key := c.key(32)
		pickled, err := v.accounts[1].Pickle(key)
		c.must(err)
		a, err := olm.UnpickleAccount(key, c.public("an account's pickle", pickled))
		c.must(err)
		sig, err := a.Sign([]byte("message"))
		c.must(err)
		c.public("a signature", sig[:])
		for i, s := range v.sides {
			pickled, err := s.Pickle(key)
			c.must(err)
			v.sides[i], err = olm.UnpickleSession(key, c.public("a session's pickle", pickled))
			c.must(err)
		}
		c.send(v, 0)
		c.send(v, 1)
	})
}

// An inbound session from an exported key has no signature to check, so its ratchet can stay secret.
func TestGroup(t *testing.T) {
	clean(t, func(c *trial) {
		out := megolm.NewOutboundSession()
		sessionKey, err := out.SessionKey()
		c.must(err)
		text := []byte(must(sessionKey.Base64()))
		c.public("a session key", text)

		parsed, err := megolm.ParseSessionKey(string(text)) // all public now, as its signature has to be
		c.must(err)
		verified, err := megolm.NewInboundSession(parsed)
		c.must(err)
		exported, err := verified.Export(0)
		c.must(err)
		raw := must(exported.Bytes())
		if !c.first {
			secret.MarkSecret(raw[5 : 5+128])
		}
		imported, err := megolm.ExportedKeyFromBytes(raw)
		c.must(err)
		in, err := megolm.ImportSession(imported)
		c.must(err)

		key := c.key(32)
		for i := range 3 {
			plaintext := c.key(100)
			m, err := out.Encrypt(plaintext)
			c.must(err)
			got, index, err := in.Decrypt(megolm.Message(c.public("a group message", m)))
			c.must(err)
			if int(index) != i {
				panic("the wrong index")
			}
			c.same(plaintext, got)

			pickled, err := out.Pickle(key)
			c.must(err)
			out, err = megolm.UnpickleOutboundSession(key, c.public("an outbound pickle", pickled))
			c.must(err)
			pickled, err = in.Pickle(key)
			c.must(err)
			in, err = megolm.UnpickleInboundSession(key, c.public("an inbound pickle", pickled))
			c.must(err)
		}
		later, err := in.Export(70000)
		c.must(err)
		ahead := must(later.Bytes())
		if !c.first && !secret.DependsOnSecret(ahead[5:5+128]) {
			panic("the exported ratchet is not secret")
		}
		other, err := megolm.ExportedKeyFromBytes(ahead)
		c.must(err)
		second, err := megolm.ImportSession(other)
		c.must(err)
		if in.Compare(second) != megolm.Better {
			panic("the wrong order")
		}
		c.must(in.Merge(second))
		ahead[5+127] ^= 1 // in R(3)
		bad, err := megolm.ExportedKeyFromBytes(ahead)
		c.must(err)
		forged, err := megolm.ImportSession(bad)
		c.must(err)
		if in.Compare(forged) != megolm.Unrelated || forged.Compare(in) != megolm.Worse {
			panic("a forgery is taken")
		}
		c.must(forged.Merge(in))
		c.must(in.Advance(300))
	})
}

func TestSAS(t *testing.T) {
	clean(t, func(c *trial) {
		a, b := sas.New(), sas.New()
		theirs := b.PublicKey()
		c.public("a key", theirs[:])
		e, err := a.Establish(theirs)
		c.must(err)
		raw, err := e.RawBytes("info", 6)
		c.must(err)
		c.public("the bytes to compare", raw)
		mac, err := e.MAC("input", "info")
		c.must(err)
		c.must(e.VerifyMAC("input", "info", mac))
		c.public("a MAC", mac[:])
		text, err := e.LegacyMAC("input", "info")
		c.must(err)
		c.must(e.VerifyLegacyMAC("input", "info", text))
		text, err = e.LongKDFMAC("input", "info")
		c.must(err)
		c.must(e.VerifyLongKDFMAC("input", "info", text))
		e.Wipe()
	})
}

func TestPK(t *testing.T) {
	clean(t, func(c *trial) {
		d := pk.NewDecryption()
		recipient := d.PublicKey()
		c.public("a key", recipient[:])
		plaintext := c.key(100)
		m, err := pk.NewEncryption(recipient).Encrypt(plaintext)
		c.must(err)
		c.public("a ciphertext", m.Ciphertext)
		c.public("a MAC", m.MAC)
		c.public("an ephemeral key", m.Ephemeral[:])
		key := c.key(32)
		pickled, err := d.Pickle(key)
		c.must(err)
		d, err = pk.UnpickleDecryption(key, c.public("a pickle", pickled))
		c.must(err)
		got, err := d.Decrypt(m)
		c.must(err)
		c.same(plaintext, got)
		c.must(d.Check())

		s, err := pk.NewSigning(c.key(32))
		c.must(err)
		public := s.PublicKey()
		c.public("a key", public[:])
		sig, err := s.Sign([]byte("message"))
		c.must(err)
		c.public("a signature", sig[:])
	})
}
