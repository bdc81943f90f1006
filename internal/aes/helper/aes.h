/* AES-256-CBC by the processor's instructions, for the C library (FIPS 197; SP 800-38A section 6.2).
 *
 * There is one file for each kind of processor. dst and src are whole blocks and the same memory, or do
 * not overlap. No branch and no address depends on a key or on data; round keys are wiped.
 */
#ifndef KARST_AES_H
#define KARST_AES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* whether this processor has the instructions: 1 or 0. It is asked once, by the first call that needs to know, so that
 * nothing runs when the library is loaded. Threads that ask at once hear the same. */
uint32_t karst_aes_usable(void);

/* remember returns 1 if detect does and 0 otherwise, and calls it only if known is 0, as it is at first */
static inline uint32_t remember(uint8_t *known, int (*detect)(void))
{
	uint8_t is = __atomic_load_n(known, __ATOMIC_RELAXED);
	if (is == 0) {
		is = detect() ? 2 : 1;
		__atomic_store_n(known, is, __ATOMIC_RELAXED);
	}
	return is - 1u;
}

void karst_aes_encrypt_cbc(uint8_t *dst, const uint8_t *src, size_t blocks, const uint8_t *key, const uint8_t *iv);
void karst_aes_decrypt_cbc(uint8_t *dst, const uint8_t *src, size_t blocks, const uint8_t *key, const uint8_t *iv);

#define ROUNDS 14

/* wipe overwrites memory that the compiler knows is not read again */
static inline void wipe(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

#endif
