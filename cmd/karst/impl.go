package main

import (
	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/cpu"
)

// implementations says which of its bodies each primitive runs, in this build and on this processor.
func implementations() [][2]string {
	sha256 := hashCode
	if cpu.SHA {
		sha256 = "sha-ni"
	}
	return [][2]string{{"AES", aes.Implementation()}, {"SHA-256", sha256}, {"SHA-512", hashCode}, {"curves", curveCode}}
}
