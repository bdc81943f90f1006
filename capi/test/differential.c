/* Two libraries with libolm's interface, side by side: random calls, honest and hostile, on both, whose results,
 * error codes, outputs and random buffers must be the same.
 *
 *     differential PEER.so OURS.so [SEED [CALLS [BREAK]]]
 *
 * Where the libraries differ on purpose there is a rule, which is counted; what the peer would answer by reading
 * outside of its memory is left out. With BREAK, the result of that call is changed on one side, which has to be
 * noticed.
 */
#define _GNU_SOURCE
#include "differential_functions.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR ((size_t)-1)
#define ROOM 32768

#define SESSIONS 4
#define GROUPS 3

/* One library, and the objects that it has made. */
static struct side {
#define FUNCTION(name) __typeof__(olm_##name) *name;
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	__typeof__(_olm_error_to_string) *error_to_string;
	OlmAccount *a[2];
	OlmSession *s[SESSIONS];
	OlmOutboundGroupSession *out[2];
	OlmInboundGroupSession *in[GROUPS];
	OlmPkEncryption *enc;
	OlmPkDecryption *dec;
	OlmPkSigning *sign;
	OlmSAS *v[2]; /* verifications */
	OlmUtility *u;
} side[2], *S; /* the side that a call is on */
static int k; /* its number: 0 is the peer */

static unsigned long long seed, calls, broken_call;
static const char *operation = "setup";

/* Random numbers. */
static unsigned long long state[2];
static unsigned next(void)
{
	unsigned long long x = state[0], y = state[1];
	state[0] = y;
	x ^= x << 23;
	state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
	return (unsigned)((state[1] + y) >> 20);
}
static size_t below(size_t n) { return next() % n; }
static int chance(unsigned percent) { return below(100) < percent; }
static void fill(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)next();
}

/* What a call is given and gives back: the same on both sides before it. */
struct buffer {
	unsigned char b[2][ROOM];
	size_t n;
};
static struct buffer A, B, C, D, E, F;

static void both(struct buffer *x, const void *p, size_t n)
{
	for (int i = 0; i < 2; i++) {
		memset(x->b[i], 0xc7, ROOM);
		if (n)
			memcpy(x->b[i], p, n);
	}
	x->n = n;
}
static void both_random(struct buffer *x, size_t n)
{
	static unsigned char r[ROOM];
	fill(r, n);
	both(x, r, n);
}
static void room(struct buffer *x, size_t n) { both(x, NULL, 0), x->n = n; }

/* Comparison. */
static void hex(const char *who, const unsigned char *p, size_t n)
{
	fprintf(stderr, "%s ", who);
	for (size_t i = 0; i < n && i < 400; i++)
		fprintf(stderr, "%02x", p[i]);
	fprintf(stderr, "\n");
}
static void mismatch(const char *what)
{
	fprintf(stderr, "seed %llu, call %llu: %s: %s differs\n", seed, calls, operation, what);
	exit(1);
}
static size_t r[2]; /* the results of the last call */
static void same_bytes(const char *what, const struct buffer *x)
{
	/* the whole buffer: nothing may be written behind what the call had room for */
	if (memcmp(x->b[0], x->b[1], ROOM) == 0)
		return;
	hex("peer", x->b[0], x->n);
	hex("ours", x->b[1], x->n);
	mismatch(what);
}
/* same_output is same_bytes for what a call writes: if it fails, ours leaves the buffer alone, whatever the peer does. */
static void same_output(const char *what, const struct buffer *x)
{
	if (r[0] != ERROR || r[1] != ERROR) {
		same_bytes(what, x);
		return;
	}
	for (size_t i = 0; i < ROOM; i++)
		if (x->b[1][i] != 0xc7)
			mismatch("the buffer of a call that fails");
}
static void same_results(void)
{
	if (r[0] == r[1])
		return;
	fprintf(stderr, "peer %zd, ours %zd\n", (ssize_t)r[0], (ssize_t)r[1]);
	mismatch("the result");
}
#define SAME_ERRORS(kind, object) \
	do { \
		int code[2]; \
		const char *text[2]; \
		for (k = 0; k < 2; k++) { \
			S = &side[k]; \
			code[k] = (int)S->kind##_last_error_code(S->object); \
			text[k] = S->kind##_last_error(S->object); \
		} \
		if (code[0] != code[1] || strcmp(text[0], text[1]) != 0) { \
			fprintf(stderr, "peer %s, ours %s\n", text[0], text[1]); \
			mismatch("the error"); \
		} \
	} while (0)

/* CALL: an operation on both sides. expression uses S, the side, and k, its number. */
#define CALL(expression) \
	do { \
		operation = #expression; \
		for (k = 0; k < 2; k++) { \
			S = &side[k]; \
			r[k] = (size_t)(expression); \
		} \
		calls++; \
		if (calls == broken_call) \
			r[1] ^= 1; \
	} while (0)
#define COMPARE(kind, object, expression) \
	do { \
		CALL(expression); \
		same_results(); \
		SAME_ERRORS(kind, object); \
	} while (0)
#define DO(expression) \
	do { \
		operation = #expression; \
		for (k = 0; k < 2; k++) { \
			S = &side[k]; \
			expression; \
		} \
	} while (0)

/* Where the libraries differ on purpose. */
static unsigned long decrypted[2]; /* Olm, Megolm */
static unsigned long padding_rule, moved_rule, header_left_out, blocks_left_out, mac_room_left_out;

