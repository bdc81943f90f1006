/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Short authentication strings.
 */
#include "forge.h"
#include "objects.h"

static OlmSAS *sas_of(uint64_t seed)
{
	OlmSAS *sas = new_sas();
	uint8_t *random = drawn(32, seed);

	NEED(olm_create_sas(sas, random, 32) == 0);
	free(random);
	return sas;
}

/* Gives each the other's key. */
static void introduce(OlmSAS *a, OlmSAS *b)
{
	char key[43];

	NEED(olm_sas_get_pubkey(a, key, 43) == 0 && olm_sas_set_their_key(b, key, 43) == 0);
	NEED(olm_sas_get_pubkey(b, key, 43) == 0 && olm_sas_set_their_key(a, key, 43) == 0);
}

static size_t pubkey(void *o, void *out, size_t n) { return olm_sas_get_pubkey(o, out, n); }
static size_t mac(void *o, void *out, size_t n) { return olm_sas_calculate_mac(o, "input", 5, "info", 4, out, n); }
static size_t mac_fixed(void *o, void *out, size_t n)
{
	return olm_sas_calculate_mac_fixed_base64(o, "input", 5, "info", 4, out, n);
}
static size_t mac_long(void *o, void *out, size_t n) { return olm_sas_calculate_mac_long_kdf(o, "input", 5, "info", 4, out, n); }

static void creation(void)
{
	size_t lengths[] = {0, 1, 31, 32, 33, 80}, i, n;
	uint8_t *random, *key;
	OlmSAS *sas, *other;

	for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		n = lengths[i];
		sas = new_sas();
		random = guarded(n, 0x7b);
		EQ(olm_create_sas(sas, random, n), n < 32 ? ERROR : 0);
		EQ(olm_sas_last_error_code(sas), n < 32 ? OLM_NOT_ENOUGH_RANDOM : OLM_SUCCESS);
		/* Never wiped. */
		CHECK(all(random, 0x7b, n));
		CHECK(unguard(random, n));
		EQ(olm_sas_is_their_key_set(sas), 0);
		free_sas(sas);
	}
	sas = sas_of(1);
	key = check_output("get_pubkey", pubkey, code_sas, sas, 43, 0, 1);
	free(key);

	/* Creating again forgets the other side's key. */
	other = sas_of(2);
	introduce(sas, other);
	EQ(olm_sas_is_their_key_set(sas), 1);
	random = drawn(32, 3);
	EQ(olm_create_sas(sas, random, 32), 0);
	free(random);
	EQ(olm_sas_is_their_key_set(sas), 0);
	EQ(olm_clear_sas(other), olm_sas_size());
	EQ(olm_sas_is_their_key_set(other), 0);
	free_sas(sas);
	free_sas(other);
}

static void their_key(void)
{
	OlmSAS *a = sas_of(10), *b = sas_of(11);
	char key[60], copy[60];
	uint8_t first[32], second[32];
	size_t n;

	EQ(olm_sas_get_pubkey(b, key, 43), 0);
	memset(key + 43, 'A', sizeof key - 43);
	for (n = 0; n < 60; n++) {
		OlmSAS *fresh = sas_of(10);

		CONTEXT("key of %zu characters", n);
		memcpy(copy, key, 60);
		EQ(olm_sas_set_their_key(fresh, n ? copy : NULL, n), n < 43 || n % 4 == 1 ? ERROR : 0);
		EQ(olm_sas_last_error_code(fresh), n < 43 ? OLM_INPUT_BUFFER_TOO_SMALL : n % 4 == 1 ? OLM_INVALID_BASE64 : OLM_SUCCESS);
		EQ(olm_sas_is_their_key_set(fresh), !(n < 43 || n % 4 == 1));
		/* Destroyed if it is used. */
		CHECK((memcmp(copy, key, 60) == 0) == (n < 43 || n % 4 == 1));
		CHECK(memcmp(copy + n, key + n, 60 - n) == 0);
		free_sas(fresh);
	}
	check_context[0] = 0;

	/* A padded key works; a second key replaces the first. */
	introduce(a, b);
	EQ(olm_sas_generate_bytes(b, "i", 1, first, 32), 0);
	EQ(olm_sas_generate_bytes(a, "i", 1, second, 32), 0);
	SAME(first, second, 32);
	EQ(olm_sas_get_pubkey(b, key, 43), 0);
	key[43] = '=';
	EQ(olm_sas_set_their_key(a, key, 44), 0);
	EQ(olm_sas_generate_bytes(a, "i", 1, second, 32), 0);
	SAME(first, second, 32);
	EQ(olm_sas_get_pubkey(a, key, 43), 0);
	EQ(olm_sas_set_their_key(a, key, 43), 0);
	EQ(olm_sas_generate_bytes(a, "i", 1, second, 32), 0);
	CHECK(memcmp(first, second, 32) != 0);
	EQ(olm_sas_last_error_code(a), OLM_SUCCESS);
#ifdef KARST
	/* Keys of small order: libolm goes on with a secret of zeros, which everybody knows. */
	{
		OlmSAS *fresh = sas_of(10);

		memset(key, 'A', 43);
		EQ(olm_sas_set_their_key(fresh, key, 43), ERROR);
		EQ(olm_sas_last_error_code(fresh), OLM_INVALID_BASE64);
		EQ(olm_sas_is_their_key_set(fresh), 0);
		memset(key, 'A', 43);
		key[1] = 'Q';
		EQ(olm_sas_set_their_key(fresh, key, 43), ERROR);
		EQ(olm_sas_is_their_key_set(fresh), 0);
		free_sas(fresh);
	}
#endif
	free_sas(a);
	free_sas(b);
}

