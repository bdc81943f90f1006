/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Megolm: outbound and inbound group sessions, export and import, indices at the far end, errors in their order.
 */
#include "forge.h"
#include "objects.h"

static size_t group_id(void *o, void *out, size_t n) { return olm_outbound_group_session_id(o, out, n); }
static size_t group_key(void *o, void *out, size_t n) { return olm_outbound_group_session_key(o, out, n); }
static size_t receiver_id(void *o, void *out, size_t n) { return olm_inbound_group_session_id(o, out, n); }
static size_t export(void *o, void *out, size_t n) { return olm_export_inbound_group_session(o, out, n, 3); }
static size_t pickle_out(void *o, void *out, size_t n) { return olm_pickle_outbound_group_session(o, "key", 3, out, n); }
static size_t pickle_in(void *o, void *out, size_t n) { return olm_pickle_inbound_group_session(o, "key", 3, out, n); }

static void check_same_state(OlmInboundGroupSession *a, OlmInboundGroupSession *b)
{
	char x[416], y[416];

	EQ(olm_pickle_inbound_group_session(a, "key", 3, x, 416), 416);
	EQ(olm_pickle_inbound_group_session(b, "key", 3, y, 416), 416);
	SAME(x, y, 416);
}

static OlmInboundGroupSession *imported(const char *text)
{
	OlmInboundGroupSession *group = new_inbound_group_session();

	NEED(olm_import_inbound_group_session(group, (const uint8_t *)text, strlen(text)) == 0);
	return group;
}

static void creation(void)
{
	size_t lengths[] = {0, 1, 159, 160, 161, 300}, i, n;
	OlmOutboundGroupSession *group;
	uint8_t *random;

	for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		n = lengths[i];
		CONTEXT("%zu random bytes", n);
		group = new_outbound_group_session();
		random = guarded(n, 0x7b);
		EQ(olm_init_outbound_group_session(group, random, n), n < 160 ? ERROR : 0);
		EQ(olm_outbound_group_session_last_error_code(group), n < 160 ? OLM_NOT_ENOUGH_RANDOM : OLM_SUCCESS);
		/* Wiped on success only. */
		CHECK(all(random, n < 160 ? 0x7b : 0, n));
		CHECK(unguard(random, n));
		free_outbound_group_session(group);
	}
	check_context[0] = 0;
}

