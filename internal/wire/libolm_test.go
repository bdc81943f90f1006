package wire

import (
	"math/big"
	"slices"

	"github.com/karst-im/karst/internal/errcode"
)

// A model of how libolm reads a message, written from a description of its behaviour and for clarity,
// which Lenient is compared with.

// kind is one of the three kinds of messages.
type kind struct {
	trailer int
	numbers []byte // tags of the fields that are numbers
	strings []byte // tags of the fields that are bytes
}

var (
	normalKind = kind{MACLen, []byte{0x10}, []byte{0x0a, 0x22}}
	preKeyKind = kind{0, nil, []byte{0x0a, 0x12, 0x1a, 0x22}}
	groupKind  = kind{MACLen + SignatureLen, []byte{0x08}, []byte{0x12}}
)

// libolmMessage is what libolm finds in a message.
type libolmMessage struct {
	version byte
	numbers map[byte]uint32
	strings map[byte][]byte
}

func readLikeLibolm(raw []byte, k kind) libolmMessage {
	m := libolmMessage{0, map[byte]uint32{}, map[byte][]byte{}}
	if len(raw) <= k.trailer {
		return m // nothing is parsed
	}
	m.version = raw[0]
	rest := raw[1 : len(raw)-k.trailer]
	for len(rest) > 0 {
		tag := rest[0]
		switch {
		case slices.Contains(k.numbers, tag):
			var x *big.Int
			x, rest = varintLikeLibolm(rest[1:])
			m.numbers[tag] = uint32(x.Uint64())
		case slices.Contains(k.strings, tag):
			var n *big.Int
			n, rest = varintLikeLibolm(rest[1:])
			if n.Cmp(big.NewInt(int64(len(rest)))) > 0 {
				return m
			}
			m.strings[tag] = rest[:n.Uint64()]
			rest = rest[n.Uint64():]
		case tag&7 == 0:
			_, rest = varintLikeLibolm(rest)
			_, rest = varintLikeLibolm(rest)
		case tag&7 == 2:
			var n *big.Int
			_, rest = varintLikeLibolm(rest)
			n, rest = varintLikeLibolm(rest)
			if n.Cmp(big.NewInt(int64(len(rest)))) > 0 {
				return m
			}
			rest = rest[n.Uint64():]
		default:
			return m
		}
	}
	return m
}

// varintLikeLibolm takes bytes until one is below 128, or there are none, and reads their lower seven
// bits, least significant first, modulo 2^64.
func varintLikeLibolm(p []byte) (x *big.Int, rest []byte) {
	n := slices.IndexFunc(p, func(b byte) bool { return b < 0x80 }) + 1
	if n == 0 {
		n = len(p)
	}
	x = new(big.Int)
	for _, b := range slices.Backward(p[:n]) {
		x.Lsh(x, 7)
		x.Or(x, big.NewInt(int64(b&0x7f)))
	}
	return x.And(x, new(big.Int).SetUint64(1<<64-1)), p[n:]
}

// code returns libolm's verdict on a normal or group message: the version, then that all is there.
func (m libolmMessage) code(k kind) errcode.Code {
	if m.version != Version {
		return errcode.BadMessageVersion
	}
	for _, tag := range k.numbers {
		if _, ok := m.numbers[tag]; !ok {
			return errcode.BadMessageFormat
		}
	}
	for _, tag := range k.strings {
		if _, ok := m.strings[tag]; !ok {
			return errcode.BadMessageFormat
		}
	}
	if key, ok := m.strings[0x0a]; ok && len(key) != KeyLen {
		return errcode.BadMessageFormat
	}
	return errcode.OK
}
