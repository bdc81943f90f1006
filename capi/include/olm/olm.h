/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Olm: accounts, sessions between two devices, hashes and signatures. Group sessions (Megolm) come with it; olm/pk.h
 * and olm/sas.h have public key encryption, signing keys and short authentication strings.
 *
 * Memory. The library allocates nothing. For an object X allocate olm_X_size() bytes, in any alignment and with any
 * content, and construct the object there with olm_X(memory); the pointer that comes back equals `memory`. When you
 * are done, olm_clear_X() overwrites the object with zeros; you free the memory. Without a clear nothing leaks but
 * the secrets stay in that memory.
 *
 * Errors. Functions that return size_t return olm_error() when they fail; olm_X_last_error() then tells why. A call
 * that fails leaves the state as it was, unless its comment says otherwise.
 *
 * Buffers. Lengths are in bytes. Every output has a function that tells its length; a longer buffer is fine, only the
 * first bytes are written and no terminating zero is added. A pointer may be NULL when its length is 0.
 *
 *   [wiped]     the whole buffer of random bytes is overwritten with zeros, also if the call finds it too short
 *   [destroyed] the input is decoded where it lies: give a copy if you need it again, e.g. for the next call
 *
 * Random bytes must come from the operating system's generator and serve once.
 *
 * Threads. There is no global state. Different objects may be used at the same time, one object may not.
 */
#ifndef OLM_H_
#define OLM_H_

#include <stddef.h>
#include <stdint.h>

#include "olm/error.h"
#include "olm/inbound_group_session.h"
#include "olm/outbound_group_session.h"
#include "olm/olm_export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types of messages, as olm_encrypt_message_type() returns and olm_decrypt() expects them. */
static const size_t OLM_MESSAGE_TYPE_PRE_KEY = 0;
static const size_t OLM_MESSAGE_TYPE_MESSAGE = 1;

/* A device: its identity keys, its one-time keys and its fallback key. */
typedef struct OlmAccount OlmAccount;
/* One side of a conversation between two devices. */
typedef struct OlmSession OlmSession;
/* Carries nothing but the last error of olm_sha256() and olm_ed25519_verify(). */
typedef struct OlmUtility OlmUtility;

/* The version of libolm whose behaviour this library has. Each pointer may be NULL. */
OLM_EXPORT void olm_get_library_version(uint8_t *major, uint8_t *minor, uint8_t *patch);

/* What a function returns when it fails: (size_t)-1. */
OLM_EXPORT size_t olm_error(void);

/* --- Objects ---------------------------------------------------------------------------------------------------- */

/* Bytes of memory that an object takes. */
OLM_EXPORT size_t olm_account_size(void);
OLM_EXPORT size_t olm_session_size(void);
OLM_EXPORT size_t olm_utility_size(void);

/* Make an empty object in the memory given. It has no keys yet: create or unpickle comes next. Before that it can be
 * pickled and looked at; what would use its keys fails. */
OLM_EXPORT OlmAccount * olm_account(void * memory);
OLM_EXPORT OlmSession * olm_session(void * memory);
OLM_EXPORT OlmUtility * olm_utility(void * memory);

/* Overwrite the object; it is then as freshly constructed. Return the size of the object. */
OLM_EXPORT size_t olm_clear_account(OlmAccount * account);
OLM_EXPORT size_t olm_clear_session(OlmSession * session);
OLM_EXPORT size_t olm_clear_utility(OlmUtility * utility);

/* The last error of a call on this object, as a static string and as a number. */
OLM_EXPORT const char * olm_account_last_error(OlmAccount const * account);
OLM_EXPORT enum OlmErrorCode olm_account_last_error_code(OlmAccount const * account);
OLM_EXPORT const char * olm_session_last_error(OlmSession const * session);
OLM_EXPORT enum OlmErrorCode olm_session_last_error_code(OlmSession const * session);
OLM_EXPORT const char * olm_utility_last_error(OlmUtility const * utility);
OLM_EXPORT enum OlmErrorCode olm_utility_last_error_code(OlmUtility const * utility);

