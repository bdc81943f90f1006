//go:build !purego

package main

const (
	hashCode  = "std"
	curveCode = "edwards25519"
)
