/* Times two libraries that have libolm's interface, in one process, turn and turn about.
 *
 *     bench PEER.so OURS.so [ROUNDS]
 *
 * prints a table in Markdown: microseconds for each operation, the minimum and the median of the rounds, and how
 * many times as fast the second library is, by the minima. It exits with 1 if it is slower anywhere.
 *
 * What an operation needs is made outside of the time that is measured. Every result is checked.
 */
#define _GNU_SOURCE
#include "functions.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ERROR ((size_t)-1)

static void must(int ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "line %d: %s is wrong\n", line, what);
	exit(2);
}
#define MUST(x) must(x, #x, __LINE__)

static struct library *L; /* the one that is measured */
static double started;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}
static void start(void) { started = now(); }
static double stop(int n) { return (now() - started) / n; }

static unsigned char *random_bytes(size_t n)
{
	static unsigned char buffer[64 * 1024];
	static unsigned long long x = 88172645463325252ULL;
	MUST(n <= sizeof buffer);
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		buffer[i] = (unsigned char)x;
	}
	return buffer;
}

static void *zeros(size_t n)
{
	void *p = calloc(1, n);
	MUST(p != NULL);
	return p;
}
#define NEW(kind) L->kind(zeros(L->kind##_size()))

/* Two people. */
struct pair {
	OlmAccount *account[2];
	char identity[2][43], one_time[50][43];
	OlmSession *session[2];
};

static OlmAccount *new_account(char identity[43])
{
	char json[116];
	OlmAccount *a = NEW(account);
	MUST(L->create_account(a, random_bytes(64), 64) == 0);
	MUST(L->account_identity_keys(a, json, sizeof json) == 116);
	memcpy(identity, json + 15, 43);
	return a;
}

static void one_time_keys(OlmAccount *a, char keys[50][43])
{
	char json[8000];
	size_t n = 0;
	MUST(L->account_generate_one_time_keys(a, 50, random_bytes(50 * 32), 50 * 32) == 50);
	MUST(L->account_one_time_keys(a, json, sizeof json) != ERROR);
	for (char *p = json + 15; n < 50; p += 55, n++)
		memcpy(keys[n], p + 10, 43);
	L->account_mark_keys_as_published(a);
}

static size_t put(OlmSession *s, const void *text, size_t n, char *message)
{
	size_t length = L->encrypt_message_length(s, n), need = L->encrypt_random_length(s);
	MUST(L->encrypt(s, text, n, need ? random_bytes(need) : NULL, need, message, length) == length);
	return length;
}

static char scratch[128 * 1024];
static unsigned char plain[128 * 1024];

static void get(OlmSession *s, size_t type, const char *message, size_t n, size_t want)
{
	memcpy(scratch, message, n);
	size_t room = L->decrypt_max_plaintext_length(s, type, scratch, n);
	MUST(room != ERROR);
	memcpy(scratch, message, n);
	MUST(L->decrypt(s, type, scratch, n, plain, room) == want);
}

/* meet sets up a session on both sides; after it both send normal messages. */
static void meet(struct pair *p)
{
	static char message[1000];
	size_t n;
	for (int i = 0; i < 2; i++) {
		p->account[i] = new_account(p->identity[i]);
		p->session[i] = NEW(session);
	}
	one_time_keys(p->account[1], p->one_time);
	MUST(L->create_outbound_session(p->session[0], p->account[0], p->identity[1], 43, p->one_time[0], 43, random_bytes(64), 64) == 0);
	n = put(p->session[0], "hello", 5, message);
	memcpy(scratch, message, n);
	MUST(L->create_inbound_session(p->session[1], p->account[1], scratch, n) == 0);
	get(p->session[1], 0, message, n, 5);
	MUST(L->remove_one_time_keys(p->account[1], p->session[1]) != ERROR);
	n = put(p->session[1], "hello", 5, message);
	get(p->session[0], 1, message, n, 5);
	n = put(p->session[0], "hello", 5, message);
	get(p->session[1], 1, message, n, 5);
}

static void part(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		free(p->account[i]);
		free(p->session[i]);
	}
}

