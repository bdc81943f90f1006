// Package testkit has what tests of several packages need. It imports nothing of the core, so that every test
// may import it.
package testkit
