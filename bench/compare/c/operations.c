/* The operations, by the names of package bench. What a loop needs for an iteration it makes outside of the time. */
#include "peer.h"

#define BATCH 64
#define PREPARE(name) static void *name##_prepare(size_t size)
#define LOOP(name) static void name##_loop(void *prepared, size_t n)
#define UNUSED(x) (void)(x)
#define TIMES(body) \
	do { \
		begin(); \
		for (size_t i = 0; i < n; i++) \
			body; \
		end(); \
	} while (0)
/* IN_BATCHES makes up to 64 objects, uses each up, and frees what is left. */
#define IN_BATCHES(type, make, use) \
	do { \
		for (size_t left = n; left > 0;) { \
			type *objects[BATCH]; \
			size_t k = left < BATCH ? left : BATCH; \
			for (size_t i = 0; i < k; i++) \
				objects[i] = make; \
			begin(); \
			for (size_t i = 0; i < k; i++) { \
				type *o = objects[i]; \
				use; \
			} \
			end(); \
			for (size_t i = 0; i < k; i++) \
				free(objects[i]); \
			left -= k; \
		} \
	} while (0)

PREPARE(nothing) { UNUSED(size); return zeros(1); }

LOOP(account_new)
{
	UNUSED(prepared);
	TIMES({
		OlmAccount *a = NEW(account);
		MUST(L.create_account(a, random_bytes(64), 64) == 0);
		free(a);
	});
}

static OlmAccount *fresh_account(void)
{
	char identity[43], unused[43];
	return account(identity, unused, 0);
}

LOOP(one_time_keys)
{
	UNUSED(prepared);
	IN_BATCHES(OlmAccount, fresh_account(), MUST(L.account_generate_one_time_keys(o, 50, random_bytes(1600), 1600) == 50));
}

LOOP(account_sign)
{
	UNUSED(prepared);
	OlmAccount *a = fresh_account();
	char signature[86];
	static const char message[256];
	TIMES(MUST(L.account_sign(a, message, sizeof message, signature, 86) == 86));
	free(a);
}

struct meeting {
	OlmAccount *a;
	char identity[43], one_time[43];
	struct text first, account;
};

PREPARE(meeting)
{
	char from[43], unused[43];
	struct meeting *m = zeros(sizeof *m);
	UNUSED(size);
	m->a = account(from, unused, 0);
	OlmAccount *b = account(m->identity, m->one_time, 50);
	OlmSession *s = NEW(session);
	MUST(L.create_outbound_session(s, m->a, m->identity, 43, m->one_time, 43, random_bytes(64), 64) == 0);
	m->first = encrypt(s, 64);
	m->account = pickle_account(b);
	free(b);
	free(s);
	return m;
}

LOOP(outbound)
{
	struct meeting *m = prepared;
	char room[1000], plaintext[64] = {0};
	struct text t = {room, 0};
	TIMES({
		OlmSession *s = NEW(session);
		MUST(L.create_outbound_session(s, m->a, m->identity, 43, m->one_time, 43, random_bytes(64), 64) == 0);
		encrypt_into(s, plaintext, 64, &t, sizeof room);
		free(s);
	});
}

static void accept(struct meeting *m, OlmAccount *b)
{
	char copy[1000];
	OlmSession *s = NEW(session);
	memcpy(copy, m->first.at, m->first.length);
	MUST(L.create_inbound_session(s, b, copy, m->first.length) == 0);
	decrypt(s, 0, m->first, 64);
	MUST(L.remove_one_time_keys(b, s) != ERROR);
	free(s);
}

LOOP(inbound)
{
	struct meeting *m = prepared;
	IN_BATCHES(OlmAccount, unpickle_account(m->account), accept(m, o));
}

struct steady {
	struct conversation c;
	struct group g;
	size_t size, room, count;
	void *plaintext;
	struct text into, pickle, texts[1000];
};

PREPARE(steady)
{
	struct steady *s = zeros(sizeof *s);
	s->c = converse();
	s->g = gather();
	s->size = size;
	s->room = 2 * size + 1000;
	s->plaintext = zeros(size + 1);
	s->into.at = zeros(s->room);
	return s;
}

LOOP(olm_encrypt)
{
	struct steady *s = prepared;
	TIMES(encrypt_into(s->c.alice, s->plaintext, s->size, &s->into, s->room));
}