/* The operations. n is how often; the result is microseconds for one. */

static double bare_call(int n)
{
	size_t sum = 0;
	start();
	for (int i = 0; i < n * 1000; i++)
		sum += L->account_signature_length(NULL);
	double t = stop(n * 1000);
	MUST(sum == 86000UL * (unsigned)n);
	return t;
}

static double account_new(int n)
{
	OlmAccount *a = NEW(account);
	unsigned char *r = random_bytes(64);
	start();
	for (int i = 0; i < n; i++) {
		r[0] = (unsigned char)i;
		MUST(L->create_account(a, r, 64) == 0);
	}
	double t = stop(n);
	free(a);
	return t;
}

static double one_time_keys_50(int n)
{
	OlmAccount *a = NEW(account);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->account_generate_one_time_keys(a, 50, random_bytes(1600), 1600) == 50);
	double t = stop(n);
	free(a);
	return t;
}

static double account_sign(int n)
{
	char identity[43], signature[86];
	OlmAccount *a = new_account(identity);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->account_sign(a, "a message that is signed", 24, signature, 86) == 86);
	double t = stop(n);
	free(a);
	return t;
}

static double olm_outbound(int n)
{
	struct pair p;
	char message[1000];
	meet(&p);
	OlmSession *s = NEW(session);
	start();
	for (int i = 0; i < n; i++) {
		L->session(s);
		MUST(L->create_outbound_session(s, p.account[0], p.identity[1], 43, p.one_time[1], 43, random_bytes(64), 64) == 0);
		put(s, "hello", 5, message);
	}
	double t = stop(n);
	free(s);
	part(&p);
	return t;
}

static double olm_inbound(int n)
{
	struct pair p;
	char message[1000];
	meet(&p);
	OlmSession *s = NEW(session), *in = NEW(session);
	MUST(L->create_outbound_session(s, p.account[0], p.identity[1], 43, p.one_time[25], 43, random_bytes(64), 64) == 0);
	size_t m = put(s, "hello", 5, message);
	start();
	for (int i = 0; i < n; i++) {
		L->session(in);
		memcpy(scratch, message, m);
		MUST(L->create_inbound_session(in, p.account[1], scratch, m) == 0);
		get(in, 0, message, m, 5);
	}
	double t = stop(n);
	free(s);
	free(in);
	part(&p);
	return t;
}

static double encrypt_sized(int n, size_t size)
{
	struct pair p;
	static char message[64 * 1024];
	meet(&p);
	start();
	for (int i = 0; i < n; i++)
		put(p.session[0], plain, size, message);
	double t = stop(n);
	part(&p);
	return t;
}
static double olm_encrypt_64(int n) { return encrypt_sized(n, 64); }
static double olm_encrypt_1k(int n) { return encrypt_sized(n, 1024); }
static double olm_encrypt_32k(int n) { return encrypt_sized(n, 32 * 1024); }

static double decrypt_sized(int n, size_t size)
{
	struct pair p;
	meet(&p);
	size_t room = 2 * size + 500, *lengths = zeros((size_t)n * sizeof *lengths);
	char *messages = zeros((size_t)n * room);
	for (int i = 0; i < n; i++)
		lengths[i] = put(p.session[0], plain, size, messages + (size_t)i * room);
	start();
	for (int i = 0; i < n; i++)
		get(p.session[1], 1, messages + (size_t)i * room, lengths[i], size);
	double t = stop(n);
	free(lengths);
	free(messages);
	part(&p);
	return t;
}
static double olm_decrypt_64(int n) { return decrypt_sized(n, 64); }
static double olm_decrypt_1k(int n) { return decrypt_sized(n, 1024); }
static double olm_decrypt_32k(int n) { return decrypt_sized(n, 32 * 1024); }

static double olm_ping_pong(int n)
{
	struct pair p;
	char message[1000];
	meet(&p);
	start();
	for (int i = 0; i < n; i++)
		for (int from = 1; from >= 0; from--) {
			size_t m = put(p.session[from], "ping", 4, message);
			get(p.session[!from], 1, message, m, 4);
		}
	double t = stop(n);
	part(&p);
	return t;
}

