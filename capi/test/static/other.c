/* SPDX-License-Identifier: Apache-2.0. The second object of the program: see main.c. */
#include <stdlib.h>
#include <string.h>

#include <olm/olm.h>

size_t sign_elsewhere(int byte, const char *text, char signature[86], char key[43]);

size_t sign_elsewhere(int byte, const char *text, char signature[86], char key[43])
{
	OlmAccount *account = olm_account(malloc(olm_account_size()));
	char random[64], json[116];
	size_t result;

	memset(random, byte, sizeof random);
	olm_create_account(account, random, sizeof random);
	result = olm_account_identity_keys(account, json, sizeof json);
	memcpy(key, json + 71, 43);
	if (result != olm_error())
		result = olm_account_sign(account, text, strlen(text), signature, 86);
	olm_clear_account(account);
	free(account);
	return result;
}
