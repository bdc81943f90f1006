/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Objects in fresh memory, reproducible "random" bytes, and buffers that notice who touches what is not theirs.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>

#include "check.h"

#define ERROR ((size_t)-1)

/* --- Bytes ------------------------------------------------------------------------------------------------------ */

/* The n-th byte of a stream that the seed names: what is drawn with one seed is the same in every run. */
static inline void fill(void *out, size_t length, uint64_t seed)
{
	uint8_t *p = out;
	uint64_t z;
	size_t i;

	for (i = 0; i < length; i++) {
		z = seed * 0x9e3779b97f4a7c15u + (i + 1) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		p[i] = (uint8_t)(z >> 56 ^ z >> 24);
	}
}

/* Fresh memory with those bytes; never of length 0, so that it can be freed and pointed to. */
static inline uint8_t *drawn(size_t length, uint64_t seed)
{
	uint8_t *p = malloc(length ? length : 1);

	fill(p, length, seed);
	return p;
}

static inline void *copied(const void *data, size_t length)
{
	void *p = malloc(length ? length : 1);

	if (length)
		memcpy(p, data, length);
	return p;
}

static inline int all(const void *data, int value, size_t length)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < length; i++)
		if (p[i] != (uint8_t)value)
			return 0;
	return 1;
}

/* --- Guarded buffers -------------------------------------------------------------------------------------------- */

/*
 * A buffer whose last byte lies in front of a page that nobody may touch, so that reading or writing behind it ends the
 * program, and that has CANARY in front of it.
 */
#define CANARY 0xc5

static inline size_t guarded_span(size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (length + 64 + page - 1) / page * page;
}

static inline uint8_t *guarded(size_t length, int content)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), span = guarded_span(length);
	uint8_t *base = mmap(NULL, span + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(base != MAP_FAILED);
	NEED(mprotect(base + span, page, PROT_NONE) == 0);
	memset(base, CANARY, span);
	memset(base + span - length, content, length);
	return base + span - length;
}

static inline uint8_t *guarded_copy(const void *data, size_t length)
{
	uint8_t *p = guarded(length, 0);

	if (length)
		memcpy(p, data, length);
	return p;
}

/* Gives the buffer back; returns whether nothing in front of it was touched. */
static inline int unguard(uint8_t *p, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), span = guarded_span(length);
	uint8_t *base = p + length - span;
	int intact = all(base, CANARY, span - length);

	munmap(base, span + page);
	return intact;
}

/* --- Outputs ---------------------------------------------------------------------------------------------------- */

#define UNTOUCHED 0xee

/* A call that writes to a buffer: `object` and `out` are whatever the caller of check_output() agreed with it. */
typedef size_t output_call(void *object, void *out, size_t length);
typedef enum OlmErrorCode code_call(const void *object);

/*
 * Calls with buffers that are empty, too short, just long enough and longer. A short one gives
 * OLM_OUTPUT_BUFFER_TOO_SMALL and stays untouched, a long one is touched in its first `required` bytes only; a call that
 * fits returns `result`. The last output is returned, `required` bytes in memory that the caller frees. `repeatable` calls
 * give the same bytes each time.
 */
static inline uint8_t *check_output(const char *name, output_call *call, code_call *code, void *object, size_t required,
	size_t result, int repeatable)
{
	size_t short_lengths[] = {0, 1, required / 2, required - 1}, longer[] = {required, required + 1, required + 37};
	uint8_t *out, *last = NULL;
	size_t i, n;

	for (i = 0; i < sizeof short_lengths / sizeof *short_lengths; i++) {
		n = short_lengths[i];
		CONTEXT("%s, %zu of %zu bytes", name, n, required);
		out = guarded(n, UNTOUCHED);
		EQ(call(object, out, n), ERROR);
		EQ(code(object), OLM_OUTPUT_BUFFER_TOO_SMALL);
		CHECK(all(out, UNTOUCHED, n));
		CHECK(unguard(out, n));
	}
	for (i = 0; i < sizeof longer / sizeof *longer; i++) {
		n = longer[i];
		CONTEXT("%s, %zu bytes for %zu", name, n, required);
		out = guarded(n, UNTOUCHED);
		EQ(call(object, out, n), result);
		/* The error of the short buffers is still there: success does not reset it. */
		EQ(code(object), OLM_OUTPUT_BUFFER_TOO_SMALL);
		CHECK(all(out + required, UNTOUCHED, n - required));
		CHECK(!all(out, UNTOUCHED, required));
		if (last && repeatable)
			SAME(out, last, required);
		free(last);
		last = copied(out, required);
		CHECK(unguard(out, n));
	}
	check_context[0] = 0;
	return last;
}

