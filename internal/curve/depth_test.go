//go:build !purego && !race

package curve

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/testkit"
)

const (
	paint      = 0xa5
	paintedLen = 24 << 10
)

// TestWipedDepth measures how deep the functions that are not ours go below the function that calls them and then wipes the
// stack: they go no deeper than is wiped. How deep depends on the processor, whose instructions the standard library
// chooses by, and on the machine: the test starts itself again without AVX2, and runs on 386 and others too.
func TestWipedDepth(t *testing.T) {
	measure := func(cpu string, options ...string) {
		cmd := testkit.Again(t, append(options, "KARST_DEPTH=1"), "-test.run=^TestDepthHere$", "-test.v")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "of wiped stack") {
			t.Errorf("%s: %v\n%s", cpu, err, out)
			return
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "of wiped stack") {
				t.Logf("%s: %s", cpu, strings.TrimSpace(line))
			}
		}
	}
	const alone = "GODEBUG=asyncpreemptoff=1" // where the runtime stops a goroutine, it stores registers below
	measure("all instructions", alone)
	measure("no AVX2", alone+",cpu.avx2=off,cpu.bmi1=off,cpu.bmi2=off")
	measure("no AVX, no SHA", alone+",cpu.avx2=off,cpu.avx=off,cpu.sha=off,cpu.bmi1=off,cpu.bmi2=off")
}

// TestDepthHere measures on the instructions that this process may use.
func TestDepthHere(t *testing.T) {
	if os.Getenv("KARST_DEPTH") == "" {
		t.Skip("TestWipedDepth starts it")
	}
	secret.GrowStack()
	growTwice(paintedLen)
	var s, u, v sc
	var h [64]byte
	var b [32]byte
	for i := range b {
		b[i], h[i], h[32+i] = byte(i), byte(3*i), byte(7*i)
	}
	message := make([]byte, 300)
	var l ladder
	feSetOne(&l.x2)
	feSetOne(&l.z2)
	operations := []struct {
		name string
		f    func()
	}{
		{"SHA-512", func() { sum512(&h, message, h[:], message[:7]) }},
		{"a reduction", func() { scReduce(&s, &h) }},
		{"a clamped scalar", func() { scClamped(&u, &b) }},
		{"multiply and add", func() { scMulAdd(&v, &s, &u, &s) }},
		{"the bytes of a scalar", func() { scBytes(&b, &v) }},
		{"a multiple of the base point", func() { baseMult(&b, &u) }},
		{"its u coordinate", func() { baseMontgomery(&b, &u) }},
		{"a step of the ladder", func() { l.step(1) }},
		{"an inversion", func() { feInvert(&l.e, &l.x2) }},
		{"the bytes of an element", func() { feBytes(&b, &l.e) }},
		{"an element of bytes", func() { feSetBytes(&l.x1, &b) }},
	}
	deepest, which := 0, ""
	for range 2 { // the first time tables may be made
		deepest = 0
		for _, op := range operations {
			if n := depth(op.f); n > deepest {
				deepest, which = n, op.name
			}
		}
	}
	if n := depth(func() { scratch(0) }); n < 1000 {
		t.Errorf("a function with 1,000 bytes on the stack seems to need %d", n)
	}
	fmt.Printf("%s needs most, %d of %d bytes of wiped stack\n", which, deepest, secret.WipedStack)
	if deepest == 0 || deepest > secret.WipedStack {
		t.Errorf("%s goes %d bytes deep, and %d are wiped", which, deepest, secret.WipedStack)
	}
}

// depth returns how many bytes of the stack below its caller f changes.
//
//go:noinline
func depth(f func()) int {
	var here byte
	paintStack()
	f()
	return deepestChange(unsafe.Pointer(&here))
}

//go:noinline
func paintStack() {
	var frame [paintedLen]byte
	for i := range frame[:] {
		frame[i] = paint
	}
	keepAlive(&frame)
}

//go:noinline
func keepAlive(*[paintedLen]byte) {}

// deepestChange returns how far below top the lowest byte is that is not painted. What is below the painted part it does
// not look at.
//
//go:noinline
//go:nocheckptr
func deepestChange(top unsafe.Pointer) int {
	const margin = 512 // the frame of paintStack begins a little below top
	for below := paintedLen - margin; below > 0; below-- {
		if *(*byte)(unsafe.Add(top, -below)) != paint {
			return below
		}
	}
	return 0
}

// scratch is a control.
//
//go:noinline
func scratch(x byte) byte {
	var frame [1000]byte
	for i := range frame[:] {
		frame[i] = x
	}
	return frame[x]
}

// growTwice makes the stack large enough for what is painted.
//
//go:noinline
func growTwice(n int) byte {
	var frame [4 << 10]byte
	if n <= 0 {
		return frame[0]
	}
	return growTwice(n-len(frame)) + frame[1]
}
