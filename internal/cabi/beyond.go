package cabi

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
)

// What libolm does not have: for the modern JavaScript API, under the same conventions.

// DroppedKeysLen bounds the length of what DroppedKeys writes.
var DroppedKeysLen = keyListLen(MaxOneTimeKeys)

// DroppedKeys writes the one-time keys that give way when n are made, published ones too, as JSON,
// oldest first, and returns the length.
func (a *Account) DroppedKeys(n uint, out []byte) uint {
	have := uint(a.a.OneTimeKeys())
	// In this order: no sum overflows.
	dropped := have - min(have, MaxOneTimeKeys-min(n, MaxOneTimeKeys))
	if uint(len(out)) < keyListLen(dropped) {
		return a.fail(errcode.OutputBufferTooSmall)
	}
	l := beginKeyList(out)
	for i := range dropped {
		l.add(&a.store[i])
	}
	return l.end()
}

// PreKeySessionID writes the id of the session that a pre-key message sets up, and returns its length.
// The message is decoded where it lies, and nothing in it is authenticated.
func (u *Utility) PreKeySessionID(message, out []byte) uint {
	var m wire.PreKeyMessage
	code := decodePreKey(&m, message)
	if code == errcode.OK && (len(m.OneTimeKey) != wire.KeyLen || len(m.BaseKey) != wire.KeyLen || len(m.IdentityKey) != wire.KeyLen) {
		code = errcode.BadMessageFormat
	}
	if code != errcode.OK {
		return u.fail(code)
	}
	var id [32]byte
	protocol.PreKeySessionID(&id, &m)
	return u.putText(out, id[:])
}
