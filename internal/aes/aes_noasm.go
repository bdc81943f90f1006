//go:build (purego && !helper) || !(purego || amd64 || arm64 || ppc64le || s390x)

package aes

const allocates = false

func implementation() string { return "bitsliced" }

func encrypt(dst, src []byte, key *[32]byte, iv *[16]byte) { encryptBitsliced(dst, src, key, iv) }

func decrypt(dst, src []byte, key *[32]byte, iv *[16]byte) { decryptBitsliced(dst, src, key, iv) }
