/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The functions in C that the library's Go code calls, alone, so that sanitizers see them: base64 in vector registers, and
 * AES by the processor's instructions where it has them. Every buffer ends where its memory ends.
 */
#include "../../internal/aes/helper/aes.h"
#include "check.h"

void karst_base64_encode(uint8_t *dst, const uint8_t *src, size_t blocks);
void karst_base64_decode_lenient(uint8_t *dst, const uint8_t *src, size_t blocks);

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t state = 1;
static uint8_t next_byte(void)
{
	state = state * 1664525 + 1013904223;
	return (uint8_t)(state >> 24);
}

/* libolm's rule: of a character seven bits count, and one that is in no alphabet counts as 0xff, of which the sextets next
 * to it see the upper bits */
static uint32_t sextet(uint8_t c)
{
	const char *found = (c & 0x7f) ? strchr(alphabet, c & 0x7f) : NULL;

	return found ? (uint32_t)(found - alphabet) : 0xff;
}

static void decode_and_compare(const uint8_t *text, size_t blocks)
{
	uint8_t *src = malloc(16 * blocks), *dst = malloc(12 * blocks), *want = malloc(12 * blocks);

	NEED(src && dst && want);
	memcpy(src, text, 16 * blocks);
	for (size_t i = 0; i < 4 * blocks; i++) {
		uint32_t v = 0;

		for (int k = 0; k < 4; k++)
			v = v << 6 | sextet(src[4 * i + k]);
		want[3 * i] = (uint8_t)(v >> 16);
		want[3 * i + 1] = (uint8_t)(v >> 8);
		want[3 * i + 2] = (uint8_t)v;
	}
	karst_base64_decode_lenient(dst, src, blocks);
	SAME(dst, want, 12 * blocks);
	free(src), free(dst), free(want);
}

static void base64(void)
{
	uint8_t text[16 * 20];

	for (size_t blocks = 0; blocks <= 20; blocks++) {
		uint8_t *src = malloc(12 * blocks + 1), *dst = malloc(16 * blocks + 1), *want = malloc(16 * blocks + 1);

		NEED(src && dst && want);
		for (int round = 0; round < 200; round++) {
			for (size_t i = 0; i < 12 * blocks; i++)
				src[i] = next_byte();
			for (size_t i = 0; i < 4 * blocks; i++) {
				uint32_t v = (uint32_t)src[3 * i] << 16 | (uint32_t)src[3 * i + 1] << 8 | src[3 * i + 2];

				for (int k = 0; k < 4; k++)
					want[4 * i + k] = alphabet[v >> (18 - 6 * k) & 63];
			}
			karst_base64_encode(dst + 1, src, blocks); /* not aligned */
			SAME(dst + 1, want, 16 * blocks);
		}
		free(src), free(dst), free(want);
	}
	/* every byte in every lane, between random ones of the alphabet, and between random ones of any kind */
	for (int c = 0; c < 256; c++)
		for (int lane = 0; lane < 16; lane++)
			for (int kind = 0; kind < 2; kind++) {
				for (size_t i = 0; i < 16; i++)
					text[i] = kind ? next_byte() : (uint8_t)alphabet[next_byte() & 63];
				text[lane] = (uint8_t)c;
				decode_and_compare(text, 1);
			}
	for (size_t blocks = 1; blocks <= 20; blocks++) {
		for (size_t i = 0; i < 16 * blocks; i++)
			text[i] = next_byte();
		decode_and_compare(text, blocks);
	}
}

static void from_hex(uint8_t *out, const char *hex)
{
	for (unsigned v; sscanf(hex, "%2x", &v) == 1; hex += 2)
		*out++ = (uint8_t)v;
}

/* SP 800-38A, F.2.5 and F.2.6 */
static void aes(void)
{
	uint8_t key[32], iv[16], plain[64], want[64], out[64];

	if (!karst_aes_usable()) {
		printf("this processor has no AES instructions: the helper for AES was not tested\n");
		return;
	}
	EQ(karst_aes_usable(), 1);
	from_hex(key, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
	from_hex(iv, "000102030405060708090a0b0c0d0e0f");
	from_hex(plain, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
	from_hex(want, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
		"39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b");
	karst_aes_encrypt_cbc(out, plain, 4, key, iv);
	SAME(out, want, 64);
	karst_aes_decrypt_cbc(out, want, 4, key, iv);
	SAME(out, plain, 64);
	/* every number of blocks around the number of lanes, not aligned, in place */
	for (size_t blocks = 0; blocks <= 40; blocks++) {
		size_t n = 16 * blocks;
		uint8_t *a = malloc(n + 1), *b = malloc(n + 1), *c = malloc(n + 1);

		NEED(a && b && c);
		for (size_t i = 0; i < n; i++)
			a[1 + i] = next_byte();
		karst_aes_encrypt_cbc(b + 1, a + 1, blocks, key, iv);
		memcpy(c + 1, a + 1, n);
		karst_aes_encrypt_cbc(c + 1, c + 1, blocks, key, iv);
		SAME(b + 1, c + 1, n);
		for (size_t i = 0; i < blocks; i++) { /* one at a time */
			const uint8_t *before = i == 0 ? iv : b + 1 + 16 * (i - 1);

			karst_aes_decrypt_cbc(out, b + 1 + 16 * i, 1, key, before);
			SAME(out, a + 1 + 16 * i, 16);
		}
		karst_aes_decrypt_cbc(c + 1, c + 1, blocks, key, iv);
		SAME(c + 1, a + 1, n);
		free(a), free(b), free(c);
	}
}

int main(void)
{
	base64();
	aes();
	return finish("helpers");
}