/* The shared secret, by which one can compute everything else: the bytes for an info are HKDF, MACs are HMAC. */
static void derivations(void)
{
	OlmSAS *a = sas_of(20), *b = sas_of(21), *fresh = new_sas();
	uint8_t *out, *other, key[256], tag[32], wide[43], group[3];
	char text[44];
	size_t n, i;

	EQ(olm_sas_generate_bytes(fresh, "i", 1, text, 5), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_SAS_THEIR_KEY_NOT_SET);
	STRING(olm_sas_last_error(fresh), "OLM_SAS_THEIR_KEY_NOT_SET");
	EQ(olm_sas_generate_bytes(fresh, NULL, 0, NULL, 0), ERROR);
	memset(text, UNTOUCHED, 43);
	EQ(mac(fresh, text, 43), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_SAS_THEIR_KEY_NOT_SET);
	EQ(mac_fixed(fresh, text, 42), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_OUTPUT_BUFFER_TOO_SMALL);
	EQ(mac_fixed(fresh, text, 43), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_SAS_THEIR_KEY_NOT_SET);
	EQ(mac_long(fresh, text, 42), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_OUTPUT_BUFFER_TOO_SMALL);
	EQ(mac_long(fresh, text, 43), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_SAS_THEIR_KEY_NOT_SET);
	EQ(mac(fresh, text, 42), ERROR);
	EQ(olm_sas_last_error_code(fresh), OLM_OUTPUT_BUFFER_TOO_SMALL);
	CHECK(all(text, UNTOUCHED, 43));
	free_sas(fresh);

	introduce(a, b);
	for (n = 0; n <= 8160; n += n < 100 ? 1 : n < 8000 ? 400 : 40) {
		CONTEXT("%zu bytes", n);
		out = guarded(n, UNTOUCHED);
		other = guarded(n, 0x11);
		EQ(olm_sas_generate_bytes(a, "some info", 9, n ? out : NULL, n), 0);
		EQ(olm_sas_generate_bytes(b, "some info", 9, n ? other : NULL, n), 0);
		SAME(out, other, n);
		CHECK(unguard(out, n));
		CHECK(unguard(other, n));
	}
	check_context[0] = 0;
#ifdef KARST
	/* The key derivation ends here; libolm begins it anew. */
	out = malloc(8161);
	EQ(olm_sas_generate_bytes(a, "i", 1, out, 8161), ERROR);
	EQ(olm_sas_last_error_code(a), OLM_OUTPUT_BUFFER_TOO_SMALL);
	free(out);
#endif
	EQ(olm_sas_generate_bytes(a, NULL, 0, key, 32), 0);
	EQ(olm_sas_generate_bytes(a, "", 0, tag, 32), 0);
	SAME(key, tag, 32);

	/* The right base64. */
	out = check_output("mac_fixed_base64", mac_fixed, code_sas, a, 43, 0, 1);
	EQ(olm_sas_generate_bytes(b, "info", 4, key, 32), 0);
	forge_hmac(key, 32, "input", 5, tag);
	forge_base64(tag, 32, text);
	SAME(out, text, 43);
	free(out);

	/* The wrong base64: encoded where the MAC lies, over what is still to be encoded. */
	out = check_output("mac", mac, code_sas, a, 43, 0, 1);
	memcpy(wide, tag, 32);
	for (i = 0; i < 10; i++) {
		memcpy(group, wide + 3 * i, 3);
		forge_base64(group, 3, (char *)wide + 4 * i);
	}
	memcpy(group, wide + 30, 2);
	forge_base64(group, 2, (char *)wide + 40);
	SAME(out, wide, 43);
	free(out);

	/* The same over a MAC under 256 bytes of key. */
	out = check_output("mac_long_kdf", mac_long, code_sas, a, 43, 0, 1);
	EQ(olm_sas_generate_bytes(b, "info", 4, key, 256), 0);
	forge_hmac(key, 256, "input", 5, tag);
	memcpy(wide, tag, 32);
	for (i = 0; i < 10; i++) {
		memcpy(group, wide + 3 * i, 3);
		forge_base64(group, 3, (char *)wide + 4 * i);
	}
	memcpy(group, wide + 30, 2);
	forge_base64(group, 2, (char *)wide + 40);
	SAME(out, wide, 43);
	free(out);

	EQ(olm_sas_calculate_mac_fixed_base64(a, NULL, 0, NULL, 0, text, 43), 0);
	EQ(olm_sas_calculate_mac(a, NULL, 0, NULL, 0, text, 43), 0);
	EQ(olm_sas_calculate_mac_long_kdf(a, NULL, 0, NULL, 0, text, 43), 0);
	free_sas(a);
	free_sas(b);
}

int main(void)
{
	creation();
	their_key();
	derivations();
	return finish("api_sas");
}