/* --- Objects ---------------------------------------------------------------------------------------------------- */

#define NEW(type, function) \
	static inline type *new_##function(void) { return olm_##function(malloc(olm_##function##_size())); } \
	static inline void free_##function(type *object) \
	{ \
		olm_clear_##function(object); \
		free(object); \
	} \
	static inline enum OlmErrorCode code_##function(const void *object) \
	{ \
		return olm_##function##_last_error_code(object); \
	}

NEW(OlmAccount, account)
NEW(OlmSession, session)
NEW(OlmUtility, utility)
NEW(OlmInboundGroupSession, inbound_group_session)
NEW(OlmOutboundGroupSession, outbound_group_session)
NEW(OlmPkEncryption, pk_encryption)
NEW(OlmPkDecryption, pk_decryption)
NEW(OlmPkSigning, pk_signing)
NEW(OlmSAS, sas)

/* Seeds of one-time keys are the seed of their account plus this. */
#define ONE_TIME_SEED 1000

/* An account with identity keys and `keys` one-time keys, all drawn from the seed. */
static inline OlmAccount *account_of(uint64_t seed, size_t keys)
{
	OlmAccount *account = new_account();
	uint8_t *random = drawn(64, seed);

	NEED(olm_create_account(account, random, 64) == 0);
	free(random);
	if (keys) {
		random = drawn(32 * keys, seed + ONE_TIME_SEED);
		NEED(olm_account_generate_one_time_keys(account, keys, random, 32 * keys) == keys);
		free(random);
	}
	return account;
}

/* The Curve25519 identity key. */
static inline void identity_key_of(OlmAccount *account, char key[44])
{
	char json[116];

	NEED(olm_account_identity_keys(account, json, sizeof json) == 116);
	memcpy(key, json + 15, 43);
	key[43] = 0;
}

/* The newest one-time key that is not published. */
static inline void one_time_key_of(OlmAccount *account, char key[44])
{
	size_t length = olm_account_one_time_keys_length(account);
	char *json = malloc(length);

	NEED(olm_account_one_time_keys(account, json, length) == length && length > 17);
	memcpy(key, json + 25, 43);
	key[43] = 0;
	free(json);
}

/* A new session towards a one-time key of `to`. */
static inline OlmSession *outbound_of(OlmAccount *from, OlmAccount *to, uint64_t seed)
{
	OlmSession *session = new_session();
	char identity[44], one_time[44];
	uint8_t *random = drawn(64, seed);

	identity_key_of(to, identity);
	one_time_key_of(to, one_time);
	NEED(olm_create_outbound_session(session, from, identity, 43, one_time, 43, random, 64) == 0);
	free(random);
	return session;
}

struct message {
	size_t type;
	size_t length;
	char *text;
};

static inline struct message encrypted(OlmSession *session, const void *plaintext, size_t length, uint64_t seed)
{
	struct message m;
	size_t n = olm_encrypt_random_length(session);
	uint8_t *random = drawn(n, seed);

	m.type = olm_encrypt_message_type(session);
	m.length = olm_encrypt_message_length(session, length);
	m.text = malloc(m.length + 1);
	NEED(olm_encrypt(session, plaintext, length, random, n, m.text, m.length) == m.length);
	m.text[m.length] = 0;
	free(random);
	return m;
}

/* Decrypts a copy of the message into `plaintext`, which is fresh memory; returns the length or ERROR. */
static inline size_t decrypted(OlmSession *session, struct message m, char **plaintext)
{
	char *copy = copied(m.text, m.length);
	size_t n = olm_decrypt_max_plaintext_length(session, m.type, copy, m.length);

	*plaintext = NULL;
	if (n != ERROR) {
		memcpy(copy, m.text, m.length);
		*plaintext = malloc(n ? n : 1);
		n = olm_decrypt(session, m.type, copy, m.length, *plaintext, n);
	}
	free(copy);
	return n;
}

/* Checks that the message decrypts to the text. */
static inline void check_decrypts_called(OlmSession *session, struct message m, const char *text)
{
	char *plaintext;
	size_t n = decrypted(session, m, &plaintext);

	if (CHECK(n != ERROR))
		TEXT(plaintext, n, text);
	free(plaintext);
}

/* Checks that the message does not decrypt, and why. */
static inline void check_refused_called(OlmSession *session, struct message m, enum OlmErrorCode code)
{
	char *plaintext;

	EQ(decrypted(session, m, &plaintext), ERROR);
	EQ(olm_session_last_error_code(session), code);
	free(plaintext);
}

