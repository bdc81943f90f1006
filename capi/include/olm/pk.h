/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Encryption to a public key (as Matrix key backups use it) and signing keys made from a seed. For memory, errors,
 * buffers and [destroyed] see olm/olm.h.
 *
 * The encryption is m.megolm_backup.v1.curve25519-aes-sha2 as it is deployed: **its MAC does not cover the
 * ciphertext**. Whoever can change the stored ciphertext is not noticed. Do not build anything new on it.
 */
#ifndef OLM_PK_H_
#define OLM_PK_H_

#include <stddef.h>
#include <stdint.h>

#include "olm/error.h"
#include "olm/olm_export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Encryption ------------------------------------------------------------------------------------------------- */

typedef struct OlmPkEncryption OlmPkEncryption;

/* Size, construction, last error and clearing, as for every object. */
OLM_EXPORT size_t olm_pk_encryption_size(void);
OLM_EXPORT OlmPkEncryption * olm_pk_encryption(void * memory);
OLM_EXPORT const char * olm_pk_encryption_last_error(const OlmPkEncryption * encryption);
OLM_EXPORT enum OlmErrorCode olm_pk_encryption_last_error_code(const OlmPkEncryption * encryption);
OLM_EXPORT size_t olm_clear_pk_encryption(OlmPkEncryption * encryption);

/*
 * Sets the public key to encrypt to: 43 characters of base64, more are ignored. Returns 0.
 * OLM_INPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_pk_encryption_set_recipient_key(
	OlmPkEncryption * encryption,
	void const * public_key, size_t public_key_length
);

/* Lengths of the three outputs of olm_pk_encrypt() and of its random bytes (32). */
OLM_EXPORT size_t olm_pk_ciphertext_length(
	const OlmPkEncryption * encryption,
	size_t plaintext_length
);
OLM_EXPORT size_t olm_pk_mac_length(const OlmPkEncryption * encryption);
OLM_EXPORT size_t olm_pk_key_length(void);
OLM_EXPORT size_t olm_pk_encrypt_random_length(const OlmPkEncryption * encryption);

/*
 * Encrypts; all outputs are base64. Give a buffer of olm_pk_mac_length() = 11 bytes for the MAC. The random bytes are
 * not wiped: overwrite them yourself, they are the private key of the ephemeral one. Returns 8 when it succeeds,
 * which is no length of anything. OLM_OUTPUT_BUFFER_TOO_SMALL (found first), OLM_NOT_ENOUGH_RANDOM.
 * OLM_INVALID_BASE64: the recipient's key was not set, or forces a known secret.
 */
OLM_EXPORT size_t olm_pk_encrypt(
	OlmPkEncryption * encryption,
	void const * plaintext, size_t plaintext_length,
	void * ciphertext, size_t ciphertext_length,
	void * mac, size_t mac_length,
	void * ephemeral_key, size_t ephemeral_key_size,
	const void * random, size_t random_length
);

/* --- Decryption ------------------------------------------------------------------------------------------------- */

typedef struct OlmPkDecryption OlmPkDecryption;

/* Size, construction, last error and clearing, as for every object. */
OLM_EXPORT size_t olm_pk_decryption_size(void);
OLM_EXPORT OlmPkDecryption * olm_pk_decryption(void * memory);
OLM_EXPORT const char * olm_pk_decryption_last_error(const OlmPkDecryption * decryption);
OLM_EXPORT enum OlmErrorCode olm_pk_decryption_last_error_code(const OlmPkDecryption * decryption);
OLM_EXPORT size_t olm_clear_pk_decryption(OlmPkDecryption * decryption);

/* Length of a private key, 32 raw bytes. The second function is its old name. */
OLM_EXPORT size_t olm_pk_private_key_length(void);
OLM_EXPORT size_t olm_pk_generate_key_random_length(void);

/*
 * Takes a private key, 32 random bytes or one kept from before, and tells its public key, olm_pk_key_length() = 43
 * characters of base64. The private key is not wiped. Returns 0. OLM_OUTPUT_BUFFER_TOO_SMALL (found first),
 * OLM_INPUT_BUFFER_TOO_SMALL. The second function is the old name of the first.
 */
