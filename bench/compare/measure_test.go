package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLockstep checks the order of all samples: in each round one of each peer that has the operation, each round
// beginning with another one, and fresh processes in each pass.
func TestLockstep(t *testing.T) {
	log := logFile(t)
	peers := []Peer{fake("x", log, "A:10", "B:20"), fake("y", log, "A:30"), fake("z", log, "A:50", "C:7", "B:60"),
		{Name: "w", Missing: "nobody has it"}}
	results, err := measure(t.Context(), Plan{Passes: 2, Visits: 2, Rounds: 3}, peers, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	visit := strings.Split("x A,y A,z A,y A,z A,x A,z A,x A,y A,z C,z C,z C,x B,z B,z B,x B,x B,z B", ",")
	lines, processes := recorded(t, log)
	if want := slices.Repeat(visit, 4); !slices.Equal(lines, want) {
		t.Errorf("samples\n%q, want\n%q", lines, want)
	}
	for i, process := range processes {
		pass := i / (2 * len(visit))
		want := map[string]int{"x": 1, "y": 2, "z": 3}[lines[i][:1]] + 3*pass
		if process != want {
			t.Fatalf("sample %d is of process %d, want %d", i, process, want)
		}
	}
	if f := results.Rows[0].Figures["y"]; results.Rows[0].Name != "A" || f.Min != 30 || f.Median != 30 || f.Count != 12 || len(f.Visits) != 4 {
		t.Errorf("row %+v", results.Rows[0])
	}
	if len(results.Rows[1].Figures) != 1 || results.Peers[3].Missing != "nobody has it" || results.Peers[0].Version != "x" {
		t.Errorf("results %+v", results)
	}
}

// TestGrowth checks that what needs much memory is measured alone.
func TestGrowth(t *testing.T) {
	log := logFile(t)
	ops := []string{"A:1", "Growth/Sessions/10:2", "Growth/Sessions/100:3", "Growth/Size/1:4"}
	peers := []Peer{fake("x", log, ops...), fake("y", log, ops...)}
	_, err := measure(t.Context(), Plan{Passes: 2, Visits: 1, Rounds: 1, GrowthRounds: 2}, peers, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	lines, processes := recorded(t, log)
	want := strings.Split("x A,y A,x A,y A,x Growth/Size/1,y Growth/Size/1,y Growth/Size/1,x Growth/Size/1,"+
		"x Growth/Sessions/10,x Growth/Sessions/10,y Growth/Sessions/10,y Growth/Sessions/10,"+
		"x Growth/Sessions/100,x Growth/Sessions/100,y Growth/Sessions/100,y Growth/Sessions/100", ",")
	if !slices.Equal(lines, want) {
		t.Errorf("samples\n%q, want\n%q", lines, want)
	}
	if want := []int{1, 2, 3, 4, 5, 6, 6, 5, 7, 7, 8, 8, 9, 9, 10, 10}; !slices.Equal(processes, want) {
		t.Errorf("processes %v, want %v", processes, want)
	}
}

func TestOperations(t *testing.T) {
	log := logFile(t)
	peers := []Peer{fake("x", log, "A:1", "B:1", "Growth/Size/1:1", "MemoryA:1"), fake("y", log, "A:1", "A/raw:1", "B:1", "D:1", "Growth/Size/1:1")}
	for pattern, want := range map[string][]string{
		"":        {"A", "A/raw", "B", "D", "Growth/Size/1", "MemoryA"}, // of which a fake makes an operation too
		"^(A|D)":  {"A", "A/raw", "D"},
		"Growth":  {"Growth/Size/1"},
		"nothing": nil,
		"(":       nil,
	} {
		results, err := measure(t.Context(), Plan{1, 1, 1, 1, pattern, false}, peers, io.Discard)
		if (err != nil) != (want == nil) {
			t.Errorf("%q: error %v", pattern, err)
		}
		if err != nil {
			continue
		}
		var got []string
		for _, row := range results.Rows {
			got = append(got, row.Name)
		}
		if !slices.Equal(got, want) || results.Memory != nil {
			t.Errorf("%q: %q, want %q; memory %v", pattern, got, want, results.Memory)
		}
	}
}

func TestMemory(t *testing.T) {
	log := logFile(t)
	peers := []Peer{fake("x", log, "A:1", "MemoryB:100.5", "MemoryA:7"), fake("y", log, "A:1", "MemoryA:9"), fake("z", log, "A:1")}
	var progress bytes.Buffer
	results, err := measure(t.Context(), Plan{1, 1, 1, 1, "^A$", true}, peers, &progress)
	if err != nil {
		t.Fatal(err)
	}
	m := results.Memory
	if len(m) != 2 || m[0].Name != "MemoryB" || len(m[0].Bytes) != 1 || m[0].Bytes["x"] != 100.5 || m[1].Bytes["x"] != 7 || m[1].Bytes["y"] != 9 {
		t.Errorf("memory %+v", m)
	}
	if !strings.Contains(progress.String(), "pass 1 of 1, visit 1 of 1: A") {
		t.Errorf("progress %q", &progress)
	}
}

// TestFailures checks that a run stops when a peer fails, and says who failed at what and why.
func TestFailures(t *testing.T) {
	log := logFile(t)
	for _, test := range []struct {
		peer Peer
		want []string
	}{
		{fake("x", log, "A:1", "B:error"), []string{"x failed at B: it does not work"}},
		{fake("x", log, "A:1", "B:die"), []string{"x did not answer to B", "exit status 3", "out of luck"}},
		{fake("x", log, "A:1", "B:fast"), []string{`x answered to B: "fast"`}},
		{fake("x", log, "A:1", "B:0"), []string{`x answered to B: "0"`}},
		{fake("x", log, "A:1", "B:NaN"), []string{`x answered to B: "NaN"`}},
		{fake("x", log, "A:1", "B:+Inf"), []string{`x answered to B: "+Inf"`}},
		{fake("x", log, "A:1", "MemoryA:none"), []string{`x says about memory: "MemoryA none"`}},
		{fake("x", log), []string{"x has no operations"}},
		{Peer{Name: "x", Command: []string{"/nowhere/peer"}}, []string{"x, asked for version", "/nowhere/peer"}},
		{Peer{Name: "x", Command: []string{"/bin/echo", "-e", "1\\n2\\n"}}, []string{"x says that its version is", "not one line"}},
	} {
		other := fake("y", log, "A:1", "B:1")
		_, err := measure(t.Context(), Plan{1, 1, 2, 1, "^[AB]$", true}, []Peer{other, test.peer}, io.Discard)
		if err == nil {
			t.Errorf("no error, want %q", test.want)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q lacks %q", err, want)
			}
		}
	}
}

// TestNoneLeft checks that after a failure no peer is running any more, not even one that would not end.
func TestNoneLeft(t *testing.T) {
	log := logFile(t)
	peers := []Peer{fake("x", log, "A:1", "stubborn:1"), fake("y", log, "A:error")}
	if _, err := measure(t.Context(), Plan{1, 1, 1, 1, "^A$", false}, peers, io.Discard); err == nil {
		t.Fatal("no error")
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		process, err := strconv.Atoi(strings.Fields(line)[2])
		if err != nil {
			t.Fatal(err)
		}
		found, err := os.FindProcess(process)
		if err == nil {
			err = found.Signal(syscall.Signal(0))
		}
		if !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("process of %q is still there: %v", line, err)
		}
	}
}

func TestEnough(t *testing.T) {
	for _, test := range []struct {
		rounds int
		took   time.Duration
		want   bool
	}{{0, time.Hour, false}, {fewRounds - 1, time.Hour, false}, {fewRounds, longVisit, false}, {fewRounds, longVisit + 1, true}, {100, longVisit / 2, false}} {
		if enough(test.rounds, test.took) != test.want {
			t.Errorf("%d rounds in %v", test.rounds, test.took)
		}
	}
}
