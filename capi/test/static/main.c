/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A program that links libolm.a: it has a main of its own, two objects that use the library, and functions whose names a
 * library might be tempted to use for itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <olm/olm.h>
#include <olm/sas.h>

/* In the other object: a signature over the text by an account made from this byte. */
size_t sign_elsewhere(int byte, const char *text, char signature[86], char key[43]);

/* Clashes of names would be errors of the linker. */
int start(void);
int start(void) { return 1; }
void *alloc(size_t n);
void *alloc(size_t n) { return malloc(n); }
int abort_message = 2;
int initialize(void);
int initialize(void) { return abort_message; }
int sha256(void);
int sha256(void) { return 3; }
int aes(void);
int aes(void) { return 4; }

int main(int argc, char **argv)
{
	OlmUtility *utility = olm_utility(alloc(olm_utility_size()));
	OlmSAS *sas = olm_sas(alloc(olm_sas_size()));
	char signature[86], key[43], random[32];
	size_t result;

	if (argc != 2 || strcmp(argv[1], "argument") != 0) {
		fprintf(stderr, "the program's arguments did not reach its main\n");
		return 1;
	}
	if (sign_elsewhere(7, "text", signature, key) != 86) {
		fprintf(stderr, "cannot sign\n");
		return 1;
	}
	result = olm_ed25519_verify(utility, key, 43, "text", 4, signature, 86);
	if (result != 0) {
		fprintf(stderr, "cannot verify: %s\n", olm_utility_last_error(utility));
		return 1;
	}
	memset(random, 1, sizeof random);
	if (olm_create_sas(sas, random, 32) != 0 || olm_sas_get_pubkey(sas, key, 43) != 0 || start() + initialize() + sha256() + aes() != 10)
		return 1;
	free(utility);
	free(sas);
	printf("static: 4 checks passed\n");
	return 0;
}
