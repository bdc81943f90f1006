//go:build tinygo && tinygo.wasm

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

// What the modern JavaScript API needs and libolm does not have. The C library exports libolm's functions alone.

//export karst_account_dropped_keys
func accountDroppedKeys(p unsafe.Pointer, n uint, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Account](p).DroppedKeys(n, view(out, outLen))
}

//export karst_pre_key_session_id
func preKeySessionId(utility unsafe.Pointer, message unsafe.Pointer, messageLen uint, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Utility](utility).PreKeySessionID(view(message, messageLen), view(out, outLen))
}