static void zero_state(void)
{
	OlmOutboundGroupSession *out = new_outbound_group_session();
	OlmInboundGroupSession *in = new_inbound_group_session();
	char text[416], id[43];

	EQ(olm_outbound_group_session_message_index(out), 0);
	EQ(olm_outbound_group_session_id(out, (uint8_t *)id, 43), 43);
	TEXT(id, 43, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	EQ(olm_inbound_group_session_id(in, (uint8_t *)id, 43), 43);
	TEXT(id, 43, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	EQ(olm_inbound_group_session_first_known_index(in), 0);
	EQ(olm_inbound_group_session_is_verified(in), 0);
	EQ(olm_pickle_outbound_group_session(out, NULL, 0, text, 416), 331);
	EQ(olm_unpickle_outbound_group_session(out, NULL, 0, text, 331), 331);
	EQ(olm_pickle_inbound_group_session(in, NULL, 0, text, 416), 416);
	EQ(olm_unpickle_inbound_group_session(in, NULL, 0, text, 416), 416);
	free_outbound_group_session(out);
	free_inbound_group_session(in);
}

static void messages(void)
{
	OlmOutboundGroupSession *group = group_of(1);
	OlmInboundGroupSession *receiver = receiver_of(group), *late = NULL, *copy;
	struct message m[300];
	char id[43], other[43], text[16];
	uint8_t *out;
	int i;

	free(check_output("outbound id", group_id, code_outbound_group_session, group, 43, 43, 1));
	free(check_output("inbound id", receiver_id, code_inbound_group_session, receiver, 43, 43, 1));
	free(check_output("session_key", group_key, code_outbound_group_session, group, 306, 306, 1));
	free(check_output("pickle", pickle_out, code_outbound_group_session, group, 331, 331, 1));
	free(check_output("pickle", pickle_in, code_inbound_group_session, receiver, 416, 416, 1));
	EQ(olm_outbound_group_session_id(group, (uint8_t *)id, 43), 43);
	EQ(olm_inbound_group_session_id(receiver, (uint8_t *)other, 43), 43);
	SAME(id, other, 43);
	EQ(olm_inbound_group_session_is_verified(receiver), 1);

	for (i = 0; i < 300; i++) {
		EQ(olm_outbound_group_session_message_index(group), i);
		sprintf(text, "m%d", i);
		m[i] = group_encrypted(group, text);
		if (i == 99)
			late = receiver_of(group);
	}
	EQ(olm_outbound_group_session_message_index(group), 300);
	EQ(olm_inbound_group_session_first_known_index(receiver), 0);
	EQ(olm_inbound_group_session_first_known_index(late), 100);
	/* Forwards over 256, back, again. */
	for (i = 299; i >= 0; i -= i > 250 ? 7 : 31) {
		sprintf(text, "m%d", i);
		check_group_decrypts(receiver, m[i], text, (uint32_t)i);
		check_group_decrypts(receiver, m[i], text, (uint32_t)i);
		if (i < 100)
			check_group_refused(late, m[i], OLM_UNKNOWN_MESSAGE_INDEX);
		else
			check_group_decrypts(late, m[i], text, (uint32_t)i);
	}
	/* Where an export begins, its session begins. */
	EQ(olm_export_inbound_group_session(late, (uint8_t *)other, 43, 5), ERROR);
	EQ(olm_inbound_group_session_last_error_code(late), OLM_OUTPUT_BUFFER_TOO_SMALL);
	{
		uint8_t room[220];

		memset(room, UNTOUCHED, 220);
		EQ(olm_export_inbound_group_session(late, room, 220, 99), ERROR);
		EQ(olm_inbound_group_session_last_error_code(late), OLM_UNKNOWN_MESSAGE_INDEX);
#ifdef KARST
		CHECK(all(room, UNTOUCHED, 220));
#endif
	}
	out = check_output("export", export, code_inbound_group_session, receiver, 220, 220, 1);
	copy = new_inbound_group_session();
	EQ(olm_import_inbound_group_session(copy, out, 220), 0);
	free(out);
	EQ(olm_inbound_group_session_is_verified(copy), 0);
	EQ(olm_inbound_group_session_first_known_index(copy), 3);
	check_group_refused(copy, m[2], OLM_UNKNOWN_MESSAGE_INDEX);
	EQ(olm_inbound_group_session_is_verified(copy), 0);
	check_group_decrypts(copy, m[299], "m299", 299);
	EQ(olm_inbound_group_session_is_verified(copy), 1);
	check_group_decrypts(copy, m[3], "m3", 3);
	for (i = 0; i < 300; i++)
		free(m[i].text);
	EQ(olm_clear_inbound_group_session(copy), olm_inbound_group_session_size());
	EQ(olm_inbound_group_session_first_known_index(copy), 0);
	EQ(olm_clear_outbound_group_session(group), olm_outbound_group_session_size());
	EQ(olm_outbound_group_session_message_index(group), 0);
	free_outbound_group_session(group);
	free_inbound_group_session(receiver);
	free_inbound_group_session(late);
	free_inbound_group_session(copy);
}

/* Each length of plaintext from a session that is set back before each. */
static void lengths(void)
{
	OlmOutboundGroupSession *group = group_of(10);
	OlmInboundGroupSession *receiver = receiver_of(group);
	uint8_t *plaintext, *message, *out;
	size_t n, length, limit, i, shorter[3] = {0, 1, 0};
	uint32_t index;

	for (n = 0; n < 340; n += n < 70 ? 1 : 45) {
		CONTEXT("plaintext of %zu bytes", n);
		plaintext = guarded(n, 0);
		fill(plaintext, n, n + 11);
		length = olm_group_encrypt_message_length(group, n);
		index = olm_outbound_group_session_message_index(group);
		shorter[2] = length - 1;
		for (i = 0; i < 3; i++) {
			message = guarded(shorter[i], UNTOUCHED);
			EQ(olm_group_encrypt(group, plaintext, n, message, shorter[i]), ERROR);
			EQ(olm_outbound_group_session_last_error_code(group), OLM_OUTPUT_BUFFER_TOO_SMALL);
			CHECK(all(message, UNTOUCHED, shorter[i]));
			CHECK(unguard(message, shorter[i]));
			EQ(olm_outbound_group_session_message_index(group), index);
		}
		message = guarded(length + 9, UNTOUCHED);
		EQ(olm_group_encrypt(group, n ? plaintext : NULL, n, message, length + 9), length);
		CHECK(all(message + length, UNTOUCHED, 9));

		out = copied(message, length);
		limit = olm_group_decrypt_max_plaintext_length(receiver, out, length);
		EQ(limit, n / 16 * 16 + 16);
		CHECK(memcmp(out, message, length) != 0);
		memcpy(out, message, length);
		{
			uint8_t *room = guarded(limit - 1, UNTOUCHED);
			uint32_t got = 77;

			EQ(olm_group_decrypt(receiver, out, length, room, limit - 1, &got), ERROR);
			EQ(olm_inbound_group_session_last_error_code(receiver), OLM_OUTPUT_BUFFER_TOO_SMALL);
			CHECK(all(room, UNTOUCHED, limit - 1));
			/* The index is told all the same. */
			EQ(got, index);
			CHECK(unguard(room, limit - 1));
		}
		free(out);
		out = guarded(limit + 5, UNTOUCHED);
		EQ(olm_group_decrypt(receiver, message, length, out, limit + 5, NULL), n);
		SAME(out, plaintext, n);
		CHECK(all(out + limit, UNTOUCHED, 5));
		CHECK(unguard(out, limit + 5));
		CHECK(unguard(message, length + 9));
		CHECK(unguard(plaintext, n));
	}
	check_context[0] = 0;
	free_outbound_group_session(group);
	free_inbound_group_session(receiver);
}

/* Session keys and exports of every length, damaged in every byte. */
static void session_keys(void)
{
	OlmOutboundGroupSession *group = group_of(20);
	OlmInboundGroupSession *receiver = receiver_of(group), *fresh = new_inbound_group_session();
	uint8_t key[400], copy[400], raw[300];
	struct forge f;
	char *text;
	size_t n, i;

	memset(key, 'A', sizeof key);
	EQ(olm_outbound_group_session_key(group, key, 306), 306);
	for (n = 0; n < 400; n++) {
		if (n == 306)
			continue;
		CONTEXT("session key of %zu characters", n);
		EQ(olm_init_inbound_group_session(fresh, n ? key : NULL, n), ERROR);
		EQ(olm_inbound_group_session_last_error_code(fresh), n % 4 == 1 ? OLM_INVALID_BASE64 : OLM_BAD_SESSION_KEY);
	}
	CONTEXT("session key changed in one byte");
	forge_unbase64((char *)key, 306, raw);
	for (i = 0; i < 229; i++) {
		OlmInboundGroupSession *session = new_inbound_group_session();

		f.length = 0;
		put(&f, raw, 229);
		f.bytes[i] ^= 0x40;
		text = forge_text(&f, &n);
		memcpy(copy, text, n);
		EQ(olm_init_inbound_group_session(session, (uint8_t *)text, n), ERROR);
		EQ(olm_inbound_group_session_last_error_code(session), i ? OLM_BAD_SIGNATURE : OLM_BAD_SESSION_KEY);
		EQ(olm_inbound_group_session_is_verified(session), 0);
		SAME(text, copy, n);
		free(text);
		free_inbound_group_session(session);
	}
	check_context[0] = 0;

	/* The input is not changed. */
	memcpy(copy, key, 306);
	EQ(olm_init_inbound_group_session(fresh, key, 306), 0);
	SAME(key, copy, 306);
	check_same_state(fresh, receiver);

	EQ(olm_export_inbound_group_session(receiver, key, 220, 2), 220);
	memset(key + 220, 'A', sizeof key - 220);
	for (n = 0; n < 300; n++) {
		if (n == 220)
			continue;
		CONTEXT("export of %zu characters", n);
		EQ(olm_import_inbound_group_session(fresh, n ? key : NULL, n), ERROR);
		EQ(olm_inbound_group_session_last_error_code(fresh), n % 4 == 1 ? OLM_INVALID_BASE64 : OLM_BAD_SESSION_KEY);
	}
	check_context[0] = 0;
	memcpy(copy, key, 220);
	copy[0] = 'B';
	EQ(olm_import_inbound_group_session(fresh, copy, 220), ERROR);
	EQ(olm_inbound_group_session_last_error_code(fresh), OLM_BAD_SESSION_KEY);
	free_inbound_group_session(fresh);
	fresh = new_inbound_group_session();
	memcpy(copy, key, 220);
	EQ(olm_import_inbound_group_session(fresh, key, 220), 0);
	SAME(key, copy, 220);
	EQ(olm_inbound_group_session_is_verified(fresh), 0);
	free_inbound_group_session(fresh);
	free_inbound_group_session(receiver);
	free_outbound_group_session(group);
}

/* --- Messages made by hand ---------------------------------------------------------------------------------------- */

/* A session of known ratchet whose Ed25519 key pair is also that of a signer, and an export of it. */
struct hand {
	OlmPkSigning *signer;
	OlmInboundGroupSession *session;
	uint8_t ratchet[128];
};

static struct hand hand_of(uint64_t seed, uint32_t index)
{
	struct hand h;
	struct forge f = {.length = 0};
	uint8_t *random = drawn(32, seed), public_raw[40];
	char public_key[43], *text;
	size_t n;

	h.signer = new_pk_signing();
	NEED(olm_pk_signing_key_from_seed(h.signer, public_key, 43, random, 32) == 0);
	free(random);
	forge_unbase64(public_key, 43, public_raw);
	fill(h.ratchet, 128, seed + 1);
	put_byte(&f, 1);
	put_u32(&f, index);
	put(&f, h.ratchet, 128);
	put(&f, public_raw, 32);
	text = forge_text(&f, &n);
	h.session = imported(text);
	free(text);
	return h;
}

static void free_hand(struct hand h)
{
	free_pk_signing(h.signer);
	free_inbound_group_session(h.session);
}

/* Ends a message that stands in f up to its ciphertext: MAC (right or not) and signature (right or not). */
static struct message signed_message(struct hand *h, struct forge *f, const uint8_t mac_key[32], int damage_mac,
	int damage_signature)
{
	struct message m;
	uint8_t raw[66];
	char signature[86];

	put_mac(f, 0, mac_key);
	f->bytes[f->length - 1] ^= (uint8_t)damage_mac;
	NEED(olm_pk_sign(h->signer, f->bytes, f->length, (uint8_t *)signature, 86) == 86);
	forge_unbase64(signature, 86, raw);
	raw[5] ^= (uint8_t)damage_signature;
	put(f, raw, 64);
	m.type = 0;
	m.text = forge_text(f, &m.length);
	return m;
}

/* A message for the first index of the session, with `length` bytes of padded plaintext. */
static struct message known_message(struct hand *h, const struct forge *head, const void *padded, size_t length, int mac,
	int signature)
{
	struct forge f = *head;
	uint8_t mac_key[32];
	size_t from;

	put_byte(&f, 0x12);
	put_varint(&f, length);
	from = f.length;
	put(&f, padded, length);
	forge_encrypt(&f, from, h->ratchet, 128, "MEGOLM_KEYS", mac_key);
	return signed_message(h, &f, mac_key, mac, signature);
}

static struct forge known_head(int version, uint64_t index)
{
	struct forge f = {.length = 0};

	put_byte(&f, version);
	put_byte(&f, 0x08);
	put_varint(&f, index);
	return f;
}

static void decrypt_errors(void)
{
	struct hand h = hand_of(30, 1000), other = hand_of(30, 1000), stranger = hand_of(40, 1000);
	struct forge head = known_head(3, 1000), f;
	static const char block[] = "fifteen letters\1";
	struct message good = known_message(&h, &head, block, 16, 0, 0), m;
	uint8_t room[64], *copy;
	uint32_t index;
	size_t n;

#define REFUSED(max_code, code, size, want_index) do { \
		copy = copied(m.text, m.length); \
		EQ(olm_group_decrypt_max_plaintext_length(h.session, copy, m.length), (max_code) ? ERROR : 16); \
		if (max_code) \
			EQ(olm_inbound_group_session_last_error_code(h.session), max_code); \
		memcpy(copy, m.text, m.length); \
		index = 4711; \
		EQ(olm_group_decrypt(h.session, copy, m.length, room, size, &index), ERROR); \
		EQ(olm_inbound_group_session_last_error_code(h.session), code); \
		EQ(index, want_index); \
		EQ(olm_inbound_group_session_is_verified(h.session), 0); \
		free(copy); \
		free(m.text); \
	} while (0)

	m = known_message(&h, &head, block, 16, 1, 0);
	REFUSED(0, OLM_BAD_MESSAGE_MAC, 64, 1000);
	m = known_message(&h, &head, block, 16, 1, 0);
	REFUSED(0, OLM_OUTPUT_BUFFER_TOO_SMALL, 15, 1000);
	m = known_message(&h, &head, block, 16, 1, 1);
	REFUSED(0, OLM_BAD_SIGNATURE, 15, 1000);
	m = known_message(&stranger, &head, block, 16, 0, 0);
	REFUSED(0, OLM_BAD_SIGNATURE, 64, 1000);
	/* An index that the session does not reach: after the room, before the MAC. */
	f = known_head(3, 999);
	m = known_message(&h, &f, block, 16, 1, 0);
	REFUSED(0, OLM_UNKNOWN_MESSAGE_INDEX, 64, 999);
	m = known_message(&h, &f, block, 16, 1, 0);
	REFUSED(0, OLM_OUTPUT_BUFFER_TOO_SMALL, 15, 999);
	/* Versions: before everything else. */
	f = known_head(2, 1000);
	m = known_message(&h, &f, block, 16, 0, 0);
	REFUSED(OLM_BAD_MESSAGE_VERSION, OLM_BAD_MESSAGE_VERSION, 15, 4711);
	f.length = 0;
	put_byte(&f, 4);
	m = known_message(&h, &f, block, 16, 1, 1);
	REFUSED(OLM_BAD_MESSAGE_VERSION, OLM_BAD_MESSAGE_VERSION, 15, 4711);
	/* No index; no ciphertext. */
	f.bytes[0] = 3;
	m = known_message(&h, &f, block, 16, 1, 1);
	REFUSED(0, OLM_BAD_MESSAGE_FORMAT, 15, 4711);
	f = known_head(3, 1000);
	m = signed_message(&h, &f, h.ratchet, 0, 0);
	REFUSED(OLM_BAD_MESSAGE_FORMAT, OLM_BAD_MESSAGE_FORMAT, 15, 4711);
#undef REFUSED
	CONTEXT("cut off");
	for (n = 0; n < good.length; n++) {
		enum OlmErrorCode want = n % 4 == 1 ? OLM_INVALID_BASE64 : n * 3 / 4 <= 72 ? OLM_BAD_MESSAGE_VERSION
			: OLM_BAD_MESSAGE_FORMAT;

		copy = copied(good.text, n);
		EQ(olm_group_decrypt(h.session, copy, n, room, 64, NULL), ERROR);
		/* Where the tag of the ciphertext is the last byte it counts as there and empty, and the signature is wrong. */
		EQ(olm_inbound_group_session_last_error_code(h.session), n * 3 / 4 == 72 + 5 && n % 4 != 1 ? OLM_BAD_SIGNATURE : want);
		free(copy);
	}
	check_context[0] = 0;
	EQ(olm_group_decrypt(h.session, NULL, 0, NULL, 0, NULL), ERROR);
	EQ(olm_inbound_group_session_last_error_code(h.session), OLM_BAD_MESSAGE_VERSION);
	EQ(olm_group_decrypt_max_plaintext_length(h.session, NULL, 0), ERROR);
	EQ(olm_inbound_group_session_last_error_code(h.session), OLM_BAD_MESSAGE_VERSION);
	/* All characters but the last, which has unused bits. */
	for (n = 0; n < good.length - 1; n++) {
		m = good;
		m.text = copied(good.text, good.length);
		m.text[n] = m.text[n] == 'A' ? 'B' : 'A';
		EQ(group_decrypted(h.session, m, (char **)&copy, NULL), ERROR);
		free(copy);
		free(m.text);
	}
	/* None of that has changed anything. */
	check_same_state(h.session, other.session);
	check_group_decrypts(h.session, good, "fifteen letters", 1000);
	EQ(olm_inbound_group_session_is_verified(h.session), 1);

	/* Fields in another order, twice, unknown ones, a wrapped index. */
	f = known_head(3, 5);
	put_byte(&f, 0x08);
	put_varint(&f, (3ull << 32) + 1000);
	put_byte(&f, 0x1a);
	put_byte(&f, 2);
	put_run(&f, 'z', 2);
	m = known_message(&h, &f, block, 16, 0, 0);
	check_group_decrypts(h.session, m, "fifteen letters", 1000);
	free(m.text);

#ifdef KARST
	/* What libolm lets pass, or would read out of bounds for. */
	{
		static const unsigned char lasts[] = {0, 17, 2, 255};
		struct hand before = hand_of(30, 1000);
		char padding[32];
		int i;

		free_hand(h);
		h = hand_of(30, 1000);
		for (i = 0; i < (int)sizeof lasts; i++) {
			CONTEXT("last byte %d", lasts[i]);
			memset(padding, lasts[i] == 17 ? 17 : 'p', 32);
			padding[31] = (char)lasts[i];
			m = known_message(&h, &head, padding, 32, 0, 0);
			check_group_refused(h.session, m, OLM_BAD_MESSAGE_MAC);
			free(m.text);
		}
		for (i = 0; i < 32; i++) {
			uint8_t keys[80];

			CONTEXT("ciphertext of %d bytes", i);
			if (i == 16)
				continue;
			f = head;
			forge_hkdf(h.ratchet, 128, "MEGOLM_KEYS", keys, 80);
			put_byte(&f, 0x12);
			put_varint(&f, (uint64_t)i);
			put_run(&f, 0x66, (size_t)i);
			m = signed_message(&h, &f, keys + 32, 0, 0);
			check_group_refused(h.session, m, OLM_BAD_MESSAGE_MAC);
			free(m.text);
		}
		check_context[0] = 0;
		check_same_state(h.session, before.session);
		free_hand(before);
	}
	/* A message that is signed and whose MAC is wrong does not move the session either. */
	{
		struct hand before = hand_of(30, 1000);

		f = known_head(3, 70000);
		m = known_message(&h, &f, block, 16, 0, 0);
		check_group_refused(h.session, m, OLM_BAD_MESSAGE_MAC);
		check_same_state(h.session, before.session);
		free(m.text);
		free_hand(before);
	}
#endif
	free(good.text);
	free_hand(h);
	free_hand(other);
	free_hand(stranger);
}

/* --- The far end -------------------------------------------------------------------------------------------------- */

/* An outbound session at this index, out of a pickle. */
static OlmOutboundGroupSession *sender_at(uint64_t seed, uint32_t index)
{
	OlmOutboundGroupSession *group = group_of(seed);
	struct forge f = {.length = 0};
	char text[331], *pickle;
	size_t n;

	/* Take the pickle apart by making it again: its raw form is the ratchet, the counter, and the key pair, of which only
	 * the private half is not known here. It is in the decrypted pickle that unpickling leaves in the buffer. */
	NEED(olm_pickle_outbound_group_session(group, "key", 3, text, 331) == 331);
	NEED(olm_unpickle_outbound_group_session(group, "key", 3, text, 331) == 331);
	put(&f, text, 232);
	NEED(f.bytes[3] == 1 && f.bytes[135] == 0);
	n = f.length;
	f.length = 132;
	put_u32(&f, index);
	f.length = n;
	pickle = forge_pickle(&f, "key", &n);
	NEED(olm_unpickle_outbound_group_session(group, "key", 3, pickle, n) == n);
	NEED(olm_outbound_group_session_message_index(group) == index);
	free(pickle);
	return group;
}

static void indices(void)
{
	static const uint32_t at[] = {0, 0x7e, 0x7f, 0xfe, 0xff, 0x3fff, 0xffff, 0x1fffff, 0xffffff, 0xfffffff, 0x7fffffff, 0xfffffffe};
	OlmOutboundGroupSession *group;
	OlmInboundGroupSession *receiver;
	struct message m, n;
	size_t i;

	for (i = 0; i < sizeof at / sizeof *at; i++) {
		CONTEXT("index %x", at[i]);
		group = sender_at(50, at[i]);
		receiver = receiver_of(group);
		EQ(olm_inbound_group_session_first_known_index(receiver), at[i]);
		m = group_encrypted(group, "at the index");
		EQ(olm_outbound_group_session_message_index(group), at[i] + 1);
		check_group_decrypts(receiver, m, "at the index", at[i]);
		if (at[i] != 0xfffffffe) {
			n = group_encrypted(group, "behind it");
			check_group_decrypts(receiver, n, "behind it", at[i] + 1);
			check_group_decrypts(receiver, m, "at the index", at[i]);
			free(n.text);
		}
		free(m.text);
		free_outbound_group_session(group);
		free_inbound_group_session(receiver);
	}
	check_context[0] = 0;

	/* Across 2^32-1: inbound sessions count modulo 2^32. */
	group = sender_at(51, 0xfffffff0);
	receiver = receiver_of(group);
	{
		uint8_t key[220];
		OlmInboundGroupSession *copy;

		EQ(olm_export_inbound_group_session(receiver, key, 220, 5), 220);
		copy = new_inbound_group_session();
		EQ(olm_import_inbound_group_session(copy, key, 220), 0);
		EQ(olm_inbound_group_session_first_known_index(copy), 5);
		EQ(olm_export_inbound_group_session(copy, key, 220, 4), ERROR);
		EQ(olm_inbound_group_session_last_error_code(copy), OLM_UNKNOWN_MESSAGE_INDEX);
		/* Half of all indices lie ahead of the latest ratchet, which is at 5 now. */
		EQ(olm_export_inbound_group_session(receiver, key, 220, 0x80000005), ERROR);
		EQ(olm_inbound_group_session_last_error_code(receiver), OLM_UNKNOWN_MESSAGE_INDEX);
		free_inbound_group_session(copy);
	}
	free_outbound_group_session(group);
	free_inbound_group_session(receiver);

	/* The last index sends nothing here; libolm begins again at 0. */
	group = sender_at(52, 0xffffffff);
	{
		size_t length = olm_group_encrypt_message_length(group, 4);
		uint8_t *out = guarded(length, UNTOUCHED);

#ifdef KARST
		EQ(olm_group_encrypt(group, (const uint8_t *)"last", 4, out, length), ERROR);
		EQ(olm_outbound_group_session_last_error_code(group), OLM_BAD_MESSAGE_MAC);
		CHECK(all(out, UNTOUCHED, length));
		EQ(olm_outbound_group_session_message_index(group), 0xffffffff);
#else
		EQ(olm_group_encrypt(group, (const uint8_t *)"last", 4, out, length), length);
		EQ(olm_outbound_group_session_message_index(group), 0);
#endif
		CHECK(unguard(out, length));
	}
	free_outbound_group_session(group);
}

int main(void)
{
	creation();
	zero_state();
	messages();
	lengths();
	session_keys();
	decrypt_errors();
	indices();
	return finish("api_group");
}
