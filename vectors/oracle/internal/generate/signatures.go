package generate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"fmt"
	"math/big"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// expand is the private key as libolm stores it: RFC 8032, 5.1.5, steps 1 and 2.
func expand(seed []byte) vectors.Bytes {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] = h[31]&63 | 64
	return h[:]
}

func signaturesFile() file {
	var cases []vectors.SignatureCase
	r := newStream("signatures")
	add := func(c vectors.SignatureCase) {
		c.Label = r.Label()
		cases = append(cases, c)
	}

	key := vectors.Bytes("pickle key")
	account := must(libolm.NewAccount(r.Bytes(64)))
	raw := parseAccount(openPickle(key, account.Pickle(key)))
	account.Free()
	seed := r.Bytes(32)
	public := vectors.Bytes(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	fromSeed := expand(seed)
	for _, k := range []struct {
		name     string
		expanded vectors.Bytes
		strict   string
	}{
		{"seed", fromSeed, ""},
		// A key that no seed leads to: libolm's pickles may hold such a pair, and only the expanded form can sign.
		{"other_prefix", slices.Concat(fromSeed[:32], r.Bytes(32)), ""},
		// Whoever knows the prefix learns the key from any signature.
		{"zero_prefix", slices.Concat(fromSeed[:32], make(vectors.Bytes, 32)), "CORRUPTED_PICKLE"},
	} {
		raw.ed = slices.Concat(public, k.expanded)
		p := reference.SealPickle(key, raw.encode(4))
		a := must(libolm.UnpickleAccount(key, p))
		for _, n := range []int{0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 300} {
			c := vectors.SignatureCase{Name: fmt.Sprintf("sign_%s_%d", k.name, n), Op: "sign", Expanded: k.expanded, PublicKey: b64(public),
				AccountPickle: p, PickleKey: key, Input: r.Bytes(n), Verdict: vectors.Verdict{Expect: vectors.OK, Strict: k.strict}}
			c.Signature = a.Sign(c.Input)
			if !ed25519.Verify(ed25519.PublicKey(public), c.Input, unb64(c.Signature)) {
				fail("a signature with the expanded key %s is wrong", k.name)
			}
			add(c)
		}
		a.Free()
	}

	u := libolm.NewUtility()
	defer u.Free()
	verify := func(name, publicKey string, input vectors.Bytes, signature, strict string) {
		c := vectors.SignatureCase{Name: "verify_" + name, Op: "verify", PublicKey: publicKey, Input: input, Signature: signature, Verdict: vectors.Verdict{Strict: strict}}
		c.Expect = class(u.Verify(publicKey, input, signature))
		if c.Strict == c.Expect {
			c.Strict = ""
		}
		add(c)
	}
	input := vectors.Bytes("a signed message")
	good := ed25519.Sign(ed25519.NewKeyFromSeed(seed), input)
	k := b64(public)
	const bad, notBase64 = "BAD_MESSAGE_MAC", "INVALID_BASE64"
	flip := func(b []byte, bit int) vectors.Bytes {
		c := slices.Clone(b)
		c[bit/8] ^= 1 << (bit % 8)
		return c
	}

	verify("good", k, input, b64(good), "")
	for _, bit := range []int{0, 100, 255, 256, 300, 507, 508, 509, 510, 511} {
		verify(fmt.Sprintf("bit_%d_of_signature", bit), k, input, b64(flip(good, bit)), bad)
	}
	for _, bit := range []int{0, 128, 254, 255} {
		verify(fmt.Sprintf("bit_%d_of_key", bit), b64(flip(public, bit)), input, b64(good), vectors.Refused)
	}
	verify("other_message", k, vectors.Bytes("a signed massage"), b64(good), "")
	verify("empty_message", k, vectors.Bytes{}, b64(good), "")

	// Texts.
	verify("padded_signature", k, input, b64(good)+"==", "OK")
	verify("longer_signature", k, input, b64(append(slices.Clone(good), 0)), vectors.Refused)
	verify("short_signature", k, input, b64(good[:63]), vectors.Refused)
	verify("empty_signature", k, input, "", vectors.Refused)
	verify("signature_length_1_mod_4", k, input, b64(good)[:85], notBase64)
	verify("signature_wrong_character", k, input, noisy(b64(good), 20), notBase64)
	verify("signature_trailing_bit", k, input, trailingBit(b64(good)), notBase64)
	verify("padded_key", k+"=", input, b64(good), "OK")
	verify("short_key", k[:42], input, b64(good), vectors.Refused)
	verify("empty_key", "", input, b64(good), vectors.Refused)
	verify("key_trailing_bit", trailingBit(k), input, b64(good), notBase64)

	// S + L and more: the same scalar in another encoding.
	s := fromLittleEndian(good[32:])
	for i := 1; ; i++ {
		s.Add(s, groupOrder)
		if s.BitLen() > 256 || i > 9 {
			break
		}
		verify(fmt.Sprintf("s_plus_%d_l", i), k, input, b64(slices.Concat(good[:32], littleEndian(s))), bad)
	}

	// The neutral point as a public key: h*A vanishes, so that (S*B, S) signs everything. S*B is a public key.
	scalar := littleEndian(new(big.Int).Mod(fromLittleEndian(fromSeed[:32]), groupOrder))
	universal := b64(slices.Concat(public, scalar))
	one := unhex("0100000000000000000000000000000000000000000000000000000000000000")
	for _, a := range []struct {
		name string
		key  vectors.Bytes
	}{
		{"neutral_key", one},
		{"neutral_key_x_sign", flip(one, 255)},
		{"neutral_key_p_plus_1", unhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
		{"neutral_key_p_plus_1_x_sign", unhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")},
		{"order_2_key", unhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
		{"order_4_key", unhex("0000000000000000000000000000000000000000000000000000000000000000")},
		{"order_4_key_p", unhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
		{"order_8_key", unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")},
		{"key_off_the_curve", unhex("0200000000000000000000000000000000000000000000000000000000000000")},
	} {
		// With a key of order n one message in n is signed; take the first two that libolm accepts.
		accepted := 0
		for i := 0; i < 200 && accepted < 2; i++ {
			m := text("message %d", i)
			if u.Verify(b64(a.key), m, universal) == nil {
				accepted++
				verify(fmt.Sprintf("%s_%d", a.name, i), b64(a.key), m, universal, vectors.Refused)
			}
		}
		if accepted == 0 {
			verify(a.name, b64(a.key), vectors.Bytes("message"), universal, vectors.Refused)
		}
	}

	// The neutral point as R: S = h*a.
	for _, rr := range []struct {
		name string
		r    vectors.Bytes
	}{{"neutral_r", one}, {"neutral_r_p_plus_1", unhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")}} {
		h := sha512.Sum512(bytes.Join([][]byte{rr.r, public, input}, nil))
		n := new(big.Int).Mul(fromLittleEndian(h[:]), fromLittleEndian(fromSeed[:32]))
		verify(rr.name, k, input, b64(slices.Concat(rr.r, littleEndian(n.Mod(n, groupOrder)))), bad)
	}
	verify("zero_signature", k, input, b64(make([]byte, 64)), bad)
	verify("zero_signature_zero_key", b64(make([]byte, 32)), input, b64(make([]byte, 64)), vectors.Refused)

	return file{
		Description: "Ed25519 with the expanded keys that libolm stores, and what verification accepts and refuses.",
		Cases:       cases,
	}
}
