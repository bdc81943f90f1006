/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Public key encryption with its empty MAC, and signing keys.
 */
#include "forge.h"
#include "objects.h"

struct pair {
	OlmPkDecryption *decryption;
	OlmPkEncryption *encryption;
	char key[43];
};

static struct pair pair_of(uint64_t seed)
{
	struct pair p;
	uint8_t *private = drawn(32, seed);

	p.decryption = new_pk_decryption();
	p.encryption = new_pk_encryption();
	NEED(olm_pk_key_from_private(p.decryption, p.key, 43, private, 32) == 0);
	NEED(olm_pk_encryption_set_recipient_key(p.encryption, p.key, 43) == 0);
	free(private);
	return p;
}

static void free_pair(struct pair p)
{
	free_pk_decryption(p.decryption);
	free_pk_encryption(p.encryption);
}

static uint8_t private_key[32];

static size_t key_from_private(void *o, void *out, size_t n)
{
	return olm_pk_key_from_private(o, out, n, private_key, 32);
}

static size_t generate_key(void *o, void *out, size_t n)
{
	return olm_pk_generate_key(o, out, n, private_key, 32);
}

static size_t get_private_key(void *o, void *out, size_t n) { return olm_pk_get_private_key(o, out, n); }
static size_t pickle(void *o, void *out, size_t n) { return olm_pickle_pk_decryption(o, "key", 3, out, n); }
static size_t signing_key(void *o, void *out, size_t n) { return olm_pk_signing_key_from_seed(o, out, n, private_key, 32); }
static size_t sign(void *o, void *out, size_t n) { return olm_pk_sign(o, (const uint8_t *)"message", 7, out, n); }

