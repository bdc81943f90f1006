// Package constant_time shows that no branch and no memory address of the Go packages depends on a secret:
// its tests run the whole protocol under valgrind's memcheck, to which every random byte and every key of a
// pickle or a backup is uninitialised memory. run.sh runs them, on four builds.
package constant_time
