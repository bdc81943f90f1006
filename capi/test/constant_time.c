/* Constant time, shown on the library as it ships: memcheck follows every bit that is derived from a random
 * byte or a pickle key, and reports each branch and each address that depends on one.
 *
 * The library has to branch on a few bits that are secret until they are told: whether a MAC is right, whether
 * a padding is, whether a shared secret is zero. Each is one report, so the reports of every call are counted,
 * and the count must be what its verdicts make: one more is a leak. Public keys, signatures and ciphertexts are
 * declared public once they have been given out, and only if they were derived from secrets until then:
 * otherwise a check would show nothing.
 *
 * Run by constant_time.sh under valgrind.
 */
#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

static int checks, failures, declassified;

static void check(int ok, const char *what, int line)
{
	checks++;
	if (!ok) {
		failures++;
		printf("line %d: %s\n", line, what);
	}
}
#define CHECK(ok) check(ok, #ok, __LINE__)

/* REPORTS(n, call): the call makes n reports. */
#define REPORTS(n, call) \
	do { \
		unsigned before = VALGRIND_COUNT_ERRORS, got; \
		call; \
		got = VALGRIND_COUNT_ERRORS - before; \
		if (got != (n)) \
			printf("%u reports, not %u, by\n", got, (unsigned)(n)); \
		check(got == (n), #call, __LINE__); \
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

static unsigned char random_bytes[4096];
#define RANDOM(n) secret(random_bytes, n), (n)

static char identity[2][43], one_time_key[43];
static OlmAccount *account[2];

static void accounts(void)
{
	char json[4096], signature[86];
	for (int i = 0; i < 2; i++) {
		account[i] = olm_account(malloc(olm_account_size()));
		REPORTS(0, olm_create_account(account[i], RANDOM(64)));
		REPORTS(0, olm_account_identity_keys(account[i], json, sizeof json));
		PUBLIC(json, 116);
		memcpy(identity[i], json + 15, 43);
		REPORTS(0, olm_account_sign(account[i], "message", 7, signature, 86));
		PUBLIC(signature, 86);
	}
	REPORTS(0, olm_account_generate_one_time_keys(account[1], 1, RANDOM(32)));
	REPORTS(0, olm_account_one_time_keys(account[1], json, sizeof json));
	PUBLIC(json, olm_account_one_time_keys_length(account[1]));
	memcpy(one_time_key, json + 25, 43);
	REPORTS(0, olm_account_generate_fallback_key(account[1], RANDOM(32)));
	REPORTS(0, olm_account_mark_keys_as_published(account[1]));
}

static OlmSession *session[2];

/* send has one side encrypt and the other decrypt. */
static void send(int from, unsigned encrypt_reports, unsigned decrypt_reports)
{
	char message[1000], copy[1000];
	unsigned char plaintext[100], out[200];
	size_t type = olm_encrypt_message_type(session[from]), n, length;
	secret(plaintext, sizeof plaintext);
	n = olm_encrypt_message_length(session[from], sizeof plaintext);
	REPORTS(encrypt_reports, olm_encrypt(session[from], plaintext, sizeof plaintext, RANDOM(olm_encrypt_random_length(session[from])), message, n));
	PUBLIC(message, n);
	memcpy(copy, message, n);
	CHECK(olm_decrypt_max_plaintext_length(session[!from], type, copy, n) == 112);
	memcpy(copy, message, n);
	REPORTS(decrypt_reports, length = olm_decrypt(session[!from], type, copy, n, out, sizeof out));
	PUBLIC(&length, sizeof length); /* the padding tells it */
	CHECK(length == sizeof plaintext);
	CHECK(tainted(out, length));
	VALGRIND_MAKE_MEM_DEFINED(out, length);
	VALGRIND_MAKE_MEM_DEFINED(plaintext, length);
	CHECK(memcmp(out, plaintext, length) == 0);
}

static void sessions(void)
{
	char message[1000], id[43];
	size_t n;
	for (int i = 0; i < 2; i++)
		session[i] = olm_session(malloc(olm_session_size()));
	/* three shared secrets that must not be zero */
	REPORTS(3, olm_create_outbound_session(session[0], account[0], identity[1], 43, one_time_key, 43, RANDOM(64)));
	n = olm_encrypt_message_length(session[0], 0);
	REPORTS(0, olm_encrypt(session[0], "", 0, NULL, 0, message, n));
	PUBLIC(message, n);
	/* the same, and which one-time key it is: a public key, compared in the account */
	REPORTS(4, olm_create_inbound_session(session[1], account[1], message, n));
	REPORTS(1, olm_remove_one_time_keys(account[1], session[1]));
	REPORTS(0, olm_session_id(session[0], id, 43));
	PUBLIC(id, 43);
	/* steady: a MAC and a padding; a new chain on either side is a shared secret more */
	send(0, 0, 2);
	send(0, 0, 2);
	send(1, 1, 3);
	send(1, 0, 2);
	send(0, 1, 3);
}

/* Pickles of secrets under a secret key; and under a wrong one, which ends with the MAC. */
#define PICKLES(kind, object, ...) \
	do { \
		unsigned char key[32]; \
		size_t n = olm_pickle_##kind##_length(object); \
		char *text = malloc(n); \
		secret(key, 32); \
		REPORTS(0, olm_pickle_##kind(object, key, 32, text, n)); \
		PUBLIC(text, n); \
		void *memory = malloc(olm_##kind##_size()); \
		secret(key, 32); \
		REPORTS(1, olm_unpickle_##kind(olm_##kind(memory), key, 32, text, n __VA_OPT__(, ) __VA_ARGS__)); \
		free(memory); \
		free(text); \
	} while (0)

static void groups(void)
{
	unsigned char seed[160], plaintext[100], out[200];
	char key[306], message[1000], copy[1000], exported[220];
	size_t n, length;
	uint32_t index;
	secret(seed, sizeof seed);
	OlmOutboundGroupSession *sender = olm_outbound_group_session(malloc(olm_outbound_group_session_size()));
	OlmInboundGroupSession *receiver = olm_inbound_group_session(malloc(olm_inbound_group_session_size()));
	memcpy(random_bytes, seed, sizeof seed);
	REPORTS(0, olm_init_outbound_group_session(sender, random_bytes, sizeof seed));
	REPORTS(0, olm_outbound_group_session_key(sender, (uint8_t *)key, sizeof key));
	PUBLIC(key, sizeof key); /* only to check its signature, which is not secret */
	CHECK(olm_init_inbound_group_session(receiver, (uint8_t *)key, sizeof key) == 0);
	VALGRIND_MAKE_MEM_DEFINED(seed, sizeof seed);
	CHECK(poison(receiver, olm_inbound_group_session_size(), seed, 128) == 2);
	for (int i = 0; i < 3; i++) {
		secret(plaintext, sizeof plaintext);
		n = olm_group_encrypt_message_length(sender, sizeof plaintext);
		REPORTS(0, olm_group_encrypt(sender, plaintext, sizeof plaintext, (uint8_t *)message, n));
		PUBLIC(message, n);
		memcpy(copy, message, n);
		REPORTS(2, length = olm_group_decrypt(receiver, (uint8_t *)copy, n, out, sizeof out, &index));
		PUBLIC(&length, sizeof length);
		CHECK(length == sizeof plaintext && index == (uint32_t)i);
		CHECK(tainted(out, length));
	}
	REPORTS(0, olm_export_inbound_group_session(receiver, (uint8_t *)exported, sizeof exported, 70000));
	PUBLIC(exported, sizeof exported);
	PICKLES(outbound_group_session, sender);
	PICKLES(inbound_group_session, receiver);
}

static void verification(void)
{
	char key[2][43], mac[43], copy[43];
	unsigned char bytes[6];
	OlmSAS *sas[2];
	for (int i = 0; i < 2; i++) {
		sas[i] = olm_sas(malloc(olm_sas_size()));
		REPORTS(0, olm_create_sas(sas[i], RANDOM(32)));
		REPORTS(0, olm_sas_get_pubkey(sas[i], key[i], 43));
		PUBLIC(key[i], 43);
	}
	memcpy(copy, key[1], 43);
	REPORTS(1, olm_sas_set_their_key(sas[0], copy, 43));
	REPORTS(0, olm_sas_generate_bytes(sas[0], "info", 4, bytes, sizeof bytes));
	PUBLIC(bytes, sizeof bytes);
	REPORTS(0, olm_sas_calculate_mac(sas[0], "input", 5, "info", 4, mac, 43));
	PUBLIC(mac, 43);
	REPORTS(0, olm_sas_calculate_mac_fixed_base64(sas[0], "input", 5, "info", 4, mac, 43));
	PUBLIC(mac, 43);
	REPORTS(0, olm_sas_calculate_mac_long_kdf(sas[0], "input", 5, "info", 4, mac, 43));
	PUBLIC(mac, 43);
}

static void backup(void)
{
	unsigned char private[32], plaintext[100], out[200];
	char key[43], ephemeral[43], mac[11], ciphertext[200], signature[86], hash[43];
	size_t n, length;
	OlmPkDecryption *d = olm_pk_decryption(malloc(olm_pk_decryption_size()));
	OlmPkEncryption *e = olm_pk_encryption(malloc(olm_pk_encryption_size()));
	OlmPkSigning *s = olm_pk_signing(malloc(olm_pk_signing_size()));
	OlmUtility *u = olm_utility(malloc(olm_utility_size()));
	REPORTS(0, olm_pk_key_from_private(d, key, 43, secret(private, 32), 32));
	PUBLIC(key, 43);
	CHECK(olm_pk_encryption_set_recipient_key(e, key, 43) == 0);
	secret(plaintext, sizeof plaintext);
	n = olm_pk_ciphertext_length(e, sizeof plaintext);
	REPORTS(1, olm_pk_encrypt(e, plaintext, sizeof plaintext, ciphertext, n, mac, 11, ephemeral, 43, RANDOM(32)));
	PUBLIC(ciphertext, n);
	PUBLIC(mac, 11);
	PUBLIC(ephemeral, 43);
	REPORTS(3, length = olm_pk_decrypt(d, ephemeral, 43, mac, 11, ciphertext, n, out, sizeof out));
	PUBLIC(&length, sizeof length);
	CHECK(length == sizeof plaintext);
	CHECK(tainted(out, length));
	PICKLES(pk_decryption, d, NULL, 0);
	REPORTS(0, olm_pk_signing_key_from_seed(s, key, 43, secret(private, 32), 32));
	PUBLIC(key, 43);
	REPORTS(0, olm_pk_sign(s, (const uint8_t *)"message", 7, (uint8_t *)signature, 86));
	PUBLIC(signature, 86);
	REPORTS(0, olm_sha256(u, secret(plaintext, sizeof plaintext), sizeof plaintext, hash, 43));
	PUBLIC(hash, 43);
}

static void account_and_session_pickles(void)
{
	PICKLES(account, account[0]);
	PICKLES(session, session[0]);
}

/* Leaks that must be seen: a branch, an address, and a branch on what the library has made of a secret. */
static volatile int sink;

static void controls(void)
{
	static const unsigned char table[256] = {1};
	unsigned char x[32], out[86];
	REPORTS(1, if (*(unsigned char *)secret(x, 1) & 1) sink++);
	REPORTS(1, sink += table[*(unsigned char *)secret(x, 1)]);
	olm_account_sign(account[0], "message", 7, out, 86);
	REPORTS(1, if (out[80] & 1) sink++);
	olm_account_identity_keys(account[0], out, 0);
	char json[116];
	olm_account_identity_keys(account[0], json, 116);
	REPORTS(1, if (json[20] & 1) sink++);
	char message[300];
	size_t n = olm_encrypt_message_length(session[0], 5);
	olm_encrypt(session[0], "hello", 5, NULL, 0, message, n);
	REPORTS(1, if (message[n - 2] & 1) sink++);  /* the MAC */
	REPORTS(1, if (message[n - 20] & 1) sink++); /* the ciphertext */
	char id[43];
	olm_session_id(session[0], id, 43);
	REPORTS(1, if (id[0] & 1) sink++);
	OlmUtility *u = olm_utility(malloc(olm_utility_size()));
	olm_sha256(u, secret(x, 32), 32, id, 43);
	REPORTS(1, if (id[42] & 1) sink++);
	OlmSAS *sas = olm_sas(malloc(olm_sas_size()));
	olm_create_sas(sas, RANDOM(32));
	olm_sas_get_pubkey(sas, id, 43);
	REPORTS(1, if (id[7] & 1) sink++);
}

int main(void)
{
	if (!RUNNING_ON_VALGRIND) {
		puts("this shows something under valgrind only: see constant_time.sh");
		return 1;
	}
	accounts();
	sessions();
	account_and_session_pickles();
	groups();
	verification();
	backup();
	controls();
	CHECK(declassified == 44);
	printf("constant time: %d checks, %d failed, %d outputs declared public\n", checks, failures, declassified);
	return failures != 0;
}
