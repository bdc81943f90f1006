//go:build !purego

package sha2

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding"

	"github.com/karst-im/karst/internal/secret"
)

// The standard library's compression functions are the fastest on most machines, but can be reached
// only through a hash. Its state can be set and read in its documented binary form: a magic number,
// the chaining value, a buffer and a length. Setting it once more, to zeros, wipes it.

const (
	magic256 = "sha\x03"
	state256 = len(magic256) + 32 + blockLen + 8
	magic512 = "sha\x07"
	state512 = len(magic512) + 64 + 2*blockLen + 8
)

var (
	zero256 = append([]byte(magic256), make([]byte, state256-len(magic256))...)
	zero512 = append([]byte(magic512), make([]byte, state512-len(magic512))...)
)

// block256Std is Block256 by the standard library.
func block256Std(h *[8]uint32, p []byte) {
	var state [state256]byte
	copy(state[:], magic256)
	PutState256((*[32]byte)(state[len(magic256):]), h)
	d := sha256.New()
	if d.(encoding.BinaryUnmarshaler).UnmarshalBinary(state[:]) != nil {
		panic("sha2: internal error: state of SHA-256")
	}
	d.Write(p)
	if _, err := d.(encoding.BinaryAppender).AppendBinary(state[:0]); err != nil {
		panic("sha2: internal error: state of SHA-256")
	}
	for i := range h[:] {
		b := state[len(magic256)+4*i:]
		h[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	secret.Wipe(state[:])
	_ = d.(encoding.BinaryUnmarshaler).UnmarshalBinary(zero256)
}

// Sum512 writes the SHA-512 of a ‖ b ‖ c to out.
func Sum512(out *[64]byte, a, b, c []byte) {
	d := sha512.New()
	d.Write(a)
	d.Write(b)
	d.Write(c)
	d.Sum(out[:0])
	_ = d.(encoding.BinaryUnmarshaler).UnmarshalBinary(zero512)
}
