// Command asm writes the AES-NI code of package aes.
package main

//go:generate go run . -out ../aes_amd64.s -stubs ../stub_amd64.go -pkg aes

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	rounds    = 14
	signature = "func(dst, src *byte, blocks int, key *[32]byte, iv *[16]byte)"
)

var x = []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15}

var rotWord, one Mem

func main() {
	ConstraintExpr("!purego")
	rotWord = fourTimes("rotWord", 0x0c0f0e0d) // for PSHUFB: the last word, rotated by a byte
	one = fourTimes("one", 1)                  // the first round constant
	encrypt()
	decrypt()
	Generate()
}

func fourTimes(name string, word uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(4*i, U32(word))
	}
	return m
}

// arguments loads what both functions take.
func arguments() (dst, src, blocks Register, key, iv Mem) {
	return Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("blocks"), GP64()),
		Mem{Base: Load(Param("key"), GP64())}, Mem{Base: Load(Param("iv"), GP64())}
}

// expand stores the round keys (FIPS 197, section 5.2), for the equivalent inverse cipher (section
// 5.3.5) if inverse. Afterwards the registers hold nothing of use.
//
// SubWord is AESENCLAST of the same word four times over, which ShiftRows does not change, and which
// adds the round constant as its round key. AESKEYGENASSIST would do too: it is no slower on AMD's
// processors, but by the published tables takes thrice as long as AESENCLAST on Intel's, and every
// round key waits for the one before it.
func expand(key Mem, schedule Mem, inverse bool) {
	rcon, zero, rotate := x[2], x[3], x[4]
	word, shifted, inv := x[5], x[6], x[7]

	MOVOU(rotWord, rotate)
	MOVOU(one, rcon)
	PXOR(zero, zero)

	emit := func(r int, k VecPhysical) {
		if inverse && r > 0 && r < rounds {
			AESIMC(k, inv)
			k = inv
		}
		MOVOU(k, schedule.Offset(16*r))
	}
	MOVOU(key, x[0])
	MOVOU(key.Offset(16), x[1])
	emit(0, x[0])
	emit(1, x[1])
	for r := 2; r <= rounds; r++ {
		k, last := x[r%2], x[1-r%2]
		if r%2 == 0 {
			MOVOU(last, word)
			PSHUFB(rotate, word)
			AESENCLAST(rcon, word)
			PSLLL(Imm(1), rcon)
		} else {
			PSHUFD(Imm(0xff), last, word)
			AESENCLAST(zero, word)
		}
		// Each word plus all before it: times 1+s, then 1+s², with s the shift by one word.
		for _, n := range []uint64{4, 8} {
			MOVOU(k, shifted)
			PSLLO(Imm(n), shifted)
			PXOR(shifted, k)
		}
		PXOR(word, k)
		emit(r, k)
	}
}

// wipe clears the schedule and every vector register.
func wipe(schedule Mem) {
	for _, r := range x {
		PXOR(r, r)
	}
	for r := 0; r <= rounds; r++ {
		MOVOU(x[0], schedule.Offset(16*r))
	}
}

func encrypt() {
	TEXT("encryptCBC", NOSPLIT, signature)
	Pragma("noescape")
	Doc("encryptCBC encrypts whole blocks with AES-NI.")
	dst, src, blocks, key, iv := arguments()
	schedule := AllocLocal(16 * (rounds + 1))
	expand(key, schedule, false)

	// Every block waits for the one before it. All round keys but the last stay in registers.
	state, temp := x[14], x[15]
	for r := range rounds {
		MOVOU(schedule.Offset(16*r), x[r])
	}
	MOVOU(iv, state)
	Label("loop")
	TESTQ(blocks, blocks)
	JE(LabelRef("done"))
	MOVOU(Mem{Base: src}, temp)
	PXOR(x[0], temp)
	PXOR(temp, state)
	for r := 1; r < rounds; r++ {
		AESENC(x[r], state)
	}
	MOVOU(schedule.Offset(16*rounds), temp)
	AESENCLAST(temp, state)
	MOVOU(state, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(16), dst)
	DECQ(blocks)
	JMP(LabelRef("loop"))

	Label("done")
	wipe(schedule)
	RET()
}

func decrypt() {
	TEXT("decryptCBC", NOSPLIT, signature)
	Pragma("noescape")
	Doc("decryptCBC decrypts whole blocks with AES-NI.")
	dst, src, blocks, key, iv := arguments()
	schedule := AllocLocal(16 * (rounds + 1))
	expand(key, schedule, true)

	previous, k, temp := x[15], x[14], x[13]
	MOVOU(iv, previous)
	// Eight blocks at a time keep both AES units of a core busy.
	for _, n := range []int{8, 4, 1} {
		loop, next := fmt.Sprintf("loop%d", n), fmt.Sprintf("next%d", n)
		Label(loop)
		CMPQ(blocks, Imm(uint64(n)))
		JB(LabelRef(next))
		MOVOU(schedule.Offset(16*rounds), k)
		for i := range n {
			MOVOU(Mem{Base: src, Disp: 16 * i}, x[i])
			PXOR(k, x[i])
		}
		for r := rounds - 1; r >= 0; r-- {
			MOVOU(schedule.Offset(16*r), k)
			for i := range n {
				if r > 0 {
					AESDEC(k, x[i])
				} else {
					AESDECLAST(k, x[i])
				}
			}
		}
		// All of src is read before dst, which may be the same, is written.
		PXOR(previous, x[0])
		for i := 1; i < n; i++ {
			MOVOU(Mem{Base: src, Disp: 16 * (i - 1)}, temp)
			PXOR(temp, x[i])
		}
		MOVOU(Mem{Base: src, Disp: 16 * (n - 1)}, previous)
		for i := range n {
			MOVOU(x[i], Mem{Base: dst, Disp: 16 * i})
		}
		ADDQ(Imm(uint64(16*n)), src)
		ADDQ(Imm(uint64(16*n)), dst)
		SUBQ(Imm(uint64(n)), blocks)
		JMP(LabelRef(loop))
		Label(next)
	}
	wipe(schedule)
	RET()
}
