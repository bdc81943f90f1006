/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The sending side of a Megolm session. For memory, errors, buffers and [destroyed] see olm/olm.h.
 */
#ifndef OLM_OUTBOUND_GROUP_SESSION_H_
#define OLM_OUTBOUND_GROUP_SESSION_H_

#include <stddef.h>
#include <stdint.h>

#include "olm/error.h"
#include "olm/olm_export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct OlmOutboundGroupSession OlmOutboundGroupSession;

/* Bytes of memory that the object takes. */
OLM_EXPORT size_t olm_outbound_group_session_size(void);

/* Makes an empty object in the memory given. */
OLM_EXPORT OlmOutboundGroupSession * olm_outbound_group_session(void * memory);

/* The last error of a call on this object, as a static string and as a number. */
OLM_EXPORT const char * olm_outbound_group_session_last_error(const OlmOutboundGroupSession * session);
OLM_EXPORT enum OlmErrorCode olm_outbound_group_session_last_error_code(const OlmOutboundGroupSession * session);

/* Overwrites the object; it is then as freshly constructed. Returns its size. */
OLM_EXPORT size_t olm_clear_outbound_group_session(OlmOutboundGroupSession * session);

/* Pickling as for accounts (olm/olm.h). Returns the length, always 331. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_pickle_outbound_group_session_length(const OlmOutboundGroupSession * session);
OLM_EXPORT size_t olm_pickle_outbound_group_session(
	OlmOutboundGroupSession * session,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/*
 * Loads a pickle [destroyed; it holds the secrets in the clear afterwards]. Returns pickled_length.
 * OLM_INVALID_BASE64, OLM_BAD_ACCOUNT_KEY, OLM_UNKNOWN_PICKLE_VERSION, OLM_CORRUPTED_PICKLE, OLM_PICKLE_EXTRA_DATA.
 */
OLM_EXPORT size_t olm_unpickle_outbound_group_session(
	OlmOutboundGroupSession * session,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/*
 * Starts a session from 160 random bytes, which are overwritten with zeros if the call succeeds and left alone if
 * not. Returns 0. OLM_NOT_ENOUGH_RANDOM.
 */
OLM_EXPORT size_t olm_init_outbound_group_session_random_length(const OlmOutboundGroupSession * session);
OLM_EXPORT size_t olm_init_outbound_group_session(
	OlmOutboundGroupSession * session,
	uint8_t * random, size_t random_length
);

/* The length of the next message; it grows with the message index. olm_error() for more than 2^30 bytes. */
OLM_EXPORT size_t olm_group_encrypt_message_length(
	OlmOutboundGroupSession * session,
	size_t plaintext_length
);

/*
 * Encrypts and signs; the message is base64. Returns its length. OLM_OUTPUT_BUFFER_TOO_SMALL. OLM_BAD_MESSAGE_MAC:
 * the session is at index 2^32-1 and has no message left.
 */
OLM_EXPORT size_t olm_group_encrypt(
	OlmOutboundGroupSession * session,
	uint8_t const * plaintext, size_t plaintext_length,
	uint8_t * message, size_t message_length
);

/*
 * The name of the session, the same on all sides, 43 characters. Returns their number. OLM_OUTPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_outbound_group_session_id_length(const OlmOutboundGroupSession * session);
OLM_EXPORT size_t olm_outbound_group_session_id(
	OlmOutboundGroupSession * session,
	uint8_t * id, size_t id_length
);

/* The index of the next message, 0 for the first. */
OLM_EXPORT uint32_t olm_outbound_group_session_message_index(OlmOutboundGroupSession * session);

/*
 * What the receivers need in order to decrypt from the next message on, as signed base64: send it to each of them
 * through an Olm session. Returns the length, 306. OLM_OUTPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_outbound_group_session_key_length(const OlmOutboundGroupSession * session);
OLM_EXPORT size_t olm_outbound_group_session_key(
	OlmOutboundGroupSession * session,
	uint8_t * key, size_t key_length
);

#ifdef __cplusplus
}
#endif

#endif
