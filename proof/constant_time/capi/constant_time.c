/* Constant time, shown on the library as it ships: memcheck follows every bit that is derived from a random
 * byte or a pickle key, and reports each branch and each address that depends on one.
 *
 * The library has to branch on a few bits that are secret until they are told: whether a MAC is right, whether
 * a padding is, whether a shared secret is zero. Each is one report, so the reports of every call are counted,
 * and the count must be what its verdicts make: one more is a leak. Public keys, signatures and ciphertexts are
 * declared public once they have been given out, and only if they were derived from secrets until then:
 * otherwise a check would show nothing. Verifying signatures is left out: what is signed is public.
 *
 * Run by run.sh under valgrind.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* Where a secret begins and ends in an unencrypted pickle. */
struct field {
	size_t from, to;
};

#ifdef OLM_HOST /* the same functions in another form: what it includes has room too, for objects and arguments */
#include OLM_HOST
#else
#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>
#define room(n) calloc(1, n) /* what nobody writes is no secret */
#define OLM_NAME "libolm.so.3"
#endif

static int checks, failures, declassified, calls, controls, caught;
static unsigned verdicts, unexplained;

static void check(int ok, const char *what, int line)
{
	checks++;
	if (!ok) {
		failures++;
		printf("line %d: %s\n", line, what);
	}
}
#define CHECK(ok) check(ok, #ok, __LINE__)

/* REPORTS(n, call): the call makes n reports, each for a verdict that it has to tell. */
#define REPORTS(n, call) \
	do { \
		unsigned before = VALGRIND_COUNT_ERRORS, got; \
		call; \
		got = VALGRIND_COUNT_ERRORS - before; \
		calls++; \
		verdicts += n; \
		unexplained += got > (n) ? got - (n) : 0; \
		if (got != (n)) \
			printf("%u reports, not %u, by\n", got, (unsigned)(n)); \
		check(got == (n), #call, __LINE__); \
	} while (0)

/* LEAK(code): a leak, which must be seen. */
#define LEAK(code) \
	do { \
		unsigned before = VALGRIND_COUNT_ERRORS; \
		code; \
		controls++; \
		if (VALGRIND_COUNT_ERRORS > before) \
			caught++; \
		else \
			printf("line %d: not seen: %s\n", __LINE__, #code); \
	} while (0)

static int tainted(const void *p, size_t n)
{
	unsigned char bits[4096];
	for (size_t at = 0, part; at < n; at += part) {
		part = n - at < sizeof bits ? n - at : sizeof bits;
		VALGRIND_GET_VBITS((const char *)p + at, bits, part);
		for (size_t i = 0; i < part; i++)
			if (bits[i])
				return 1;
	}
	return 0;
}

static void make_public(void *p, size_t n, int line)
{
	check(tainted(p, n), "nothing secret has gone into this output", line);
	declassified++;
	VALGRIND_MAKE_MEM_DEFINED(p, n);
}
#define PUBLIC(p, n) make_public(p, n, __LINE__)

static void *secret(void *p, size_t n)
{
	static unsigned char x = 1;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)p)[i] = x = (unsigned char)(x * 77 + 13);
	VALGRIND_MAKE_MEM_UNDEFINED(p, n);
	return p;
}

/* poison makes secret what is found of a known secret in an object. */
static int poison(void *object, size_t size, const void *known, size_t n)
{
	int found = 0;
	for (size_t i = 0; i + n <= size; i++)
		if (memcmp((char *)object + i, known, n) == 0) {
			VALGRIND_MAKE_MEM_UNDEFINED((char *)object + i, n);
			i += n - 1;
			found++;
		}
	return found;
}

/* text is a string where the library can read it. */
static char *text(const char *string)
{
	return memcpy(room(strlen(string) + 1), string, strlen(string) + 1);
}

static unsigned char *random_bytes;
#define RANDOM(n) secret(random_bytes, n), (n)

static char *identity[2], *one_time_key;
static OlmAccount *account[2];

