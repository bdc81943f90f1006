// Package kdf implements HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) for keys and outputs of
// fixed size, without allocation.
package kdf

// Reviewers: an HMAC under a key that is used once is four compressions: the two blocks of the key,
// and one each for a short message and the inner hash. The ratchets are nothing but such HMACs, so
// their blocks are laid out by hand, in words of 8 bytes: a processor forwards such a word to the
// compression that loads it next, but waits when it was written byte by byte. The two key blocks don't
// depend on each other, and a processor that can overlaps them.

import (
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
)

const (
	blockLen = 64
	hashLen  = 32
)

// What RFC 2104 section 2 adds to the key, eight bytes at a time.
const (
	ipad = 0x3636363636363636
	opad = 0x5c5c5c5c5c5c5c5c
)

// Midstate is an HMAC key: the two states of SHA-256 after the blocks key ⊕ ipad and key ⊕ opad.
type Midstate struct{ inner, outer [8]uint32 }

// SetKey makes m the given key, of any length. One longer than 64 bytes is hashed first.
func (m *Midstate) SetKey(key []byte) {
	var block [blockLen]byte
	if len(key) > blockLen {
		sha2.Sum256((*[hashLen]byte)(block[:]), key)
	} else {
		secret.Copy(block[:], key)
	}
	for i := 0; i < blockLen; i += 8 {
		put64(block[i:], get64(block[i:])^ipad)
	}
	m.setBlock(&block)
}

// setKey32 is SetKey for the length that all ratchet keys have.
func (m *Midstate) setKey32(key *[hashLen]byte) {
	var block [blockLen]byte
	for i := 0; i < hashLen; i += 8 {
		put64(block[i:], get64(key[i:])^ipad)
		put64(block[hashLen+i:], ipad)
	}
	m.setBlock(&block)
}

// setBlock makes m the key whose ⊕ with ipad is block, which it wipes.
func (m *Midstate) setBlock(block *[blockLen]byte) {
	sha2.IV256(&m.inner)
	sha2.Block256(&m.inner, block[:])
	for i := 0; i < blockLen; i += 8 {
		put64(block[i:], get64(block[i:])^(ipad^opad))
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
func (m *Midstate) HMAC(out *[hashLen]byte, message []byte) {
	h := m.inner
	sha2.Last256(&h, message, blockLen+uint64(len(message)))
	m.finish(&h)
	sha2.PutState256(out, &h)
	secret.WipeWords(h[:])
}

// finish replaces the inner hash in h by the MAC.
func (m *Midstate) finish(h *[8]uint32) {
	var block [blockLen]byte
	sha2.PutState256((*[hashLen]byte)(block[:]), h)
	*(*[hashLen]byte)(block[hashLen:]) = hashPad
	*h = m.outer
	sha2.Block256(h, block[:])
	secret.Wipe(block[:])
}

// hashPad pads one block of key and a hash: 96 bytes are 0x300 bits (FIPS 180-4 section 5.1.1).
var hashPad = [hashLen]byte{0: 0x80, 30: 0x03}

// HMAC writes HMAC(key, message) to out, which may be key.
func HMAC(out, key *[hashLen]byte, message []byte) {
	var m Midstate
	m.setKey32(key)
	m.HMAC(out, message)
	m.Wipe()
}

// HMACByte writes HMAC(key, b) to out, which may be key: one step of a ratchet.
func HMACByte(out, key *[hashLen]byte, b byte) {
	// What is constant comes first, so that it is in memory when it is needed.
	var block [blockLen]byte
	block[0], block[1] = b, 0x80
	putLen((*[hashLen]byte)(block[hashLen:]), 1)
	var m Midstate
	m.setKey32(key)
	sha2.Block256(&m.inner, block[:])
	m.finish(&m.inner)
	sha2.PutState256(out, &m.inner)
	m.Wipe()
}

// putLen ends the padding of a block, of which end is the second half and which holds n bytes that
// follow a block of key: the length in bits, big-endian (FIPS 180-4 section 5.1.1).
func putLen(end *[hashLen]byte, n int) {
	bits := (blockLen + n) * 8
	end[hashLen-2], end[hashLen-1] = byte(bits>>8), byte(bits)
}

// get64 returns the first 8 bytes of b, little-endian. The compiler makes one load of it.
func get64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// put64 writes x to the first 8 bytes of b, little-endian. The compiler makes one store of it.
func put64(b []byte, x uint64) {
	_ = b[7]
	b[0], b[1], b[2], b[3] = byte(x), byte(x>>8), byte(x>>16), byte(x>>24)
	b[4], b[5], b[6], b[7] = byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56)
}
