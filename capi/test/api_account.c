/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Accounts: identity keys, signatures, one-time keys and fallback keys.
 */
#include "objects.h"

static void check_json(OlmAccount *account, size_t length(OlmAccount const *), size_t write(OlmAccount *, void *, size_t),
	const char *want)
{
	char json[8192];

	EQ(length(account), strlen(want));
	EQ(write(account, json, sizeof json), strlen(want));
	TEXT(json, strlen(want), want);
}

#define ONE_TIME(account, want) check_json(account, olm_account_one_time_keys_length, olm_account_one_time_keys, want)
#define FALLBACK(account, want) check_json(account, olm_account_fallback_key_length, olm_account_fallback_key, want)
#define UNPUBLISHED(account, want) \
	check_json(account, olm_account_unpublished_fallback_key_length, olm_account_unpublished_fallback_key, want)

#define NONE "{\"curve25519\":{}}"
#define ZERO_KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static size_t identity_keys(void *o, void *out, size_t n) { return olm_account_identity_keys(o, out, n); }
static size_t sign(void *o, void *out, size_t n) { return olm_account_sign(o, "message", 7, out, n); }
static size_t one_time_keys(void *o, void *out, size_t n) { return olm_account_one_time_keys(o, out, n); }
static size_t fallback_key(void *o, void *out, size_t n) { return olm_account_fallback_key(o, out, n); }
static size_t unpublished(void *o, void *out, size_t n) { return olm_account_unpublished_fallback_key(o, out, n); }
static size_t pickle(void *o, void *out, size_t n) { return olm_pickle_account(o, "key", 3, out, n); }

/* Calls that take random bytes. */
typedef size_t random_call(OlmAccount *account, void *random, size_t length);
static size_t generate_one(OlmAccount *a, void *random, size_t n)
{
	return olm_account_generate_one_time_keys(a, 1, random, n);
}

static size_t generate_three(OlmAccount *a, void *random, size_t n)
{
	return olm_account_generate_one_time_keys(a, 3, random, n);
}

/* Too short, just right, too long: always wiped from end to end. */
static void check_random(const char *name, random_call *call, size_t required, size_t result)
{
	size_t lengths[] = {0, 1, required - 1, required, required + 1, 2 * required + 5}, i, n;
	OlmAccount *account;
	uint8_t *random;

	for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		n = lengths[i];
		CONTEXT("%s with %zu of %zu random bytes", name, n, required);
		account = new_account();
		random = guarded(n, 0x7b);
		EQ(call(account, random, n), n < required ? ERROR : result);
		EQ(olm_account_last_error_code(account), n < required ? OLM_NOT_ENOUGH_RANDOM : OLM_SUCCESS);
		CHECK(all(random, 0, n));
		CHECK(unguard(random, n));
		free_account(account);
	}
	check_context[0] = 0;
}

static void identity(void)
{
	OlmAccount *account = new_account();
	char before[116], after[116];
	uint8_t *random, *out;

	/* Constructed and not created: keys of zeros. */
	EQ(olm_account_identity_keys(account, before, 116), 116);
	TEXT(before, 116, "{\"curve25519\":\"" ZERO_KEY "\",\"ed25519\":\"" ZERO_KEY "\"}");
	ONE_TIME(account, NONE);
	FALLBACK(account, NONE);
	UNPUBLISHED(account, NONE);
	EQ(olm_account_mark_keys_as_published(account), 0);
	olm_account_forget_old_fallback_key(account);

	/* Too little randomness changes nothing. */
	random = drawn(63, 1);
	EQ(olm_create_account(account, random, 63), ERROR);
	EQ(olm_account_last_error_code(account), OLM_NOT_ENOUGH_RANDOM);
	EQ(olm_account_identity_keys(account, after, 116), 116);
	SAME(before, after, 116);
	free(random);

	random = drawn(64, 1);
	EQ(olm_create_account(account, random, 64), 0);
	EQ(olm_account_last_error_code(account), OLM_NOT_ENOUGH_RANDOM);
	free(random);
	out = check_output("identity_keys", identity_keys, code_account, account, 116, 116, 1);
	CHECK(memcmp(out, "{\"curve25519\":\"", 15) == 0 && memcmp(out + 58, "\",\"ed25519\":\"", 13) == 0);
	CHECK(memcmp(out + 114, "\"}", 2) == 0);
	memcpy(before, out, 116);
	free(out);
	free(check_output("sign", sign, code_account, account, 86, 86, 1));

	/* Only the first 64 bytes count. */
	random = drawn(100, 1);
	EQ(olm_create_account(account, random, 100), 0);
	EQ(olm_account_identity_keys(account, after, 116), 116);
	SAME(before, after, 116);
	free(random);

	/* Creating again replaces the identity keys and nothing else. */
	random = drawn(32, 2);
	EQ(olm_account_generate_one_time_keys(account, 1, random, 32), 1);
	free(random);
	random = drawn(64, 3);
	EQ(olm_create_account(account, random, 64), 0);
	EQ(olm_account_identity_keys(account, after, 116), 116);
	CHECK(memcmp(before, after, 116) != 0);
	EQ(olm_account_one_time_keys_length(account), 16 + 55);
	free(random);

	EQ(olm_clear_account(account), olm_account_size());
	EQ(olm_account_identity_keys(account, after, 116), 116);
	TEXT(after, 116, "{\"curve25519\":\"" ZERO_KEY "\",\"ed25519\":\"" ZERO_KEY "\"}");
	free_account(account);

	check_random("create_account", olm_create_account, 64, 0);
}