static void keys(void)
{
	OlmPkDecryption *d = new_pk_decryption(), *other = new_pk_decryption();
	uint8_t *out, *second, raw[40];
	char text[118], zero[43];
	size_t n;

	fill(private_key, 32, 1);
	out = check_output("key_from_private", key_from_private, code_pk_decryption, d, 43, 0, 1);
	second = check_output("generate_key", generate_key, code_pk_decryption, other, 43, 0, 1);
	SAME(out, second, 43);
	free(second);
	second = check_output("get_private_key", get_private_key, code_pk_decryption, d, 32, 32, 1);
	/* As given: not clamped, and the input is left alone. */
	SAME(second, private_key, 32);
	fill(raw, 32, 1);
	SAME(raw, private_key, 32);
	free(second);
	free(check_output("pickle_pk_decryption", pickle, code_pk_decryption, d, 118, 118, 1));

	for (n = 0; n < 32; n++) {
		memset(text, UNTOUCHED, 43);
		EQ(olm_pk_key_from_private(d, text, 43, private_key, n), ERROR);
		EQ(olm_pk_decryption_last_error_code(d), OLM_INPUT_BUFFER_TOO_SMALL);
		EQ(olm_pk_generate_key(d, text, 43, private_key, n), ERROR);
		CHECK(all(text, UNTOUCHED, 43));
		/* The output first. */
		EQ(olm_pk_key_from_private(d, text, 42, private_key, n), ERROR);
		EQ(olm_pk_decryption_last_error_code(d), OLM_OUTPUT_BUFFER_TOO_SMALL);
	}
	/* Only the first 32 bytes count. */
	memcpy(raw, private_key, 32);
	raw[32] = 77;
	EQ(olm_pk_key_from_private(other, text, 43, raw, 33), 0);
	SAME(text, out, 43);

	/* A pickle tells the public key to who asks for it, and checks the room before anything else. */
	EQ(olm_pickle_pk_decryption(d, "key", 3, text, 118), 118);
	second = copied(text, 118);
	EQ(olm_unpickle_pk_decryption(other, "key", 3, second, 118, zero, 42), ERROR);
	EQ(olm_pk_decryption_last_error_code(other), OLM_OUTPUT_BUFFER_TOO_SMALL);
	SAME(second, text, 118);
	EQ(olm_unpickle_pk_decryption(other, "key", 3, second, 118, zero, 43), 118);
	SAME(zero, out, 43);
	memcpy(second, text, 118);
	EQ(olm_unpickle_pk_decryption(other, "key", 3, second, 118, NULL, 0), 118);
	free(second);
	free(out);

	/* Without a key: libolm tells zeros. They have a pickle, as in libolm, and are not used. */
	EQ(olm_clear_pk_decryption(d), olm_pk_decryption_size());
#ifdef KARST
	EQ(olm_pk_get_private_key(d, raw, 32), ERROR);
	EQ(olm_pk_decryption_last_error_code(d), OLM_BAD_ACCOUNT_KEY);
#endif
	EQ(olm_pickle_pk_decryption(d, "key", 3, text, 118), 118);
	EQ(olm_unpickle_pk_decryption(other, "key", 3, text, 118, zero, 43), 118);
	TEXT(zero, 43, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
#ifdef KARST
	EQ(olm_pk_get_private_key(other, raw, 32), ERROR);
	EQ(olm_pk_decryption_last_error_code(other), OLM_BAD_ACCOUNT_KEY);
#endif
	free_pk_decryption(d);
	free_pk_decryption(other);
}

static void recipient(void)
{
	struct pair p = pair_of(5);
	OlmPkEncryption *e = new_pk_encryption();
	char key[60], c1[22], c2[22], m1[11], m2[11], k1[43], k2[43];
	uint8_t random[32];
	size_t n;

	memcpy(key, p.key, 43);
	memset(key + 43, '#', sizeof key - 43);
	for (n = 0; n < 43; n++) {
		EQ(olm_pk_encryption_set_recipient_key(e, n ? key : NULL, n), ERROR);
		EQ(olm_pk_encryption_last_error_code(e), OLM_INPUT_BUFFER_TOO_SMALL);
	}
	/* What lies behind the key is ignored. */
	EQ(olm_pk_encryption_set_recipient_key(e, key, 60), 0);
	EQ(olm_pk_encryption_last_error_code(e), OLM_INPUT_BUFFER_TOO_SMALL);
	fill(random, 32, 6);
	EQ(olm_pk_encrypt(e, "x", 1, c1, 22, m1, 11, k1, 43, random, 32), 8);
	EQ(olm_pk_encrypt(p.encryption, "x", 1, c2, 22, m2, 11, k2, 43, random, 32), 8);
	SAME(c1, c2, 22);
	SAME(m1, m2, 11);
	SAME(k1, k2, 43);
#ifdef KARST
	/* No recipient, or one that forces a known secret: libolm encrypts for everybody to read. */
	EQ(olm_clear_pk_encryption(e), olm_pk_encryption_size());
	memset(c1, UNTOUCHED, 22);
	EQ(olm_pk_encrypt(e, "x", 1, c1, 22, m1, 11, k1, 43, random, 32), ERROR);
	EQ(olm_pk_encryption_last_error_code(e), OLM_INVALID_BASE64);
	CHECK(all(c1, UNTOUCHED, 22));
	EQ(olm_pk_encryption_set_recipient_key(e, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 43), 0);
	EQ(olm_pk_encrypt(e, "x", 1, c1, 22, m1, 11, k1, 43, random, 32), ERROR);
	EQ(olm_pk_encryption_last_error_code(e), OLM_INVALID_BASE64);
	CHECK(all(c1, UNTOUCHED, 22));
	/* libolm takes room for 8 characters of the MAC as enough, and writes 11. */
	EQ(olm_pk_encrypt(p.encryption, "x", 1, c1, 22, m1, 10, k1, 43, random, 32), ERROR);
	EQ(olm_pk_encryption_last_error_code(p.encryption), OLM_OUTPUT_BUFFER_TOO_SMALL);
#endif
	free_pk_encryption(e);
	free_pair(p);
}

static void messages(void)
{
	struct pair p = pair_of(10);
	uint8_t *plaintext, *ciphertext, *mac, *key, *random, *out;
	char first_mac[11];
	size_t n, length, limit, i;

	fill(private_key, 32, 11);
	for (n = 0; n < 300; n += n < 70 ? 1 : 41) {
		CONTEXT("plaintext of %zu bytes", n);
		length = olm_pk_ciphertext_length(p.encryption, n);
		EQ(length, ((n / 16 + 1) * 16 * 4 + 2) / 3);
		plaintext = guarded(n, 0);
		fill(plaintext, n, n + 12);
		/* Each output one short, in front of the random bytes. */
		for (i = 0; i < 3; i++) {
			ciphertext = guarded(length - (i == 0), UNTOUCHED);
			mac = guarded(i == 1 ? 7 : 11, UNTOUCHED);
			key = guarded(43 - (i == 2), UNTOUCHED);
			EQ(olm_pk_encrypt(p.encryption, plaintext, n, ciphertext, length - (i == 0), mac, i == 1 ? 7 : 11, key,
				43 - (i == 2), private_key, n % 2 ? 32 : 0), ERROR);
			EQ(olm_pk_encryption_last_error_code(p.encryption), OLM_OUTPUT_BUFFER_TOO_SMALL);
			CHECK(all(ciphertext, UNTOUCHED, length - (i == 0)));
			CHECK(all(mac, UNTOUCHED, i == 1 ? 7 : 11));
			CHECK(all(key, UNTOUCHED, 43 - (i == 2)));
			CHECK(unguard(ciphertext, length - (i == 0)));
			CHECK(unguard(mac, i == 1 ? 7 : 11));
			CHECK(unguard(key, 43 - (i == 2)));
		}
		ciphertext = guarded(length + 3, UNTOUCHED);
		mac = guarded(11 + 3, UNTOUCHED);
		key = guarded(43 + 3, UNTOUCHED);
		random = guarded_copy(private_key, 32);
		EQ(olm_pk_encrypt(p.encryption, plaintext, n, ciphertext, length + 3, mac, 14, key, 46, random, n % 32), ERROR);
		EQ(olm_pk_encryption_last_error_code(p.encryption), OLM_NOT_ENOUGH_RANDOM);
		CHECK(all(ciphertext, UNTOUCHED, length + 3));
		EQ(olm_pk_encrypt(p.encryption, n ? plaintext : NULL, n, ciphertext, length + 3, mac, 14, key, 46, random, 32), 8);
#ifdef KARST
		/* Here libolm works at the end of the buffer, however long it is. */
		CHECK(all(ciphertext + length, UNTOUCHED, 3));
#endif
		CHECK(all(mac + 11, UNTOUCHED, 3));
		CHECK(all(key + 43, UNTOUCHED, 3));
		SAME(random, private_key, 32);
		CHECK(unguard(random, 32));
		/* The MAC says nothing of the message. */
		if (!n)
			memcpy(first_mac, mac, 11);
		SAME(mac, first_mac, 11);

		limit = olm_pk_max_plaintext_length(p.decryption, length);
		EQ(limit, (n / 16 + 1) * 16);
		out = copied(ciphertext, length);
		{
			uint8_t *room = guarded(limit - 1, UNTOUCHED);

			EQ(olm_pk_decrypt(p.decryption, key, 43, mac, 11, out, length, room, limit - 1), ERROR);
			EQ(olm_pk_decryption_last_error_code(p.decryption), OLM_OUTPUT_BUFFER_TOO_SMALL);
			SAME(out, ciphertext, length);
			CHECK(all(room, UNTOUCHED, limit - 1));
			CHECK(unguard(room, limit - 1));
		}
		free(out);
		out = guarded(limit + 5, UNTOUCHED);
		random = copied(ciphertext, length);
		EQ(olm_pk_decrypt(p.decryption, key, 43, mac, 11, ciphertext, length, out, limit + 5), n);
		SAME(out, plaintext, n);
		CHECK(all(out + limit, UNTOUCHED, 5));
		CHECK(memcmp(random, ciphertext, length) != 0);
		free(random);
		CHECK(unguard(out, limit + 5));
		CHECK(unguard(ciphertext, length + 3));
		CHECK(unguard(mac, 14));
		CHECK(unguard(key, 46));
		CHECK(unguard(plaintext, n));
	}
	check_context[0] = 0;
	free_pair(p);
}

static void decrypt_errors(void)
{
	struct pair p = pair_of(20), stranger = pair_of(21);
	char ciphertext[64], mac[12], key[45], copy[64];
	uint8_t out[64];
	size_t n;

	fill(private_key, 32, 22);
	memset(mac, 'A', sizeof mac);
	memset(key, 'A', sizeof key);
	EQ(olm_pk_encrypt(p.encryption, "0123456789abcdef0123456789abcdef", 32, ciphertext, 64, mac, 11, key, 43, private_key, 32), 8);

#define REFUSED(pair, key_length, mac_length, length, room, code) do { \
		memcpy(copy, ciphertext, 64); \
		EQ(olm_pk_decrypt((pair).decryption, key, key_length, mac, mac_length, copy, length, out, room), ERROR); \
		EQ(olm_pk_decryption_last_error_code((pair).decryption), code); \
	} while (0)
	for (n = 0; n <= 45; n++)
		if (n != 43)
			REFUSED(p, n, 11, 64, 64, OLM_INVALID_BASE64);
	for (n = 0; n <= 12; n++)
		if (n != 11)
			REFUSED(p, 43, n, 64, 64, OLM_INVALID_BASE64);
	/* Room first: for an impossible length no room is enough. */
	REFUSED(p, 42, 10, 64, 47, OLM_OUTPUT_BUFFER_TOO_SMALL);
	for (n = 1; n < 64; n += 4) {
		EQ(olm_pk_max_plaintext_length(p.decryption, n), ERROR);
		REFUSED(p, 43, 11, n, 64, OLM_OUTPUT_BUFFER_TOO_SMALL);
	}
	REFUSED(stranger, 43, 11, 64, 64, OLM_BAD_MESSAGE_MAC);
	mac[3] = mac[3] == 'A' ? 'B' : 'A';
	REFUSED(p, 43, 11, 64, 64, OLM_BAD_MESSAGE_MAC);
	mac[3] = mac[3] == 'A' ? 'B' : 'A';
	EQ(olm_pk_encrypt(p.encryption, "0123456789abcdef0123456789abcdef", 32, ciphertext, 64, mac, 11, key, 43, private_key, 32), 8);
	key[7] = key[7] == 'A' ? 'B' : 'A';
	REFUSED(p, 43, 11, 64, 64, OLM_BAD_MESSAGE_MAC);
	EQ(olm_pk_encrypt(p.encryption, "0123456789abcdef0123456789abcdef", 32, ciphertext, 64, mac, 11, key, 43, private_key, 32), 8);

	/* A changed first block goes unnoticed: known, kept, and documented. */
	memcpy(copy, ciphertext, 64);
	copy[3] = copy[3] == 'A' ? 'B' : 'A';
	EQ(olm_pk_decrypt(p.decryption, key, 43, mac, 11, copy, 64, out, 64), 32);
	CHECK(memcmp(out, "0123456789abcdef0123456789abcdef", 32) != 0);
	CHECK(memcmp(out + 19, "3456789abcdef", 13) == 0);
#ifdef KARST
	/* Lengths that are not of whole blocks, and nothing at all: libolm reads out of bounds. */
	for (n = 0; n < 64; n++)
		if (n % 4 != 1 && n * 3 / 4 % 16)
			REFUSED(p, 43, 11, n, 64, OLM_BAD_MESSAGE_MAC);
	REFUSED(p, 43, 11, 0, 64, OLM_BAD_MESSAGE_MAC);
	EQ(olm_pk_decrypt(p.decryption, key, 43, mac, 11, NULL, 0, NULL, 0), ERROR);
	EQ(olm_pk_decryption_last_error_code(p.decryption), OLM_BAD_MESSAGE_MAC);
	/* Cut to two blocks, where the padding is not padding. */
	REFUSED(p, 43, 11, 43, 64, OLM_BAD_MESSAGE_MAC);
	/* An ephemeral key that forces a known secret, with the MAC that belongs to it. */
	{
		uint8_t zeros[32] = {0}, keys[80], tag[32];

		forge_hkdf(zeros, 32, "", keys, 80);
		forge_hmac(keys + 32, 32, "", 0, tag);
		forge_base64(tag, 8, mac);
		memset(key, 'A', 43);
		REFUSED(p, 43, 11, 64, 64, OLM_BAD_MESSAGE_MAC);
	}
#endif
#undef REFUSED
	free_pair(p);
	free_pair(stranger);
}

