package vectors

import (
	"crypto/sha256"
	"encoding/binary"
)

// Stream is the deterministic randomness that a label names: SHA-256 in counter mode.
type Stream struct {
	label string
	next  uint64
	left  []byte
	block [sha256.Size]byte
}

// NewStream returns the stream of label, at its beginning.
func NewStream(label string) *Stream { return &Stream{label: label} }

// Label returns the label, as the files have it.
func (s *Stream) Label() string { return s.label }

// Read fills b. It never fails.
func (s *Stream) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(s.left) == 0 {
			s.block = sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.label), s.next))
			s.left = s.block[:]
			s.next++
		}
		taken := copy(b[n:], s.left)
		s.left = s.left[taken:]
		n += taken
	}
	return n, nil
}

// Bytes returns the next n bytes.
func (s *Stream) Bytes(n int) []byte {
	b := make([]byte, n)
	s.Read(b)
	return b
}

// Below returns the next two bytes, big-endian, modulo n.
func (s *Stream) Below(n int) int { return int(binary.BigEndian.Uint16(s.Bytes(2))) % n }
