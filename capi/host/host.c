/* What TinyGo's runtime for Linux asks of a program, for a library that is none. Its main, which would ask the system
 * for random bytes and run package initialisers, is never called: build.sh checks that there are no initialisers, so
 * that nothing at all runs when the library is loaded. What main needs is here so that nobody else has to have it.
 */
#include <stddef.h>

void tinygo_register_fatal_signals(void) {}
int tinygo_futex_wake_all(void *p) { (void)p; return 0; }
ptrdiff_t getrandom(void *p, size_t n, unsigned flags) { (void)p, (void)n, (void)flags; return -1; }
