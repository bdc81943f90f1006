//go:build (arm64 || ppc64le || s390x) && !purego

package aes

import (
	"crypto/aes"
	"crypto/cipher"

	"golang.org/x/sys/cpu"
)

// hasAES is true where crypto/aes uses instructions. Were it wrong, crypto/aes would be correct, but no
// longer constant-time.
var hasAES = cpu.PPC64.IsPOWER8 || cpu.ARM64.HasAES || cpu.S390X.HasAES && cpu.S390X.HasAESCBC

const allocates = true

func implementation() string {
	if hasAES {
		return "std"
	}
	return "bitsliced"
}

func encrypt(dst, src []byte, key *[32]byte, iv *[16]byte) {
	if hasAES {
		encryptStd(dst, src, key, iv)
		return
	}
	encryptBitsliced(dst, src, key, iv)
}

func decrypt(dst, src []byte, key *[32]byte, iv *[16]byte) {
	if hasAES {
		decryptStd(dst, src, key, iv)
		return
	}
	decryptBitsliced(dst, src, key, iv)
}

func encryptStd(dst, src []byte, key *[32]byte, iv *[16]byte) {
	cipher.NewCBCEncrypter(newStd(key), iv[:]).CryptBlocks(dst, src)
}

func decryptStd(dst, src []byte, key *[32]byte, iv *[16]byte) {
	cipher.NewCBCDecrypter(newStd(key), iv[:]).CryptBlocks(dst, src)
}

func newStd(key *[32]byte) cipher.Block {
	b, err := aes.NewCipher(key[:])
	if err != nil {
		panic("aes: internal error: a key has 32 bytes")
	}
	return b
}
