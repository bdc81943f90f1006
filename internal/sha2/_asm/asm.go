// Command asm writes the SHA-256 compression function for amd64's SHA extensions.
//
// It follows the definition of the instructions (Intel, "Intel SHA Extensions: New Instructions
// Supporting the Secure Hash Algorithm on Intel Architecture Processors", 2013):
//
//   - SHA256RNDS2 does two rounds. One register holds a, b, e, f and the other c, d, g, h, from the
//     highest lane down; the low half of X0 holds W+K of the two rounds. It replaces c, d, g, h by the
//     new a, b, e, f. The new c, d, g, h are the old a, b, e, f: the registers swap their roles.
//   - SHA256MSG1 adds σ0 of the following word to each of four words of the schedule.
//   - SHA256MSG2 adds σ1 of the word two places before, for which it takes two of its own results.
package main

//go:generate go run . -out ../sha256_amd64.s -stubs ../sha256_amd64.go -pkg sha2

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")

	flip := GLOBL("flip", RODATA|NOPTR)
	DATA(0, U64(0x0405060700010203)) // turns the bytes of each lane around
	DATA(8, U64(0x0c0d0e0f08090a0b))

	TEXT("block256SHA", NOSPLIT, "func(h *[8]uint32, p []byte)")
	Pragma("noescape")
	Doc("block256SHA is Block256 by the SHA extensions.")
	h, p, n := Load(Param("h"), GP64()), Load(Param("p").Base(), GP64()), Load(Param("p").Len(), GP64())

	const (
		abefFromLanes = 1<<0 | 0<<2 | 1<<4 | 0<<6 // lanes 1, 0 of the one operand, then of the other
		cdghFromLanes = 3<<0 | 2<<2 | 3<<4 | 2<<6 // lanes 3, 2
		highHalf      = 2<<0 | 3<<2
	)
	wk := X0 // SHA256RNDS2 takes no other
	abef, cdgh, abef0, cdgh0 := X1, X2, X3, X4
	w := []VecPhysical{X5, X6, X7, X8} // sixteen words of the schedule
	t, mask := X9, X10

	SHRQ(U8(6), n)
	JZ(LabelRef("none"))
	MOVOU(flip, mask)

	// h is a, b, c, d and e, f, g, h, from the lowest lane up.
	MOVUPS(Mem{Base: h}, t)
	MOVUPS(Mem{Base: h, Disp: 16}, abef)
	MOVAPS(abef, cdgh)
	SHUFPS(U8(abefFromLanes), t, abef)
	SHUFPS(U8(cdghFromLanes), t, cdgh)

	Label("block")
	MOVAPS(abef, abef0)
	MOVAPS(cdgh, cdgh0)
	for g := range 16 { // four rounds each
		now, before := w[g%4], w[(g+3)%4]
		if g < 4 {
			// In halves: the processor forwards what was just written in words of 8 bytes, as callers
			// write their blocks, to loads of 8 bytes but not to one of 16.
			MOVQ(Mem{Base: p, Disp: 16 * g}, now)
			MOVHPS(Mem{Base: p, Disp: 16*g + 8}, now)
			PSHUFB(mask, now)
		}
		MOVOU(NewDataAddr(Symbol{Name: "·k256"}, 16*g), wk)
		PADDD(now, wk)
		SHA256RNDS2(wk, abef, cdgh)
		if 3 <= g && g < 15 {
			// The next four words take the place of the oldest, to which SHA256MSG1 was applied.
			next := w[(g+1)%4]
			MOVAPS(now, t)
			PALIGNR(U8(4), before, t) // the words seven places before
			PADDD(t, next)
			SHA256MSG2(now, next)
		}
		PSHUFD(U8(highHalf), wk, wk)
		SHA256RNDS2(wk, cdgh, abef)
		if 1 <= g && g < 13 {
			SHA256MSG1(now, before)
		}
	}
	PADDD(abef0, abef)
	PADDD(cdgh0, cdgh)
	ADDQ(U8(64), p)
	DECQ(n)
	JNZ(LabelRef("block"))

	MOVAPS(abef, t)
	SHUFPS(U8(cdghFromLanes), cdgh, abef)
	SHUFPS(U8(abefFromLanes), cdgh, t)
	MOVUPS(abef, Mem{Base: h})
	MOVUPS(t, Mem{Base: h, Disp: 16})

	Comment("Registers outlive the call, and an interrupted goroutine saves them in its stack.")
	for _, x := range append(w, wk, abef, cdgh, abef0, cdgh0, t) {
		PXOR(x, x)
	}
	Label("none")
	RET()
	Generate()
}