static void accounts(void)
{
	char *json = room(4096), *signature = room(86);
	for (int i = 0; i < 2; i++) {
		account[i] = olm_account(room(olm_account_size()));
		REPORTS(0, olm_create_account(account[i], RANDOM(64)));
		REPORTS(0, olm_account_identity_keys(account[i], json, 4096));
		PUBLIC(json, 116);
		identity[i] = memcpy(room(43), json + 15, 43);
		REPORTS(0, olm_account_sign(account[i], text("message"), 7, signature, 86));
		PUBLIC(signature, 86);
	}
	REPORTS(0, olm_account_generate_one_time_keys(account[1], 1, RANDOM(32)));
	REPORTS(0, olm_account_one_time_keys(account[1], json, 4096));
	PUBLIC(json, olm_account_one_time_keys_length(account[1]));
	one_time_key = memcpy(room(43), json + 25, 43);
	REPORTS(0, olm_account_generate_fallback_key(account[1], RANDOM(32)));
	REPORTS(0, olm_account_mark_keys_as_published(account[1]));
}

static OlmSession *session[2];

/* send has one side encrypt and the other decrypt. */
static void send(int from, unsigned encrypt_reports, unsigned decrypt_reports)
{
	char *message = room(1000), *copy = room(1000);
	unsigned char *plaintext = room(100), *out = room(200);
	size_t type = olm_encrypt_message_type(session[from]), n, length;
	secret(plaintext, 100);
	n = olm_encrypt_message_length(session[from], 100);
	REPORTS(encrypt_reports, olm_encrypt(session[from], plaintext, 100, RANDOM(olm_encrypt_random_length(session[from])), message, n));
	PUBLIC(message, n);
	memcpy(copy, message, n);
	CHECK(olm_decrypt_max_plaintext_length(session[!from], type, copy, n) == 112);
	memcpy(copy, message, n);
	REPORTS(decrypt_reports, length = olm_decrypt(session[!from], type, copy, n, out, 200));
	PUBLIC(&length, sizeof length); /* the padding tells it */
	CHECK(length == 100);
	CHECK(tainted(out, length));
	VALGRIND_MAKE_MEM_DEFINED(out, length);
	VALGRIND_MAKE_MEM_DEFINED(plaintext, length);
	CHECK(memcmp(out, plaintext, length) == 0);
}

static void sessions(void)
{
	char *message = room(1000), *copy = room(1000), *id = room(43);
	size_t n, matches;
	for (int i = 0; i < 2; i++)
		session[i] = olm_session(room(olm_session_size()));
	/* three shared secrets that must not be zero */
	REPORTS(3, olm_create_outbound_session(session[0], account[0], identity[1], 43, one_time_key, 43, RANDOM(64)));
	n = olm_encrypt_message_length(session[0], 0);
	REPORTS(0, olm_encrypt(session[0], text(""), 0, NULL, 0, message, n));
	PUBLIC(message, n);
	memcpy(copy, message, n);
	/* the same, and which one-time key it is: a public key, compared in the account */
	REPORTS(4, olm_create_inbound_session(session[1], account[1], message, n));
	REPORTS(0, matches = olm_matches_inbound_session(session[1], memcpy(message, copy, n), n));
	CHECK(matches == 1);
	REPORTS(0, matches = olm_matches_inbound_session_from(session[1], identity[0], 43, memcpy(message, copy, n), n));
	CHECK(matches == 1);
	REPORTS(4, olm_create_inbound_session_from(olm_session(room(olm_session_size())), account[1], identity[0], 43, memcpy(message, copy, n), n));
	REPORTS(1, olm_remove_one_time_keys(account[1], session[1]));
	REPORTS(0, olm_session_id(session[0], id, 43));
	PUBLIC(id, 43);
	/* steady: that the chain's key is not one that goolm lost, a MAC and a padding; a new chain has a shared secret instead of
	 * the first, and its first message begins one on the other side */
	send(0, 0, 3);
	send(0, 0, 3);
	send(1, 1, 3);
	send(1, 0, 3);
	send(0, 1, 3);
}

/* sent is a message that has not arrived yet. */
struct sent {
	char *text;
	size_t n;
};

