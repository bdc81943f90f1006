/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * loading LIBRARY [TIMES]: opens and closes the library again and again, with calls in between, and looks at what a guest
 * must leave as it was: memory mappings, threads, open files, signal handlers, limits, the environment.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <olm/olm.h>

#include "check.h"

extern char **environ;

struct house {
	int mappings, threads, files, handlers;
	struct rlimit limits[RLIM_NLIMITS];
	struct sigaction actions[65];
	sigset_t blocked;
	char **environment;
};

static int lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	int c, n = 0;

	NEED(f != NULL);
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

static int entries_of(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	NEED(d != NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int threads_in_status(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	int n = -1;

	NEED(f != NULL);
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "Threads: %d", &n) == 1)
			break;
	fclose(f);
	return n;
}

static void look(struct house *h)
{
	int i;

	memset(h, 0, sizeof *h);
	h->mappings = lines_of("/proc/self/maps");
	h->threads = entries_of("/proc/self/task");
	h->files = entries_of("/proc/self/fd");
	for (i = 0; i < RLIM_NLIMITS; i++)
		getrlimit(i, &h->limits[i]);
	for (i = 1; i < 65; i++)
		if (sigaction(i, NULL, &h->actions[i]) == 0 && h->actions[i].sa_handler != SIG_DFL)
			h->handlers++;
	pthread_sigmask(SIG_SETMASK, NULL, &h->blocked);
	h->environment = environ;
}

static void compare(const struct house *before, const struct house *now, int openings)
{
	int i;

	EQ(now->threads, before->threads);
	EQ(now->files, before->files);
	EQ(now->handlers, before->handlers);
	/* One per opening would be a leak; a few are valgrind's, if it is at work. */
	if (openings)
		CHECK(now->mappings <= before->mappings + 5 + openings / 50);
	for (i = 0; i < RLIM_NLIMITS; i++) {
		EQ(now->limits[i].rlim_cur, before->limits[i].rlim_cur);
		EQ(now->limits[i].rlim_max, before->limits[i].rlim_max);
	}
	for (i = 1; i < 65; i++) {
		CHECK(now->actions[i].sa_handler == before->actions[i].sa_handler);
		EQ(now->actions[i].sa_flags, before->actions[i].sa_flags);
	}
	for (i = 1; i < 65; i++)
		EQ(sigismember(&now->blocked, i), sigismember(&before->blocked, i));
	CHECK(now->environment == before->environment);
}

/* Functions have to come out of the library that was opened just now. */
#define CALL(type, name) ((type)dlsym(library, name))

static void *opened(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		fprintf(stderr, "%s\n", dlerror());
	NEED(library != NULL);
	return library;
}

static void use(void *library, int i)
{
	uint8_t random[64];
	char json[116];
	void *memory;
	OlmAccount *account;

	memory = malloc(CALL(size_t (*)(void), "olm_account_size")());
	account = CALL(OlmAccount *(*)(void *), "olm_account")(memory);
	memset(random, i, sizeof random);
	EQ(CALL(size_t (*)(OlmAccount *, void *, size_t), "olm_create_account")(account, random, 64), 0);
	EQ(CALL(size_t (*)(OlmAccount *, void *, size_t), "olm_account_identity_keys")(account, json, 116), 116);
	CHECK(memcmp(json, "{\"curve25519\":\"", 15) == 0);
	free(memory);
}

static void *use_in_thread(void *library)
{
	use(library, 7);
	return NULL;
}

int main(int argc, char **argv)
{
	struct house before, loaded, after;
	int times = argc > 2 ? atoi(argv[2]) : 1000, alone, i;
	void *library;
	pthread_t thread;

	NEED(argc > 1 && times > 10);
	/* One thread; under an emulator its own come on top. */
	alone = threads_in_status();
	CHECK(alone >= 1);

	/* What the first opening costs once and for all (the loader's own tables) is not the library's. */
	for (i = 0; i < 5; i++) {
		look(&before);
		library = opened(argv[1]);
		use(library, i);
		look(&loaded);
		compare(&before, &loaded, 0);
		EQ(threads_in_status(), alone);
		dlclose(library);
	}
	look(&before);
	for (i = 0; i < times; i++) {
		library = opened(argv[1]);
		use(library, i);
		EQ(dlclose(library), 0);
	}
	look(&after);
	compare(&before, &after, times);
	EQ(threads_in_status(), alone);

	/* Closed by another thread than the one that called into it. */
	for (i = 0; i < 20; i++) {
		library = opened(argv[1]);
		NEED(pthread_create(&thread, NULL, use_in_thread, library) == 0);
		NEED(pthread_join(thread, NULL) == 0);
		EQ(dlclose(library), 0);
	}
	return finish("loading");
}
