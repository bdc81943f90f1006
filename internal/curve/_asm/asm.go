// Command asm writes the field arithmetic and the formulas of package curve for amd64.
package main

//go:generate go run . -out ../curve_amd64.s -pkg curve

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A field element is four words, any number below 2^256. 2^256 is 38 modulo p.
const element = 32

// r is where products and sums are.
var r = []GPPhysical{R8, R9, R10, R11, R12, R13, R14, R15}

func main() {
	ConstraintExpr("!purego")

	TEXT("product", NOSPLIT, "func()")
	Comment("SI and BX point to the factors, DI to the result. SI, BP and SP stay.")
	product()
	RET()
	TEXT("square", NOSPLIT, "func()")
	Comment("SI points to the factor, DI to the result. SI, BP and SP stay.")
	square()
	RET()

	TEXT("mulADX", NOSPLIT, "func(v, a, b *uint64)")
	Load(Param("v"), RDI)
	Load(Param("a"), RSI)
	Load(Param("b"), RBX)
	CALL(LabelRef("·product(SB)"))
	RET()
	squareN()
	ladderStep()
	pointAdd()
	pointDouble()
	selectMultiple()
	Generate()
}

// product is the schoolbook method, a row at a time, the low and the high halves of the products in two
// chains of carries.
func product() {
	a, b := Mem{Base: RSI}, Mem{Base: RBX}
	low, high := RAX, RCX
	MOVQ(a, RDX)
	MULXQ(b, r[0], r[1])
	MULXQ(b.Offset(8), low, r[2])
	ADDQ(low, r[1])
	MULXQ(b.Offset(16), low, r[3])
	ADCQ(low, r[2])
	MULXQ(b.Offset(24), low, r[4])
	ADCQ(low, r[3])
	ADCQ(Imm(0), r[4])
	for i := 1; i < 4; i++ {
		MOVQ(a.Offset(8*i), RDX)
		XORL(r[i+4].As32(), r[i+4].As32()) // clears both carries
		for j := range 4 {
			MULXQ(b.Offset(8*j), low, high)
			ADCXQ(low, r[i+j])
			ADOXQ(high, r[i+j+1])
		}
		MOVL(U32(0), EAX)
		ADCXQ(RAX, r[i+4])
	}
	reduce()
}

// square has the six products of different words once, doubles them and adds the four squares.
func square() {
	a := Mem{Base: RSI}
	low, high := RAX, RCX
	MOVQ(a, RDX)
	XORL(R13L, R13L) // r[5] = 0, clears both carries
	MULXQ(a.Offset(8), r[1], r[2])
	MULXQ(a.Offset(16), low, r[3])
	ADCXQ(low, r[2])
	MULXQ(a.Offset(24), low, r[4])
	ADCXQ(low, r[3])
	MOVQ(a.Offset(8), RDX)
	MULXQ(a.Offset(16), low, high)
	ADOXQ(low, r[3])
	ADCXQ(high, r[4])
	MULXQ(a.Offset(24), low, high)
	ADOXQ(low, r[4])
	ADCXQ(r[5], high)
	MOVQ(a.Offset(16), RDX)
	MULXQ(a.Offset(24), r[5], r[6])
	ADOXQ(high, r[5])
	MOVL(U32(0), EBX)
	ADOXQ(RBX, r[6])

	XORL(R15L, R15L) // r[7] = 0, clears both carries
	MOVQ(a, RDX)
	MULXQ(RDX, r[0], high)
	ADCXQ(r[1], r[1])
	ADOXQ(high, r[1])
	for i := 1; i < 4; i++ {
		MOVQ(a.Offset(8*i), RDX)
		MULXQ(RDX, low, high)
		ADCXQ(r[2*i], r[2*i])
		ADOXQ(low, r[2*i])
		ADCXQ(r[2*i+1], r[2*i+1])
		ADOXQ(high, r[2*i+1])
	}
	reduce()
}

// reduce stores r to DI, with 38 times the upper four words added to the lower ones.
func reduce() {
	low, high := RAX, RCX
	MOVL(U32(38), EDX)
	XORL(EBX, EBX) // clears both carries
	for i := range 4 {
		MULXQ(r[4+i], low, high)
		ADCXQ(low, r[i])
		if i < 3 {
			ADOXQ(high, r[i+1])
		}
	}
	ADOXQ(RBX, high)
	ADCXQ(RBX, high)
	fold(high, r)
	store(r, Mem{Base: RDI})
}

// fold adds 38 high to v. What is carried then is carried over a v that is near zero.
func fold(high GPPhysical, v []GPPhysical) {
	IMUL3Q(Imm(38), high, high)
	ADDQ(high, v[0])
	for i := 1; i < 4; i++ {
		ADCQ(Imm(0), v[i])
	}
	carry(high)
	ADDQ(high, v[0])
}

// carry sets to to 38 if there is a carry, and else to 0.
func carry(to GPPhysical) {
	SBBQ(to, to)
	ANDL(Imm(38), to.As32())
}

func load(from Mem, v []GPPhysical) {
	for i := range 4 {
		MOVQ(from.Offset(8*i), v[i])
	}
}

