//go:build ctgrind && linux && (amd64 || 386)

package constant_time

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// Secrets that come in from outside: as text, as keys, in pickles.

// Base64 of every length that has a path of its own, which is what text and pickles are made of.
func TestText(t *testing.T) {
	clean(t, func(c *trial) {
		for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 27, 28, 29, 32, 40, 41, 165, 229} {
			b := c.key(n)
			text := make([]byte, wire.EncodedLen(n))
			wire.Encode(text, b)
			back := make([]byte, n)
			if !wire.Decode(back, text) {
				panic("not base64")
			}
			c.public("the text", text)
			c.same(b, back)

			text[n/2] = '.'
			c.hide(text)
			if wire.Decode(back, text) {
				panic("base64")
			}
		}
	})
}

// hide makes b, which was public, secret again.
func (c *trial) hide(b []byte) {
	if !c.first {
		secret.MarkSecret(b)
	}
}

// hideRatchet makes a session's key in either form secret as far as it is one: its version, its index, the
// public key and the signature are not.
func (c *trial) hideRatchet(key []byte) {
	secret.MarkPublic(key)
	c.hide(key[5 : 5+128])
}

// A session key, whose signature covers what is secret in it, and an exported key, both as text.
func TestGroupKeys(t *testing.T) {
	clean(t, func(c *trial) {
		out := megolm.NewOutboundSession()
		sessionKey, err := out.SessionKey()
		c.must(err)
		raw := must(sessionKey.Bytes())
		c.hideRatchet(raw)
		sessionKey, err = megolm.SessionKeyFromBytes(raw)
		c.must(err)
		in, err := megolm.NewInboundSession(sessionKey)
		c.must(err)
		plaintext := c.key(30)
		m, err := out.Encrypt(plaintext)
		c.must(err)
		got, _, err := in.Decrypt(megolm.Message(c.public("a group message", m)))
		c.must(err)
		c.same(plaintext, got)

		text := []byte(must(sessionKey.Base64()))
		if !c.first && !secret.DependsOnSecret(text) {
			panic("a session key as text is not secret")
		}
		parsed, err := megolm.ParseSessionKey(string(text))
		c.must(err)
		raw = must(parsed.Bytes())
		c.hideRatchet(raw)
		parsed, err = megolm.SessionKeyFromBytes(raw)
		c.must(err)
		again, err := megolm.NewInboundSession(parsed)
		c.must(err)
		if again.Compare(in) != megolm.Equal {
			panic("two sessions")
		}

		exported, err := in.Export(1)
		c.must(err)
		fromText, err := megolm.ParseExportedKey(must(exported.Base64()))
		c.must(err)
		raw = must(fromText.Bytes())
		c.hideRatchet(raw)
		fromText, err = megolm.ExportedKeyFromBytes(raw)
		c.must(err)
		later, err := megolm.ImportSession(fromText)
		c.must(err)
		c.must(later.Merge(in))
		if later.FirstKnownIndex() != 0 {
			panic("not merged")
		}
		c.must(out.Check())
		sessionKey.Wipe()
		in.Wipe()
	})
}

// An account and sessions that lead a second life after a pickle: they are checked, accept messages for a
// one-time key and for a fallback key, and decrypt what was late, in the wrong order.
func TestSecondLife(t *testing.T) {
	clean(t, func(c *trial) {
		bob, identity := c.account()
		oneTime := c.oneTimeKey(bob)
		c.must(bob.GenerateFallbackKey())
		_, fallback, _ := bob.FallbackKey()
		c.public("a fallback key", fallback[:])
		key := c.key(77) // longer than a block of the hash
		pickled, err := bob.Pickle(key)
		c.must(err)
		bob, err = olm.UnpickleAccount(key, c.public("an account's pickle", pickled))
		c.must(err)
		c.must(bob.Check())
		alice, theirs := c.account()
		for _, published := range [][32]byte{oneTime, fallback} {
			out, err := alice.NewOutboundSession(identity, published)
			c.must(err)
			messages := [4]olm.Message{}
			texts := [4][]byte{}
			for i := range messages {
				texts[i] = c.key(10 + i)
				messages[i] = c.encrypt(out, texts[i])
			}
			in, got, err := bob.Accept(theirs, messages[3])
			c.must(err)
			c.same(texts[3], got)
			pickled, err := in.Pickle(key)
			c.must(err)
			in, err = olm.UnpickleSession(key, c.public("a session's pickle", pickled))
			c.must(err)
			c.must(in.Check())
			for i := 2; i >= 0; i-- {
				got, err := in.Decrypt(messages[i])
				c.must(err)
				c.same(texts[i], got)
			}
			if _, err := in.Decrypt(messages[0]); err == nil {
				panic("a message twice")
			}
			in.Wipe()
		}
	})
}

// Every length around a block.
func TestLengths(t *testing.T) {
	clean(t, func(c *trial) {
		var k aessha2.Keys
		k.Derive(c.key(32), []byte("info"))
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 63, 64, 65, 79, 80, 81} {
			plaintext := c.key(n)
			b := make([]byte, aessha2.CiphertextLen(n))
			k.Encrypt(b, plaintext)
			length, ok := k.Decrypt(b, b)
			if !ok || length != n {
				panic("the wrong length")
			}
			if n > 0 {
				c.same(plaintext, bytes.Clone(b[:n])) // bytes.Equal loads what lies behind, too, and that is secret
			}
		}
	})
}

// A wrong padding under a right MAC: that it is wrong is told, and not how.
func TestPadding(t *testing.T) {
	clean(t, func(c *trial) {
		material := c.key(32)
		var k aessha2.Keys
		k.Derive(material, []byte("info"))
		var derived [80]byte // as Derive has it: key, MAC key, IV
		kdf.HKDF(derived[:], nil, material, []byte("info"))
		for _, last := range []byte{0, 2, 16, 17, 255} {
			b := c.key(48)
			secret.MarkPublic(b[32:])
			b[46], b[47] = 77, last
			c.hide(b[32:])
			aes.EncryptCBC(b, b, (*[32]byte)(derived[:]), (*[16]byte)(derived[64:]))
			var mac [32]byte
			k.MAC(&mac, b)
			if k.VerifyMAC((*[8]byte)(mac[:]), b) != 1 {
				panic("the wrong MAC")
			}
			if _, ok := k.Decrypt(b, b); ok {
				panic("the right padding")
			}
		}
	})
}
