/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Hashes and the verification of signatures.
 */
#include "forge.h"
#include "objects.h"

static size_t sha256(void *o, void *out, size_t n) { return olm_sha256(o, "abc", 3, out, n); }

static void hashes(void)
{
	OlmUtility *utility = new_utility();
	uint8_t *input, hash[32], *out;
	char text[43], want[44];
	size_t n;

	out = check_output("sha256", sha256, code_utility, utility, 43, 43, 1);
	TEXT(out, 43, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
	free(out);
	EQ(olm_sha256(utility, NULL, 0, text, 43), 43);
	TEXT(text, 43, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
	for (n = 0; n < 2000; n += n < 200 ? 1 : 157) {
		input = guarded(n, 0);
		fill(input, n, n);
		forge_sha256(input, n, hash);
		want[forge_base64(hash, 32, want)] = 0;
		EQ(olm_sha256(utility, input, n, text, 43), 43);
		TEXT(text, 43, want);
		CHECK(unguard(input, n));
	}
	free_utility(utility);
}

static void verification(void)
{
	OlmPkSigning *signer = new_pk_signing();
	OlmUtility *utility = new_utility();
	uint8_t seed[32], raw[70];
	char key[60], signature[90], copy[90], other[43];
	size_t n, i;

	memset(key, 'A', sizeof key);
	memset(signature, 'A', sizeof signature);
	fill(seed, 32, 1);
	EQ(olm_pk_signing_key_from_seed(signer, key, 43, seed, 32), 0);
	EQ(olm_pk_sign(signer, (const uint8_t *)"message", 7, (uint8_t *)signature, 86), 86);

#define VERIFY(key_length, text, signature_length, code) do { \
		enum OlmErrorCode want = code; \
		memcpy(copy, signature, 90); \
		EQ(olm_ed25519_verify(utility, key, key_length, text, sizeof text - 1, copy, signature_length), want ? ERROR : 0); \
		if (want) \
			EQ(olm_utility_last_error_code(utility), want); \
	} while (0)
	VERIFY(43, "message", 86, OLM_SUCCESS);
	EQ(olm_utility_last_error_code(utility), OLM_SUCCESS);
	/* The signature is decoded where it lies. */
	CHECK(memcmp(copy, signature, 86) != 0);
	VERIFY(43, "Message", 86, OLM_BAD_MESSAGE_MAC);
	VERIFY(43, "", 86, OLM_BAD_MESSAGE_MAC);
	for (n = 0; n < 60; n++)
		if (n != 43)
			VERIFY(n, "message", 85 + n % 2, OLM_INVALID_BASE64);
	for (n = 0; n <= 90; n++) {
		CONTEXT("signature of %zu characters", n);
		/* Longer ones verify: what is behind the first 64 bytes is ignored. */
		VERIFY(43, "message", n, n % 4 == 1 ? OLM_INVALID_BASE64 : n < 86 ? OLM_BAD_MESSAGE_MAC : OLM_SUCCESS);
	}
	check_context[0] = 0;
	EQ(olm_ed25519_verify(utility, key, 43, NULL, 0, NULL, 0), ERROR);
	EQ(olm_utility_last_error_code(utility), OLM_BAD_MESSAGE_MAC);
	/* Padded, as some servers send them. */
	memcpy(signature + 86, "==", 2);
	VERIFY(43, "message", 88, OLM_SUCCESS);

	/* Every bit of the signature counts, but the unused ones at the end of its base64. */
	for (i = 0; i < 512; i++) {
		CONTEXT("bit %zu", i);
		forge_unbase64(signature, 86, raw);
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
		forge_base64(raw, 64, copy);
		EQ(olm_ed25519_verify(utility, key, 43, "message", 7, copy, 86), ERROR);
		EQ(olm_utility_last_error_code(utility), OLM_BAD_MESSAGE_MAC);
	}
	check_context[0] = 0;

	/* Another key; what is no key at all. */
	fill(seed, 32, 2);
	EQ(olm_pk_signing_key_from_seed(signer, other, 43, seed, 32), 0);
	memcpy(copy, signature, 86);
	EQ(olm_ed25519_verify(utility, other, 43, "message", 7, copy, 86), ERROR);
	memset(other, '/', 43);
	memcpy(copy, signature, 86);
	EQ(olm_ed25519_verify(utility, other, 43, "message", 7, copy, 86), ERROR);
#ifdef KARST
	/* The same signature with S + L in the place of S: libolm takes it for another valid one. */
	{
		static const uint8_t order[32] = {
			0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10
		};
		int carry = 0;

		forge_unbase64(signature, 86, raw);
		for (i = 0; i < 32; i++) {
			carry += raw[32 + i] + order[i];
			raw[32 + i] = (uint8_t)carry;
			carry >>= 8;
		}
		forge_base64(raw, 64, copy);
		EQ(olm_ed25519_verify(utility, key, 43, "message", 7, copy, 86), ERROR);
		EQ(olm_utility_last_error_code(utility), OLM_BAD_MESSAGE_MAC);

		/* A key of small order, the neutral element: R = it, S = 0 would sign everything. */
		memset(raw, 0, 64);
		raw[0] = 1;
		forge_base64(raw, 64, copy);
		forge_base64(raw, 32, other);
		EQ(olm_ed25519_verify(utility, other, 43, "message", 7, copy, 86), ERROR);
		EQ(olm_utility_last_error_code(utility), OLM_BAD_MESSAGE_MAC);
	}
#endif
#undef VERIFY
	free_utility(utility);
	free_pk_signing(signer);
}

int main(void)
{
	hashes();
	verification();
	return finish("api_utility");
}
