//go:build tinygo

// Command control needs a heap, so that the build with -gc=none must refuse to link it: it shows that
// the gate can close.
package main

var kept []byte

//export karst_control_allocate
func allocate(n uint32) { kept = make([]byte, n) }

// read keeps the allocation alive: LLVM removes one that nobody looks at.
//
//export karst_control_read
func read(i uint32) byte { return kept[i] }

func main() {}
