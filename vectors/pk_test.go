package vectors_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/vectors"
)

// asText marks an error of reading a text.
func asText(err error) error {
	if errors.Is(err, keys.ErrSyntax) || errors.Is(err, pk.ErrMessageFormat) {
		return textError{err}
	}
	return err
}

// pkMessage reads the parts of a message from their texts.
func pkMessage(parts *vectors.PKMessage) (m pk.Message, err error) {
	err = errors.Join(
		asText(m.Ciphertext.UnmarshalText([]byte(parts.Ciphertext))),
		asText(m.MAC.UnmarshalText([]byte(parts.MAC))),
		asText(m.Ephemeral.UnmarshalText([]byte(parts.Ephemeral))))
	return m, err
}

func TestPK(t *testing.T) {
	var n counts
	for _, c := range vectors.PK() {
		t.Run(c.Name, func(t *testing.T) {
			n.cases++
			if c.Strict != "" {
				n.special++
			}
			err := replayPK(t, &c)
			if !agrees(err, c.Strictly()) {
				t.Errorf("error is %v, want %s", err, c.Strictly())
			}
			if err == nil {
				n.steps++
			}
		})
	}
	n.check(t, 62, 24, 25)
}

func replayPK(t *testing.T, c *vectors.PKCase) error {
	switch c.Op {
	case "encrypt":
		recipient, err := keys.ParseCurve25519(c.PublicKey)
		if err != nil {
			return asText(err)
		}
		var m pk.Message
		if err := feedSome(t, c.Random, func() (err error) {
			m, err = pk.NewEncryption(recipient).Encrypt(c.Plaintext)
			return err
		}); err != nil {
			return err
		}
		got := vectors.PKMessage{Ciphertext: m.Ciphertext.String(), MAC: m.MAC.String(), Ephemeral: m.Ephemeral.String()}
		if got != *c.Message {
			t.Errorf("message is %+v, want %+v", got, *c.Message)
		}
		if c.Private == nil {
			return nil
		}
		return decryptPK(t, c)
	case "decrypt":
		return decryptPK(t, c)
	case "sign":
		s, err := pk.NewSigning(c.Private)
		if err != nil {
			return err
		}
		sig := must(s.Sign(c.Input))
		equal(t, "public key", s.PublicKey().String(), c.PublicKey)
		equal(t, "signature", sig.String(), c.Signature)
		if !s.PublicKey().Verify(c.Input, sig) {
			t.Error("the signature does not verify")
		}
	case "key":
		d, err := pk.DecryptionFromKey(c.Private)
		if err != nil {
			return err
		}
		equal(t, "public key", d.PublicKey().String(), c.PublicKey)
		if len(c.Private) == 32 { // a new key takes the same bytes
			feed(t, c.Private, func() { d = pk.NewDecryption() })
			equal(t, "public key", d.PublicKey().String(), c.PublicKey)
		}
	default:
		t.Fatalf("no such operation: %s", c.Op)
	}
	return nil
}

func decryptPK(t *testing.T, c *vectors.PKCase) error {
	d, err := pk.DecryptionFromKey(c.Private)
	if err != nil {
		return err
	}
	equal(t, "public key", d.PublicKey().String(), c.PublicKey)
	m, err := pkMessage(c.Message)
	if err != nil {
		return err
	}
	plaintext, err := d.Decrypt(m)
	if err == nil && (c.Plaintext == nil || !bytes.Equal(plaintext, c.Plaintext)) {
		t.Errorf("plaintext is %x, want %x", plaintext, []byte(c.Plaintext))
	}
	return err
}

