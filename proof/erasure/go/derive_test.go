//go:build linux && amd64 && !race

package erasure_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"encoding/binary"
	"math/big"
	"slices"
)

// What the core computes on its way from one secret to the next, once more with the standard library:
// all of it has to be gone when an operation is over.

func hmacSHA256(key []byte, message ...byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// midstates returns the states of SHA-256 after the two blocks of an HMAC key, which serve whoever has
// them as the key would.
func midstates(key []byte) [][]byte {
	if len(key) > 64 {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var both [][]byte
	for _, pad := range []byte{0x36, 0x5c} {
		block := make([]byte, 64)
		copy(block, key)
		for i := range block {
			block[i] ^= pad
		}
		h := sha256.New()
		h.Write(block)
		state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			panic(err)
		}
		both = append(both, state[4:36])
	}
	return both
}

// learnHMAC adds an HMAC key in all of its forms.
func (l *learner) learnHMAC(name string, key []byte) {
	l.learn(name, key)
	for i, state := range midstates(key) {
		l.learn(name+[]string{", inner state", ", outer state"}[i], state)
	}
}

// learnHKDF adds what HKDF makes of material on its way to n bytes.
func (l *learner) learnHKDF(name string, material, salt []byte, info string, n int) []byte {
	if salt == nil {
		salt = make([]byte, 32)
	}
	l.learn(name+", material", material)
	l.learnHMAC(name+", PRK", hmacSHA256(salt, material...))
	out, err := hkdf.Key(sha256.New, material, salt, info, n)
	if err != nil {
		panic(err)
	}
	l.learn(name+", output", out)
	return out
}

// learnCipher adds the keys with which one message or pickle is encrypted.
func (l *learner) learnCipher(name string, material []byte, info string) {
	keys := l.learnHKDF(name, material, nil, info, 80)
	l.learnHMAC(name+", MAC key", keys[32:64])
	l.learn(name+", AES round keys", roundKeys(keys[:32]))
	l.learn(name+", IV", keys[64:80])
}

// roundKeys expands an AES-256 key (FIPS 197 section 5.2), and adds the decryption form of the middle
// ones, which the processor's instructions use.
func roundKeys(key []byte) []byte {
	w := slices.Clone(key)
	rcon := byte(1)
	for i := 8; i < 60; i++ {
		t := [4]byte(w[4*i-4:])
		switch i % 8 {
		case 0:
			t = [4]byte{sbox(t[1]) ^ rcon, sbox(t[2]), sbox(t[3]), sbox(t[0])}
			rcon <<= 1
		case 4:
			t = [4]byte{sbox(t[0]), sbox(t[1]), sbox(t[2]), sbox(t[3])}
		}
		for j := range t {
			w = append(w, w[4*i-32+j]^t[j])
		}
	}
	for _, column := range slices.Collect(slices.Chunk(slices.Clone(w[16:224]), 4)) {
		for i := range 4 {
			w = append(w, times(14, column[i])^times(11, column[(i+1)%4])^times(13, column[(i+2)%4])^times(9, column[(i+3)%4]))
		}
	}
	return w
}

// times multiplies in the field of AES (FIPS 197 section 4.2).
func times(a, b byte) (product byte) {
	for ; a > 0; a >>= 1 {
		if a&1 == 1 {
			product ^= b
		}
		b = b<<1 ^ b>>7*0x1b
	}
	return product
}

// sbox is the S-box of AES (FIPS 197 section 5.1.1): the inverse, x^254, through an affine map.
func sbox(x byte) byte {
	inverse := byte(1)
	for range 254 {
		inverse = times(inverse, x)
	}
	s := byte(0x63)
	for i := range 5 {
		s ^= inverse<<i | inverse>>(8-i)
	}
	return s
}

// checkRoundKeys checks the expansion with a cipher that is built on it and crypto/aes: what is looked
// for must be what there is.
func checkRoundKeys(key []byte) bool {
	w := roundKeys(key)
	state := make([]byte, 16)
	for i := range state {
		state[i] = byte(i) ^ w[i]
	}
	for round := 1; round <= 14; round++ {
		next := make([]byte, 16)
		for i := range next {
			next[i] = sbox(state[(i+4*(i%4))%16])
		}
		if round < 14 {
			for c := 0; c < 16; c += 4 {
				column := [4]byte(next[c:])
				for i := range 4 {
					next[c+i] = times(2, column[i]) ^ times(3, column[(i+1)%4]) ^ column[(i+2)%4] ^ column[(i+3)%4]
				}
			}
		}
		for i := range next {
			state[i] = next[i] ^ w[16*round+i]
		}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	want := make([]byte, 16)
	for i := range want {
		want[i] = byte(i)
	}
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(want, want)
	return slices.Equal(want, state)
}

// learnChain adds the keys that follow from a chain key, as far as anybody goes between two looks.
func (l *learner) learnChain(name string, chain []byte) {
	for range chainSteps {
		if l.chains[string(chain)] {
			return
		}
		l.chains[string(chain)] = true
		l.learnHMAC(name+", chain key", chain)
		message := hmacSHA256(chain, 1)
		l.learnCipher(name+", message key", message, "OLM_KEYS")
		chain = hmacSHA256(chain, 2)
	}
}

const chainSteps = 3

// learnMegolm adds what follows from one state of a Megolm ratchet.
func (l *learner) learnMegolm(name string, ratchet []byte) {
	for i := range 4 {
		l.learnHMAC(name+", part", ratchet[32*i:32*i+32])
	}
	l.learnCipher(name, ratchet, "MEGOLM_KEYS")
}

// order is that of the base point of the curve.
var order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

func littleEndian(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// learnScalar adds a private scalar of any length and its residue, as it is and in Montgomery form.
func (l *learner) learnScalar(name string, scalar []byte) {
	b := slices.Clone(scalar)
	slices.Reverse(b)
	n := new(big.Int).Mod(new(big.Int).SetBytes(b), order)
	l.learn(name, scalar)
	l.learn(name+", reduced", littleEndian(n))
	n.Lsh(n, 256)
	l.learn(name+", reduced, Montgomery form", littleEndian(n.Mod(n, order)))
}

func clamped(b []byte) []byte {
	b = slices.Clone(b[:32])
	b[0] &= 248
	b[31] = b[31]&127 | 64
	return b
}

// learnPrivate adds a Curve25519 private key.
func (l *learner) learnPrivate(name string, private []byte) {
	l.learn(name, private)
	l.learnScalar(name+", clamped", clamped(private))
	k, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		panic(err)
	}
	if l.private[string(private)] == nil {
		l.private[string(private)] = k
		l.public[string(k.PublicKey().Bytes())] = k.PublicKey()
	}
}

// shared returns the secret that a private and a public Curve25519 key share, or nil.
func (l *learner) shared(private, public []byte) []byte {
	shared, err := must1(ecdh.X25519().NewPrivateKey(private)).ECDH(must1(ecdh.X25519().NewPublicKey(public)))
	if err != nil {
		return nil
	}
	return shared
}

// lastDraws returns the last n random values that were drawn.
func (l *learner) lastDraws(n int) [][]byte { return l.draws[len(l.draws)-n:] }

// learnTriple adds what a session starts from, as its initiator computes it.
func (l *learner) learnTriple(identity, base, theirIdentity, theirOneTime []byte) {
	secret := slices.Concat(l.shared(identity, theirOneTime), l.shared(base, theirIdentity), l.shared(base, theirOneTime))
	root := l.learnHKDF("triple Diffie-Hellman", secret, nil, "OLM_ROOT", 64)
	if !l.roots[string(root[:32])] {
		panic("the triple Diffie-Hellman yields another root key")
	}
}

// learnSeed adds what an Ed25519 seed is expanded to.
func (l *learner) learnSeed(name string, seed []byte) {
	h := sha512.Sum512(seed)
	l.learn(name, seed)
	l.learn(name+", hash", h[:])
	l.learnScalar(name+", scalar", clamped(h[:]))
	l.prefixes = append(l.prefixes, h[32:])
}

// learnNonce adds the nonces of the signatures of message by any key that is known.
func (l *learner) learnNonce(name string, message []byte) {
	for _, prefix := range l.prefixes {
		r := sha512.Sum512(slices.Concat(prefix, message))
		l.learnScalar(name+", nonce", r[:])
	}
}

// learnShared adds the secret that each private key shares with each public one, and what root keys
// become with them.
func (l *learner) learnShared() {
	var roots [][]byte
	for root := range l.roots {
		roots = append(roots, []byte(root))
	}
	for _, private := range l.private {
		for _, public := range l.public {
			shared, err := private.ECDH(public)
			if err != nil {
				continue // a public key that is no key
			}
			l.learn("shared secret", shared)
			for _, root := range roots {
				next, err := hkdf.Key(sha256.New, shared, root, "OLM_RATCHET", 64)
				if err != nil {
					panic(err)
				}
				if l.roots[string(next[:32])] {
					l.learnHKDF("ratchet step", shared, root, "OLM_RATCHET", 64)
				}
			}
		}
	}
}

// words returns the words by which a secret is recognised: each eight bytes, as they are or in the
// order in which SHA-256 and SHA-512 load them, and each of these also with what HMAC adds to a key.
func words(secret []byte) (all []uint64) {
	for i := 0; i+wordLen <= len(secret); i += wordLen {
		all = append(all, wordForms(secret[i:])...)
	}
	if n := len(secret); n > wordLen && n%wordLen != 0 {
		all = append(all, wordForms(secret[n-wordLen:])...)
	}
	return all
}

func wordForms(b []byte) (forms []uint64) {
	plain, reversed := binary.LittleEndian.Uint64(b), binary.BigEndian.Uint64(b)
	for _, w := range []uint64{plain, reversed, reversed>>32 | reversed<<32} {
		forms = append(forms, w, w^0x3636363636363636, w^0x5c5c5c5c5c5c5c5c)
	}
	return forms
}

// random reports whether b looks as a secret does: zeros and labels are no needles.
func random(b []byte) bool {
	seen := map[byte]bool{}
	for _, x := range b[:wordLen] {
		seen[x] = true
	}
	return len(seen) >= 5
}
