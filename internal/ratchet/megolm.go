package ratchet

import (
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/secret"
)

// MegolmLen is the length of a Megolm ratchet without its counter, in bytes.
const MegolmLen = 128

const partLen = 32

// Megolm is a Megolm ratchet: R(i,0) ‖ R(i,1) ‖ R(i,2) ‖ R(i,3) and the counter i.
//
// It can move forward to any index, in at most 1,030 HMACs, and never back.
type Megolm struct {
	r       [MegolmLen]byte
	counter uint32
}

// Set makes m the ratchet of the given 128 bytes at index counter.
func (m *Megolm) Set(r []byte, counter uint32) {
	secret.Copy(m.r[:], r[:MegolmLen])
	m.counter = counter
}

// CopyFrom makes m equal to o.
func (m *Megolm) CopyFrom(o *Megolm) { m.Set(o.r[:], o.counter) }

// Counter returns the index i of m.
func (m *Megolm) Counter() uint32 { return m.counter }

// Key writes the 128 bytes of m to key: the secret that the keys of message i are derived from.
func (m *Megolm) Key(key *[MegolmLen]byte) { secret.Copy(key[:], m.r[:]) }

// Equal reports whether m and o are the same ratchet at the same index. What it compares takes
// constant time.
func (m *Megolm) Equal(o *Megolm) bool {
	return secret.Equal(m.r[:], o.r[:]) == 1 && m.counter == o.counter
}

// Wipe overwrites m with zeros.
func (m *Megolm) Wipe() {
	secret.Wipe(m.r[:])
	m.counter = 0
}

// Advance moves m by one. The counter wraps after 2^32-1.
func (m *Megolm) Advance() {
	m.counter++
	// The part that is replaced by its own successor; those behind it are replaced by its children.
	h := 3
	switch {
	case m.counter&0xffffff == 0:
		h = 0
	case m.counter&0xffff == 0:
		h = 1
	case m.counter&0xff == 0:
		h = 2
	}
	m.reseed(h)
}

// AdvanceTo moves m to index target, modulo 2^32: a target below the counter goes round.
func (m *Megolm) AdvanceTo(target uint32) {
	for j := range 4 {
		shift := 24 - 8*j
		steps := (target>>shift - m.counter>>shift) & 0xff
		if steps == 0 {
			if target >= m.counter {
				continue
			}
			steps = 0x100 // all the way round
		}
		// The parts behind j matter only after the last step of j.
		for ; steps > 1; steps-- {
			m.rehash(j, j)
		}
		m.reseed(j)
		m.counter = target & (^uint32(0) << shift)
	}
}

// reseed replaces R(h) and everything behind it by the children of R(h).
func (m *Megolm) reseed(h int) {
	for i := 3; i >= h; i-- {
		m.rehash(h, i)
	}
}

// rehash sets R(to) = H_to(R(from)) = HMAC(R(from), to).
func (m *Megolm) rehash(from, to int) {
	kdf.HMACByte((*[partLen]byte)(m.r[to*partLen:]), (*[partLen]byte)(m.r[from*partLen:]), byte(to))
}
