/* cc -o conversation conversation.c $(pkg-config --cflags --libs olm) && ./conversation
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Alice writes to Bob, Bob answers, and then Alice writes to a room in which Bob is. What crosses the network is what is
 * passed from one's part of main() to the other's: public keys, messages and their types. A real program also checks the
 * signatures of the public keys, stores its objects (olm_pickle_...) after every change, and notices replayed messages.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <olm/olm.h>

static void *allocated(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p) {
		fprintf(stderr, "no memory\n");
		exit(1);
	}
	return p;
}

/* Ends the program if a call on an object has failed. A real program would tell its user. */
static size_t need(size_t result, const char *what, const char *error)
{
	if (result == olm_error()) {
		fprintf(stderr, "%s: %s\n", what, error);
		exit(1);
	}
	return result;
}

#define ACCOUNT(account, call) need(call, #call, olm_account_last_error(account))
#define SESSION(session, call) need(call, #call, olm_session_last_error(session))
#define OUTBOUND(group, call) need(call, #call, olm_outbound_group_session_last_error(group))
#define INBOUND(group, call) need(call, #call, olm_inbound_group_session_last_error(group))

/* Random bytes from the operating system, in memory that the caller frees. Most calls overwrite them after use. */
static void *random_bytes(size_t length)
{
	uint8_t *bytes = allocated(length);
	size_t have = 0;
	ssize_t n;

	while (have < length) {
		n = getrandom(bytes + have, length - have, 0);
		if (n < 0) {
			perror("getrandom");
			exit(1);
		}
		have += (size_t)n;
	}
	return bytes;
}

/* Copies a buffer: calls that decode a message where it lies get a copy, if the message is needed again. */
static void *copy_of(const void *data, size_t length)
{
	return memcpy(allocated(length), data, length);
}

/* Frees memory that had secrets in it. */
static void wipe_and_free(void *memory, size_t length)
{
	explicit_bzero(memory, length);
	free(memory);
}

/* An account with its identity keys and five one-time keys. */
static OlmAccount *new_account(void)
{
	OlmAccount *account = olm_account(allocated(olm_account_size()));
	size_t length = olm_create_account_random_length(account);
	void *random = random_bytes(length);

	ACCOUNT(account, olm_create_account(account, random, length));
	free(random);
	length = olm_account_generate_one_time_keys_random_length(account, 5);
	random = random_bytes(length);
	ACCOUNT(account, olm_account_generate_one_time_keys(account, 5, random, length));
	free(random);
	return account;
}

/*
 * Public keys are published as JSON. These two find the Curve25519 identity key and the first one-time key in it; a real
 * program has a JSON parser.
 */
static void identity_key(OlmAccount *account, char key[43])
{
	size_t length = olm_account_identity_keys_length(account);
	char *json = allocated(length);

	ACCOUNT(account, olm_account_identity_keys(account, json, length));
	memcpy(key, json + strlen("{\"curve25519\":\""), 43);
	free(json);
}

static void one_time_key(OlmAccount *account, char key[43])
{
	size_t length = olm_account_one_time_keys_length(account);
	char *json = allocated(length);

	ACCOUNT(account, olm_account_one_time_keys(account, json, length));
	memcpy(key, json + strlen("{\"curve25519\":{\"AAAAAQ\":\""), 43);
	free(json);
	/* The server has them now, so that they are not published again. */
	olm_account_mark_keys_as_published(account);
}

struct message {
	size_t type, length;
	char *body;
};

static struct message encrypt(OlmSession *session, const char *text)
{
	/* These three depend on the session's state: ask before each message. */
	size_t random_length = olm_encrypt_random_length(session);
	struct message m = {olm_encrypt_message_type(session), olm_encrypt_message_length(session, strlen(text)), NULL};
	void *random = random_bytes(random_length);

	m.body = allocated(m.length);
	SESSION(session, olm_encrypt(session, text, strlen(text), random, random_length, m.body, m.length));
	free(random);
	return m;
}

/* Decrypts and prints the message, and frees it. */
static void decrypt(const char *who, OlmSession *session, struct message m)
{
	char *copy = copy_of(m.body, m.length), *text;
	size_t room, length;

	/* The first call decodes the message where it lies: it gets the copy. */
	room = SESSION(session, olm_decrypt_max_plaintext_length(session, m.type, copy, m.length));
	text = allocated(room);
	length = SESSION(session, olm_decrypt(session, m.type, m.body, m.length, text, room));
	printf("%s reads: %.*s\n", who, (int)length, text);
	wipe_and_free(text, room);
	free(copy);
	free(m.body);
}

