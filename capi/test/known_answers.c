/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What libolm 3.2.13 computes from given random bytes, to the last character. known_answers.h was written by this program
 * itself, linked with libolm: known_answers --print.
 */
#include "forge.h"
#include "objects.h"

static const struct {
	const char *label, *text;
} known[] = {
#include "known_answers.h"
};

static int printing;
static size_t next;

/* Texts longer than this are known by their SHA-256. */
#define SHOWN 130

static void answer(const char *label, const void *data, size_t length)
{
	char text[SHOWN + 60];
	uint8_t hash[32];
	size_t i, n = 0;

	if (length <= SHOWN) {
		memcpy(text, data, length);
		n = length;
	} else {
		forge_sha256(data, length, hash);
		n = (size_t)sprintf(text, "%zu characters, SHA-256 ", length);
		n += forge_base64(hash, 32, text + n);
	}
	text[n] = 0;
	if (printing) {
		printf("\t{\"%s\", \"", label);
		for (i = 0; i < n; i++)
			printf(text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
		printf("\"},\n");
		return;
	}
	NEED(next < sizeof known / sizeof *known);
	CONTEXT("%s", known[next].label);
	STRING(label, known[next].label);
	TEXT(text, n, known[next].text);
	next++;
	check_context[0] = 0;
}

static void answer_account(const char *when, OlmAccount *account)
{
	char label[80], out[8192];
	size_t n;

	sprintf(label, "account %s: one-time keys", when);
	n = olm_account_one_time_keys(account, out, sizeof out);
	answer(label, out, n);
	sprintf(label, "account %s: fallback key", when);
	n = olm_account_unpublished_fallback_key(account, out, sizeof out);
	answer(label, out, n);
	sprintf(label, "account %s: pickle", when);
	n = olm_pickle_account(account, "pickle key", 10, out, olm_pickle_account_length(account));
	answer(label, out, n);
}

static void account(void)
{
	OlmAccount *a = account_of(1, 0);
	uint8_t random[320];
	char out[200];

	answer("identity keys", out, olm_account_identity_keys(a, out, 116));
	answer("signature of a message", out, olm_account_sign(a, "message", 7, out, 86));
	answer("signature of nothing", out, olm_account_sign(a, NULL, 0, out, 86));
	answer_account("after creation", a);
	fill(random, 320, 2);
	olm_account_generate_one_time_keys(a, 10, random, 320);
	answer_account("with one-time keys", a);
	fill(random, 32, 3);
	olm_account_generate_fallback_key(a, random, 32);
	answer_account("with a fallback key", a);
	olm_account_mark_keys_as_published(a);
	fill(random, 96, 4);
	olm_account_generate_one_time_keys(a, 3, random, 96);
	fill(random, 32, 5);
	olm_account_generate_fallback_key(a, random, 32);
	answer_account("with published and new keys", a);
	olm_account_forget_old_fallback_key(a);
	answer_account("without the old fallback key", a);
	free_account(a);
}

static void answer_session(const char *who, int round, OlmSession *session)
{
	char label[80], text[600], *pickle;
	size_t n;

	sprintf(label, "%s in round %d: describe", who, round);
	olm_session_describe(session, text, sizeof text);
	answer(label, text, strlen(text));
	sprintf(label, "%s in round %d: pickle", who, round);
	pickle = session_pickle(session, &n);
	answer(label, pickle, n);
	free(pickle);
}

static void session(void)
{
	OlmAccount *alice = account_of(10, 0), *bob = account_of(11, 2);
	OlmSession *a = outbound_of(alice, bob, 12), *b = NULL;
	struct message late[8], m;
	char id[43], label[80], plaintext[400];
	int round, i;

	answer("session id", id, olm_session_id(a, id, 43));
	for (round = 0; round < 8; round++) {
		late[round] = encrypted(a, "late", 4, 20 + (uint64_t)round);
		for (i = 0; i < 1 + round % 3; i++) {
			fill(plaintext, sizeof plaintext, (uint64_t)round);
			m = encrypted(a, plaintext, (size_t)(49 * round), 30 + (uint64_t)round);
			sprintf(label, "message %d.%d of Alice", round, i);
			answer(label, m.text, m.length);
			if (!b)
				b = inbound_of(bob, m);
			if (i == round % 3) {
				char *got;

				EQ(decrypted(b, m, &got), 49 * round);
				free(got);
			}
			free(m.text);
		}
		m = encrypted(b, "answer", 6, 40 + (uint64_t)round);
		sprintf(label, "answer %d of Bob", round);
		answer(label, m.text, m.length);
		check_decrypts(a, m, "answer");
		free(m.text);
		if (round == 4)
			check_decrypts(b, late[3], "late");
		answer_session("Alice", round, a);
		answer_session("Bob", round, b);
	}
	for (round = 0; round < 8; round++)
		free(late[round].text);
	free_session(a);
	free_session(b);
	free_account(alice);
	free_account(bob);
}

static void group(void)
{
	OlmOutboundGroupSession *sender = group_of(50);
	OlmInboundGroupSession *receiver = receiver_of(sender);
	char out[416], label[80];
	struct message m;
	uint32_t i;

	answer("group session id", out, olm_outbound_group_session_id(sender, (uint8_t *)out, 43));
	for (i = 0; i < 520; i++) {
		m = group_encrypted(sender, "group message");
		if (i < 3 || (i > 253 && i < 259) || i > 510) {
			sprintf(label, "group message %u", i);
			answer(label, m.text, m.length);
			check_group_decrypts(receiver, m, "group message", i);
		}
		free(m.text);
	}
	answer("session key", out, olm_outbound_group_session_key(sender, (uint8_t *)out, 306));
	answer("outbound pickle", out, olm_pickle_outbound_group_session(sender, "key", 3, out, 331));
	answer("inbound pickle", out, olm_pickle_inbound_group_session(receiver, "key", 3, out, 416));
	for (i = 1; i; i <<= 4) {
		sprintf(label, "export at %u", i);
		answer(label, out, olm_export_inbound_group_session(receiver, (uint8_t *)out, 220, i));
	}
	free_outbound_group_session(sender);
	free_inbound_group_session(receiver);
}

static void others(void)
{
	OlmPkEncryption *encryption = new_pk_encryption();
	OlmPkDecryption *decryption = new_pk_decryption();
	OlmPkSigning *signer = new_pk_signing();
	OlmSAS *sas = new_sas(), *other = new_sas();
	uint8_t random[32];
	char key[43], ciphertext[200], mac[11], out[118];
	size_t n;

	fill(random, 32, 60);
	EQ(olm_pk_key_from_private(decryption, key, 43, random, 32), 0);
	answer("PK public key", key, 43);
	answer("PK pickle", out, olm_pickle_pk_decryption(decryption, "key", 3, out, 118));
	EQ(olm_pk_encryption_set_recipient_key(encryption, key, 43), 0);
	for (n = 0; n < 70; n += 23) {
		fill(random, 32, 61 + n);
		EQ(olm_pk_encrypt(encryption, "The quick brown fox jumps over the lazy dog, again and again and again", n, ciphertext,
			olm_pk_ciphertext_length(encryption, n), mac, 11, key, 43, random, 32), 8);
		answer("PK ciphertext", ciphertext, olm_pk_ciphertext_length(encryption, n));
		answer("PK MAC", mac, 11);
		answer("PK ephemeral key", key, 43);
	}
	fill(random, 32, 70);
	EQ(olm_pk_signing_key_from_seed(signer, key, 43, random, 32), 0);
	answer("signing key", key, 43);
	answer("signature", out, olm_pk_sign(signer, (const uint8_t *)"message", 7, (uint8_t *)out, 86));

	fill(random, 32, 71);
	EQ(olm_create_sas(sas, random, 32), 0);
	fill(random, 32, 72);
	EQ(olm_create_sas(other, random, 32), 0);
	EQ(olm_sas_get_pubkey(other, key, 43), 0);
	answer("SAS public key", key, 43);
	EQ(olm_sas_set_their_key(sas, key, 43), 0);
	EQ(olm_sas_generate_bytes(sas, "info", 4, random, 32), 0);
	answer("SAS bytes", out, forge_base64(random, 32, out));
	EQ(olm_sas_calculate_mac(sas, "input", 5, "info", 4, out, 43), 0);
	answer("SAS MAC", out, 43);
	EQ(olm_sas_calculate_mac_fixed_base64(sas, "input", 5, "info", 4, out, 43), 0);
	answer("SAS MAC, fixed base64", out, 43);
	EQ(olm_sas_calculate_mac_long_kdf(sas, "input", 5, "info", 4, out, 43), 0);
	answer("SAS MAC, long KDF", out, 43);
	free_pk_encryption(encryption);
	free_pk_decryption(decryption);
	free_pk_signing(signer);
	free_sas(sas);
	free_sas(other);
}

int main(int argc, char **argv)
{
	printing = argc > 1 && strcmp(argv[1], "--print") == 0;
	account();
	session();
	group();
	others();
	if (printing)
		return 0;
	EQ(next, sizeof known / sizeof *known);
	return finish("known_answers");
}
