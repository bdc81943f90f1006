//go:build !purego

package aes

import "github.com/karst-im/karst/internal/cpu"

const allocates = false

func implementation() string {
	if cpu.AES {
		return "aes-ni"
	}
	return "bitsliced"
}

func encrypt(dst, src []byte, key *[32]byte, iv *[16]byte) {
	if cpu.AES {
		encryptCBC(&dst[0], &src[0], len(src)/16, key, iv)
		return
	}
	encryptBitsliced(dst, src, key, iv)
}

func decrypt(dst, src []byte, key *[32]byte, iv *[16]byte) {
	if cpu.AES {
		decryptCBC(&dst[0], &src[0], len(src)/16, key, iv)
		return
	}
	decryptBitsliced(dst, src, key, iv)
}
