/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Where objects lie: in misaligned memory, in memory full of garbage, in memory that is copied elsewhere; abandoned
 * without being cleared; and never on the heap.
 */
#define _GNU_SOURCE
#include <malloc.h>

#include "objects.h"

/* A place for an object: `offset` bytes into a block of memory that is full of something. */
struct place {
	uint8_t *block, *memory;
	size_t size;
};

static struct place place_of(size_t size, size_t offset, int garbage, uint64_t seed)
{
	struct place p;

	p.size = size;
	p.block = malloc(offset + size + 32);
	if (garbage < 0)
		fill(p.block, offset + size + 32, seed);
	else
		memset(p.block, garbage, offset + size + 32);
	memset(p.block, CANARY, offset);
	memset(p.block + offset + size, CANARY, 32);
	p.memory = p.block + offset;
	return p;
}

static void leave(struct place p)
{
	CHECK(all(p.block, CANARY, (size_t)(p.memory - p.block)));
	CHECK(all(p.memory + p.size, CANARY, 32));
	free(p.block);
}

/*
 * Two accounts and sessions that talk, a group, PK and SAS, all in places of one offset and content. What comes out is
 * written to `transcript` and must not depend on them.
 */
static size_t everything(size_t offset, int garbage, char *transcript)
{
	struct place places[16];
	OlmAccount *alice, *bob;
	OlmSession *a, *b;
	OlmUtility *utility;
	OlmOutboundGroupSession *sender;
	OlmInboundGroupSession *receiver;
	OlmPkEncryption *encryption;
	OlmPkDecryption *decryption;
	OlmPkSigning *signer;
	OlmSAS *sas, *other;
	uint8_t random[160];
	char identity[44], one_time[44], key[306], text[100], mac[11], ephemeral[43], signature[86];
	struct message m;
	size_t count = 0, n = 0, length, i;

#define PLACE(X) olm_##X((places[count] = place_of(olm_##X##_size(), offset, garbage, count), places[count++].memory))
	alice = PLACE(account);
	bob = PLACE(account);
	a = PLACE(session);
	b = PLACE(session);
	utility = PLACE(utility);
	sender = PLACE(outbound_group_session);
	receiver = PLACE(inbound_group_session);
	encryption = PLACE(pk_encryption);
	decryption = PLACE(pk_decryption);
	signer = PLACE(pk_signing);
	sas = PLACE(sas);
	other = PLACE(sas);
#undef PLACE
	EQ(count, 12);
	EQ(olm_account_last_error_code(alice), OLM_SUCCESS);
	EQ(olm_session_last_error_code(a), OLM_SUCCESS);
	EQ(olm_sas_is_their_key_set(sas), 0);

#define RANDOM(size, seed) (fill(random, size, seed), random), size
	EQ(olm_create_account(alice, RANDOM(64, 1)), 0);
	EQ(olm_create_account(bob, RANDOM(64, 2)), 0);
	EQ(olm_account_generate_one_time_keys(bob, 2, RANDOM(64, 3)), 2);
	EQ(olm_account_generate_fallback_key(bob, RANDOM(32, 4)), 1);
	identity_key_of(bob, identity);
	one_time_key_of(bob, one_time);
	EQ(olm_create_outbound_session(a, alice, identity, 43, one_time, 43, RANDOM(64, 5)), 0);
	for (i = 0; i < 4; i++) {
		m = encrypted(i % 2 ? b : a, "message", 7, 6 + i);
		if (!i) {
			char *copy = copied(m.text, m.length);

			EQ(olm_create_inbound_session(b, bob, copy, m.length), 0);
			EQ(olm_remove_one_time_keys(bob, b), 2);
			free(copy);
		}
		check_decrypts(i % 2 ? a : b, m, "message");
		memcpy(transcript + n, m.text, m.length);
		n += m.length;
		free(m.text);
	}
	length = olm_pickle_account_length(bob);
	EQ(olm_pickle_account(bob, "k", 1, transcript + n, length), length);
	n += length;
	length = olm_pickle_session_length(b);
	EQ(olm_pickle_session(b, "k", 1, transcript + n, length), length);
	n += length;

	EQ(olm_init_outbound_group_session(sender, RANDOM(160, 20)), 0);
	EQ(olm_outbound_group_session_key(sender, (uint8_t *)key, 306), 306);
	EQ(olm_init_inbound_group_session(receiver, (uint8_t *)key, 306), 0);
	m = group_encrypted(sender, "to all");
	check_group_decrypts(receiver, m, "to all", 0);
	memcpy(transcript + n, m.text, m.length);
	n += m.length;
	free(m.text);

	EQ(olm_pk_key_from_private(decryption, key, 43, RANDOM(32, 21)), 0);
	EQ(olm_pk_encryption_set_recipient_key(encryption, key, 43), 0);
	EQ(olm_pk_encrypt(encryption, "secret", 6, transcript + n, 22, mac, 11, ephemeral, 43, RANDOM(32, 22)), 8);
	memcpy(text, transcript + n, 22);
	EQ(olm_pk_decrypt(decryption, ephemeral, 43, mac, 11, text, 22, text + 50, 16), 6);
	TEXT(text + 50, 6, "secret");
	n += 22;
	EQ(olm_pk_signing_key_from_seed(signer, key, 43, RANDOM(32, 23)), 0);
	EQ(olm_pk_sign(signer, (const uint8_t *)"text", 4, (uint8_t *)signature, 86), 86);
	memcpy(transcript + n, signature, 86);
	n += 86;
	EQ(olm_ed25519_verify(utility, key, 43, "text", 4, signature, 86), 0);

	EQ(olm_create_sas(sas, RANDOM(32, 24)), 0);
	EQ(olm_create_sas(other, RANDOM(32, 25)), 0);
	EQ(olm_sas_get_pubkey(sas, key, 43), 0);
	EQ(olm_sas_set_their_key(other, key, 43), 0);
	EQ(olm_sas_get_pubkey(other, key, 43), 0);
	EQ(olm_sas_set_their_key(sas, key, 43), 0);
	EQ(olm_sas_calculate_mac_fixed_base64(sas, "i", 1, "j", 1, transcript + n, 43), 0);
	EQ(olm_sas_calculate_mac_fixed_base64(other, "i", 1, "j", 1, text, 43), 0);
	SAME(transcript + n, text, 43);
	n += 43;
#undef RANDOM
	for (i = 0; i < count; i++)
		leave(places[i]);
	return n;
}

