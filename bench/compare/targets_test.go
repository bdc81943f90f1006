package main

import (
	"slices"
	"testing"

	"github.com/karst-im/karst/bench"
)

func TestParseTargets(t *testing.T) {
	got, err := parseTargets("# a comment\n\nkarst A/64B vodozemac 0.9\nkarst\tB  fastest 1.2\n")
	if err != nil || !slices.Equal(got, []Target{{"karst", "A/64B", "vodozemac", 0.9}, {"karst", "B", "fastest", 1.2}}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"karst A vodozemac", "karst A vodozemac 0.9 1", "karst A vodozemac fast", "karst A vodozemac 0",
		"karst A vodozemac -1", "karst A vodozemac NaN", "karst A vodozemac 1\nkarst A goolm 1"} {
		if got, err := parseTargets(text); err == nil {
			t.Errorf("%q is taken: %v", text, got)
		}
	}
}

// TestTargets checks that the targets that are kept are of what there is, and that no operation has
// been forgotten.
func TestTargets(t *testing.T) {
	targets, err := parseTargets(targetsText)
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{geomean, everyRow}
	for _, op := range bench.Operations() {
		rows = append(rows, op.Name)
	}
	var objects []string
	for _, held := range bench.Memory() {
		objects = append(objects, held.Name)
	}
	var has []string
	for _, target := range targets {
		all, against := rows, []string{"vodozemac", "goolm", "libolm", "olm.wasm", anyFastest}
		if target.Against == inBytes {
			all, against = objects, []string{inBytes}
		}
		if !slices.Contains(all, target.Row) || !slices.Contains(against, target.Against) || !slices.Contains([]string{"karst", "karst-c", "karst-wasm"}, target.Who) {
			t.Errorf("a target of what there is not: %+v", target)
		}
		has = append(has, target.Row)
	}
	for _, row := range append(rows, objects...) {
		loop := slices.Contains([]string{"HotOlm", "HotMegolm", "Backfill", "FanOut"}, row) // those have none of their own
		if isComparison(row) && !loop && !slices.Contains(has, row) {
			t.Errorf("%s has no target", row)
		}
	}
}

func TestJudge(t *testing.T) {
	r := sample()
	for _, test := range []struct {
		target Target
		want   []Verdict
		texts  []string
	}{
		{Target{"karst", "AccountNew", "goolm", 0.25}, []Verdict{{Got: 0.25, Measured: true, Fastest: "vodozemac", Ratio: 0.5}}, []string{"reached"}},
		{Target{"karst", "AccountNew", "goolm", 0.2499}, []Verdict{{Got: 0.25, Measured: true, Fastest: "vodozemac", Ratio: 0.5}}, []string{"**missed**"}},
		{Target{"karst", "OlmEncrypt/64B", "fastest", 2.9}, []Verdict{{Got: 3, Measured: true, Fastest: "goolm", Ratio: 3}}, []string{"**missed**"}},
		{Target{"karst", "SAS", "vodozemac", 1}, []Verdict{{}}, []string{"not measured"}},
		{Target{"karst", "SAS", "fastest", 1}, []Verdict{{}}, []string{"not measured"}},
		{Target{"karst", "none", "goolm", 1}, []Verdict{{}}, []string{"not measured"}},
		{Target{"karst", "geomean", "vodozemac", 0.6}, []Verdict{{Got: 0.5946035575013605, Measured: true}}, []string{"reached"}},
		{Target{"karst", "geomean", "olm.wasm", 1}, []Verdict{{}}, []string{"not measured"}},
		{Target{"karst", "MemorySession", "bytes", 640}, []Verdict{{Got: 640, Measured: true}}, []string{"reached"}},
		{Target{"karst", "MemoryMegolm", "bytes", 320}, []Verdict{{Got: 321, Measured: true}}, []string{"**missed**"}},
		{Target{"karst", "MemoryOther", "bytes", 320}, []Verdict{{}}, []string{"not measured"}},
		{Target{"karst-c", "every", "libolm", 1}, []Verdict{{Got: 0.5, Measured: true, Fastest: "vodozemac", Ratio: 0.75},
			{Got: 2, Measured: true, Fastest: "goolm", Ratio: 20}, {Got: 1, Measured: true, Fastest: "libolm", Ratio: 1}},
			[]string{"reached", "**missed**", "reached"}},
		{Target{"karst-wasm", "every", "olm.wasm", 1}, []Verdict{{}}, []string{"not measured"}},
	} {
		got := r.judge([]Target{test.target})
		if len(got) != len(test.want) {
			t.Errorf("%+v: %d verdicts, want %d", test.target, len(got), len(test.want))
			continue
		}
		for i, v := range got {
			want := test.want[i]
			if !near(v.Got, want.Got) || v.Measured != want.Measured || v.Fastest != want.Fastest || !near(v.Ratio, want.Ratio) || v.String() != test.texts[i] || v.Reached() != (test.texts[i] == "reached") {
				t.Errorf("%+v: %+v %s, want %+v %s", test.target, v, v, want, test.texts[i])
			}
		}
	}
}
