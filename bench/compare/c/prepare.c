/* Accounts, sessions, texts. */
#include "peer.h"

void *zeros(size_t n)
{
	void *p = calloc(1, n);
	MUST(p != NULL);
	return p;
}

unsigned char *random_bytes(size_t n)
{
	static unsigned char buffer[4096];
	static unsigned long long x = 88172645463325252ULL;
	MUST(n <= sizeof buffer);
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		buffer[i] = (unsigned char)x;
	}
	return buffer;
}

struct text copy_of(struct text t)
{
	struct text c = {malloc(t.length), t.length};
	MUST(c.at != NULL);
	memcpy(c.at, t.at, t.length);
	return c;
}

OlmAccount *account(char identity[43], char one_time[43], int keys)
{
	char json[8000];
	OlmAccount *a = NEW(account);
	MUST(L.create_account(a, random_bytes(64), 64) == 0);
	MUST(L.account_identity_keys(a, json, sizeof json) == 116);
	memcpy(identity, json + 15, 43);
	if (keys > 0) {
		MUST(L.account_generate_one_time_keys(a, (size_t)keys, random_bytes(32 * (size_t)keys), 32 * (size_t)keys) == (size_t)keys);
		MUST(L.account_one_time_keys(a, json, sizeof json) != ERROR);
		memcpy(one_time, json + 25, 43);
		L.account_mark_keys_as_published(a);
	}
	return a;
}

void encrypt_into(OlmSession *s, const void *plaintext, size_t size, struct text *t, size_t room)
{
	size_t n = L.encrypt_message_length(s, size), need = L.encrypt_random_length(s);
	MUST(n <= room);
	MUST(L.encrypt(s, plaintext, size, need ? random_bytes(need) : NULL, need, t->at, n) == n);
	t->length = n;
}

struct text encrypt(OlmSession *s, size_t size)
{
	size_t room = L.encrypt_message_length(s, size);
	struct text t = {zeros(room), room};
	void *plaintext = zeros(size);
	encrypt_into(s, plaintext, size, &t, room);
	free(plaintext);
	return t;
}

/* What decryption works in: libolm decodes where the text is. */
static char scratch[24 << 20];
static unsigned char plain[24 << 20];

static void check_plaintext(size_t got, size_t size)
{
	MUST(got == size);
	MUST(size == 0 || (plain[0] == 0 && memcmp(plain, plain + 1, size - 1) == 0));
}

void decrypt(OlmSession *s, size_t type, struct text t, size_t size)
{
	MUST(t.length <= sizeof scratch);
	memcpy(scratch, t.at, t.length);
	size_t room = L.decrypt_max_plaintext_length(s, type, scratch, t.length);
	MUST(room != ERROR);
	memcpy(scratch, t.at, t.length);
	check_plaintext(L.decrypt(s, type, scratch, t.length, plain, room), size);
}

struct text group_encrypt(OlmOutboundGroupSession *s, size_t size)
{
	struct text t = {NULL, L.group_encrypt_message_length(s, size)};
	t.at = zeros(t.length);
	void *plaintext = zeros(size);
	MUST(L.group_encrypt(s, plaintext, size, (uint8_t *)t.at, t.length) == t.length);
	free(plaintext);
	return t;
}

void group_decrypt(OlmInboundGroupSession *s, struct text t, size_t size)
{
	uint32_t index;
	MUST(t.length <= sizeof scratch);
	memcpy(scratch, t.at, t.length);
	size_t room = L.group_decrypt_max_plaintext_length(s, (uint8_t *)scratch, t.length);
	MUST(room != ERROR);
	memcpy(scratch, t.at, t.length);
	check_plaintext(L.group_decrypt(s, (uint8_t *)scratch, t.length, plain, room, &index), size);
}

struct conversation converse(void)
{
	char identity[2][43], one_time[43], unused[43];
	struct conversation c = {NEW(session), NEW(session)};
	OlmAccount *a = account(identity[0], unused, 0), *b = account(identity[1], one_time, 1);
	MUST(L.create_outbound_session(c.alice, a, identity[1], 43, one_time, 43, random_bytes(64), 64) == 0);
	struct text first = encrypt(c.alice, 1), copy = copy_of(first);
	MUST(L.create_inbound_session(c.bob, b, copy.at, copy.length) == 0);
	decrypt(c.bob, 0, first, 1);
	decrypt(c.alice, 1, encrypt(c.bob, 1), 1);
	decrypt(c.bob, 1, encrypt(c.alice, 1), 1);
	return c;
}

struct group gather(void)
{
	struct group g = {NEW(outbound_group_session), NEW(inbound_group_session), {0}};
	MUST(L.init_outbound_group_session(g.out, random_bytes(160), 160) == 0);
	MUST(L.outbound_group_session_key(g.out, g.key, 306) == 306);
	uint8_t key[306];
	memcpy(key, g.key, 306);
	MUST(L.init_inbound_group_session(g.in, key, 306) == 0);
	return g;
}

#define PICKLES(name, type, kind) \
	struct text pickle_##name(type *o) \
	{ \
		struct text t = {NULL, L.pickle_##kind##_length(o)}; \
		t.at = zeros(t.length); \
		MUST(L.pickle_##kind(o, KEY, KEY_LENGTH, t.at, t.length) == t.length); \
		return t; \
	} \
	type *unpickle_##name(struct text t) \
	{ \
		type *o = NEW(kind); \
		memcpy(scratch, t.at, t.length); \
		MUST(L.unpickle_##kind(o, KEY, KEY_LENGTH, scratch, t.length) != ERROR); \
		return o; \
	}
PICKLES(account, OlmAccount, account)
PICKLES(session, OlmSession, session)
PICKLES(group, OlmInboundGroupSession, inbound_group_session)
