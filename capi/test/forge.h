/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Just enough cryptography to write pickles and messages that no library would write, with a right MAC: SHA-256, HMAC,
 * HKDF, AES-256-CBC, base64. Written to be short, not fast, and used in tests only.
 */
#ifndef FORGE_H
#define FORGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- SHA-256, HMAC, HKDF ---------------------------------------------------------------------------------------- */

static const uint32_t forge_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static inline uint32_t forge_ror(uint32_t x, int n) { return x >> n | x << (32 - n); }

static inline void forge_sha256_block(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64], s[8], t1, t2;
	int i;

	for (i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (forge_ror(w[i - 15], 7) ^ forge_ror(w[i - 15], 18) ^ w[i - 15] >> 3)
			+ (forge_ror(w[i - 2], 17) ^ forge_ror(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, h, sizeof s);
	for (i = 0; i < 64; i++) {
		t1 = s[7] + (forge_ror(s[4], 6) ^ forge_ror(s[4], 11) ^ forge_ror(s[4], 25))
			+ ((s[4] & s[5]) ^ (~s[4] & s[6])) + forge_k[i] + w[i];
		t2 = (forge_ror(s[0], 2) ^ forge_ror(s[0], 13) ^ forge_ror(s[0], 22))
			+ ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		h[i] += s[i];
}

static inline void forge_sha256(const void *data, size_t length, uint8_t out[32])
{
	uint32_t h[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
	};
	uint8_t last[128] = {0};
	size_t whole = length / 64 * 64, rest = length - whole, i, end;

	for (i = 0; i < whole; i += 64)
		forge_sha256_block(h, (const uint8_t *)data + i);
	if (rest)
		memcpy(last, (const uint8_t *)data + whole, rest);
	last[rest] = 0x80;
	end = rest < 56 ? 64 : 128;
	for (i = 0; i < 8; i++)
		last[end - 1 - i] = (uint8_t)((uint64_t)length * 8 >> 8 * i);
	for (i = 0; i < end; i += 64)
		forge_sha256_block(h, last + i);
	for (i = 0; i < 32; i++)
		out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static inline void forge_hmac(const void *key, size_t key_length, const void *data, size_t length, uint8_t out[32])
{
	uint8_t block[64] = {0}, outer[96], *inner = malloc(64 + length);
	size_t i;

	if (key_length > 64)
		forge_sha256(key, key_length, block);
	else if (key_length)
		memcpy(block, key, key_length);
	for (i = 0; i < 64; i++) {
		inner[i] = block[i] ^ 0x36;
		outer[i] = block[i] ^ 0x5c;
	}
	if (length)
		memcpy(inner + 64, data, length);
	forge_sha256(inner, 64 + length, outer + 64);
	forge_sha256(outer, 96, out);
	free(inner);
}

/* HKDF without a salt, at most 256 bytes. */
static inline void forge_hkdf(const void *secret, size_t secret_length, const char *info, uint8_t *out, size_t length)
{
	uint8_t zeros[32] = {0}, key[32], block[32], input[32 + 64 + 1];
	size_t info_length = strlen(info), have = 0, done, n;
	uint8_t counter = 0;

	forge_hmac(zeros, 32, secret, secret_length, key);
	for (done = 0; done < length; done += n) {
		memcpy(input, block, have);
		memcpy(input + have, info, info_length);
		input[have + info_length] = ++counter;
		forge_hmac(key, 32, input, have + info_length + 1, block);
		have = 32;
		n = length - done < 32 ? length - done : 32;
		memcpy(out + done, block, n);
	}
}

/* --- AES-256-CBC ------------------------------------------------------------------------------------------------ */

static inline uint8_t forge_xtime(uint8_t x) { return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b); }

/* The S-box from its definition: walk through the powers of 3 and, beside them, of its inverse. */
static inline const uint8_t *forge_sbox(void)
{
	static uint8_t table[256];
	uint8_t p = 1, q = 1, x;

	if (table[0])
		return table;
	do {
		p = (uint8_t)(p ^ forge_xtime(p));
		q ^= (uint8_t)(q << 1);
		q ^= (uint8_t)(q << 2);
		q ^= (uint8_t)(q << 4);
		if (q & 0x80)
			q ^= 0x09;
		x = (uint8_t)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4));
		table[p] = x ^ 0x63;
	} while (p != 1);
	table[0] = 0x63;
	return table;
}

