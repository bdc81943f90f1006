/* AES-NI. */
#include "aes.h"

#include <cpuid.h>
#include <wmmintrin.h>

#define WITH_AES __attribute__((target("aes,sse2")))

static int has_aes(void)
{
	unsigned a, b, c, d;
	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AES) != 0;
}

uint32_t karst_aes_usable(void)
{
	static uint8_t known;
	return remember(&known, has_aes);
}

/* next_key is a step of the key expansion (FIPS 197 section 5.2): four words from the four words eight
 * before them, and from the word before them, which word holds in every lane, already substituted. */
WITH_AES static inline __m128i next_key(__m128i before, __m128i word)
{
	before = _mm_xor_si128(before, _mm_slli_si128(before, 4));
	before = _mm_xor_si128(before, _mm_slli_si128(before, 8));
	return _mm_xor_si128(before, word);
}

/* The round constant is an immediate operand, so this can't be a loop. */
#define EVEN(i, rcon) k[i] = next_key(k[i - 2], _mm_shuffle_epi32(_mm_aeskeygenassist_si128(k[i - 1], rcon), 0xff))
#define ODD(i) k[i] = next_key(k[i - 2], _mm_shuffle_epi32(_mm_aeskeygenassist_si128(k[i - 1], 0), 0xaa))

WITH_AES static void expand(__m128i k[ROUNDS + 1], const uint8_t *key)
{
	k[0] = _mm_loadu_si128((const __m128i *)key);
	k[1] = _mm_loadu_si128((const __m128i *)(key + 16));
	EVEN(2, 0x01);
	ODD(3);
	EVEN(4, 0x02);
	ODD(5);
	EVEN(6, 0x04);
	ODD(7);
	EVEN(8, 0x08);
	ODD(9);
	EVEN(10, 0x10);
	ODD(11);
	EVEN(12, 0x20);
	ODD(13);
	EVEN(14, 0x40);
}

WITH_AES void karst_aes_encrypt_cbc(uint8_t *dst, const uint8_t *src, size_t blocks, const uint8_t *key, const uint8_t *iv)
{
	__m128i k[ROUNDS + 1], x = _mm_loadu_si128((const __m128i *)iv);
	expand(k, key);
	for (; blocks > 0; blocks--, dst += 16, src += 16) {
		x = _mm_xor_si128(_mm_xor_si128(x, _mm_loadu_si128((const __m128i *)src)), k[0]);
		for (int r = 1; r < ROUNDS; r++)
			x = _mm_aesenc_si128(x, k[r]);
		x = _mm_aesenclast_si128(x, k[ROUNDS]);
		_mm_storeu_si128((__m128i *)dst, x);
	}
	wipe(k, sizeof k);
}

/* Decryption does not wait for the block before, so that several are under way. */
#define LANES 8

WITH_AES static inline void decrypt_blocks(uint8_t *dst, const uint8_t *src, size_t n, const __m128i k[ROUNDS + 1], __m128i *before)
{
	__m128i c[LANES], x[LANES];
	for (size_t i = 0; i < n; i++) {
		c[i] = _mm_loadu_si128((const __m128i *)src + i);
		x[i] = _mm_xor_si128(c[i], k[ROUNDS]);
	}
	for (int r = ROUNDS - 1; r > 0; r--)
		for (size_t i = 0; i < n; i++)
			x[i] = _mm_aesdec_si128(x[i], k[r]);
	for (size_t i = 0; i < n; i++) {
		x[i] = _mm_aesdeclast_si128(x[i], k[0]);
		_mm_storeu_si128((__m128i *)dst + i, _mm_xor_si128(x[i], *before));
		*before = c[i];
	}
	wipe(x, sizeof x);
}

WITH_AES void karst_aes_decrypt_cbc(uint8_t *dst, const uint8_t *src, size_t blocks, const uint8_t *key, const uint8_t *iv)
{
	__m128i k[ROUNDS + 1], before = _mm_loadu_si128((const __m128i *)iv);
	expand(k, key);
	for (int r = 1; r < ROUNDS; r++) /* the equivalent inverse cipher, FIPS 197 section 5.3.5 */
		k[r] = _mm_aesimc_si128(k[r]);
	for (; blocks >= LANES; blocks -= LANES, dst += 16 * LANES, src += 16 * LANES)
		decrypt_blocks(dst, src, LANES, k, &before);
	for (; blocks > 0; blocks--, dst += 16, src += 16)
		decrypt_blocks(dst, src, 1, k, &before);
	wipe(k, sizeof k);
}
