/* Two libraries with libolm's interface, side by side, and an attacker who has the keys: pickles and messages that no
 * library would write, with right MACs and signatures, and keys and signatures of forms that no library makes.
 *
 *     differential_forged PEER.so OURS.so [SEED [CALLS [SPOIL]]]
 *
 * Of every call the result, the last errors with their texts, and every buffer must be the same, inputs that are decoded
 * where they lie and whatever surrounds a buffer included; then the states, as pickles. Where ours is meant to differ
 * there is a rule: it says when, and what ours has to answer instead, and how often that was. What the peer would answer
 * by reading or writing outside of its memory is asked of ours alone, under a rule too. differential.c has the honest
 * conversations, and what a network without keys can do to them.
 *
 * With SPOIL, that comparison is given something else to compare on one side, and has to notice.
 */
#define _GNU_SOURCE
#include "differential_compare.h"

#define BAD(code_name) ((int)OLM_##code_name)

/* --- Encrypted pickles -------------------------------------------------------------------------------------------- */

/* A pickle, and what is wrong with its envelope: N_RULES if nothing is. */
struct sealed {
	char *text;
	size_t length;
	uint8_t key[40];
	size_t key_length;
	enum rule rule;
};

/* seal encrypts what is in f, which it changes. */
static struct sealed seal(struct forge *f)
{
	struct sealed s = {.key_length = below(40), .rule = N_RULES};
	uint8_t mac_key[32];
	size_t n;

	draw_bytes(s.key, s.key_length);
	put_padding(f, 0);
	n = f->length;
	if (chance(4)) {
		/* The last byte says how many belong to the padding, and the peer believes any number. */
		s.rule = PADDING;
		switch (below(4)) {
		case 0:
			f->bytes[n - 1] = 0;
			break;
		case 1:
			f->bytes[n - 1] = (uint8_t)(17 + below(100));
			break;
		case 2:
			f->bytes[n - 1] = (uint8_t)(200 + below(56));
			break;
		case 3:
			f->bytes[n - 1] = (uint8_t)(2 + below(15));
			f->bytes[n - 2] = (uint8_t)(f->bytes[n - 1] ^ (1 + below(255)));
			break;
		}
	}
	forge_encrypt(f, 0, s.key, s.key_length, "Pickle", mac_key);
	if (chance(2)) {
		s.rule = NOT_BLOCKS;
		f->length -= chance(30) ? f->length : 1 + below(15);
	}
	put_mac(f, 0, mac_key);
	if (chance(2) && s.rule == N_RULES)
		f->bytes[f->length - 1 - below(8)] ^= 1 << below(8); /* the MAC: refused by both */
	s.text = forge_text(f, &s.length);
	if (chance(5))
		for (int i = 0; i < 5; i++)
			s.text[below(s.length)] |= (char)0x80; /* which base64 in C does not look at */
	return s;
}

/* number reads 4 bytes, or nothing if they are not there. */
static uint32_t number(const uint8_t *p, size_t n, size_t at)
{
	return at + 4 > n ? 0 : (uint32_t)p[at] << 24 | (uint32_t)p[at + 1] << 16 | (uint32_t)p[at + 2] << 8 | p[at + 3];
}

/* expected tells by which rule ours may refuse the contents of a pickle, or keeps others of them if it does not. */
static enum rule expected(enum kind kind, const uint8_t *p, size_t n)
{
	size_t at;
	uint32_t count;
	int many;

	if (kind == KIND_account)
		return number(p, n, 164) > 100 ? NEWEST : N_RULES;
	if (kind != KIND_session)
		return N_RULES;
	at = 4 + 1 + 4 * 32;
	count = number(p, n, at);
	if (count > 1)
		return COUNT;
	at += 4 + count * 100;
	count = number(p, n, at);
	many = count > 5;
	at += 4 + (size_t)count * 68;
	count = number(p, n, at);
	many |= count > 40;
	at += 4;
	if (at <= n && (n - at) / 68 < count && (n - at) % 68 == 0)
		return CUT_LIST;
	return many ? NEWEST : N_RULES;
}