static void signatures(void)
{
	OlmAccount *account = account_of(5, 0);
	OlmUtility *utility = new_utility();
	uint8_t message[1500], signature[86];
	char json[116];
	size_t n;

	fill(message, sizeof message, 6);
	EQ(olm_account_identity_keys(account, json, 116), 116);
	for (n = 0; n <= sizeof message; n += n < 140 ? 1 : 97) {
		CONTEXT("message of %zu bytes", n);
		EQ(olm_account_sign(account, n ? message : NULL, n, signature, 86), 86);
		EQ(olm_ed25519_verify(utility, json + 71, 43, n ? message : NULL, n, signature, 86), 0);
	}
	check_context[0] = 0;
	free_utility(utility);
	free_account(account);
}

/* The list of the keys with these numbers, from another account that has drawn all of them. */
static void one_time(void)
{
	OlmAccount *account = account_of(7, 0), *other;
	uint8_t *random, *out;
	char json[8192], first[44], second[44];
	size_t i;

	random = drawn(96, 8);
	EQ(olm_account_generate_one_time_keys(account, 3, random, 96), 3);
	free(random);
	out = check_output("one_time_keys", one_time_keys, code_account, account, 16 + 3 * 55, 16 + 3 * 55, 1);
	/* Newest first, numbered from 1. */
	CHECK(memcmp(out, "{\"curve25519\":{\"AAAAAw\":\"", 25) == 0);
	CHECK(memcmp(out + 68, "\",\"AAAAAg\":\"", 12) == 0);
	CHECK(memcmp(out + 123, "\",\"AAAAAQ\":\"", 12) == 0);
	CHECK(memcmp(out + 178, "\"}}", 3) == 0);
	memcpy(first, out + 135, 43);
	free(out);

	/* The first of the random bytes make the first key. */
	other = account_of(7, 0);
	random = drawn(96, 8);
	EQ(olm_account_generate_one_time_keys(other, 1, random, 96), 1);
	CHECK(all(random, 0, 96));
	free(random);
	one_time_key_of(other, second);
	SAME(first, second, 43);
	free_account(other);

	/* Nothing asked, nothing done. */
	EQ(olm_account_generate_one_time_keys(account, 0, NULL, 0), 0);
	random = drawn(95, 9);
	EQ(olm_account_generate_one_time_keys(account, 3, random, 95), ERROR);
	EQ(olm_account_last_error_code(account), OLM_NOT_ENOUGH_RANDOM);
	CHECK(all(random, 0, 95));
	free(random);
	EQ(olm_account_one_time_keys_length(account), 16 + 3 * 55);

#ifdef KARST
	/* Numbers whose random bytes no size_t can count: libolm multiplies, and then believes it has enough. */
	{
		size_t huge[] = {(size_t)-1, ((size_t)-1) / 32 + 1, ((size_t)-1) / 32 + 2, ((size_t)-1) / 2};
		size_t j;

		for (j = 0; j < sizeof huge / sizeof *huge; j++) {
			random = guarded(64, 0x7b);
			EQ(olm_account_generate_one_time_keys(account, huge[j], random, 64), ERROR);
			EQ(olm_account_last_error_code(account), OLM_NOT_ENOUGH_RANDOM);
			CHECK(all(random, 0, 64));
			CHECK(unguard(random, 64));
		}
		EQ(olm_account_one_time_keys_length(account), 16 + 3 * 55);
	}
#endif
	/* Published keys are kept, and not listed. */
	EQ(olm_account_mark_keys_as_published(account), 3);
	EQ(olm_account_mark_keys_as_published(account), 0);
	ONE_TIME(account, NONE);
	random = drawn(32, 10);
	EQ(olm_account_generate_one_time_keys(account, 1, random, 32), 1);
	free(random);
	EQ(olm_account_one_time_keys(account, json, sizeof json), 71);
	CHECK(memcmp(json, "{\"curve25519\":{\"AAAABA\":\"", 25) == 0);
	EQ(olm_account_mark_keys_as_published(account), 1);
	free_account(account);

	/* 150 keys: the last 100 are kept. */
	account = account_of(11, 0);
	random = drawn(150 * 32, 12);
	EQ(olm_account_generate_one_time_keys(account, 150, random, 150 * 32), 150);
	CHECK(all(random, 0, 150 * 32));
	free(random);
	EQ(olm_account_one_time_keys_length(account), 16 + 100 * 55);
	EQ(olm_account_one_time_keys(account, json, sizeof json), 16 + 100 * 55);
	CHECK(memcmp(json + 16, "AAAAlg", 6) == 0);
	CHECK(memcmp(json + 16 + 99 * 55, "AAAAMw", 6) == 0);
	for (i = 0; i < 60; i++) {
		random = drawn(32, 13 + i);
		EQ(olm_account_generate_one_time_keys(account, 1, random, 32), 1);
		free(random);
	}
	EQ(olm_account_one_time_keys_length(account), 16 + 100 * 55);
	EQ(olm_account_mark_keys_as_published(account), 100);
	free_account(account);

	check_random("generate_one_time_keys", generate_one, 32, 1);
	check_random("generate_one_time_keys", generate_three, 96, 3);
}

