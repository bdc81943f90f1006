// Command floor shows where the time of an operation goes: it measures the primitives that the specifications ask
// for, adds up what an operation needs of each, and sets beside it what the operation takes.
//
//	go run ./bench/floor
//
// The sum is a floor: nothing that uses these primitives can be faster. What is above it is parsing, copying, wiping,
// locks and allocation. Prints Markdown.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/karst-im/karst/bench"
	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/cpu"
)

func main() { report(os.Stdout) }

func report(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %s; ADX %t, SHA %t, AES by %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, cpu.ADX, cpu.SHA, aes.Implementation())
	fmt.Fprintf(w, "| operation | microseconds | floor | times the floor |")
	for _, name := range kindNames {
		fmt.Fprintf(w, " %s |", name)
	}
	fmt.Fprintf(w, " the rest |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, op := range operations {
		took := measure(op.name)
		var byKind [kinds]float64
		floor := 0.0
		for _, p := range op.parts {
			cost := p.times * p.primitive.microseconds(p.n)
			byKind[p.primitive.kind] += cost
			floor += cost
		}
		fmt.Fprintf(w, "| %s | %s | %s | %.2f |", op.name, digits(took), digits(floor), took/floor)
		for _, cost := range byKind {
			fmt.Fprintf(w, " %.0f %% |", 100*cost/took)
		}
		fmt.Fprintf(w, " %.0f %% |\n", 100*(took-floor)/took)
	}

	fmt.Fprintf(w, "\n| primitive | bytes | microseconds |\n|---|---|---|\n")
	for _, p := range []part{
		x25519.of(1), publicKey.of(1), sign.of(1, 96), verifyNew.of(1, 96), verifyKnown.of(1, 96), validPublic.of(1),
		hmacByte.of(1), hkdf64.of(1), messageKeys.of(1), mac.of(1, 64), mac.of(1, 32<<10), sha512.of(1, 32),
		encrypt.of(1, 64), encrypt.of(1, 32<<10), decrypt.of(1, 64), decrypt.of(1, 32<<10), toText.of(1, 32<<10), fromText.of(1, 32<<10),
	} {
		fmt.Fprintf(w, "| %s | %d | %s |\n", p.primitive.name, p.n, digits(p.primitive.microseconds(p.n)))
	}
}

func digits(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

// measure returns the microseconds of an operation of package bench.
func measure(name string) float64 {
	for _, op := range bench.Operations() {
		if op.Name == name {
			loop := op.Prepare()
			return least(func(times int) time.Duration {
				var c clock
				loop(&c, times)
				return c.total
			})
		}
	}
	panic("there is no operation " + name)
}

// clock is a bench.Clock.
type clock struct {
	start time.Time
	total time.Duration
}

func (c *clock) StartTimer() { c.start = time.Now() }
func (c *clock) StopTimer()  { c.total += time.Since(c.start) }
