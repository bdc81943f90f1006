/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Eight threads, each with objects of its own, each holding the same conversation: no state is shared, so all transcripts
 * are equal.
 */
#include <pthread.h>

#include "objects.h"

#define THREADS 8
#define ROUNDS 40

struct transcript {
	char text[65536];
	size_t length;
	pthread_barrier_t *start;
};

static void note(struct transcript *t, const void *data, size_t length)
{
	NEED(t->length + length <= sizeof t->text);
	memcpy(t->text + t->length, data, length);
	t->length += length;
}

static void *converse(void *argument)
{
	struct transcript *t = argument;
	OlmAccount *alice = account_of(1, 0), *bob = account_of(2, 5);
	OlmSession *a, *b = NULL;
	OlmOutboundGroupSession *group = group_of(3);
	OlmInboundGroupSession *receiver = receiver_of(group);
	OlmUtility *utility = new_utility();
	struct message m;
	char text[30], signature[86], json[116], *pickle;
	size_t n;
	int i;

	pthread_barrier_wait(t->start);
	a = outbound_of(alice, bob, 4);
	for (i = 0; i < ROUNDS; i++) {
		sprintf(text, "message %d", i);
		m = encrypted(a, text, strlen(text), 100 + (uint64_t)i);
		if (!b) {
			b = inbound_of(bob, m);
			EQ(olm_remove_one_time_keys(bob, b), 5);
		}
		check_decrypts(b, m, text);
		check_refused(b, m, OLM_BAD_MESSAGE_MAC);
		note(t, m.text, m.length);
		free(m.text);
		check_conversation(b, a, text, 200 + (uint64_t)i);
		m = group_encrypted(group, text);
		check_group_decrypts(receiver, m, text, (uint32_t)i);
		note(t, m.text, m.length);
		free(m.text);
		EQ(olm_account_identity_keys(alice, json, 116), 116);
		EQ(olm_account_sign(alice, text, strlen(text), signature, 86), 86);
		note(t, signature, 86);
		EQ(olm_ed25519_verify(utility, json + 71, 43, text, strlen(text), signature, 86), 0);
	}
	pickle = session_pickle(a, &n);
	note(t, pickle, n);
	free(pickle);
	pickle = account_pickle(bob, &n);
	note(t, pickle, n);
	free(pickle);
	free_session(a);
	free_session(b);
	free_account(alice);
	free_account(bob);
	free_outbound_group_session(group);
	free_inbound_group_session(receiver);
	free_utility(utility);
	return NULL;
}

int main(void)
{
	struct transcript *transcripts = calloc(THREADS, sizeof *transcripts);
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	int i;

	NEED(pthread_barrier_init(&start, NULL, THREADS) == 0);
	for (i = 0; i < THREADS; i++) {
		transcripts[i].start = &start;
		NEED(pthread_create(&threads[i], NULL, converse, &transcripts[i]) == 0);
	}
	for (i = 0; i < THREADS; i++)
		NEED(pthread_join(threads[i], NULL) == 0);
	for (i = 1; i < THREADS; i++) {
		EQ(transcripts[i].length, transcripts[0].length);
		SAME(transcripts[i].text, transcripts[0].text, transcripts[0].length);
	}
	CHECK(transcripts[0].length > 10000);
	pthread_barrier_destroy(&start);
	free(transcripts);
	return finish("threads");
}