#define UNPICKLE(name, ...) \
	do { \
		if (s->rule == NOT_BLOCKS) \
			CALL_OURS(o, unpickle_##name, o->on[k], key->at[k], key->length, b->at[k], b->length, ##__VA_ARGS__); \
		else \
			CALL(o, unpickle_##name, o->on[k], key->at[k], key->length, b->at[k], b->length, ##__VA_ARGS__); \
	} while (0)

/* unpickle reads a pickle into a fresh object, whose contents are expected to fall under a rule or under none. It returns
 * whether both sides have the same object now. */
static int unpickle(struct object *o, struct sealed *s, enum rule contents)
{
	struct buffer *key, *b, *public;
	int too_small = 0, envelope;

	begin();
	key = in(s->key, s->key_length);
	b = in(s->text, s->length);
	free(s->text);
	switch (o->kind) {
	case KIND_account:
		UNPICKLE(account);
		break;
	case KIND_session:
		UNPICKLE(session);
		break;
	case KIND_inbound_group_session:
		UNPICKLE(inbound_group_session);
		break;
	case KIND_outbound_group_session:
		UNPICKLE(outbound_group_session);
		break;
	case KIND_pk_decryption:
		public = out(near(43));
		public->written = 43;
		too_small = public->length < 43;
		UNPICKLE(pk_decryption, public->at[k], public->length);
		break;
	default:
		abort();
	}
	envelope = too_small ? BAD(OUTPUT_BUFFER_TOO_SMALL) : BAD(BAD_ACCOUNT_KEY);
	if (s->rule == NOT_BLOCKS) {
		refused_alone(NOT_BLOCKS, envelope);
	} else if (s->rule == PADDING) {
		refused(PADDING, envelope);
	} else if (contents == COUNT || contents == CUT_LIST) {
		if (code[0][OURS] == BAD(BAD_ACCOUNT_KEY) || code[0][OURS] == BAD(UNKNOWN_PICKLE_VERSION) || code[0][OURS] == BAD(BAD_LEGACY_ACCOUNT_PICKLE))
			agree();
		else
			refused(contents, BAD(CORRUPTED_PICKLE));
	} else {
		agree();
	}
	if (r[OURS] != ERROR && contents == NEWEST) {
		by_rule[NEWEST]++; /* what is kept is in api_pickle.c */
		return 0;
	}
	if (r[OURS] != ERROR)
		return 1;
	if (!is_empty(o, OURS))
		mismatch("the object of a pickle that is refused");
	if (s->rule != NOT_BLOCKS && !is_empty(o, PEER))
		by_rule[HALF_READ]++;
	return 0;
}

/* damage changes the contents of a pickle, now and then. */
static void damage(struct forge *f)
{
	switch (below(30)) {
	case 0:
		f->length = below(f->length + 1);
		break;
	case 1:
		put_drawn(f, 1 + below(80));
		break;
	case 2:
		f->bytes[below(f->length)] ^= 1 << below(8);
		break;
	case 3:
		f->length -= f->length > 68 ? 68 : 1; /* an element of a list, perhaps */
		break;
	}
}

/* The private half of an Ed25519 key is clamped when it is made. */
static void put_signing_pair(struct forge *f)
{
	put_drawn(f, 96);
	f->bytes[f->length - 64] &= 0xf8;
	f->bytes[f->length - 33] = (uint8_t)((f->bytes[f->length - 33] & 0x3f) | 0x40);
}

static int is_clamped(const uint8_t pair[96])
{
	return (pair[32] & 7) == 0 && (pair[63] & 0xc0) == 0x40;
}

static int flag(void) { return chance(90) ? (int)below(2) : (int)below(256); }
static uint32_t index_drawn(void) { return (uint32_t)(chance(80) ? below(300) : chance(30) ? 0xffffffff : chance(50) ? 0u - 1 - below(60) : draw()); }

/* --- Accounts ------------------------------------------------------------------------------------------------------ */

/* The one-time keys of an account that is written here. */
struct account_state {
	uint8_t keys[110][32]; /* public */
	size_t n;
};

static void put_key(struct forge *f, struct account_state *a)
{
	put_drawn(f, 4);
	put_byte(f, flag());
	put_drawn(f, 64);
	memcpy(a->keys[a->n++], f->bytes + f->length - 64, 32);
}

static void put_account(struct forge *f, struct account_state *a)
{
	uint32_t version = (uint32_t)ONE_OF(4, 4, 4, 4, 4, 4, 3, 3, 2, 1, 0, 5);
	size_t n = chance(75) ? below(6) : ONE_OF(99, 100, 101, 105);

	f->length = a->n = 0;
	put_u32(f, version);
	put_signing_pair(f);
	put_drawn(f, 64);
	put_u32(f, chance(95) ? (uint32_t)n : (uint32_t)ONE_OF(n + 1, n - 1, 0xffffffff, 101));
	while (a->n < n)
		put_key(f, a);
	if (version == 3) {
		put_key(f, a);
		put_key(f, a);
	} else if (version >= 4) {
		n = ONE_OF(0, 1, 2, 2, 2, 3, 255);
		put_byte(f, (int)n);
		for (size_t i = 0; i < n && i < 2; i++)
			put_key(f, a);
	}
	put_u32(f, index_drawn());
	damage(f);
}

static void account_case(void)
{
	struct forge f;
	struct account_state a;
	struct object o = make(KIND_account), s = make(KIND_session);
	struct sealed p;
	enum rule contents;
	int signs;

	put_account(&f, &a);
	contents = expected(o.kind, f.bytes, f.length);
	signs = f.length >= 100 && is_clamped(f.bytes + 4);
	p = seal(&f);
	if (!unpickle(&o, &p, contents)) {
		done(&o);
		done(&s);
		return;
	}
	same_state(&o);
	for (int i = (int)below(20); i > 0; i--) {
		struct buffer *b, *m;
		size_t n;
		begin();
		switch (below(10)) {
		case 0:
			b = out(near(116));
			b->written = 116;
			CALL(&o, account_identity_keys, o.on[k], b->at[k], b->length);
			break;
		case 1:
			CALL(&o, account_one_time_keys_length, o.on[k]);
			agree();
			b = out(near(n = r[0]));
			b->written = n;
			CALL(&o, account_one_time_keys, o.on[k], b->at[k], b->length);
			break;
		case 2:
			CALL(&o, account_fallback_key_length, o.on[k]);
			agree();
			b = out(near(n = r[0]));
			b->written = n;
			CALL(&o, account_fallback_key, o.on[k], b->at[k], b->length);
			break;
		case 3:
			CALL(&o, account_unpublished_fallback_key_length, o.on[k]);
			agree();
			b = out(near(n = r[0]));
			b->written = n;
			CALL(&o, account_unpublished_fallback_key, o.on[k], b->at[k], b->length);
			break;
		case 4:
			if (!signs) {
				by_rule[UNCLAMPED]++;
				continue;
			}
			m = in_drawn(below(200));
			b = out(near(86));
			b->written = 86;
			CALL(&o, account_sign, o.on[k], m->at[k], m->length, b->at[k], b->length);
			break;
		case 5:
			CALL(&o, account_mark_keys_as_published, o.on[k]);
			break;
		case 6:
			n = chance(95) ? below(3) : below(130);
			b = in_drawn(near(32 * n));
			CALL(&o, account_generate_one_time_keys, o.on[k], n, b->at[k], b->length);
			break;
		case 7:
			b = in_drawn(near(32));
			CALL(&o, account_generate_fallback_key, o.on[k], b->at[k], b->length);
			break;
		case 8:
			CALL_VOID(&o, account_forget_old_fallback_key, o.on[k]);
			break;
		case 9: /* n keys of 32 bytes each, of which a size_t counts none or few */
			b = in_drawn(near(64));
			n = ((size_t)1 << 59) + below(2);
			CALL_OURS(&o, account_generate_one_time_keys, o.on[k], n, b->at[k], b->length);
			refused_alone(RANDOM_OVERFLOW, BAD(NOT_ENOUGH_RANDOM));
			begin(); /* the same last error on both sides */
			CALL(&o, account_generate_one_time_keys, o.on[k], 1, NULL, 0);
			break;
		}
		agree();
	}
	/* A session with one of the keys, or with another one. */
	f.length = 0;
	put_u32(&f, 1);
	put_byte(&f, 0);
	put_drawn(&f, 64);
	if (a.n && chance(80))
		put(&f, a.keys[below(a.n)], 32);
	else
		put_drawn(&f, 32);
	put_drawn(&f, 32);
	put_run(&f, 0, 12);
	p = seal(&f);
	if (unpickle(&s, &p, N_RULES)) {
		begin();
		CALL2(&o, &s, remove_one_time_keys, o.on[k], s.on[k]);
		agree();
	}
	same_state(&o);
	done(&o);
	done(&s);
}

/* --- Low order ------------------------------------------------------------------------------------------------------ */

/* Curve25519 keys that make every shared secret zero: 0, 1, two of order 8, -1, and what reduces to the first two. */
static const char *const low_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void from_hex(const char *h, uint8_t p[32])
{
	for (int i = 0; i < 32; i++)
		sscanf(h + 2 * i, "%2hhx", p + i);
}

static void put_low_order(struct forge *f)
{
	from_hex(low_order[below(7)], f->bytes + f->length);
	if (chance(30))
		f->bytes[f->length + 31] ^= 0x80;
	f->length += 32;
}

static int is_low_order(const uint8_t *key)
{
	uint8_t p[32], x[32];

	memcpy(x, key, 32);
	x[31] &= 0x7f;
	for (int i = 0; i < 7; i++) {
		from_hex(low_order[i], p);
		if (memcmp(p, x, 32) == 0)
			return 1;
	}
	return 0;
}

/* --- Sessions ------------------------------------------------------------------------------------------------------- */

struct chain {
	uint8_t theirs[32], key[32];
	uint32_t index;
};

struct session_state {
	uint8_t keys[96], root[32];
	size_t n_sending, n_receiving, n_skipped;
	uint32_t index;
	struct chain receiving[7], skipped[46];
};

static void put_chain(struct forge *f, const struct chain *c)
{
	put(f, c->theirs, 32);
	put(f, c->key, 32);
	put_u32(f, c->index);
}

static void put_session(struct forge *f, struct session_state *s)
{
	uint32_t version = (uint32_t)ONE_OF(1, 1, 1, 1, 1, 1, 1, 1, 0x80000001, 0x80000001, 0, 2);

	s->n_sending = chance(97) ? below(2) : 2;
	s->n_receiving = chance(97) ? below(6) : 6 + below(2);
	s->n_skipped = chance(60) ? below(4) : chance(80) ? ONE_OF(39, 40, 20) : 41 + below(5);
	s->index = index_drawn();
	draw_bytes(s->keys, 96);
	draw_bytes(s->root, 32);
	for (size_t i = 0; i < s->n_receiving; i++) {
		draw_bytes(s->receiving[i].theirs, 64);
		s->receiving[i].index = index_drawn();
		if (i == 0 && chance(5)) {
			struct forge low = {.length = 0};
			put_low_order(&low);
			memcpy(s->receiving[i].theirs, low.bytes, 32);
		}
	}
	for (size_t i = 0; i < s->n_skipped; i++) {
		struct chain *c = &s->skipped[i];
		draw_bytes(c->theirs, 64);
		if (s->n_receiving && chance(70))
			memcpy(c->theirs, s->receiving[below(s->n_receiving)].theirs, 32);
		else if (i && chance(50)) /* of a chain that is no longer there */
			memcpy(c->theirs, s->skipped[below(i)].theirs, 32);
		c->index = index_drawn();
	}
	f->length = 0;
	put_u32(f, version);
	put_byte(f, flag());
	put(f, s->keys, 96);
	put(f, s->root, 32);
	put_u32(f, (uint32_t)s->n_sending);
	for (size_t i = 0; i < s->n_sending; i++) {
		put_drawn(f, 96);
		put_u32(f, s->index);
	}
	put_u32(f, (uint32_t)s->n_receiving);
	for (size_t i = 0; i < s->n_receiving; i++)
		put_chain(f, &s->receiving[i]);
	put_u32(f, (uint32_t)s->n_skipped);
	for (size_t i = 0; i < s->n_skipped; i++)
		put_chain(f, &s->skipped[i]);
	if (version == 0x80000001)
		put_drawn(f, 4);
}

/* A message that is authentic, whatever else it is. */
struct forged {
	struct forge f;
	enum rule rule; /* what ours may refuse it for, once it has been found authentic */
	int whole; /* the fields have their usual lengths, and the version is right */
	size_t ciphertext;
	uint8_t mac_key[32];
};

/* field writes a field in one of many encodings. */
static void field(struct forge *f, int tag, const void *data, size_t length)
{
	put_byte(f, tag);
	if (chance(3)) { /* longer than it need be */
		put_byte(f, (int)(length & 0x7f) | 0x80);
		put_byte(f, (int)(length >> 7 & 0x7f) | 0x80);
		put_byte(f, 0x80);
		put_byte(f, 0);
	} else {
		put_varint(f, length);
	}
	put(f, data, length);
}

static void field_number(struct forge *f, int tag, uint32_t value)
{
	put_byte(f, tag);
	if (chance(3))
		put_varint(f, value | (uint64_t)(1 + below(1000)) << 32); /* only 32 bits count */
	else if (chance(3)) {
		for (int i = 0; i < 5; i++)
			put_byte(f, (int)(value >> 7 * i & 0x7f) | 0x80);
		for (int i = (int)below(4); i > 0; i--)
			put_byte(f, 0x80);
		put_byte(f, 0);
	} else
		put_varint(f, value);
}

/* unknown writes a field that no message has, seldom one that ends the parsing. */
static void unknown(struct forge *f)
{
	uint8_t some[20];

	draw_bytes(some, sizeof some);
	switch (below(12)) {
	case 0:
	case 1:
	case 2:
		field_number(f, 0x38, (uint32_t)draw());
		break;
	case 3:
	case 4:
	case 5:
		field(f, 0x3a, some, below(20));
		break;
	case 6:
	case 7:
		put_byte(f, 0xf8); /* a tag of two bytes */
		put_byte(f, 0x01);
		put_varint(f, draw() >> below(60));
		break;
	case 8:
		put_byte(f, 0xfa);
		put_byte(f, 0x02);
		put_varint(f, 5);
		put_drawn(f, 5);
		break;
	case 9:
		put_byte(f, (int)ONE_OF(0x39, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f)); /* a wire type that is not skipped */
		break;
	case 10:
		put_byte(f, 0x3a); /* more than there is */
		put_varint(f, ONE_OF(5000, 0x7fffffff, 0xffffffff, 0x100000000, ~0ull, ~0ull - 20, 1ull << 63));
		break;
	case 11:
		put_drawn(f, 1 + below(3));
		break;
	}
}

/* padded tells whether what the peer decrypted to n bytes at p ends in the padding of PKCS#7. A field that chance has put
 * into a message may be a ciphertext that nobody encrypted. */
static int padded(const uint8_t *p, size_t n)
{
	size_t whole = n - n % 16 + 16;

	for (size_t i = n; i < whole; i++)
		if (p[i] != whole - n)
			return 0;
	return 1;
}

/* ciphertext encrypts a plaintext with keys derived from the secret, and leaves the MAC key in m. */
static void ciphertext(struct forged *m, struct forge *c, const void *secret, size_t n, const char *info)
{
	size_t length = chance(90) ? below(60) : below(600);

	c->length = 0;
	put_drawn(c, length);
	put_padding(c, 0);
	m->rule = N_RULES;
	if (chance(6)) {
		size_t last = c->length - 1;
		m->rule = PADDING;
		switch (below(4)) {
		case 0:
			c->bytes[last] = 0;
			break;
		case 1:
			c->bytes[last] = (uint8_t)(17 + below(239));
			break;
		case 2:
			c->bytes[last] = 0xff;
			break;
		case 3:
			c->bytes[last] = (uint8_t)(2 + below(15));
			c->bytes[last - 1] = (uint8_t)(c->bytes[last] ^ (1 + below(255)));
			break;
		}
	}
	forge_encrypt(c, 0, secret, n, info, m->mac_key);
	if (chance(3)) {
		m->rule = NOT_BLOCKS;
		c->length -= chance(30) ? c->length : 1 + below(15);
	}
	m->ciphertext = c->length;
}

/* assemble writes the fields of a message in any order, some twice, with others between them. A NULL bytes field is a
 * number. The last of several counts. */
struct part {
	int tag;
	const void *bytes;
	size_t length;
	uint32_t number;
};

static void put_part(struct forge *f, const struct part *p)
{
	if (p->bytes)
		field(f, p->tag, p->bytes, p->length);
	else
		field_number(f, p->tag, p->number);
}

static void assemble(struct forge *f, const struct part *parts, size_t n, int *whole)
{
	size_t order[8], i, j, t;
	int version = chance(98) ? 3 : (int)below(256);

	put_byte(f, version);
	*whole = version == 3;
	for (i = 0; i < n; i++)
		order[i] = i;
	if (chance(15))
		for (i = n - 1; i > 0; i--) {
			j = below(i + 1);
			t = order[i], order[i] = order[j], order[j] = t;
		}
	for (i = 0; i < n; i++) {
		const struct part *p = &parts[order[i]];
		if (chance(2)) {
			*whole = 0; /* this one is missing */
			continue;
		}
		if (chance(4)) {
			static uint8_t other[32];
			struct part again = *p;
			draw_bytes(other, 32);
			if (p->bytes) {
				again.bytes = other;
				again.length = below(33);
			} else
				again.number = (uint32_t)draw();
			put_part(f, &again);
		}
		if (chance(4)) {
			unknown(f);
			*whole = 0; /* it may end the message */
		}
		put_part(f, p);
	}
	if (chance(4)) {
		unknown(f);
		*whole = 0;
	}
	if (chance(2)) {
		put_byte(f, parts[below(n)].tag); /* a tag without a value */
		*whole = 0;
	}
}

static void normal_message(struct forged *m, const uint8_t *theirs, uint32_t index, const uint8_t key[32])
{
	struct forge c;
	uint8_t mac_wrong;
	struct part parts[3];

	ciphertext(m, &c, key, 32, "OLM_KEYS");
	parts[0] = (struct part){0x0a, theirs, chance(97) ? 32 : ONE_OF(0, 31, 33), 0};
	parts[1] = (struct part){0x10, NULL, 0, index};
	parts[2] = (struct part){0x22, c.bytes, c.length, 0};
	m->f.length = 0;
	assemble(&m->f, parts, 3, &m->whole);
	m->whole &= parts[0].length == 32;
	put_mac(&m->f, 0, m->mac_key);
	mac_wrong = chance(3);
	if (mac_wrong) {
		m->f.bytes[m->f.length - 1 - below(8)] ^= 1 << below(8);
		m->whole = 0;
	}
}

/* wrap puts a normal message into a pre-key message, of whose keys decryption wants to know nothing. */
static void wrap(struct forge *f, const struct forge *inner)
{
	uint8_t keys[3][32];

	draw_bytes(keys, sizeof keys);
	struct part parts[4] = {{0x0a, keys[0], 32, 0}, {0x12, keys[1], below(33), 0}, {0x1a, keys[2], 32, 0}, {0x22, inner->bytes, inner->length, 0}};
	f->length = 0;
	f->length = 0;
	put_byte(f, chance(80) ? 3 : (int)below(256));
	for (int i = 0; i < 3; i++)
		if (chance(60))
			put_part(f, &parts[i]);
	put_part(f, &parts[3]);
}

/* A chain key or message key, some steps on. */
static void step(uint8_t key[32], uint32_t times)
{
	for (; times; times--)
		forge_hmac(key, 32, "\x02", 1, key);
}

static struct buffer *as_text(const struct forge *f)
{
	size_t n;
	char *t = forge_text(f, &n);
	struct buffer *b;

	if (chance(3) && n)
		t[below(n)] |= (char)0x80;
	b = in(t, n);
	free(t);
	return b;
}

static unsigned long accepted[2]; /* Olm, Megolm: what was forged well enough */

/* receive decrypts a forged message on both sides. It returns whether they still have the same state. */
static int receive(struct object *o, struct forged *m, uint32_t index)
{
	struct forge outer, *f = &m->f;
	struct buffer *b, *p;
	size_t type = chance(50), room;

	if (type == 0 || chance(2)) {
		type = chance(90) ? 0 : chance(50) ? 2 + below(9) : ERROR - below(3);
		wrap(&outer, f);
		f = &outer;
	}
	begin();
	b = as_text(f);
	CALL(o, decrypt_max_plaintext_length, o->on[k], type, b->at[k], b->length);
	agree();
	room = r[PEER] == ERROR ? below(100) : near(r[PEER]);
	begin();
	b = as_text(f);
	p = out(room);
	if (m->rule == NOT_BLOCKS) {
		int want;
		CALL_OURS(o, decrypt, o->on[k], type, b->at[k], b->length, p->at[k], p->length);
		want = code[0][OURS];
		if (m->whole && room >= m->ciphertext)
			want = BAD(BAD_MESSAGE_MAC);
		refused_alone(NOT_BLOCKS, want);
		return 0; /* the last errors are no longer the same */
	}
	p->written = m->ciphertext;
	CALL(o, decrypt, o->on[k], type, b->at[k], b->length, p->at[k], p->length);
	if (r[PEER] != ERROR && m->rule == DUPLICATE && r[OURS] != ERROR) {
		agree();
		return 0; /* which of the two is gone is another matter */
	}
	if (r[PEER] != ERROR && m->rule != N_RULES)
		return !refused(m->rule, BAD(BAD_MESSAGE_MAC));
	if (r[PEER] != ERROR && !padded(p->at[PEER], r[PEER]))
		return !refused(PADDING, BAD(BAD_MESSAGE_MAC));
	if (r[PEER] != ERROR && index == 0xffffffff && (m->whole || r[OURS] == ERROR)) /* else another index may count */
		return !refused(LAST_RECEIVED, BAD(BAD_MESSAGE_MAC));
	agree();
	accepted[0] += r[OURS] != ERROR;
	return 1;
}

/* send encrypts on both sides, and keeps s up to date. It returns whether they still have the same state. */
static int send(struct object *o, struct session_state *s)
{
	struct buffer *p, *b, *m;
	size_t n = below(100), need, random;

	begin();
	CALL(o, encrypt_message_type, o->on[k]);
	agree();
	CALL(o, encrypt_random_length, o->on[k]);
	agree();
	random = r[PEER];
	CALL(o, encrypt_message_length, o->on[k], n);
	agree();
	need = r[PEER];
	begin();
	p = in_drawn(n);
	b = in_drawn(near(random));
	m = out(near(need));
	m->written = need;
	if (s->n_sending == 0 && s->n_receiving == 0) {
		if (m->length < need || b->length < random)
			return 1;
		CALL_OURS(o, encrypt, o->on[k], p->at[k], p->length, b->at[k], b->length, m->at[k], m->length);
		refused_alone(NEVER_CREATED, BAD(CORRUPTED_PICKLE));
		return 0;
	}
	CALL(o, encrypt, o->on[k], p->at[k], p->length, b->at[k], b->length, m->at[k], m->length);
	if (r[PEER] != ERROR) {
		if (s->n_sending && s->index == 0xffffffff)
			return !refused(LAST_SENT, BAD(BAD_MESSAGE_MAC));
		if (!s->n_sending && is_low_order(s->receiving[0].theirs))
			return !refused(LOW_ORDER_RATCHET, BAD(BAD_MESSAGE_MAC));
	}
	agree();
	if (r[OURS] != ERROR) {
		s->index = s->n_sending ? s->index + 1 : 1;
		s->n_sending = 1;
	}
	return 1;
}

/* duplicates tells whether a session has the same skipped key twice, or will have because its chain comes by there. */
static int duplicates(const struct session_state *s, const struct chain *c)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_skipped; i++)
		n += s->skipped[i].index == c->index && memcmp(s->skipped[i].theirs, c->theirs, 32) == 0;
	for (size_t i = 0; i < s->n_receiving; i++)
		n += s->receiving[i].index <= c->index && memcmp(s->receiving[i].theirs, c->theirs, 32) == 0;
	return n > 1;
}

