//go:build purego

package main

const (
	hashCode  = "compact"
	curveCode = "compact"
)
