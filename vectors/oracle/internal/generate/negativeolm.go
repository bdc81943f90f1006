package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// field is one encoded field of a message.
type field = []byte

const (
	tagRatchetKey = 0x0a
	tagCounter    = 0x10
	tagCiphertext = 0x22

	tagOneTimeKey = 0x0a
	tagBaseKey    = 0x12
	tagIdentity   = 0x1a
	tagMessage    = 0x22
)

// crafter builds messages of one sender chain with right MACs around wrong contents.
type crafter struct {
	ratchet vectors.Bytes
	chain   vectors.Bytes // at index
	index   uint32
}

func newCrafter(s *libolm.Session) crafter {
	raw := parseSession(openPickle(setupKey, s.Pickle(setupKey)))
	c := raw.senders[0]
	return crafter{c.ratchet[:32], c.key, c.index}
}

// keys are those of the message at an index, not before the crafter's own.
func (c crafter) keys(index uint32) reference.Keys {
	chain := []byte(c.chain)
	for i := c.index; i < index; i++ {
		chain = reference.NextChainKey(chain)
	}
	return reference.MessageKeys(reference.MessageKey(chain))
}

// message puts a version and fields together and adds the MAC of the message at index.
func (c crafter) message(index uint32, version byte, fields ...field) []byte {
	k := c.keys(index)
	raw := append([]byte{version}, bytes.Join(fields, nil)...)
	return append(raw, k.Tag(raw)...)
}

func (c crafter) ratchetField() field { return reference.StringField(tagRatchetKey, c.ratchet) }
func counterField(index uint32) field { return reference.IntField(tagCounter, uint64(index)) }
func (c crafter) ciphertext(index uint32, padded []byte) field {
	k := c.keys(index)
	return reference.StringField(tagCiphertext, k.EncryptBlocks(padded))
}

// normal is a right message.
func (c crafter) normal(index uint32, plaintext string) []byte {
	return c.message(index, 3, c.ratchetField(), counterField(index), c.ciphertext(index, reference.Pad([]byte(plaintext))))
}

func preKey(version byte, fields ...field) string {
	return b64(append([]byte{version}, bytes.Join(fields, nil)...))
}