static void session_case(void)
{
	struct forge f;
	struct forged m;
	struct session_state s;
	struct object o = make(KIND_session);
	struct sealed p;
	enum rule contents;
	int alike;

	put_session(&f, &s);
	int damaged = chance(15);
	if (damaged && chance(30) && f.length > 68)
		f.length -= 68; /* the oldest skipped key */
	else if (damaged)
		damage(&f);
	contents = expected(o.kind, f.bytes, f.length);
	p = seal(&f);
	alike = unpickle(&o, &p, contents);
	if (!alike || damaged) {
		done(&o);
		return;
	}
	same_state(&o);
	begin();
	struct buffer *b = out(near(43));
	b->written = 43;
	CALL(&o, session_id, o.on[k], b->at[k], b->length);
	agree();
	begin();
	CALL(&o, session_has_received_message, o.on[k]);
	agree();
	size_t rooted = s.n_sending; /* else the root key is not known once something was sent */
	for (int i = (int)below(16); i > 0 && alike; i--) {
		uint8_t key[32], theirs[32];
		uint32_t index;
		begin();
		b = out(chance(50) ? below(60) : below(700));
		CALL_VOID(&o, session_describe, o.on[k], (char *)b->at[k], b->length);
		agree();
		switch (below(5)) {
		case 0:
			alike = send(&o, &s);
			break;
		case 1:
			if (!s.n_skipped)
				break;
			struct chain *c = &s.skipped[below(s.n_skipped)];
			normal_message(&m, c->theirs, c->index, c->key);
			if (m.rule == N_RULES && duplicates(&s, c))
				m.rule = DUPLICATE;
			alike = receive(&o, &m, c->index);
			break;
		case 2: /* a new chain, whose secret everybody knows */
			if (!rooted)
				break;
			f.length = 0;
			put_low_order(&f);
			memcpy(theirs, f.bytes, 32);
			uint8_t zero[32] = {0}, prk[32], block[64];
			memset(zero, 0, 32);
			forge_hmac(s.root, 32, zero, 32, prk);
			memcpy(block, "OLM_RATCHET\x01", 12);
			forge_hmac(prk, 32, block, 12, key); /* the root key; the chain key is next */
			memcpy(block, key, 32);
			memcpy(block + 32, "OLM_RATCHET\x02", 12);
			forge_hmac(prk, 32, block, 44, key);
			index = (uint32_t)below(30);
			step(key, index);
			forge_hmac(key, 32, "\x01", 1, key);
			normal_message(&m, theirs, index, key);
			if (m.rule == N_RULES)
				m.rule = LOW_ORDER_RATCHET;
			alike = receive(&o, &m, index);
			break;
		default: {
			if (!s.n_receiving)
				break;
			struct chain *c = &s.receiving[below(s.n_receiving)];
			uint32_t ahead = (uint32_t)(chance(70) ? below(50) : ONE_OF(1999, 2000, 2001, 0, 39, 40, 41));
			if (chance(5))
				ahead = 0u - 1 - (uint32_t)below(5); /* used before: the key cannot match */
			memcpy(key, c->key, 32);
			if (ahead < 3000)
				step(key, ahead);
			index = c->index + ahead;
			forge_hmac(key, 32, "\x01", 1, key);
			normal_message(&m, c->theirs, index, key);
			alike = receive(&o, &m, index);
			break;
		}
		}
		if (alike && chance(50))
			same_state(&o);
	}
	if (alike)
		same_state(&o);
	done(&o);
}

