//go:build ctgrind && linux && (amd64 || 386)

package constant_time

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/secret"
)

// declared is how many outputs the cases declare public. It is counted, so that nobody adds one in order to
// silence a report.
const declared = 175

// totals is what run.sh prints.
var totals struct{ cases, reports, controls, caught, outputs int }

func TestMain(m *testing.M) {
	if !secret.UnderMemcheck() {
		fmt.Println("this shows something under valgrind only: see run.sh")
		os.Exit(1)
	}
	if os.Getenv("KARST_ADX") != "" {
		cpu.ADX = true // memcheck follows these instructions, but says that its processor has none
	}
	code := m.Run()
	t := totals
	if t.outputs != declared && flag.Lookup("test.run").Value.String() == "" {
		fmt.Printf("%d outputs were declared public, and not %d\n", t.outputs, declared)
		code = 1
	}
	fmt.Printf("%d reports in %d cases, %d of %d leaky controls caught, %d outputs declared public\n",
		t.reports, t.cases, t.caught, t.controls, t.outputs)
	os.Exit(code)
}

// trial is one run of a case: the first with bytes that are not marked, for what happens once only, and for
// the dispatch on what the processor can do.
type trial struct {
	first   bool
	problem string
	random  byte
	outputs int
	start   int // reports before the case
	early   int // reports of a control before the leak that is planted in it
}

// fill is the source of randomness: its bytes are secret.
func (c *trial) fill(b []byte) {
	for i := range b {
		c.random = c.random*77 + 13
		b[i] = c.random
	}
	if !c.first {
		secret.MarkSecret(b)
	}
}

// key returns n secret bytes.
func (c *trial) key(n int) []byte {
	b := make([]byte, n)
	c.fill(b)
	return b
}

// public declares an output public, which must have depended on a secret: otherwise the case shows nothing.
func (c *trial) public(name string, b []byte) []byte {
	if !c.first && !secret.DependsOnSecret(b) {
		c.problem = name + " does not depend on a secret"
	}
	secret.MarkPublic(b)
	c.outputs++
	return b
}

func (c *trial) must(err error) {
	if err != nil {
		panic(err)
	}
}

// grow makes the stack larger than any case needs.
//
//go:noinline
func grow(n int) byte {
	var frame [1024]byte
	if n > 0 {
		frame[n] = grow(n - 1)
	}
	return frame[0] + frame[n&1023]
}

// run runs f on a thread of its own, on a stack that no longer grows, and returns how many reports there
// were.
func run(f func(c *trial)) (c *trial, reports int) {
	done := make(chan bool)
	c = new(trial)
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		grow(96)
		secret.RegisterStack()
		first := trial{first: true}
		restore := entropy.Replace(first.fill)
		f(&first)
		restore()
		restore = entropy.Replace(c.fill)
		c.start = secret.Reports()
		f(c)
		reports = secret.Reports() - c.start
		restore()
	}()
	<-done
	return c, reports
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// clean runs a case that must not leak. memcheck counts the reports of the process, and a thread of the
// runtime can add one; never take one away. A leak shows every time, so that one clean run of three proves
// that there is none.
func clean(t *testing.T, f func(c *trial)) {
	t.Helper()
	var c *trial
	reports := 0
	for range 3 {
		if c, reports = run(f); reports == 0 {
			break
		}
	}
	totals.cases++
	totals.reports += reports
	totals.outputs += c.outputs
	if reports != 0 {
		t.Errorf("%d branches or addresses depend on a secret", reports)
	}
	if c.problem != "" {
		t.Error(c.problem)
	}
}

// leaky runs a case that must be noticed: by the leak that is planted in it, if that is told to come after
// something, and not by one on the way there.
func leaky(t *testing.T, after bool, f func(c *trial)) {
	t.Helper()
	var c *trial
	reports := 0
	for range 3 {
		if c, reports = run(f); c.early == 0 {
			break
		}
	}
	totals.controls++
	if after && c.early > 0 {
		t.Errorf("%d reports before the leak", c.early)
		return
	}
	if reports == 0 {
		t.Error("a leak was not noticed")
		return
	}
	totals.caught++
}
