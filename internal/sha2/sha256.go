// Package sha2 implements SHA-256 and SHA-512 (FIPS 180-4) without allocation, and in a form that a
// computation can be resumed from: HMAC keeps the states of its constant blocks.
package sha2

import "github.com/karst-im/karst/internal/secret"

const blockLen = 64

// iv256 is the initial hash value of FIPS 180-4 section 5.3.3.
var iv256 = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// IV256 sets h to SHA-256's initial value.
func IV256(h *[8]uint32) {
	for i := range h[:] {
		h[i] = iv256[i]
	}
}

// Hash256 is a SHA-256 computation. The zero value must be Reset or Resumed first.
type Hash256 struct {
	h   [8]uint32
	buf [blockLen]byte // the last n%64 bytes
	n   uint64         // bytes so far
}

// Reset starts d anew.
func (d *Hash256) Reset() {
	IV256(&d.h)
	d.n = 0
}

// Resume makes d a computation that has absorbed n bytes, a multiple of 64, and has come to h.
func (d *Hash256) Resume(h *[8]uint32, n uint64) {
	for i := range h[:] {
		d.h[i] = h[i]
	}
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
	if n := len(p) &^ (blockLen - 1); n > 0 {
		Block256(&d.h, p[:n])
		p = p[n:]
	}
	secret.Copy(d.buf[:], p)
}

// Sum writes the hash to out, and wipes d.
func (d *Hash256) Sum(out *[32]byte) {
	at := int(d.n % blockLen)
	d.buf[at] = 0x80
	clear(d.buf[at+1:])
	if at >= blockLen-8 {
		Block256(&d.h, d.buf[:])
		clear(d.buf[:])
	}
	bits := d.n << 3
	for i := range 8 {
		d.buf[blockLen-8+i] = byte(bits >> (56 - 8*i))
	}
	Block256(&d.h, d.buf[:])
	PutState256(out, &d.h)
	secret.Wipe(d.buf[:])
	secret.WipeWords(d.h[:])
	d.n = 0
}

// PutState256 writes h to out, big-endian: the hash, once the padding was absorbed.
func PutState256(out *[32]byte, h *[8]uint32) {
	for i, x := range h[:] {
		out[4*i], out[4*i+1], out[4*i+2], out[4*i+3] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
	}
}

// Sum256 writes the SHA-256 of p to out.
func Sum256(out *[32]byte, p []byte) {
	var d Hash256
	d.Reset()
	d.Write(p)
	d.Sum(out)
}
