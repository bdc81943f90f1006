/* A program that does what it is told through its standard input and keeps nothing of it: it calls the functions
 * of libolm.so.3, with arguments that are read to where they belong. run.mjs searches its memory meanwhile.
 *
 *	A n            allocates n bytes; answers the address
 *	W address n    reads n bytes to the address
 *	R address n    answers n bytes
 *	C name n args  calls a function with up to twelve arguments; answers what it returns
 *
 * Numbers have eight bytes, little-endian; a name has sixty-four.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void get(void *to, size_t n)
{
	for (ssize_t got; n > 0; n -= got, to = (char *)to + got)
		if ((got = read(0, to, n)) <= 0)
			exit(got < 0);
}

static void put(const void *from, size_t n)
{
	for (ssize_t put; n > 0; n -= put, from = (const char *)from + put)
		if ((put = write(1, from, n)) < 0)
			exit(1);
}

int main(void)
{
	void *library = dlopen("libolm.so.3", RTLD_NOW);
	char op, name[64];
	uint64_t x[2], a[12], result;
	if (!library) {
		fputs(dlerror(), stderr);
		return 1;
	}
	for (;;) {
		get(&op, 1);
		switch (op) {
		case 'A':
			get(x, 8);
			result = (uintptr_t)calloc(1, x[0]);
			put(&result, 8);
			break;
		case 'W':
			get(x, 16);
			get((void *)(uintptr_t)x[0], x[1]);
			put(x, 8);
			break;
		case 'R':
			get(x, 16);
			put((void *)(uintptr_t)x[0], x[1]);
			break;
		case 'C': {
			uint64_t (*f)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
			get(name, sizeof name);
			get(a, sizeof a);
			*(void **)&f = dlsym(library, name);
			if (!f) {
				fprintf(stderr, "there is no %s\n", name);
				return 1;
			}
			result = f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
			put(&result, 8);
			break;
		}
		default:
			return 1;
		}
	}
}