static size_t messages_of(size_t size)
{
	size_t n = (2 << 20) / size;
	return n < 1 ? 1 : n > 256 ? 256 : n;
}

PREPARE(olm_stock)
{
	struct steady *s = steady_prepare(size);
	s->count = messages_of(size);
	s->pickle = pickle_session(s->c.bob);
	for (size_t i = 0; i < s->count; i++)
		s->texts[i] = encrypt(s->c.alice, size);
	return s;
}

LOOP(olm_decrypt)
{
	struct steady *s = prepared;
	for (size_t left = n, k; left > 0; left -= k) {
		OlmSession *bob = unpickle_session(s->pickle);
		k = left < s->count ? left : s->count;
		begin();
		for (size_t i = 0; i < k; i++)
			decrypt(bob, 1, s->texts[i], s->size);
		end();
		free(bob);
	}
}

LOOP(ping_pong)
{
	struct steady *s = prepared;
	TIMES({
		encrypt_into(s->c.bob, s->plaintext, 64, &s->into, s->room);
		decrypt(s->c.alice, 1, s->into, 64);
		encrypt_into(s->c.alice, s->plaintext, 64, &s->into, s->room);
		decrypt(s->c.bob, 1, s->into, 64);
	});
}

PREPARE(skip)
{
	struct steady *s = steady_prepare(size);
	s->pickle = pickle_session(s->c.bob);
	for (int i = 39; i >= 0; i--) /* the newest first */
		s->texts[i] = encrypt(s->c.alice, size);
	return s;
}

LOOP(skip)
{
	struct steady *s = prepared;
	IN_BATCHES(OlmSession, unpickle_session(s->pickle), {
		for (int j = 0; j < 40; j++)
			decrypt(o, 1, s->texts[j], 64);
	});
}

LOOP(megolm_new)
{
	UNUSED(prepared);
	TIMES({
		OlmOutboundGroupSession *s = NEW(outbound_group_session);
		MUST(L.init_outbound_group_session(s, random_bytes(160), 160) == 0);
		free(s);
	});
}

static void *group_key(void)
{
	struct group g = gather();
	free(g.out);
	free(g.in);
	uint8_t *key = zeros(306);
	memcpy(key, g.key, 306);
	return key;
}

LOOP(megolm_inbound_new)
{
	UNUSED(prepared);
	IN_BATCHES(uint8_t, group_key(), {
		OlmInboundGroupSession *s = NEW(inbound_group_session);
		MUST(L.init_inbound_group_session(s, o, 306) == 0);
		free(s);
	});
}

LOOP(megolm_encrypt)
{
	struct steady *s = prepared;
	TIMES({
		size_t length = L.group_encrypt_message_length(s->g.out, s->size);
		MUST(L.group_encrypt(s->g.out, s->plaintext, s->size, (uint8_t *)s->into.at, length) == length);
	});
}

PREPARE(megolm_stock)
{
	struct steady *s = steady_prepare(size);
	s->count = messages_of(size);
	s->pickle = pickle_group(s->g.in);
	for (size_t i = 0; i < s->count; i++)
		s->texts[i] = group_encrypt(s->g.out, size);
	return s;
}

LOOP(megolm_decrypt)
{
	struct steady *s = prepared;
	for (size_t left = n, k; left > 0; left -= k) {
		OlmInboundGroupSession *in = unpickle_group(s->pickle);
		k = left < s->count ? left : s->count;
		begin();
		for (size_t i = 0; i < k; i++)
			group_decrypt(in, s->texts[i], s->size);
		end();
		free(in);
	}
}

PREPARE(far)
{
	struct steady *s = steady_prepare(size);
	s->pickle = pickle_group(s->g.in);
	for (int i = 0; i < 1 << 16; i++)
		free(group_encrypt(s->g.out, 0).at);
	s->texts[0] = group_encrypt(s->g.out, size);
	return s;
}

LOOP(far)
{
	struct steady *s = prepared;
	IN_BATCHES(OlmInboundGroupSession, unpickle_group(s->pickle), group_decrypt(o, s->texts[0], 64));
}

LOOP(megolm_export)
{
	struct steady *s = prepared;
	uint8_t key[220];
	TIMES(MUST(L.export_inbound_group_session(s->g.in, key, 220, 0) == 220));
}