static double olm_skip_40(int n)
{
	struct pair p;
	meet(&p);
	char *messages = zeros((size_t)n * 200), unused[200];
	size_t *lengths = zeros((size_t)n * sizeof *lengths);
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < 40; j++)
			put(p.session[0], "x", 1, unused);
		lengths[i] = put(p.session[0], "x", 1, messages + 200 * i);
	}
	start();
	for (int i = 0; i < n; i++)
		get(p.session[1], 1, messages + 200 * i, lengths[i], 1);
	double t = stop(n);
	free(messages);
	free(lengths);
	part(&p);
	return t;
}

struct group {
	OlmOutboundGroupSession *out;
	OlmInboundGroupSession *in;
	uint8_t key[306];
};

static void gather(struct group *g)
{
	g->out = NEW(outbound_group_session);
	g->in = NEW(inbound_group_session);
	MUST(L->init_outbound_group_session(g->out, random_bytes(160), 160) == 0);
	MUST(L->outbound_group_session_key(g->out, g->key, 306) == 306);
	MUST(L->init_inbound_group_session(g->in, g->key, 306) == 0);
}

static void scatter(struct group *g)
{
	free(g->out);
	free(g->in);
}

static size_t group_put(struct group *g, size_t size, char *message)
{
	size_t n = L->group_encrypt_message_length(g->out, size);
	MUST(L->group_encrypt(g->out, plain, size, (uint8_t *)message, n) == n);
	return n;
}

static void group_get(OlmInboundGroupSession *in, const char *message, size_t n, size_t want)
{
	uint32_t index;
	memcpy(scratch, message, n);
	size_t room = L->group_decrypt_max_plaintext_length(in, (uint8_t *)scratch, n);
	MUST(room != ERROR);
	memcpy(scratch, message, n);
	MUST(L->group_decrypt(in, (uint8_t *)scratch, n, plain, room, &index) == want);
}

static double megolm_new(int n)
{
	OlmOutboundGroupSession *g = NEW(outbound_group_session);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->init_outbound_group_session(g, random_bytes(160), 160) == 0);
	double t = stop(n);
	free(g);
	return t;
}

static double megolm_inbound_new(int n)
{
	struct group g;
	gather(&g);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->init_inbound_group_session(g.in, g.key, 306) == 0);
	double t = stop(n);
	scatter(&g);
	return t;
}

static double megolm_encrypt_sized(int n, size_t size)
{
	struct group g;
	static char message[64 * 1024];
	gather(&g);
	start();
	for (int i = 0; i < n; i++)
		group_put(&g, size, message);
	double t = stop(n);
	scatter(&g);
	return t;
}
static double megolm_encrypt_64(int n) { return megolm_encrypt_sized(n, 64); }
static double megolm_encrypt_1k(int n) { return megolm_encrypt_sized(n, 1024); }
static double megolm_encrypt_32k(int n) { return megolm_encrypt_sized(n, 32 * 1024); }

static double megolm_decrypt_sized(int n, size_t size)
{
	struct group g;
	gather(&g);
	size_t room = 2 * size + 500, *lengths = zeros((size_t)n * sizeof *lengths);
	char *messages = zeros((size_t)n * room);
	for (int i = 0; i < n; i++)
		lengths[i] = group_put(&g, size, messages + (size_t)i * room);
	start();
	for (int i = 0; i < n; i++)
		group_get(g.in, messages + (size_t)i * room, lengths[i], size);
	double t = stop(n);
	free(lengths);
	free(messages);
	scatter(&g);
	return t;
}
static double megolm_decrypt_64(int n) { return megolm_decrypt_sized(n, 64); }
static double megolm_decrypt_1k(int n) { return megolm_decrypt_sized(n, 1024); }
static double megolm_decrypt_32k(int n) { return megolm_decrypt_sized(n, 32 * 1024); }

