// Package sha2 implements SHA-256 and SHA-512 (FIPS 180-4) without allocation, and SHA-256 in a form
// that a computation can be resumed from: HMAC keeps the states after its two key blocks.
//
// Reviewers: there are three compression functions for SHA-256. TinyGo builds, and all others with the
// purego tag, have the compact one, in Go. Other builds use amd64's SHA extensions or, without them, the
// standard library, unless that hands its work to a C library; then they have the compact one too.
// Everything above Block256 is shared. Lengths are public; contents never reach a branch or an index.
package sha2

import (
	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/secret"
)

const blockLen = 64

// Implementation names what runs in this build on this processor: "sha-ni", "std" or "compact".
func Implementation() (sha256, sha512 string) {
	if cpu.SHA {
		return "sha-ni", withoutSHA
	}
	return withoutSHA, withoutSHA
}

// iv256 is the initial hash value of FIPS 180-4 section 5.3.3.
var iv256 = [8]uint32{
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
}

// IV256 sets h to SHA-256's initial value.
func IV256(h *[8]uint32) { *h = iv256 }

// Last256 absorbs the end of a message of n bytes, which is p, and the padding (FIPS 180-4 section
// 5.1.1). What came before p, a multiple of 64 bytes, is already in h.
func Last256(h *[8]uint32, p []byte, n uint64) {
	if whole := len(p) &^ (blockLen - 1); whole > 0 {
		Block256(h, p[:whole])
		p = p[whole:]
	}
	var last [2 * blockLen]byte
	secret.Copy(last[:], p)
	put64(last[len(p):], 0x80<<56)
	end := blockLen
	if len(p) >= blockLen-8 { // no room for the length
		end = 2 * blockLen
	}
	put64(last[end-8:], n<<3)
	Block256(h, last[:end])
	secret.Wipe(last[:])
}

// PutState256 writes h to out, big-endian: the hash, once the padding was absorbed.
func PutState256(out *[32]byte, h *[8]uint32) {
	// In words of 8 bytes, since the next compression is often about to load them: see _asm.
	for i := range 4 {
		put64(out[8*i:], uint64(h[2*i])<<32|uint64(h[2*i+1]))
	}
}

// Hash256 is a SHA-256 computation. The zero value must be Reset or Resumed first.
type Hash256 struct {
	h   [8]uint32
	buf [blockLen]byte // the last n%64 bytes
	n   uint64         // bytes so far
}

// Reset starts d anew.
func (d *Hash256) Reset() { d.Resume(&iv256, 0) }

// Resume makes d a computation that has absorbed n bytes, a multiple of 64, and has come to h.
func (d *Hash256) Resume(h *[8]uint32, n uint64) {
	d.h = *h
	d.n = n
}

// Write absorbs p.
func (d *Hash256) Write(p []byte) {
	at := int(d.n % blockLen)
	d.n += uint64(len(p))
	if at > 0 {
		n := secret.Copy(d.buf[at:], p)
		if at+n < blockLen {
			return
		}
		Block256(&d.h, d.buf[:])
		p = p[n:]
	}
	if whole := len(p) &^ (blockLen - 1); whole > 0 {
		Block256(&d.h, p[:whole])
		p = p[whole:]
	}
	secret.Copy(d.buf[:], p)
}

// Final sets h to the state after the padding, which PutState256 makes the hash, and wipes d.
func (d *Hash256) Final(h *[8]uint32) {
	*h = d.h
	Last256(h, d.buf[:d.n%blockLen], d.n)
	secret.WipeWords(d.h[:])
	secret.Wipe(d.buf[:])
	d.n = 0
}

// Sum writes the hash to out, and wipes d.
func (d *Hash256) Sum(out *[32]byte) {
	var h [8]uint32
	d.Final(&h)
	PutState256(out, &h)
	secret.WipeWords(h[:])
}

// Sum256 writes the SHA-256 of p to out.
func Sum256(out *[32]byte, p []byte) {
	h := iv256
	Last256(&h, p, uint64(len(p)))
	PutState256(out, &h)
	secret.WipeWords(h[:])
}

// put64 writes x to the first 8 bytes of b, big-endian. The compiler makes one store of it.
func put64(b []byte, x uint64) {
	_ = b[7]
	b[0], b[1], b[2], b[3] = byte(x>>56), byte(x>>48), byte(x>>40), byte(x>>32)
	b[4], b[5], b[6], b[7] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
}
