package libolm

import (
	"errors"

	"github.com/karst-im/karst/vectors/oracle/internal/reference"
)

// ErrUnsafeForLibolm says that the input might make libolm access memory out of bounds, so it was
// not asked. A correct implementation refuses such an input.
var ErrUnsafeForLibolm = errors.New("UNSAFE_FOR_LIBOLM")

const blockSize = 16

// The tags of the fields that matter, and the bytes that follow the fields.
const (
	tagOneTimeKey      = 0x0a // in a pre-key message
	tagBaseKey         = 0x12
	tagIdentity        = 0x1a
	tagEmbedded        = 0x22
	tagCiphertext      = 0x22 // in a normal message
	tagGroupCiphertext = 0x12
	trailerNormal      = 8
	trailerGroup       = 8 + 64
)

// checkMessage guards the decryption of an Olm message. It is conservative: libolm checks the MAC
// before it touches the ciphertext, but only the holder of the keys could tell whether it matches.
func checkMessage(messageType int, body string) error {
	raw, ok := decodeLenient(body)
	if !ok {
		return nil
	}
	if messageType != TypeMessage {
		if raw, ok = lastField(raw, 0, tagEmbedded); !ok {
			return nil
		}
	}
	return checkCiphertext(lastField(raw, trailerNormal, tagCiphertext))
}

// checkInboundFrom guards the creation of a session for a known identity key: libolm lets the message
// be without that field, and then copies the key from the field all the same, that is, from a null pointer.
func checkInboundFrom(body string) error {
	raw, ok := decodeLenient(body)
	if !ok {
		return nil
	}
	oneTimeKey, _ := lastField(raw, 0, tagOneTimeKey)
	baseKey, _ := lastField(raw, 0, tagBaseKey)
	_, hasIdentity := lastField(raw, 0, tagIdentity)
	_, hasMessage := lastField(raw, 0, tagEmbedded)
	if len(oneTimeKey) == 32 && len(baseKey) == 32 && hasMessage && !hasIdentity {
		return ErrUnsafeForLibolm
	}
	return nil
}

func checkGroupMessage(body string) error {
	raw, ok := decodeLenient(body)
	if !ok {
		return nil
	}
	return checkCiphertext(lastField(raw, trailerGroup, tagGroupCiphertext))
}

func checkPKCiphertext(text string) error {
	return checkCiphertext(decodeLenient(text))
}

// checkPickle guards every unpickle function. Here the key is known, so only an envelope with a
// matching MAC is refused: with any other libolm stops before the ciphertext.
func checkPickle(key []byte, pickled string) error {
	raw, ok := decodeLenient(pickled)
	if !ok || !reference.PickleTagMatches(key, raw) {
		return nil
	}
	return checkCiphertext(raw[:len(raw)-reference.MACSize], true)
}

func checkCiphertext(ciphertext []byte, present bool) error {
	if present && (len(ciphertext) == 0 || len(ciphertext)%blockSize != 0) {
		return ErrUnsafeForLibolm
	}
	return nil
}

// lastField finds the last occurrence of a length-delimited field as libolm's decoder would: fields in
// any order, unknown ones skipped, everything after an over-long length or an unknown wire type ignored.
func lastField(raw []byte, trailer int, want byte) (value []byte, found bool) {
	if len(raw) <= trailer {
		return nil, false
	}
	b := raw[1 : len(raw)-trailer] // without the version
	for len(b) > 0 {
		tag := b[0]
		_, b = varint(b)
		switch tag & 7 {
		case 0:
			_, b = varint(b)
		case 2:
			var n uint64
			n, b = varint(b)
			if n > uint64(len(b)) {
				return value, found
			}
			if tag == want {
				value, found = b[:n], true
			}
			b = b[n:]
		default:
			return value, found
		}
	}
	return value, found
}

// varint reads modulo 2^64 and takes the bytes that are there when the last one is missing.
func varint(b []byte) (v uint64, rest []byte) {
	for i, c := range b {
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return v, b[i+1:]
		}
	}
	return v, nil
}

// decodeLenient is libolm's base64 decoder: it refuses nothing but a length of 1 modulo 4. The top
// bit of a character is ignored, and one outside the alphabet counts as the eight bits 0xFF.
func decodeLenient(text string) ([]byte, bool) {
	if len(text)%4 == 1 {
		return nil, false
	}
	out := make([]byte, 0, len(text)*3/4)
	for len(text) >= 4 {
		v := sextet(text[0])<<18 | sextet(text[1])<<12 | sextet(text[2])<<6 | sextet(text[3])
		// The 0xFF of a wrong character reaches into its neighbour, as in libolm.
		out = append(out, byte(v>>16), byte(v>>8), byte(v))
		text = text[4:]
	}
	switch len(text) {
	case 2:
		v := sextet(text[0])<<6 | sextet(text[1])
		out = append(out, byte(v>>4))
	case 3:
		v := sextet(text[0])<<12 | sextet(text[1])<<6 | sextet(text[2])
		out = append(out, byte(v>>10), byte(v>>2))
	}
	return out, true
}

func sextet(c byte) uint32 {
	switch c &= 0x7f; {
	case c >= 'A' && c <= 'Z':
		return uint32(c - 'A')
	case c >= 'a' && c <= 'z':
		return uint32(c-'a') + 26
	case c >= '0' && c <= '9':
		return uint32(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return 0xff
}
