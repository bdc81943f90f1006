/* The functions that give errors as numbers, which libolm had not before 3.2.5: here any error is -1. */
#include <string.h>

#define CODES(object) \
	const char *object##_last_error(const void *o); \
	int object##_last_error_code(const void *o) { return strcmp(object##_last_error(o), "SUCCESS") ? -1 : 0; }

CODES(olm_account)
CODES(olm_session)
CODES(olm_inbound_group_session)
CODES(olm_outbound_group_session)
CODES(olm_pk_encryption)
CODES(olm_pk_decryption)
