package cabi

import (
	"bytes"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// forcingKeys returns the text of Wycheproof's public keys with which every shared secret is zero.
func forcingKeys(t *testing.T) (all [][]byte) {
	t.Helper()
	var file struct {
		TestGroups []struct {
			Tests []struct {
				Public string
				Flags  []string
			}
		}
	}
	testkit.Wycheproof(t, "../..", "x25519_test.json", &file)
	for _, g := range file.TestGroups {
		for _, c := range g.Tests {
			if slices.Contains(c.Flags, "LowOrderPublic") || slices.Contains(c.Flags, "ZeroSharedSecret") {
				all = append(all, wire.AppendText(nil, testkit.Hex(t, c.Public)))
			}
		}
	}
	if len(all) != 31 {
		t.Fatalf("%d keys", len(all))
	}
	return all
}

// wrapped returns the text of a pre-key message.
func wrapped(oneTime, base, identity, message []byte) []byte {
	b := make([]byte, wire.PreKeyMessageLen(len(message)))
	copy(wire.PutPreKeyMessage(b, (*[32]byte)(oneTime), (*[32]byte)(base), (*[32]byte)(identity), len(message)), message)
	return wire.AppendText(nil, b)
}

// TestForcingKeys puts each of them in every place where C and JavaScript hand a key in: libolm's
// tolerance goes for the form of a message, not for secrets that everybody knows.
func TestForcingKeys(t *testing.T) {
	a, b := newAccount(t, 1), newAccount(t, 2)
	b.GenerateOneTimeKeys(1, random(32, 3))
	oneTime := []byte(oneTimeKeys(t, b.OneTimeKeysLen(), b.OneTimeKeys)["AAAAAQ"])
	identity := []byte(identityKeys(t, b).Curve25519)
	first := create[Session]()
	succeeds(t, first.CreateOutbound(a, identity, oneTime, random(CreateOutboundRandomLen, 4)), 0)
	_, m := encrypt(t, first, []byte("first"))
	var p wire.PreKeyMessage
	if p.Decode(decodeText(t, m), wire.Strict) != 0 {
		t.Fatal("no pre-key message")
	}
	alice, _ := newPair(t)
	verification := create[SAS]()
	succeeds(t, verification.Create(random(SASRandomLen, 1)), 0)
	d, key := create[PKDecryption](), make([]byte, PKKeyLen)
	succeeds(t, d.KeyFromPrivate(key, random(32, 1)), 0)
	e := create[PKEncryption]()
	succeeds(t, e.SetRecipientKey(key), 0)
	ciphertext, mac, ephemeral := make([]byte, PKCiphertextLen(6)), make([]byte, PKMACLen), make([]byte, PKKeyLen)
	succeeds(t, e.Encrypt([]byte("backup"), ciphertext, mac, ephemeral, random(PKRandomLen, 2)), 8)

	out := make([]byte, 300)
	n, refused := 0, 0
	for _, low := range forcingKeys(t) {
		raw := decodeText(t, low)
		normal := bytes.Clone(p.Message)
		copy(normal[3:], raw) // the ratchet key is the first field
		for name, call := range map[string]func() uint{
			"identity key, outbound": func() uint {
				return create[Session]().CreateOutbound(a, low, oneTime, random(CreateOutboundRandomLen, 5))
			},
			"one-time key, outbound": func() uint {
				return create[Session]().CreateOutbound(a, identity, low, random(CreateOutboundRandomLen, 5))
			},
			"identity key, inbound": func() uint {
				return create[Session]().CreateInbound(b, wrapped(p.OneTimeKey, p.BaseKey, raw, p.Message))
			},
			"identity key, inbound from": func() uint {
				return create[Session]().CreateInboundFrom(b, low, wrapped(p.OneTimeKey, p.BaseKey, raw, p.Message))
			},
			"base key, inbound": func() uint {
				return create[Session]().CreateInbound(b, wrapped(p.OneTimeKey, raw, p.IdentityKey, p.Message))
			},
			"one-time key, inbound": func() uint {
				return create[Session]().CreateInbound(b, wrapped(raw, p.BaseKey, p.IdentityKey, p.Message))
			},
			"ratchet key, inbound": func() uint { // it serves no computation before the answer
				s := create[Session]()
				if s.CreateInbound(b, wrapped(p.OneTimeKey, p.BaseKey, p.IdentityKey, normal)) == Error {
					return Error
				}
				before := bytes.Clone(bytesOf(s)[1:])
				result := s.Encrypt(nil, random(32, 6), make([]byte, s.EncryptMessageLen(0)))
				if !bytes.Equal(before, bytesOf(s)[1:]) {
					t.Errorf("%s: a session that can't answer has changed", low)
				}
				return result
			},
			"ratchet key of a message": func() uint { return alice.Decrypt(1, wire.AppendText(nil, normal), out) },
			"their key":                func() uint { return verification.SetTheirKey(bytes.Clone(low)) },
			"recipient's key": func() uint {
				e := create[PKEncryption]()
				if e.SetRecipientKey(low) == Error {
					return Error
				}
				return e.Encrypt([]byte("backup"), make([]byte, len(ciphertext)), make([]byte, len(mac)), make([]byte, PKKeyLen), random(PKRandomLen, 2))
			},
			"ephemeral key": func() uint { return d.Decrypt(low, mac, bytes.Clone(ciphertext), out) },
		} {
			before := [][]byte{bytes.Clone(bytesOf(a)[1:]), bytes.Clone(bytesOf(b)[1:]), bytes.Clone(bytesOf(alice)[1:]), bytes.Clone(bytesOf(verification)[1:]), bytes.Clone(bytesOf(d)[1:])}
			n++
			if call() != Error {
				t.Errorf("%s: %s is taken", name, low)
				continue
			}
			for i, after := range [][]byte{bytesOf(a)[1:], bytesOf(b)[1:], bytesOf(alice)[1:], bytesOf(verification)[1:], bytesOf(d)[1:]} {
				if !bytes.Equal(before[i], after) {
					t.Fatalf("%s: %s has changed object %d", name, low, i)
				}
			}
			refused++
		}
	}
	s := create[Session]()
	succeeds(t, s.CreateInbound(b, bytes.Clone(m)), 0)
	decrypt(t, s, 0, m)
	t.Logf("hostile: %d of %d keys that force a secret refused by the C calling convention", refused, n)
}
