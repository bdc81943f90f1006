//go:build tinygo

// Command capi is libolm.so.3: package export as a C library. build.sh links it.
package main

import _ "github.com/karst-im/karst/internal/cabi/export"

func main() {}