LOOP(megolm_import)
{
	struct steady *s = prepared;
	uint8_t key[220], copy[220];
	MUST(L.export_inbound_group_session(s->g.in, key, 220, 0) == 220);
	TIMES({
		OlmInboundGroupSession *in = NEW(inbound_group_session);
		memcpy(copy, key, 220);
		MUST(L.import_inbound_group_session(in, copy, 220) == 0);
		free(in);
	});
}

LOOP(pickle_account)
{
	struct meeting *m = prepared;
	OlmAccount *a = unpickle_account(m->account);
	TIMES(free(pickle_account(a).at));
	free(a);
}
LOOP(unpickle_account) { TIMES(free(unpickle_account(((struct meeting *)prepared)->account))); }
LOOP(pickle_session) { TIMES(free(pickle_session(((struct steady *)prepared)->c.bob).at)); }
LOOP(unpickle_session) { TIMES(free(unpickle_session(((struct steady *)prepared)->pickle))); }
LOOP(pickle_group) { TIMES(free(pickle_group(((struct steady *)prepared)->g.in).at)); }
LOOP(unpickle_group) { TIMES(free(unpickle_group(((struct steady *)prepared)->pickle))); }

LOOP(hot_olm)
{
	struct steady *s = prepared;
	TIMES({
		OlmSession *bob = unpickle_session(s->pickle);
		decrypt(bob, 1, s->texts[0], 64);
		free(pickle_session(bob).at);
		free(bob);
	});
}

LOOP(hot_megolm)
{
	struct steady *s = prepared;
	TIMES({
		OlmInboundGroupSession *in = unpickle_group(s->pickle);
		group_decrypt(in, s->texts[0], 64);
		free(pickle_group(in).at);
		free(in);
	});
}

PREPARE(backfill)
{
	struct steady *s = steady_prepare(size);
	s->pickle = pickle_group(s->g.in);
	for (int i = 0; i < 1000; i++)
		s->texts[i] = group_encrypt(s->g.out, size);
	return s;
}

LOOP(backfill)
{
	struct steady *s = prepared;
	IN_BATCHES(OlmInboundGroupSession, unpickle_group(s->pickle), {
		for (int j = 0; j < 1000; j++)
			group_decrypt(o, s->texts[j], 64);
	});
}

struct fan {
	struct steady *s;
	OlmSession *devices[1000];
};

PREPARE(fan_out)
{
	struct fan *f = zeros(sizeof *f);
	f->s = steady_prepare(size);
	struct text alice = pickle_session(f->s->c.alice);
	for (int i = 0; i < 1000; i++)
		f->devices[i] = unpickle_session(alice);
	decrypt(f->s->c.bob, 1, encrypt(f->devices[999], size), size);
	return f;
}

LOOP(fan_out)
{
	struct fan *f = prepared;
	TIMES({
		for (int j = 0; j < 1000; j++)
			encrypt_into(f->devices[j], f->s->plaintext, f->s->size, &f->s->into, f->s->room);
	});
}

LOOP(sas)
{
	OlmSAS *other = NEW(sas);
	char theirs[43], ours[43], key[43], got[6];
	UNUSED(prepared);
	MUST(L.create_sas(other, random_bytes(32), 32) == 0);
	MUST(L.sas_get_pubkey(other, theirs, 43) != ERROR);
	TIMES({
		OlmSAS *s = NEW(sas);
		MUST(L.create_sas(s, random_bytes(32), 32) == 0);
		MUST(L.sas_get_pubkey(s, ours, 43) != ERROR);
		memcpy(key, theirs, 43);
		MUST(L.sas_set_their_key(s, key, 43) != ERROR);
		MUST(L.sas_generate_bytes(s, "MATRIX_KEY_VERIFICATION_SAS", 27, got, 6) != ERROR);
		free(s);
	});
	free(other);
}

struct backup {
	OlmPkDecryption *d;
	char recipient[43], ephemeral[43], mac[11], text[2000];
	size_t length;
};

