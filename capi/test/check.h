/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Checks that count themselves. A failed check is printed and the program goes on, to end with status 1 in finish().
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long checks_passed;
static long checks_failed;

/* What is tested at the moment, printed with a failure: sweeps and shared functions set it. */
static __thread char check_context[160];

/* The line that called one of the shared functions, set by CALLED(). */
static __thread int check_caller;
#define CALLED(call) (check_caller = __LINE__, call, check_caller = 0)

static inline int check_one(int ok, const char *file, int line, const char *format, ...)
{
	va_list arguments;

	if (ok) {
		__atomic_add_fetch(&checks_passed, 1, __ATOMIC_RELAXED);
		return 1;
	}
	__atomic_add_fetch(&checks_failed, 1, __ATOMIC_RELAXED);
	fprintf(stderr, "%s:%d: ", file, line);
	if (check_context[0])
		fprintf(stderr, "[%s] ", check_context);
	if (check_caller)
		fprintf(stderr, "(called in line %d) ", check_caller);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return 0;
}

static inline int check_number(long long got, long long want, const char *file, int line, const char *what)
{
	return check_one(got == want, file, line, "%s is %lld, want %lld", what, got, want);
}

static inline int check_text(const void *got, size_t got_length, const char *want, const char *file, int line, const char *what)
{
	int ok = got_length == strlen(want) && memcmp(got, want, got_length) == 0;

	return check_one(ok, file, line, "%s is \"%.*s\", want \"%s\"", what,
		got_length > 4096 ? 0 : (int)got_length, (const char *)got, want);
}

#define CHECK(condition) check_one(!!(condition), __FILE__, __LINE__, "not true: %s", #condition)
#define EQ(got, want) check_number((long long)(got), (long long)(want), __FILE__, __LINE__, #got)
#define TEXT(got, length, want) check_text(got, length, want, __FILE__, __LINE__, #got)
#define STRING(got, want) check_text(got, strlen(got), want, __FILE__, __LINE__, #got)
#define SAME(a, b, length) check_one(memcmp(a, b, length) == 0, __FILE__, __LINE__, "%s differs from %s", #a, #b)
#define CONTEXT(...) snprintf(check_context, sizeof check_context, __VA_ARGS__)

/* For what the rest of a program cannot do without. */
#define NEED(condition) do { if (!CHECK(condition)) exit(1); } while (0)

/* Says how it went; a program that checked nothing has failed. */
static inline int finish(const char *program)
{
	if (checks_failed)
		printf("%s: %ld checks FAILED, %ld passed\n", program, checks_failed, checks_passed);
	else
		printf("%s: %ld checks passed\n", program, checks_passed);
	fflush(stdout);
	return checks_failed || !checks_passed;
}

#endif
