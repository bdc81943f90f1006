/* Every function of libolm's interface, by pointers into one of two libraries that are loaded side by side. */
#ifndef DIFFERENTIAL_FUNCTIONS_H
#define DIFFERENTIAL_FUNCTIONS_H

#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>

#define OBJECT(F, kind) F(kind##_size) F(kind) F(clear_##kind) F(kind##_last_error) F(kind##_last_error_code)
#define PICKLED(F, kind) F(pickle_##kind##_length) F(pickle_##kind) F(unpickle_##kind)
#define FUNCTIONS(F) \
	F(error) F(get_library_version) OBJECT(F, account) OBJECT(F, session) OBJECT(F, utility) \
	OBJECT(F, inbound_group_session) OBJECT(F, outbound_group_session) OBJECT(F, pk_encryption) OBJECT(F, pk_decryption) \
	OBJECT(F, pk_signing) OBJECT(F, sas) PICKLED(F, account) PICKLED(F, session) PICKLED(F, inbound_group_session) \
	PICKLED(F, outbound_group_session) PICKLED(F, pk_decryption) F(create_account_random_length) F(create_account) \
	F(account_identity_keys_length) F(account_identity_keys) F(account_signature_length) F(account_sign) \
	F(account_one_time_keys_length) F(account_one_time_keys) F(account_mark_keys_as_published) \
	F(account_max_number_of_one_time_keys) F(account_generate_one_time_keys_random_length) \
	F(account_generate_one_time_keys) F(account_generate_fallback_key_random_length) F(account_generate_fallback_key) \
	F(account_fallback_key_length) F(account_fallback_key) F(account_unpublished_fallback_key_length) \
	F(account_unpublished_fallback_key) F(account_forget_old_fallback_key) F(remove_one_time_keys) \
	F(create_outbound_session_random_length) F(create_outbound_session) F(create_inbound_session) \
	F(create_inbound_session_from) F(session_id_length) F(session_id) F(session_has_received_message) F(session_describe) \
	F(matches_inbound_session) F(matches_inbound_session_from) F(encrypt_message_type) F(encrypt_random_length) \
	F(encrypt_message_length) F(encrypt) F(decrypt_max_plaintext_length) F(decrypt) F(sha256_length) F(sha256) \
	F(ed25519_verify) F(init_inbound_group_session) F(import_inbound_group_session) F(group_decrypt_max_plaintext_length) \
	F(group_decrypt) F(inbound_group_session_id_length) F(inbound_group_session_id) \
	F(inbound_group_session_first_known_index) F(inbound_group_session_is_verified) F(export_inbound_group_session_length) \
	F(export_inbound_group_session) F(init_outbound_group_session_random_length) F(init_outbound_group_session) \
	F(group_encrypt_message_length) F(group_encrypt) F(outbound_group_session_id_length) F(outbound_group_session_id) \
	F(outbound_group_session_message_index) F(outbound_group_session_key_length) F(outbound_group_session_key) \
	F(pk_encryption_set_recipient_key) F(pk_ciphertext_length) F(pk_mac_length) F(pk_key_length) \
	F(pk_encrypt_random_length) F(pk_encrypt) F(pk_private_key_length) F(pk_generate_key_random_length) \
	F(pk_key_from_private) F(pk_generate_key) F(pk_max_plaintext_length) F(pk_decrypt) F(pk_get_private_key) \
	F(pk_signing_key_from_seed) F(pk_signing_seed_length) F(pk_signing_public_key_length) F(pk_signature_length) \
	F(pk_sign) F(create_sas_random_length) F(create_sas) F(sas_pubkey_length) F(sas_get_pubkey) F(sas_set_their_key) \
	F(sas_is_their_key_set) F(sas_generate_bytes) F(sas_mac_length) F(sas_calculate_mac) \
	F(sas_calculate_mac_fixed_base64) F(sas_calculate_mac_long_kdf)

#endif