/* Texts that went over the network. */
enum kind { KEY, OLM0, OLM1, MEGOLM, SESSION_KEY, EXPORT, SIGNATURE, PK_TEXT, PICKLE, KINDS };
#define TEXTS 60 /* of each kind */
static struct text {
	unsigned char b[6000];
	size_t n;
	unsigned from; /* which session or group wrote it */
} texts[KINDS][TEXTS], *last;
static size_t n_texts[KINDS];

static void keep(enum kind kind, unsigned from, const unsigned char *p, size_t n)
{
	struct text *t = &texts[kind][n_texts[kind] < TEXTS ? n_texts[kind]++ : below(TEXTS)];
	if (n > sizeof t->b)
		n = 0;
	memcpy(t->b, p, n);
	t->n = n;
	t->from = from;
	last = t;
}

/* find returns a text, mostly of the kind that is asked for. */
static struct text *find(enum kind kind)
{
	while (n_texts[kind] == 0 || chance(3))
		kind = (enum kind)below(KINDS);
	return &texts[kind][below(n_texts[kind])];
}

/* written_by is find for a text that a certain session or group wrote, if there is one. */
static struct text *written_by(unsigned from, enum kind kind)
{
	size_t n = n_texts[kind], start = n ? below(n) : 0;
	for (size_t i = 0; i < n; i++)
		if (texts[kind][(start + i) % n].from == from)
			return &texts[kind][(start + i) % n];
	return find(kind);
}

/* disown makes the texts that a session or group wrote nobody's, because it is another one now. */
static void disown(unsigned from, enum kind kind)
{
	for (size_t i = 0; i < n_texts[kind]; i++)
		if (texts[kind][i].from == from)
			texts[kind][i].from = 99;
}

/* hostile makes of a text what a network may. It returns the place of the first change. */
static size_t hostile(struct buffer *x, const struct text *t)
{
	static unsigned char b[ROOM];
	size_t n = t->n, at = n, some;
	memcpy(b, t->b, n);
	switch (below(12)) {
	case 0:
		at = n = below(n + 1);
		break;
	case 1: /* anything */
		if (n)
			b[at = below(n)] = (unsigned char)next();
		break;
	case 2: /* another character */
		if (n)
			b[at = below(n)] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[below(64)];
		break;
	case 3:
		some = below(10);
		fill(b + n, some);
		n += some;
		break;
	case 4:
		if (chance(20)) {
			at = 0;
			n = below(500);
			fill(b, n);
		}
		break;
	case 5:
		if (n > 8) {
			b[at = below(n - 8)] ^= 0x80;
			b[at + 5] = '=';
		}
		break;
	}
	both(x, b, n);
	return at;
}

/* A key that makes every secret zero is refused by ours: none is offered. Nearly nothing but zeros are 0 and 1, which
 * do, and which objects that were never created give out. */
static int zero_key(const struct buffer *x)
{
	size_t zeros = 0;
	for (size_t i = 0; i < x->n && i < 43; i++)
		zeros += x->b[0][i] == 'A';
	return zeros > 30;
}

static size_t length_near(size_t n)
{
	switch (below(10)) {
	case 0:
		return n ? below(n) : 0;
	case 1:
		return n ? n - 1 : 0;
	case 2:
		return n + below(40);
	}
	return n;
}

/* The operations. */

static void account(unsigned i)
{
	size_t n;
	switch (below(14)) {
	case 0:
		room(&A, length_near(116));
		COMPARE(account, a[i], S->account_identity_keys(S->a[i], A.b[k], A.n));
		same_output("the keys", &A);
		if (r[0] != ERROR)
			keep(KEY, i, A.b[0] + 15, 43), keep(KEY, 10 + i, A.b[0] + 71, 43);
		break;
	case 1:
		both_random(&A, below(300));
		room(&B, length_near(86));
		COMPARE(account, a[i], S->account_sign(S->a[i], A.b[k], A.n, B.b[k], B.n));
		same_output("the signature", &B);
		if (r[0] != ERROR)
			keep(SIGNATURE, i, B.b[0], 86);
		break;
	case 2:
	case 3:
		n = chance(2) ? 90 + below(60) : below(6);
		both_random(&A, length_near(32 * n));
		COMPARE(account, a[i], S->account_generate_one_time_keys(S->a[i], n, A.b[k], A.n));
		same_bytes("the random bytes", &A);
		break;
	case 4:
	case 5:
		COMPARE(account, a[i], S->account_one_time_keys_length(S->a[i]));
		n = length_near(r[0]);
		room(&A, n);
		COMPARE(account, a[i], S->account_one_time_keys(S->a[i], A.b[k], n));
		same_output("the keys", &A);
		if (r[0] != ERROR)
			for (size_t at = 15; at + 55 <= r[0]; at += 55)
				if (chance(30))
					keep(KEY, 20 + i, A.b[0] + at + 10, 43);
		break;
	case 6:
		if (chance(40))
			COMPARE(account, a[i], S->account_mark_keys_as_published(S->a[i]));
		break;
	case 7:
		both_random(&A, length_near(32));
		COMPARE(account, a[i], S->account_generate_fallback_key(S->a[i], A.b[k], A.n));
		same_bytes("the random bytes", &A);
		break;
	case 8:
		COMPARE(account, a[i], S->account_fallback_key_length(S->a[i]));
		room(&A, length_near(r[0]));
		COMPARE(account, a[i], S->account_fallback_key(S->a[i], A.b[k], A.n));
		same_output("the key", &A);
		if (r[0] == 71)
			keep(KEY, 20 + i, A.b[0] + 25, 43);
		break;
	case 9:
		COMPARE(account, a[i], S->account_unpublished_fallback_key_length(S->a[i]));
		room(&A, length_near(r[0]));
		COMPARE(account, a[i], S->account_unpublished_fallback_key(S->a[i], A.b[k], A.n));
		same_output("the key", &A);
		break;
	case 10:
		if (chance(30))
			DO(S->account_forget_old_fallback_key(S->a[i]));
		break;
	case 11:
		if (chance(30)) {
			n = below(SESSIONS);
			COMPARE(account, a[i], S->remove_one_time_keys(S->a[i], S->s[n]));
		}
		break;
	case 12:
		if (chance(5)) {
			both_random(&A, length_near(64));
			COMPARE(account, a[i], S->create_account(S->a[i], A.b[k], A.n));
			same_bytes("the random bytes", &A);
		}
		break;
	case 13:
		COMPARE(account, a[i], S->create_account_random_length(S->a[i]) + S->account_identity_keys_length(S->a[i]) +
			S->account_signature_length(S->a[i]) + S->account_max_number_of_one_time_keys(S->a[i]) +
			S->account_generate_one_time_keys_random_length(S->a[i], 7) + S->account_generate_fallback_key_random_length(S->a[i]) + S->error());
		break;
	}
}

