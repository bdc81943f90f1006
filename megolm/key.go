package megolm

import (
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// Lengths in bytes of the two kinds of key.
const (
	SessionKeyLen  = protocol.SessionKeyLen
	ExportedKeyLen = protocol.ExportLen
)

// SessionKey lets its owner decrypt the messages of a session from one index on. It is signed by the
// session, and is what an m.room_key event carries. It is secret: printing it shows nothing, only
// Base64 and Bytes do.
type SessionKey struct {
	_   [0]func()
	raw [SessionKeyLen]byte
}

// ExportedKey is a SessionKey without a signature: what key exports, backups and forwarded keys
// carry. Nothing proves that it is of the session that it names.
type ExportedKey struct {
	_   [0]func()
	raw [ExportedKeyLen]byte
}

// ParseSessionKey parses unpadded base64. It returns ErrSessionKey. The signature is checked by
// NewInboundSession.
func ParseSessionKey(text string) (k SessionKey, err error) {
	err = parse(k.raw[:], text)
	return k, err
}

// ParseExportedKey parses unpadded base64. It returns ErrSessionKey.
func ParseExportedKey(text string) (k ExportedKey, err error) {
	err = parse(k.raw[:], text)
	return k, err
}

// SessionKeyFromBytes makes a key of its SessionKeyLen bytes. It returns ErrSessionKey.
func SessionKeyFromBytes(b []byte) (k SessionKey, err error) {
	if len(b) != len(k.raw) {
		return k, ErrSessionKey
	}
	copy(k.raw[:], b)
	return k, nil
}

// ExportedKeyFromBytes makes a key of its ExportedKeyLen bytes. It returns ErrSessionKey.
func ExportedKeyFromBytes(b []byte) (k ExportedKey, err error) {
	if len(b) != len(k.raw) {
		return k, ErrSessionKey
	}
	copy(k.raw[:], b)
	return k, nil
}

// parse decodes text of exactly len(dst) bytes. Unlike public keys, these are never padded: libolm
// refuses that.
func parse(dst []byte, text string) error {
	if len(text) != wire.EncodedLen(len(dst)) || !wire.Decode(dst, []byte(text)) {
		secret.Wipe(dst)
		return ErrSessionKey
	}
	return nil
}

// Base64 returns the secret as unpadded base64.
func (k *SessionKey) Base64() string { return wire.Text(k.raw[:]) }

// Base64 returns the secret as unpadded base64.
func (k *ExportedKey) Base64() string { return wire.Text(k.raw[:]) }

// Bytes returns a copy of the secret.
func (k *SessionKey) Bytes() []byte { return append([]byte(nil), k.raw[:]...) }

// Bytes returns a copy of the secret.
func (k *ExportedKey) Bytes() []byte { return append([]byte(nil), k.raw[:]...) }

// Wipe overwrites k with zeros.
func (k *SessionKey) Wipe() { secret.Wipe(k.raw[:]) }

// Wipe overwrites k with zeros.
func (k *ExportedKey) Wipe() { secret.Wipe(k.raw[:]) }

// String says what k is and shows nothing of it.
func (k SessionKey) String() string { return "megolm.SessionKey" }

// GoString is String.
func (k SessionKey) GoString() string { return k.String() }

// String says what k is and shows nothing of it.
func (k ExportedKey) String() string { return "megolm.ExportedKey" }

// GoString is String.
func (k ExportedKey) GoString() string { return k.String() }
