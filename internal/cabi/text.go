package cabi

import (
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
)

// text writes to a buffer from its beginning, and counts what has no room in it.
type text struct {
	out []byte
	n   int
}

func (t *text) byte(c byte) {
	if t.n < len(t.out) {
		t.out[t.n] = c
	}
	t.n++
}

func (t *text) str(s string) {
	for i := range len(s) {
		t.byte(s[i])
	}
}

// base64 writes b, for which there is room.
func (t *text) base64(b []byte) {
	n := wire.EncodedLen(len(b))
	wire.Encode(t.out[t.n:t.n+n], b)
	t.n += n
}

// int writes x in decimal.
func (t *text) int(x int32) {
	u := uint32(x)
	if x < 0 {
		t.byte('-')
		u = -u
	}
	unit := uint32(1)
	for u/unit >= 10 {
		unit *= 10
	}
	for ; unit > 0; unit /= 10 {
		t.byte('0' + byte(u/unit%10))
	}
}

// keyList writes {"curve25519":{"ID":"KEY",...}}, the form in which one-time keys are published.
type keyList struct {
	text  text
	comma bool
}

const (
	keyListStart = `{"curve25519":{`
	keyListEnd   = `}}`
	keyIDText    = 6 // four bytes
	keyEntry     = len(`"":""`) + keyIDText + keyText
)

// keyListLen returns the length of a list of n keys.
func keyListLen(n uint) uint {
	length := uint(len(keyListStart)+len(keyListEnd)) + n*uint(keyEntry+len(`,`))
	if n > 0 {
		length-- // a comma
	}
	return length
}

// beginKeyList returns a list that is written to out, which has room for it.
func beginKeyList(out []byte) keyList {
	l := keyList{text: text{out: out}}
	l.text.str(keyListStart)
	return l
}

// add writes a key. Where everything stands in an entry is known, and a list has up to a hundred.
func (l *keyList) add(k *protocol.OneTimeKey) {
	if l.comma {
		l.text.byte(',')
	}
	l.comma = true
	entry := l.text.out[l.text.n:][:keyEntry]
	l.text.n += keyEntry
	var id [4]byte
	wire.PutUint32(id[:], k.ID())
	entry[0] = '"'
	wire.Encode(entry[1:1+keyIDText], id[:])
	entry[7], entry[8], entry[9] = '"', ':', '"'
	wire.Encode(entry[10:10+keyText], k.Public()[:])
	entry[10+keyText] = '"'
}

func (l *keyList) end() uint {
	l.text.str(keyListEnd)
	return uint(l.text.n)
}
