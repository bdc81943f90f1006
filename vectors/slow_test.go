//go:build !amd64 || purego || race

package vectors_test

const slow = true
