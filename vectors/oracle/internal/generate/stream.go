package generate

import (
	"crypto/sha256"
	"encoding/binary"
)

// stream is SHA-256 in counter mode: block i is SHA-256(label ‖ i as eight bytes big-endian), i from 0.
type stream struct {
	label string
	next  uint64
	left  []byte
}

// newStream starts the stream of a case. The label goes into the file.
func newStream(name string) *stream { return &stream{label: Label + name} }

func (s *stream) bytes(n int) octets {
	out := make(octets, 0, n)
	for len(out) < n {
		if len(s.left) == 0 {
			b := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.label), s.next))
			s.next++
			s.left = b[:]
		}
		take := min(n-len(out), len(s.left))
		out = append(out, s.left[:take]...)
		s.left = s.left[take:]
	}
	return out
}

// below reads two bytes big-endian, modulo n. The small bias doesn't matter here.
func (s *stream) below(n int) int { return int(binary.BigEndian.Uint16(s.bytes(2))) % n }
