package kdf

import (
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
)

// noSalt is the key of 32 zero bytes, which stands in for a salt that is not given (RFC 5869 section
// 2.2). Nearly every derivation of Matrix has none.
var noSalt = Midstate{
	inner: [8]uint32{
		0xf454dead, 0x9725214f, 0x90daf2a0, 0xdf1228ea, 0x64e5750f, 0xa3924181, 0x824a932b, 0xf8e04e32,
	},
	outer: [8]uint32{
		0xd385480f, 0x7abb6477, 0x37c9c538, 0x5dd82467, 0x8e043a72, 0x753434b0, 0xdeb82818, 0x361d45a6,
	},
}

// MaxHKDF is how many bytes one derivation yields at most (RFC 5869 section 2.3).
const MaxHKDF = 255 * hashLen

// HKDF fills out with key material derived from ikm and info. A nil salt is 32 zero bytes. out has at
// most MaxHKDF bytes and does not overlap info; it may overlap ikm and salt.
func HKDF(out []byte, salt *[hashLen]byte, ikm, info []byte) {
	if len(out) > MaxHKDF {
		panic("kdf: internal error")
	}
	var key Midstate
	if salt == nil {
		key.extract(&noSalt, ikm)
	} else {
		key.setKey32(salt)
		key.extract(&key, ikm)
	}
	if len(info) <= maxShortInfo {
		key.expandShort(out, info)
	} else {
		key.expand(out, info)
	}
	key.Wipe()
}

// extract makes m the pseudorandom key of HKDF-Extract: PRK = HMAC(salt, IKM) (RFC 5869 section 2.2).
func (m *Midstate) extract(salt *Midstate, ikm []byte) {
	var prk [hashLen]byte
	salt.HMAC(&prk, ikm)
	m.setKey32(&prk)
	secret.Wipe(prk[:])
}

// HKDF-Expand is T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i), where T(0) is empty (RFC 5869 section 2.3).

// expand is HKDF-Expand for any info.
func (m *Midstate) expand(out, info []byte) {
	var t [hashLen]byte
	var counter [1]byte
	for len(out) > 0 {
		var d sha2.Hash256
		d.Resume(&m.inner, blockLen)
		if counter[0] > 0 {
			d.Write(t[:])
		}
		counter[0]++
		d.Write(info)
		d.Write(counter[:])
		var h [8]uint32
		d.Final(&h)
		m.finish(&h)
		sha2.PutState256(&t, &h)
		secret.WipeWords(h[:])
		out = out[secret.Copy(out, t[:]):]
	}
	secret.Wipe(t[:])
}

// maxShortInfo is the length of the longest info for which T(i-1) ‖ info ‖ i is one block, with the
// shortest padding, as it is for everything that the ratchets derive.
const maxShortInfo = blockLen - hashLen - 1 - 9

// expandShort is HKDF-Expand for an info of at most maxShortInfo bytes.
func (m *Midstate) expandShort(out, info []byte) {
	var block [blockLen]byte
	start, end := (*[hashLen]byte)(block[:]), (*[hashLen]byte)(block[hashLen:])
	n := len(info)
	secret.Copy(start[:], info)
	start[n], start[n+1] = 1, 0x80
	tail := *start // how all blocks but the first end
	putLen(end, n+1)
	putLen(&tail, hashLen+n+1)
	for {
		tail[n]++ // long before it is needed, like all that is written by the byte
		h := m.inner
		sha2.Block256(&h, block[:])
		m.finish(&h)
		sha2.PutState256(start, &h)
		secret.WipeWords(h[:])
		if len(out) <= hashLen {
			break
		}
		out = out[secret.Copy(out, start[:]):]
		*end = tail
	}
	secret.Copy(out, start[:])
	secret.Wipe(block[:])
}