static void places(void)
{
	char *want = malloc(16384), *got = malloc(16384);
	size_t n = everything(0, 0, want), offset;
	static const int garbage[] = {0, 0xa5, 0xff, -1};
	size_t i;

	for (offset = 0; offset < 16; offset++) {
		for (i = 0; i < sizeof garbage / sizeof *garbage; i++) {
#ifndef KARST
			/* libolm's objects hold pointers, and want them aligned. */
			if (offset % 8)
				continue;
#endif
			CONTEXT("offset %zu, garbage %x", offset, (unsigned)garbage[i]);
			EQ(everything(offset, garbage[i], got), n);
			SAME(got, want, n);
		}
	}
	check_context[0] = 0;
	free(want);
	free(got);
}

#ifdef KARST
/* A conversation whose objects are copied to a place of another alignment before every round, and spoilt where they were. */
static void copies(void)
{
	static uint8_t arena[13][9000];
	OlmAccount *alice = account_of(1, 0), *bob = account_of(2, 3);
	OlmSession *a = outbound_of(alice, bob, 3), *b = NULL;
	OlmOutboundGroupSession *sender = group_of(4);
	OlmInboundGroupSession *receiver = receiver_of(sender);
	uint8_t *places[6] = {(uint8_t *)alice, (uint8_t *)bob, (uint8_t *)a, NULL, (uint8_t *)sender, (uint8_t *)receiver};
	size_t sizes[6] = {olm_account_size(), olm_account_size(), olm_session_size(), olm_session_size(),
		olm_outbound_group_session_size(), olm_inbound_group_session_size()};
	int round, i;
	struct message m;
	char text[20];

	for (round = 0; round < 64; round++) {
		CONTEXT("round %d", round);
		for (i = 0; i < 6; i++) {
			uint8_t *to = arena[2 * i + round % 2] + 16 + (round * 7 + i) % 16;

			if (!places[i])
				continue;
			memset(arena[2 * i + round % 2], 0x5a, sizes[i] + 48);
			memcpy(to, places[i], sizes[i]);
			if (round == 0)
				free(places[i]);
			else
				memset(places[i], 0xff, sizes[i]);
			places[i] = to;
		}
		alice = (OlmAccount *)places[0];
		bob = (OlmAccount *)places[1];
		a = (OlmSession *)places[2];
		b = (OlmSession *)places[3];
		sender = (OlmOutboundGroupSession *)places[4];
		receiver = (OlmInboundGroupSession *)places[5];

		sprintf(text, "round %d", round);
		m = encrypted(a, text, strlen(text), 1000 + (uint64_t)round);
		if (!b) {
			b = inbound_of(bob, m);
			EQ(olm_remove_one_time_keys(bob, b), 3);
			places[3] = memcpy(arena[12], b, sizes[3]);
			free(b);
			b = (OlmSession *)places[3];
		}
		check_decrypts(b, m, text);
		free(m.text);
		check_conversation(b, a, text, 2000 + (uint64_t)round);
		m = group_encrypted(sender, text);
		check_group_decrypts(receiver, m, text, (uint32_t)round);
		free(m.text);
		EQ(olm_account_one_time_keys_length(bob), 16 + 2 * 55);
		/* In the first round Bob's session lay elsewhere. */
		for (i = 0; i < 6; i++)
			if (i != 3 || round)
				CHECK(all(places[i] - 16, 0x5a, 16) && all(places[i] + sizes[i], 0x5a, 16));
	}
	check_context[0] = 0;
}
#endif

