package generate

import (
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

func pkFile() file {
	var cases []vectors.PKCase
	r := newStream("pk")
	add := func(c vectors.PKCase) {
		c.Label = r.Label()
		cases = append(cases, c)
	}

	private := r.Bytes(32)
	d, public, err := libolm.NewPKDecryption(private)
	if err != nil {
		fail("PK: %w", err)
	}
	defer d.Free()
	e := must(libolm.NewPKEncryption(public))
	defer e.Free()
	for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 255, 256, 1000} {
		c := vectors.PKCase{Name: fmt.Sprintf("encrypt_%d", n), Op: "encrypt", Private: private, PublicKey: public, Random: r.Bytes(32), Plaintext: r.Bytes(n), Verdict: vectors.Verdict{Expect: vectors.OK}}
		c.Message = of(vectors.PKMessage(must(e.Encrypt(c.Plaintext, c.Random))))
		if got := must(d.Decrypt(libolm.PKMessage(*c.Message))); string(got) != string(c.Plaintext) {
			fail("PK: %d bytes differ", n)
		}
		add(c)
	}

	good := must(e.Encrypt(vectors.Bytes("a message of three blocks, since that is longer"), r.Bytes(32)))
	flip := func(text string, at int) string {
		b := unb64(text)
		b[at] ^= 1
		return b64(b)
	}
	other := b64(unhex("0900000000000000000000000000000000000000000000000000000000000000"))
	change := func(f func(m *libolm.PKMessage)) libolm.PKMessage {
		m := good
		f(&m)
		return m
	}
	for _, m := range []struct {
		name   string
		m      libolm.PKMessage
		strict string
	}{
		{"decrypt", good, ""},
		{"decrypt_tampered_ciphertext", change(func(m *libolm.PKMessage) { m.Ciphertext = flip(m.Ciphertext, 3) }), ""},
		{"decrypt_tampered_mac", change(func(m *libolm.PKMessage) { m.MAC = flip(m.MAC, 3) }), ""},
		{"decrypt_other_ephemeral", change(func(m *libolm.PKMessage) { m.Ephemeral = other }), ""},
		{"decrypt_tampered_padding", change(func(m *libolm.PKMessage) { m.Ciphertext = flip(m.Ciphertext, 31) }), "BAD_MESSAGE_MAC"},
		{"decrypt_padding_too_long", change(func(m *libolm.PKMessage) {
			b := unb64(m.Ciphertext)
			b[31] ^= 0x80
			m.Ciphertext = b64(b)
		}), ""},
		{"decrypt_padded_mac", change(func(m *libolm.PKMessage) { m.MAC += "=" }), "OK"},
		{"decrypt_short_mac", change(func(m *libolm.PKMessage) { m.MAC = m.MAC[:10] }), ""},
		{"decrypt_empty_mac", change(func(m *libolm.PKMessage) { m.MAC = "" }), vectors.Refused},
		{"decrypt_short_ephemeral", change(func(m *libolm.PKMessage) { m.Ephemeral = m.Ephemeral[:42] }), ""},
		{"decrypt_padded_ephemeral", change(func(m *libolm.PKMessage) { m.Ephemeral += "=" }), "OK"},
		{"decrypt_ciphertext_length_1_mod_4", change(func(m *libolm.PKMessage) { m.Ciphertext = m.Ciphertext[:61] }), "INVALID_BASE64"},
		{"decrypt_wrong_character", change(func(m *libolm.PKMessage) { m.Ciphertext = noisy(m.Ciphertext, 5) }), "INVALID_BASE64"},
		{"decrypt_cut_after_two_blocks", change(func(m *libolm.PKMessage) { m.Ciphertext = b64(unb64(m.Ciphertext)[:32]) }), "BAD_MESSAGE_MAC"},
	} {
		c := vectors.PKCase{Name: m.name, Op: "decrypt", Private: private, PublicKey: public, Message: of(vectors.PKMessage(m.m)), Verdict: vectors.Verdict{Strict: m.strict}}
		plaintext, err := d.Decrypt(m.m)
		c.Expect = class(err)
		if err == nil {
			c.Plaintext = plaintext
		}
		if m.strict == "OK" {
			c.Plaintext = must(d.Decrypt(good))
		}
		if c.Strict == c.Expect {
			c.Strict = ""
		}
		add(c)
	}
	for _, n := range []int{0, 1, 15, 17, 33} {
		m := change(func(m *libolm.PKMessage) { m.Ciphertext = b64(unb64(m.Ciphertext)[:n]) })
		add(vectors.PKCase{Name: fmt.Sprintf("decrypt_ciphertext_of_%d", n), Op: "decrypt", Private: private, PublicKey: public, Message: of(vectors.PKMessage(m)), Verdict: vectors.Verdict{Expect: vectors.Refused}})
	}

	random := r.Bytes(32)
	type edge struct{ name, key, strict string }
	odd := nonCanonical(unb64(public))
	edges := []edge{
		{"recipient", public, ""},
		{"recipient_padded", public + "=", ""},
		{"recipient_too_short", public[:42], vectors.Refused},
		{"recipient_too_long", public + "AAA", vectors.Refused},
		{"recipient_wrong_character", noisy(public, 9), "INVALID_BASE64"},
		{"recipient_top_bit", b64(odd["top_bit"]), vectors.Refused},
		{"recipient_p_plus_9", b64(odd["p_plus_9"]), vectors.Refused},
	}
	for _, p := range lowOrder {
		edges = append(edges, edge{"recipient_" + p.name, b64(p.u), vectors.Refused})
	}
	for _, g := range edges {
		c := vectors.PKCase{Name: g.name, Op: "encrypt", PublicKey: g.key, Random: random, Plaintext: vectors.Bytes("plaintext"), Verdict: vectors.Verdict{Strict: g.strict}}
		e, err := libolm.NewPKEncryption(g.key)
		c.Expect = class(err)
		if err == nil {
			c.Message = of(vectors.PKMessage(must(e.Encrypt(c.Plaintext, random))))
			e.Free()
		}
		add(c)
	}
	for _, p := range lowOrder {
		// Whoever knows that the secret is zero can encrypt to anybody.
		bogus := must(libolm.NewPKEncryption(b64(p.u)))
		m := must(bogus.Encrypt(vectors.Bytes("from nobody"), random))
		bogus.Free()
		m.Ephemeral = b64(p.u)
		c := vectors.PKCase{Name: "decrypt_ephemeral_" + p.name, Op: "decrypt", Private: private, PublicKey: public, Message: of(vectors.PKMessage(m)), Verdict: vectors.Verdict{Strict: vectors.Refused}}
		plaintext, err := d.Decrypt(m)
		c.Expect = class(err)
		if err == nil {
			c.Plaintext = plaintext
		}
		add(c)
	}

	seed := r.Bytes(32)
	s, signer, err := libolm.NewPKSigning(seed)
	if err != nil {
		fail("PK: %w", err)
	}
	defer s.Free()
	for _, n := range []int{0, 1, 32, 64, 1000} {
		input := r.Bytes(n)
		add(vectors.PKCase{Name: fmt.Sprintf("sign_%d", n), Op: "sign", Private: seed, PublicKey: signer, Input: input, Signature: s.Sign(input), Verdict: vectors.Verdict{Expect: vectors.OK}})
	}
	for _, n := range []int{0, 31} {
		_, _, err := libolm.NewPKSigning(seed[:n])
		add(vectors.PKCase{Name: fmt.Sprintf("sign_seed_of_%d", n), Op: "sign", Private: slices.Clone(seed[:n]), Verdict: vectors.Verdict{Expect: class(err)}})
		_, _, err = libolm.NewPKDecryption(private[:n])
		add(vectors.PKCase{Name: fmt.Sprintf("private_key_of_%d", n), Op: "key", Private: slices.Clone(private[:n]), Verdict: vectors.Verdict{Expect: class(err)}})
	}
	for _, key := range []vectors.Bytes{unhex("0000000000000000000000000000000000000000000000000000000000000000"), unhex("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), r.Bytes(32)} {
		d, public, err := libolm.NewPKDecryption(key)
		if err != nil {
			fail("PK: %w", err)
		}
		d.Free()
		add(vectors.PKCase{Name: fmt.Sprintf("key_%x", []byte(key[:2])), Op: "key", Private: key, PublicKey: public, Verdict: vectors.Verdict{Expect: vectors.OK}})
	}
	return file{
		Description: "Asymmetric encryption of backups (m.megolm_backup.v1.curve25519-aes-sha2) and signing with a seed.",
		Cases:       cases,
	}
}