/* --- Pre-key messages ----------------------------------------------------------------------------------------------- */

static void text_of_key(const uint8_t key[32], char t[44])
{
	t[forge_base64(key, 32, t)] = 0;
}

static void prekey_case(void)
{
	struct forge f, inner;
	struct account_state a;
	struct object account = make(KIND_account), o = make(KIND_session);
	struct sealed p;
	enum rule contents;
	uint8_t identity[32], base[32], one_time[32], ratchet[32], some[40];
	char from[44];
	int low = 0, whole, with_from = chance(50), has_identity, refused_late, stranger = 0;
	struct buffer *b, *m;

	put_account(&f, &a);
	contents = expected(account.kind, f.bytes, f.length);
	p = seal(&f);
	if (!unpickle(&account, &p, contents) || !a.n)
		goto end;
	draw_bytes(identity, 32);
	draw_bytes(base, 32);
	draw_bytes(ratchet, 32);
	draw_bytes(one_time, 32);
	if (chance(90))
		memcpy(one_time, a.keys[below(a.n)], 32);
	f.length = 0;
	put_low_order(&f);
	if (chance(6))
		memcpy(identity, f.bytes, 32), low = 1;
	else if (chance(6))
		memcpy(base, f.bytes, 32), low = 1;
	else if (chance(6))
		memcpy(ratchet, f.bytes, 32);
	text_of_key(identity, from);
	if (chance(5)) {
		draw_bytes(some, 32);
		text_of_key(some, from);
		stranger = 1;
	}

	/* the message inside: creation looks at its ratchet key alone */
	struct part parts[4] = {{0x0a, ratchet, chance(96) ? 32 : ONE_OF(0, 31, 33), 0}, {0x10, NULL, 0, (uint32_t)draw()}, {0x22, some, 32, 0}};
	inner.length = 0;
	assemble(&inner, parts, 3, &whole);
	put_drawn(&inner, 8);
	f.length = 0;
	draw_bytes(some, sizeof some);
	struct part outer[4] = {{0x0a, one_time, chance(97) ? 32 : ONE_OF(0, 31, 33), 0}, {0x12, base, chance(97) ? 32 : ONE_OF(0, 31, 33), 0},
		{0x1a, identity, chance(97) ? 32 : ONE_OF(0, 31, 33), 0}, {0x22, inner.bytes, inner.length, 0}};
	int plain = chance(85);
	if (plain) {
		has_identity = chance(96);
		put_byte(&f, 3);
		for (int i = 0; i < 4; i++)
			if (i != 2 || has_identity)
				put_part(&f, &outer[i]);
	} else {
		assemble(&f, outer, 4, &whole);
		has_identity = 0; /* perhaps it is not there */
		size_t i;
		for (i = 0; i + 34 <= f.length; i++)
			if (f.bytes[i] == 0x1a && memcmp(f.bytes + i + 2, identity, 32) == 0 && whole)
				has_identity = 1;
	}
	/* Does it belong to a session that is there? */
	begin();
	b = in(from, chance(95) ? 43 : below(44));
	m = as_text(&f);
	if (with_from)
		CALL(&o, matches_inbound_session_from, o.on[k], b->at[k], b->length, m->at[k], m->length);
	else
		CALL(&o, matches_inbound_session, o.on[k], m->at[k], m->length);
	agree();

	begin();
	b = in(from, chance(95) ? 43 : below(44));
	m = as_text(&f);
	if (with_from && !has_identity) {
		CALL_OURS(&o, create_inbound_session_from, o.on[k], account.on[k], b->at[k], b->length, m->at[k], m->length);
		if (r[OURS] == ERROR) {
			int want = code[0][OURS];
			refused_alone(NO_IDENTITY, want == BAD(BAD_MESSAGE_KEY_ID) || want == BAD(INVALID_BASE64) ? want : BAD(BAD_MESSAGE_FORMAT));
		}
		goto end;
	}
	if (with_from)
		CALL2(&o, &account, create_inbound_session_from, o.on[k], account.on[k], b->at[k], b->length, m->at[k], m->length);
	else
		CALL2(&o, &account, create_inbound_session, o.on[k], account.on[k], m->at[k], m->length);
	if (low && r[PEER] != ERROR) {
		refused(LOW_ORDER_PREKEY, BAD(BAD_MESSAGE_FORMAT));
		goto end;
	}
	agree();
	refused_late = r[OURS] == ERROR;
	if (refused_late) {
		if (!is_empty(&o, OURS))
			mismatch("a session that was not created");
		if (!is_empty(&o, PEER))
			by_rule[KEYS_KEPT]++;
		goto end;
	}
	same_state(&o);
	begin();
	b = in(from, 43);
	m = as_text(&f);
	if (chance(50))
		CALL(&o, matches_inbound_session_from, o.on[k], b->at[k], b->length, m->at[k], m->length);
	else
		CALL(&o, matches_inbound_session, o.on[k], m->at[k], m->length);
	agree();
	if (plain && !stranger && r[PEER] != 1)
		mismatch("whether a message matches its own session");
	struct session_state s = {.n_receiving = 1};
	memcpy(s.receiving[0].theirs, ratchet, 32);
	if (plain && whole) {
		if (!send(&o, &s))
			goto end;
		same_state(&o);
	}
	begin();
	CALL2(&account, &o, remove_one_time_keys, account.on[k], o.on[k]);
	agree();
	same_state(&account);
end:
	done(&o);
	done(&account);
}

