/* The AES instructions of Armv8. */
#include "aes.h"

#include <arm_neon.h>
#include <sys/auxv.h>

#define WITH_AES __attribute__((target("+crypto")))

#define HAS_AES (1UL << 3) /* in AT_HWCAP */

static int has_aes(void)
{
	return (getauxval(AT_HWCAP) & HAS_AES) != 0;
}

uint32_t karst_aes_usable(void)
{
	static uint8_t known;
	return remember(&known, has_aes);
}

/* substitute applies the S-box to each byte of a word. The instruction also shifts rows, which changes
 * nothing when all four columns are the same. */
WITH_AES static inline uint32_t substitute(uint32_t word)
{
	return vgetq_lane_u32(vreinterpretq_u32_u8(vaeseq_u8(vreinterpretq_u8_u32(vdupq_n_u32(word)), vdupq_n_u8(0))), 0);
}

WITH_AES static void expand(uint8x16_t k[ROUNDS + 1], const uint8_t *key)
{
	uint32_t w[4 * (ROUNDS + 1)]; /* FIPS 197 section 5.2, in little-endian words */
	memcpy(w, key, 32);
	for (int i = 8, rcon = 1; i < 4 * (ROUNDS + 1); i++) {
		uint32_t t = w[i - 1];
		if (i % 8 == 0) {
			t = substitute(t);
			t = (t >> 8 | t << 24) ^ (uint32_t)rcon;
			rcon <<= 1;
		} else if (i % 8 == 4) {
			t = substitute(t);
		}
		w[i] = w[i - 8] ^ t;
	}
	for (int r = 0; r <= ROUNDS; r++)
		k[r] = vreinterpretq_u8_u32(vld1q_u32(w + 4 * r));
	wipe(w, sizeof w);
}

WITH_AES void karst_aes_encrypt_cbc(uint8_t *dst, const uint8_t *src, size_t blocks, const uint8_t *key, const uint8_t *iv)
{
	uint8x16_t k[ROUNDS + 1], x = vld1q_u8(iv);
	expand(k, key);
	for (; blocks > 0; blocks--, dst += 16, src += 16) {
		x = veorq_u8(x, vld1q_u8(src));
		for (int r = 0; r < ROUNDS - 1; r++)
			x = vaesmcq_u8(vaeseq_u8(x, k[r]));
		x = veorq_u8(vaeseq_u8(x, k[ROUNDS - 1]), k[ROUNDS]);
		vst1q_u8(dst, x);
	}
	wipe(k, sizeof k);
}

/* Decryption does not wait for the block before, so that several are under way. */
#define LANES 4

WITH_AES static inline void decrypt_blocks(uint8_t *dst, const uint8_t *src, size_t n, const uint8x16_t k[ROUNDS + 1], uint8x16_t *before)
{
	uint8x16_t c[LANES], x[LANES];
	for (size_t i = 0; i < n; i++)
		x[i] = c[i] = vld1q_u8(src + 16 * i);
	for (int r = ROUNDS; r > 1; r--)
		for (size_t i = 0; i < n; i++)
			x[i] = vaesimcq_u8(vaesdq_u8(x[i], k[r]));
	for (size_t i = 0; i < n; i++) {
		x[i] = veorq_u8(vaesdq_u8(x[i], k[1]), k[0]);
		vst1q_u8(dst + 16 * i, veorq_u8(x[i], *before));
		*before = c[i];
	}
	wipe(x, sizeof x);
}

WITH_AES void karst_aes_decrypt_cbc(uint8_t *dst, const uint8_t *src, size_t blocks, const uint8_t *key, const uint8_t *iv)
{
	uint8x16_t k[ROUNDS + 1], before = vld1q_u8(iv);
	expand(k, key);
	for (int r = 1; r < ROUNDS; r++) /* the equivalent inverse cipher, FIPS 197 section 5.3.5 */
		k[r] = vaesimcq_u8(k[r]);
	for (; blocks >= LANES; blocks -= LANES, dst += 16 * LANES, src += 16 * LANES)
		decrypt_blocks(dst, src, LANES, k, &before);
	for (; blocks > 0; blocks--, dst += 16, src += 16)
		decrypt_blocks(dst, src, 1, k, &before);
	wipe(k, sizeof k);
}
