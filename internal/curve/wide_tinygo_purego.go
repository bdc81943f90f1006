//go:build purego && tinygo && (amd64 || arm64)

package curve

// TinyGo compiles math/bits.Mul64 and Add64 like any other Go code, to four multiplications and a handful
// of shifts. An exported function without a body whose name is that of an LLVM intrinsic becomes the
// intrinsic, and thus one instruction. (import "C" would do as well, but brings package syscall, whose
// initialisers allocate and change the limits of the host process.)

// llvm.umul.fix is (a b) >> scale: the high word, for a scale of 64.
//
//export llvm.umul.fix.i64
func umulFix(a, b uint64, scale int32) uint64

//export llvm.uadd.with.overflow.i64
func uaddOverflow(a, b uint64) (sum uint64, carry bool)

// uint128 is a sum of products of two limbs.
type uint128 struct{ lo, hi uint64 }

// mulWide returns a b.
func mulWide(a, b uint64) uint128 { return uint128{a * b, umulFix(a, b, 64)} }

// mulAddWide returns v + a b.
func mulAddWide(v uint128, a, b uint64) uint128 {
	lo, carry := uaddOverflow(v.lo, a*b)
	c := uint64(0)
	if carry { // no branch: add with carry
		c = 1
	}
	return uint128{lo, v.hi + umulFix(a, b, 64) + c}
}
