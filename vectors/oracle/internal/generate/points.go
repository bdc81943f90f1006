package generate

import (
	"encoding/hex"
	"math/big"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
)

// b64 is libolm's text for some bytes.
func b64(b []byte) string { return reference.Base64.EncodeToString(b) }

func unb64(text string) vectors.Bytes { return must(reference.Base64.DecodeString(text)) }

func unhex(text string) vectors.Bytes { return must(hex.DecodeString(text)) }

// lowOrder are u-coordinates with which every X25519 gives zero: the points of order 1, 2, 4 and 8, and the
// encodings of 2^255-20 to 2^255-18 that reduce to them.
var lowOrder = []struct {
	name string
	u    vectors.Bytes
}{
	{"zero", unhex("0000000000000000000000000000000000000000000000000000000000000000")},
	{"one", unhex("0100000000000000000000000000000000000000000000000000000000000000")},
	{"order_8_a", unhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")},
	{"order_8_b", unhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")},
	{"p_minus_1", unhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
	{"p", unhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
	{"p_plus_1", unhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
}

// nonCanonical are two other encodings of points of large order: 9 as p+9, and any u with the top bit set.
func nonCanonical(u vectors.Bytes) map[string]vectors.Bytes {
	top := slices.Clone(u)
	top[31] |= 0x80
	return map[string]vectors.Bytes{
		"p_plus_9": unhex("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		"top_bit":  top,
	}
}

// groupOrder is L of RFC 8032, 5.1.
var groupOrder, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

func fromLittleEndian(b []byte) *big.Int {
	c := slices.Clone(b)
	slices.Reverse(c)
	return new(big.Int).SetBytes(c)
}

func littleEndian(n *big.Int) vectors.Bytes {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// noisy puts a character outside the alphabet into a text.
func noisy(text string, at int) string { return text[:at] + "!" + text[at+1:] }

// trailingBit sets the lowest bit of the last character of a text whose length is no multiple of four, which
// no byte depends on.
func trailingBit(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(text) - 1
	for i := range alphabet {
		if alphabet[i] == text[last] {
			return text[:last] + alphabet[i+1:i+2]
		}
	}
	panic("not base64")
}
