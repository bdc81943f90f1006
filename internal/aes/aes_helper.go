//go:build tinygo && helper

package aes

// The C library links a helper, helper/aes_*.c, which has AES-256-CBC in the processor's instructions:
// TinyGo compiles no assembly of Go's. These functions are declared in Go and not through cgo, which
// would bring package syscall, whose initialisation changes limits of the host process.

//export karst_aes_usable
func helperUsable() uint32

//export karst_aes_encrypt_cbc
func helperEncrypt(dst, src *byte, blocks uintptr, key *[32]byte, iv *[16]byte)

//export karst_aes_decrypt_cbc
func helperDecrypt(dst, src *byte, blocks uintptr, key *[32]byte, iv *[16]byte)

// usable reports whether the processor has the instructions. A variable would have to be set when the library is
// loaded, and nothing runs then.
func usable() bool { return helperUsable() != 0 }

const allocates = false

func implementation() string {
	if usable() {
		return "helper"
	}
	return "bitsliced"
}

func encrypt(dst, src []byte, key *[32]byte, iv *[16]byte) {
	if usable() {
		helperEncrypt(&dst[0], &src[0], uintptr(len(src)/16), key, iv)
		return
	}
	encryptBitsliced(dst, src, key, iv)
}

func decrypt(dst, src []byte, key *[32]byte, iv *[16]byte) {
	if usable() {
		helperDecrypt(&dst[0], &src[0], uintptr(len(src)/16), key, iv)
		return
	}
	decryptBitsliced(dst, src, key, iv)
}
