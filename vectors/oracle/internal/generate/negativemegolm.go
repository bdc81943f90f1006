package generate

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// groupCrafter builds Megolm messages with right MACs and signatures around wrong contents.
type groupCrafter struct {
	ratchet vectors.Bytes // at index 0, and used as it is for every message
	signer  ed25519.PrivateKey
}

const (
	tagIndex           = 0x08
	tagGroupCiphertext = 0x12
)

// message adds the MAC and the signature.
func (c groupCrafter) message(version byte, fields ...field) []byte {
	k := reference.GroupKeys(c.ratchet)
	raw := append([]byte{version}, bytes.Join(fields, nil)...)
	raw = append(raw, k.Tag(raw)...)
	return append(raw, ed25519.Sign(c.signer, raw)...)
}

func (c groupCrafter) ciphertext(padded []byte) field {
	k := reference.GroupKeys(c.ratchet)
	return reference.StringField(tagGroupCiphertext, k.EncryptBlocks(padded))
}

func negativeMegolm(n *negatives) {
	const (
		badFormat  = "BAD_MESSAGE_FORMAT"
		badMAC     = "BAD_MESSAGE_MAC"
		badVersion = "BAD_MESSAGE_VERSION"
		notBase64  = "INVALID_BASE64"
	)
	r := newStream("negative megolm")
	random := r.Bytes(160)
	out, other := must(libolm.NewOutboundGroup(random)), must(libolm.NewOutboundGroup(r.Bytes(160)))
	defer out.Free()
	defer other.Free()
	sessionKey := out.Key()
	in := must(libolm.NewInboundGroup(sessionKey))
	defer in.Free()
	exported := must(in.Export(0))
	n.setup("inbound_group", vectors.KindInboundGroup, in)
	c := groupCrafter{random[:128], ed25519.NewKeyFromSeed(random[128:])}
	const p = "crafted"
	at0 := reference.IntField(tagIndex, 0)
	ct := c.ciphertext(reference.Pad([]byte(p)))

	decrypt := func(name, input, strict string) {
		n.add(vectors.NegativeCase{Name: "group_" + name, Op: "group_decrypt", Setup: "inbound_group", Input: input, Verdict: vectors.Verdict{Strict: strict}})
	}
	good := must(out.Encrypt([]byte("a longer group message")))
	raw := unb64(good)
	decrypt("good", good, "")
	decrypt("crafted_good", b64(c.message(3, at0, ct)), "")
	decrypt("other_session", must(other.Encrypt([]byte("x"))), "")
	decrypt("empty", "", vectors.Refused)
	decrypt("one_character", "A", vectors.Refused)
	decrypt("72_bytes", b64(append([]byte{3}, make([]byte, 71)...)), vectors.Refused)
	decrypt("73_bytes", b64(append([]byte{3}, make([]byte, 72)...)), "")
	for _, v := range []byte{0, 1, 2, 4, 0x33, 0xff} {
		decrypt(fmt.Sprintf("version_%d", v), b64(c.message(v, at0, ct)), badVersion)
	}
	decrypt("no_index", b64(c.message(3, ct)), "")
	decrypt("no_ciphertext", b64(c.message(3, at0)), "")
	decrypt("no_fields", b64(c.message(3)), badFormat)
	flip := func(at int) string {
		x := slices.Clone(raw)
		x[at] ^= 1
		return b64(x)
	}
	decrypt("wrong_index", flip(2), "")
	decrypt("wrong_ciphertext", flip(10), "")
	decrypt("wrong_mac", flip(len(raw)-72), "")
	decrypt("wrong_signature_r", flip(len(raw)-64), "")
	decrypt("wrong_signature_s", flip(len(raw)-32), "")
	signed := c.message(3, at0, ct)
	signed = signed[:len(signed)-64]
	signed[len(signed)-1] ^= 1
	decrypt("wrong_mac_signed", b64(append(signed, ed25519.Sign(c.signer, signed)...)), "")
	unsigned := c.message(3, at0, ct)
	decrypt("no_signature", b64(unsigned[:len(unsigned)-64]), vectors.Refused)
	s := fromLittleEndian(unsigned[len(unsigned)-32:])
	decrypt("signature_s_plus_l", b64(slices.Concat(unsigned[:len(unsigned)-32], littleEndian(s.Add(s, groupOrder)))), "BAD_SIGNATURE")
	for _, size := range []int{0, 1, 15, 17} {
		decrypt(fmt.Sprintf("ciphertext_of_%d", size), b64(c.message(3, at0, reference.StringField(tagGroupCiphertext, r.Bytes(size)))), "")
	}
	for _, e := range []struct {
		name   string
		fields []field
		strict string
	}{
		{"field_order", []field{ct, at0}, ""},
		{"unknown_int_field", []field{at0, reference.IntField(0x18, 1), ct}, badFormat},
		{"unknown_string_field", []field{at0, reference.StringField(0x1a, []byte("abc")), ct}, badFormat},
		{"unknown_wire_type_last", []field{at0, ct, {0x1d, 1, 2, 3, 4}}, badFormat},
		{"unknown_wire_type_first", []field{{0x1d, 1, 2, 3, 4}, at0, ct}, ""},
		{"repeated_index", []field{reference.IntField(tagIndex, 5), at0, ct}, badFormat},
		{"repeated_ciphertext", []field{at0, reference.StringField(tagGroupCiphertext, r.Bytes(16)), ct}, badFormat},
		{"overlong_index", []field{{tagIndex, 0x80, 0x00}, ct}, badFormat},
		{"index_2^32", []field{reference.IntField(tagIndex, 1<<32), ct}, badFormat},
		{"index_without_value", []field{ct, {tagIndex}}, badFormat},
		{"overlong_length", []field{at0, slices.Concat([]byte{tagGroupCiphertext, ct[1] | 0x80, 0}, ct[2:])}, badFormat},
		{"length_too_large", []field{at0, slices.Concat([]byte{tagGroupCiphertext, ct[1] + 1}, ct[2:])}, badFormat},
		{"trailing_zero_bytes", []field{at0, ct, {0, 0}}, badFormat},
	} {
		decrypt(e.name, b64(c.message(3, e.fields...)), e.strict)
	}
	padding := func(name string, change func(b []byte)) {
		b := reference.Pad([]byte("sixteen bytes ok"))
		change(b)
		decrypt("padding_"+name, b64(c.message(3, at0, c.ciphertext(b))), badMAC)
	}
	padding("0", func(b []byte) { b[31] = 0 })
	padding("17", func(b []byte) { b[31] = 17 })
	padding("33", func(b []byte) { b[31] = 33 })
	padding("uneven", func(b []byte) { b[20] = 0 })
	if len(good)%4 == 0 {
		fail("the text of a message has no place for padding")
	}
	decrypt("base64_padded", good+"===="[:4-len(good)%4], "OK")
	n.cases[len(n.cases)-1].Plaintext, n.cases[len(n.cases)-1].Index = vectors.Bytes("a longer group message"), of(uint32(0))
	decrypt("base64_length_1_mod_4", good[:len(good)-len(good)%4-3], "")
	decrypt("base64_wrong_character", noisy(good, 20), notBase64)
	decrypt("base64_wrong_first_character", noisy(good, 0), notBase64)
	decrypt("base64_trailing_bit", trailingBit(good), notBase64)
	n.sweep(vectors.NegativeCase{Name: "group_truncated", Op: "group_decrypt", Setup: "inbound_group", Input: good}, "truncate")
	n.sweep(vectors.NegativeCase{Name: "group_flipped", Op: "group_decrypt", Setup: "inbound_group", Input: good}, "flip")

	// A session that is known from index 4 only.
	for range 3 {
		must(out.Encrypt(nil))
	}
	late := must(libolm.NewInboundGroup(out.Key()))
	defer late.Free()
	n.setup("inbound_group_from_4", vectors.KindInboundGroup, late)
	n.add(vectors.NegativeCase{Name: "group_unknown_index", Op: "group_decrypt", Setup: "inbound_group_from_4", Input: good})
	n.add(vectors.NegativeCase{Name: "group_unknown_index_wrong_signature", Op: "group_decrypt", Setup: "inbound_group_from_4", Input: flip(len(raw) - 1)})
	n.add(vectors.NegativeCase{Name: "group_known_index", Op: "group_decrypt", Setup: "inbound_group_from_4", Input: must(out.Encrypt([]byte("index 4")))})

	// ---- session keys ----

	keys := func(op, text string) {
		try := func(name, input, strict string) {
			n.add(vectors.NegativeCase{Name: op + "_" + name, Op: op, Input: input, Verdict: vectors.Verdict{Strict: strict}})
		}
		raw := unb64(text)
		change := func(at int, to byte) string {
			x := slices.Clone(raw)
			x[at] = to
			return b64(x)
		}
		try("good", text, "")
		try("empty", "", vectors.Refused)
		try("too_short", b64(raw[:len(raw)-1]), "")
		try("too_long", b64(append(slices.Clone(raw), 0)), "")
		for _, v := range []byte{0, 1, 2, 3, 0xff} {
			if v != raw[0] {
				try(fmt.Sprintf("version_%d", v), change(0, v), "")
			}
		}
		if len(text)%4 != 0 {
			try("padded", text+"===="[:4-len(text)%4], "OK") // the specification wants it to be read
		} else {
			try("padded", text+"====", vectors.Refused)
		}
		try("length_1_mod_4", text[:len(text)-len(text)%4-3], "")
		try("wrong_character", noisy(text, 100), notBase64)
		try("other_counter", change(4, 1), "")
		try("other_ratchet", change(20, raw[20]^1), "")
		foreign := slices.Clone(raw)
		copy(foreign[133:], unb64(other.ID()))
		try("other_public_key", b64(foreign), "")
	}
	keys("group_init", sessionKey)
	keys("group_import", exported)
	rawKey := unb64(sessionKey)
	for _, at := range []int{165, 197, 228} {
		x := slices.Clone(rawKey)
		x[at] ^= 1
		n.add(vectors.NegativeCase{Name: fmt.Sprintf("group_init_signature_byte_%d", at-165), Op: "group_init", Input: b64(x)})
	}
	n.add(vectors.NegativeCase{Name: "group_init_from_export", Op: "group_init", Input: exported})
	n.add(vectors.NegativeCase{Name: "group_import_from_session_key", Op: "group_import", Input: sessionKey})
	n.add(vectors.NegativeCase{Name: "group_import_neutral_public_key", Op: "group_import", Verdict: vectors.Verdict{Strict: vectors.Refused},
		Input: b64(slices.Concat(unb64(exported)[:133], []byte{1}, make([]byte, 31)))})
	// Small-order keys sign everything.
	forged := slices.Concat(rawKey[:133], []byte{1}, make([]byte, 31))
	forged = slices.Concat(forged, []byte{1}, make([]byte, 63))
	n.add(vectors.NegativeCase{Name: "group_init_neutral_public_key", Op: "group_init", Verdict: vectors.Verdict{Strict: vectors.Refused}, Input: b64(forged)})
}
