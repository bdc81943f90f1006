/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is a signature and what is not, where implementations differ: the cases that others have collected.
 * verdicts FOLDER, where FOLDER is vectors/.
 */
#include "forge.h"
#include "objects.h"

/* The case that is being read. */
static struct {
	char key[65], signature[260], message[4096];
	int message_is_hex, valid, there;
} now;

static int number, valid;

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	for (; text[0] && sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static void keep(char *to, size_t size, const char *text)
{
	if (strlen(text) >= size) {
		fprintf(stderr, "longer than %zu: %s\n", size, text);
		exit(1);
	}
	strcpy(to, text);
}

/* A value in one of the files. Flags have the name "flags". */
static void value(const char *name, const char *text)
{
	if (!strcmp(name, "key") || !strcmp(name, "pk") || !strcmp(name, "pub_key")) {
		keep(now.key, sizeof now.key, text);
	} else if (!strcmp(name, "msg") || !strcmp(name, "message")) {
		keep(now.message, sizeof now.message, text);
	} else if (!strcmp(name, "sig") || !strcmp(name, "signature")) {
		keep(now.signature, sizeof now.signature, text);
		now.there = 1;
	} else if (!strcmp(name, "result")) {
		now.valid = !strcmp(text, "valid");
	} else if (!strcmp(name, "flags") && (!strncmp(text, "low_order_", 10) || !strncmp(text, "non_canonical_", 14))) {
		/* A part of small order may be there, if the equation holds nevertheless. */
		if (strncmp(text, "low_order_component_", 20))
			now.valid = 0;
	}
}

static void verdict(OlmUtility *utility)
{
	uint8_t key[32], signature[130], message[4096];
	char key64[50], signature64[180];
	size_t n, length, result;

	number++;
	n = unhex(now.signature, signature);
	if (n != 64) /* libolm takes what begins with a signature */
		return;
	valid += now.valid;
	EQ(unhex(now.key, key), 32);
	if (now.message_is_hex) {
		length = unhex(now.message, message);
	} else {
		length = strlen(now.message);
		memcpy(message, now.message, length);
	}
	n = forge_base64(key, 32, key64);
	EQ(forge_base64(signature, 64, signature64), 86);
	result = olm_ed25519_verify(utility, key64, n, message, length, signature64, 86);
	if (now.valid)
		EQ(result, 0);
#ifdef KARST
	else
		EQ(result, ERROR);
#endif
}

/* Reads a file of JSON whose strings hold no escapes that matter. only is the case that alone is valid, or -1. */
static void cases(const char *folder, const char *file, int hex, int only, int want_number, int want_valid)
{
	OlmUtility *utility = new_utility();
	char path[1000], name[100] = "", text[70000];
	int c, next;
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, file);
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(1);
	}
	number = valid = 0;
	while ((c = getc(f)) != EOF) {
		if (c == '}' && now.there) {
			CONTEXT("%s, case %d", file, number);
			if (only >= 0)
				now.valid = number == only;
			now.message_is_hex = hex;
			verdict(utility);
			now.there = 0;
			now.valid = 1;
		}
		if (c != '"')
			continue;
		for (n = 0; (c = getc(f)) != '"' && c != EOF && n < sizeof text - 1; text[n++] = (char)c)
			if (c == '\\')
				getc(f);
		text[n] = 0;
		while ((next = getc(f)) == ' ')
			;
		ungetc(next, f);
		if (next == ':')
			snprintf(name, sizeof name, "%.99s", text);
		else
			value(name, text);
	}
	fclose(f);
	check_context[0] = 0;
	EQ(number, want_number);
	EQ(valid, want_valid);
	free_utility(utility);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: verdicts FOLDER\n");
		return 2;
	}
	now.valid = 1;
	cases(argv[1], "cctv/ed25519vectors.json", 0, -1, 914, 43);
	cases(argv[1], "speccheck/cases.json", 1, 3, 12, 1);
	cases(argv[1], "wycheproof/ed25519_test.json", 1, -1, 151, 88);
	return finish("verdicts");
}