/* The other side: keys that are offered for a session. */
static void outbound_case(void)
{
	struct object account = make(KIND_account), o = make(KIND_session);
	struct buffer *i, *e, *b;
	struct forge f = {.length = 0};
	uint8_t key[2][32];
	char t[2][44];
	int low = 0;

	begin();
	b = in_drawn(64);
	CALL(&account, create_account, account.on[k], b->at[k], b->length);
	agree();
	draw_bytes(key, sizeof key);
	put_low_order(&f);
	if (chance(30))
		memcpy(key[below(2)], f.bytes, 32), low = 1;
	for (int n = 0; n < 2; n++)
		text_of_key(key[n], t[n]);
	if (chance(10) && !low)
		t[below(2)][below(43)] = (char)draw();
	begin();
	i = in(t[0], chance(97) ? 43 : below(45));
	e = in(t[1], chance(97) ? 43 : below(45));
	b = in_drawn(near(64));
	CALL2(&o, &account, create_outbound_session, o.on[k], account.on[k], i->at[k], i->length, e->at[k], e->length, b->at[k], b->length);
	if (low && r[PEER] != ERROR)
		refused(LOW_ORDER_ARGUMENT, BAD(INVALID_BASE64));
	else
		agree();
	if (r[OURS] != ERROR) {
		struct session_state s = {.n_sending = 1};
		send(&o, &s);
		same_state(&o);
	} else if (!is_empty(&o, OURS))
		mismatch("a session that was not created");
	done(&o);
	done(&account);
}

/* --- Signatures ----------------------------------------------------------------------------------------------------- */

/* The order of the group, least byte first. */
static const uint8_t order[32] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
};

