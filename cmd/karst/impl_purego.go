//go:build purego

package main

const (
	sha2Code  = "portable Go"
	curveCode = "portable Go"
)

func aesCode() string { return "TODO" }