int main(void)
{
	OlmAccount *alice = new_account(), *bob = new_account();
	OlmSession *to_bob, *to_alice;
	OlmOutboundGroupSession *sender;
	OlmInboundGroupSession *receiver;
	char bobs_identity[43], bobs_one_time[43], alices_identity[43];
	struct message m;
	size_t length, room;
	uint32_t index;
	uint8_t *key, *text;
	void *random;
	char *copy;

	/* Alice: gets Bob's keys from the server and starts a session. */
	identity_key(bob, bobs_identity);
	one_time_key(bob, bobs_one_time);
	to_bob = olm_session(allocated(olm_session_size()));
	length = olm_create_outbound_session_random_length(to_bob);
	random = random_bytes(length);
	SESSION(to_bob, olm_create_outbound_session(to_bob, alice, bobs_identity, 43, bobs_one_time, 43, random, length));
	free(random);
	m = encrypt(to_bob, "Hello Bob!");

	/* Bob: the message is of type OLM_MESSAGE_TYPE_PRE_KEY and fits none of his sessions, so it starts one. */
	identity_key(alice, alices_identity);
	to_alice = olm_session(allocated(olm_session_size()));
	copy = copy_of(m.body, m.length);
	SESSION(to_alice, olm_create_inbound_session_from(to_alice, bob, alices_identity, 43, copy, m.length));
	free(copy);
	decrypt("Bob", to_alice, m);
	/* Only now is it certain that Alice used this one-time key. */
	ACCOUNT(bob, olm_remove_one_time_keys(bob, to_alice));
	m = encrypt(to_alice, "Hello Alice!");

	/* Alice: reads the answer. From now on messages are of type OLM_MESSAGE_TYPE_MESSAGE. */
	decrypt("Alice", to_bob, m);

	/* Alice: starts a group session, whose key she sends to Bob and to everybody else in the room through Olm. */
	sender = olm_outbound_group_session(allocated(olm_outbound_group_session_size()));
	length = olm_init_outbound_group_session_random_length(sender);
	random = random_bytes(length);
	OUTBOUND(sender, olm_init_outbound_group_session(sender, random, length));
	free(random);
	length = olm_outbound_group_session_key_length(sender);
	key = allocated(length + 1);
	OUTBOUND(sender, olm_outbound_group_session_key(sender, key, length));
	key[length] = 0;
	m = encrypt(to_bob, (char *)key);
	wipe_and_free(key, length + 1);

	/* Bob: decrypts the key (as in decrypt(), without showing it) and can read what is sent to the room. */
	copy = copy_of(m.body, m.length);
	room = SESSION(to_alice, olm_decrypt_max_plaintext_length(to_alice, m.type, copy, m.length));
	free(copy);
	key = allocated(room);
	length = SESSION(to_alice, olm_decrypt(to_alice, m.type, m.body, m.length, key, room));
	free(m.body);
	receiver = olm_inbound_group_session(allocated(olm_inbound_group_session_size()));
	INBOUND(receiver, olm_init_inbound_group_session(receiver, key, length));
	wipe_and_free(key, room);

	/* Alice: one message for all. */
	m.length = olm_group_encrypt_message_length(sender, strlen("Hello everybody!"));
	m.body = allocated(m.length);
	OUTBOUND(sender, olm_group_encrypt(sender, (const uint8_t *)"Hello everybody!", strlen("Hello everybody!"),
		(uint8_t *)m.body, m.length));

	/* Bob: reads it. */
	copy = copy_of(m.body, m.length);
	room = INBOUND(receiver, olm_group_decrypt_max_plaintext_length(receiver, (uint8_t *)copy, m.length));
	free(copy);
	text = allocated(room);
	length = INBOUND(receiver, olm_group_decrypt(receiver, (uint8_t *)m.body, m.length, text, room, &index));
	printf("Bob reads message %u to the room: %.*s\n", (unsigned)index, (int)length, (char *)text);
	wipe_and_free(text, room);
	free(m.body);

	/* Clearing overwrites the keys; the memory is ours, and starts where the object does. */
	olm_clear_account(alice);
	olm_clear_account(bob);
	olm_clear_session(to_bob);
	olm_clear_session(to_alice);
	olm_clear_outbound_group_session(sender);
	olm_clear_inbound_group_session(receiver);
	free(alice);
	free(bob);
	free(to_bob);
	free(to_alice);
	free(sender);
	free(receiver);
	return 0;
}