/* add_order makes of a signature another one that fits, too, if nobody asks whether S is below the order. */
static void add_order(uint8_t signature[64])
{
	unsigned carry = 0;

	for (int i = 0; i < 32; i++) {
		carry += signature[32 + i] + order[i];
		signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
}

/* Who signs: the peer's key pair from a seed. */
struct signer {
	struct object o;
	uint8_t public[32];
};

static struct signer signer(void)
{
	struct signer s = {.o = make(KIND_pk_signing)};
	struct buffer *seed_bytes, *b;

	begin();
	seed_bytes = in_drawn(32);
	b = out(43);
	CALL(&s.o, pk_signing_key_from_seed, s.o.on[k], b->at[k], 43, seed_bytes->at[k], 32);
	agree();
	forge_unbase64((char *)b->at[PEER], 43, s.public);
	return s;
}

static void sign(struct signer *s, const void *message, size_t n, uint8_t signature[66])
{
	struct buffer *m, *b;

	begin();
	m = in(message, n);
	b = out(86);
	CALL(&s->o, pk_sign, s->o.on[k], m->at[k], n, b->at[k], 86);
	agree();
	forge_unbase64((char *)b->at[PEER], 86, signature);
}

/* trick makes of a right signature one that the peer may take and ours never. It returns whether it did. */
static int trick(uint8_t public[32], uint8_t signature[64])
{
	switch (below(3)) {
	case 0:
		add_order(signature);
		return 1;
	case 1: /* the neutral element signs everything, with S = 0 and itself as R */
		memset(public, 0, 32);
		public[0] = 1;
		memset(signature, 0, 64);
		signature[0] = 1;
		return 1;
	default: /* the same in an encoding that is not canonical: y is p + 1 */
		memset(public, 0xff, 32);
		public[0] = 0xee;
		public[31] = 0x7f;
		memset(signature, 0, 64);
		signature[0] = 1;
		return 1;
	}
}

static void signature_case(void)
{
	struct signer s = signer();
	struct object u = make(KIND_utility);
	uint8_t message[100], signature[67], public[32];
	size_t n = below(100), shown = chance(90) ? 64 : chance(50) ? below(66) : 66;
	char key[44], t[90];
	struct buffer *a, *m, *b;
	int loose = chance(40);

	draw_bytes(message, sizeof message);
	sign(&s, message, n, signature);
	memcpy(public, s.public, 32);
	if (loose)
		trick(public, signature);
	else if (chance(30))
		signature[below(64)] ^= 1 << below(8);
	else if (chance(10))
		draw_bytes(public, 32);
	text_of_key(public, key);
	begin();
	m = in_drawn(below(300));
	b = out(near(43));
	b->written = 43;
	CALL(&u, sha256, u.on[k], m->at[k], m->length, b->at[k], b->length);
	agree();
	begin();
	a = in(key, chance(98) ? 43 : below(44));
	m = in(message, chance(95) ? n : below(n + 1));
	b = in(t, forge_base64(signature, shown, t));
	CALL(&u, ed25519_verify, u.on[k], a->at[k], a->length, m->at[k], m->length, b->at[k], b->length);
	if (loose && r[PEER] != ERROR)
		refused(LOOSE_SIGNATURE, BAD(BAD_MESSAGE_MAC));
	else
		agree();
	done(&u);
	done(&s.o);
}

/* --- Megolm ----------------------------------------------------------------------------------------------------------- */

struct megolm {
	uint8_t part[4][32];
	uint32_t index;
};

static void rehash(struct megolm *m, int from, int to)
{
	uint8_t input = (uint8_t)to;

	forge_hmac(m->part[from], 32, &input, 1, m->part[to]);
}

static void advance_to(struct megolm *m, uint32_t to)
{
	for (int j = 0; j < 4; j++) {
		int shift = 24 - 8 * j;
		uint32_t mask = 0xffffffffu << shift, steps = ((to >> shift) - (m->index >> shift)) & 0xff;
		if (steps == 0) {
			if (to >= m->index)
				continue;
			steps = 256;
		}
		for (; steps > 1; steps--)
			rehash(m, j, j);
		for (int i = 3; i >= j; i--)
			rehash(m, j, i);
		m->index = to & mask;
	}
}

static void put_megolm(struct forge *f, const struct megolm *m)
{
	put(f, m->part, 128);
	put_u32(f, m->index);
}

/* from_here draws an index that is reached from another one: near, far, past the end, or not at all. */
static uint32_t from_here(uint32_t index)
{
	switch (below(8)) {
	case 0:
		return index + (uint32_t)below(2000);
	case 1:
		return index + 0x7fffffff;
	case 2:
		return index + 0x80000000;
	case 3:
		return index - 1 - (uint32_t)below(20);
	case 4:
		return (uint32_t)draw();
	case 5:
		return index + (uint32_t)(draw() >> below(32));
	default:
		return index + (uint32_t)below(20);
	}
}

static void group_message(struct forged *m, struct signer *s, const struct megolm *ratchet, int loose)
{
	struct forge c;
	uint8_t signature[67];
	struct part parts[2];

	ciphertext(m, &c, ratchet->part, 128, "MEGOLM_KEYS");
	parts[0] = (struct part){0x08, NULL, 0, ratchet->index};
	parts[1] = (struct part){0x12, c.bytes, c.length, 0};
	m->f.length = 0;
	assemble(&m->f, parts, 2, &m->whole);
	put_mac(&m->f, 0, m->mac_key);
	if (chance(10)) {
		m->f.bytes[m->f.length - 1 - below(8)] ^= 1 << below(8);
		m->whole = 0;
		if (m->rule == NOT_BLOCKS)
			m->rule = N_RULES; /* nobody decrypts it */
	}
	sign(s, m->f.bytes, m->f.length, signature);
	if (loose)
		add_order(signature);
	put(&m->f, signature, 64);
	if (chance(3))
		m->f.bytes[m->f.length - 1 - below(64)] ^= 1 << below(8), m->whole = 0;
}

/* group_receive decrypts on both sides. It returns whether they still have the same state. */
static int group_receive(struct object *o, struct forged *m, int loose)
{
	struct buffer *b, *p, *i;
	size_t room;
	uint32_t before = 0xdeadbeef;
	int no_index = chance(5);

	begin();
	b = as_text(&m->f);
	CALL(o, group_decrypt_max_plaintext_length, o->on[k], b->at[k], b->length);
	agree();
	room = r[PEER] == ERROR ? below(100) : near(r[PEER]);
	begin();
	b = as_text(&m->f);
	p = out(room);
	i = in(&before, 4);
	if (m->rule == NOT_BLOCKS) {
		int want;
		CALL_OURS(o, group_decrypt, o->on[k], b->at[k], b->length, p->at[k], p->length, no_index ? NULL : (uint32_t *)i->at[k]);
		want = code[0][OURS];
		if (m->whole && room >= m->ciphertext && want != BAD(UNKNOWN_MESSAGE_INDEX))
			want = loose ? BAD(BAD_SIGNATURE) : BAD(BAD_MESSAGE_MAC);
		refused_alone(NOT_BLOCKS, want);
		return 0;
	}
	p->written = m->ciphertext;
	CALL(o, group_decrypt, o->on[k], b->at[k], b->length, p->at[k], p->length, no_index ? NULL : (uint32_t *)i->at[k]);
	if (loose && (r[PEER] != ERROR || code[0][PEER] != code[0][OURS])) {
		refused(LOOSE_SIGNATURE, BAD(BAD_SIGNATURE));
		return 0;
	}
	if (r[PEER] != ERROR && (m->rule == PADDING || !padded(p->at[PEER], r[PEER])))
		return !refused(PADDING, BAD(BAD_MESSAGE_MAC));
	agree();
	accepted[1] += r[OURS] != ERROR;
	if (r[PEER] == ERROR && code[0][PEER] == BAD(BAD_MESSAGE_MAC)) {
		/* Only the pickles tell whether the peer's ratchet has moved. */
		struct buffer *x;
		begin();
		x = out(416);
		CALL(o, pickle_inbound_group_session, o->on[k], "k", 1, x->at[k], 416);
		if (memcmp(x->at[PEER], x->at[OURS], 416) != 0) {
			by_rule[MOVED]++;
			return 0;
		}
		agree();
	}
	return 1;
}

static void put_shared(struct forge *f, int version, const struct megolm *m, const uint8_t public[32])
{
	f->length = 0;
	put_byte(f, version);
	put_u32(f, m->index);
	put(f, m->part, 128);
	put(f, public, 32);
}

static void inbound_group_case(void)
{
	struct forge f;
	struct forged m;
	struct signer s = signer();
	struct object o = make(KIND_inbound_group_session);
	struct megolm initial, latest, at;
	struct sealed p;
	uint8_t signature[67];
	struct buffer *b;
	int alike = 1, loose = chance(8);

	draw_bytes(initial.part, 128);
	initial.index = index_drawn();
	latest = initial;
	switch (below(3)) {
	case 0: { /* a pickle, perhaps of the old version */
		uint32_t version = (uint32_t)ONE_OF(2, 2, 2, 2, 1, 1, 0, 3);
		if (chance(50))
			advance_to(&latest, from_here(latest.index));
		f.length = 0;
		put_u32(&f, version);
		put_megolm(&f, &initial);
		put_megolm(&f, &latest);
		put(&f, s.public, 32);
		if (version != 1)
			put_byte(&f, flag());
		if (chance(10))
			damage(&f);
		p = seal(&f);
		alike = unpickle(&o, &p, N_RULES);
		break;
	}
	case 1: /* a session key */
		put_shared(&f, chance(95) ? 2 : (int)below(256), &initial, s.public);
		sign(&s, f.bytes, f.length, signature);
		if (loose) {
			trick(f.bytes + 133, signature);
			memcpy(s.public, f.bytes + 133, 32);
		} else if (chance(5))
			signature[below(64)] ^= 1 << below(8);
		put(&f, signature, chance(97) ? 64 : below(66));
		begin();
		b = as_text(&f);
		CALL(&o, init_inbound_group_session, o.on[k], b->at[k], b->length);
		if (loose && r[PEER] != ERROR) {
			refused(LOOSE_SIGNATURE, BAD(BAD_SIGNATURE));
		} else
			agree();
		alike = r[OURS] != ERROR;
		if (!alike && !is_empty(&o, OURS))
			mismatch("a session of a refused key");
		if (!alike && code[0][OURS] == BAD(BAD_SIGNATURE) && !is_empty(&o, PEER))
			by_rule[TAKEN_OVER]++;
		break;
	case 2:
		put_shared(&f, chance(95) ? 1 : (int)below(256), &initial, s.public);
		if (chance(3))
			f.length = below(200);
		begin();
		b = as_text(&f);
		CALL(&o, import_inbound_group_session, o.on[k], b->at[k], b->length);
		agree();
		alike = r[OURS] != ERROR;
		break;
	}
	if (!alike) {
		done(&s.o);
		done(&o);
		return;
	}
	same_state(&o);
	for (int i = (int)below(10); i > 0 && alike; i--) {
		begin();
		CALL(&o, inbound_group_session_first_known_index, o.on[k]);
		agree();
		begin();
		CALL(&o, inbound_group_session_is_verified, o.on[k]);
		agree();
		begin();
		b = out(near(43));
		b->written = 43;
		CALL(&o, inbound_group_session_id, o.on[k], b->at[k], b->length);
		agree();
		if (chance(30)) {
			uint32_t index = from_here(initial.index);
			begin();
			b = out(near(220));
			b->written = 220;
			CALL(&o, export_inbound_group_session, o.on[k], b->at[k], b->length, index);
			agree();
		} else {
			at = chance(70) ? initial : latest;
			advance_to(&at, from_here(at.index));
			loose = chance(5);
			group_message(&m, &s, &at, loose);
			alike = group_receive(&o, &m, loose);
		}
		if (alike && chance(60))
			same_state(&o);
	}
	if (alike && chance(30)) { /* into the object that is there: a group session is replaced as a whole */
		f.length = 0;
		put_u32(&f, 2);
		put_megolm(&f, &latest);
		put_megolm(&f, &initial);
		put(&f, s.public, 32);
		put_byte(&f, flag());
		begin();
		p = seal(&f);
		if (p.rule == N_RULES) {
			struct buffer *key = in(p.key, p.key_length);
			b = in(p.text, p.length);
			CALL(&o, unpickle_inbound_group_session, o.on[k], key->at[k], key->length, b->at[k], b->length);
			agree();
			same_state(&o);
		}
		free(p.text);
	}
	done(&s.o);
	done(&o);
}

static void outbound_group_case(void)
{
	struct forge f;
	struct object o = make(KIND_outbound_group_session);
	struct megolm m;
	struct sealed p;
	struct buffer *b, *t;
	int alike = 1;

	if (chance(20)) {
		begin();
		b = in_drawn(near(160));
		CALL(&o, init_outbound_group_session, o.on[k], b->at[k], b->length);
		agree();
		alike = r[OURS] != ERROR; /* else it signs with a scalar of zeros */
	} else {
		draw_bytes(m.part, 128);
		m.index = index_drawn();
		f.length = 0;
		put_u32(&f, (uint32_t)ONE_OF(1, 1, 1, 1, 1, 1, 1, 0, 2));
		put_megolm(&f, &m);
		put_signing_pair(&f);
		if (chance(10))
			damage(&f);
		if (f.length >= 232 && !is_clamped(f.bytes + 136)) {
			by_rule[UNCLAMPED]++;
			done(&o);
			return;
		}
		p = seal(&f);
		alike = unpickle(&o, &p, N_RULES);
	}
	for (int i = (int)below(6); i > 0 && alike; i--) {
		size_t n = below(100), need;
		uint32_t index;
		begin();
		CALL(&o, outbound_group_session_message_index, o.on[k]);
		agree();
		index = (uint32_t)r[PEER];
		begin();
		b = out(near(43));
		b->written = 43;
		CALL(&o, outbound_group_session_id, o.on[k], b->at[k], b->length);
		agree();
		begin();
		b = out(near(306));
		b->written = 306;
		CALL(&o, outbound_group_session_key, o.on[k], b->at[k], b->length);
		agree();
		begin();
		CALL(&o, group_encrypt_message_length, o.on[k], n);
		agree();
		need = r[PEER];
		t = in_drawn(n);
		b = out(near(need));
		b->written = need;
		CALL(&o, group_encrypt, o.on[k], t->at[k], n, b->at[k], b->length);
		if (index == 0xffffffff && r[PEER] != ERROR)
			alike = !refused(LAST_SENT, BAD(BAD_MESSAGE_MAC));
		else
			agree();
	}
	if (alike)
		same_state(&o);
	done(&o);
}

/* --- PK and SAS ------------------------------------------------------------------------------------------------------- */

/* The secret of a private and a public key, by the peer's SAS, whose bytes for no info are the keys of PK. */
static void pk_keys(const uint8_t private[32], const char public[43], uint8_t keys[80])
{
	void *memory;
	char t[43];
	uint8_t random[32];

	k = PEER;
	memory = F(sas)(malloc(F(sas_size)()));
	memcpy(random, private, 32);
	memcpy(t, public, 43);
	F(create_sas)(memory, random, 32);
	F(sas_set_their_key)(memory, t, 43);
	F(sas_generate_bytes)(memory, "", 0, keys, 80);
	free(memory);
}

static void pk_case(void)
{
	struct object e = make(KIND_pk_encryption), d = make(KIND_pk_decryption);
	struct buffer *b, *private, *t, *c, *mac, *ephemeral, *random, *p;
	struct forge f = {.length = 0}, pickle_;
	struct sealed s;
	uint8_t own[32], other[32], keys[80], tag[32];
	char key[44], from[44], mac_text[12];
	size_t n = below(200), whole, length;
	int low = chance(8), padding = 0;

	/* the key pair: from a private key, or from a pickle whose public key may be another's */
	draw_bytes(own, 32);
	begin();
	private = in(own, near(32));
	b = out(near(43));
	b->written = 43;
	if (chance(50))
		CALL(&d, pk_key_from_private, d.on[k], b->at[k], b->length, private->at[k], private->length);
	else
		CALL(&d, pk_generate_key, d.on[k], b->at[k], b->length, private->at[k], private->length);
	agree();
	if (chance(30) || r[PEER] == ERROR) {
		struct object again = make(KIND_pk_decryption);
		pickle_.length = 0;
		put_u32(&pickle_, (uint32_t)ONE_OF(1, 1, 1, 1, 1, 0, 2));
		put_drawn(&pickle_, 32);
		put(&pickle_, own, 32);
		if (chance(10))
			damage(&pickle_);
		int sound = pickle_.length == 68; /* perhaps with other bytes: then all fails alike */
		s = seal(&pickle_);
		int alike = unpickle(&again, &s, N_RULES);
		if (!alike || !sound) {
			done(&again);
			goto end;
		}
		done(&d);
		d = again;
	}
	same_state(&d);
	begin();
	b = out(near(32));
	b->written = 32;
	CALL(&d, pk_get_private_key, d.on[k], b->at[k], b->length);
	agree();
	if (r[PEER] != ERROR)
		memcpy(own, b->at[PEER], 32);
	begin();
	p = out(43);
	private = in(own, 32);
	CALL(&d, pk_key_from_private, d.on[k], p->at[k], 43, private->at[k], 32);
	agree();
	memcpy(key, p->at[PEER], 43);

	/* to that key, or to one that has no secrets */
	if (low) {
		put_low_order(&f);
		text_of_key(f.bytes, key);
	}
	begin();
	t = in(key, near(43));
	CALL(&e, pk_encryption_set_recipient_key, e.on[k], t->at[k], t->length);
	agree();
	if (r[PEER] == ERROR)
		goto end;
	begin();
	CALL(&e, pk_ciphertext_length, e.on[k], n);
	agree();
	whole = r[PEER];
	t = in_drawn(n);
	c = out(near(whole));
	mac = out(near(11));
	ephemeral = out(near(43));
	random = in_drawn(near(32));
	c->written = whole;
	mac->written = 11;
	ephemeral->written = 43;
	if (mac->length >= 8 && mac->length < 11) {
		CALL_OURS(&e, pk_encrypt, e.on[k], t->at[k], n, c->at[k], c->length, mac->at[k], mac->length, ephemeral->at[k], ephemeral->length,
			random->at[k], random->length);
		refused_alone(MAC_ROOM, BAD(OUTPUT_BUFFER_TOO_SMALL));
		goto end;
	}
	CALL(&e, pk_encrypt, e.on[k], t->at[k], n, c->at[k], c->length, mac->at[k], mac->length, ephemeral->at[k], ephemeral->length,
		random->at[k], random->length);
	if (low && r[PEER] != ERROR)
		refused(LOW_ORDER_ARGUMENT, BAD(INVALID_BASE64));
	else
		agree();

	/* What was never encrypted by a library: any padding, under a MAC that covers nothing. */
	if (chance(20)) {
		low = 1;
		f.length = 0;
		put_low_order(&f);
		memcpy(other, f.bytes, 32);
		memset(tag, 0, 32);
		forge_hkdf(tag, 32, "", keys, 80);
	} else {
		low = 0;
		draw_bytes(other, 32);
	}
	text_of_key(other, from);
	if (!low)
		pk_keys(own, from, keys);
	f.length = 0;
	put_drawn(&f, below(100));
	put_padding(&f, 0);
	if (chance(30)) {
		f.bytes[f.length - 1] = (uint8_t)draw();
		padding = 1;
	}
	uint8_t pad = f.bytes[f.length - 1];
	if (padding && pad >= 1 && pad <= 16) {
		padding = 0;
		for (size_t i = 1; i <= pad; i++)
			padding |= f.bytes[f.length - i] != pad;
	}
	forge_cbc(keys, keys + 64, f.bytes, f.length);
	forge_hmac(keys + 32, 32, NULL, 0, tag);
	if (chance(5))
		tag[below(8)] ^= 1 << below(8);
	if (chance(8))
		f.length -= chance(30) ? f.length : 1 + below(15);
	forge_base64(tag, 8, mac_text);
	begin();
	t = in(from, chance(97) ? 43 : below(45));
	mac = in(mac_text, chance(97) ? 11 : below(12));
	c = as_text(&f);
	CALL(&d, pk_max_plaintext_length, d.on[k], c->length);
	if (r[PEER] != r[OURS])
		mismatch("the longest plaintext");
	length = r[PEER];
	p = out(near(length));
	if (f.length == 0 || f.length % 16) {
		CALL_OURS(&d, pk_decrypt, d.on[k], t->at[k], t->length, mac->at[k], mac->length, c->at[k], c->length, p->at[k], p->length);
		refused_alone(NOT_BLOCKS, p->length < length ? BAD(OUTPUT_BUFFER_TOO_SMALL)
			: t->length != 43 || mac->length != 11 ? BAD(INVALID_BASE64) : BAD(BAD_MESSAGE_MAC));
		goto end;
	}
	p->written = length;
	CALL(&d, pk_decrypt, d.on[k], t->at[k], t->length, mac->at[k], mac->length, c->at[k], c->length, p->at[k], p->length);
	if (low && r[PEER] != ERROR)
		refused(LOW_ORDER_RATCHET, BAD(BAD_MESSAGE_MAC));
	else if (padding && r[PEER] != ERROR)
		refused(PADDING, BAD(BAD_MESSAGE_MAC));
	else
		agree();
end:
	done(&e);
	done(&d);
}

static void sas_case(void)
{
	struct object o = make(KIND_sas);
	struct buffer *b, *info, *m;
	struct forge f = {.length = 0};
	int alike = 1, created;

	begin();
	b = in_drawn(chance(95) ? 32 + below(3) : below(32));
	CALL(&o, create_sas, o.on[k], b->at[k], b->length);
	agree();
	created = r[OURS] != ERROR;
	for (int i = (int)below(8); i > 0 && alike; i--) {
		char t[64];
		size_t n;
		int low = 0;
		begin();
		switch (below(6)) {
		case 0:
			b = out(near(43));
			b->written = 43;
			CALL(&o, sas_get_pubkey, o.on[k], b->at[k], b->length);
			agree();
			break;
		case 1:
		case 2:
			f.length = 0;
			if (chance(15))
				put_low_order(&f), low = 1;
			else
				put_drawn(&f, 32);
			put_drawn(&f, 10);
			n = forge_base64(f.bytes, chance(80) ? 32 : 42, t);
			if (chance(10))
				t[43] = '=', n = 44;
			b = in(t, chance(95) ? n : below(n));
			low &= b->length >= 43;
			CALL(&o, sas_set_their_key, o.on[k], b->at[k], b->length);
			if (!created && r[PEER] != ERROR)
				alike = !refused(NEVER_SET_UP, BAD(BAD_ACCOUNT_KEY));
			else if (low && r[PEER] != ERROR)
				alike = !refused(LOW_ORDER_ARGUMENT, BAD(INVALID_BASE64));
			else
				agree();
			break;
		case 3:
			CALL(&o, sas_is_their_key_set, o.on[k]);
			agree();
			begin();
			info = in_drawn(below(60));
			b = out(chance(90) ? below(100) : chance(50) ? 8160 - below(3) : 8161 + below(100));
			CALL(&o, sas_generate_bytes, o.on[k], info->at[k], info->length, b->at[k], b->length);
			if (b->length > 8160 && r[PEER] != ERROR)
				alike = !refused(LONG_SAS, BAD(OUTPUT_BUFFER_TOO_SMALL));
			else
				agree();
			break;
		default:
			m = in_drawn(below(100));
			info = in_drawn(below(60));
			b = out(near(43));
			b->written = 43;
			switch (below(3)) {
			case 0:
				CALL(&o, sas_calculate_mac, o.on[k], m->at[k], m->length, info->at[k], info->length, b->at[k], b->length);
				break;
			case 1:
				CALL(&o, sas_calculate_mac_fixed_base64, o.on[k], m->at[k], m->length, info->at[k], info->length, b->at[k], b->length);
				break;
			case 2:
				CALL(&o, sas_calculate_mac_long_kdf, o.on[k], m->at[k], m->length, info->at[k], info->length, b->at[k], b->length);
				break;
			}
			agree();
		}
	}
	done(&o);
}

/* --- What is always the same ------------------------------------------------------------------------------------------ */

/* ASK calls a function that answers without a look at the object. */
#define ASK(name, ...) 	do { 		begin(); 		CALL(NULL, name, __VA_ARGS__); 		agree(); 	} while (0)

static void constants_case(void)
{
	const char *t[2];
	uint8_t v[2][3] = {{0}};
	size_t n = chance(80) ? below(5000) : ONE_OF(0, 1ull << 20, 1ull << 30, ~0ull, 1ull << 63);
	int number_ = chance(80) ? (int)below(40) : (int)draw();

	for (k = 0; k < 2; k++) {
		called[ID_error_to_string]++;
		t[k] = side[k].error_to_string((enum OlmErrorCode)number_);
		called[ID_get_library_version]++;
		side[k].get_library_version(&v[k][0], chance(50) ? &v[k][1] : NULL, &v[k][2]);
	}
	calls += 2;
	note("_olm_error_to_string", NULL, NULL);
	if (strcmp(t[PEER], t[OURS]) != 0)
		mismatch("the text");
	note("olm_get_library_version", NULL, NULL);
	if (v[PEER][0] != 3 || v[OURS][0] != 3)
		mismatch("the version");
	by_rule[VERSION] += v[PEER][2] != v[OURS][2];
	ASK(create_account_random_length, NULL);
	ASK(account_identity_keys_length, NULL);
	ASK(account_signature_length, NULL);
	ASK(account_max_number_of_one_time_keys, NULL);
	ASK(account_generate_one_time_keys_random_length, NULL, n);
	ASK(account_generate_fallback_key_random_length, NULL);
	ASK(create_outbound_session_random_length, NULL);
	ASK(session_id_length, NULL);
	ASK(sha256_length, NULL);
	ASK(pickle_inbound_group_session_length, NULL);
	ASK(inbound_group_session_id_length, NULL);
	ASK(export_inbound_group_session_length, NULL);
	ASK(pickle_outbound_group_session_length, NULL);
	ASK(init_outbound_group_session_random_length, NULL);
	ASK(outbound_group_session_id_length, NULL);
	ASK(outbound_group_session_key_length, NULL);
	ASK(pk_mac_length, NULL);
	ASK(pk_key_length);
	ASK(pk_encrypt_random_length, NULL);
	ASK(pk_private_key_length);
	ASK(pk_generate_key_random_length);
	ASK(pickle_pk_decryption_length, NULL);
	ASK(pk_max_plaintext_length, NULL, n & 0xffffffff);
	ASK(pk_signing_seed_length);
	ASK(pk_signing_public_key_length);
	ASK(pk_signature_length);
	ASK(create_sas_random_length, NULL);
	ASK(sas_pubkey_length, NULL);
	ASK(sas_mac_length, NULL);
	begin();
	CALL(NULL, pk_ciphertext_length, NULL, n);
	if (n > 1u << 30 && r[OURS] == ERROR)
		by_rule[HUGE]++;
	else
		agree();
}

/* What was constructed, and nothing else: it can be pickled, and looked at. */
static void empty_case(void)
{
	struct object a = make(KIND_account), s = make(KIND_session), i = make(KIND_inbound_group_session),
		g = make(KIND_outbound_group_session), d = make(KIND_pk_decryption);
	struct session_state none = {.n_sending = 0};
	struct buffer *b;
	uint32_t index = (uint32_t)draw();

	same_state(&a);
	same_state(&s);
	same_state(&i);
	same_state(&g);
	same_state(&d);
	begin();
	b = out(116);
	CALL(&a, account_identity_keys, a.on[k], b->at[k], 116);
	agree();
	begin();
	b = out(600);
	CALL_VOID(&s, session_describe, s.on[k], (char *)b->at[k], 600);
	agree();
	begin();
	CALL2(&a, &s, remove_one_time_keys, a.on[k], s.on[k]);
	agree();
	send(&s, &none);
	begin();
	b = out(220);
	CALL(&i, export_inbound_group_session, i.on[k], b->at[k], 220, index);
	if (r[PEER] != ERROR)
		refused(NEVER_SET_UP, BAD(UNKNOWN_MESSAGE_INDEX));
	else
		agree();
	begin();
	b = out(32);
	CALL(&d, pk_get_private_key, d.on[k], b->at[k], 32);
	refused(NEVER_SET_UP, BAD(BAD_ACCOUNT_KEY));
	done(&a);
	done(&s);
	done(&i);
	done(&g);
	done(&d);
}

/* An object that has failed before, and one that is in use. */
static void again_case(void)
{
	struct forge f;
	struct session_state state_;
	struct object s = make(KIND_session), d = make(KIND_pk_decryption);
	struct sealed p;
	struct buffer *key, *b;
	char bad[] = "AAAAA";

	begin();
	b = in(bad, 5);
	CALL(&s, unpickle_session, s.on[k], "", 0, b->at[k], 5);
	agree();
	do {
		put_session(&f, &state_);
	} while (number(f.bytes, 4, 0) != 1 || expected(KIND_session, f.bytes, f.length) != N_RULES);
	f.length = 4 + below(100); /* too short */
	p = seal(&f);
	if (p.rule == N_RULES) {
		begin();
		key = in(p.key, p.key_length);
		b = in(p.text, p.length);
		CALL(&s, unpickle_session, s.on[k], key->at[k], key->length, b->at[k], b->length);
		if (code[0][OURS] == BAD(BAD_ACCOUNT_KEY))
			agree();
		else
			refused(STALE_ERROR, BAD(CORRUPTED_PICKLE));
	}
	free(p.text);
	f.length = 0;
	put_u32(&f, 1);
	put_drawn(&f, 64);
	for (int i = 0; i < 2; i++) { /* a key pair in the place of another: it is the same on both sides */
		struct forge g = f;
		p = seal(&g);
		begin();
		if (p.rule == N_RULES) {
			key = in(p.key, p.key_length);
			b = in(p.text, p.length);
			CALL(&d, unpickle_pk_decryption, d.on[k], key->at[k], key->length, b->at[k], b->length, NULL, 0);
			agree();
			same_state(&d);
		}
		free(p.text);
		draw_bytes(f.bytes + 4, 64);
	}
	done(&s);
	/* A session in the place of another. */
	s = make(KIND_session);
	for (int i = 0; i < 2; i++) {
		do {
			put_session(&f, &state_);
		} while (number(f.bytes, 4, 0) != 1 || expected(KIND_session, f.bytes, f.length) != N_RULES || (i && !state_.n_receiving));
		p = seal(&f);
		begin();
		key = in(p.key, p.key_length);
		b = in(p.text, p.length);
		free(p.text);
		if (p.rule != N_RULES)
			break;
		CALL_OURS(&s, unpickle_session, s.on[k], key->at[k], key->length, b->at[k], b->length);
		if (code[0][OURS] == BAD(BAD_ACCOUNT_KEY))
			break;
		size_t whole = r[OURS] == b->length ? f.length : 0;
		begin();
		CALL_OURS(&s, pickle_session_length, s.on[k]);
		if (whole == 0 || r[OURS] == ERROR)
			mismatch("a session in the place of another");
		by_rule[USED_OBJECT]++;
	}
	done(&s);
	done(&d);
}

/* --- All together ------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	unsigned weight;
	void (*run)(void);
} cases[] = {
	{"accounts", 20, account_case},
	{"sessions", 40, session_case},
	{"pre-key messages", 20, prekey_case},
	{"outbound sessions", 5, outbound_case},
	{"signatures", 8, signature_case},
	{"inbound groups", 30, inbound_group_case},
	{"outbound groups", 8, outbound_group_case},
	{"PK", 15, pk_case},
	{"SAS", 10, sas_case},
	{"constants", 2, constants_case},
	{"empty objects", 2, empty_case},
	{"used objects", 5, again_case},
};
#define N_CASES (sizeof cases / sizeof *cases)

static void load(int i, const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
#define FUNCTION(name) \
	*(void **)&side[i].name = dlsym(handle, "olm_" #name); \
	if (!side[i].name || side[OURS].name == side[PEER].name) { \
		fprintf(stderr, "%s: olm_" #name " is missing, or the other library's\n", path); \
		exit(2); \
	}
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	*(void **)&side[i].error_to_string = dlsym(handle, "_olm_error_to_string");
	if (!side[i].error_to_string || side[OURS].error_to_string == side[PEER].error_to_string) {
		fprintf(stderr, "%s: _olm_error_to_string is missing, or the other library's\n", path);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	uint64_t most = 60000, by_case[N_CASES] = {0};
	unsigned total = 0;
	int status = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: differential_forged PEER.so OURS.so [SEED [CALLS [SPOIL]]]\n");
		return 2;
	}
	state = seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	if (argc > 4)
		most = strtoull(argv[4], NULL, 10);
	if (argc > 5)
		spoiled = strtoull(argv[5], NULL, 10);
	load(PEER, argv[1]);
	load(OURS, argv[2]);
	for (size_t i = 0; i < N_CASES; i++)
		total += cases[i].weight;
	while (calls < most) {
		size_t x = below(total), i = 0;
		uint64_t before = calls;
		while (x >= cases[i].weight)
			x -= cases[i++].weight;
		cases[i].run();
		by_case[i] += calls - before;
	}
	printf("differential_forged: seed %" PRIu64 ", %" PRIu64 " calls, %" PRIu64 " comparisons\n ", seed, calls, comparisons);
	for (size_t i = 0; i < N_CASES; i++)
		printf(" %s %" PRIu64 "%s", cases[i].name, by_case[i], i + 1 < N_CASES ? "," : "\n");
	printf("  forged messages that are accepted: %lu Olm, %lu Megolm\n", accepted[0], accepted[1]);
	for (int i = 0; i < N_RULES; i++)
		printf("  by rule: %7lu %s: %s\n", by_rule[i], rules[i].name, rules[i].reason);
	for (int i = 0; i < N_FUNCTIONS && most >= 50000; i++)
		if (!called[i]) {
			fprintf(stderr, "%s was never called\n", names[i]);
			status = 1;
		}
	if (accepted[0] < calls / 300 || accepted[1] < calls / 300) {
		fprintf(stderr, "hardly a message was accepted\n");
		status = 1;
	}
	return status;
}
