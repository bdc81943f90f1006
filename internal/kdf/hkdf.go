package kdf

import (
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
)

// noSalt is the key of 32 zero bytes, which stands in for a salt that is not given (RFC 5869 section
// 2.2). Nearly every derivation of Matrix has none.
var noSalt = Midstate{
	inner: [8]uint32{0xf454dead, 0x9725214f, 0x90daf2a0, 0xdf1228ea, 0x64e5750f, 0xa3924181, 0x824a932b, 0xf8e04e32},
	outer: [8]uint32{0xd385480f, 0x7abb6477, 0x37c9c538, 0x5dd82467, 0x8e043a72, 0x753434b0, 0xdeb82818, 0x361d45a6},
}

// MaxHKDF is how many bytes one derivation yields at most.
const MaxHKDF = 255 * 32

// HKDF fills out with key material derived from ikm and info. A nil salt is 32 zero bytes. out has at
// most MaxHKDF bytes.
func HKDF(out []byte, salt *[32]byte, ikm, info []byte) {
	if len(out) > MaxHKDF {
		panic("kdf: internal error: too much key material asked for")
	}
	var prk [32]byte
	if salt == nil {
		noSalt.HMAC(&prk, ikm)
	} else {
		HMAC(&prk, salt, ikm)
	}
	var key Midstate
	key.SetKey(prk[:])
	secret.Wipe(prk[:])
	expand(out, &key, info)
	key.Wipe()
}

// expand is HKDF-Expand: T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i).
func expand(out []byte, key *Midstate, info []byte) {
	var t [32]byte
	var counter [1]byte
	for len(out) > 0 {
		var d sha2.Hash256
		d.Resume(&key.inner, blockLen)
		if counter[0] > 0 {
			d.Write(t[:])
		}
		counter[0]++
		d.Write(info)
		d.Write(counter[:])
		d.Sum(&t)
		key.finish(&t)
		out = out[secret.Copy(out, t[:]):]
	}
	secret.Wipe(t[:])
}
