/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * hostile [ROUNDS]: what a network may send. Messages, keys and pickles that are random, mutated, cut, or claim to be huge
 * go into every function that takes such input. None may crash, touch memory outside its buffers, return an impossible
 * length or damage a session that is in use. Reproducible: round n is the same in every run.
 */
#include "forge.h"
#include "objects.h"

static uint64_t seed;

static uint32_t drawn_below(uint32_t n)
{
	uint8_t b[4];

	fill(b, 4, ++seed);
	return ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]) % n;
}

/* --- Two arenas that end at a page nobody may touch: inputs lie at the end of one, outputs at the end of the other --- */

#define ARENA 65536
static uint8_t *input_end, *output_end;

static uint8_t *arena(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *base = mmap(NULL, ARENA + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(base != MAP_FAILED && mprotect(base + ARENA, page, PROT_NONE) == 0);
	return base + ARENA;
}

struct input {
	size_t length;
	uint8_t bytes[4096];
};

/* The input in its arena; NULL for nothing, every other time. */
static void *laid(const struct input *in)
{
	uint8_t *p = input_end - in->length;

	memset(p - 64, CANARY, 64);
	memcpy(p, in->bytes, in->length);
	return in->length || seed % 2 ? p : NULL;
}

static uint8_t *room(size_t n)
{
	memset(output_end - n - 64, CANARY, n + 64);
	return output_end - n;
}

static void check_intact(const struct input *in, size_t output)
{
	CHECK(all(input_end - in->length - 64, CANARY, 64));
	CHECK(all(output_end - output - 64, CANARY, 64));
}

/* --- Inputs --------------------------------------------------------------------------------------------------------- */

static void set_input(struct input *in, const void *data, size_t length)
{
	NEED(length <= sizeof in->bytes);
	in->length = length;
	memcpy(in->bytes, data, length);
}

static void make_random(struct input *in)
{
	size_t i;

	in->length = drawn_below(201);
	fill(in->bytes, in->length, ++seed);
	/* Two of three times characters of base64. */
	if (drawn_below(3))
		for (i = 0; i < in->length; i++)
			in->bytes[i] = (uint8_t)"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[in->bytes[i] % 64];
}

/* Protobuf of any fields in any number, with lengths that are right, wrong, or huge. */
static void make_fields(struct input *in)
{
	static const int tags[] = {0x08, 0x0a, 0x10, 0x12, 0x1a, 0x22, 0x2a, 0x30, 0x3b, 0x0d, 0x80, 0xff, 0x00};
	static const uint64_t lengths[] = {0, 1, 31, 32, 33, 64, 200, 0x7f, 0x80, 0x7fffffff, 0x80000000u, 0xffffffffu,
		0x100000000u, 0x100000020u, 0x7fffffffffffffffu, 0xffffffffffffffffu, 0xfffffffffffffff0u};
	struct forge f = {.length = 0};
	uint32_t fields = drawn_below(7), i, n;
	uint64_t length;
	char *text;

	put_byte(&f, drawn_below(4) ? 3 : (int)drawn_below(256));
	for (i = 0; i < fields; i++) {
		put_byte(&f, tags[drawn_below(sizeof tags / sizeof *tags)]);
		length = lengths[drawn_below(sizeof lengths / sizeof *lengths)];
		put_varint(&f, length);
		n = length <= 200 && drawn_below(4) ? (uint32_t)length : drawn_below(80);
		fill(f.bytes + f.length, n, ++seed);
		f.length += n;
		if (!drawn_below(8))
			put_run(&f, 0xff, drawn_below(14));
	}
	if (drawn_below(3))
		put_run(&f, (int)drawn_below(256), drawn_below(80));
	text = forge_text(&f, &in->length);
	memcpy(in->bytes, text, in->length);
	free(text);
}

/* Changes a valid text: characters, bytes under the base64, its length. */
static void mutate(struct input *in)
{
	uint8_t raw[4096];
	uint32_t i, n = 1 + drawn_below(4), at;
	size_t length;

	for (i = 0; i < n; i++) {
		at = in->length ? drawn_below((uint32_t)in->length) : 0;
		switch (drawn_below(7)) {
		case 0:
			in->bytes[at] = (uint8_t)drawn_below(256);
			break;
		case 1:
			in->length = at;
			break;
		case 2:
			if (in->length < 3000) {
				length = drawn_below(40);
				memset(in->bytes + in->length, 'A' + (int)drawn_below(26), length);
				in->length += length;
			}
			break;
		case 3:
			if (in->length > at + 4) {
				in->length -= 4;
				memmove(in->bytes + at, in->bytes + at + 4, in->length - at);
			}
			break;
		case 4:
			length = forge_unbase64((char *)in->bytes, in->length, raw);
			if (length)
				raw[drawn_below((uint32_t)(length > 12 && drawn_below(2) ? 12 : length))] ^= (uint8_t)(1 << drawn_below(8));
			in->length = forge_base64(raw, length, (char *)in->bytes);
			break;
		case 5:
			length = forge_unbase64((char *)in->bytes, in->length, raw);
			if (length > 3)
				memset(raw + drawn_below((uint32_t)length - 2), drawn_below(2) ? 0xff : 0, 2);
			in->length = forge_base64(raw, length, (char *)in->bytes);
			break;
		default:
			if (in->length)
				in->bytes[at] = "=-_ \n\r\t./"[drawn_below(9)];
			break;
		}
	}
}

static void make(struct input *in, const char *valid, size_t length)
{
	switch (drawn_below(4)) {
	case 0:
		make_random(in);
		break;
	case 1:
		make_fields(in);
		break;
	default:
		set_input(in, valid, length);
		mutate(in);
	}
}

/* --- The calls ------------------------------------------------------------------------------------------------------ */

static struct world {
	OlmAccount *alice, *bob;
	OlmSession *a, *b, *fresh;
	OlmOutboundGroupSession *group, *fresh_outbound;
	OlmInboundGroupSession *receiver, *fresh_inbound;
	OlmPkEncryption *encryption;
	OlmPkDecryption *decryption;
	OlmUtility *utility;
	OlmSAS *sas;
	struct message first, normal, to_all;
	char identity[44], session_key[306], exported[220], ciphertext[64], mac[11], ephemeral[43], signature[86], sas_key[43];
	char *pickles[5];
	size_t pickle_lengths[5];
} w;

static void build(void)
{
	uint8_t random[160];

	w.alice = account_of(1, 2);
	w.bob = account_of(2, 2);
	w.a = outbound_of(w.alice, w.bob, 3);
	w.first = encrypted(w.a, "first", 5, 4);
	w.b = inbound_of(w.bob, w.first);
	check_decrypts(w.b, w.first, "first");
	w.normal = encrypted(w.b, "normal", 6, 5);
	check_decrypts(w.a, w.normal, "normal");
	w.fresh = new_session();
	w.group = group_of(6);
	w.fresh_outbound = new_outbound_group_session();
	NEED(olm_outbound_group_session_key(w.group, (uint8_t *)w.session_key, 306) == 306);
	w.receiver = receiver_of(w.group);
	w.fresh_inbound = new_inbound_group_session();
	NEED(olm_export_inbound_group_session(w.receiver, (uint8_t *)w.exported, 220, 5) == 220);
	w.to_all = group_encrypted(w.group, "to all of you");
	identity_key_of(w.alice, w.identity);
	w.encryption = new_pk_encryption();
	w.decryption = new_pk_decryption();
	fill(random, 32, 7);
	NEED(olm_pk_key_from_private(w.decryption, w.ephemeral, 43, random, 32) == 0);
	NEED(olm_pk_encryption_set_recipient_key(w.encryption, w.ephemeral, 43) == 0);
	fill(random, 32, 8);
	NEED(olm_pk_encrypt(w.encryption, "0123456789abcdef0123456789abcdef", 32, w.ciphertext, 64, w.mac, 11, w.ephemeral, 43,
		random, 32) == 8);
	w.utility = new_utility();
	NEED(olm_account_sign(w.alice, "signed", 6, w.signature, 86) == 86);
	w.sas = new_sas();
	fill(random, 32, 9);
	NEED(olm_create_sas(w.sas, random, 32) == 0);
	NEED(olm_sas_get_pubkey(w.sas, w.sas_key, 43) == 0);
	w.pickles[0] = account_pickle(w.alice, &w.pickle_lengths[0]);
	w.pickles[1] = session_pickle(w.a, &w.pickle_lengths[1]);
	w.pickles[2] = malloc(416);
	NEED((w.pickle_lengths[2] = olm_pickle_inbound_group_session(w.receiver, "key", 3, w.pickles[2], 416)) == 416);
	w.pickles[3] = malloc(331);
	NEED((w.pickle_lengths[3] = olm_pickle_outbound_group_session(w.group, "key", 3, w.pickles[3], 331)) == 331);
	w.pickles[4] = malloc(118);
	NEED((w.pickle_lengths[4] = olm_pickle_pk_decryption(w.decryption, "key", 3, w.pickles[4], 118)) == 118);
}

static void demolish(void)
{
	int i;

	free_account(w.alice);
	free_account(w.bob);
	free_session(w.a);
	free_session(w.b);
	free_session(w.fresh);
	free_outbound_group_session(w.group);
	free_outbound_group_session(w.fresh_outbound);
	free_inbound_group_session(w.receiver);
	free_inbound_group_session(w.fresh_inbound);
	free_pk_encryption(w.encryption);
	free_pk_decryption(w.decryption);
	free_utility(w.utility);
	free_sas(w.sas);
	free(w.first.text);
	free(w.normal.text);
	free(w.to_all.text);
	for (i = 0; i < 5; i++)
		free(w.pickles[i]);
}

static void olm_message(void)
{
	struct input in;
	size_t type = drawn_below(3), limit, n, size;
	OlmSession *session = drawn_below(2) ? w.a : w.b;

	if (drawn_below(2))
		make(&in, w.first.text, w.first.length);
	else
		make(&in, w.normal.text, w.normal.length);
	room(0);
	limit = olm_decrypt_max_plaintext_length(session, type, laid(&in), in.length);
	check_intact(&in, 0);
	CHECK(limit == ERROR || limit <= in.length);
	size = limit == ERROR ? drawn_below(100) : drawn_below(3) ? limit : drawn_below((uint32_t)limit + 20);
	n = olm_decrypt(session, type, laid(&in), in.length, room(size), size);
	CHECK(n == ERROR || n <= size);
	check_intact(&in, size);
}

static void inbound_message(void)
{
	struct input in;
	OlmSession *session = w.fresh;
	size_t n, size;

	make(&in, w.first.text, w.first.length);
	room(0);
	switch (drawn_below(4)) {
	case 0:
		n = olm_create_inbound_session(session, w.bob, laid(&in), in.length);
		CHECK(n == 0 || n == ERROR);
		break;
	case 1:
#ifdef KARST
		n = olm_create_inbound_session_from(session, w.bob, w.identity, 43, laid(&in), in.length);
		CHECK(n == 0 || n == ERROR);
		break;
#else
		/* libolm reads from address 0 if the message does not say who sends it. */
		return;
#endif
	case 2:
		n = olm_matches_inbound_session(w.b, laid(&in), in.length);
		CHECK(n == 0 || n == 1 || n == ERROR);
		break;
	default:
		n = olm_matches_inbound_session_from(w.b, w.identity, 43, laid(&in), in.length);
		CHECK(n == 0 || n == 1 || n == ERROR);
	}
	check_intact(&in, 0);
	/* What a session is made of must not matter to what it does next. */
	if (n == 0 && !drawn_below(3)) {
		size = olm_decrypt(session, drawn_below(2), laid(&in), in.length, room(100), 100);
		CHECK(size == ERROR || size <= 100);
		check_intact(&in, 100);
	}
	olm_clear_session(session);
}

static void group_message(void)
{
	struct input in;
	size_t limit, n, size;
	uint32_t index;

	make(&in, w.to_all.text, w.to_all.length);
	room(0);
	limit = olm_group_decrypt_max_plaintext_length(w.receiver, laid(&in), in.length);
	check_intact(&in, 0);
	CHECK(limit == ERROR || limit <= in.length);
	size = limit == ERROR ? drawn_below(100) : drawn_below(3) ? limit : drawn_below((uint32_t)limit + 20);
	n = olm_group_decrypt(w.receiver, laid(&in), in.length, room(size), size, drawn_below(2) ? &index : NULL);
	CHECK(n == ERROR || n <= size);
	check_intact(&in, size);
}

static void session_keys(void)
{
	struct input in;
	size_t n;
	uint8_t *p;

	room(0);
	if (drawn_below(2)) {
		make(&in, w.session_key, 306);
		p = laid(&in);
		n = olm_init_inbound_group_session(w.fresh_inbound, p, in.length);
	} else {
		make(&in, w.exported, 220);
		p = laid(&in);
		n = olm_import_inbound_group_session(w.fresh_inbound, p, in.length);
	}
	CHECK(n == 0 || n == ERROR);
	CHECK(!in.length || memcmp(p, in.bytes, in.length) == 0);
	check_intact(&in, 0);
	if (n == 0) {
		/* Any ratchet at any index: far jumps end too. */
		struct input m;
		uint8_t key[220];

		olm_export_inbound_group_session(w.fresh_inbound, key, 220, drawn_below(0xffffffff));
		make(&m, w.to_all.text, w.to_all.length);
		n = olm_group_decrypt(w.fresh_inbound, laid(&m), m.length, room(100), 100, NULL);
		CHECK(n == ERROR || n <= 100);
		check_intact(&m, 100);
	}
	olm_clear_inbound_group_session(w.fresh_inbound);
}

static void public_keys(void)
{
	struct input in, other = {0};
	uint8_t random[64];
	size_t n;

	fill(random, 64, ++seed);
	room(0);
	switch (drawn_below(4)) {
	case 0:
		make(&in, w.identity, 43);
		n = olm_create_outbound_session(w.fresh, w.alice, laid(&in), in.length, w.sas_key, 43, random, 64);
		CHECK(n == 0 || n == ERROR);
		olm_clear_session(w.fresh);
		break;
	case 1:
		make(&in, w.sas_key, 43);
		n = olm_sas_set_their_key(w.sas, laid(&in), in.length);
		CHECK(n == 0 || n == ERROR);
		break;
	case 2:
		make(&in, w.identity, 43);
		n = olm_pk_encryption_set_recipient_key(w.encryption, laid(&in), in.length);
		CHECK(n == 0 || n == ERROR);
		n = olm_pk_encrypt(w.encryption, "x", 1, room(22 + 11 + 43), 22, output_end - 54, 11, output_end - 43, 43, random, 32);
		CHECK(n == 8 || n == ERROR);
		check_intact(&in, 22 + 11 + 43);
		room(0);
		break;
	default:
		make(&in, w.signature, 86);
		make(&other, w.identity, 43);
		n = olm_ed25519_verify(w.utility, other.bytes, drawn_below(4) ? 43 : other.length, "signed", 6, laid(&in), in.length);
		CHECK(n == 0 || n == ERROR);
	}
	check_intact(&in, 0);
}

static void pk_message(void)
{
	struct input in;
	size_t limit, n;
	char mac[11], ephemeral[43];

	make(&in, w.ciphertext, 64);
	limit = olm_pk_max_plaintext_length(w.decryption, in.length);
	CHECK(limit == ERROR || limit <= in.length);
#ifndef KARST
	/* The MAC does not cover the length, and libolm decrypts half blocks out of bounds. */
	if (limit == 0 || limit % 16)
		return;
#endif
	memcpy(mac, w.mac, 11);
	memcpy(ephemeral, w.ephemeral, 43);
	if (!drawn_below(4))
		mac[drawn_below(11)] = (char)drawn_below(256);
	if (!drawn_below(4))
		ephemeral[drawn_below(43)] = (char)drawn_below(256);
	if (limit == ERROR)
		limit = drawn_below(300);
	n = olm_pk_decrypt(w.decryption, ephemeral, drawn_below(9) ? 43 : drawn_below(44), mac, drawn_below(9) ? 11 : drawn_below(12),
		laid(&in), in.length, room(limit), limit);
	CHECK(n == ERROR || n <= limit);
	check_intact(&in, limit);
}

static void pickles(void)
{
	struct input in;
	uint32_t kind = drawn_below(5);
	size_t n;
	char key[43];
	uint8_t *p;

	make(&in, w.pickles[kind], w.pickle_lengths[kind]);
	room(0);
	p = laid(&in);
	switch (kind) {
	case 0:
		n = olm_unpickle_account(w.bob, "key", 3, p, in.length);
		break;
	case 1:
		n = olm_unpickle_session(w.fresh, "key", 3, p, in.length);
		break;
	case 2:
		n = olm_unpickle_inbound_group_session(w.fresh_inbound, "key", 3, p, in.length);
		break;
	case 3:
		n = olm_unpickle_outbound_group_session(w.fresh_outbound, "key", 3, p, in.length);
		break;
	default:
		n = olm_unpickle_pk_decryption(w.decryption, "key", 3, p, in.length, drawn_below(2) ? key : NULL, drawn_below(45));
	}
	CHECK(n == ERROR || n == in.length);
	check_intact(&in, 0);
	/* A wrong MAC is found before anything is changed; but a mutation may have changed nothing. */
	if (n != ERROR && kind == 0) {
		free_account(w.bob);
		w.bob = account_of(2, 2);
	}
	olm_clear_session(w.fresh);
	olm_clear_inbound_group_session(w.fresh_inbound);
	olm_clear_outbound_group_session(w.fresh_outbound);
}

#ifdef KARST
/* Pickles that are authentic and make no sense: whoever has the key may have written anything. What can be read is used. */
static void crafted_pickles(void)
{
	struct forge f = {.length = 0};
	uint32_t kind = drawn_below(4), i, n;
	struct input in;
	uint8_t random[160];
	char *text;
	size_t length;
	int again;

	/* A right beginning, counts that are small or enormous, and noise. */
	put_u32(&f, kind == 0 ? 2 + drawn_below(3) : kind == 2 ? 1 + drawn_below(2) : 1);
	n = drawn_below(900);
	fill(f.bytes + f.length, n, ++seed);
	f.length += n;
	if (kind == 0 && f.length > 200) {
		memset(f.bytes + 164, 0, 4);
		f.bytes[167 - (drawn_below(9) ? 0 : drawn_below(4))] = (uint8_t)drawn_below(12);
	}
	if (kind == 1 && f.length > 150) {
		memset(f.bytes + 133, 0, 4);
		f.bytes[136 - (drawn_below(9) ? 0 : drawn_below(4))] = (uint8_t)drawn_below(3);
		i = 137 + 100u * f.bytes[136];
		if (f.length > i + 4) {
			memset(f.bytes + i, 0, 4);
			f.bytes[i + 3] = (uint8_t)drawn_below(7);
			i += 4 + 68u * f.bytes[i + 3];
			if (f.length > i + 4) {
				memset(f.bytes + i, 0, 4);
				f.bytes[i + 3] = (uint8_t)drawn_below(12);
				/* Half of them end where the count says. */
				if (drawn_below(2) && f.length > i + 4 + 68u * f.bytes[i + 3])
					f.length = i + 4 + 68u * f.bytes[i + 3];
			}
		}
	}
	if (kind == 2 && drawn_below(2)) {
		f.length = 301;
		f.bytes[3] = 2;
	}
	if (kind == 3 && drawn_below(2))
		f.length = 232;
	text = forge_pickle(&f, "key", &length);
	set_input(&in, text, length);
	free(text);
	fill(random, 160, ++seed);
	room(0);
	switch (kind) {
	case 0:
		if (olm_unpickle_account(w.bob, "key", 3, laid(&in), in.length) != ERROR) {
			n = (uint32_t)olm_account_one_time_keys_length(w.bob);
			CHECK(olm_account_one_time_keys(w.bob, room(n), n) == n);
			check_intact(&in, n);
			olm_account_generate_one_time_keys(w.bob, 1, random, 32);
			olm_account_generate_fallback_key(w.bob, random + 32, 32);
			olm_account_mark_keys_as_published(w.bob);
			n = (uint32_t)olm_pickle_account_length(w.bob);
			CHECK(olm_pickle_account(w.bob, "key", 3, room(n), n) == n);
			check_intact(&in, n);
			set_input(&in, w.first.text, w.first.length);
			room(0);
			CHECK(olm_create_inbound_session(w.fresh, w.bob, laid(&in), in.length) == ERROR);
		}
		free_account(w.bob);
		w.bob = account_of(2, 2);
		break;
	case 1:
		if (olm_unpickle_session(w.fresh, "key", 3, laid(&in), in.length) != ERROR) {
			olm_session_describe(w.fresh, (char *)room(300), 300);
			check_intact(&in, 300);
			for (again = 0; again < 3; again++) {
				n = (uint32_t)olm_encrypt_message_length(w.fresh, 20);
				length = olm_encrypt(w.fresh, random + 32, 20, random, 32, room(n), n);
				CHECK(length == n || length == ERROR);
				check_intact(&in, n);
			}
			make(&in, w.normal.text, w.normal.length);
			length = olm_decrypt(w.fresh, 1, laid(&in), in.length, room(200), 200);
			CHECK(length == ERROR || length <= 200);
			check_intact(&in, 200);
			n = (uint32_t)olm_pickle_session_length(w.fresh);
			CHECK(olm_pickle_session(w.fresh, "key", 3, room(n), n) == n);
			check_intact(&in, n);
		}
		break;
	case 2:
		if (olm_unpickle_inbound_group_session(w.fresh_inbound, "key", 3, laid(&in), in.length) != ERROR) {
			olm_export_inbound_group_session(w.fresh_inbound, room(220), 220, drawn_below(0xffffffff));
			check_intact(&in, 220);
			set_input(&in, w.to_all.text, w.to_all.length);
			CHECK(olm_group_decrypt(w.fresh_inbound, laid(&in), in.length, room(100), 100, NULL) == ERROR);
			check_intact(&in, 100);
		}
		break;
	default:
		if (olm_unpickle_outbound_group_session(w.fresh_outbound, "key", 3, laid(&in), in.length) != ERROR) {
			n = (uint32_t)olm_group_encrypt_message_length(w.fresh_outbound, 20);
			length = olm_group_encrypt(w.fresh_outbound, random, 20, room(n), n);
			CHECK(length == n || length == ERROR);
			/* Zeros in the place of a key are those of a session that was never set up. */
			length = olm_outbound_group_session_key(w.fresh_outbound, room(306), 306);
			CHECK(length == 306 || (length == ERROR && olm_outbound_group_session_last_error_code(w.fresh_outbound) == OLM_BAD_SESSION_KEY));
			check_intact(&in, 306);
		}
	}
	olm_clear_session(w.fresh);
	olm_clear_inbound_group_session(w.fresh_inbound);
	olm_clear_outbound_group_session(w.fresh_outbound);
}
#endif

/* Every length from nothing to 200 of one character, into everything. */
static void every_length(void)
{
	static const char characters[] = "A/=\xff";
	struct input in;
	size_t i;
	uint32_t index;

	for (i = 0; characters[i]; i++) {
		for (in.length = 0; in.length <= 200; in.length++) {
			CONTEXT("%zu times %02x", in.length, (uint8_t)characters[i]);
			seed = in.length;
			memset(in.bytes, characters[i], in.length);
			room(0);
			EQ(olm_decrypt(w.a, 0, laid(&in), in.length, NULL, 0), ERROR);
			EQ(olm_decrypt(w.a, 1, laid(&in), in.length, NULL, 0), ERROR);
			olm_decrypt_max_plaintext_length(w.a, 0, laid(&in), in.length);
			olm_decrypt_max_plaintext_length(w.a, 1, laid(&in), in.length);
			EQ(olm_create_inbound_session(w.fresh, w.bob, laid(&in), in.length), ERROR);
			EQ(olm_group_decrypt(w.receiver, laid(&in), in.length, NULL, 0, &index), ERROR);
			olm_group_decrypt_max_plaintext_length(w.receiver, laid(&in), in.length);
			EQ(olm_init_inbound_group_session(w.fresh_inbound, laid(&in), in.length), ERROR);
			EQ(olm_import_inbound_group_session(w.fresh_inbound, laid(&in), in.length), ERROR);
			EQ(olm_unpickle_account(w.bob, "key", 3, laid(&in), in.length), ERROR);
			EQ(olm_unpickle_session(w.fresh, "key", 3, laid(&in), in.length), ERROR);
			EQ(olm_unpickle_inbound_group_session(w.fresh_inbound, "key", 3, laid(&in), in.length), ERROR);
			EQ(olm_unpickle_outbound_group_session(w.fresh_outbound, "key", 3, laid(&in), in.length), ERROR);
			EQ(olm_unpickle_pk_decryption(w.decryption, "key", 3, laid(&in), in.length, NULL, 0), ERROR);
			EQ(olm_ed25519_verify(w.utility, w.identity, 43, "m", 1, laid(&in), in.length), ERROR);
			check_intact(&in, 0);
		}
	}
	check_context[0] = 0;
}

/* The sessions that were attacked go on as if nothing had been. */
static void still_works(void)
{
	char *text;
	struct message m;
	size_t n;

	check_conversation(w.a, w.b, "still there?", ++seed);
	check_conversation(w.b, w.a, "still here", ++seed);
	check_group_decrypts(w.receiver, w.to_all, "to all of you", 0);
	m = group_encrypted(w.group, "next");
	n = group_decrypted(w.receiver, m, &text, NULL);
	if (CHECK(n != ERROR))
		TEXT(text, n, "next");
	free(text);
	free(m.text);
}

int main(int argc, char **argv)
{
	static void (*const attacks[])(void) = {
		olm_message, inbound_message, group_message, session_keys, public_keys, pk_message, pickles,
#ifdef KARST
		crafted_pickles,
#endif
	};
	long rounds = argc > 1 ? atol(argv[1]) : 100000, i;

	input_end = arena();
	output_end = arena();
	build();
	every_length();
	seed = 1u << 20;
	for (i = 0; i < rounds; i++) {
		CONTEXT("round %ld", i);
		attacks[i % (long)(sizeof attacks / sizeof *attacks)]();
		if (i % 997 == 0)
			still_works();
	}
	check_context[0] = 0;
	still_works();
	demolish();
	printf("%ld hostile inputs\n", i + 4 * 201 * 15);
	return finish("hostile");
}
