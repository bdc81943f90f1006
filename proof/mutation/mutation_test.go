package main

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// TestTable checks the table against the tree: a change to the core that touches a text in it is noticed at
// once, and not when the table is next needed.
func TestTable(t *testing.T) {
	all := mutations()
	if err := applicable("../..", all); err != nil {
		t.Error(err)
	}
	names, excused := map[string]bool{}, 0
	for _, m := range all {
		key := m.file + ": " + m.name
		if names[key] {
			t.Errorf("%s: two changes have this name", key)
		}
		names[key] = true
		for _, name := range m.gateNames() {
			if findGate(name) == nil {
				t.Errorf("%s: there is no gate %q", key, name)
			}
		}
		if m.excused != "" {
			excused++
		}
	}
	if len(all) < 60 || excused*100 > len(all)*maxExcused {
		t.Errorf("%d changes, %d of them excused", len(all), excused)
	}
}

// TestAssembly checks the changes to assembly: what is excused is there, and little.
func TestAssembly(t *testing.T) {
	all, err := assembly("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := applicable("../..", all); err != nil {
		t.Error(err)
	}
	excused := 0
	for _, m := range all {
		if m.excused != "" {
			excused++
		}
	}
	if len(all) < 700 || excused != len(survivors) || excused*100 > len(all)*maxExcused {
		t.Errorf("%d changes, %d of them excused, of %d that are to be", len(all), excused, len(survivors))
	}
}

// TestReport checks that a run fails if it should.
func TestReport(t *testing.T) {
	killed := outcome{by: "suite"}
	hundred := make([]outcome, 100)
	for i := range hundred {
		hundred[i] = killed
	}
	with := func(replacements ...outcome) []outcome {
		list := append([]outcome(nil), hundred...)
		copy(list, replacements)
		return list
	}
	alive := outcome{mutation: mutation{excused: "why"}}
	for _, c := range []struct {
		outcomes []outcome
		want     string
	}{
		{with(), ""},
		{with(alive), ""},
		{with(outcome{}), "1 changes survived"},
		{with(outcome{wrong: errors.New("no")}), "1 changes could not be tried"},
		{with(make([]outcome, 6)...), "less than 95% are killed"},
		{with(alive, alive, alive, alive, alive, alive), "less than 95% are killed"},
		{with(outcome{mutation: alive.mutation, by: "suite"}), "but suite noticed"},
	} {
		err := report(io.Discard, c.outcomes, 0, "")
		if err == nil && c.want != "" || err != nil && (c.want == "" || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