static void back_up(struct backup *b, const void *plaintext)
{
	OlmPkEncryption *e = NEW(pk_encryption);
	MUST(L.pk_encryption_set_recipient_key(e, b->recipient, 43) != ERROR);
	b->length = L.pk_ciphertext_length(e, 1024);
	MUST(b->length <= sizeof b->text);
	MUST(L.pk_encrypt(e, plaintext, 1024, b->text, b->length, b->mac, 11, b->ephemeral, 43, random_bytes(32), 32) != ERROR);
	free(e);
}

static void restore(struct backup *b)
{
	char copy[2000], plaintext[2000];
	memcpy(copy, b->text, b->length);
	MUST(L.pk_decrypt(b->d, b->ephemeral, 43, b->mac, 11, copy, b->length, plaintext, L.pk_max_plaintext_length(b->d, b->length)) == 1024);
	MUST(plaintext[0] == 0 && memcmp(plaintext, plaintext + 1, 1023) == 0);
}

PREPARE(backup)
{
	static const char plaintext[1024];
	struct backup *b = zeros(sizeof *b);
	UNUSED(size);
	b->d = NEW(pk_decryption);
	MUST(L.pk_key_from_private(b->d, b->recipient, 43, random_bytes(32), 32) != ERROR);
	back_up(b, plaintext);
	restore(b);
	return b;
}

LOOP(pk_encrypt)
{
	static const char plaintext[1024];
	TIMES(back_up(prepared, plaintext));
}
LOOP(pk_decrypt) { TIMES(restore(prepared)); }

#define SIZED(name, prepare, loop) \
	{name "/64B", prepare, loop, 64, 0, NULL}, {name "/1KiB", prepare, loop, 1 << 10, 0, NULL}, {name "/32KiB", prepare, loop, 32 << 10, 0, NULL}
#define ONE(name, prepare, loop, size) {name, prepare, loop, size, 0, NULL}

struct operation operations[] = {
	ONE("AccountNew", nothing_prepare, account_new_loop, 0),
	ONE("OneTimeKeys50", nothing_prepare, one_time_keys_loop, 0),
	ONE("AccountSign", nothing_prepare, account_sign_loop, 0),
	ONE("OlmOutbound", meeting_prepare, outbound_loop, 0),
	ONE("OlmInbound", meeting_prepare, inbound_loop, 0),
	SIZED("OlmEncrypt", steady_prepare, olm_encrypt_loop),
	SIZED("OlmDecrypt", olm_stock_prepare, olm_decrypt_loop),
	ONE("OlmPingPong", steady_prepare, ping_pong_loop, 64),
	ONE("OlmSkip40", skip_prepare, skip_loop, 64),
	ONE("MegolmNew", nothing_prepare, megolm_new_loop, 0),
	ONE("MegolmInboundNew", nothing_prepare, megolm_inbound_new_loop, 0),
	SIZED("MegolmEncrypt", steady_prepare, megolm_encrypt_loop),
	SIZED("MegolmDecrypt", megolm_stock_prepare, megolm_decrypt_loop),
	ONE("MegolmFar", far_prepare, far_loop, 64),
	ONE("MegolmExport", steady_prepare, megolm_export_loop, 0),
	ONE("MegolmImport", steady_prepare, megolm_import_loop, 0),
	ONE("PickleAccount50", meeting_prepare, pickle_account_loop, 0),
	ONE("UnpickleAccount50", meeting_prepare, unpickle_account_loop, 0),
	ONE("PickleSession", steady_prepare, pickle_session_loop, 64),
	ONE("UnpickleSession", olm_stock_prepare, unpickle_session_loop, 64),
	ONE("PickleMegolm", steady_prepare, pickle_group_loop, 64),
	ONE("UnpickleMegolm", megolm_stock_prepare, unpickle_group_loop, 64),
	ONE("HotOlm", olm_stock_prepare, hot_olm_loop, 64),
	ONE("HotMegolm", megolm_stock_prepare, hot_megolm_loop, 64),
	ONE("Backfill", backfill_prepare, backfill_loop, 64),
	ONE("FanOut", fan_out_prepare, fan_out_loop, 300),
	ONE("SAS", nothing_prepare, sas_loop, 0),
	ONE("PkEncrypt1KiB", backup_prepare, pk_encrypt_loop, 0),
	ONE("PkDecrypt1KiB", backup_prepare, pk_decrypt_loop, 0),
};
const size_t operation_count = sizeof operations / sizeof *operations;