/* A text sent and received. */
static inline void check_conversation_called(OlmSession *from, OlmSession *to, const char *text, uint64_t seed)
{
	struct message m = encrypted(from, text, strlen(text), seed);

	check_decrypts_called(to, m, text);
	free(m.text);
}

/* The receiver's session for a pre-key message. */
static inline OlmSession *inbound_of(OlmAccount *account, struct message m)
{
	OlmSession *session = new_session();
	char *copy = copied(m.text, m.length);

	NEED(olm_create_inbound_session(session, account, copy, m.length) == 0);
	free(copy);
	return session;
}

/* A pickle in fresh memory with a zero behind it. */
static inline char *session_pickle(OlmSession *session, size_t *length)
{
	char *text;

	*length = olm_pickle_session_length(session);
	text = malloc(*length + 1);
	NEED(olm_pickle_session(session, "key", 3, text, *length) == *length);
	text[*length] = 0;
	return text;
}

static inline char *account_pickle(OlmAccount *account, size_t *length)
{
	char *text;

	*length = olm_pickle_account_length(account);
	text = malloc(*length + 1);
	NEED(olm_pickle_account(account, "key", 3, text, *length) == *length);
	text[*length] = 0;
	return text;
}

/* A second session with the same state. */
static inline OlmSession *twin(OlmSession *session)
{
	OlmSession *other = new_session();
	size_t length;
	char *pickle = session_pickle(session, &length);

	NEED(olm_unpickle_session(other, "key", 3, pickle, length) == length);
	free(pickle);
	return other;
}

/* A Megolm session drawn from the seed: 128 bytes of ratchet, 32 of Ed25519 seed. */
static inline OlmOutboundGroupSession *group_of(uint64_t seed)
{
	OlmOutboundGroupSession *group = new_outbound_group_session();
	uint8_t *random = drawn(160, seed);

	NEED(olm_init_outbound_group_session(group, random, 160) == 0);
	free(random);
	return group;
}

static inline OlmInboundGroupSession *receiver_of(OlmOutboundGroupSession *group)
{
	OlmInboundGroupSession *receiver = new_inbound_group_session();
	uint8_t key[306];

	NEED(olm_outbound_group_session_key(group, key, 306) == 306);
	NEED(olm_init_inbound_group_session(receiver, key, 306) == 0);
	return receiver;
}

/* The next group message, with a zero behind it. */
static inline struct message group_encrypted(OlmOutboundGroupSession *group, const char *text)
{
	struct message m;

	m.type = 0;
	m.length = olm_group_encrypt_message_length(group, strlen(text));
	m.text = malloc(m.length + 1);
	NEED(olm_group_encrypt(group, (const uint8_t *)text, strlen(text), (uint8_t *)m.text, m.length) == m.length);
	m.text[m.length] = 0;
	return m;
}

/* Decrypts a copy into fresh memory; returns the length or ERROR. */
static inline size_t group_decrypted(OlmInboundGroupSession *group, struct message m, char **plaintext, uint32_t *index)
{
	uint8_t *copy = copied(m.text, m.length);
	size_t n = olm_group_decrypt_max_plaintext_length(group, copy, m.length);

	*plaintext = NULL;
	if (n != ERROR) {
		memcpy(copy, m.text, m.length);
		*plaintext = malloc(n ? n : 1);
		n = olm_group_decrypt(group, copy, m.length, (uint8_t *)*plaintext, n, index);
	}
	free(copy);
	return n;
}

static inline void check_group_decrypts_called(OlmInboundGroupSession *group, struct message m, const char *text, uint32_t index)
{
	char *plaintext;
	uint32_t got = ~index;
	size_t n = group_decrypted(group, m, &plaintext, &got);

	if (CHECK(n != ERROR))
		TEXT(plaintext, n, text);
	EQ(got, index);
	free(plaintext);
}

static inline void check_group_refused_called(OlmInboundGroupSession *group, struct message m, enum OlmErrorCode code)
{
	char *plaintext;

	EQ(group_decrypted(group, m, &plaintext, NULL), ERROR);
	EQ(olm_inbound_group_session_last_error_code(group), code);
	free(plaintext);
}

/* With the caller's line in the message of a failure. */
#define check_decrypts(session, m, text) CALLED(check_decrypts_called(session, m, text))
#define check_refused(session, m, code) CALLED(check_refused_called(session, m, code))
#define check_conversation(from, to, text, seed) CALLED(check_conversation_called(from, to, text, seed))
#define check_group_decrypts(group, m, text, index) CALLED(check_group_decrypts_called(group, m, text, index))
#define check_group_refused(group, m, code) CALLED(check_group_refused_called(group, m, code))

#endif
