// run LIBRARY: runs the self-test of a library and prints its hash.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
	if (argc != 2) return 2;
	void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
	uint32_t (*size)(void) = (uint32_t (*)(void))dlsym(library, "karst_selftest_size");
	uint32_t (*run)(void *, unsigned char *) = (uint32_t (*)(void *, unsigned char *))dlsym(library, "karst_selftest_run");
	if (!size || !run) { fprintf(stderr, "%s\n", dlerror()); return 1; }
	void *state = malloc(size());
	memset(state, 0, size());
	unsigned char out[32];
	uint32_t step = run(state, out);
	if (step) { fprintf(stderr, "step %u failed\n", (unsigned)step); return 1; }
	for (int i = 0; i < 32; i++) printf("%02x", out[i]);
	putchar('\n');
	free(state);
	return dlclose(library) != 0;
}