func store(v []GPPhysical, to Mem) {
	for i := range 4 {
		MOVQ(v[i], to.Offset(8*i))
	}
}

func squareN() {
	TEXT("squareADX", NOSPLIT, "func(v, a *uint64, n int)")
	Doc("squareADX sets v to a^(2^n), n >= 1.")
	Load(Param("v"), RDI)
	Load(Param("a"), RSI)
	Label("again")
	CALL(LabelRef("·square(SB)"))
	MOVQ(RDI, RSI)
	DECQ(NewParamAddr("n", 16))
	JNZ(LabelRef("again"))
	RET()
}

// at is an element of the structure whose address is the first parameter.
type at int

// formula begins a function over the structure whose address is its first parameter, of that name.
var structure string

func multiply(to at, a at, b interface{}) {
	Load(Param(structure), RDI)
	LEAQ(Mem{Base: RDI, Disp: element * int(a)}, RSI)
	switch b := b.(type) {
	case at:
		LEAQ(Mem{Base: RDI, Disp: element * int(b)}, RBX)
	case other:
		Load(Param(string(b.parameter)), RBX)
		advance(RBX, b.n)
	}
	advance(RDI, int(to))
	CALL(LabelRef("·product(SB)"))
}

// other is an element of the structure whose address is another parameter.
type other struct {
	parameter string
	n         int
}

func advance(pointer GPPhysical, n int) {
	if n > 0 {
		ADDQ(U32(uint32(element*n)), pointer)
	}
}

func squareOf(to, a at) {
	Load(Param(structure), RDI)
	LEAQ(Mem{Base: RDI, Disp: element * int(a)}, RSI)
	advance(RDI, int(to))
	CALL(LabelRef("·square(SB)"))
}

const none at = -1

// addSubtract sets sum to a + b and difference to a - b.
func addSubtract(sum, difference, a, b at) {
	Load(Param(structure), RSI)
	load(Mem{Base: RSI, Disp: element * int(a)}, r)
	load(Mem{Base: RSI, Disp: element * int(b)}, r[4:])
	sumAndDifference(sum, difference)
}

// addSubtractEither takes a2 and b2 instead of a and b if the parameter swap is not zero.
func addSubtractEither(sum, difference, a, b, a2, b2 at) {
	Load(Param(structure), RSI)
	Load(Param("swap"), RAX)
	load(Mem{Base: RSI, Disp: element * int(a)}, r)
	load(Mem{Base: RSI, Disp: element * int(b)}, r[4:])
	TESTQ(RAX, RAX)
	for i := range 4 {
		CMOVQNE(Mem{Base: RSI, Disp: element*int(a2) + 8*i}, r[i])
		CMOVQNE(Mem{Base: RSI, Disp: element*int(b2) + 8*i}, r[4+i])
	}
	sumAndDifference(sum, difference)
}

func sumAndDifference(sum, difference at) {
	if sum != none {
		s := []GPPhysical{RAX, RBX, RCX, RDX}
		for i := range s {
			MOVQ(r[i], s[i])
		}
		chain(ADDQ, ADCQ, s)
		store(s, Mem{Base: RSI, Disp: element * int(sum)})
	}
	if difference != none {
		chain(SUBQ, SBBQ, r)
		store(r, Mem{Base: RSI, Disp: element * int(difference)})
	}
}

// chain adds r[4:] to v or subtracts it. It does so twice with what is carried: after the second time v is
// near zero, or near 2^256 when it subtracts.
func chain(first, next func(Op, Op), v []GPPhysical) {
	first(r[4], v[0])
	for i := 1; i < 4; i++ {
		next(r[4+i], v[i])
	}
	carry(RDI)
	first(RDI, v[0])
	for i := 1; i < 4; i++ {
		next(Imm(0), v[i])
	}
	carry(RDI)
	first(RDI, v[0])
}

func ladderStep() {
	const (
		x1 at = iota
		x2
		z2
		x3
		z3
		a
		b
		c
		d
		e
	)
	structure = "s"
	TEXT("ladderStepADX", NOSPLIT, "func(s *uint64, swap int)")
	Doc("ladderStepADX is ladder.exchange and ladder.stepByElements.")
	addSubtractEither(a, b, x2, z2, x3, z3)
	addSubtractEither(c, d, x3, z3, x2, z2)
	multiply(d, d, a)
	multiply(c, c, b)
	squareOf(a, a)
	squareOf(b, b)
	addSubtract(x3, z3, d, c)
	addSubtract(none, e, a, b)
	squareOf(z3, z3)
	multiply(x2, a, b)

	Comment("z2 = 121666 e + b")
	Load(Param(structure), RSI)
	load(Mem{Base: RSI, Disp: element * int(b)}, r)
	MOVL(U32(121666), EDX)
	XORL(EBX, EBX)
	for i := range 4 {
		MULXQ(Mem{Base: RSI, Disp: element*int(e) + 8*i}, RAX, RCX)
		ADCXQ(RAX, r[i])
		if i < 3 {
			ADOXQ(RCX, r[i+1])
		}
	}
	ADOXQ(RBX, RCX)
	ADCXQ(RBX, RCX)
	fold(RCX, r)
	store(r, Mem{Base: RSI, Disp: element * int(z2)})

	squareOf(x3, x3)
	multiply(z3, z3, x1)
	multiply(z2, z2, e)
	RET()
}