static int created[SESSIONS]; /* else there is nothing to encrypt with */

static void renew_session(unsigned i)
{
	DO(S->session(S->s[i]));
	created[i] = 0;
	disown(i, OLM0);
	disown(i, OLM1);
}

static void new_session(unsigned i)
{
	unsigned a = (unsigned)below(2);
	renew_session(i); /* what a failure leaves behind in the peer is not looked at */
	switch (below(3)) {
	case 0:
		hostile(&A, find(KEY));
		hostile(&B, find(KEY));
		if (zero_key(&A) || zero_key(&B))
			return;
		both_random(&C, length_near(64));
		COMPARE(session, s[i], S->create_outbound_session(S->s[i], S->a[a], A.b[k], A.n, B.b[k], B.n, C.b[k], C.n));
		same_bytes("the random bytes", &C);
		break;
	case 1:
		hostile(&A, find(OLM0));
		COMPARE(session, s[i], S->create_inbound_session(S->s[i], S->a[a], A.b[k], A.n));
		break;
	case 2:
		hostile(&B, find(KEY));
		/* The peer reads a null pointer if the message has no identity key. */
		if (n_texts[OLM0] == 0 || hostile(&A, &texts[OLM0][below(n_texts[OLM0])]) < 142) {
			header_left_out++;
			return;
		}
		COMPARE(session, s[i], S->create_inbound_session_from(S->s[i], S->a[a], B.b[k], B.n, A.b[k], A.n));
		break;
	}
	created[i] = r[0] == 0;
	if (!created[i])
		renew_session(i);
	else if (chance(50))
		COMPARE(account, a[a], S->remove_one_time_keys(S->a[a], S->s[i]));
}

static void session(unsigned i)
{
	size_t n, type;
	const struct text *t;
	switch (below(16)) {
	case 0:
		if ((!created[i] && chance(50)) || chance(1))
			new_session(i);
		break;
	case 1:
		room(&A, length_near(43));
		COMPARE(session, s[i], S->session_id(S->s[i], A.b[k], A.n));
		same_output("the id", &A);
		break;
	case 2:
		hostile(&A, find(OLM0));
		COMPARE(session, s[i], S->matches_inbound_session(S->s[i], A.b[k], A.n));
		break;
	case 3:
		hostile(&A, find(OLM0));
		hostile(&B, find(KEY));
		COMPARE(session, s[i], S->matches_inbound_session_from(S->s[i], B.b[k], B.n, A.b[k], A.n));
		break;
	case 4:
		room(&A, below(300));
		DO(S->session_describe(S->s[i], (char *)A.b[k], A.n));
		same_bytes("the description", &A);
		COMPARE(session, s[i], S->session_has_received_message(S->s[i]));
		break;
	case 5:
	case 6:
	case 7:
	case 8:
	case 9:
		if (!created[i])
			return;
		for (unsigned many = chance(2) ? 1 + (unsigned)below(60) : 1; many > 0; many--) {
			both_random(&A, chance(5) ? below(3000) : below(60));
			COMPARE(session, s[i], S->encrypt_message_type(S->s[i]));
			type = r[0];
			COMPARE(session, s[i], S->encrypt_random_length(S->s[i]));
			both_random(&B, many > 1 ? r[0] : length_near(r[0]));
			COMPARE(session, s[i], S->encrypt_message_length(S->s[i], A.n));
			room(&C, many > 1 ? r[0] : length_near(r[0]));
			COMPARE(session, s[i], S->encrypt(S->s[i], A.b[k], A.n, B.b[k], B.n, C.b[k], C.n));
			same_bytes("the random bytes", &B);
			same_output("the message", &C);
			if (r[0] != ERROR && (many == 1 || chance(30)))
				keep(type ? OLM1 : OLM0, i, C.b[0], r[0]);
		}
		break;
	default:
		/* mostly from the other side: sessions are made in pairs */
		type = chance(50);
		t = chance(90) ? written_by(i ^ 1, type ? OLM1 : OLM0) : find(type ? OLM1 : OLM0);
		if (chance(5))
			type = below(4);
		if (chance(70))
			both(&A, t->b, t->n);
		else
			hostile(&A, t);
		B = A;
		COMPARE(session, s[i], S->decrypt_max_plaintext_length(S->s[i], type, A.b[k], A.n));
		n = r[0] == ERROR ? below(200) : length_near(r[0]);
		room(&C, n);
		COMPARE(session, s[i], S->decrypt(S->s[i], type, B.b[k], B.n, C.b[k], C.n));
		decrypted[0] += r[0] != ERROR;
		same_output("the plaintext", &C);
		break;
	}
}