/* --- Pickles ---------------------------------------------------------------------------------------------------- */

/*
 * An object as base64 text, encrypted and authenticated with a key of any length (0 included). The same object and
 * key give the same text. The length depends on the state: ask before each pickling.
 */
OLM_EXPORT size_t olm_pickle_account_length(OlmAccount const * account);
OLM_EXPORT size_t olm_pickle_session_length(OlmSession const * session);

/* Returns the length of the pickle. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_pickle_account(
	OlmAccount * account,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);
OLM_EXPORT size_t olm_pickle_session(
	OlmSession * session,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/*
 * Loads a pickle into an object, in the place of what it holds; `pickled` [destroyed], and it holds the secrets in the
 * clear afterwards: overwrite it. Returns pickled_length. After an error the object is what it was; libolm's may be half
 * overwritten, and must be cleared before it is used.
 * OLM_INVALID_BASE64, OLM_BAD_ACCOUNT_KEY (damaged, or the wrong key), OLM_UNKNOWN_PICKLE_VERSION,
 * OLM_BAD_LEGACY_ACCOUNT_PICKLE (accounts), OLM_CORRUPTED_PICKLE, OLM_PICKLE_EXTRA_DATA.
 */
OLM_EXPORT size_t olm_unpickle_account(
	OlmAccount * account,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);
