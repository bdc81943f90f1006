package bench_test

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/bench"
)

// TestOperations runs every operation, and so the checks in its preparation, but for the heavy ones, which
// differ from others in a number.
func TestOperations(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range bench.Operations() {
		if seen[op.Name] {
			t.Errorf("%s is there twice", op.Name)
		}
		seen[op.Name] = true
		if op.Heavy {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			op.Prepare()(new(ordered), 1)
		})
	}
}

// TestLoops checks how often the three kinds of loop do their work, what they hand over, and that they measure
// it and nothing else.
func TestLoops(t *testing.T) {
	for _, n := range []int{1, 2, 3, 63, 64, 65, 200} {
		c := new(ordered)
		bench.Repeat(func() { c.work(t, c.works) })(c, n)
		c.check(t, n)

		c = new(ordered)
		bench.OnEach(func() int { return c.prepare(t) }, func(input int) { c.work(t, input) })(c, n)
		c.check(t, n)
		if c.prepared != n {
			t.Errorf("%d inputs for %d iterations", c.prepared, n)
		}

		c = new(ordered)
		bench.InOrder(func() int { return 3 * c.prepare(t) }, []int{0, 1, 2}, func(receiver, message int) {
			c.work(t, receiver+message)
		})(c, n)
		c.check(t, n)
		if want := (n + 2) / 3; c.prepared != want {
			t.Errorf("%d receivers for %d messages of 3 each", c.prepared, n)
		}
	}
}

// ordered is a clock that checks what is done while it runs.
type ordered struct {
	running         bool
	prepared, works int
}

func (c *ordered) StartTimer() { c.running = true }
func (c *ordered) StopTimer()  { c.running = false }

func (c *ordered) prepare(t *testing.T) int {
	if c.running {
		t.Error("preparation is measured")
	}
	c.prepared++
	return c.prepared - 1
}

func (c *ordered) work(t *testing.T, input int) {
	if !c.running || input != c.works {
		t.Errorf("work %d on input %d, measured: %v", c.works, input, c.running)
	}
	c.works++
}

func (c *ordered) check(t *testing.T, n int) {
	if c.running || c.works != n {
		t.Errorf("%d iterations did %d works, clock running: %v", n, c.works, c.running)
	}
}

func TestCheckPlaintext(t *testing.T) {
	bench.CheckPlaintext(make([]byte, 64), 64)
	for _, wrong := range [][]byte{nil, make([]byte, 63), make([]byte, 65), append(make([]byte, 63), 1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%x passes for 64 zeros", wrong)
				}
			}()
			bench.CheckPlaintext(wrong, 64)
		}()
	}
}

//go:embed bench_test.go
var benchmarks string

// TestBenchmarks checks that each operation has a benchmark whose name is the operation's.
func TestBenchmarks(t *testing.T) {
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^func Benchmark(\w+)\(.*run\(b, "(.+)"\)`).FindAllStringSubmatch(benchmarks, -1) {
		if !strings.EqualFold(m[1], strings.ReplaceAll(m[2], "/", "")) {
			t.Errorf("Benchmark%s measures %s", m[1], m[2])
		}
		names = append(names, m[2])
	}
	for _, op := range bench.Operations() {
		if !slices.ContainsFunc(names, func(name string) bool { return op.Name == name || strings.HasPrefix(op.Name, name+"/") }) {
			t.Errorf("%s has no benchmark", op.Name)
		}
	}
}

func TestMemory(t *testing.T) {
	for _, held := range bench.Memory() {
		// A Megolm session has two ratchets of 128 bytes; nothing here takes more than a page.
		if bytes := held.Bytes(1000); bytes < 256 || bytes > 4<<10 {
			t.Errorf("%s: %v bytes", held.Name, bytes)
		}
	}
}
