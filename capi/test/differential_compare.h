/* Calls on two libraries at once, their comparison, and the rules by which ours is meant to differ. */
#ifndef DIFFERENTIAL_COMPARE_H
#define DIFFERENTIAL_COMPARE_H

#include "differential_functions.h"
#include "forge.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define ERROR ((size_t)-1)

enum { PEER, OURS };

static struct library {
#define FUNCTION(name) __typeof__(olm_##name) *name;
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	__typeof__(_olm_error_to_string) *error_to_string;
} side[2];
static int k; /* the side that a call is on */

enum {
#define FUNCTION(name) ID_##name,
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	ID_error_to_string,
	N_FUNCTIONS
};
static const char *const names[] = {
#define FUNCTION(name) "olm_" #name,
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	"_olm_error_to_string",
};
static unsigned long called[N_FUNCTIONS];

/* F(name)(...) calls a function on side k. */
#define F(name) (called[ID_##name]++, side[k].name)

/* --- Where ours is meant to differ ------------------------------------------------------------------------------- */

enum rule {
	PADDING, COUNT, NEWEST, CUT_LIST, DUPLICATE, HALF_READ, STALE_ERROR, USED_OBJECT, LOW_ORDER_ARGUMENT, LOW_ORDER_PREKEY, LOW_ORDER_RATCHET,
	LOOSE_SIGNATURE, NOT_BLOCKS, NO_IDENTITY, KEYS_KEPT, TAKEN_OVER, MOVED, LAST_SENT, LAST_RECEIVED, NEVER_CREATED, NEVER_SET_UP,
	RANDOM_OVERFLOW, MAC_ROOM, UNCLAMPED, LONG_SAS, HUGE, LEFTOVERS, WORKSPACE, VERSION, N_RULES
};
static const struct {
	const char *name, *reason;
} rules[N_RULES] = {
	[PADDING] = {"padding", "the peer looks at the last byte only, ours at all of PKCS#7"},
	[COUNT] = {"count", "more than one sending chain: the peer overwrites it"},
	[NEWEST] = {"newest", "more keys or receiving chains than there is room for: the peer overwrites the last one, ours keeps the newest"},
	[CUT_LIST] = {"cut list", "a session whose skipped keys are cut off between two of them: the peer takes the rest"},
	[DUPLICATE] = {"duplicate", "two skipped keys of one chain and index, which only a forged pickle has: the peer tries both"},
	[HALF_READ] = {"half read", "an unpickling that fails leaves the peer's object overwritten in part, ours as it was"},
	[STALE_ERROR] = {"stale error", "the peer does not report a pickle that is too short if the object has failed before"},
	[USED_OBJECT] = {"used object", "unpickling into an account or session in use: the peer appends, ours replaces"},
	[LOW_ORDER_ARGUMENT] = {"low order, argument", "a public key that makes every secret zero"},
	[LOW_ORDER_PREKEY] = {"low order, pre-key", "the same in a message that begins a session"},
	[LOW_ORDER_RATCHET] = {"low order, ratchet", "the same as a ratchet key or an ephemeral key"},
	[LOOSE_SIGNATURE] = {"loose signature", "S not below the order, or a key or R that is of small order or not canonical"},
	[NOT_BLOCKS] = {"not blocks", "LEFT OUT of the peer: it decrypts a ciphertext that is empty or no whole blocks out of bounds"},
	[NO_IDENTITY] = {"no identity key", "LEFT OUT of the peer: create_inbound_session_from copies from NULL"},
	[KEYS_KEPT] = {"keys kept", "a session that is not created has the message's keys in the peer"},
	[TAKEN_OVER] = {"taken over", "a group session whose key has a wrong signature is there in the peer"},
	[MOVED] = {"moved", "the peer moves a group session's latest ratchet before it looks at the MAC"},
	[LAST_SENT] = {"last index, sent", "the peer sends at 2^32-1 and begins anew at 0"},
	[LAST_RECEIVED] = {"last index, received", "an Olm message with index 2^32-1: its successor would be the first again"},
	[NEVER_CREATED] = {"never created", "LEFT OUT of the peer: it encrypts with a chain that is not there"},
	[NEVER_SET_UP] = {"never set up", "the peer agrees on secrets, exports and tells a private key with keys of zeros"},
	[RANDOM_OVERFLOW] = {"random overflow", "LEFT OUT of the peer: 32 times the number of keys is no size_t"},
	[MAC_ROOM] = {"MAC room", "LEFT OUT of the peer: pk_encrypt writes 11 characters into a buffer of 8 to 10"},
	[UNCLAMPED] = {"unclamped", "LEFT OUT: signing with an Ed25519 scalar that is not clamped, which the peer takes as it is and ours clamps"},
	[LONG_SAS] = {"long SAS", "more bytes than HKDF has: the peer's counter begins anew"},
	[HUGE] = {"huge", "a plaintext above 1 GiB has no length in ours"},
	[LEFTOVERS] = {"leftovers", "the peer writes to the output of a call that fails; ours does not, or wipes it"},
	[WORKSPACE] = {"workspace", "the peer works in what is left of an output behind the result"},
	[VERSION] = {"version", "3.2.13 and 3.2.16"},
};
static unsigned long by_rule[N_RULES];

