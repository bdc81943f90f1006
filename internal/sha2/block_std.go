//go:build !purego && !goexperiment.boringcrypto

package sha2

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding"

	"github.com/karst-im/karst/internal/secret"
)

// The standard library has fast compression functions for most machines, but they can be reached only
// through a hash. Its state can be set and read in its documented binary form: a magic number, the
// chaining value, a buffer and a length. Setting it once more, to zeros, wipes it. All of this stays on
// the stack: the compiler sees through the interfaces.

const withoutSHA = "std"

const (
	magicLen   = 4
	state256   = magicLen + 32 + blockLen + 8
	block512   = 128
	state512   = magicLen + 64 + block512 + 8
	stateError = "sha2: internal error: the standard library refuses its own state"
)

var (
	zero256 = [state256]byte{'s', 'h', 'a', 3}
	zero512 = [state512]byte{'s', 'h', 'a', 7}
)

// block256Std is Block256 by the standard library.
func block256Std(h *[8]uint32, p []byte) {
	state := zero256
	PutState256((*[32]byte)(state[magicLen:]), h)
	d := sha256.New()
	if d.(encoding.BinaryUnmarshaler).UnmarshalBinary(state[:]) != nil {
		panic(stateError)
	}
	d.Write(p)
	if _, err := d.(encoding.BinaryAppender).AppendBinary(state[:0]); err != nil {
		panic(stateError)
	}
	for i := range h[:] {
		b := state[magicLen+4*i:]
		h[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	secret.Wipe(state[:])
	_ = d.(encoding.BinaryUnmarshaler).UnmarshalBinary(zero256[:])
}

// Sum512 writes the SHA-512 of a ‖ b ‖ c to out.
func Sum512(out *[64]byte, a, b, c []byte) { sum512Std(out, a, b, c) }

// sum512Std is Sum512 by the standard library. It pads by itself and takes the hash from the state,
// because the Sum method works on a copy that nobody could wipe.
func sum512Std(out *[64]byte, a, b, c []byte) {
	d := sha512.New()
	d.Write(a)
	d.Write(b)
	d.Write(c)
	n := len(a) + len(b) + len(c)
	pad := [2 * block512]byte{0x80}
	end := block512 - n%block512
	if end < 1+16 { // no room for the length
		end += block512
	}
	put64(pad[end-8:], uint64(n)<<3)
	d.Write(pad[:end])
	var state [state512]byte
	if _, err := d.(encoding.BinaryAppender).AppendBinary(state[:0]); err != nil {
		panic(stateError)
	}
	copy(out[:], state[magicLen:])
	secret.Wipe(state[:])
	_ = d.(encoding.BinaryUnmarshaler).UnmarshalBinary(zero512[:])
}
