package megolm

import (
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// Lengths in bytes of the two kinds of key.
const (
	SessionKeyLen  = 229
	ExportedKeyLen = 165
)

// SessionKey lets its owner decrypt the messages of a session from one index on. It is signed by the
// session, and is what an m.room_key event carries. It is secret: printing it shows nothing and
// encoding/json and the like refuse it, only Base64 and Bytes show it. Copies of it share the secret, so
// that Wipe reaches all of them.
//
// It never changes but by Wipe, and so may be used by several goroutines at once until then.
type SessionKey struct {
	sealedSessionKey
	raw hidden[[SessionKeyLen]byte]
}

// ExportedKey is a SessionKey without a signature: what key exports, backups and forwarded keys
// carry. Nothing proves that it is of the session that it names. It is as secret, and may be used by several
// goroutines at once until Wipe.
type ExportedKey struct {
	sealedExportedKey
	raw hidden[[ExportedKeyLen]byte]
}

// hidden is a pointer that no printer follows: a function's captured variables are out of reach of
// reflection. A secret behind it is also not copied, to places that nobody can wipe, when what holds it
// is an argument or a result. It is nil in a zero value.
type hidden[T any] func() *T

func hide[T any](secret *T) hidden[T] { return func() *T { return secret } }

// ParseSessionKey parses base64, with or without padding. It returns ErrSessionKey. The signature is checked
// by NewInboundSession.
func ParseSessionKey(text string) (SessionKey, error) {
	raw := new([SessionKeyLen]byte)
	if err := parse(raw[:], text); err != nil {
		return SessionKey{}, err
	}
	return SessionKey{raw: hide(raw)}, nil
}

// ParseExportedKey parses base64; 165 bytes never have padding. It returns ErrSessionKey.
func ParseExportedKey(text string) (ExportedKey, error) {
	raw := new([ExportedKeyLen]byte)
	if err := parse(raw[:], text); err != nil {
		return ExportedKey{}, err
	}
	return ExportedKey{raw: hide(raw)}, nil
}

// SessionKeyFromBytes makes a key of its SessionKeyLen bytes. It returns ErrSessionKey.
func SessionKeyFromBytes(b []byte) (SessionKey, error) {
	raw := new([SessionKeyLen]byte)
	if err := fill(raw[:], b); err != nil {
		return SessionKey{}, err
	}
	return SessionKey{raw: hide(raw)}, nil
}

// ExportedKeyFromBytes makes a key of its ExportedKeyLen bytes. It returns ErrSessionKey.
func ExportedKeyFromBytes(b []byte) (ExportedKey, error) {
	raw := new([ExportedKeyLen]byte)
	if err := fill(raw[:], b); err != nil {
		return ExportedKey{}, err
	}
	return ExportedKey{raw: hide(raw)}, nil
}

// parse decodes text of exactly len(dst) bytes. It doesn't copy text that is longer than that can be.
func parse(dst []byte, text string) error {
	secret.GrowStack()
	const padding = 2
	if len(text) > wire.EncodedLen(len(dst))+padding || !wire.DecodeKey(dst, []byte(text)) || wiped(dst) {
		return ErrSessionKey
	}
	return nil
}

// fill is parse for bytes.
func fill(dst, b []byte) error {
	if len(b) != len(dst) || wiped(b) {
		return ErrSessionKey
	}
	copy(dst, b)
	return nil
}

// wiped reports whether b is all zero. No key is: the first byte is its version.
func wiped(b []byte) bool { return secret.IsZero(b) == 1 }

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

// Base64 returns the secret as unpadded base64. Nobody can wipe a string: it is for what needs one. It
// returns ErrWiped if k is wiped, or the zero value: there is no key then that somebody could send.
func (k *SessionKey) Base64() (string, error) { return text(k.bytes()) }

// Base64 is [SessionKey.Base64].
func (k *ExportedKey) Base64() (string, error) { return text(k.bytes()) }

// Bytes returns a copy of the secret. It returns ErrWiped if k is wiped, or the zero value.
func (k *SessionKey) Bytes() ([]byte, error) { return clone(k.bytes()) }

// Bytes is [SessionKey.Bytes].
func (k *ExportedKey) Bytes() ([]byte, error) { return clone(k.bytes()) }

func text(raw []byte) (string, error) {
	if wiped(raw) {
		return "", ErrWiped
	}
	return wire.Text(raw), nil
}

func clone(raw []byte) ([]byte, error) {
	if wiped(raw) {
		return nil, ErrWiped
	}
	return append([]byte(nil), raw...), nil
}

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
