//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_utility_size
func utilitySize() uint { return cabi.Size[cabi.Utility]() }

//export olm_utility
func utility(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.Utility](memory) }

//export olm_clear_utility
func clearUtility(p unsafe.Pointer) uint { return cabi.Clear[cabi.Utility](p) }

//export olm_utility_last_error
func utilityLastError(p unsafe.Pointer) *byte { return name(cabi.At[cabi.Utility](p).LastErrorCode()) }

//export olm_utility_last_error_code
func utilityLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.Utility](p).LastErrorCode())
}

//export olm_sha256_length
func sha256Length(_ unsafe.Pointer) uint { return cabi.SHA256Len }

//export olm_sha256
func sha256(p unsafe.Pointer, input unsafe.Pointer, inputLen uint, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Utility](p).SHA256(view(input, inputLen), view(out, outLen))
}

//export olm_ed25519_verify
func ed25519Verify(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, message unsafe.Pointer, messageLen uint, signature unsafe.Pointer, signatureLen uint) uint {
	return cabi.At[cabi.Utility](p).Verify(view(key, keyLen), view(message, messageLen), view(signature, signatureLen))
}
