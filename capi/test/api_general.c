/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What all nine kinds of objects have in common: size, construction, last error, clearing; the version; the constants
 * that callers ask for without an object.
 */
#include "objects.h"

static const char *const names[] = {
	"SUCCESS", "NOT_ENOUGH_RANDOM", "OUTPUT_BUFFER_TOO_SMALL", "BAD_MESSAGE_VERSION", "BAD_MESSAGE_FORMAT",
	"BAD_MESSAGE_MAC", "BAD_MESSAGE_KEY_ID", "INVALID_BASE64", "BAD_ACCOUNT_KEY", "UNKNOWN_PICKLE_VERSION",
	"CORRUPTED_PICKLE", "BAD_SESSION_KEY", "UNKNOWN_MESSAGE_INDEX", "BAD_LEGACY_ACCOUNT_PICKLE", "BAD_SIGNATURE",
	"OLM_INPUT_BUFFER_TOO_SMALL", "OLM_SAS_THEIR_KEY_NOT_SET", "OLM_PICKLE_EXTRA_DATA",
};

static void errors(void)
{
	int i;

	for (i = 0; i <= 17; i++)
		STRING(_olm_error_to_string((enum OlmErrorCode)i), names[i]);
	STRING(_olm_error_to_string((enum OlmErrorCode)18), "UNKNOWN_ERROR");
	STRING(_olm_error_to_string((enum OlmErrorCode)19), "UNKNOWN_ERROR");
	STRING(_olm_error_to_string((enum OlmErrorCode)255), "UNKNOWN_ERROR");
	STRING(_olm_error_to_string((enum OlmErrorCode)256), "UNKNOWN_ERROR");
	STRING(_olm_error_to_string((enum OlmErrorCode)-1), "UNKNOWN_ERROR");
	STRING(_olm_error_to_string((enum OlmErrorCode)0x7fffffff), "UNKNOWN_ERROR");
	EQ(sizeof(enum OlmErrorCode), sizeof(int));
	EQ(olm_error(), ERROR);

	/* The numbers are compiled into programs. */
	EQ(OLM_SUCCESS, 0);
	EQ(OLM_NOT_ENOUGH_RANDOM, 1);
	EQ(OLM_OUTPUT_BUFFER_TOO_SMALL, 2);
	EQ(OLM_BAD_MESSAGE_VERSION, 3);
	EQ(OLM_BAD_MESSAGE_FORMAT, 4);
	EQ(OLM_BAD_MESSAGE_MAC, 5);
	EQ(OLM_BAD_MESSAGE_KEY_ID, 6);
	EQ(OLM_INVALID_BASE64, 7);
	EQ(OLM_BAD_ACCOUNT_KEY, 8);
	EQ(OLM_UNKNOWN_PICKLE_VERSION, 9);
	EQ(OLM_CORRUPTED_PICKLE, 10);
	EQ(OLM_BAD_SESSION_KEY, 11);
	EQ(OLM_UNKNOWN_MESSAGE_INDEX, 12);
	EQ(OLM_BAD_LEGACY_ACCOUNT_PICKLE, 13);
	EQ(OLM_BAD_SIGNATURE, 14);
	EQ(OLM_INPUT_BUFFER_TOO_SMALL, 15);
	EQ(OLM_SAS_THEIR_KEY_NOT_SET, 16);
	EQ(OLM_PICKLE_EXTRA_DATA, 17);
	EQ(OLM_MESSAGE_TYPE_PRE_KEY, 0);
	EQ(OLM_MESSAGE_TYPE_MESSAGE, 1);
}

static void version(void)
{
	uint8_t major = 99, minor = 99, patch = 99, again = 99;

	olm_get_library_version(&major, &minor, &patch);
	EQ(major, 3);
	EQ(minor, 2);
	CHECK(patch >= 13 && patch != 99);
	olm_get_library_version(NULL, NULL, &again);
	EQ(again, patch);
	again = 99;
	olm_get_library_version(NULL, &again, NULL);
	EQ(again, minor);
	again = 99;
	olm_get_library_version(&again, NULL, NULL);
	EQ(again, major);
	olm_get_library_version(NULL, NULL, NULL);
}