/* --- Random choices ---------------------------------------------------------------------------------------------- */

static uint64_t seed, calls, comparisons, spoiled;
static uint64_t state;

static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t below(size_t n) { return draw() % n; }
static int chance(unsigned percent) { return below(100) < percent; }
#define ONE_OF(...) ((const uint64_t[]){__VA_ARGS__}[below(sizeof (const uint64_t[]){__VA_ARGS__} / 8)])

static void draw_bytes(void *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)out)[i] = (uint8_t)draw();
}

static void put_drawn(struct forge *f, size_t n)
{
	draw_bytes(f->bytes + f->length, n);
	f->length += n;
}

/* A length that is mostly n. */
static size_t near(size_t n) { return chance(90) ? n : chance(50) ? below(n + 1) : n + below(30); }

/* --- Buffers and objects ------------------------------------------------------------------------------------------ */

#define ROOM 16384
#define AROUND 32
#define BLANK 0xc7

struct buffer {
	uint8_t memory[3][AROUND + ROOM + AROUND]; /* one for each side, and what they were before the call */
	uint8_t *at[2];
	size_t length, written; /* written: behind it the peer may work */
	int output;
};
static struct buffer frame[8];
static int n_buffers;

static struct buffer *in(const void *data, size_t length)
{
	struct buffer *b = &frame[n_buffers++];

	if (n_buffers > 8 || length > ROOM)
		abort();
	for (int i = 0; i < 3; i++) {
		memset(b->memory[i], BLANK, AROUND + length + AROUND);
		if (length && data)
			memcpy(b->memory[i] + AROUND, data, length);
	}
	b->at[PEER] = b->memory[PEER] + AROUND;
	b->at[OURS] = b->memory[OURS] + AROUND;
	b->length = b->written = length;
	b->output = 0;
	return b;
}

static struct buffer *in_drawn(size_t length)
{
	static uint8_t bytes[ROOM];

	draw_bytes(bytes, length);
	return in(bytes, length);
}

static struct buffer *out(size_t length)
{
	struct buffer *b = in(NULL, length);

	b->output = 1;
	return b;
}

#define KINDS(K) \
	K(account) K(session) K(utility) K(inbound_group_session) K(outbound_group_session) K(pk_encryption) K(pk_decryption) \
	K(pk_signing) K(sas)
enum kind {
#define KIND(name) KIND_##name,
	KINDS(KIND)
#undef KIND
};

/* An object on both sides, in memory of exactly its size that was full of garbage. */
struct object {
	enum kind kind;
	void *on[2];
};

static struct object make(enum kind kind)
{
	struct object o = {kind, {NULL, NULL}};

	for (k = 0; k < 2; k++) {
		size_t size = 0;
		void *memory;
		switch (kind) {
#define KIND(name) case KIND_##name: size = F(name##_size)(); break;
		KINDS(KIND)
#undef KIND
		}
		draw_bytes(memory = malloc(size), size);
		switch (kind) {
#define KIND(name) case KIND_##name: o.on[k] = F(name)(memory); break;
		KINDS(KIND)
#undef KIND
		}
		if (o.on[k] != memory)
			abort();
	}
	return o;
}

static size_t cleared(struct object *o)
{
	switch (o->kind) {
#define KIND(name) case KIND_##name: return F(clear_##name)(o->on[k]) == F(name##_size)();
	KINDS(KIND)
#undef KIND
	}
	return 0;
}

static int code_of(const struct object *o)
{
	switch (o->kind) {
#define KIND(name) case KIND_##name: return (int)F(name##_last_error_code)(o->on[k]);
	KINDS(KIND)
#undef KIND
	}
	return -1;
}