OLM_EXPORT size_t olm_pk_key_from_private(
	OlmPkDecryption * decryption,
	void * pubkey, size_t pubkey_length,
	const void * privkey, size_t privkey_length
);
OLM_EXPORT size_t olm_pk_generate_key(
	OlmPkDecryption * decryption,
	void * pubkey, size_t pubkey_length,
	const void * privkey, size_t privkey_length
);

/* Pickling as for accounts (olm/olm.h). Returns the length, always 118. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_pickle_pk_decryption_length(const OlmPkDecryption * decryption);
OLM_EXPORT size_t olm_pickle_pk_decryption(
	OlmPkDecryption * decryption,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length
);

/*
 * Loads a pickle [destroyed; it holds the secrets in the clear afterwards] and tells the public key if pubkey is not
 * NULL. Returns pickled_length. OLM_OUTPUT_BUFFER_TOO_SMALL (found first, for pubkey), OLM_INVALID_BASE64,
 * OLM_BAD_ACCOUNT_KEY, OLM_UNKNOWN_PICKLE_VERSION, OLM_CORRUPTED_PICKLE, OLM_PICKLE_EXTRA_DATA.
 */
OLM_EXPORT size_t olm_unpickle_pk_decryption(
	OlmPkDecryption * decryption,
	void const * key, size_t key_length,
	void * pickled, size_t pickled_length,
	void * pubkey, size_t pubkey_length
);

/*
 * How large the buffer for the plaintext must be. olm_error() for a length that base64 cannot have; sets no error
 * code.
 */
OLM_EXPORT size_t olm_pk_max_plaintext_length(
	const OlmPkDecryption * decryption,
	size_t ciphertext_length
);

/*
 * Decrypts what olm_pk_encrypt() gave: ephemeral key (43 characters), MAC (11), ciphertext [destroyed]. Returns the
 * length of the plaintext; the rest of the buffer is not part of it. In the order in which they are found:
 * OLM_OUTPUT_BUFFER_TOO_SMALL, OLM_INVALID_BASE64 (a length is wrong), OLM_BAD_MESSAGE_MAC (other key, or damaged).
 */
OLM_EXPORT size_t olm_pk_decrypt(
	OlmPkDecryption * decryption,
	void const * ephemeral_key, size_t ephemeral_key_length,
	void const * mac, size_t mac_length,
	void * ciphertext, size_t ciphertext_length,
	void * plaintext, size_t max_plaintext_length
);

/* Copies the private key out. Returns its length, 32. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_pk_get_private_key(
	OlmPkDecryption * decryption,
	void * private_key, size_t private_key_length
);

/* --- Signing ---------------------------------------------------------------------------------------------------- */

typedef struct OlmPkSigning OlmPkSigning;

/* Size, construction, last error and clearing, as for every object. */
OLM_EXPORT size_t olm_pk_signing_size(void);
OLM_EXPORT OlmPkSigning * olm_pk_signing(void * memory);
OLM_EXPORT const char * olm_pk_signing_last_error(const OlmPkSigning * sign);
OLM_EXPORT enum OlmErrorCode olm_pk_signing_last_error_code(const OlmPkSigning * sign);
OLM_EXPORT size_t olm_clear_pk_signing(OlmPkSigning * sign);

/*
 * Makes the key pair from a seed of 32 random bytes, which is not wiped, and tells the public key, 43 characters.
 * Returns 0. OLM_OUTPUT_BUFFER_TOO_SMALL (found first), OLM_INPUT_BUFFER_TOO_SMALL.
 */
OLM_EXPORT size_t olm_pk_signing_key_from_seed(
	OlmPkSigning * sign,
	void * pubkey, size_t pubkey_length,
	const void * seed, size_t seed_length
);

/* Lengths: of a seed (32), of a public key (43) and of a signature (86) in base64. */
OLM_EXPORT size_t olm_pk_signing_seed_length(void);
OLM_EXPORT size_t olm_pk_signing_public_key_length(void);
OLM_EXPORT size_t olm_pk_signature_length(void);

/* Signs; olm_ed25519_verify() checks. Returns the length of the signature. OLM_OUTPUT_BUFFER_TOO_SMALL. */
OLM_EXPORT size_t olm_pk_sign(
	OlmPkSigning * sign,
	uint8_t const * message, size_t message_length,
	uint8_t * signature, size_t signature_length
);

#ifdef __cplusplus
}
#endif

#endif
