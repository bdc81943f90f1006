/* The functions of olm.wasm, as wasm2c translates them, with the arguments of libolm's. exports.h, which
 * run.sh writes, has a macro for each. Everything that the module is given lies in its memory. */
#include "exports.h"
#include "karst.h"

#define OLM_NAME "olm.wasm"

/* One more than in the C library for an account: whether it has the first version is asked apart. */
#define REFUSED_account 7
#define REFUSED_session 6

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

/* The pickle that is being read, and the secrets in it. */
static size_t pickle_at, pickle_size, secrets;
static const struct field *secret_field;

/* only_fields makes public what is no secret in a pickle, where the module reads it from the place in which it has
 * decrypted the pickle. The key stays secret, and with it everything that is decrypted. (The C library's way is no use
 * here: AES takes four blocks at once, so that one secret byte makes all of them secret.) */
static void only_fields(char *pickle, void *key, const struct field *fields, size_t n)
{
	(void)key;
	pickle_at = address(pickle);
	pickle_size = strlen(pickle) * 6 / 8 - 8; /* without the MAC */
	secret_field = fields;
	secrets = n;
}

/* loaded is called for everything that the module reads from its memory. */
void loaded(u64 at, void *value, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t place = at + i - pickle_at, f = 0;
		while (f < secrets && (place < secret_field[f].from || place >= secret_field[f].to))
			f++;
		if (place < pickle_size && f == secrets)
			VALGRIND_MAKE_MEM_DEFINED((char *)value + i, 1);
	}
}