static const char *text_of(const struct object *o)
{
	switch (o->kind) {
#define KIND(name) case KIND_##name: return F(name##_last_error)(o->on[k]);
	KINDS(KIND)
#undef KIND
	}
	return NULL;
}

/* --- Calls and comparison ----------------------------------------------------------------------------------------- */

static const char *call;
static size_t r[2];
static struct object *involved[2];
static int code[2][2];
static const char *text[2][2];
static int spoil_now;

/* begin forgets the buffers of the call before. */
static void begin(void) { n_buffers = 0; }

static void note(const char *name, struct object *a, struct object *b)
{
	call = name;
	involved[0] = a;
	involved[1] = b;
}

static void note_errors(void)
{
	for (int i = 0; i < 2; i++) {
		code[i][k] = involved[i] ? code_of(involved[i]) : 0;
		text[i][k] = involved[i] ? text_of(involved[i]) : "";
	}
}

/* CALL2 calls a function on both sides, with two objects whose last errors count; CALL_OURS on ours alone. */
#define CALL_FROM(first, a, b, name, ...) \
	do { \
		note("olm_" #name, a, b); \
		for (k = first; k < 2; k++) { \
			r[k] = (size_t)F(name)(__VA_ARGS__); \
			note_errors(); \
		} \
		calls++; \
	} while (0)
#define CALL2(a, b, name, ...) CALL_FROM(PEER, a, b, name, __VA_ARGS__)
#define CALL(o, name, ...) CALL_FROM(PEER, o, NULL, name, __VA_ARGS__)
#define CALL_OURS(o, name, ...) CALL_FROM(OURS, o, NULL, name, __VA_ARGS__)
#define CALL_VOID(o, name, ...) \
	do { \
		note("olm_" #name, o, NULL); \
		for (k = 0; k < 2; k++) { \
			F(name)(__VA_ARGS__); \
			r[k] = 0; \
			note_errors(); \
		} \
		calls++; \
	} while (0)

static void hex(const char *who, const uint8_t *p, size_t n)
{
	fprintf(stderr, "  %s ", who);
	for (size_t i = 0; i < n && i < 600; i++)
		fprintf(stderr, "%02x", p[i]);
	fprintf(stderr, "\n");
}

static void mismatch(const char *what)
{
	fprintf(stderr, "seed %" PRIu64 ", call %" PRIu64 ", comparison %" PRIu64 ": %s: %s differs\n", seed, calls, comparisons, call, what);
	for (k = 0; k < 2; k++) {
		fprintf(stderr, "%s: %zd", k == PEER ? "peer" : "ours", (ssize_t)r[k]);
		for (int i = 0; i < 2 && involved[i]; i++)
			fprintf(stderr, ", last error %d %s", code[i][k], text[i][k]);
		fprintf(stderr, "\n");
	}
	for (int i = 0; i < n_buffers; i++)
		if (memcmp(frame[i].memory[PEER], frame[i].memory[OURS], frame[i].length + 2 * AROUND) != 0) {
			fprintf(stderr, "buffer %d of %zu bytes:\n", i, frame[i].length);
			hex("before", frame[i].memory[2] + AROUND, frame[i].length);
			hex("peer", frame[i].at[PEER], frame[i].length);
			hex("ours", frame[i].at[OURS], frame[i].length);
		}
	exit(1);
}

/* blank reports whether ours left an output alone, or wiped it. */
static int blank(const struct buffer *b, size_t from)
{
	const uint8_t *p = b->memory[OURS];
	size_t i, end = AROUND + b->length;

	for (i = 0; i < end + AROUND; i++) {
		if (i >= AROUND + from && i < end && p[i] == 0 && from == 0)
			continue;
		if (i >= AROUND && i < AROUND + from)
			continue;
		if (p[i] != BLANK)
			return 0;
	}
	return 1;
}

/* difference returns what differs between the sides, or NULL. */
static const char *difference(void)
{
	if (spoil_now) { /* one thing is not as the library made it */
		switch (n_buffers ? draw() % 3 : involved[0] ? draw() % 2 : 0) {
		case 0:
			r[OURS] ^= 1;
			break;
		case 1:
			code[0][OURS] ^= 1;
			break;
		case 2: {
			/* an output that a failed call leaves behind may be zero or untouched: this is neither */
			struct buffer *b = &frame[below((size_t)n_buffers)];
			b->memory[OURS][below(b->length + 2 * AROUND)] ^= 0x5a;
		}
		}
	}
	if (r[PEER] != r[OURS])
		return "the result";
	for (int i = 0; i < 2 && involved[i]; i++)
		if (code[i][PEER] != code[i][OURS] || strcmp(text[i][PEER], text[i][OURS]) != 0)
			return "the last error";
	for (int i = 0; i < n_buffers; i++) {
		struct buffer *b = &frame[i];
		if (memcmp(b->memory[PEER], b->memory[OURS], b->length + 2 * AROUND) == 0)
			continue;
		if (b->output && r[PEER] == ERROR && blank(b, 0)) {
			by_rule[LEFTOVERS]++;
			continue;
		}
		if (b->written < b->length && memcmp(b->memory[PEER], b->memory[OURS], AROUND + b->written) == 0 && blank(b, b->written)) {
			by_rule[WORKSPACE]++;
			continue;
		}
		return b->output ? "an output" : "an input, as the call left it,";
	}
	return NULL;
}

static void agree(void)
{
	const char *what;

	spoil_now = ++comparisons == spoiled;
	what = difference();
	if (what)
		mismatch(what);
	if (spoil_now) {
		printf("comparison %" PRIu64 " was spoiled, and nothing noticed\n", comparisons);
		exit(0);
	}
}

/* refused is for a call on both sides that ours refuses by a rule, with a certain error. The peer may do likewise. */
static int refused(enum rule rule, int want)
{
	const char *what = difference();

	if (r[OURS] != ERROR || code[0][OURS] != want)
		mismatch(rules[rule].name);
	if (!what)
		return 0;
	for (int i = 0; i < n_buffers; i++)
		if (frame[i].output && !blank(&frame[i], 0))
			mismatch("an output of a call that ours refuses");
	by_rule[rule]++;
	return 1;
}

/* refused_alone is for a call on ours alone. */
static void refused_alone(enum rule rule, int want)
{
	if (r[OURS] != ERROR || code[0][OURS] != want)
		mismatch(rules[rule].name);
	for (int i = 0; i < n_buffers; i++)
		if (frame[i].output && !blank(&frame[i], 0))
			mismatch("an output of a call that fails");
	by_rule[rule]++;
}

static void done(struct object *o)
{
	begin();
	CALL(NULL, error);
	agree();
	note("olm_clear_*", o, NULL);
	for (k = 0; k < 2; k++) {
		r[k] = cleared(o);
		note_errors();
	}
	calls++;
	if (r[OURS] != 1)
		mismatch("the size that is cleared");
	agree();
	for (k = 0; k < 2; k++)
		free(o->on[k]);
}

/* --- Pickles ------------------------------------------------------------------------------------------------------ */

#define PICKLES(P) P(account) P(session) P(inbound_group_session) P(outbound_group_session) P(pk_decryption)

static size_t pickle_length(struct object *o)
{
	switch (o->kind) {
#define PICKLE(name) \
	case KIND_##name: \
		CALL(o, pickle_##name##_length, o->on[k]); \
		agree(); \
		return r[PEER];
	PICKLES(PICKLE)
#undef PICKLE
	default:
		abort();
	}
}

static struct buffer *pickled(struct object *o, struct buffer *key, size_t length)
{
	struct buffer *b = out(length);

	switch (o->kind) {
#define PICKLE(name) \
	case KIND_##name: \
		CALL(o, pickle_##name, o->on[k], key->at[k], key->length, b->at[k], b->length); \
		break;
	PICKLES(PICKLE)
#undef PICKLE
	default:
		abort();
	}
	return b;
}

/* same_state compares two objects by their pickles. */
static void same_state(struct object *o)
{
	struct buffer *b;

	begin();
	size_t length = pickle_length(o);
	begin();
	b = pickled(o, in_drawn(below(70)), near(length));
	if (b->length > length)
		b->written = length;
	agree();
}

/* is_empty tells whether an object, on side i, is as if it had just been constructed. */
static int is_empty(struct object *o, int i)
{
	struct object fresh = make(o->kind);
	struct buffer *a, *b;
	size_t length;
	int same;

	begin();
	length = pickle_length(&fresh);
	switch (o->kind) {
#define PICKLE(name) case KIND_##name: CALL(o, pickle_##name##_length, o->on[k]); break;
	PICKLES(PICKLE)
#undef PICKLE
	default:
		abort();
	}
	same = r[i] == length;
	if (same) {
		a = pickled(&fresh, in("k", 1), length);
		b = pickled(o, in("k", 1), length);
		same = memcmp(a->at[i], b->at[i], length) == 0;
	}
	for (k = 0; k < 2; k++)
		free(fresh.on[k]);
	begin();
	return same;
}

#endif