static void fallback(void)
{
	OlmAccount *account = account_of(20, 2);
	uint8_t *random, *out;
	char first[71], second[71];

	random = drawn(31, 21);
	EQ(olm_account_generate_fallback_key(account, random, 31), ERROR);
	EQ(olm_account_last_error_code(account), OLM_NOT_ENOUGH_RANDOM);
	CHECK(all(random, 0, 31));
	free(random);
	FALLBACK(account, NONE);
	UNPUBLISHED(account, NONE);

	random = drawn(32, 21);
	EQ(olm_account_generate_fallback_key(account, random, 32), 1);
	CHECK(all(random, 0, 32));
	free(random);
	out = check_output("fallback_key", fallback_key, code_account, account, 71, 71, 1);
	memcpy(first, out, 71);
	free(out);
	/* The numbers go on where those of the one-time keys are. */
	CHECK(memcmp(first, "{\"curve25519\":{\"AAAAAw\":\"", 25) == 0);
	out = check_output("unpublished_fallback_key", unpublished, code_account, account, 71, 71, 1);
	SAME(out, first, 71);
	free(out);

	EQ(olm_account_mark_keys_as_published(account), 2);
	EQ(olm_account_fallback_key_length(account), 71);
	EQ(olm_account_fallback_key(account, second, 71), 71);
	SAME(first, second, 71);
	UNPUBLISHED(account, NONE);

	random = drawn(32, 22);
	EQ(olm_account_generate_fallback_key(account, random, 32), 1);
	free(random);
	EQ(olm_account_unpublished_fallback_key(account, second, 71), 71);
	CHECK(memcmp(second, "{\"curve25519\":{\"AAAABA\":\"", 25) == 0);
	CHECK(memcmp(first + 25, second + 25, 43) != 0);
	EQ(olm_account_mark_keys_as_published(account), 0);
	free_account(account);

	/* Marking without a fallback key leaves no trace on the next one. */
	account = account_of(23, 0);
	EQ(olm_account_mark_keys_as_published(account), 0);
	random = drawn(32, 24);
	EQ(olm_account_generate_fallback_key(account, random, 32), 1);
	free(random);
	EQ(olm_account_unpublished_fallback_key_length(account), 71);
	free_account(account);

	check_random("generate_fallback_key", olm_account_generate_fallback_key, 32, 1);
}

/* A pre-key message to the account's current fallback key. */
static struct message to_fallback(OlmAccount *sender, OlmAccount *account, uint64_t seed)
{
	OlmSession *session = new_session();
	uint8_t *random = drawn(64, seed);
	char identity[44], json[71];
	struct message m;

	identity_key_of(account, identity);
	NEED(olm_account_fallback_key(account, json, 71) == 71);
	NEED(olm_create_outbound_session(session, sender, identity, 43, json + 25, 43, random, 64) == 0);
	free(random);
	m = encrypted(session, "to the fallback key", 19, seed + 1);
	free_session(session);
	return m;
}

static void check_reaches(OlmAccount *account, struct message m, int reaches, size_t id)
{
	OlmSession *session = new_session();
	char *copy = copied(m.text, m.length);

	EQ(olm_create_inbound_session(session, account, copy, m.length), reaches ? 0 : ERROR);
	free(copy);
	if (reaches) {
		check_decrypts(session, m, "to the fallback key");
		EQ(olm_remove_one_time_keys(account, session), id);
	} else {
		EQ(olm_session_last_error_code(session), OLM_BAD_MESSAGE_KEY_ID);
	}
	free_session(session);
}