func negativeOlm(n *negatives) {
	const (
		badFormat  = "BAD_MESSAGE_FORMAT"
		badMAC     = "BAD_MESSAGE_MAC"
		badVersion = "BAD_MESSAGE_VERSION"
		notBase64  = "INVALID_BASE64"
	)
	r := newStream("negative olm")
	account := func() *libolm.Account { return must(libolm.NewAccount(r.Bytes(64))) }
	identityOf := func(a *libolm.Account) string {
		var k struct{ Curve25519 string }
		if err := json.Unmarshal([]byte(a.IdentityKeys()), &k); err != nil {
			panic(failure{err})
		}
		return k.Curve25519
	}
	encrypt := func(s *libolm.Session, plaintext string) string {
		_, body, err := s.Encrypt([]byte(plaintext), r.Bytes(s.EncryptRandomLength()))
		if err != nil {
			panic(failure{err})
		}
		return body
	}

	alice, bob, carol := account(), account(), account()
	defer alice.Free()
	defer bob.Free()
	defer carol.Free()
	must(bob.GenerateOneTimeKeys(2, r.Bytes(64)))
	oneTime := keysIn(bob.OneTimeKeys())
	a := must(libolm.NewOutboundSession(alice, identityOf(bob), oneTime[1], r.Bytes(64)))
	defer a.Free()
	n.setup("bob_account", vectors.KindAccount, bob)
	n.setup("carol_account", vectors.KindAccount, carol)
	n.setup("alice_outbound", vectors.KindSession, a)
	aliceKey := identityOf(alice)

	// ---- pre-key messages: creation ----

	first := newCrafter(a)
	body := encrypt(a, "the first message")
	raw := unb64(body)
	inner := raw[1+3*34+2:] // the length of this one takes one byte
	baseKey := vectors.Bytes(raw[1+34+2 : 1+34+34])
	ot, base := reference.StringField(tagOneTimeKey, unb64(oneTime[1])), reference.StringField(tagBaseKey, baseKey)
	id, msg := reference.StringField(tagIdentity, unb64(aliceKey)), reference.StringField(tagMessage, inner)
	if preKey(3, ot, base, id, msg) != body {
		fail("the pre-key message was not understood")
	}

	inbound := func(name, input, strict string) {
		n.add(vectors.NegativeCase{Name: "inbound_" + name, Op: "inbound", Setup: "bob_account", Input: input, Verdict: vectors.Verdict{Strict: strict}})
	}
	inboundFrom := func(name, from, input, strict string) {
		n.add(vectors.NegativeCase{Name: "inbound_from_" + name, Op: "inbound", Setup: "bob_account", IdentityKey: from, Input: input, Verdict: vectors.Verdict{Strict: strict}})
	}
	inbound("good", body, "")
	inboundFrom("good", aliceKey, body, "")
	n.add(vectors.NegativeCase{Name: "inbound_unknown_account", Op: "inbound", Setup: "carol_account", Input: body})
	inboundFrom("other_identity", identityOf(carol), body, "")
	inboundFrom("identity_too_short", aliceKey[:42], body, vectors.Refused)
	inboundFrom("identity_padded", aliceKey+"=", body, "OK")
	inboundFrom("identity_missing_in_message", aliceKey, preKey(3, ot, base, msg), badFormat)
	inboundFrom("identity_empty_in_message", aliceKey, preKey(3, ot, base, reference.StringField(tagIdentity, nil), msg), badFormat)
	inbound("empty", "", vectors.Refused)
	inbound("one_character", "A", vectors.Refused)
	inbound("version_only", preKey(3), "")
	inbound("no_one_time_key", preKey(3, base, id, msg), "")
	inbound("no_base_key", preKey(3, ot, id, msg), "")
	inbound("no_identity", preKey(3, ot, base, msg), "")
	inbound("no_message", preKey(3, ot, base, id), "")
	for _, k := range []struct {
		name string
		tag  byte
		key  vectors.Bytes
	}{{"one_time_key", tagOneTimeKey, unb64(oneTime[1])}, {"base_key", tagBaseKey, baseKey}, {"identity", tagIdentity, unb64(aliceKey)}} {
		put := func(v vectors.Bytes) string {
			fields := []field{ot, base, id, msg}
			for i, f := range fields {
				if f[0] == k.tag {
					fields[i] = reference.StringField(k.tag, v)
				}
			}
			return preKey(3, fields...)
		}
		inbound(k.name+"_empty", put(vectors.Bytes{}), "")
		inbound(k.name+"_of_31", put(k.key[:31]), "")
		inbound(k.name+"_of_33", put(append(slices.Clone(k.key), 0)), "")
		flipped := slices.Clone(k.key)
		flipped[31] ^= 0x80
		inbound(k.name+"_top_bit", put(flipped), vectors.Refused)
		if k.tag != tagOneTimeKey {
			for _, p := range lowOrder {
				inbound(k.name+"_"+p.name, put(p.u), vectors.Refused)
			}
		}
	}
	unknown := reference.StringField(tagOneTimeKey, r.Bytes(32))
	inbound("unknown_one_time_key", preKey(3, unknown, base, id, msg), "")
	for _, v := range []byte{0, 1, 2, 4, 0x33, 0xff} {
		inbound(fmt.Sprintf("version_%d", v), preKey(v, ot, base, id, msg), badVersion)
	}
	embed := func(inner []byte) string {
		return preKey(3, ot, base, id, reference.StringField(tagMessage, inner))
	}
	inbound("embedded_empty", embed(nil), vectors.Refused)
	inbound("embedded_version_4", embed(slices.Concat([]byte{4}, inner[1:])), badVersion)
	inbound("embedded_no_ratchet_key", embed(first.message(0, 3, counterField(0), first.ciphertext(0, reference.Pad(nil)))), "")
	inbound("embedded_ratchet_key_of_31", embed(first.message(0, 3, reference.StringField(tagRatchetKey, first.ratchet[:31]), counterField(0), first.ciphertext(0, reference.Pad(nil)))), "")
	inbound("embedded_no_ciphertext", embed(first.message(0, 3, first.ratchetField(), counterField(0))), badFormat)
	inbound("embedded_wrong_mac", embed(append(slices.Clone(inner[:len(inner)-1]), inner[len(inner)-1]^1)), "")
	inbound("field_order", preKey(3, msg, id, base, ot), "")
	inbound("unknown_int_field", preKey(3, ot, base, id, reference.IntField(0x28, 5), msg), badFormat)
	inbound("unknown_string_field", preKey(3, ot, base, reference.StringField(0x2a, []byte("x")), id, msg), badFormat)
	inbound("unknown_wire_type_before", preKey(3, []byte{0x2d, 0, 0, 0, 0}, ot, base, id, msg), "")
	inbound("unknown_wire_type_after", preKey(3, ot, base, id, msg, []byte{0x2d, 0, 0, 0, 0}), badFormat)
	inbound("repeated_base_key", preKey(3, ot, reference.StringField(tagBaseKey, r.Bytes(32)), base, id, msg), badFormat)
	inbound("overlong_length", preKey(3, ot, base, id, slices.Concat([]byte{tagMessage, byte(len(inner)) | 0x80, 0}, inner)), badFormat)
	inbound("length_too_large", preKey(3, ot, base, id, slices.Concat([]byte{tagMessage}, reference.AppendVarint(nil, uint64(len(inner))+1), inner)), badFormat)
	inbound("length_2^64-1", preKey(3, ot, base, id, slices.Concat([]byte{tagMessage}, reference.AppendVarint(nil, 1<<64-1), inner)), badFormat)
	inbound("trailing_byte", preKey(3, ot, base, id, msg, []byte{0}), badFormat)
	inbound("base64_padded", body+"===="[:(4-len(body)%4)%4], "OK")
	inbound("base64_length_1_mod_4", body[:len(body)-len(body)%4-3], "")
	inbound("base64_wrong_character_in_mac", noisy(body, len(body)-3), notBase64)
	inbound("base64_wrong_character_at_once", noisy(body, 0), notBase64)
	inbound("base64_line_feed", body[:100]+"\n"+body[100:], notBase64)
	n.sweep(vectors.NegativeCase{Name: "inbound_truncated", Op: "inbound", Setup: "bob_account", Input: body}, "truncate")

	// ---- pre-key messages: matching and decrypting ----

	b := must(libolm.NewInboundSession(bob, body))
	defer b.Free()
	n.setup("bob_created", vectors.KindSession, b)
	matches := func(name, from, input, strict string) {
		n.add(vectors.NegativeCase{Name: "matches_" + name, Op: "matches", Setup: "bob_created", IdentityKey: from, Input: input, Verdict: vectors.Verdict{Strict: strict}})
	}
	matches("good", "", body, "")
	matches("from_good", aliceKey, body, "")
	matches("from_other", identityOf(carol), body, "")
	matches("other_one_time_key", "", preKey(3, unknown, base, id, msg), "")
	matches("other_base_key", "", preKey(3, ot, reference.StringField(tagBaseKey, r.Bytes(32)), id, msg), "")
	matches("other_identity", "", preKey(3, ot, base, reference.StringField(tagIdentity, unb64(identityOf(carol))), msg), "")
	matches("no_identity", "", preKey(3, ot, base, msg), badFormat)
	matches("no_message", "", preKey(3, ot, base, id), badFormat)
	matches("other_message", "", embed(r.Bytes(60)), "")
	matches("version_4", "", preKey(4, ot, base, id, msg), vectors.Refused)
	matches("empty", "", "", vectors.Refused)
	matches("length_1_mod_4", "", body[:5], "")

	decrypt := func(name, setup string, typ int, input, strict string) {
		n.add(vectors.NegativeCase{Name: "decrypt_" + name, Op: "decrypt", Setup: setup, Type: of(typ), Input: input, Verdict: vectors.Verdict{Strict: strict}})
	}
	decryptPlain := func(name, setup string, typ int, input, strict, plaintext string) {
		decrypt(name, setup, typ, input, strict)
		if c := &n.cases[len(n.cases)-1]; c.Expect != "OK" {
			c.Plaintext = vectors.Bytes(plaintext)
		}
	}
	pre := func(name, input, strict string) { decrypt("prekey_"+name, "bob_created", 0, input, strict) }
	pre("good", body, "")
	decrypt("prekey_read_as_normal", "bob_created", 1, body, vectors.Refused)
	decrypt("normal_read_as_prekey", "bob_created", 0, b64(inner), vectors.Refused)
	decrypt("prekey_with_type_7", "bob_created", 7, body, vectors.Refused)
	pre("version_4", preKey(4, ot, base, id, msg), badVersion)
	pre("no_message", preKey(3, ot, base, id), "")
	pre("message_alone", preKey(3, msg), badFormat)
	pre("other_identity", preKey(3, ot, base, reference.StringField(tagIdentity, r.Bytes(32)), msg), "BAD_MESSAGE_KEY_ID")
	pre("other_one_time_key", preKey(3, unknown, base, id, msg), "BAD_MESSAGE_KEY_ID")
	pre("empty", "", vectors.Refused)
	pre("embedded_empty", embed(nil), vectors.Refused)
	pre("embedded_version_4", embed(first.message(0, 4, first.ratchetField(), counterField(0), first.ciphertext(0, reference.Pad(nil)))), "")
	pre("embedded_version_0", embed(first.message(0, 0, first.ratchetField(), counterField(0), first.ciphertext(0, reference.Pad(nil)))), "")
	pre("embedded_wrong_mac", embed(append(slices.Clone(inner[:len(inner)-1]), inner[len(inner)-1]^1)), "")
	pre("forged", embed(slices.Concat(inner[:len(inner)-8], make([]byte, 8))), "")
	n.sweep(vectors.NegativeCase{Name: "decrypt_prekey_truncated", Op: "decrypt", Setup: "bob_created", Type: of(0), Input: body}, "truncate")

	// A one-time key that is gone.
	if plaintext := must(b.Decrypt(0, body)); string(plaintext) != "the first message" {
		fail("the first message decrypts to %q", plaintext)
	}
	must(bob.RemoveOneTimeKeys(b))
	n.setup("bob_account_later", vectors.KindAccount, bob)
	n.add(vectors.NegativeCase{Name: "inbound_used_one_time_key", Op: "inbound", Setup: "bob_account_later", Input: body})

	// ---- normal messages in a new chain ----

	must(a.Decrypt(1, encrypt(b, "the answer")))
	n.setup("bob_session", vectors.KindSession, b)
	n.setup("alice_session", vectors.KindSession, a)
	body = encrypt(a, "a normal message")
	n.setup("alice_session_later", vectors.KindSession, a)
	later := newCrafter(a) // at index 1
	normal := func(name, input, strict string) { decrypt("normal_"+name, "bob_session", 1, input, strict) }
	const p = "crafted"
	c := later
	normal("good", body, "")
	normal("crafted_good", b64(c.normal(1, p)), "")
	normal("crafted_ahead", b64(c.normal(40, p)), "")
	normal("counter_2000", b64(c.normal(2000, p)), "")
	normal("counter_2001", b64(c.normal(2001, p)), "")
	normal("counter_2^32-1", b64(c.message(1, 3, c.ratchetField(), counterField(1<<32-1), c.ciphertext(1, reference.Pad([]byte(p))))), "")
	normal("empty", "", vectors.Refused)
	normal("one_character", "A", vectors.Refused)
	normal("one_byte", "Aw", vectors.Refused)
	normal("eight_bytes", b64([]byte{3, 0, 0, 0, 0, 0, 0, 0}), vectors.Refused)
	normal("nine_bytes", b64([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0}), badFormat)
	ct := c.ciphertext(1, reference.Pad([]byte(p)))
	for _, v := range []byte{0, 1, 2, 4, 5, 0x33, 0x83, 0xff} {
		normal(fmt.Sprintf("version_%d", v), b64(c.message(1, v, c.ratchetField(), counterField(1), ct)), badVersion)
	}
	normal("no_ratchet_key", b64(c.message(1, 3, counterField(1), ct)), "")
	normal("no_counter", b64(c.message(1, 3, c.ratchetField(), ct)), "")
	normal("no_ciphertext", b64(c.message(1, 3, c.ratchetField(), counterField(1))), "")
	normal("version_4_no_ciphertext", b64(c.message(1, 4, c.ratchetField(), counterField(1))), vectors.Refused)
	normal("ratchet_key_empty", b64(c.message(1, 3, reference.StringField(tagRatchetKey, nil), counterField(1), ct)), "")
	normal("ratchet_key_of_31", b64(c.message(1, 3, reference.StringField(tagRatchetKey, c.ratchet[:31]), counterField(1), ct)), "")
	normal("ratchet_key_of_33", b64(c.message(1, 3, reference.StringField(tagRatchetKey, append(slices.Clone(c.ratchet), 0)), counterField(1), ct)), "")
	normal("ratchet_key_unknown", b64(c.message(1, 3, reference.StringField(tagRatchetKey, r.Bytes(32)), counterField(1), ct)), "")
	for _, q := range lowOrder {
		normal("ratchet_key_"+q.name+"_wrong_mac", b64(c.message(1, 3, reference.StringField(tagRatchetKey, q.u), counterField(1), ct)), vectors.Refused)
	}
	for _, size := range []int{0, 1, 15, 17, 31} {
		normal(fmt.Sprintf("ciphertext_of_%d", size), b64(c.message(1, 3, c.ratchetField(), counterField(1), reference.StringField(tagCiphertext, r.Bytes(size)))), "")
	}

	// Encodings that libolm takes though its own encoder never writes them.
	for _, e := range []struct {
		name   string
		fields []field
		strict string
	}{
		{"field_order", []field{ct, counterField(1), c.ratchetField()}, ""},
		{"unknown_int_field", []field{c.ratchetField(), counterField(1), reference.IntField(0x18, 300), ct}, badFormat},
		{"unknown_string_field", []field{c.ratchetField(), reference.StringField(0x2a, []byte("abc")), counterField(1), ct}, badFormat},
		{"unknown_field_of_two_bytes", []field{{0x82, 0x01, 2, 'x', 'y'}, c.ratchetField(), counterField(1), ct}, badFormat},
		{"unknown_field_last", []field{c.ratchetField(), counterField(1), ct, reference.IntField(0x30, 0)}, badFormat},
		{"unknown_wire_type_last", []field{c.ratchetField(), counterField(1), ct, {0x35, 1, 2, 3, 4}}, badFormat},
		{"unknown_wire_type_first", []field{{0x35, 1, 2, 3, 4}, c.ratchetField(), counterField(1), ct}, ""},
		{"repeated_counter", []field{c.ratchetField(), counterField(9), counterField(1), ct}, badFormat},
		{"repeated_counter_same", []field{c.ratchetField(), counterField(1), counterField(1), ct}, badFormat},
		{"repeated_ratchet_key", []field{reference.StringField(tagRatchetKey, r.Bytes(32)), c.ratchetField(), counterField(1), ct}, badFormat},
		{"repeated_ciphertext", []field{c.ratchetField(), counterField(1), reference.StringField(tagCiphertext, r.Bytes(16)), ct}, badFormat},
		{"overlong_counter", []field{c.ratchetField(), {tagCounter, 0x81, 0x80, 0x00}, ct}, badFormat},
		{"overlong_counter_of_12", []field{c.ratchetField(), {tagCounter, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, ct}, badFormat},
		{"counter_2^32+1", []field{c.ratchetField(), reference.IntField(tagCounter, 1<<32+1), ct}, badFormat},
		{"counter_2^63+1", []field{c.ratchetField(), reference.IntField(tagCounter, 1<<63+1), ct}, badFormat},
		{"counter_not_ended", []field{c.ratchetField(), ct, {tagCounter, 0x81}}, badFormat},
		{"counter_without_value", []field{c.ratchetField(), ct, {tagCounter}}, badFormat},
		{"overlong_length", []field{c.ratchetField(), counterField(1), slices.Concat([]byte{tagCiphertext, ct[1] | 0x80, 0}, ct[2:])}, badFormat},
		{"length_2^64+16", []field{c.ratchetField(), counterField(1), slices.Concat([]byte{tagCiphertext, ct[1] | 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2}, ct[2:])}, badFormat},
		{"length_too_large", []field{c.ratchetField(), counterField(1), slices.Concat([]byte{tagCiphertext, ct[1] + 1}, ct[2:])}, badFormat},
		{"length_too_small", []field{c.ratchetField(), counterField(1), slices.Concat([]byte{tagRatchetKey, 31}, c.ratchet), ct}, badFormat},
		{"second_ciphertext_too_long", []field{c.ratchetField(), counterField(1), ct, {tagCiphertext, 100, 1, 2, 3}}, badFormat},
		{"trailing_zero_bytes", []field{c.ratchetField(), counterField(1), ct, {0, 0}}, badFormat},
	} {
		normal(e.name, b64(c.message(1, 3, e.fields...)), e.strict)
	}

	// Padding: libolm looks at the last byte only.
	full := reference.Pad([]byte("sixteen bytes ok")) // two blocks, the second all padding
	padding := func(name string, change func(b []byte)) {
		b := slices.Clone(full)
		change(b)
		strict := badMAC
		if name == "1_after_16" {
			strict = "" // a byte 1 is right whatever is before it
		}
		normal("padding_"+name, b64(c.message(1, 3, c.ratchetField(), counterField(1), c.ciphertext(1, b))), strict)
	}
	padding("0", func(b []byte) { b[31] = 0 })
	padding("17", func(b []byte) { b[31] = 17 })
	padding("32", func(b []byte) { b[31] = 32 })
	padding("33", func(b []byte) { b[31] = 33 })
	padding("255", func(b []byte) { b[31] = 255 })
	padding("uneven", func(b []byte) { b[20] = 0 })
	padding("1_after_16", func(b []byte) { b[31] = 1 })

	// Texts.
	good := b64(c.normal(200, p)) // a counter of two bytes
	if rest := len(good) % 4; rest == 0 {
		fail("the text of a message has no place for padding")
	}
	decryptPlain("normal_base64_padded", "bob_session", 1, good+"===="[:4-len(good)%4], "OK", p)
	normal("base64_length_1_mod_4", good[:len(good)-len(good)%4-3], "")
	normal("base64_wrong_character", noisy(good, 40), notBase64)
	normal("base64_wrong_first_character", noisy(good, 0), notBase64)
	normal("base64_line_feed_at_end", good+"\n", vectors.Refused)
	normal("base64_url_alphabet", good[:60]+"-_"+good[62:], notBase64)
	normal("base64_trailing_bit", trailingBit(good), notBase64)
	normal("base64_good", good, "")
	raw = c.normal(1, p)
	good = b64(raw)
	n.sweep(vectors.NegativeCase{Name: "decrypt_normal_truncated", Op: "decrypt", Setup: "bob_session", Type: of(1), Input: good}, "truncate")
	n.sweep(vectors.NegativeCase{Name: "decrypt_normal_flipped", Op: "decrypt", Setup: "bob_session", Type: of(1), Input: good}, "flip")

	// ---- normal messages in a known chain ----

	must(b.Decrypt(1, body))
	n.setup("bob_in_chain", vectors.KindSession, b)
	known := func(name, input, strict string) { decrypt("known_chain_"+name, "bob_in_chain", 1, input, strict) }
	known("replay", body, "")
	known("good", good, "")
	known("gap_2000", b64(c.normal(2001, p)), "")
	known("gap_2001", b64(c.normal(2002, p)), "")
	known("wrong_mac", b64(append(slices.Clone(raw[:len(raw)-1]), raw[len(raw)-1]^1)), "")
	known("other_counter", b64(slices.Concat(raw[:36], []byte{2}, raw[37:])), "")
	decrypt("own_message", "alice_session_later", 1, body, "")
	decrypt("own_prekey_message", "alice_outbound", 0, preKey(3, ot, base, id, msg), "")
	if raw[35] != tagCounter || raw[36] != 1 {
		fail("the counter is not where it was thought")
	}
}
