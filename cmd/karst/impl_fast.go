//go:build !purego

package main

const (
	sha2Code  = "the standard library's"
	curveCode = "filippo.io/edwards25519"
)

func aesCode() string { return "TODO" }
