package vectors_test

import (
	"bytes"
	"io"
	"regexp"
	"testing"

	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

func TestPK(t *testing.T) {
	eachSide(t, func(t *testing.T, r tested) {
		var n counts
		for _, c := range vectors.PK() {
			t.Run(c.Name, func(t *testing.T) {
				n.cases++
				want, special := c.Strictly(), c.Strict != ""
				if r.libolm {
					// libolm takes keys that lead to no secret, and does not check the padding in full.
					special = leadsNowhere(&c) || c.Name == "decrypt_tampered_padding"
					if !special {
						want = c.Expect
					}
				}
				if special {
					n.special++
				}
				err := r.replayPK(t, &c)
				if !r.agrees(err, want) {
					t.Errorf("error is %v, want %s", err, want)
				}
				if err == nil {
					n.steps++
				}
			})
		}
		if r.libolm {
			n.check(t, 62, 27, 15)
		} else {
			n.check(t, 62, 24, 25)
		}
	})
}

// leadsNowhere reports whether a secret that is agreed on with the public key in c is zero.
func leadsNowhere(c *vectors.PKCase) bool {
	key := c.PublicKey
	if c.Op == "decrypt" {
		key = c.Message.Ephemeral
	}
	raw, err := raw64.DecodeString(key)
	return err == nil && len(raw) == 32 && smallOrder(raw)
}

func (r tested) replayPK(t *testing.T, c *vectors.PKCase) error {
	switch c.Op {
	case "encrypt":
		var m vectors.PKMessage
		if err := given(t, c.Random, func(random io.Reader) (err error) {
			m, err = r.EncryptPK(c.PublicKey, c.Plaintext, random)
			return err
		}); err != nil {
			return err
		}
		if m != *c.Message {
			t.Errorf("message is %+v, want %+v", m, *c.Message)
		}
		if c.Private == nil {
			return nil
		}
		return r.decryptPK(t, c)
	case "decrypt":
		return r.decryptPK(t, c)
	case "sign":
		s, err := r.NewPKSigning(c.Private)
		if err != nil {
			return err
		}
		sig := s.Sign(c.Input)
		equal(t, "public key", s.PublicKey(), c.PublicKey)
		equal(t, "signature", sig, c.Signature)
		if err := r.Verify(s.PublicKey(), c.Input, sig); err != nil {
			t.Errorf("the signature does not verify: %v", err)
		}
	case "key":
		d, err := r.NewPKDecryption(c.Private)
		if err != nil {
			return err
		}
		equal(t, "public key", d.PublicKey(), c.PublicKey)
		if !r.libolm { // a new key takes the same bytes
			var d *pk.Decryption
			_ = given(t, c.Private, func(random io.Reader) error {
				side.Drawing(random, func() { d = pk.NewDecryption() })
				return nil
			})
			equal(t, "public key", d.PublicKey().String(), c.PublicKey)
		}
	default:
		t.Fatalf("no such operation: %s", c.Op)
	}
	return nil
}

func (r tested) decryptPK(t *testing.T, c *vectors.PKCase) error {
	d, err := r.NewPKDecryption(c.Private)
	if err != nil {
		return err
	}
	equal(t, "public key", d.PublicKey(), c.PublicKey)
	plaintext, err := d.Decrypt(*c.Message)
	if err == nil && (c.Plaintext == nil || !bytes.Equal(plaintext, c.Plaintext)) {
		t.Errorf("plaintext is %x, want %x", plaintext, []byte(c.Plaintext))
	}
	return err
}

// universal are signatures that libolm takes and package cabi refuses: those that could be changed or sign anything.
var universal = regexp.MustCompile(`^verify_(s_plus_1_l|neutral_(key|r)|neutral_key_(x_sign|p_plus_1|p_plus_1_x_sign)|order_[248]_key(_p)?)(_[0-9]+)?$`)

func TestSignatures(t *testing.T) {
	eachSide(t, func(t *testing.T, r tested) {
		var n counts
		for _, c := range vectors.Signatures() {
			t.Run(c.Name, func(t *testing.T) {
				n.cases++
				want, special := c.Strictly(), c.Strict != ""
				if r.libolm {
					if special = universal.MatchString(c.Name); !special {
						want = c.Expect
					}
				}
				if special {
					n.special++
				}
				var err error
				switch c.Op {
				case "sign":
					err = r.signExpanded(t, &c)
				case "verify":
					err = r.Verify(c.PublicKey, c.Input, c.Signature)
				default:
					t.Fatalf("no such operation: %s", c.Op)
				}
				if !r.agrees(err, want) {
					t.Errorf("error is %v, want %s", err, want)
				}
				if err == nil {
					n.steps++
				}
			})
		}
		if r.libolm {
			n.check(t, 91, 38, 18)
		} else {
			n.check(t, 91, 25, 44)
		}
	})
}

// signExpanded signs as the account that has the expanded private key, which no seed need lead to.
func (r tested) signExpanded(t *testing.T, c *vectors.SignatureCase) error {
	raw := pickles.Opened(c.PickleKey, []byte(c.AccountPickle))
	if at := 4 + 32; !bytes.Equal(raw[at:at+64], c.Expanded) {
		t.Errorf("the account's private key is %x", raw[at:at+64])
	}
	a, err := r.UnpickleAccount(c.PickleKey, c.AccountPickle)
	if err != nil {
		return err
	}
	sig := a.Sign(c.Input)
	equal(t, "public key", identityKeys(t, a).Ed25519, c.PublicKey)
	equal(t, "signature", sig, c.Signature)
	return r.Verify(c.PublicKey, c.Input, sig)
}
