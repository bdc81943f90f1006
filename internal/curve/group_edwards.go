//go:build !purego && !amd64

package curve

import (
	"encoding/binary"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"

	"github.com/karst-im/karst/internal/secret"
)

const withoutADX = "edwards25519"

// Field elements.

type fe = field.Element

func feSetOne(v *fe)           { v.One() }
func feAdd(v, a, b *fe)        { v.Add(a, b) }
func feSub(v, a, b *fe)        { v.Subtract(a, b) }
func feMul(v, a, b *fe)        { v.Multiply(a, b) }
func feSquare(v, a *fe)        { v.Square(a) }
func feMul121666(v, a *fe)     { v.Mult32(a, 121666) }
func feInvert(v, a *fe)        { v.Invert(a) }
func feSwap(a, b *fe, bit int) { a.Swap(b, bit) }

func feSetBytes(v *fe, b *[32]byte) {
	if _, err := v.SetBytes(b[:]); err != nil {
		panic("curve: internal error: a field element has 32 bytes")
	}
}

// feSetWords sets v to the low 255 bits of w.
func feSetWords(v *fe, w *[4]uint64) {
	var b [32]byte
	for i, x := range w[:] {
		binary.LittleEndian.PutUint64(b[8*i:], x)
	}
	feSetBytes(v, &b)
}

// fePow58 sets v to a^((p-5)/8).
func fePow58(v, a *fe) { v.Pow22523(a) }

// feBytes sets out to the encoding of a. Bytes leaves it on the stack, too.
func feBytes(out *[32]byte, a *fe) {
	b := a.Bytes()
	copy(out[:], b)
	secret.Wipe(b)
}

// feWipe is not inlined so that the compiler can't see that nothing reads the zero.
//
//go:noinline
func feWipe(v *fe) { *v = fe{} }

// Secret multiples of the base point. Verification has points of its own, in verify.go.

// secretPoint is a named type so that its wiping is a function of ours.
type secretPoint struct{ p edwards25519.Point }

//go:noinline
func (v *secretPoint) wipe() { *v = secretPoint{} }

// baseMult sets out to the encoding of sB.
func baseMult(out *[32]byte, s *sc) {
	var v secretPoint
	copy(out[:], v.p.ScalarBaseMult(&s.s).Bytes())
	v.wipe()
}

// baseMontgomery sets out to the Montgomery u coordinate of sB.
func baseMontgomery(out *[32]byte, s *sc) {
	var v secretPoint
	copy(out[:], v.p.ScalarBaseMult(&s.s).BytesMontgomery())
	v.wipe()
}
