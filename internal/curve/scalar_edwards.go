//go:build !purego

package curve

import (
	"filippo.io/edwards25519"

	"github.com/karst-im/karst/internal/secret"
)

// Scalars modulo L.

type sc struct{ s edwards25519.Scalar }

//go:noinline
func (v *sc) wipe() { *v = sc{} }

// scReduce sets v = b modulo L.
func scReduce(v *sc, b *[64]byte) {
	if _, err := v.s.SetUniformBytes(b[:]); err != nil {
		panic("curve: internal error: a wide scalar has 64 bytes")
	}
}

// scClamped sets v to the clamped k modulo L. SetBytesWithClamping would do the same but leave a copy of
// the key on the stack.
func scClamped(v *sc, k *[32]byte) {
	var wide [64]byte
	copy(wide[:], k[:])
	clamp((*[32]byte)(wide[:32]))
	scReduce(v, &wide)
	secret.Wipe(wide[:])
}

// scMulAdd sets v = a b + c.
func scMulAdd(v, a, b, c *sc) { v.s.MultiplyAdd(&a.s, &b.s, &c.s) }

// scBytes sets out to a. Bytes leaves it on the stack, too.
func scBytes(out *[32]byte, a *sc) {
	b := a.s.Bytes()
	copy(out[:], b)
	secret.Wipe(b)
}

// scMulBytes sets out = a b modulo L.
func scMulBytes(out, a, b *[32]byte) {
	var wide [64]byte
	var x, y sc
	copy(wide[:], a[:])
	scReduce(&x, &wide)
	copy(wide[:], b[:])
	scReduce(&y, &wide)
	x.s.Multiply(&x.s, &y.s)
	scBytes(out, &x)
}

// wipeStack overwrites what edwards25519 leaves on the stack.
func wipeStack() { secret.WipeStack() }
