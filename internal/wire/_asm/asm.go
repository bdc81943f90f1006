// Command asm writes base64 for amd64's SSSE3, sixteen characters at a time.
//
// The method is that of Muła and Lemire ("Faster Base64 Encoding and Decoding Using AVX2 Instructions",
// ACM Transactions on the Web 12, 2018). Its tables lie in registers: PSHUFB looks sixteen values up at
// once, without an address in memory, so that it takes constant time.
package main

//go:generate go run . -out ../base64_amd64.s -stubs ../base64_stub_amd64.go -pkg wire

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	encode()
	decode()
	Generate()
}

// bytes16 is a constant of sixteen bytes.
func bytes16(name string, b ...int) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i, x := range b {
		DATA(i, U8(uint8(x)))
	}
	return m
}

func repeat(name string, b ...int) Mem {
	var all []int
	for len(all) < 16 {
		all = append(all, b...)
	}
	return bytes16(name, all...)
}

func load(m Mem, to VecPhysical) VecPhysical {
	MOVOU(m, to)
	return to
}

func encode() {
	TEXT("encodeSSSE3", NOSPLIT, "func(dst, src *byte, n int)")
	Pragma("noescape")
	Doc("encodeSSSE3 encodes n times twelve bytes. It reads four bytes more.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())

	x, t := X0, X1
	split := load(bytes16("split", 1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10), X2)
	odd := load(repeat("odd", 0x00, 0xfc, 0xc0, 0x0f), X3)
	oddShift := load(repeat("oddShift", 0x40, 0x00, 0x00, 0x04), X4)
	even := load(repeat("even", 0xf0, 0x03, 0x3f, 0x00), X5)
	evenShift := load(repeat("evenShift", 0x10, 0x00, 0x00, 0x01), X6)
	limit := load(repeat("limit", 51), X7)
	upper := load(repeat("upper", 26), X8)
	thirteen := load(repeat("thirteen", 13), X9)
	// From a value to its character: a..z, ten digits, +, /, and A..Z.
	distance := load(bytes16("distance", 'a'-26, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, '+'-62, '/'-63, 'A', 0, 0), X10)

	Label("encodeLoop")
	Comment("Four groups of six bits from each three bytes")
	MOVOU(Mem{Base: src}, x)
	PSHUFB(split, x)
	MOVO(x, t)
	PAND(odd, t)
	PMULHUW(oddShift, t)
	PAND(even, x)
	PMULLW(evenShift, x)
	POR(t, x)
	Comment("0 for a to z, 1 to 12 for digits, + and /, 13 for A to Z")
	MOVO(x, t)
	PSUBUSB(limit, t)
	MOVO(upper, X11)
	PCMPGTB(x, X11)
	PAND(thirteen, X11)
	POR(X11, t)
	MOVO(distance, X12)
	PSHUFB(t, X12)
	PADDB(X12, x)
	MOVOU(x, Mem{Base: dst})
	ADDQ(Imm(12), src)
	ADDQ(Imm(16), dst)
	DECQ(n)
	JNE(LabelRef("encodeLoop"))
	wipe(x, t, X11, X12)
	RET()
}

func decode() {
	TEXT("decodeSSSE3", NOSPLIT, "func(dst, src *byte, n int) (bad int)")
	Pragma("noescape")
	Doc("decodeSSSE3 decodes n times sixteen characters. It writes four bytes more. bad is not zero if a",
		"character is outside the alphabet.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())

	x, high, low, slash, bad := X0, X1, X2, X3, X4
	nibble := load(repeat("nibble", 0x0f), X5)
	slashes := load(repeat("slashes", '/'), X6)
	distances := load(bytes16("distances", 0, 63-'/', 62-'+', 52-'0', -'A', -'A', 26-'a', 26-'a', 0, 0, 0, 0, 0, 0, 0, 0), X7)
	// Each bit is a kind of row of the ASCII table; a low nibble has the bits of the rows in which it is
	// not a character of the alphabet.
	rows := load(bytes16("rows", 16, 16, 1, 2, 4, 8, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16), X8)
	columns := load(bytes16("columns", badColumns()...), X9)
	join8 := load(repeat("join8", 0x40, 0x01), X10)
	join16 := load(repeat("join16", 0x00, 0x10, 0x01, 0x00), X11)
	pack := load(bytes16("pack", 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 0x80, 0x80, 0x80, 0x80), X12)
	PXOR(bad, bad)

	Label("decodeLoop")
	MOVOU(Mem{Base: src}, x)
	MOVO(x, high)
	PSRLL(Imm(4), high)
	PAND(nibble, high)
	MOVO(x, low)
	PAND(nibble, low)
	Comment("Is it in the alphabet?")
	MOVO(columns, X13)
	PSHUFB(low, X13)
	MOVO(rows, X14)
	PSHUFB(high, X14)
	PAND(X14, X13)
	POR(X13, bad)
	Comment("Its value: the row tells the distance, but + and / share one")
	MOVO(x, slash)
	PCMPEQB(slashes, slash)
	PADDB(slash, high)
	MOVO(distances, X13)
	PSHUFB(high, X13)
	PADDB(X13, x)
	Comment("Three bytes of each four values")
	PMADDUBSW(join8, x)
	PMADDWL(join16, x)
	PSHUFB(pack, x)
	MOVOU(x, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(12), dst)
	DECQ(n)
	JNE(LabelRef("decodeLoop"))

	PXOR(x, x)
	PCMPEQB(x, bad)
	result := GP32()
	PMOVMSKB(bad, result)
	XORL(U32(0xffff), result) // clears the upper half too
	Store(result.As64(), ReturnIndex(0))
	wipe(x, high, low, slash, bad, X13, X14)
	RET()
}

// badColumns computes, for every low nibble, in which kinds of row it is not in the alphabet.
func badColumns() (columns []int) {
	in := func(c int) bool {
		return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
	}
	for low := range 16 {
		bits := 16 // rows without a character
		for bit, row := range map[int]int{1: 2, 2: 3, 4: 4, 8: 5} {
			if !in(row<<4 | low) {
				bits |= bit
			}
			// Rows 6 and 7, of small letters, are like rows 4 and 5.
			if row >= 4 && in(row<<4|low) != in((row+2)<<4|low) {
				panic("rows differ")
			}
		}
		columns = append(columns, bits)
	}
	return columns
}

func wipe(registers ...VecPhysical) {
	Comment("Leave nothing in registers")
	for _, x := range registers {
		PXOR(x, x)
	}
}