static int in_created[GROUPS];
static unsigned in_from[GROUPS]; /* whose session it may be */

static void group(unsigned i)
{
	size_t n;
	unsigned o = (unsigned)below(2);
	uint32_t index[2];
	const struct text *t;
	switch (below(16)) {
	case 0:
		if (chance(1)) {
			both_random(&A, length_near(160));
			COMPARE(outbound_group_session, out[o], S->init_outbound_group_session(S->out[o], A.b[k], A.n));
			same_bytes("the random bytes", &A);
			disown(o, MEGOLM);
			disown(o, SESSION_KEY);
		}
		break;
	case 1:
		room(&A, length_near(306));
		COMPARE(outbound_group_session, out[o], S->outbound_group_session_key(S->out[o], A.b[k], A.n));
		same_output("the key", &A);
		if (r[0] != ERROR)
			keep(SESSION_KEY, o, A.b[0], r[0]);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		for (unsigned many = chance(1) ? (unsigned)below(300) : 1; many > 0; many--) {
			both_random(&A, chance(5) ? below(3000) : below(60));
			COMPARE(outbound_group_session, out[o], S->group_encrypt_message_length(S->out[o], A.n));
			room(&B, many > 1 ? r[0] : length_near(r[0]));
			COMPARE(outbound_group_session, out[o], S->group_encrypt(S->out[o], A.b[k], A.n, B.b[k], B.n));
			same_output("the message", &B);
			if (r[0] != ERROR && (many == 1 || chance(5)))
				keep(MEGOLM, o, B.b[0], r[0]);
		}
		break;
	case 6:
		room(&A, length_near(43));
		COMPARE(outbound_group_session, out[o], S->outbound_group_session_id(S->out[o], A.b[k], A.n));
		same_output("the id", &A);
		COMPARE(outbound_group_session, out[o], S->outbound_group_session_message_index(S->out[o]));
		break;
	case 7:
		if (in_created[i] && chance(80))
			return;
		DO(S->inbound_group_session(S->in[i]));
		if (chance(60)) {
			hostile(&A, written_by(o, SESSION_KEY));
			COMPARE(inbound_group_session, in[i], S->init_inbound_group_session(S->in[i], A.b[k], A.n));
		} else {
			hostile(&A, written_by(o, EXPORT));
			COMPARE(inbound_group_session, in[i], S->import_inbound_group_session(S->in[i], A.b[k], A.n));
		}
		same_bytes("the session key", &A);
		in_created[i] = r[0] == 0;
		in_from[i] = o;
		if (!in_created[i])
			DO(S->inbound_group_session(S->in[i]));
		break;
	case 8:
		COMPARE(inbound_group_session, in[i], S->inbound_group_session_first_known_index(S->in[i]));
		COMPARE(inbound_group_session, in[i], S->inbound_group_session_is_verified(S->in[i]));
		room(&A, length_near(43));
		COMPARE(inbound_group_session, in[i], S->inbound_group_session_id(S->in[i], A.b[k], A.n));
		same_output("the id", &A);
		break;
	case 9:
		if (!in_created[i]) /* the peer exports zeros: differential_forged.c has that */
			return;
		COMPARE(inbound_group_session, in[i], S->inbound_group_session_first_known_index(S->in[i]));
		uint32_t from = (uint32_t)r[0] + (uint32_t)(chance(5) ? next() : below(20)) - (chance(10) ? 5 : 0);
		room(&A, length_near(220));
		COMPARE(inbound_group_session, in[i], S->export_inbound_group_session(S->in[i], A.b[k], A.n, from));
		same_output("the export", &A);
		if (r[0] != ERROR)
			keep(EXPORT, in_from[i], A.b[0], r[0]);
		break;
	default:
		t = chance(95) ? written_by(in_from[i], MEGOLM) : find(MEGOLM);
		if (chance(70))
			both(&A, t->b, t->n);
		else
			hostile(&A, t);
		B = A;
		COMPARE(inbound_group_session, in[i], S->group_decrypt_max_plaintext_length(S->in[i], A.b[k], A.n));
		n = r[0] == ERROR ? below(200) : length_near(r[0]);
		room(&C, n);
		index[0] = index[1] = 0xdeadbeef;
		COMPARE(inbound_group_session, in[i], S->group_decrypt(S->in[i], B.b[k], B.n, C.b[k], C.n, &index[k]));
		if (index[0] != index[1])
			mismatch("the index");
		decrypted[1] += r[0] != ERROR;
		same_output("the plaintext", &C);
		if (r[0] == ERROR && side[0].inbound_group_session_last_error_code(side[0].in[i]) == OLM_BAD_MESSAGE_MAC) {
			/* The peer has moved its latest ratchet, which its pickle shows. */
			moved_rule++;
			in_created[i] = 0;
			DO(S->inbound_group_session(S->in[i]));
		}
		break;
	}
}

