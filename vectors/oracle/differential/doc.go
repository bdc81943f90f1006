// Package differential runs libolm and karst side by side: the same random schedule of calls, on the
// same random bytes, over accounts, sessions and groups, with messages that are lost, late, doubled
// or changed, and objects that are pickled and come back. After every step everything that shows is
// compared.
//
// There are three implementations of each object. The first is libolm. The second is package cabi, which
// the C library and the WebAssembly module export: it must be equal in everything. The third is the Go
// API, which is stricter: what libolm refuses it refuses too, in a class that fits;
// what libolm takes it takes, unless the message was changed on its way; and while both keep the same
// keys for late messages (the Go API keeps more) it writes the same pickles.
package differential