static void fallback_sessions(void)
{
	OlmAccount *alice = account_of(30, 0), *bob = account_of(31, 0);
	struct message first, second, third;
	uint8_t *random;

#define GENERATE(seed) (random = drawn(32, seed), EQ(olm_account_generate_fallback_key(bob, random, 32), 1), free(random))
	GENERATE(32);
	first = to_fallback(alice, bob, 33);
	check_reaches(bob, first, 1, 1);
	check_reaches(bob, first, 1, 1);
	/* With one key there is no old one to forget. */
	olm_account_forget_old_fallback_key(bob);
	check_reaches(bob, first, 1, 1);
	GENERATE(34);
	second = to_fallback(alice, bob, 35);
	check_reaches(bob, first, 1, 1);
	check_reaches(bob, second, 1, 2);
	GENERATE(36);
	third = to_fallback(alice, bob, 37);
	check_reaches(bob, first, 0, 0);
	check_reaches(bob, second, 1, 2);
	check_reaches(bob, third, 1, 3);
	olm_account_forget_old_fallback_key(bob);
	check_reaches(bob, second, 0, 0);
	check_reaches(bob, third, 1, 3);
	olm_account_forget_old_fallback_key(bob);
	check_reaches(bob, third, 1, 3);
#undef GENERATE
	free(first.text);
	free(second.text);
	free(third.text);
	free_account(alice);
	free_account(bob);
}

static void removal(void)
{
	OlmAccount *alice = account_of(40, 0), *bob = account_of(41, 3);
	OlmSession *outbound = outbound_of(alice, bob, 42), *inbound, *again, *empty = new_session();
	struct message m = encrypted(outbound, "hello", 5, 43);
	char *copy;

	inbound = inbound_of(bob, m);
	/* The key stays until the caller removes it. */
	again = inbound_of(bob, m);
	EQ(olm_account_one_time_keys_length(bob), 16 + 3 * 55);
	EQ(olm_remove_one_time_keys(bob, inbound), 3);
	EQ(olm_account_last_error_code(bob), OLM_SUCCESS);
	EQ(olm_account_one_time_keys_length(bob), 16 + 2 * 55);
	EQ(olm_remove_one_time_keys(bob, inbound), ERROR);
	EQ(olm_account_last_error_code(bob), OLM_BAD_MESSAGE_KEY_ID);
	EQ(olm_session_last_error_code(inbound), OLM_SUCCESS);
	EQ(olm_remove_one_time_keys(bob, empty), ERROR);
	EQ(olm_remove_one_time_keys(alice, inbound), ERROR);
	EQ(olm_account_last_error_code(alice), OLM_BAD_MESSAGE_KEY_ID);
	check_decrypts(inbound, m, "hello");
	check_decrypts(again, m, "hello");
	copy = copied(m.text, m.length);
	EQ(olm_create_inbound_session(empty, bob, copy, m.length), ERROR);
	EQ(olm_session_last_error_code(empty), OLM_BAD_MESSAGE_KEY_ID);
	free(copy);
	free(m.text);
	free_session(outbound);
	free_session(inbound);
	free_session(again);
	free_session(empty);
	free_account(alice);
	free_account(bob);
}

static void pickles(void)
{
	OlmAccount *account = new_account(), *other;
	uint8_t *random, *out;
	char *first, *second;
	size_t n, i;

	/* An account without keys: 4 + 96 + 64 + 4 + 1 + 4 raw bytes. */
	EQ(olm_pickle_account_length(account), (176 + 8) * 4 / 3 + 1);
	for (i = 0; i < 4; i++) {
		CONTEXT("account in state %zu", i);
		if (i == 1) {
			random = drawn(64, 50);
			EQ(olm_create_account(account, random, 64), 0);
			free(random);
		} else if (i) {
			random = drawn(160, 51 + i);
			EQ(olm_account_generate_one_time_keys(account, 5, random, 160), 5);
			free(random);
			random = drawn(32, 52 + i);
			EQ(olm_account_generate_fallback_key(account, random, 32), 1);
			free(random);
			if (i == 2)
				EQ(olm_account_mark_keys_as_published(account), 5);
		}
		n = olm_pickle_account_length(account);
		first = account_pickle(account, &n);
		other = new_account();
		second = copied(first, n);
		EQ(olm_unpickle_account(other, "key", 3, second, n), n);
		EQ(olm_account_last_error_code(other), OLM_SUCCESS);
		CHECK(memcmp(first, second, n) != 0);
		free(second);
		second = account_pickle(other, &n);
		TEXT(second, n, first);
		free(first);
		free(second);
		free_account(other);
	}
	check_context[0] = 0;
	n = olm_pickle_account_length(account);
	out = check_output("pickle_account", pickle, code_account, account, n, n, 1);
	free(out);
	free_account(account);
}

int main(void)
{
	identity();
	signatures();
	one_time();
	fallback();
	fallback_sessions();
	removal();
	pickles();
	return finish("api_account");
}
