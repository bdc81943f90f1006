/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The receiving side of a Megolm session. For memory, errors, buffers and [destroyed] see olm/olm.h.
 *
 * Decrypting the same message again succeeds: the caller compares sender, session and message index with what it has
 * seen in order to notice replays.
 */
#ifndef OLM_INBOUND_GROUP_SESSION_H_
#define OLM_INBOUND_GROUP_SESSION_H_

#include <stddef.h>
#include <stdint.h>

#include "olm/error.h"
#include "olm/olm_export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct OlmInboundGroupSession OlmInboundGroupSession;

/* Bytes of memory that the object takes. */
OLM_EXPORT size_t olm_inbound_group_session_size(void);

/* Makes an empty object in the memory given. */
OLM_EXPORT OlmInboundGroupSession * olm_inbound_group_session(void * memory);

/* The last error of a call on this object, as a static string and as a number. */
OLM_EXPORT const char * olm_inbound_group_session_last_error(const OlmInboundGroupSession * session);
OLM_EXPORT enum OlmErrorCode olm_inbound_group_session_last_error_code(const OlmInboundGroupSession * session);

/* Overwrites the object; it is then as freshly constructed. Returns its size. */
OLM_EXPORT size_t olm_clear_inbound_group_session(OlmInboundGroupSession * session);

/* Pickling as for accounts (olm/olm.h). Returns the length, always 416. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_pickle_inbound_group_session_length(const OlmInboundGroupSession * session);
OLM_EXPORT size_t olm_pickle_inbound_group_session(
	OlmInboundGroupSession * session,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/*
 * Loads a pickle [destroyed; it holds the secrets in the clear afterwards]. Returns pickled_length.
 * OLM_INVALID_BASE64, OLM_BAD_ACCOUNT_KEY, OLM_UNKNOWN_PICKLE_VERSION, OLM_CORRUPTED_PICKLE, OLM_PICKLE_EXTRA_DATA.
 */
OLM_EXPORT size_t olm_unpickle_inbound_group_session(
	OlmInboundGroupSession * session,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/*
 * Starts from what olm_outbound_group_session_key() gave: 306 characters, left as they are. Returns 0.
 * OLM_INVALID_BASE64, OLM_BAD_SESSION_KEY, OLM_BAD_SIGNATURE. After an error clear the session.
 */
OLM_EXPORT size_t olm_init_inbound_group_session(
	OlmInboundGroupSession * session,
	uint8_t const * session_key, size_t session_key_length
);

/*
 * Starts from what olm_export_inbound_group_session() gave: 220 characters, left as they are. Nothing in an export
 * proves who made it; the session counts as verified once a message has been decrypted. Returns 0.
 * OLM_INVALID_BASE64, OLM_BAD_SESSION_KEY.
 */
OLM_EXPORT size_t olm_import_inbound_group_session(
	OlmInboundGroupSession * session,
	uint8_t const * session_key, size_t session_key_length
);

/*
 * How large the buffer for the plaintext of this message [destroyed] must be: up to 16 bytes more than the plaintext.
 * OLM_INVALID_BASE64, OLM_BAD_MESSAGE_VERSION, OLM_BAD_MESSAGE_FORMAT.
 */
OLM_EXPORT size_t olm_group_decrypt_max_plaintext_length(
	OlmInboundGroupSession * session,
	uint8_t * message, size_t message_length
);

/*
 * Decrypts a message [destroyed] and tells its index, if message_index is not NULL; the index is written as soon as
 * it is read, before the message has proved authentic. Returns the length of the plaintext; the rest of the buffer is
 * not part of it. In the order in which they are found: OLM_INVALID_BASE64, OLM_BAD_MESSAGE_VERSION,
 * OLM_BAD_MESSAGE_FORMAT, OLM_BAD_SIGNATURE, OLM_OUTPUT_BUFFER_TOO_SMALL, OLM_UNKNOWN_MESSAGE_INDEX,
 * OLM_BAD_MESSAGE_MAC.
 */
OLM_EXPORT size_t olm_group_decrypt(
	OlmInboundGroupSession * session,
	uint8_t * message, size_t message_length,
	uint8_t * plaintext, size_t max_plaintext_length,
	uint32_t * message_index
);

/*
 * The name of the session, the same on all sides, 43 characters. Returns their number. OLM_OUTPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_inbound_group_session_id_length(const OlmInboundGroupSession * session);
OLM_EXPORT size_t olm_inbound_group_session_id(
	OlmInboundGroupSession * session,
	uint8_t * id, size_t id_length
);

/* The index of the first message that this session can decrypt. */
OLM_EXPORT uint32_t olm_inbound_group_session_first_known_index(const OlmInboundGroupSession * session);

/*
 * 1 if the holder of the session's signing key is known to have made it (by a signed key or a message), else 0. A message
 * that decrypts says nothing of those before it: parts of an export that matter to them alone can be forged.
 */
OLM_EXPORT int olm_inbound_group_session_is_verified(const OlmInboundGroupSession * session);

/*
 * The session's secrets from this index on as base64, for a backup or another device of the same user. Returns the
 * length, 220. OLM_OUTPUT_BUFFER_TOO_SMALL (found first), OLM_UNKNOWN_MESSAGE_INDEX: the index lies before the first
 * known.
 */
OLM_EXPORT size_t olm_export_inbound_group_session_length(const OlmInboundGroupSession * session);
OLM_EXPORT size_t olm_export_inbound_group_session(
	OlmInboundGroupSession * session,
	uint8_t * key, size_t key_length, uint32_t message_index
);

#ifdef __cplusplus
}
#endif

#endif
