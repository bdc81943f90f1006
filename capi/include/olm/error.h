/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Error codes. Each object remembers the last error of a call on it; a successful call leaves it as it is, so look at
 * it only after a function has returned olm_error().
 */
#ifndef OLM_ERROR_H_
#define OLM_ERROR_H_

#include "olm/olm_export.h"

#ifdef __cplusplus
extern "C" {
#endif

enum OlmErrorCode {
	/* No call on this object has failed yet. */
	OLM_SUCCESS = 0,
	/* The buffer of random bytes is shorter than the ..._random_length() of the call. */
	OLM_NOT_ENOUGH_RANDOM = 1,
	/* The result does not fit: ask the ..._length() function of the call. Nothing was written. */
	OLM_OUTPUT_BUFFER_TOO_SMALL = 2,
	/* The message says that it is of another protocol version, or is too short to say so. */
	OLM_BAD_MESSAGE_VERSION = 3,
	/* The message lacks a part, or a part of it has an impossible length. */
	OLM_BAD_MESSAGE_FORMAT = 4,
	/* The message, or the signature checked by olm_ed25519_verify, is not authentic, or its key is no longer known. */
	OLM_BAD_MESSAGE_MAC = 5,
	/* The account has no such one-time key, or the message comes from another identity key than expected. */
	OLM_BAD_MESSAGE_KEY_ID = 6,
	/* The input has a length that base64 cannot have, or that a key in base64 cannot have. */
	OLM_INVALID_BASE64 = 7,
	/* The pickle was damaged, or pickled with another key. Said for every kind of object. */
	OLM_BAD_ACCOUNT_KEY = 8,
	/* The pickle was written in a format that this library does not know. */
	OLM_UNKNOWN_PICKLE_VERSION = 9,
	/* The pickle is authentic and makes no sense: it ends too early, or counts more than an object can hold. */
	OLM_CORRUPTED_PICKLE = 10,
	/* A Megolm session key has the wrong length or version. */
	OLM_BAD_SESSION_KEY = 11,
	/* The Megolm message (or the wished export) lies before the first index that the session can reach. */
	OLM_UNKNOWN_MESSAGE_INDEX = 12,
	/* An account pickled by a libolm of 2015, whose keys must not be used any more. */
	OLM_BAD_LEGACY_ACCOUNT_PICKLE = 13,
	/* The signature of a Megolm message or session key is wrong. */
	OLM_BAD_SIGNATURE = 14,
	/* A key given as input is too short. */
	OLM_INPUT_BUFFER_TOO_SMALL = 15,
	/* The SAS object needs the other side's public key before it can do this. */
	OLM_SAS_THEIR_KEY_NOT_SET = 16,
	/* Bytes are left over behind the end of the object in an authentic pickle. */
	OLM_PICKLE_EXTRA_DATA = 17
};

/*
 * The name of an error, a static string: "SUCCESS", "BAD_MESSAGE_MAC" and so on, the last three with "OLM_" in front.
 * "UNKNOWN_ERROR" for a number that is no error. What the ..._last_error() functions return.
 */
OLM_EXPORT const char * _olm_error_to_string(enum OlmErrorCode error);

#ifdef __cplusplus
}
#endif

#endif