static int recipient;

static void pk(void)
{
	size_t n, mac;
	switch (below(8)) {
	case 0:
		hostile(&A, find(KEY));
		if (zero_key(&A))
			return;
		COMPARE(pk_encryption, enc, S->pk_encryption_set_recipient_key(S->enc, A.b[k], A.n));
		recipient |= r[0] == 0;
		break;
	case 1:
		if (chance(50)) {
			both_random(&A, length_near(32));
			room(&B, length_near(43));
			COMPARE(pk_decryption, dec, S->pk_key_from_private(S->dec, B.b[k], B.n, A.b[k], A.n));
			same_bytes("the random bytes", &A);
			same_output("the key", &B);
			if (r[0] == ERROR)
				return;
			COMPARE(pk_encryption, enc, S->pk_encryption_set_recipient_key(S->enc, B.b[k], 43));
			recipient = 1;
			keep(KEY, 40, B.b[0], 43);
		} else {
			room(&A, length_near(32));
			COMPARE(pk_decryption, dec, S->pk_get_private_key(S->dec, A.b[k], A.n));
			same_output("the private key", &A);
		}
		break;
	case 2:
	case 3:
		if (!recipient)
			return;
		both_random(&A, below(300));
		COMPARE(pk_encryption, enc, S->pk_ciphertext_length(S->enc, A.n));
		room(&B, length_near(r[0]));
		mac = length_near(11);
		if (mac >= 8 && mac < 11) { /* the peer writes 11 */
			mac_room_left_out++;
			return;
		}
		room(&C, mac);
		room(&D, length_near(43));
		both_random(&E, length_near(32));
		COMPARE(pk_encryption, enc, S->pk_encrypt(S->enc, A.b[k], A.n, B.b[k], B.n, C.b[k], C.n, D.b[k], D.n, E.b[k], E.n));
		if (r[0] != ERROR) /* the peer uses what is left of the buffer to work in */
			for (k = 0; k < 2; k++)
				memset(B.b[k] + side[0].pk_ciphertext_length(side[0].enc, A.n), 0, 100);
		same_output("the ciphertext", &B);
		same_output("the MAC", &C);
		same_output("the ephemeral key", &D);
		same_bytes("the random bytes", &E);
		if (r[0] == ERROR)
			return;
		n = side[0].pk_ciphertext_length(side[0].enc, A.n);
		keep(PK_TEXT, 0, B.b[0], n);
		/* Decrypt it, or what became of it. */
		if (chance(50))
			hostile(&A, last);
		else
			both(&A, B.b[0], n);
		if (A.n % 4 != 1 && (A.n * 3 / 4 == 0 || A.n * 3 / 4 % 16 != 0)) { /* the peer reads outside of its memory */
			blocks_left_out++;
			return;
		}
		CALL(S->pk_max_plaintext_length(S->dec, A.n));
		same_results();
		room(&F, r[0] == ERROR ? 100 : length_near(r[0]));
		if (chance(10))
			D.b[0][5] = D.b[1][5] = '?';
		CALL(S->pk_decrypt(S->dec, D.b[k], 43, C.b[k], 11, A.b[k], A.n, F.b[k], F.n));
		if (r[0] != r[1] && r[1] == ERROR && side[1].pk_decryption_last_error_code(side[1].dec) == OLM_BAD_MESSAGE_MAC) {
			/* Nothing authenticates the ciphertext, so that the padding may be anything. */
			size_t whole = A.n * 3 / 4, p = whole - r[0], i = r[0];
			while (i < whole && F.b[0][i] == p)
				i++;
			if (p >= 1 && p <= 16 && i == whole)
				mismatch("a right padding, which is refused:");
			padding_rule++;
			COMPARE(pk_decryption, dec, S->pk_get_private_key(S->dec, A.b[k], 0)); /* one last error again */
			return;
		}
		same_results();
		SAME_ERRORS(pk_decryption, dec);
		if (r[0] != ERROR)
			same_output("the plaintext", &F);
		break;
	case 4:
		both_random(&A, length_near(32));
		room(&B, length_near(43));
		COMPARE(pk_signing, sign, S->pk_signing_key_from_seed(S->sign, B.b[k], B.n, A.b[k], A.n));
		same_output("the key", &B);
		break;
	case 5:
		both_random(&A, below(200));
		room(&B, length_near(86));
		COMPARE(pk_signing, sign, S->pk_sign(S->sign, A.b[k], A.n, B.b[k], B.n));
		same_output("the signature", &B);
		break;
	case 6:
		both_random(&A, below(1000));
		room(&B, length_near(43));
		COMPARE(utility, u, S->sha256(S->u, A.b[k], A.n, B.b[k], B.n));
		same_output("the hash", &B);
		break;
	case 7: { /* a signature by an account, under its key or another one */
		char json[116];
		unsigned a = (unsigned)below(2);
		both_random(&A, below(100));
		DO(S->account_sign(S->a[a], A.b[k], A.n, B.b[k], 86));
		struct text t = {.n = 86};
		memcpy(t.b, B.b[0], 86);
		hostile(&B, &t);
		side[0].account_identity_keys(side[0].a[a], json, 116);
		memcpy(t.b, json + 71, t.n = 43);
		if (chance(80))
			both(&C, t.b, 43);
		else
			hostile(&C, chance(50) ? &t : find(KEY));
		COMPARE(utility, u, S->ed25519_verify(S->u, C.b[k], C.n, A.b[k], A.n, B.b[k], B.n));
		break;
	}
	}
}