/* Each kind as a row of function pointers, so that the nine are treated alike. */
struct kind {
	const char *name;
	size_t (*size)(void);
	void *(*construct)(void *);
	size_t (*clear)(void *);
	const char *(*last_error)(const void *);
	enum OlmErrorCode (*last_error_code)(const void *);
	size_t (*fail)(void *);
	enum OlmErrorCode failure;
	size_t limit;
};

#define ROW(type, X) \
	static void *construct_##X(void *memory) { return olm_##X(memory); } \
	static size_t clear_##X(void *object) { return olm_clear_##X((type *)object); } \
	static const char *error_##X(const void *object) { return olm_##X##_last_error((const type *)object); }

ROW(OlmAccount, account)
ROW(OlmSession, session)
ROW(OlmUtility, utility)
ROW(OlmInboundGroupSession, inbound_group_session)
ROW(OlmOutboundGroupSession, outbound_group_session)
ROW(OlmPkEncryption, pk_encryption)
ROW(OlmPkDecryption, pk_decryption)
ROW(OlmPkSigning, pk_signing)
ROW(OlmSAS, sas)

/* A call on each kind that fails on a fresh object. */
static size_t fail_account(void *o) { return olm_create_account(o, NULL, 0); }
static size_t fail_session(void *o) { return olm_session_id(o, NULL, 0); }
static size_t fail_utility(void *o) { return olm_sha256(o, NULL, 0, NULL, 0); }
static size_t fail_inbound(void *o) { return olm_init_inbound_group_session(o, NULL, 0); }
static size_t fail_outbound(void *o) { return olm_init_outbound_group_session(o, NULL, 0); }
static size_t fail_encryption(void *o) { return olm_pk_encryption_set_recipient_key(o, NULL, 0); }
static size_t fail_decryption(void *o) { return olm_pk_get_private_key(o, NULL, 0); }
static size_t fail_signing(void *o) { return olm_pk_signing_key_from_seed(o, NULL, 0, NULL, 0); }
static size_t fail_sas(void *o) { return olm_sas_generate_bytes(o, NULL, 0, NULL, 0); }

