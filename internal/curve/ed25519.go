package curve

import "github.com/karst-im/karst/internal/secret"

// ExpandSeed sets sk to the expanded key of seed as libolm stores it: SHA-512(seed), the first half pruned
// to the secret scalar (RFC 8032 section 5.1.5), the second half the prefix of section 5.1.6.
func ExpandSeed(sk *[64]byte, seed *[32]byte) {
	var h [64]byte // sk may overlap seed
	sum512(&h, seed[:], nil, nil)
	clamp((*[32]byte)(h[:32]))
	secret.Copy(sk[:], h[:])
	secret.Wipe(h[:])
	wipeStack()
}

// PublicFromExpanded sets pub to the Ed25519 public key of the expanded key sk. The scalar is clamped
// here, as in Sign.
func PublicFromExpanded(pub *[32]byte, sk *[64]byte) {
	var a sc
	scClamped(&a, (*[32]byte)(sk[:32]))
	baseMult(pub, &a)
	a.wipe()
	wipeStack()
}

// Sign sets sig to the Ed25519 signature of message, RFC 8032 section 5.1.6 from the expanded key on.
//
// The scalar half of sk comes from pickles and may be anything: it is clamped here, so that any 64 bytes
// make a key, and the unclamped ones that vodozemac writes mean what they mean there. pub is hashed as it
// is given and must be the key's own: a signature under the same sk and message with another pub would give
// sk away. Time depends on the length of message alone.
func Sign(sig *[64]byte, sk *[64]byte, pub *[32]byte, message []byte) {
	var a, r, k sc
	var h [64]byte
	var R, S [32]byte // sig may overlap any of the inputs

	sum512(&h, sk[32:], message, nil)
	scReduce(&r, &h)
	baseMult(&R, &r)

	sum512(&h, R[:], pub[:], message)
	scReduce(&k, &h)
	scClamped(&a, (*[32]byte)(sk[:32]))
	scMulAdd(&r, &k, &a, &r)
	scBytes(&S, &r)

	secret.Copy(sig[:32], R[:])
	secret.Copy(sig[32:], S[:])
	a.wipe()
	r.wipe()
	secret.Wipe(h[:])
	wipeStack()
}

// Verify reports whether sig is a signature of message under pub.
//
// Where RFC 8032 section 5.1.7 leaves a choice, this function is strict: S must be below L; pub and R must be
// canonical encodings of points that are not of small order; the equation is the one without the cofactor,
// R = SB - kA. The time depends on the inputs, which are public; of the message, which need not be, only the
// length and the hash matter.
func Verify(pub *[32]byte, message []byte, sig *[64]byte) bool {
	r, s := (*[32]byte)(sig[:32]), (*[32]byte)(sig[32:])
	if !belowLVarTime(s) || !belowPVarTime(pub) || !belowPVarTime(r) || smallOrderVarTime(pub) || smallOrderVarTime(r) {
		return false
	}
	var k sc
	var h [64]byte
	sum512(&h, r[:], pub[:], message)
	secret.PublicBytes(h[:]) // message is not: it may be a session key, which this tells nothing of
	scReduce(&k, &h)
	return equationVarTime(r, s, &k, pub)
}

// ValidPublic reports whether pub is the canonical encoding of a point on the curve that is not of small
// order. It takes variable time; pub is public.
func ValidPublic(pub *[32]byte) bool {
	return belowPVarTime(pub) && !smallOrderVarTime(pub) && onCurveVarTime(pub)
}

// order is L, the order of the base point, 2^252 + 27742317777372353535851937790883648493.
const order = "\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10"

func belowLVarTime(s *[32]byte) bool {
	for i := 31; i >= 0; i-- {
		if s[i] != order[i] {
			return s[i] < order[i]
		}
	}
	return false
}

// smallOrder has the y coordinates of the eight points whose order divides 8: 0 (order 4, two points),
// 1 (the neutral point), -1 (order 2), and the two of order 8, with two points each.
const smallOrder = "" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f" +
	"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05" +
	"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"

// smallOrderVarTime reports whether p, without its sign bit, is in the list. That covers every canonical
// encoding of a point of small order, and the two that RFC 8032 refuses for having a sign but no x.
func smallOrderVarTime(p *[32]byte) bool {
	for n := 0; n < len(smallOrder); n += 32 {
		i := 0
		for i < 31 && p[i] == smallOrder[n+i] {
			i++
		}
		if i == 31 && p[31]&0x7f == smallOrder[n+31] {
			return true
		}
	}
	return false
}
