/* The peer of a C library with libolm's interface in the comparison: see ../README.md for what a peer is asked.
 *
 *     cc -std=gnu11 -O2 -I../../../capi/include -o peer *.c -ldl && ./peer libolm.so.3 list
 */
#define _GNU_SOURCE
#include "peer.h"

#include <dlfcn.h>
#include <malloc.h>
#include <time.h>

struct library L;

void must(int ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	printf("error: %s, line %d: %s is wrong\n", file, line, what);
	fflush(stdout);
	exit(2);
}

static double total, started; /* nanoseconds */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
void begin(void) { started = now(); }
void end(void) { total += now() - started; }

static double run(struct operation *o, size_t n)
{
	total = 0;
	o->loop(o->prepared, n);
	return total;
}

/* sample returns the nanoseconds of one iteration. A sample is about 8 ms, after a warm-up of 2 ms. */
static double sample(struct operation *o)
{
	if (o->prepared == NULL)
		o->prepared = o->prepare(o->argument);
	for (size_t n = 1; o->iterations == 0; n *= 2) {
		double took = run(o, n);
		if (took > 1e6)
			o->iterations = 1 + (size_t)(8e6 / took * (double)n);
	}
	if (o->iterations >= 4)
		run(o, o->iterations / 4);
	return run(o, o->iterations) / (double)o->iterations;
}

static void serve(void)
{
	char name[100];
	while (fgets(name, sizeof name, stdin) != NULL) {
		size_t i;
		name[strcspn(name, "\n")] = '\0';
		for (i = 0; i < operation_count && strcmp(operations[i].name, name) != 0; i++)
			;
		if (i < operation_count)
			printf("%.2f\n", sample(&operations[i]));
		else
			printf("error: there is no operation %s\n", name);
		fflush(stdout);
	}
}

#define OBJECTS 100000

static void held(const char *name, void *(*make)(struct text), struct text pickle)
{
	void **objects = zeros(OBJECTS * sizeof *objects);
	size_t before = mallinfo2().uordblks;
	for (size_t i = 0; i < OBJECTS; i++)
		objects[i] = make(pickle);
	printf("%s %.1f\n", name, (double)(mallinfo2().uordblks - before) / OBJECTS);
	for (size_t i = 0; i < OBJECTS; i++)
		free(objects[i]);
	free(objects);
}

static void *make_session(struct text t) { return unpickle_session(t); }
static void *make_group(struct text t) { return unpickle_group(t); }

static void memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 30); /* all of it is in the heap that mallinfo2 counts */
	for (int skipped = 0; skipped <= 40; skipped += 40) {
		struct conversation c = converse();
		for (int i = 0; i < skipped; i++)
			free(encrypt(c.alice, 1).at);
		decrypt(c.bob, 1, encrypt(c.alice, 1), 1);
		held(skipped ? "MemorySession40" : "MemorySession", make_session, pickle_session(c.bob));
	}
	struct group g = gather();
	held("MemoryMegolm", make_group, pickle_group(g.in));
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: %s LIBRARY list|memory|version|serve\n", argv[0]);
		return 1;
	}
	void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
#define FIND(name) MUST((*(void **)&L.name = dlsym(library, "olm_" #name)) != NULL);
	FUNCTIONS(FIND)
	if (strcmp(argv[2], "list") == 0) {
		for (size_t i = 0; i < operation_count; i++)
			puts(operations[i].name);
	} else if (strcmp(argv[2], "memory") == 0) {
		memory();
	} else if (strcmp(argv[2], "version") == 0) {
		uint8_t major, minor, patch;
		L.get_library_version(&major, &minor, &patch);
		printf("libolm.so.3, version %u.%u.%u, from C\n", major, minor, patch);
	} else {
		serve();
	}
	return 0;
}
