//go:build libolm

package main

// #include <olm/olm.h>
import "C"

import (
	"bytes"
	"fmt"

	"maunium.net/go/mautrix/crypto/libolm"
)

func register() { libolm.Register() }

// library asks the C library itself: mautrix knows one version.
func library() string {
	var major, minor, patch C.uint8_t
	C.olm_get_library_version(&major, &minor, &patch)
	return fmt.Sprintf("libolm %d.%d.%d through cgo", major, minor, patch)
}

// own returns a copy of text for a function that overwrites it: who wants to keep a text has to copy it.
func own(text []byte) []byte { return bytes.Clone(text) }