static void sas(unsigned i)
{
	switch (below(6)) {
	case 0:
		both_random(&A, length_near(32));
		COMPARE(sas, v[i], S->create_sas(S->v[i], A.b[k], A.n));
		same_bytes("the random bytes", &A);
		break;
	case 1:
		room(&A, length_near(43));
		COMPARE(sas, v[i], S->sas_get_pubkey(S->v[i], A.b[k], A.n));
		same_output("the key", &A);
		if (r[0] == 0)
			keep(KEY, 50 + i, A.b[0], 43);
		break;
	case 2:
		hostile(&A, find(KEY));
		if (zero_key(&A))
			return;
		COMPARE(sas, v[i], S->sas_set_their_key(S->v[i], A.b[k], A.n));
		COMPARE(sas, v[i], S->sas_is_their_key_set(S->v[i]));
		break;
	case 3:
		both_random(&A, below(100));
		room(&B, chance(5) ? below(8161) : below(70));
		COMPARE(sas, v[i], S->sas_generate_bytes(S->v[i], A.b[k], A.n, B.b[k], B.n));
		same_output("the bytes", &B);
		break;
	default:
		both_random(&A, below(200));
		both_random(&B, below(100));
		room(&C, length_near(43));
		switch (below(3)) {
		case 0:
			COMPARE(sas, v[i], S->sas_calculate_mac(S->v[i], A.b[k], A.n, B.b[k], B.n, C.b[k], C.n));
			break;
		case 1:
			COMPARE(sas, v[i], S->sas_calculate_mac_fixed_base64(S->v[i], A.b[k], A.n, B.b[k], B.n, C.b[k], C.n));
			break;
		case 2:
			COMPARE(sas, v[i], S->sas_calculate_mac_long_kdf(S->v[i], A.b[k], A.n, B.b[k], B.n, C.b[k], C.n));
			break;
		}
		same_output("the MAC", &C);
		break;
	}
}

/* REPICKLE: an object's pickle is the same on both sides, and each goes on with the other's; what is no such pickle is
 * refused for the same reason. foreign is a pickle of another kind under the same key. */
