package wire

import "github.com/karst-im/karst/internal/errcode"

// The tags of the fields of a Megolm message.
const (
	tagGroupIndex      = 0x08
	tagGroupCiphertext = 0x12
)

const groupTrailer = MACLen + SignatureLen

// GroupMessage is a Megolm message (Megolm specification, "Message format").
type GroupMessage struct {
	Index      uint32
	Ciphertext []byte // whole blocks, at least one, unless Lenient
	MACed      []byte // the bytes under the MAC
	MAC        []byte // 8 bytes
	Signed     []byte // the bytes under the signature: up to and with the MAC
	Signature  []byte // 64 bytes
}

// Decode reads a Megolm message; the fields of m alias raw.
func (m *GroupMessage) Decode(raw []byte, tol Tolerance) errcode.Code {
	body, code := payload(raw, groupTrailer)
	if code != errcode.OK {
		return code
	}
	f := fields{tags: [4]byte{tagGroupIndex, tagGroupCiphertext}}
	if code := decodeFields(body, &f, tol); code != errcode.OK {
		return code
	}
	if !f.set[0] || !f.set[1] {
		return errcode.BadMessageFormat
	}
	if tol == Strict && !wholeBlocks(f.bytes[1]) {
		return errcode.BadMessageFormat
	}
	n := len(raw)
	m.Index, m.Ciphertext = f.number, f.bytes[1]
	m.MACed, m.MAC = raw[:n-groupTrailer], raw[n-groupTrailer:n-SignatureLen]
	m.Signed, m.Signature = raw[:n-SignatureLen], raw[n-SignatureLen:]
	return errcode.OK
}

// MaxGroupPlaintextLen returns the length of the ciphertext of the Megolm message raw, and looks at
// nothing else but the version: see MaxPlaintextLen.
func MaxGroupPlaintextLen(raw []byte) (int, errcode.Code) {
	body, code := payload(raw, groupTrailer)
	if code != errcode.OK {
		return 0, code
	}
	f := fields{tags: [4]byte{tagGroupIndex, tagGroupCiphertext}}
	decodeFields(body, &f, Lenient)
	if !f.set[1] {
		return 0, errcode.BadMessageFormat
	}
	return len(f.bytes[1]), errcode.OK
}

// GroupMessageLen returns the length of a Megolm message, MAC and signature included.
func GroupMessageLen(index uint32, ciphertextLen int) int {
	return 1 + 1 + VarintLen(index) + 1 + VarintLen(uint32(ciphertextLen)) + ciphertextLen + groupTrailer
}

// PutGroupMessage writes all of a Megolm message but its ciphertext and trailer to dst, and returns
// the place of the ciphertext in dst.
func PutGroupMessage(dst []byte, index uint32, ciphertextLen int) []byte {
	dst[0], dst[1] = Version, tagGroupIndex
	dst = putVarint(dst[2:], index)
	dst[0] = tagGroupCiphertext
	return putVarint(dst[1:], uint32(ciphertextLen))[:ciphertextLen]
}
