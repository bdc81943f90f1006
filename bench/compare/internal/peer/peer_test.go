package peer

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/karst-im/karst/bench"
)

func serve(t *testing.T, p *Peer, names ...string) []string {
	t.Helper()
	var out strings.Builder
	if err := p.Run([]string{"serve"}, strings.NewReader(strings.Join(names, "\n")+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(answers) != len(names) {
		t.Fatalf("%d answers to %d requests: %q", len(answers), len(names), answers)
	}
	return answers
}

// pause is an operation that takes about as long as it should, and whose preparation takes longer.
func pause(d time.Duration) bench.Loop {
	return bench.OnEach(func() int { time.Sleep(2 * d); return 0 }, func(int) { time.Sleep(d) })
}

func TestSample(t *testing.T) {
	prepared := 0
	p := &Peer{Operations: []bench.Operation{
		{Name: "Long", Prepare: func() bench.Loop { prepared++; return pause(20 * time.Millisecond) }},
		{Name: "Short", Prepare: func() bench.Loop { return pause(100 * time.Microsecond) }},
	}}
	answers := serve(t, p, "Long", "Short", "Long")
	for i, atLeast := range []time.Duration{20 * time.Millisecond, 100 * time.Microsecond, 20 * time.Millisecond} {
		ns, err := strconv.ParseFloat(answers[i], 64)
		if err != nil || ns < float64(atLeast) {
			t.Errorf("%q nanoseconds for what takes at least %v", answers[i], atLeast)
		}
	}
	if prepared != 1 {
		t.Errorf("prepared %d times", prepared)
	}
}

// TestCalibrate checks that a sample has as many iterations as fill its time, and a warm-up before it.
func TestCalibrate(t *testing.T) {
	for _, test := range []struct {
		iteration time.Duration
		want      []int // iterations of the last runs
	}{
		{10 * time.Microsecond, []int{200, 800}},
		{sampleTime / 2, []int{2}},
		{time.Second, []int{1}},
	} {
		var runs []int
		m := &meter{op: bench.Operation{Prepare: func() bench.Loop {
			return func(c bench.Clock, n int) {
				runs = append(runs, n)
				c.(*stopwatch).total = time.Duration(n) * test.iteration
			}
		}}}
		ns, err := m.sample()
		if err != nil || ns != float64(test.iteration) {
			t.Errorf("%v nanoseconds, error %v, for %v", ns, err, test.iteration)
		}
		if got := runs[len(runs)-len(test.want):]; fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%v: runs %v, want %v at the end", test.iteration, runs, test.want)
		}
	}
}

func TestErrors(t *testing.T) {
	calls, prepared := 0, 0
	p := &Peer{Operations: []bench.Operation{
		{Name: "Fails", Prepare: func() bench.Loop { panic("of two\nlines") }},
		{Name: "FailsOnce", Prepare: func() bench.Loop {
			prepared++
			return bench.Repeat(func() {
				if calls++; calls == 1 {
					panic("once")
				}
				time.Sleep(sampleTime)
			})
		}},
	}}
	answers := serve(t, p, "Fails", "FailsOnce", "FailsOnce", "Unknown", "")
	for i, want := range []string{"error: Fails: of two lines", "error: FailsOnce: once", "", `error: there is no operation "Unknown"`,
		`error: there is no operation ""`} {
		if want != "" && answers[i] != want {
			t.Errorf("answer %q, want %q", answers[i], want)
		}
	}
	if ns, err := strconv.ParseFloat(answers[2], 64); err != nil || ns < float64(sampleTime) {
		t.Errorf("answer %q after an error", answers[2])
	}
	if prepared != 2 {
		t.Errorf("prepared %d times, with one error", prepared)
	}
}

// TestHeavy checks that what takes much memory is dropped when something else is measured, and no sooner.
func TestHeavy(t *testing.T) {
	prepared := map[string]int{}
	operation := func(name string, heavy bool) bench.Operation {
		return bench.Operation{Name: name, Heavy: heavy, Prepare: func() bench.Loop { prepared[name]++; return pause(sampleTime) }}
	}
	p := &Peer{Operations: []bench.Operation{operation("Heavy", true), operation("Light", false)}}
	serve(t, p, "Heavy", "Heavy", "Light", "Heavy", "Light")
	if prepared["Heavy"] != 2 || prepared["Light"] != 1 {
		t.Errorf("prepared %v", prepared)
	}
}

func TestListAndVersion(t *testing.T) {
	p := &Peer{Version: "a 1.0", Operations: []bench.Operation{{Name: "B"}, {Name: "A/64B"}}}
	for command, want := range map[string]string{"list": "B\nA/64B\n", "version": "a 1.0\n"} {
		var out strings.Builder
		if err := p.Run([]string{command}, nil, &out); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v", command, out.String(), err)
		}
	}
	for _, args := range [][]string{nil, {"other"}, {"list", "more"}} {
		if p.Run(args, nil, new(strings.Builder)) == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