/* A jump of 2^16, which export makes as decryption does, without the verification. */
static double megolm_far(int n)
{
	struct group g;
	uint8_t key[220];
	gather(&g);
	double total = 0;
	for (int i = 0; i < n; i++) {
		MUST(L->init_inbound_group_session(g.in, g.key, 306) == 0);
		start();
		MUST(L->export_inbound_group_session(g.in, key, 220, 65535) == 220);
		total += stop(1);
	}
	scatter(&g);
	return total / n;
}

static double megolm_export(int n)
{
	struct group g;
	uint8_t key[220];
	gather(&g);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->export_inbound_group_session(g.in, key, 220, 0) == 220);
	double t = stop(n);
	scatter(&g);
	return t;
}

static double megolm_import(int n)
{
	struct group g;
	uint8_t key[220];
	gather(&g);
	MUST(L->export_inbound_group_session(g.in, key, 220, 0) == 220);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->import_inbound_group_session(g.in, key, 220) == 0);
	double t = stop(n);
	scatter(&g);
	return t;
}

static const unsigned char pickle_key[32] = "a pickle key of 32 random bytes";

#define PICKLE(kind, object) \
	do { \
		size_t m = L->pickle_##kind##_length(object); \
		MUST(m <= sizeof scratch); \
		start(); \
		for (int i = 0; i < n; i++) \
			MUST(L->pickle_##kind(object, pickle_key, 32, scratch, m) == m); \
	} while (0)
#define UNPICKLE(kind, object) \
	do { \
		size_t m = L->pickle_##kind##_length(object); \
		char *text = zeros(m); \
		void *again = zeros(L->kind##_size()); \
		MUST(L->pickle_##kind(object, pickle_key, 32, text, m) == m); \
		start(); \
		for (int i = 0; i < n; i++) { \
			memcpy(scratch, text, m); \
			MUST(L->unpickle_##kind(L->kind(again), pickle_key, 32, scratch, m) == m); \
		} \
		free(text); \
		free(again); \
	} while (0)

static double pickle_account_50(int n)
{
	char identity[43], keys[50][43];
	OlmAccount *a = new_account(identity);
	one_time_keys(a, keys);
	PICKLE(account, a);
	double t = stop(n);
	free(a);
	return t;
}

static double unpickle_account_50(int n)
{
	char identity[43], keys[50][43];
	OlmAccount *a = new_account(identity);
	one_time_keys(a, keys);
	UNPICKLE(account, a);
	double t = stop(n);
	free(a);
	return t;
}

static double pickle_session(int n)
{
	struct pair p;
	meet(&p);
	PICKLE(session, p.session[0]);
	double t = stop(n);
	part(&p);
	return t;
}

static double unpickle_session(int n)
{
	struct pair p;
	meet(&p);
	UNPICKLE(session, p.session[0]);
	double t = stop(n);
	part(&p);
	return t;
}

static double pickle_megolm(int n)
{
	struct group g;
	gather(&g);
	PICKLE(inbound_group_session, g.in);
	double t = stop(n);
	scatter(&g);
	return t;
}

static double unpickle_megolm(int n)
{
	struct group g;
	gather(&g);
	UNPICKLE(inbound_group_session, g.in);
	double t = stop(n);
	scatter(&g);
	return t;
}

/* One side of a verification. */
static double sas(int n)
{
	char theirs[43], ours[43], mac[43];
	unsigned char bytes[6];
	OlmSAS *s = NEW(sas);
	MUST(L->create_sas(s, random_bytes(32), 32) == 0 && L->sas_get_pubkey(s, theirs, 43) == 0);
	start();
	for (int i = 0; i < n; i++) {
		memcpy(scratch, theirs, 43);
		MUST(L->create_sas(s, random_bytes(32), 32) == 0);
		MUST(L->sas_get_pubkey(s, ours, 43) == 0);
		MUST(L->sas_set_their_key(s, scratch, 43) == 0);
		MUST(L->sas_generate_bytes(s, "info", 4, bytes, 6) == 0);
		MUST(L->sas_calculate_mac_fixed_base64(s, "input", 5, "info", 4, mac, 43) == 0);
	}
	double t = stop(n);
	free(s);
	return t;
}

static double pk(int n, int decrypting)
{
	OlmPkDecryption *d = NEW(pk_decryption);
	OlmPkEncryption *e = NEW(pk_encryption);
	char key[43], ephemeral[43], mac[11], text[1500];
	size_t length = L->pk_ciphertext_length(e, 1024), room = L->pk_max_plaintext_length(d, length);
	MUST(L->pk_key_from_private(d, key, 43, random_bytes(32), 32) == 0);
	MUST(L->pk_encryption_set_recipient_key(e, key, 43) == 0);
	MUST(L->pk_encrypt(e, plain, 1024, text, length, mac, 11, ephemeral, 43, random_bytes(32), 32) == 8);
	start();
	for (int i = 0; i < n; i++) {
		memcpy(scratch, text, length);
		if (decrypting)
			MUST(L->pk_decrypt(d, ephemeral, 43, mac, 11, scratch, length, plain, room) == 1024);
		else
			MUST(L->pk_encrypt(e, plain, 1024, scratch, length, mac, 11, ephemeral, 43, random_bytes(32), 32) == 8);
	}
	double t = stop(n);
	free(d);
	free(e);
	return t;
}
static double pk_encrypt_1k(int n) { return pk(n, 0); }
static double pk_decrypt_1k(int n) { return pk(n, 1); }

/* What a client does for every message: state from the database, one message, state back. */
static double hot_olm(int n)
{
	struct pair p;
	char *state = zeros(20000);
	meet(&p);
	char *messages = zeros((size_t)n * 500);
	size_t *lengths = zeros((size_t)n * sizeof *lengths);
	for (int i = 0; i < n; i++)
		lengths[i] = put(p.session[0], plain, 100, messages + 500 * i);
	size_t m = L->pickle_session_length(p.session[1]);
	MUST(L->pickle_session(p.session[1], pickle_key, 32, state, m) == m);
	start();
	for (int i = 0; i < n; i++) {
		OlmSession *s = L->session(p.session[1]);
		MUST(L->unpickle_session(s, pickle_key, 32, state, m) == m);
		get(s, 1, messages + 500 * i, lengths[i], 100);
		m = L->pickle_session_length(s);
		MUST(L->pickle_session(s, pickle_key, 32, state, m) == m);
	}
	double t = stop(n);
	free(state);
	free(messages);
	free(lengths);
	part(&p);
	return t;
}

static double hot_megolm(int n)
{
	struct group g;
	char state[1000], *messages = zeros((size_t)n * 500);
	size_t *lengths = zeros((size_t)n * sizeof *lengths);
	gather(&g);
	for (int i = 0; i < n; i++)
		lengths[i] = group_put(&g, 100, messages + 500 * i);
	size_t m = L->pickle_inbound_group_session_length(g.in);
	MUST(L->pickle_inbound_group_session(g.in, pickle_key, 32, state, m) == m);
	start();
	for (int i = 0; i < n; i++) {
		OlmInboundGroupSession *s = L->inbound_group_session(g.in);
		MUST(L->unpickle_inbound_group_session(s, pickle_key, 32, state, m) == m);
		group_get(s, messages + 500 * i, lengths[i], 100);
		MUST(L->pickle_inbound_group_session(s, pickle_key, 32, state, m) == m);
	}
	double t = stop(n);
	free(messages);
	free(lengths);
	scatter(&g);
	return t;
}

static double sha256_64k(int n)
{
	char hash[43];
	OlmUtility *u = NEW(utility);
	start();
	for (int i = 0; i < n; i++)
		MUST(L->sha256(u, plain, 64 * 1024, hash, 43) == 43);
	double t = stop(n);
	free(u);
	return t;
}

static const struct operation {
	const char *name;
	double (*run)(int n);
	int n; /* a few milliseconds */
} operations[] = {
	{"bare call", bare_call, 1000},
	{"AccountNew", account_new, 100},
	{"OneTimeKeys50", one_time_keys_50, 5},
	{"AccountSign", account_sign, 200},
	{"OlmOutbound", olm_outbound, 20},
	{"OlmInbound", olm_inbound, 20},
	{"OlmEncrypt/64B", olm_encrypt_64, 1000},
	{"OlmEncrypt/1KiB", olm_encrypt_1k, 300},
	{"OlmEncrypt/32KiB", olm_encrypt_32k, 20},
	{"OlmDecrypt/64B", olm_decrypt_64, 1000},
	{"OlmDecrypt/1KiB", olm_decrypt_1k, 300},
	{"OlmDecrypt/32KiB", olm_decrypt_32k, 20},
	{"OlmPingPong", olm_ping_pong, 20},
	{"OlmSkip40", olm_skip_40, 50},
	{"MegolmNew", megolm_new, 200},
	{"MegolmInboundNew", megolm_inbound_new, 100},
	{"MegolmEncrypt/64B", megolm_encrypt_64, 200},
	{"MegolmEncrypt/1KiB", megolm_encrypt_1k, 100},
	{"MegolmEncrypt/32KiB", megolm_encrypt_32k, 10},
	{"MegolmDecrypt/64B", megolm_decrypt_64, 100},
	{"MegolmDecrypt/1KiB", megolm_decrypt_1k, 100},
	{"MegolmDecrypt/32KiB", megolm_decrypt_32k, 10},
	{"MegolmFar", megolm_far, 20},
	{"MegolmExport", megolm_export, 2000},
	{"MegolmImport", megolm_import, 2000},
	{"PickleAccount50", pickle_account_50, 100},
	{"UnpickleAccount50", unpickle_account_50, 100},
	{"PickleSession", pickle_session, 500},
	{"UnpickleSession", unpickle_session, 500},
	{"PickleMegolm", pickle_megolm, 500},
	{"UnpickleMegolm", unpickle_megolm, 500},
	{"SAS", sas, 50},
	{"PkEncrypt1KiB", pk_encrypt_1k, 50},
	{"PkDecrypt1KiB", pk_decrypt_1k, 50},
	{"HotOlm", hot_olm, 300},
	{"HotMegolm", hot_megolm, 100},
	{"SHA256/64KiB", sha256_64k, 20},
};

static void load(struct library *l, const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
#define FUNCTION(name) \
	*(void **)&l->name = dlsym(handle, "olm_" #name); \
	MUST(l->name != NULL);
	FUNCTIONS(FUNCTION)
#undef FUNCTION
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static struct library libraries[2];
	int rounds = argc > 3 ? atoi(argv[3]) : 7, slower = 0;
	if (argc < 3 || rounds < 1) {
		fprintf(stderr, "usage: bench PEER.so OURS.so [ROUNDS]\n");
		return 2;
	}
	for (int i = 0; i < 2; i++)
		load(&libraries[i], argv[1 + i]);
	MUST(libraries[0].account != libraries[1].account);
	uint8_t v[2][3];
	for (int i = 0; i < 2; i++)
		libraries[i].get_library_version(&v[i][0], &v[i][1], &v[i][2]);
	printf("| operation | libolm %d.%d.%d, us | median | karst (%d.%d.%d), us | median | times as fast |\n|---|---|---|---|---|---|\n",
		v[0][0], v[0][1], v[0][2], v[1][0], v[1][1], v[1][2]);
	for (size_t o = 0; o < sizeof operations / sizeof *operations; o++) {
		double t[2][100];
		if (rounds > 100)
			rounds = 100;
		for (int r = 0; r < rounds; r++)
			for (int i = 0; i < 2; i++) {
				L = &libraries[(i + r) % 2];
				t[(i + r) % 2][r] = operations[o].run(operations[o].n);
			}
		for (int i = 0; i < 2; i++)
			qsort(t[i], (size_t)rounds, sizeof **t, ascending);
		double ratio = t[0][0] / t[1][0];
		printf("| %s | %.3g | %.3g | %.3g | %.3g | %.2f |\n", operations[o].name, t[0][0], t[0][rounds / 2], t[1][0], t[1][rounds / 2], ratio);
		fflush(stdout);
		if (ratio < 1)
			slower++;
	}
	if (slower)
		fprintf(stderr, "slower than libolm: %d operations\n", slower);
	return slower != 0;
}
