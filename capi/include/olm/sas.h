/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Short authentication strings: two people exchange ephemeral public keys, compare what both derive from them, and
 * then authenticate their other keys. For memory, errors, buffers and [destroyed] see olm/olm.h.
 */
#ifndef OLM_SAS_H_
#define OLM_SAS_H_

#include <stddef.h>

#include "olm/error.h"
#include "olm/olm_export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct OlmSAS OlmSAS;

/* The last error of a call on this object, as a static string and as a number. */
OLM_EXPORT const char * olm_sas_last_error(const OlmSAS * sas);
OLM_EXPORT enum OlmErrorCode olm_sas_last_error_code(const OlmSAS * sas);

/* Size, construction and clearing, as for every object. */
OLM_EXPORT size_t olm_sas_size(void);
OLM_EXPORT OlmSAS * olm_sas(void * memory);
OLM_EXPORT size_t olm_clear_sas(OlmSAS * sas);

/*
 * Makes our ephemeral key from 32 random bytes, which are not wiped: overwrite them yourself. Returns 0.
 * OLM_NOT_ENOUGH_RANDOM.
 */
OLM_EXPORT size_t olm_create_sas_random_length(const OlmSAS * sas);
OLM_EXPORT size_t olm_create_sas(
	OlmSAS * sas,
	void * random, size_t random_length
);

/* Our public key, 43 characters of base64. Returns 0, not their number. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_sas_pubkey_length(const OlmSAS * sas);
OLM_EXPORT size_t olm_sas_get_pubkey(
	OlmSAS * sas,
	void * pubkey, size_t pubkey_length
);

/*
 * Takes the other side's public key, 43 characters of base64 [destroyed]. Returns 0. OLM_INPUT_BUFFER_TOO_SMALL: too
 * short. OLM_INVALID_BASE64: a length that base64 cannot have, or a key that forces a known secret.
 */
OLM_EXPORT size_t olm_sas_set_their_key(
	OlmSAS * sas,
	void * their_key, size_t their_key_length
);

/* 1 if the other side's public key has been set, else 0. */
OLM_EXPORT int olm_sas_is_their_key_set(const OlmSAS * sas);

/*
 * Derives bytes to show to the users, as emoji or numbers. The same info on both sides gives the same bytes. Fills
 * the whole output, 8160 bytes at most. Returns 0. OLM_SAS_THEIR_KEY_NOT_SET. OLM_OUTPUT_BUFFER_TOO_SMALL: more was
 * asked for.
 */
OLM_EXPORT size_t olm_sas_generate_bytes(
	OlmSAS * sas,
	const void * info, size_t info_length,
	void * output, size_t output_length
);

/*
 * MACs of an input (a key, say) under the shared secret and the info, 43 characters of base64. Return 0, not their
 * number. OLM_OUTPUT_BUFFER_TOO_SMALL (found first), OLM_SAS_THEIR_KEY_NOT_SET.
 *   olm_sas_calculate_mac               Matrix's hkdf-hmac-sha256: its base64 is wrong in a way that the protocol keeps
 *   olm_sas_calculate_mac_fixed_base64  Matrix's hkdf-hmac-sha256.v2: right base64, the one for new programs
 *   olm_sas_calculate_mac_long_kdf      hmac-sha256, of old versions of a few clients
 */
OLM_EXPORT size_t olm_sas_mac_length(const OlmSAS * sas);
OLM_EXPORT size_t olm_sas_calculate_mac(
	OlmSAS * sas,
	const void * input, size_t input_length,
	const void * info, size_t info_length,
	void * mac, size_t mac_length
);
OLM_EXPORT size_t olm_sas_calculate_mac_fixed_base64(
	OlmSAS * sas,
	const void * input, size_t input_length,
	const void * info, size_t info_length,
	void * mac, size_t mac_length
);
OLM_EXPORT size_t olm_sas_calculate_mac_long_kdf(
	OlmSAS * sas,
	const void * input, size_t input_length,
	const void * info, size_t info_length,
	void * mac, size_t mac_length
);

#ifdef __cplusplus
}
#endif

#endif