static struct sent sent_by(int from)
{
	struct sent m = {room(1000), olm_encrypt_message_length(session[from], 5)};
	olm_encrypt(session[from], text("hello"), 5, NULL, 0, m.text, m.n);
	PUBLIC(m.text, m.n);
	return m;
}

static void arrives(struct sent m, OlmSession *at, unsigned reports)
{
	unsigned char *out = room(200);
	size_t length;
	REPORTS(reports, length = olm_decrypt(at, 1, m.text, m.n, out, 200));
	PUBLIC(&length, sizeof length);
	CHECK(length == 5 && tainted(out, 5));
	VALGRIND_MAKE_MEM_DEFINED(out, 5);
	CHECK(memcmp(out, "hello", 5) == 0);
}

static struct sent late;

/* Keys of skipped messages are kept, found, used and forgotten. */
static void out_of_order(void)
{
	struct sent m[4];
	for (int i = 0; i < 4; i++)
		m[i] = sent_by(0);
	arrives(m[2], session[1], 3);
	arrives(m[0], session[1], 3);
	arrives(m[3], session[1], 3);
	late = m[1];
	send(1, 1, 3);
}

#ifndef OLM_HOST
/* Reports when a pickle is read as an account or as a session, but is neither: of the MAC, of the padding, three of the
 * length that it tells, and of the version. */
#define REFUSED_account 6
#define REFUSED_session 6

/* only_fields makes secret what a pickle holds of them, and nothing else: not its numbers, by which the library has to
 * branch. The key is made public for that. In CBC mode a secret byte of a block makes secret all of that block, and one
 * byte of the next; to spare what lies beside a secret, some of it is left out: of 32 bytes, 16 stay. */
static void only_fields(char *pickle, void *key, const struct field *fields, size_t n)
{
	VALGRIND_MAKE_MEM_DEFINED(key, 32);
	for (size_t i = 0; i < n; i++) {
		size_t from = (fields[i].from + 15) & -16, to = fields[i].to - 16;
		size_t first = (from * 8 + 5) / 6, end = to * 8 / 6; /* the base64 of that and of nothing else */
		CHECK(first < end);
		VALGRIND_MAKE_MEM_UNDEFINED(pickle + first, end - first);
	}
}
#endif

/* Pickles an object that is as long as that when it is not encrypted, under a secret key.
 *
 * Everything that is decrypted with a secret key is secret, numbers too. So there are three ways to unpickle: with a
 * wrong key, which ends with the MAC; with the right one, as an object of another kind, which ends with the version;
 * and with no secrets in the pickle but its keys, which gives the same pickle again. The last has a verdict more than
 * the MAC's where there is a signing key: whether that is in the form that Go's crypto/ed25519 has, as goolm wrote it. */
