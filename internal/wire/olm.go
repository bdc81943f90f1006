package wire

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
)

// The tags of the fields of an Olm message, and of a pre-key message.
const (
	tagRatchetKey = 0x0a
	tagIndex      = 0x10
	tagCiphertext = 0x22

	tagOneTimeKey  = 0x0a
	tagBaseKey     = 0x12
	tagIdentityKey = 0x1a
	tagMessage     = 0x22
)

// Message is a normal Olm message (Olm specification, "Olm Messages").
type Message struct {
	RatchetKey []byte // 32 bytes
	Index      uint32 // of the message key on its chain
	Ciphertext []byte // whole blocks, at least one, unless Lenient
	Signed     []byte // the bytes under the MAC
	MAC        []byte // 8 bytes
}

// Decode reads a normal message; the fields of m alias raw. They are set even if the message is refused,
// when the reason is the length of the ratchet key or of the ciphertext.
func (m *Message) Decode(raw []byte, tol Tolerance) errcode.Code {
	body, code := payload(raw, MACLen)
	if code != errcode.OK {
		return code
	}
	f := fields{tags: [4]byte{tagRatchetKey, tagIndex, tagCiphertext}}
	if code := decodeFields(body, &f, tol); code != errcode.OK {
		return code
	}
	if !f.set[0] || !f.set[1] || !f.set[2] {
		return errcode.BadMessageFormat
	}
	m.RatchetKey, m.Index, m.Ciphertext = f.bytes[0], f.number, f.bytes[2]
	m.Signed, m.MAC = raw[:len(raw)-MACLen], raw[len(raw)-MACLen:]
	if len(m.RatchetKey) != KeyLen || tol == Strict && !wholeBlocks(m.Ciphertext) {
		return errcode.BadMessageFormat
	}
	return errcode.OK
}

// RatchetKey returns the ratchet key of the normal message raw, which begins a responder's session.
// Strict wants the whole message to be sound; Lenient looks at nothing else, as libolm does when it
// creates a session: the rest is judged when the message is decrypted.
func RatchetKey(raw []byte, tol Tolerance) ([]byte, errcode.Code) {
	if tol == Strict {
		var m Message
		if code := m.Decode(raw, tol); code != errcode.OK {
			return nil, code
		}
		return m.RatchetKey, errcode.OK
	}
	var f fields
	f.peek(raw)
	if len(f.bytes[0]) != KeyLen {
		return nil, errcode.BadMessageFormat
	}
	return f.bytes[0], errcode.OK
}

// MaxPlaintextLen returns the length of the ciphertext of the normal message raw, and does not look at
// the rest. Users of libolm ask for it before they decrypt, so that its verdict comes first.
func MaxPlaintextLen(raw []byte) (int, errcode.Code) {
	var f fields
	f.peek(raw)
	if !f.set[2] {
		return 0, errcode.BadMessageFormat
	}
	return len(f.bytes[2]), errcode.OK
}

// peek decodes what there is of a normal message.
func (f *fields) peek(raw []byte) {
	*f = fields{tags: [4]byte{tagRatchetKey, tagIndex, tagCiphertext}}
	if len(raw) > MACLen {
		decodeFields(raw[1:len(raw)-MACLen], f, Lenient)
	}
}

// wholeBlocks reports whether ciphertext can be one: whole blocks, at least one. libolm doesn't ask, so
// that Lenient leaves it to whoever decrypts.
func wholeBlocks(ciphertext []byte) bool { return len(ciphertext) > 0 && len(ciphertext)%16 == 0 }

// MessageLen returns the length of a normal message, MAC included.
func MessageLen(index uint32, ciphertextLen int) int {
	return 1 + 2 + KeyLen + 1 + VarintLen(index) + 1 + VarintLen(uint32(ciphertextLen)) + ciphertextLen + MACLen
}

// PutMessage writes all of a normal message but its ciphertext and MAC to dst, and returns the
// place of the ciphertext in dst.
func PutMessage(dst []byte, ratchetKey *[32]byte, index uint32, ciphertextLen int) []byte {
	dst[0] = Version
	dst = putBytes(dst[1:], tagRatchetKey, ratchetKey[:])
	dst[0] = tagIndex
	dst = putVarint(dst[1:], index)
	dst[0] = tagCiphertext
	return putVarint(dst[1:], uint32(ciphertextLen))[:ciphertextLen]
}

// PreKeyMessage is a pre-key message: the keys that set up a session, and a normal message.
type PreKeyMessage struct {
	OneTimeKey  []byte // 32 bytes: of the responder
	BaseKey     []byte // 32 bytes: of the initiator
	IdentityKey []byte // 32 bytes: of the initiator
	Message     []byte
}

// Decode reads a pre-key message; the fields of m alias raw. If Lenient it only requires the
// message field: which keys must be there depends on what the message is used for.
func (m *PreKeyMessage) Decode(raw []byte, tol Tolerance) errcode.Code {
	body, code := payload(raw, 0)
	if code != errcode.OK {
		if tol == Strict {
			return code
		}
		body = raw[min(1, len(raw)):] // libolm does not look at the outer version
	}
	f := fields{tags: [4]byte{tagOneTimeKey, tagBaseKey, tagIdentityKey, tagMessage}}
	if code := decodeFields(body, &f, tol); code != errcode.OK {
		return code
	}
	m.OneTimeKey, m.BaseKey, m.IdentityKey, m.Message = f.bytes[0], f.bytes[1], f.bytes[2], f.bytes[3]
	if !f.set[3] {
		return errcode.BadMessageFormat
	}
	if tol == Strict && (len(m.OneTimeKey) != KeyLen || len(m.BaseKey) != KeyLen || len(m.IdentityKey) != KeyLen) {
		return errcode.BadMessageFormat
	}
	return errcode.OK
}

// PreKeyMessageLen returns the length of a pre-key message around a message of n bytes.
func PreKeyMessageLen(n int) int { return 1 + 3*(2+KeyLen) + 1 + VarintLen(uint32(n)) + n }

// PutPreKeyMessage writes all of a pre-key message but the normal message inside it to dst, and
// returns the place of that message in dst.
func PutPreKeyMessage(dst []byte, oneTimeKey, baseKey, identityKey *[32]byte, messageLen int) []byte {
	dst[0] = Version
	dst = putBytes(dst[1:], tagOneTimeKey, oneTimeKey[:])
	dst = putBytes(dst, tagBaseKey, baseKey[:])
	dst = putBytes(dst, tagIdentityKey, identityKey[:])
	dst[0] = tagMessage
	return putVarint(dst[1:], uint32(messageLen))[:messageLen]
}

func putBytes(dst []byte, tag byte, b []byte) []byte {
	dst[0] = tag
	dst = putVarint(dst[1:], uint32(len(b)))
	return dst[secret.Copy(dst, b):]
}
