/* The peer of a C library with libolm's interface: what its parts share. */
#ifndef PEER_H
#define PEER_H

#include "functions.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR ((size_t)-1)
#define KEY "32 random bytes from a key store"
#define KEY_LENGTH 32

extern struct library L; /* the one that is measured */

/* must ends the program with the reason, which the runner shows. */
void must(int ok, const char *what, const char *file, int line);
#define MUST(x) must(x, #x, __FILE__, __LINE__)

void *zeros(size_t n);
#define NEW(kind) L.kind(zeros(L.kind##_size()))

/* random_bytes returns n bytes that are good enough here, valid until the next call. */
unsigned char *random_bytes(size_t n);

/* The measured time goes on between begin and end. */
void begin(void);
void end(void);

/* An operation: prepare returns what the loop works on; the loop runs n iterations. */
struct operation {
	const char *name;
	void *(*prepare)(size_t argument);
	void (*loop)(void *prepared, size_t n);
	size_t argument;
	size_t iterations; /* of a sample, once known */
	void *prepared;
};

extern struct operation operations[];
extern const size_t operation_count;

/* A text and its length. */
struct text {
	char *at;
	size_t length;
};

struct text copy_of(struct text t);

/* Accounts and sessions: in prepare.c. */
OlmAccount *account(char identity[43], char one_time[43], int keys);
struct conversation {
	OlmSession *alice, *bob; /* both have sent */
};
struct conversation converse(void);
struct group {
	OlmOutboundGroupSession *out;
	OlmInboundGroupSession *in;
	uint8_t key[306];
};
struct group gather(void);

/* Each takes and gives base64. Decrypting checks that the plaintext is so many zeros. */
struct text encrypt(OlmSession *s, size_t size);
void encrypt_into(OlmSession *s, const void *plaintext, size_t size, struct text *t, size_t room);
void decrypt(OlmSession *s, size_t type, struct text t, size_t size);
struct text group_encrypt(OlmOutboundGroupSession *s, size_t size);
void group_decrypt(OlmInboundGroupSession *s, struct text t, size_t size);

struct text pickle_account(OlmAccount *a);
OlmAccount *unpickle_account(struct text t);
struct text pickle_session(OlmSession *s);
OlmSession *unpickle_session(struct text t);
struct text pickle_group(OlmInboundGroupSession *s);
OlmInboundGroupSession *unpickle_group(struct text t);

#endif
