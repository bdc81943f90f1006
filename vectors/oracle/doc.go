// Package oracle is the one place of the project that needs C: the real libolm as a witness.
//
//   - libolm wraps it for Go;
//   - cmd/generate writes the vector files of vectors/testdata with it;
//   - the test here makes the files again and compares them bit for bit.
//
// It is a module of its own so that nothing of it reaches those who use karst. It needs gcc and
// libolm's headers (Debian: libolm-dev).
package oracle
