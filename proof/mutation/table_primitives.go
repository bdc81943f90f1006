package main

import "slices"

// primitives are changes to the arithmetic, hashes and ciphers.
func primitives() []mutation {
	return slices.Concat(
		in("internal/curve/x25519.go", nil, changes{
			{"a shared secret of zeros is reported as good", "return 1 - secret.IsZero(out[:])", "return 1"},
			{"the low bits of a scalar are not cleared", "k[0] &= 248", "k[0] &= 255"},
			{"the top bit of a scalar is not set", "k[31] |= 64", "k[31] |= 0"},
			{"a Curve25519 key with the top bit set is canonical", "return u[31]&0x80 == 0 && belowPVarTime(u)", "return belowPVarTime(u)"},
			{"p itself counts as below p", "return u[0] < 0xed", "return u[0] <= 0xed"},
			{"the ladder swaps too late", "swap = bit\n", "swap = bit ^ bit&swap\n"},
		}),
		in("internal/curve/ed25519.go", nil, changes{
			{"a signature with S above L verifies", "!belowLVarTime(s) || ", ""},
			{"L itself counts as below L", "			return s[i] < order[i]\n		}\n	}\n	return false", "			return s[i] < order[i]\n		}\n	}\n	return true"},
			{"a public key above p verifies", "!belowPVarTime(pub) || ", ""},
			{"a public key of small order verifies", "smallOrderVarTime(pub) || smallOrderVarTime(r)", "smallOrderVarTime(r)"},
			{"an R of small order verifies", "smallOrderVarTime(pub) || smallOrderVarTime(r)", "smallOrderVarTime(pub)"},
			{"an R above p verifies", " || !belowPVarTime(r)", ""},
			{"the equation of a signature is not checked", "return equationVarTime(r, s, &k, pub)", "return equationVarTime(r, s, &k, pub) || true"},
			{"the hash of a signature is left out of the equation", "	scReduce(&k, &h)\n	return equation", "	return equation"},
			{"the nonce of a signature does not depend on the message", "sum512(&h, sk[32:], message, nil)", "sum512(&h, sk[32:], nil, nil)"},
			{"a signature does not bind the public key", "sum512(&h, R[:], pub[:], message)", "sum512(&h, R[:], nil, message)"},
			{"a point of order 8 is not known", `\x26\xe8\x95\x8f`, `\x27\xe8\x95\x8f`},
			{"a point off the curve is a valid key", "!smallOrderVarTime(pub) && onCurveVarTime(pub)", "!smallOrderVarTime(pub)"},
			{"an expanded seed is not clamped", "clamp((*[32]byte)(h[:32]))", ""},
		}),
		in("internal/curve/verify_straus.go", nil, changes{
			{"a public key need not be on the curve", "	if !pointSetBytesVarTime(&p, A) {\n		return false\n	}\n	if !negative", "	pointSetBytesVarTime(&p, A)\n	if !negative"},
			{"a sum with x = 0 counts as neutral", " && feEqualVarTime(&p.y, &p.z)", ""},
		}),
		in("internal/curve/verify_known.go", nil, changes{
			{"a key uses the table of another", "; t.key == *A {", "; t != nil {"},
			{"the second signature makes a table", "timesForPlace    = 3", "timesForPlace    = 2"},
			{"a table that is in use makes way", "last.Load() >= h.since", "last.Load() > now"},
			{"a key makes a table each time when there is no place", "timesForExchange = 8", "timesForExchange = 1"},
			{"a table that was used looks as if it was not", "t.last.Store(now)\n	}\n}", "t.last.Store(0)\n	}\n}"},
			{"half of R is compared for a key that signs again", "return got == *R", "return [16]byte(got[:]) == [16]byte(R[:])"},
			{"a table is of A and not of -A", "	pointNegate(&p)\n	t := ", "	t := "},
		}),
		in("internal/curve/verify.go", nil, changes{
			{"a bad signature counts", "	if !equationByHalvesVarTime(R, s, &kb, A) {\n		return false\n	}\n	known.hear(A)\n	return true\n", "	known.hear(A)\n	return equationByHalvesVarTime(R, s, &kb, A)\n"},
			{"a bad signature keeps a table in use", "		if !equationKnownVarTime(R, s, &kb, a) {\n			return false\n		}\n		known.used(a)\n		return true\n", "		known.used(a)\n		return equationKnownVarTime(R, s, &kb, a)\n"},
		}),
		in("internal/curve/verify_halve.go", byTests, changes{
			{"an equation is multiplied by an even number", "if w[1-x][0]&1 == 1 {", "if w[1-x][0]&3 == 4 {"},
			{"the sign of a factor is lost", "return x == 0", "return false"},
		}),
		in("internal/curve/fe64_amd64.go", nil, changes{
			{"what a sum carries twice is lost", "	v[0] = v0 + 38*c\n", "	v[0] = v0\n"},
			{"what a difference borrows twice is lost", "	v[0] = v0 - 38*c\n", "	v[0] = v0\n"},
			{"what a product carries is lost without ADX", "	feFold(v, r[0], r[1], r[2], r[3], 38*c)\n", "	feFold(v, r[0], r[1], r[2], r[3], 0)\n"},
			{"p is not reduced to zero", "Add64(v0, 19, 0)", "Add64(v0, 18, 0)"},
		}),
		in("internal/curve/curve_amd64.s", nil, changes{
			{"the neutral point has two coordinates of zero", "	NEGQ DX\n", "	XORQ DX, DX\n"},
			{"a multiple keeps its sign", "	CMOVQNE AX, R8\n", ""},
			{"n squarings are one", "	JNZ  again\n", ""},
		}),
		in("internal/curve/base_amd64.go", nil, changes{
			{"the places are a factor of 16 apart", "for i := range 5 {", "for i := range 4 {"},
		}),
		in("internal/curve/fe51_purego.go", byPurego, changes{
			{"a field element is not fully reduced", "v0 += 19 * q", ""},
			{"a carry is lost", "v[2] = v2&mask51 + v1>>51", "v[2] = v2 & mask51"},
		}),
		in("internal/curve/fe25_purego.go", by32Bits, changes{
			{"a carry is lost on 32 bits", "v[0] += carry * 19 // 2^255 = 19", ""},
		}),
		in("internal/sha2/sha256.go", nil, changes{
			{"no room for the length of a hash, off by one", "if len(p) >= blockLen-8 {", "if len(p) > blockLen-8 {"},
			{"a full buffer is not hashed at once", "if at+n < blockLen {", "if at+n <= blockLen {"},
			{"a resumed hash forgets how far it was", "d.n = n\n", "d.n = 0\n"},
		}),
		in("internal/sha2/compact512.go", nil, changes{
			{"no room for the length of a SHA-512 hash, off by one", "if at >= len(d.buf)-16 {", "if at > len(d.buf)-16 {"},
			{"the padding of a SHA-512 block keeps old bytes", "clear(d.buf[at+1:])", ""},
		}),
		in("internal/sha2/block_std.go", nil, changes{
			{"no room for the length, with the standard library", "if end < 1+16 {", "if end < 16 {"},
		}),
		in("internal/kdf/hmac.go", nil, changes{
			{"an HMAC key of one block is hashed", "if len(key) > blockLen {", "if len(key) >= blockLen {"},
			{"an HMAC counts its length without the key block", "sha2.Last256(&h, message, blockLen+uint64(len(message)))", "sha2.Last256(&h, message, uint64(len(message)))"},
			{"the outer key of HMAC is the inner one", "put64(block[i:], get64(block[i:])^(ipad^opad))", "put64(block[i:], get64(block[i:])^(ipad^ipad))"},
		}),
		in("internal/kdf/hkdf.go", nil, changes{
			{"a bit of the empty salt is wrong", "0x361d45a6", "0x361d45a7"},
			{"the salt of HKDF is ignored", "key.setKey32(salt)", "key.setKey32(new([hashLen]byte))"},
			{"the blocks of HKDF have one counter", "tail[n]++ ", "tail[n] = 2 "},
			{"the blocks of HKDF with a long info have one counter", "counter[0]++", "counter[0] = 1"},
			{"an info that is too long by one counts as short", "blockLen - hashLen - 1 - 9", "blockLen - hashLen - 1 - 8"},
			{"HKDF yields more than it may", "if len(out) > MaxHKDF {", "if len(out) > MaxHKDF+hashLen {"},
		}),
		in("internal/aes/aes.go", nil, changes{
			{"half a block is encrypted", "if len(src)%16 != 0 {", "if len(src)%8 != 0 {"},
			{"an output that is too short is written to", "if len(dst) < len(src) {", "if len(dst) < len(src)-16 {"},
		}),
		in("internal/aes/bitslice_cbc.go", nil, changes{
			{"the last block of a chain is taken from the wrong place", "c[0], c[1] = c[8], c[9]", "c[0], c[1] = c[6], c[7]"},
		}),
		in("internal/aessha2/aessha2.go", nil, changes{
			{"whole blocks get no padding", "return n - n%blockSize + blockSize", "return (n + blockSize - 1) / blockSize * blockSize"},
			{"a padding of 0 is taken", "bad := (pad - 1) >> 31", "bad := (pad | 1 - 1) >> 31"},
			{"a padding of more than a block is taken", "bad |= (blockSize - pad) >> 31", "bad |= (2*blockSize - pad) >> 31"},
			{"only the last byte of the padding is checked", "for i := uint32(1); i <= blockSize; i++ {", "for i := uint32(1); i <= 1; i++ {"},
			{"all but the first byte of the padding is checked", "for i := uint32(1); i <= blockSize; i++ {", "for i := uint32(1); i < blockSize; i++ {"},
			{"the last byte of a MAC is not compared", "secret.Equal(want[:TagLen], tag[:])", "secret.Equal(want[:TagLen-1], tag[:TagLen-1])"},
			{"the MAC key overlaps the AES key", "k.mac.SetKey(d[32:64])", "k.mac.SetKey(d[31:63])"},
			{"the IV is zero", "secret.Copy(k.iv[:], d[64:])", ""},
			{"a plaintext with bad padding is left in the output", "		secret.Wipe(dst)\n		return 0, false\n	}\n	return len(dst)", "		return 0, false\n	}\n	return len(dst)"},
			{"a ciphertext of no blocks is decrypted", "if len(ciphertext) == 0 || ", "if "},
		}),
		in("internal/secret/secret.go", nil, changes{
			{"the last byte is not compared", "for i, x := range a {", "for i, x := range a[:max(len(a), 1)-1] {"},
			{"a prefix equals the whole", "if len(a) != len(b) {", "if len(a) > len(b) {"},
			{"only the first half is wiped", "func Wipe(b []byte) {\n	clear(b)", "func Wipe(b []byte) {\n	clear(b[:len(b)/2])"},
			{"words are not wiped", "func WipeWords[T uint32 | uint64](b []T) {\n	clear(b)", "func WipeWords[T uint32 | uint64](b []T) {"},
		}),
		in("internal/entropy/entropy.go", nil, changes{
			{"only half of the bytes are random", "rand.Read(b)", "rand.Read(b[:len(b)/2])"},
			{"known answers leave the randomness replaced", "return func() { replaced = old }", "return func() { _ = old }"},
		}),
		in("internal/errcode/errcode.go", nil, changes{
			{"C programs see an error code that libolm does not have", "case MessageGap, NoMessageKey, NonContributory, Exhausted:", "case MessageGap, NoMessageKey, NonContributory:"},
			{"a wrong key pair is not an error for C programs", "return CorruptedPickle\n", "return OK\n"},
		}),
	)
}