static void signing(void)
{
	OlmPkSigning *s = new_pk_signing();
	OlmUtility *utility = new_utility();
	uint8_t *key, message[200], signature[86];
	char text[43];
	size_t n;

	fill(private_key, 32, 30);
	key = check_output("signing_key_from_seed", signing_key, code_pk_signing, s, 43, 0, 1);
	free(check_output("sign", sign, code_pk_signing, s, 86, 86, 1));
	for (n = 0; n < 32; n++) {
		EQ(olm_pk_signing_key_from_seed(s, text, 43, private_key, n), ERROR);
		EQ(olm_pk_signing_last_error_code(s), OLM_INPUT_BUFFER_TOO_SMALL);
		EQ(olm_pk_signing_key_from_seed(s, text, 42, private_key, n), ERROR);
		EQ(olm_pk_signing_last_error_code(s), OLM_OUTPUT_BUFFER_TOO_SMALL);
	}
	for (n = 0; n < 200; n++) {
		fill(message, n, n);
		EQ(olm_pk_sign(s, n ? message : NULL, n, signature, 86), 86);
		EQ(olm_ed25519_verify(utility, key, 43, n ? message : NULL, n, signature, 86), 0);
	}
	EQ(olm_clear_pk_signing(s), olm_pk_signing_size());
	EQ(olm_pk_signing_key_from_seed(s, text, 43, private_key, 32), 0);
	SAME(text, key, 43);
	free(key);
	free_pk_signing(s);
	free_utility(utility);
}

int main(void)
{
	keys();
	recipient();
	messages();
	decrypt_errors();
	signing();
	return finish("api_pk");
}
