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
// Base64 and Bytes do. Copies of it share the secret, so that Wipe reaches all of them.
//
// It never changes but by Wipe, and so may be used by several goroutines at once until then.
type SessionKey struct {
	raw hidden[[SessionKeyLen]byte]
}

// ExportedKey is a SessionKey without a signature: what key exports, backups and forwarded keys
// carry. Nothing proves that it is of the session that it names. It may be used by several goroutines
// at once until Wipe.
type ExportedKey struct {
	raw hidden[[ExportedKeyLen]byte]
}

// hidden is a pointer that no printer follows: a function's captured variables are out of reach of
// reflection. A secret behind it is also not copied, to places that nobody can wipe, when what holds it
// is an argument or a result. It is nil in a zero value.
type hidden[T any] func() *T

func hide[T any](secret *T) hidden[T] { return func() *T { return secret } }

// ParseSessionKey parses unpadded base64. It returns ErrSessionKey. The signature is checked by
// NewInboundSession.
func ParseSessionKey(text string) (SessionKey, error) {
	raw := new([SessionKeyLen]byte)
	if err := parse(raw[:], text); err != nil {
		return SessionKey{}, err
	}
	return SessionKey{hide(raw)}, nil
}

// ParseExportedKey parses unpadded base64. It returns ErrSessionKey.
func ParseExportedKey(text string) (ExportedKey, error) {
	raw := new([ExportedKeyLen]byte)
	if err := parse(raw[:], text); err != nil {
		return ExportedKey{}, err
	}
	return ExportedKey{hide(raw)}, nil
}

// SessionKeyFromBytes makes a key of its SessionKeyLen bytes. It returns ErrSessionKey.
func SessionKeyFromBytes(b []byte) (SessionKey, error) {
	raw := new([SessionKeyLen]byte)
	if len(b) != len(raw) {
		return SessionKey{}, ErrSessionKey
	}
	copy(raw[:], b)
	return SessionKey{hide(raw)}, nil
}

// ExportedKeyFromBytes makes a key of its ExportedKeyLen bytes. It returns ErrSessionKey.
func ExportedKeyFromBytes(b []byte) (ExportedKey, error) {
	raw := new([ExportedKeyLen]byte)
	if len(b) != len(raw) {
		return ExportedKey{}, ErrSessionKey
	}
	copy(raw[:], b)
	return ExportedKey{hide(raw)}, nil
}

// parse decodes text of exactly len(dst) bytes. Unlike public keys, these are never padded: libolm
// refuses that.
func parse(dst []byte, text string) error {
	secret.GrowStack()
	if len(text) != wire.EncodedLen(len(dst)) || !wire.Decode(dst, []byte(text)) {
		secret.Wipe(dst)
		return ErrSessionKey
	}
	return nil
}

// bytes returns the secret itself, or zeros if there is none.
func (k *SessionKey) bytes() []byte {
	if k.raw == nil {
		return make([]byte, SessionKeyLen)
	}
	return k.raw()[:]
}

// bytes returns the secret itself, or zeros if there is none.
func (k *ExportedKey) bytes() []byte {
	if k.raw == nil {
		return make([]byte, ExportedKeyLen)
	}
	return k.raw()[:]
}

// Base64 returns the secret as unpadded base64. Nobody can wipe a string: it is for what needs one.
func (k *SessionKey) Base64() string { return wire.Text(k.bytes()) }

// Base64 returns the secret as unpadded base64. Nobody can wipe a string: it is for what needs one.
func (k *ExportedKey) Base64() string { return wire.Text(k.bytes()) }

// Bytes returns a copy of the secret.
func (k *SessionKey) Bytes() []byte { return append([]byte(nil), k.bytes()...) }

// Bytes returns a copy of the secret.
func (k *ExportedKey) Bytes() []byte { return append([]byte(nil), k.bytes()...) }

// Wipe overwrites k, and every copy of it, with zeros.
func (k *SessionKey) Wipe() { secret.Wipe(k.bytes()) }

// Wipe overwrites k, and every copy of it, with zeros.
func (k *ExportedKey) Wipe() { secret.Wipe(k.bytes()) }

// String says what k is and shows nothing of it.
func (k SessionKey) String() string { return "megolm.SessionKey" }

// GoString is String.
func (k SessionKey) GoString() string { return k.String() }

// String says what k is and shows nothing of it.
func (k ExportedKey) String() string { return "megolm.ExportedKey" }

// GoString is String.
func (k ExportedKey) GoString() string { return k.String() }
