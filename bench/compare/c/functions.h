/* The functions that are measured, by pointers into the library that is loaded. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>

#define FUNCTIONS(F) \
	F(get_library_version) F(account_size) F(account) F(create_account) F(account_identity_keys) F(account_sign) \
	F(account_generate_one_time_keys) F(account_one_time_keys) \
	F(account_mark_keys_as_published) F(remove_one_time_keys) F(pickle_account_length) F(pickle_account) F(unpickle_account) \
	F(session_size) F(session) F(create_outbound_session) F(create_inbound_session) \
	F(encrypt_random_length) F(encrypt_message_length) F(encrypt) F(decrypt_max_plaintext_length) F(decrypt) \
	F(pickle_session_length) F(pickle_session) F(unpickle_session) F(outbound_group_session_size) \
	F(outbound_group_session) F(init_outbound_group_session) F(group_encrypt_message_length) F(group_encrypt) \
	F(outbound_group_session_key) F(inbound_group_session_size) F(inbound_group_session) F(init_inbound_group_session) \
	F(import_inbound_group_session) F(export_inbound_group_session) F(group_decrypt_max_plaintext_length) \
	F(group_decrypt) F(pickle_inbound_group_session_length) F(pickle_inbound_group_session) F(unpickle_inbound_group_session) \
	F(sas_size) F(sas) F(create_sas) F(sas_get_pubkey) F(sas_set_their_key) F(sas_generate_bytes) \
	F(pk_encryption_size) F(pk_encryption) F(pk_encryption_set_recipient_key) \
	F(pk_ciphertext_length) F(pk_encrypt) F(pk_decryption_size) F(pk_decryption) F(pk_key_from_private) \
	F(pk_max_plaintext_length) F(pk_decrypt)

struct library {
#define FUNCTION(name) __typeof__(olm_##name) *name;
	FUNCTIONS(FUNCTION)
#undef FUNCTION
};

#endif