static inline void forge_aes(const uint8_t key[32], uint8_t block[16])
{
	const uint8_t *sbox = forge_sbox();
	uint8_t round_keys[240], t[16], a, b, rcon = 1;
	int i, j, round;

	memcpy(round_keys, key, 32);
	for (i = 32; i < 240; i += 4) {
		memcpy(t, round_keys + i - 4, 4);
		if (i % 32 == 0) {
			a = t[0];
			t[0] = sbox[t[1]] ^ rcon;
			t[1] = sbox[t[2]];
			t[2] = sbox[t[3]];
			t[3] = sbox[a];
			rcon = forge_xtime(rcon);
		} else if (i % 32 == 16) {
			for (j = 0; j < 4; j++)
				t[j] = sbox[t[j]];
		}
		for (j = 0; j < 4; j++)
			round_keys[i + j] = round_keys[i + j - 32] ^ t[j];
	}
	for (i = 0; i < 16; i++)
		block[i] ^= round_keys[i];
	for (round = 1; round <= 14; round++) {
		for (i = 0; i < 16; i++)
			t[i] = sbox[block[(i + 4 * (i % 4)) % 16]];
		for (i = 0; i < 16 && round < 14; i += 4) {
			a = t[i] ^ t[i + 1] ^ t[i + 2] ^ t[i + 3];
			b = t[i];
			for (j = 0; j < 4; j++)
				t[i + j] ^= a ^ forge_xtime(t[i + j] ^ (j == 3 ? b : t[i + j + 1]));
		}
		for (i = 0; i < 16; i++)
			block[i] = t[i] ^ round_keys[16 * round + i];
	}
}

/* Encrypts whole blocks where they lie: the caller pads. */
static inline void forge_cbc(const uint8_t key[32], const uint8_t iv[16], uint8_t *data, size_t length)
{
	size_t i, j;

	for (i = 0; i < length; i += 16) {
		for (j = 0; j < 16; j++)
			data[i + j] ^= i ? data[i + j - 16] : iv[j];
		forge_aes(key, data + i);
	}
}

/* --- base64 ----------------------------------------------------------------------------------------------------- */

static inline size_t forge_base64(const uint8_t *in, size_t length, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int have = 0;
	size_t i, n = 0;

	for (i = 0; i < length; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6;)
			out[n++] = alphabet[bits >> (have -= 6) & 63];
	}
	if (have)
		out[n++] = alphabet[bits << (6 - have) & 63];
	return n;
}

/* Strict enough for what libraries write; returns the length. */
static inline size_t forge_unbase64(const char *in, size_t length, uint8_t *out)
{
	uint32_t bits = 0;
	int have = 0, v;
	size_t i, n = 0;
	char c;

	for (i = 0; i < length; i++) {
		c = in[i];
		v = c >= 'a' ? c - 'a' + 26 : c >= 'A' ? c - 'A' : c >= '0' ? c - '0' + 52 : c == '+' ? 62 : 63;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8)
			out[n++] = (uint8_t)(bits >> (have -= 8));
	}
	return n;
}

/* --- A buffer to write pickles and messages into ------------------------------------------------------------------ */

struct forge {
	uint8_t bytes[16384];
	size_t length;
};

static inline void put(struct forge *f, const void *data, size_t length)
{
	if (length)
		memcpy(f->bytes + f->length, data, length);
	f->length += length;
}

static inline void put_byte(struct forge *f, int value)
{
	f->bytes[f->length++] = (uint8_t)value;
}

/* n times the same byte. */
static inline void put_run(struct forge *f, int value, size_t n)
{
	memset(f->bytes + f->length, value, n);
	f->length += n;
}

static inline void put_u32(struct forge *f, uint32_t value)
{
	put_byte(f, (int)(value >> 24));
	put_byte(f, (int)(value >> 16));
	put_byte(f, (int)(value >> 8));
	put_byte(f, (int)value);
}

static inline void put_varint(struct forge *f, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_byte(f, (int)(value & 0x7f) | 0x80);
	put_byte(f, (int)value);
}

/* A protobuf field of bytes. */
static inline void put_field(struct forge *f, int tag, const void *data, size_t length)
{
	put_byte(f, tag);
	put_varint(f, length);
	put(f, data, length);
}

/* Pads f from offset `from` on as PKCS#7 does. */
static inline void put_padding(struct forge *f, size_t from)
{
	size_t n = 16 - (f->length - from) % 16;

	put_run(f, (int)n, n);
}

/*
 * Encrypts f from offset `from` on, which the caller has padded, with keys derived from secret, and returns the MAC key in
 * mac_key.
 */
static inline void forge_encrypt(struct forge *f, size_t from, const void *secret, size_t secret_length, const char *info,
	uint8_t mac_key[32])
{
	uint8_t keys[80];

	forge_hkdf(secret, secret_length, info, keys, sizeof keys);
	forge_cbc(keys, keys + 64, f->bytes + from, f->length - from);
	memcpy(mac_key, keys + 32, 32);
}

/* Appends the first 8 bytes of the MAC over f from offset `from` on. */
static inline void put_mac(struct forge *f, size_t from, const uint8_t mac_key[32])
{
	uint8_t mac[32];

	forge_hmac(mac_key, 32, f->bytes + from, f->length - from, mac);
	put(f, mac, 8);
}

/* f as base64 in fresh memory with a zero behind it; *length is the length without that. */
static inline char *forge_text(const struct forge *f, size_t *length)
{
	char *text = malloc(f->length * 4 / 3 + 8);

	*length = forge_base64(f->bytes, f->length, text);
	text[*length] = 0;
	return text;
}

/* A pickle of what is in f, which it changes. */
static inline char *forge_pickle(struct forge *f, const char *key, size_t *length)
{
	uint8_t mac_key[32];

	put_padding(f, 0);
	forge_encrypt(f, 0, key, strlen(key), "Pickle", mac_key);
	put_mac(f, 0, mac_key);
	return forge_text(f, length);
}

#endif