OLM_EXPORT size_t olm_unpickle_session(
	OlmSession * session,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/* --- Accounts --------------------------------------------------------------------------------------------------- */

/* Makes the identity keys from 64 random bytes [wiped]. Returns 0. OLM_NOT_ENOUGH_RANDOM. */
OLM_EXPORT size_t olm_create_account_random_length(OlmAccount const * account);
OLM_EXPORT size_t olm_create_account(
	OlmAccount * account,
	void * random, size_t random_length
);

/*
 * The public identity keys as JSON: {"curve25519":"...","ed25519":"..."}, each in 43 characters of base64. Returns
 * the length, 116. OLM_OUTPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_account_identity_keys_length(OlmAccount const * account);
OLM_EXPORT size_t olm_account_identity_keys(
	OlmAccount * account,
	void * identity_keys, size_t identity_key_length
);

/* Signs with the Ed25519 identity key. Returns the length of the base64, 86. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_account_signature_length(OlmAccount const * account);
OLM_EXPORT size_t olm_account_sign(
	OlmAccount * account,
	void const * message, size_t message_length,
	void * signature, size_t signature_length
);

/*
 * The one-time keys that are not marked as published, newest first, as JSON: {"curve25519":{"AAAAAQ":"...",...}}.
 * Returns the length. OLM_OUTPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_account_one_time_keys_length(OlmAccount const * account);
OLM_EXPORT size_t olm_account_one_time_keys(
	OlmAccount * account,
	void * one_time_keys, size_t one_time_keys_length
);

/* To be called when the server has the keys: marks all one-time keys and the fallback key. Returns how many one-time
 * keys were not marked before. */
OLM_EXPORT size_t olm_account_mark_keys_as_published(OlmAccount * account);

/*
 * How many one-time keys an account keeps, 100. Keep half of them on the server: a key handed out may come back late.
 */
OLM_EXPORT size_t olm_account_max_number_of_one_time_keys(OlmAccount const * account);

/*
 * Makes one-time keys from 32 random bytes each [wiped]; the oldest keys are dropped when there are too many. Returns
 * number_of_keys. OLM_NOT_ENOUGH_RANDOM: no key was made.
 */
OLM_EXPORT size_t olm_account_generate_one_time_keys_random_length(
	OlmAccount const * account,
	size_t number_of_keys
);
OLM_EXPORT size_t olm_account_generate_one_time_keys(
	OlmAccount * account,
	size_t number_of_keys,
	void * random, size_t random_length
);

/*
 * Makes a fallback key from 32 random bytes [wiped], for the server to hand out when the one-time keys are used up.
 * The key before it is kept for messages under way, the one before that dropped. Returns 1. OLM_NOT_ENOUGH_RANDOM.
 */
OLM_EXPORT size_t olm_account_generate_fallback_key_random_length(OlmAccount const * account);
OLM_EXPORT size_t olm_account_generate_fallback_key(
	OlmAccount * account,
	void * random, size_t random_length
);

/*
 * The fallback key as JSON in the form of the one-time keys; {"curve25519":{}} if there is none. Returns the length.
 * OLM_OUTPUT_BUFFER_TOO_SMALL. The first pair tells it whether published or not and is there for old programs only:
 * prefer the second, which tells it only until it is marked as published.
 */
OLM_EXPORT size_t olm_account_fallback_key_length(OlmAccount const * account);
OLM_EXPORT size_t olm_account_fallback_key(
	OlmAccount * account,
	void * fallback_key, size_t fallback_key_size
);
OLM_EXPORT size_t olm_account_unpublished_fallback_key_length(OlmAccount const * account);
OLM_EXPORT size_t olm_account_unpublished_fallback_key(
	OlmAccount * account,
	void * fallback_key, size_t fallback_key_size
);

/* Drops the previous fallback key. To be called some time after the new one was published. */
OLM_EXPORT void olm_account_forget_old_fallback_key(OlmAccount * account);

/*
 * Drops the one-time key with which this inbound session was made: call it after the session's first message has been
 * decrypted. A fallback key stays. Returns the number of the key. OLM_BAD_MESSAGE_KEY_ID (on the account): it is not
 * there.
 */
OLM_EXPORT size_t olm_remove_one_time_keys(
	OlmAccount * account,
	OlmSession * session
);

/* --- Sessions: creation ----------------------------------------------------------------------------------------- */

/*
 * A session towards a device of which we know the identity key and a one-time (or fallback) key, 43 characters of
 * base64 each, whose signatures the caller has checked. Takes 64 random bytes [wiped, except if a key has another
 * length]. Returns 0. OLM_INVALID_BASE64 (a key has another length, or forces a known secret), OLM_NOT_ENOUGH_RANDOM.
 */
OLM_EXPORT size_t olm_create_outbound_session_random_length(OlmSession const * session);
OLM_EXPORT size_t olm_create_outbound_session(
	OlmSession * session,
	OlmAccount const * account,
	void const * their_identity_key, size_t their_identity_key_length,
	void const * their_one_time_key, size_t their_one_time_key_length,
	void * random, size_t random_length
);

/*
 * A session from a message of type OLM_MESSAGE_TYPE_PRE_KEY [destroyed], which then has to be decrypted: only that
 * proves it authentic. The second function moreover demands that the message name the given identity key (43
 * characters, not destroyed). Returns 0. On failure clear the session. OLM_INVALID_BASE64, OLM_BAD_MESSAGE_FORMAT,
 * OLM_BAD_MESSAGE_KEY_ID.
 */
OLM_EXPORT size_t olm_create_inbound_session(
	OlmSession * session,
	OlmAccount * account,
	void * one_time_key_message, size_t message_length
);
OLM_EXPORT size_t olm_create_inbound_session_from(
	OlmSession * session,
	OlmAccount * account,
	void const * their_identity_key, size_t their_identity_key_length,
	void * one_time_key_message, size_t message_length
);

/* --- Sessions: questions ---------------------------------------------------------------------------------------- */

/* A name for the session, the same on both sides, 43 characters. Returns its length. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_session_id_length(OlmSession const * session);
OLM_EXPORT size_t olm_session_id(
	OlmSession * session,
	void * id, size_t id_length
);

/* 1 once a message has been decrypted in this session, else 0. */
OLM_EXPORT int olm_session_has_received_message(OlmSession const * session);

/*
 * The counters of the session as text for logs, without secrets and with a terminating zero. A text that does not fit
 * ends in "..."; 600 bytes always suffice, fewer than 23 give an empty text.
 */
OLM_EXPORT void olm_session_describe(OlmSession * session, char * buf, size_t buflen);

/*
 * Does this message of type OLM_MESSAGE_TYPE_PRE_KEY [destroyed] belong to this session? 1 or 0, 0 also for a message
 * that makes no sense. The second function also asks for the sender's identity key. OLM_INVALID_BASE64.
 */
OLM_EXPORT size_t olm_matches_inbound_session(
	OlmSession * session,
	void * one_time_key_message, size_t message_length
);
OLM_EXPORT size_t olm_matches_inbound_session_from(
	OlmSession * session,
	void const * their_identity_key, size_t their_identity_key_length,
	void * one_time_key_message, size_t message_length
);

/* --- Sessions: messages ----------------------------------------------------------------------------------------- */

/*
 * The type of the next message: OLM_MESSAGE_TYPE_PRE_KEY until an answer has been decrypted. Ask before encrypting.
 */
OLM_EXPORT size_t olm_encrypt_message_type(OlmSession const * session);

/*
 * How many random bytes the next message takes, 0 or 32, and how long it gets: olm_error() for a plaintext of more
 * than 2^30 bytes. Ask before each message.
 */
OLM_EXPORT size_t olm_encrypt_random_length(OlmSession const * session);
OLM_EXPORT size_t olm_encrypt_message_length(
	OlmSession const * session,
	size_t plaintext_length
);

/*
 * Encrypts; the message is base64. Random bytes [wiped, except after OLM_OUTPUT_BUFFER_TOO_SMALL]. Returns the length
 * of the message. OLM_OUTPUT_BUFFER_TOO_SMALL (found first), OLM_NOT_ENOUGH_RANDOM. OLM_BAD_MESSAGE_MAC: the other
 * side's ratchet key forces a known secret (no honest device has such a key), or there was no message yet to answer.
 */
OLM_EXPORT size_t olm_encrypt(
	OlmSession * session,
	void const * plaintext, size_t plaintext_length,
	void * random, size_t random_length,
	void * message, size_t message_length
);

/*
 * How large the buffer for the plaintext of this message [destroyed] must be: up to 16 bytes more than the plaintext.
 * OLM_INVALID_BASE64, OLM_BAD_MESSAGE_FORMAT.
 */
OLM_EXPORT size_t olm_decrypt_max_plaintext_length(
	OlmSession * session,
	size_t message_type,
	void * message, size_t message_length
);

/*
 * Decrypts a message [destroyed]. Returns the length of the plaintext; the rest of the buffer is not part of it. In
 * the order in which they are found: OLM_INVALID_BASE64, OLM_BAD_MESSAGE_VERSION, OLM_BAD_MESSAGE_FORMAT,
 * OLM_OUTPUT_BUFFER_TOO_SMALL, OLM_BAD_MESSAGE_MAC (forged, damaged, decrypted before, or more than 2000 messages
 * ahead). After an error the buffer's content means nothing and the session is as before.
 */
OLM_EXPORT size_t olm_decrypt(
	OlmSession * session,
	size_t message_type,
	void * message, size_t message_length,
	void * plaintext, size_t max_plaintext_length
);

/* --- Utilities -------------------------------------------------------------------------------------------------- */

/* SHA-256 as 43 characters of base64. Returns their number. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_sha256_length(OlmUtility const * utility);
OLM_EXPORT size_t olm_sha256(
	OlmUtility * utility,
	void const * input, size_t input_length,
	void * output, size_t output_length
);

/*
 * Checks a signature of 86 characters [destroyed] with a public key of 43. Returns 0 if it is right.
 * OLM_INVALID_BASE64: a length is impossible. OLM_BAD_MESSAGE_MAC: too short, or wrong.
 */
OLM_EXPORT size_t olm_ed25519_verify(
	OlmUtility * utility,
	void const * key, size_t key_length,
	void const * message, size_t message_length,
	void * signature, size_t signature_length
);

#ifdef __cplusplus
}
#endif

#endif