#define KIND(X, fail, failure, limit) \
	{#X, olm_##X##_size, construct_##X, clear_##X, error_##X, code_##X, fail, failure, limit}

/* The last column: sizes may differ from libolm's, but stay near. */
static const struct kind kinds[] = {
	KIND(account, fail_account, OLM_NOT_ENOUGH_RANDOM, 8192),
	KIND(session, fail_session, OLM_OUTPUT_BUFFER_TOO_SMALL, 4096),
	KIND(utility, fail_utility, OLM_OUTPUT_BUFFER_TOO_SMALL, 64),
	KIND(inbound_group_session, fail_inbound, OLM_BAD_SESSION_KEY, 384),
	KIND(outbound_group_session, fail_outbound, OLM_NOT_ENOUGH_RANDOM, 320),
	KIND(pk_encryption, fail_encryption, OLM_INPUT_BUFFER_TOO_SMALL, 128),
	KIND(pk_decryption, fail_decryption, OLM_OUTPUT_BUFFER_TOO_SMALL, 128),
	KIND(pk_signing, fail_signing, OLM_OUTPUT_BUFFER_TOO_SMALL, 160),
	KIND(sas, fail_sas, OLM_SAS_THEIR_KEY_NOT_SET, 160),
};

static void life(const struct kind *k)
{
	size_t size = k->size(), i;
	static const int garbage[] = {0x00, 0xa5, 0xff};
	uint8_t *memory;

	CHECK(size >= 4 && size <= k->limit);
	EQ(k->size(), size);
	for (i = 0; i < sizeof garbage / sizeof *garbage; i++) {
		CONTEXT("%s in memory full of %02x", k->name, garbage[i]);
		memory = malloc(size + 16);
		memset(memory, garbage[i], size + 16);
		memset(memory + size, CANARY, 16);
		CHECK(k->construct(memory) == memory);
		EQ(k->last_error_code(memory), OLM_SUCCESS);
		STRING(k->last_error(memory), "SUCCESS");

		EQ(k->fail(memory), ERROR);
		EQ(k->last_error_code(memory), k->failure);
		STRING(k->last_error(memory), names[k->failure]);

		EQ(k->clear(memory), size);
		EQ(k->last_error_code(memory), OLM_SUCCESS);
		EQ(k->fail(memory), ERROR);
		EQ(k->last_error_code(memory), k->failure);
		EQ(k->clear(memory), size);
		EQ(k->clear(memory), size);

		/* Constructing once more where an object was is the same as clearing it. */
		EQ(k->fail(memory), ERROR);
		CHECK(k->construct(memory) == memory);
		EQ(k->last_error_code(memory), OLM_SUCCESS);
		CHECK(all(memory + size, CANARY, 16));
		free(memory);
	}
	check_context[0] = 0;
}

/* Bindings ask for these without an object. */
static void constants(void)
{
	EQ(olm_create_account_random_length(NULL), 64);
	EQ(olm_account_identity_keys_length(NULL), 116);
	EQ(olm_account_signature_length(NULL), 86);
	EQ(olm_account_max_number_of_one_time_keys(NULL), 100);
	EQ(olm_account_generate_one_time_keys_random_length(NULL, 0), 0);
	EQ(olm_account_generate_one_time_keys_random_length(NULL, 7), 224);
	EQ(olm_account_generate_fallback_key_random_length(NULL), 32);
	EQ(olm_create_outbound_session_random_length(NULL), 64);
	EQ(olm_session_id_length(NULL), 43);
	EQ(olm_sha256_length(NULL), 43);
	EQ(olm_pickle_inbound_group_session_length(NULL), 416);
	EQ(olm_inbound_group_session_id_length(NULL), 43);
	EQ(olm_export_inbound_group_session_length(NULL), 220);
	EQ(olm_pickle_outbound_group_session_length(NULL), 331);
	EQ(olm_init_outbound_group_session_random_length(NULL), 160);
	EQ(olm_outbound_group_session_id_length(NULL), 43);
	EQ(olm_outbound_group_session_key_length(NULL), 306);
	EQ(olm_pk_ciphertext_length(NULL, 0), 22);
	EQ(olm_pk_ciphertext_length(NULL, 15), 22);
	EQ(olm_pk_ciphertext_length(NULL, 16), 43);
	EQ(olm_pk_ciphertext_length(NULL, 47), 64);
	EQ(olm_pk_mac_length(NULL), 11);
	EQ(olm_pk_key_length(), 43);
	EQ(olm_pk_encrypt_random_length(NULL), 32);
	EQ(olm_pk_private_key_length(), 32);
	EQ(olm_pk_generate_key_random_length(), 32);
	EQ(olm_pickle_pk_decryption_length(NULL), 118);
	EQ(olm_pk_max_plaintext_length(NULL, 0), 0);
	EQ(olm_pk_max_plaintext_length(NULL, 1), ERROR);
	EQ(olm_pk_max_plaintext_length(NULL, 2), 1);
	EQ(olm_pk_max_plaintext_length(NULL, 3), 2);
	EQ(olm_pk_max_plaintext_length(NULL, 22), 16);
	EQ(olm_pk_max_plaintext_length(NULL, 64), 48);
	EQ(olm_pk_max_plaintext_length(NULL, 65), ERROR);
	EQ(olm_pk_signing_seed_length(), 32);
	EQ(olm_pk_signing_public_key_length(), 43);
	EQ(olm_pk_signature_length(), 86);
	EQ(olm_create_sas_random_length(NULL), 32);
	EQ(olm_sas_pubkey_length(NULL), 43);
	EQ(olm_sas_mac_length(NULL), 43);
}

int main(void)
{
	size_t i;

	errors();
	version();
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		life(&kinds[i]);
	constants();
	return finish("api_general");
}