#define READ_account 2
#define READ_outbound_group_session 2
#define READ_inbound_group_session 1
#define READ_session 1
#define READ_pk_decryption 1
#define PICKLES(kind, object, raw_length, secrets, other, ...) \
	do { \
		unsigned char *key = room(32), *right = room(32); \
		size_t n = olm_pickle_##kind##_length(object), result; \
		char *pickle = room(n), *copy = room(n), *again = room(n); \
		void *fresh = olm_##kind(room(olm_##kind##_size())), *stranger = olm_##other(room(olm_##other##_size())); \
		CHECK(n == (((raw_length) / 16 * 16 + 16 + 8) * 8 + 5) / 6); \
		memcpy(right, secret(key, 32), 32); \
		REPORTS(0, olm_pickle_##kind(object, key, 32, pickle, n)); \
		PUBLIC(pickle, n); \
		REPORTS(1, olm_unpickle_##kind(fresh, secret(key, 32), 32, memcpy(copy, pickle, n), n __VA_OPT__(, ) __VA_ARGS__)); \
		memcpy(key, right, 32); \
		REPORTS(REFUSED_##other, olm_unpickle_##other(stranger, key, 32, memcpy(copy, pickle, n), n)); \
		only_fields(memcpy(copy, pickle, n), right, secrets, sizeof secrets / sizeof *secrets); \
		REPORTS(READ_##kind, result = olm_unpickle_##kind(fresh, memcpy(key, right, 32), 32, copy, n __VA_OPT__(, ) __VA_ARGS__)); \
		CHECK(result == n); \
		REPORTS(0, olm_pickle_##kind(fresh, memcpy(key, right, 32), 32, again, n)); \
		PUBLIC(again, n); \
		CHECK(memcmp(again, pickle, n) == 0); \
	} while (0)

static void groups(void)
{
	unsigned char *seed = room(160), *plaintext = room(100), *out = room(200);
	char *key = room(306), *message = room(1000), *copy = room(1000), *exported = room(220);
	size_t n, length;
	uint32_t *index = room(4);
	secret(seed, 160);
	OlmOutboundGroupSession *sender = olm_outbound_group_session(room(olm_outbound_group_session_size()));
	OlmInboundGroupSession *receiver = olm_inbound_group_session(room(olm_inbound_group_session_size()));
	memcpy(random_bytes, seed, 160);
	REPORTS(0, olm_init_outbound_group_session(sender, random_bytes, 160));
	REPORTS(0, olm_outbound_group_session_key(sender, (uint8_t *)key, 306));
	PUBLIC(key, 306); /* only to check its signature, which is not secret */
	CHECK(olm_init_inbound_group_session(receiver, (uint8_t *)key, 306) == 0);
	VALGRIND_MAKE_MEM_DEFINED(seed, 160);
	CHECK(poison(receiver, olm_inbound_group_session_size(), seed, 128) == 2);
	char *first = room(1000);
	for (int i = 0; i < 3; i++) {
		secret(plaintext, 100);
		n = olm_group_encrypt_message_length(sender, 100);
		REPORTS(0, olm_group_encrypt(sender, plaintext, 100, (uint8_t *)message, n));
		PUBLIC(message, n);
		memcpy(copy, message, n);
		if (i == 0)
			memcpy(first, message, n);
		REPORTS(2, length = olm_group_decrypt(receiver, (uint8_t *)copy, n, out, 200, index));
		PUBLIC(&length, sizeof length);
		CHECK(length == 100 && *index == (uint32_t)i);
		CHECK(tainted(out, length));
	}
	REPORTS(2, length = olm_group_decrypt(receiver, (uint8_t *)first, n, out, 200, index)); /* from the start again */
	PUBLIC(&length, sizeof length);
	CHECK(length == 100 && *index == 0);
	REPORTS(0, olm_export_inbound_group_session(receiver, (uint8_t *)exported, 220, 70000));
	PUBLIC(exported, 220);
	OlmInboundGroupSession *other = olm_inbound_group_session(room(olm_inbound_group_session_size()));
	VALGRIND_MAKE_MEM_UNDEFINED(exported + 8, 168); /* the ratchet, but not the index */
	REPORTS(0, length = olm_import_inbound_group_session(other, (uint8_t *)exported, 220));
	CHECK(length == 0 && olm_inbound_group_session_first_known_index(other) == 70000);
	REPORTS(0, olm_export_inbound_group_session(other, (uint8_t *)exported, 220, 70001));
	PUBLIC(exported, 220);
	static const struct field sender_secrets[] = {{4, 132}, {168, 232}}, receiver_secrets[] = {{4, 132}, {136, 264}};
	PICKLES(outbound_group_session, sender, 232, sender_secrets, account);
	PICKLES(inbound_group_session, receiver, 301, receiver_secrets, session);
}

static void verification(void)
{
	char *key[2], *mac = room(43), *copy = room(43);
	unsigned char *bytes = room(6);
	OlmSAS *sas[2];
	for (int i = 0; i < 2; i++) {
		key[i] = room(43);
		sas[i] = olm_sas(room(olm_sas_size()));
		REPORTS(0, olm_create_sas(sas[i], RANDOM(32)));
		REPORTS(0, olm_sas_get_pubkey(sas[i], key[i], 43));
		PUBLIC(key[i], 43);
	}
	memcpy(copy, key[1], 43);
	REPORTS(1, olm_sas_set_their_key(sas[0], copy, 43));
	REPORTS(0, olm_sas_generate_bytes(sas[0], text("info"), 4, bytes, 6));
	PUBLIC(bytes, 6);
	REPORTS(0, olm_sas_calculate_mac(sas[0], text("input"), 5, text("info"), 4, mac, 43));
	PUBLIC(mac, 43);
	REPORTS(0, olm_sas_calculate_mac_fixed_base64(sas[0], text("input"), 5, text("info"), 4, mac, 43));
	PUBLIC(mac, 43);
	REPORTS(0, olm_sas_calculate_mac_long_kdf(sas[0], text("input"), 5, text("info"), 4, mac, 43));
	PUBLIC(mac, 43);
}

static void backup(void)
{
	unsigned char *private = room(32), *plaintext = room(100), *out = room(200);
	char *key = room(43), *ephemeral = room(43), *mac = room(11), *ciphertext = room(200), *signature = room(86), *hash = room(43);
	size_t n, length;
	OlmPkDecryption *d = olm_pk_decryption(room(olm_pk_decryption_size()));
	OlmPkEncryption *e = olm_pk_encryption(room(olm_pk_encryption_size()));
	OlmPkSigning *s = olm_pk_signing(room(olm_pk_signing_size()));
	OlmUtility *u = olm_utility(room(olm_utility_size()));
	REPORTS(0, olm_pk_key_from_private(d, key, 43, secret(private, 32), 32));
	PUBLIC(key, 43);
	CHECK(olm_pk_encryption_set_recipient_key(e, key, 43) == 0);
	secret(plaintext, 100);
	n = olm_pk_ciphertext_length(e, 100);
	REPORTS(1, olm_pk_encrypt(e, plaintext, 100, ciphertext, n, mac, 11, ephemeral, 43, RANDOM(32)));
	PUBLIC(ciphertext, n);
	PUBLIC(mac, 11);
	PUBLIC(ephemeral, 43);
	REPORTS(3, length = olm_pk_decrypt(d, ephemeral, 43, mac, 11, ciphertext, n, out, 200));
	PUBLIC(&length, sizeof length);
	CHECK(length == 100);
	CHECK(tainted(out, length));
	static const struct field secrets[] = {{36, 68}};
	PICKLES(pk_decryption, d, 68, secrets, account, NULL, 0);
	REPORTS(0, olm_pk_get_private_key(d, out, 32));
	PUBLIC(out, 32);
	REPORTS(0, olm_pk_signing_key_from_seed(s, key, 43, secret(private, 32), 32));
	PUBLIC(key, 43);
	REPORTS(0, olm_pk_sign(s, (uint8_t *)text("message"), 7, (uint8_t *)signature, 86));
	PUBLIC(signature, 86);
	REPORTS(0, olm_sha256(u, secret(plaintext, 100), 100, hash, 43));
	PUBLIC(hash, 43);
}

static void account_and_session_pickles(void)
{
	/* two one-time keys and a fallback key */
	static const struct field account_secrets[] = {{36, 100}, {132, 164}, {205, 237}, {274, 306}, {344, 376}};
	/* the root key, the sending key and chain, two receiving chains, the key of the late message; not that of the
	 * first, which lies so that no character is its own */
	static const struct field session_secrets[] = {{101, 133}, {169, 201}, {201, 233}, {273, 305}, {341, 373}, {413, 445}};
	REPORTS(0, olm_account_generate_one_time_keys(account[1], 2, RANDOM(64)));
	PICKLES(account, account[1], 380, account_secrets, session);
	PICKLES(session, session[1], 517, session_secrets, account);
	arrives(late, session[1], 3);
}

/* Leaks that must be seen: a branch, an address, and a branch on what the library has made of a secret with
 * each of its primitives. */
static volatile int sink;
#define LEAK_OF(byte) LEAK(if ((byte)&1) sink++)

static void leaks(void)
{
	static const unsigned char table[256] = {1};
	unsigned char *x = room(32), *out = room(200);
	char *json = room(116), *id = room(43), *message = room(300), *group_message = room(300), *key = room(306), *exported = room(220);
	size_t n;
	LEAK_OF(*(unsigned char *)secret(x, 1));
	LEAK(sink += table[*(unsigned char *)secret(x, 1)]);

	olm_account_sign(account[0], text("message"), 7, out, 86);
	LEAK_OF(out[80]); /* a scalar */
	LEAK_OF(out[10]); /* a point */
	olm_account_identity_keys(account[0], json, 116);
	LEAK_OF(json[20]); /* X25519, base64 */

	n = olm_encrypt_message_length(session[1], 5);
	CHECK(olm_encrypt(session[1], text("hello"), 5, NULL, 0, message, n) == n);
	LEAK_OF(message[n - 2]);  /* HMAC-SHA-256 */
	LEAK_OF(message[n - 20]); /* AES, encrypting */
	PUBLIC(message, n);
	olm_decrypt(session[0], 1, message, n, out, 200);
	LEAK_OF(out[0]); /* AES, decrypting */
	olm_session_id(session[0], id, 43);
	LEAK_OF(id[0]); /* SHA-256 */

	OlmOutboundGroupSession *sender = olm_outbound_group_session(room(olm_outbound_group_session_size()));
	olm_init_outbound_group_session(sender, RANDOM(160));
	n = olm_group_encrypt_message_length(sender, 5);
	olm_group_encrypt(sender, (uint8_t *)text("hello"), 5, (uint8_t *)group_message, n);
	olm_outbound_group_session_key(sender, (uint8_t *)key, 306);
	LEAK_OF(key[60]); /* the Megolm ratchet, advanced */
	VALGRIND_MAKE_MEM_DEFINED(key, 306);
	OlmInboundGroupSession *receiver = olm_inbound_group_session(room(olm_inbound_group_session_size()));
	CHECK(olm_init_inbound_group_session(receiver, (uint8_t *)key, 306) == 0);
	VALGRIND_MAKE_MEM_UNDEFINED(receiver, olm_inbound_group_session_size());
	LEAK(olm_export_inbound_group_session(receiver, (uint8_t *)exported, 220, 1)); /* an index that is secret */

	unsigned char *pickle_key = room(32);
	n = olm_pickle_account_length(account[0]);
	char *pickle = room(n);
	olm_pickle_account(account[0], secret(pickle_key, 32), 32, pickle, n);
	LEAK_OF(pickle[40]); /* HKDF, AES, base64 */

	olm_sha256(olm_utility(room(olm_utility_size())), secret(x, 32), 32, id, 43);
	LEAK_OF(id[42]);
	OlmSAS *sas[2];
	for (int i = 0; i < 2; i++) {
		sas[i] = olm_sas(room(olm_sas_size()));
		olm_create_sas(sas[i], RANDOM(32));
	}
	olm_sas_get_pubkey(sas[0], id, 43);
	LEAK_OF(id[7]);
	VALGRIND_MAKE_MEM_DEFINED(id, 43);
	olm_sas_set_their_key(sas[1], id, 43);
	olm_sas_generate_bytes(sas[1], text("info"), 4, out, 6);
	LEAK_OF(out[5]); /* HKDF of a shared secret */
	olm_sas_calculate_mac(sas[1], text("input"), 5, text("info"), 4, id, 43);
	LEAK_OF(id[3]);
}

int main(void)
{
	if (!RUNNING_ON_VALGRIND) {
		puts("this shows something under valgrind only: see run.sh");
		return 1;
	}
	random_bytes = room(4096);
	accounts();
	sessions();
	out_of_order();
	account_and_session_pickles();
	groups();
	verification();
	backup();
	CHECK(declassified == 62);
	int outputs = declassified;
	leaks();
	CHECK(caught == controls);
	printf("constant time %s: %u reports beside %u verdicts in %d calls, %d of %d leaky controls caught, %d outputs declared public, %d of %d checks failed\n",
	       OLM_NAME, unexplained, verdicts, calls, caught, controls, outputs, failures, checks);
	return failures != 0;
}
