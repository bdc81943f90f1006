/* The functions of olm.wasm, as wasm2c translates them, with the arguments of libolm's. exports.h, which
 * constant_time.sh writes, has a macro for each. Everything that the module is given lies in its memory. */
#include "exports.h"
#include "karst.h"

#define OLM_NAME "olm.wasm"

typedef void OlmAccount, OlmSession, OlmOutboundGroupSession, OlmInboundGroupSession, OlmUtility, OlmSAS,
	OlmPkEncryption, OlmPkDecryption, OlmPkSigning;

static Z_karst_instance_t karst;
static u32 next; /* free memory */

static inline u32 address(const void *p)
{
	size_t at = (const u8 *)p - karst.w2c_memory.data;
	if (!p)
		return 0;
	if (at >= karst.w2c_memory.size) {
		puts("an argument is outside of the module's memory");
		exit(2);
	}
	return at;
}

static inline u32 number(size_t n)
{
	return n;
}

#define ARGUMENT(x) \
	_Generic((x), void *: address, const void *: address, char *: address, const char *: address, \
		 unsigned char *: address, const unsigned char *: address, uint32_t *: address, default: number)(x)
#define POINTER(offset) ((void *)(karst.w2c_memory.data + (offset)))

static void *room(size_t n)
{
	u32 at = next;
	if (!karst.w2c_memory.data) {
		wasm_rt_init();
		Z_karst_init_module();
		Z_karst_instantiate(&karst);
		Z_karstZ__initialize(&karst);
		next = at = karst.w2c_memory.size;
		if (wasm_rt_grow_memory(&karst.w2c_memory, 64) == (u32)-1)
			exit(2);
	}
	next += (n + 15) & -16;
	if (next > karst.w2c_memory.size)
		exit(2);
	return POINTER(at);
}