// The elements of a point and of a cached point.
const (
	x at = iota
	y
	z
	t
	e
	f
	g
	h
)

const (
	sum = iota
	diff
	dt
	zz
)

func pointAdd() {
	structure = "p"
	TEXT("pointAddADX", NOSPLIT, "func(p, q *uint64, affine, t bool)")
	Doc("pointAddADX is pointAddByElements.")
	addSubtract(h, e, y, x)
	multiply(x, e, other{"q", diff})
	multiply(y, h, other{"q", sum})
	addSubtract(h, e, y, x)
	multiply(x, t, other{"q", dt})
	Load(Param("affine"), AL)
	TESTB(AL, AL)
	JZ(LabelRef("general"))
	Load(Param(structure), RSI)
	load(Mem{Base: RSI, Disp: element * int(z)}, r)
	load(Mem{Base: RSI, Disp: element * int(z)}, r[4:])
	chain(ADDQ, ADCQ, r)
	store(r, Mem{Base: RSI, Disp: element * int(y)})
	JMP(LabelRef("both"))
	Label("general")
	multiply(y, z, other{"q", zz})
	Label("both")
	addSubtract(g, f, y, x)
	complete()
}

func pointDouble() {
	TEXT("pointDoubleADX", NOSPLIT, "func(p *uint64, t bool)")
	Doc("pointDoubleADX is pointDoubleByElements.")
	addSubtract(e, none, x, y)
	squareOf(e, e)
	squareOf(f, x)
	squareOf(g, y)
	addSubtract(h, g, g, f)
	addSubtract(none, e, e, h)
	squareOf(f, z)
	addSubtract(f, none, f, f)
	addSubtract(none, f, f, g)
	complete()
}

func complete() {
	multiply(x, e, f)
	multiply(y, g, h)
	multiply(z, f, g)
	Load(Param("t"), AL)
	TESTB(AL, AL)
	JZ(LabelRef("done"))
	multiply(t, e, h)
	Label("done")
	RET()
}

// selectMultiple compares with the number of every entry, and adds up what the comparison leaves of it.
func selectMultiple() {
	TEXT("selectMultipleADX", NOSPLIT, "func(q, row *uint64, digit int64)")
	Doc("selectMultipleADX is selectMultipleByElements.")
	Load(Param("q"), RDI)
	Load(Param("row"), RSI)
	Load(Param("digit"), RDX)
	wanted, number, one, equal, part := X6, X7, X8, X9, X10
	Comment("BX is all ones if digit is negative, DX its absolute value.")
	MOVQ(RDX, RBX)
	SARQ(Imm(63), RBX)
	XORQ(RBX, RDX)
	SUBQ(RBX, RDX)
	MOVQ(RDX, wanted)
	PSHUFD(Imm(0), wanted, wanted)
	PCMPEQL(one, one)
	PSRLL(Imm(31), one)
	MOVO(one, number)
	acc := []VecPhysical{X0, X1, X2, X3, X4, X5}
	for _, a := range acc {
		PXOR(a, a)
	}
	MOVL(U32(16), ECX)
	Label("next")
	MOVO(number, equal)
	PCMPEQL(wanted, equal)
	for i, a := range acc {
		MOVOU(Mem{Base: RSI, Disp: 16 * i}, part)
		PAND(equal, part)
		POR(part, a)
	}
	PADDD(one, number)
	ADDQ(U32(96), RSI)
	DECL(ECX)
	JNZ(LabelRef("next"))

	Comment("The neutral point, whose sum and difference are one, if digit is zero.")
	CMPQ(RDX, Imm(1))
	SBBQ(RDX, RDX)
	NEGQ(RDX)
	MOVQ(RDX, part)
	POR(part, acc[0])
	POR(part, acc[2])

	Comment("A negative multiple has sum and difference exchanged.")
	MOVQ(RBX, equal)
	PSHUFD(Imm(0), equal, equal)
	for i := range 2 {
		MOVO(acc[i], part)
		PXOR(acc[2+i], part)
		PAND(equal, part)
		PXOR(part, acc[i])
		PXOR(part, acc[2+i])
	}
	for i, a := range acc {
		MOVOU(a, Mem{Base: RDI, Disp: 16 * i})
	}

	Comment("And dt of the other sign: 2p - dt.")
	p := []GPPhysical{RAX, RCX, RDX, RSI}
	MOVQ(I32(-38), p[0])
	for _, word := range p[1:] {
		MOVQ(I32(-1), word)
	}
	at := Mem{Base: RDI, Disp: element * dt}
	load(at, r)
	SUBQ(r[0], p[0])
	for i := 1; i < 4; i++ {
		SBBQ(r[i], p[i])
	}
	TESTQ(RBX, RBX)
	for i := range 4 {
		CMOVQNE(p[i], r[i])
	}
	store(r, at)
	for _, a := range append(acc, wanted, equal, part) {
		PXOR(a, a)
	}
	RET()
}