#define REPICKLE(kind, object, ...) \
	do { \
		both_random(&A, below(70)); \
		COMPARE(kind, object, S->pickle_##kind##_length(S->object)); \
		size_t whole = r[0]; \
		room(&B, length_near(whole)); \
		COMPARE(kind, object, S->pickle_##kind(S->object, A.b[k], A.n, B.b[k], B.n)); \
		same_output("the pickle", &B); \
		if (r[0] == ERROR) \
			break; \
		if (whole < sizeof last->b) \
			keep(PICKLE, 0, B.b[0], whole); \
		both(&C, B.b[0], whole); \
		D = C; \
		if (chance(30) && whole < sizeof last->b) { \
			hostile(&D, last); \
			if (chance(30)) \
				both_random(&A, below(70)); \
			DO(S->kind(S->object)); \
			COMPARE(kind, object, S->unpickle_##kind(S->object, A.b[k], A.n, D.b[k], D.n __VA_OPT__(, ) __VA_ARGS__)); \
			if (r[0] != ERROR) \
				break; \
			both_random(&A, 0); \
			DO(S->kind(S->object)); \
			CALL(0); \
			lost_##kind; \
			break; \
		} \
		DO(S->kind(S->object)); \
		COMPARE(kind, object, S->unpickle_##kind(S->object, A.b[k], A.n, C.b[k], C.n __VA_OPT__(, ) __VA_ARGS__)); \
		if (r[0] == ERROR) \
			mismatch("a good pickle, which is refused:"); \
	} while (0)

/* FOREIGN: a pickle of one kind is read as another. */
#define FOREIGN(from, from_object, to) \
	do { \
		DO(B.n = S->pickle_##from##_length(S->from_object)); \
		DO(S->pickle_##from(S->from_object, "key", 3, B.b[k], B.n)); \
		int code[2]; \
		for (k = 0; k < 2; k++) { \
			S = &side[k]; \
			void *memory = malloc(S->to##_size()), *o = S->to(memory); \
			r[k] = UNPICKLE_##to(S, o, B.b[k], B.n); \
			code[k] = (int)S->to##_last_error_code(o); \
			free(memory); \
		} \
		calls++; \
		operation = "a pickle of another kind: " #from " as " #to; \
		same_results(); \
		if (code[0] != code[1]) { \
			fprintf(stderr, "peer %d, ours %d\n", code[0], code[1]); \
			mismatch("the error"); \
		} \
	} while (0)
#define UNPICKLE_account(S, o, p, n) S->unpickle_account(o, "key", 3, p, n)
#define UNPICKLE_session(S, o, p, n) S->unpickle_session(o, "key", 3, p, n)
#define UNPICKLE_inbound_group_session(S, o, p, n) S->unpickle_inbound_group_session(o, "key", 3, p, n)
#define UNPICKLE_outbound_group_session(S, o, p, n) S->unpickle_outbound_group_session(o, "key", 3, p, n)
#define UNPICKLE_pk_decryption(S, o, p, n) S->unpickle_pk_decryption(o, "key", 3, p, n, NULL, 0)

/* A refused pickle may have cost the peer's object its keys: both get new ones. */
#define lost_account \
	do { \
		both_random(&A, 64); \
		COMPARE(account, a[i], S->create_account(S->a[i], A.b[k], 64)); \
	} while (0)
#define lost_session created[j] = 0
#define lost_inbound_group_session in_created[g] = 0
#define lost_outbound_group_session \
	do { \
		both_random(&A, 160); \
		COMPARE(outbound_group_session, out[i], S->init_outbound_group_session(S->out[i], A.b[k], 160)); \
	} while (0)
#define lost_pk_decryption \
	do { \
		both_random(&A, 32); \
		COMPARE(pk_decryption, dec, S->pk_key_from_private(S->dec, E.b[k], 43, A.b[k], 32)); \
	} while (0)

static void pickles(void)
{
	unsigned i = (unsigned)below(2), j = (unsigned)below(SESSIONS), g = (unsigned)below(GROUPS);
	switch (below(16)) {
	case 0:
	case 1:
		REPICKLE(account, a[i]);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		REPICKLE(session, s[j]);
		break;
	case 6:
		REPICKLE(inbound_group_session, in[g]);
		break;
	case 7:
		REPICKLE(outbound_group_session, out[i]);
		break;
	case 8:
		room(&E, 43);
		REPICKLE(pk_decryption, dec, E.b[k], E.n);
		same_bytes("the key of a pickle", &E);
		break;
	case 9:
		FOREIGN(account, a[i], session);
		FOREIGN(account, a[i], outbound_group_session);
		break;
	case 10:
		FOREIGN(account, a[i], inbound_group_session);
		FOREIGN(account, a[i], pk_decryption);
		break;
	case 11:
		FOREIGN(session, s[j], account);
		FOREIGN(session, s[j], pk_decryption);
		break;
	case 12:
		FOREIGN(inbound_group_session, in[g], session);
		FOREIGN(inbound_group_session, in[g], outbound_group_session);
		break;
	case 13:
		FOREIGN(inbound_group_session, in[g], pk_decryption);
		FOREIGN(outbound_group_session, out[i], account);
		break;
	case 14:
		FOREIGN(pk_decryption, dec, account);
		FOREIGN(pk_decryption, dec, inbound_group_session);
		break;
	case 15:
		FOREIGN(pk_decryption, dec, session);
		FOREIGN(pk_decryption, dec, outbound_group_session);
		break;
	}
}

static void constants(void)
{
	unsigned code = chance(90) ? (unsigned)below(20) : next();
	const char *text[2];
	DO(text[k] = S->error_to_string((enum OlmErrorCode)code));
	if (strcmp(text[0], text[1]) != 0)
		mismatch("an error's text");
	size_t n = below(100000);
	CALL(S->session_id_length(S->s[0]) + S->create_outbound_session_random_length(S->s[0]) + S->sha256_length(S->u) +
		S->inbound_group_session_id_length(S->in[0]) * 3 + S->export_inbound_group_session_length(S->in[0]) * 5 +
		S->init_outbound_group_session_random_length(S->out[0]) * 7 + S->outbound_group_session_id_length(S->out[0]) * 11 +
		S->outbound_group_session_key_length(S->out[0]) * 13 + S->pk_mac_length(S->enc) * 17 + S->pk_key_length() * 19 +
		S->pk_encrypt_random_length(S->enc) * 23 + S->pk_private_key_length() * 29 + S->pk_generate_key_random_length() * 31 +
		S->pk_signing_seed_length() * 37 + S->pk_signing_public_key_length() * 41 + S->pk_signature_length() * 43 +
		S->create_sas_random_length(S->v[0]) * 47 + S->sas_pubkey_length(S->v[0]) * 53 + S->sas_mac_length(S->v[0]) * 59 +
		S->pickle_inbound_group_session_length(S->in[0]) * 61 + S->pickle_outbound_group_session_length(S->out[0]) * 67 +
		S->pickle_pk_decryption_length(S->dec) * 71 + S->pk_ciphertext_length(S->enc, n) * 73 + S->pk_max_plaintext_length(S->dec, n) * 79);
	same_results();
}

static void load(struct side *s, const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	const char *missing = NULL;
#define FUNCTION(name) \
	*(void **)&s->name = dlsym(handle, "olm_" #name); \
	if (!s->name) \
		missing = #name;
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	*(void **)&s->error_to_string = dlsym(handle, "_olm_error_to_string");
	if (missing || !s->error_to_string) {
		fprintf(stderr, "%s has no %s\n", path, missing);
		exit(2);
	}
}

static void *garbage(size_t n)
{
	unsigned char *p = malloc(n);
	fill(p, n);
	return p;
}

static void construct(void)
{
	for (k = 0; k < 2; k++) {
		S = &side[k];
#define CONSTRUCT(kind, object) S->object = S->kind(garbage(S->kind##_size()))
		for (int i = 0; i < 2; i++) {
			CONSTRUCT(account, a[i]);
			CONSTRUCT(outbound_group_session, out[i]);
			CONSTRUCT(sas, v[i]);
		}
		for (int i = 0; i < SESSIONS; i++)
			CONSTRUCT(session, s[i]);
		for (int i = 0; i < GROUPS; i++)
			CONSTRUCT(inbound_group_session, in[i]);
		CONSTRUCT(pk_encryption, enc);
		CONSTRUCT(pk_decryption, dec);
		CONSTRUCT(pk_signing, sign);
		CONSTRUCT(utility, u);
	}
	/* What was constructed and never created can be looked at. */
	for (unsigned i = 0; i < 2; i++) {
		COMPARE(account, a[i], S->pickle_account_length(S->a[i]));
		room(&A, r[0]);
		COMPARE(account, a[i], S->pickle_account(S->a[i], NULL, 0, A.b[k], A.n));
		same_bytes("the pickle of nothing", &A);
		room(&A, 116);
		COMPARE(account, a[i], S->account_identity_keys(S->a[i], A.b[k], A.n));
		same_bytes("the keys of nothing", &A);
		both_random(&A, 64);
		COMPARE(account, a[i], S->create_account(S->a[i], A.b[k], A.n));
		both_random(&A, 160);
		COMPARE(outbound_group_session, out[i], S->init_outbound_group_session(S->out[i], A.b[k], A.n));
		for (int n = 0; n < 10; n++)
			account(i);
	}
	both_random(&A, 32);
	COMPARE(pk_decryption, dec, S->pk_key_from_private(S->dec, B.b[k], 43, A.b[k], 32));
	both_random(&A, 32);
	COMPARE(pk_signing, sign, S->pk_signing_key_from_seed(S->sign, B.b[k], 43, A.b[k], 32));
	for (int i = 0; i < 2; i++) {
		both_random(&A, 32);
		COMPARE(sas, v[i], S->create_sas(S->v[i], A.b[k], 32));
	}
	while (n_texts[KEY] < 5)
		account(0), account(1);
}

/* A session from account 0 to account 1 and its other side, now and then, so that there is an honest conversation. */
static void meet(void)
{
	unsigned i = (unsigned)below(SESSIONS / 2) * 2, from = (unsigned)below(2);
	char identity[116], keys[8000];
	both_random(&A, 32);
	COMPARE(account, a[!from], S->account_generate_one_time_keys(S->a[!from], 1, A.b[k], 32));
	side[0].account_identity_keys(side[0].a[!from], identity, sizeof identity);
	if (side[0].account_one_time_keys(side[0].a[!from], keys, sizeof keys) == ERROR)
		return;
	renew_session(i);
	renew_session(i + 1);
	both_random(&A, 64);
	COMPARE(session, s[i], S->create_outbound_session(S->s[i], S->a[from], identity + 15, 43, keys + 25, 43, A.b[k], 64));
	COMPARE(session, s[i], S->encrypt_message_length(S->s[i], 5));
	room(&B, r[0]);
	COMPARE(session, s[i], S->encrypt(S->s[i], "hello", 5, NULL, 0, B.b[k], B.n));
	keep(OLM0, i, B.b[0], r[0]);
	COMPARE(session, s[i + 1], S->create_inbound_session(S->s[i + 1], S->a[!from], B.b[k], B.n));
	created[i] = created[i + 1] = r[0] == 0;
	if (r[0] != 0)
		mismatch("an honest session, which can't be made:");
	COMPARE(account, a[!from], S->remove_one_time_keys(S->a[!from], S->s[i + 1]));
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: differential PEER.so OURS.so [SEED [CALLS [BREAK]]]\n");
		return 2;
	}
	seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	unsigned long long most = argc > 4 ? strtoull(argv[4], NULL, 10) : 150000;
	broken_call = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
	state[0] = seed * 0x9e3779b97f4a7c15ULL + 1;
	state[1] = 0x2545f4914f6cdd1dULL ^ seed;
	for (int i = 0; i < 20; i++)
		next();
	for (int i = 0; i < 2; i++)
		load(&side[i], argv[1 + i]);
	if (side[0].account == side[1].account) {
		fprintf(stderr, "both are the same library\n");
		return 2;
	}
	construct();
	unsigned long long by[8] = {0};
	while (calls < most) {
		unsigned long long before = calls;
		size_t what = below(100);
		int which = what < 15 ? 0 : what < 55 ? 1 : what < 80 ? 2 : what < 86 ? 3 : what < 91 ? 4 : what < 96 ? 5 : what < 97 ? 6 : 7;
		switch (which) {
		case 0:
			account((unsigned)below(2));
			break;
		case 1:
			session((unsigned)below(SESSIONS));
			break;
		case 2:
			group((unsigned)below(GROUPS));
			break;
		case 3:
			pk();
			break;
		case 4:
			sas((unsigned)below(2));
			break;
		case 5:
			pickles();
			break;
		case 6:
			constants();
			break;
		case 7:
			if (chance(50))
				meet();
			break;
		}
		by[which] += calls - before;
	}
	if (decrypted[0] < calls / 300 || decrypted[1] < calls / 300) {
		fprintf(stderr, "hardly a message was decrypted: %lu, %lu\n", decrypted[0], decrypted[1]);
		return 1;
	}
	printf("differential: seed %llu, %llu calls agree: account %llu, session %llu, group %llu, pk and utility %llu, sas %llu, "
	       "pickles %llu, constants %llu, meetings %llu; %lu Olm and %lu Megolm messages decrypted; by rule: paddings that ours refuses %lu, group sessions that a wrong MAC moves in the peer %lu; left out: headers without an "
	       "identity key %lu, ciphertexts that are not blocks %lu, small MAC buffers %lu\n",
		seed, calls, by[0], by[1], by[2], by[3], by[4], by[5], by[6], by[7], decrypted[0], decrypted[1], padding_rule, moved_rule, header_left_out, blocks_left_out, mac_room_left_out);
	return 0;
}
