//go:build tinygo

// Command wasm is olm.wasm: package export as a WebAssembly module. build.sh links it.
package main

import _ "github.com/karst-im/karst/internal/cabi/export"

func main() {}