/* A secret lies in the object as it was given, and nowhere in its memory once it has been cleared. */
#define CHECK_WIPED(X, make, secret, length) do { \
		size = olm_##X##_size(); \
		memory = malloc(size); \
		make; \
		CHECK(memmem(memory, size, secret, length) != NULL); \
		EQ(olm_clear_##X((void *)memory), size); \
		CHECK(memmem(memory, size, secret, 8) == NULL && memmem(memory, size, secret + length - 8, 8) == NULL); \
		free(memory); \
	} while (0)

static void wiping(void)
{
	uint8_t random[160], secret[160], *memory;
	char key[43];
	size_t size;

	fill(secret, 160, 40);
#define GIVE(n) memcpy(random, secret, n)
	CHECK_WIPED(account, (GIVE(64), EQ(olm_create_account(olm_account(memory), random, 64), 0)), secret + 32, 32);
	CHECK_WIPED(account, (GIVE(32), EQ(olm_account_generate_one_time_keys(olm_account(memory), 1, random, 32), 1)), secret, 32);
	CHECK_WIPED(account, (GIVE(32), EQ(olm_account_generate_fallback_key(olm_account(memory), random, 32), 1)), secret, 32);
	CHECK_WIPED(outbound_group_session,
		(GIVE(160), EQ(olm_init_outbound_group_session(olm_outbound_group_session(memory), random, 160), 0)), secret, 128);
	CHECK_WIPED(pk_decryption, EQ(olm_pk_key_from_private(olm_pk_decryption(memory), key, 43, secret, 32), 0), secret, 32);
	CHECK_WIPED(sas, (GIVE(32), EQ(olm_create_sas(olm_sas(memory), random, 32), 0)), secret, 32);
	{
		OlmAccount *alice = account_of(41, 0), *bob = account_of(42, 1);
		char identity[44], one_time[44];

		identity_key_of(bob, identity);
		one_time_key_of(bob, one_time);
		CHECK_WIPED(session, (GIVE(64), EQ(olm_create_outbound_session(olm_session(memory), alice, identity, 43, one_time, 43,
			random, 64), 0)), secret + 32, 32);
		free_account(alice);
		free_account(bob);
	}
#undef GIVE
}

/* Nothing is allocated, so that objects that are never cleared leak nothing. */
static void no_heap(void)
{
	void *memory = malloc(16384);
	OlmOutboundGroupSession *group = group_of(30);
	OlmInboundGroupSession *receiver = receiver_of(group);
	struct mallinfo2 before, after;
	uint8_t random[160], text[200], plaintext[100];
	size_t i, n;

	before = mallinfo2();
	for (i = 0; i < 10000; i++) {
		switch (i % 5) {
		case 0:
			fill(random, 64, i);
			n = olm_create_account(olm_account(memory), random, 64);
			break;
		case 1:
			olm_session(memory);
			n = 0;
			break;
		case 2:
			fill(random, 160, i);
			n = olm_init_outbound_group_session(olm_outbound_group_session(memory), random, 160);
			break;
		case 3:
			fill(random, 32, i);
			n = olm_create_sas(olm_sas(memory), random, 32);
			break;
		default:
			n = olm_group_encrypt(group, (const uint8_t *)"0123456789", 10, text, sizeof text);
			n = olm_group_decrypt(receiver, text, n, plaintext, 100, NULL) - 10;
			break;
		}
		if (n)
			break;
	}
	after = mallinfo2();
	EQ(i, 10000);
	EQ(after.uordblks, before.uordblks);
	EQ(after.hblkhd, before.hblkhd);
	free(memory);
	free_outbound_group_session(group);
	free_inbound_group_session(receiver);
}

int main(void)
{
	places();
#ifdef KARST
	copies();
#endif
	wiping();
	no_heap();
	return finish("memory");
}
