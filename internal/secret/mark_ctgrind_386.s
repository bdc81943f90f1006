//go:build ctgrind && linux

#include "textflag.h"

// As in mark_ctgrind_amd64.s, with the rotations of x86-linux.

// func request(code, a, b, c, d, e uintptr) uintptr
TEXT ·request(SB), NOSPLIT, $0-28
	XORL DX, DX
	LEAL code+0(FP), AX
	ROLL $3, DI
	ROLL $13, DI
	ROLL $29, DI
	ROLL $19, DI
	XCHGL BX, BX
	MOVL DX, ret+24(FP)
	RET

// func stack() (low, high uintptr)
TEXT ·stack(SB), NOSPLIT, $0-8
	MOVL TLS, CX
	MOVL 0(CX)(TLS*1), AX // the goroutine, which begins with the bounds of its stack
	MOVL 0(AX), CX
	MOVL CX, low+0(FP)
	MOVL 4(AX), CX
	MOVL CX, high+4(FP)
	RET