// TestPKEngine encrypts and decrypts with the engine under libolm's rules.
func TestPKEngine(t *testing.T) {
	var n counts
	for _, c := range vectors.PK() {
		if c.Op != "encrypt" && c.Op != "decrypt" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			n.cases++
			var key, ciphertext, mac, ephemeral []byte
			var err error
			if c.Op == "encrypt" {
				key, err = decode64(c.PublicKey)
			} else {
				ciphertext, _ = decode64(c.Message.Ciphertext)
				mac, _ = decode64(c.Message.MAC)
				if key, err = decode64(c.Message.Ephemeral); notText(c.Message.Ciphertext) || notText(c.Message.MAC) || c.Message.MAC == "" {
					key = nil
				}
			}
			if err != nil || len(key) != 32 {
				n.special++ // a matter of the surface
				return
			}
			want := c.Expect
			if smallOrder(key) || c.Name == "decrypt_tampered_padding" {
				n.special++ // libolm takes these
				want = c.Strict
			}
			n.steps++
			if c.Op == "encrypt" {
				ciphertext, mac, ephemeral = make([]byte, protocol.PKCiphertextLen(len(c.Plaintext))), make([]byte, 8), make([]byte, 32)
				err := toError(protocol.PKEncrypt(ciphertext, (*[8]byte)(mac), (*[32]byte)(ephemeral), (*[32]byte)(key), c.Plaintext, c.Random, wire.Lenient))
				if !engineAgrees(err, want) {
					t.Errorf("error is %v, want %s", err, want)
				}
				if got := (vectors.PKMessage{Ciphertext: encode64(ciphertext), MAC: encode64(mac), Ephemeral: encode64(ephemeral)}); err == nil && got != *c.Message {
					t.Errorf("message is %+v, want %+v", got, *c.Message)
				}
				return
			}
			var d protocol.PKDecryption
			d.Start(c.Private)
			plaintext := make([]byte, len(ciphertext))
			length, code := d.Decrypt(plaintext, ciphertext, mac, (*[32]byte)(key), wire.Lenient)
			if err := toError(code); !engineAgrees(err, want) {
				t.Errorf("error is %v, want %s", err, want)
			} else if err == nil && !bytes.Equal(plaintext[:length], c.Plaintext) {
				t.Errorf("plaintext is %x, want %x", plaintext[:length], []byte(c.Plaintext))
			}
		})
	}
	n.check(t, 50, 39, 26)
}

func TestSignatures(t *testing.T) {
	var n counts
	for _, c := range vectors.Signatures() {
		t.Run(c.Name, func(t *testing.T) {
			n.cases++
			if c.Strict != "" {
				n.special++
			}
			var err error
			switch c.Op {
			case "sign":
				err = signExpanded(t, &c)
			case "verify":
				err = verify(c.PublicKey, c.Input, c.Signature)
			default:
				t.Fatalf("no such operation: %s", c.Op)
			}
			if !agrees(err, c.Strictly()) {
				t.Errorf("error is %v, want %s", err, c.Strictly())
			}
			if err == nil {
				n.steps++
			}
		})
	}
	n.check(t, 91, 25, 44)
}

// signExpanded signs as the account that has the expanded private key, which no seed need lead to.
func signExpanded(t *testing.T, c *vectors.SignatureCase) error {
	var engine engineAccount
	if err := engine.unpickle(c.PickleKey, c.AccountPickle); err != nil {
		t.Fatal(err)
	}
	equal(t, "signature of the engine", engine.sign(c.Input), c.Signature)
	raw, _ := envelope.Open([]byte(c.AccountPickle), c.PickleKey)
	if at := 4 + 32; !bytes.Equal(raw[at:at+64], c.Expanded) {
		t.Errorf("the account's private key is %x", raw[at:at+64])
	}
	a, err := olm.UnpickleAccount(c.PickleKey, []byte(c.AccountPickle))
	if err != nil {
		return err
	}
	sig, err := a.Sign(c.Input)
	equal(t, "public key", a.IdentityKeys().Ed25519.String(), c.PublicKey)
	equal(t, "signature", sig.String(), c.Signature)
	if !a.IdentityKeys().Ed25519.Verify(c.Input, sig) {
		t.Error("the signature does not verify")
	}
	return err
}

func verify(publicKey string, message []byte, signature string) error {
	k, err := keys.ParseEd25519(publicKey)
	if err != nil {
		return asText(err)
	}
	sig, err := keys.ParseSignature(signature)
	if err != nil {
		return asText(err)
	}
	if !k.Verify(message, sig) {
		return errVerify
	}
	return nil
}
