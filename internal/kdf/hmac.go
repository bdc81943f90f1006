// Package kdf implements HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) for keys and outputs of
// fixed size, without allocation.
package kdf

import (
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
)

// Reviewers: an HMAC under a key that is used once is four compressions: the key's two blocks, and
// one for each of message and inner hash. The ratchets are nothing but such HMACs, so those blocks
// are laid out here by hand; everything longer goes through a Midstate.

const blockLen = 64

// Midstate is an HMAC key: the two states of SHA-256 after the blocks key ⊕ ipad and key ⊕ opad.
type Midstate struct{ inner, outer [8]uint32 }

// SetKey makes m the given key, of any length.
func (m *Midstate) SetKey(key []byte) {
	var block [blockLen]byte
	if len(key) > blockLen {
		var hashed [32]byte
		sha2.Sum256(&hashed, key)
		secret.Copy(block[:], hashed[:])
		secret.Wipe(hashed[:])
	} else {
		secret.Copy(block[:], key)
	}
	for i := range block[:] {
		block[i] ^= 0x36
	}
	sha2.IV256(&m.inner)
	sha2.Block256(&m.inner, block[:])
	for i := range block[:] {
		block[i] ^= 0x36 ^ 0x5c
	}
	sha2.IV256(&m.outer)
	sha2.Block256(&m.outer, block[:])
	secret.Wipe(block[:])
}

// Wipe overwrites m with zeros.
func (m *Midstate) Wipe() {
	secret.WipeWords(m.inner[:])
	secret.WipeWords(m.outer[:])
}

// HMAC writes HMAC(m, message) to out.
func (m *Midstate) HMAC(out *[32]byte, message []byte) {
	var d sha2.Hash256
	d.Resume(&m.inner, blockLen)
	d.Write(message)
	d.Sum(out)
	m.finish(out)
}

// finish writes the outer hash of the inner hash in out to out.
func (m *Midstate) finish(out *[32]byte) {
	var block [blockLen]byte
	secret.Copy(block[:], out[:])
	pad(&block, 32)
	var h [8]uint32
	copyState(&h, &m.outer)
	sha2.Block256(&h, block[:])
	sha2.PutState256(out, &h)
	secret.Wipe(block[:])
	secret.WipeWords(h[:])
}

// pad completes a last block that holds n bytes of a message which began one block earlier.
func pad(block *[blockLen]byte, n int) {
	block[n] = 0x80
	bits := (blockLen + n) * 8
	block[blockLen-2], block[blockLen-1] = byte(bits>>8), byte(bits)
}

func copyState(dst, src *[8]uint32) {
	for i := range src[:] {
		dst[i] = src[i]
	}
}

// HMAC writes HMAC(key, message) to out.
func HMAC(out, key *[32]byte, message []byte) {
	var m Midstate
	m.SetKey(key[:])
	m.HMAC(out, message)
	m.Wipe()
}

// HMACByte writes HMAC(key, b) to out, which may be key: one step of a ratchet.
func HMACByte(out, key *[32]byte, b byte) {
	var m Midstate
	m.SetKey(key[:])
	var block [blockLen]byte
	block[0] = b
	pad(&block, 1)
	sha2.Block256(&m.inner, block[:])
	sha2.PutState256(out, &m.inner)
	m.finish(out)
	m.Wipe()
}
