/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * fork() in the middle of a conversation, also while another thread is inside the library: parent and child both go on
 * from the same state, and the child ends cleanly.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "objects.h"

struct people {
	OlmAccount *alice, *bob;
	OlmSession *a, *b;
	OlmOutboundGroupSession *group;
	OlmInboundGroupSession *receiver;
};

/* The rest of the conversation; what is said depends on the state alone. Returns a hash of it all. */
static uint64_t go_on(struct people *p)
{
	uint64_t hash = 0;
	struct message m;
	char *pickle;
	size_t n, i, j;

	for (i = 0; i < 20; i++) {
		m = encrypted(p->a, "to Bob", 6, 100 + i);
		check_decrypts(p->b, m, "to Bob");
		for (j = 0; j < m.length; j++)
			hash = hash * 31 + (uint8_t)m.text[j];
		free(m.text);
		check_conversation(p->b, p->a, "to Alice", 200 + i);
		m = group_encrypted(p->group, "to all");
		check_group_decrypts(p->receiver, m, "to all", (uint32_t)i);
		free(m.text);
	}
	pickle = session_pickle(p->b, &n);
	for (j = 0; j < n; j++)
		hash = hash * 31 + (uint8_t)pickle[j];
	free(pickle);
	return hash;
}

static void leave(struct people *p)
{
	free_session(p->a);
	free_session(p->b);
	free_account(p->alice);
	free_account(p->bob);
	free_outbound_group_session(p->group);
	free_inbound_group_session(p->receiver);
}

static int stop;

static void *busy(void *unused)
{
	/* Not on the heap: in the child nobody is left to free it. */
	static uint8_t memory[1024];
	OlmPkSigning *signer = olm_pk_signing(memory);
	uint8_t seed[32] = {1}, signature[86];
	char key[43];
	int signed_right = 1;

	NEED(olm_pk_signing_size() <= sizeof memory);
	NEED(olm_pk_signing_key_from_seed(signer, key, 43, seed, 32) == 0);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		signed_right &= olm_pk_sign(signer, seed, 32, signature, 86) == 86;
	CHECK(signed_right);
	olm_clear_pk_signing(signer);
	return unused;
}

int main(void)
{
	struct people p;
	struct message m;
	pthread_t thread;
	uint64_t hash, theirs;
	int ends[2], status, i;
	pid_t child;

	for (i = 0; i < 6; i++) {
		p.alice = account_of(1, 0);
		p.bob = account_of(2, 1);
		p.a = outbound_of(p.alice, p.bob, 3);
		m = encrypted(p.a, "hello", 5, 4);
		p.b = inbound_of(p.bob, m);
		p.group = group_of(5);
		p.receiver = receiver_of(p.group);
		/* In the first round the session has been created and has not decrypted anything. */
		if (i)
			check_decrypts(p.b, m, "hello");
		free(m.text);
		/* In the later rounds another thread is at work in the library while this one forks. */
		if (i == 3)
			NEED(pthread_create(&thread, NULL, busy, NULL) == 0);
		NEED(pipe(ends) == 0);
		child = fork();
		NEED(child >= 0);
		if (!child) {
			checks_passed = checks_failed = 0;
			hash = go_on(&p);
			leave(&p);
			NEED(write(ends[1], &hash, sizeof hash) == (ssize_t)sizeof hash);
			exit(checks_failed || !checks_passed);
		}
		hash = go_on(&p);
		leave(&p);
		NEED(waitpid(child, &status, 0) == child);
		CHECK(WIFEXITED(status));
		EQ(WEXITSTATUS(status), 0);
		NEED(read(ends[0], &theirs, sizeof theirs) == (ssize_t)sizeof theirs);
		CHECK(hash == theirs);
		close(ends[0]);
		close(ends[1]);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	NEED(pthread_join(thread, NULL) == 0);
	return finish("fork");
}
