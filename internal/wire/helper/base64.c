/* Base64 in vector registers, for the C library: sixteen characters at a time, in what every processor that it is
 * built for has. No branch and no address depends on a byte. What the functions do is said where they are declared,
 * in base64_helper.go.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Sums of bytes wrap, so they are unsigned. Comparisons are signed, which is what processors have; no byte that is
 * compared is above 127. Where one holds every bit is set, otherwise none. */
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef int8_t signed_bytes __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(16)));

static bytes above(bytes v, int8_t bound) { return (bytes)((signed_bytes)v > bound); }
static bytes within(bytes v, int8_t first, int8_t last) { return above(v, first - 1) & ~above(v, last); }
static bytes is(bytes v, int8_t c) { return (bytes)((signed_bytes)v == c); }

static uint64_t load64(const uint8_t *p)
{
	uint64_t x;
	memcpy(&x, p, 8);
	return __builtin_bswap64(x);
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t x;
	memcpy(&x, p, 4);
	return __builtin_bswap32(x);
}

void karst_base64_encode(uint8_t *dst, const uint8_t *src, size_t blocks)
{
	for (; blocks > 0; blocks--, dst += 16, src += 12) {
		uint64_t a = load64(src);
		uint32_t b = load32(src + 8);
		/* three bytes a word, then six bits a byte, the first the lowest */
		words t = {(uint32_t)(a >> 40), (uint32_t)(a >> 16) & 0xffffff, (uint32_t)(a & 0xffff) << 8 | b >> 24, b & 0xffffff};
		bytes v = (bytes)((t >> 18 & 63) | (t >> 12 & 63) << 8 | (t >> 6 & 63) << 16 | (t & 63) << 24);
		/* the alphabet is five runs; each bound that a value passes corrects its distance to its character */
		v = v + 'A' + (above(v, 25) & 6) - (above(v, 51) & 75) - (above(v, 61) & 15) + (above(v, 62) & 3);
		memcpy(dst, &v, 16);
	}
}

void karst_base64_decode_lenient(uint8_t *dst, const uint8_t *src, size_t blocks)
{
	for (; blocks > 0; blocks--, dst += 12, src += 16) {
		bytes c;
		memcpy(&c, src, 16);
		c &= 0x7f;
		bytes upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z'), digit = within(c, '0', '9');
		bytes plus = is(c, '+'), slash = is(c, '/');
		bytes v = (upper & (c - 'A')) | (lower & (c - ('a' - 26))) | (digit & (c + (52 - '0'))) | (plus & 62) | (slash & 63) |
			~(upper | lower | digit | plus | slash);
		words x = (words)v, t = (x & 0xff) << 18 | (x >> 8 & 0xff) << 12 | (x >> 16 & 0xff) << 6 | x >> 24;
		t &= 0xffffff;
		uint64_t a = __builtin_bswap64((uint64_t)t[0] << 40 | (uint64_t)t[1] << 16 | t[2] >> 8);
		uint32_t b = __builtin_bswap32(t[2] << 24 | t[3]);
		memcpy(dst, &a, 8);
		memcpy(dst + 8, &b, 4);
	}
}
