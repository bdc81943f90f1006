//go:build ctgrind && linux

#include "textflag.h"

// The sequence that valgrind knows (valgrind.h, amd64-linux): the address of the request in AX, the default
// answer in DX, the answer in DX. On a processor the rotations add up to nothing.

// func request(code, a, b, c, d, e uintptr) uintptr
TEXT ·request(SB), NOSPLIT, $0-56
	XORL DX, DX
	LEAQ code+0(FP), AX
	ROLQ $3, DI
	ROLQ $13, DI
	ROLQ $61, DI
	ROLQ $51, DI
	XCHGQ BX, BX
	MOVQ DX, ret+48(FP)
	RET

// func stack() (low, high uintptr)
TEXT ·stack(SB), NOSPLIT, $0-16
	MOVQ (R14), AX // R14 is the goroutine, which begins with the bounds of its stack
	MOVQ AX, low+0(FP)
	MOVQ 8(R14), AX
	MOVQ AX, high+8(FP)
	RET
