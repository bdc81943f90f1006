package main

import (
	"math"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

// some returns results with minima by operation and peer. Medians are twice as much.
func some(minima map[string]map[string]float64, order ...string) *Results {
	r := &Results{Machine: Machine{CPU: "slide rule", Flags: []string{"aes"}, Cores: 1}, Plan: Plan{Passes: 1, Visits: 2, Rounds: 3, GrowthRounds: 4}}
	seen := map[string]bool{}
	for _, op := range order {
		row := Row{Name: op, Figures: map[string]Figures{}}
		for peer, ns := range minima[op] {
			row.Figures[peer] = Figures{Min: ns, Median: 2 * ns, Count: 6, Visits: []float64{ns, 1.5 * ns}}
			seen[peer] = true
		}
		r.Rows = append(r.Rows, row)
	}
	for _, name := range []string{"karst", "karst-c", "vodozemac", "vodozemac-native", "goolm", "libolm"} {
		info := PeerInfo{Name: name, Version: name + " 1.0"}
		if !seen[name] {
			info.Version, info.Missing = "", "nobody brought "+name
		}
		r.Peers = append(r.Peers, info)
	}
	return r
}

func sample() *Results {
	r := some(map[string]map[string]float64{
		"AccountNew":               {"karst": 100, "vodozemac": 200, "vodozemac-native": 50, "goolm": 400, "libolm": 300, "karst-c": 150},
		"OlmEncrypt/64B":           {"karst": 300, "vodozemac": 150, "goolm": 100, "libolm": 1000, "karst-c": 2000},
		"OlmEncrypt/64B/raw":       {"karst": 250, "vodozemac": 125},
		"PickleSession":            {"karst": 10, "vodozemac": 40, "goolm": 30, "libolm": 20, "karst-c": 20},
		"PickleSession/compat":     {"vodozemac": 80},
		"UnpickleAccount50":        {"karst": 10, "vodozemac": 20, "goolm": 40},
		"UnpickleAccount50/stored": {"karst": 5},
		"SAS":                      {"karst": 50},
		"Growth/Size/64":           {"karst": 100, "goolm": 300},
		"Growth/Size/6400":         {"karst": 1000, "goolm": 30000},
		"Growth/Size/640":          {"karst": 316, "goolm": 3000},
		"Growth/Sessions/1000":     {"karst": 100, "vodozemac": 150},
		"Growth/Sessions/1000000":  {"karst": 100, "vodozemac": 15000},
		"Growth/Sessions/10000000": {"libolm": 1},
	}, "AccountNew", "OlmEncrypt/64B", "OlmEncrypt/64B/raw", "PickleSession", "PickleSession/compat", "UnpickleAccount50", "UnpickleAccount50/stored",
		"SAS", "Growth/Size/64", "Growth/Size/6400", "Growth/Size/640", "Growth/Sessions/1000", "Growth/Sessions/1000000", "Growth/Sessions/10000000")
	r.addMemory("MemorySession", "karst", 640)
	r.addMemory("MemorySession", "goolm", 672)
	r.addMemory("MemoryMegolm", "karst", 321)
	return r
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9*math.Max(1, math.Abs(b)) }

func TestRatio(t *testing.T) {
	r := sample()
	for _, test := range []struct {
		a, b, op string
		want     float64 // 0: there is none
	}{
		{"karst", "vodozemac", "AccountNew", 0.5},
		{"vodozemac", "karst", "AccountNew", 2},
		{"karst", "libolm", "SAS", 0},
		{"karst", "vodozemac", "no such", 0},
		{"karst", "vodozemac", "OlmEncrypt/64B/raw", 2},
		{"karst", "goolm", "OlmEncrypt/64B/raw", 0}, // it has none, and no other row takes its place
		// The ordinary pickles of all but vodozemac are in libolm's format.
		{"karst", "vodozemac", "PickleSession", 0.25},
		{"karst", "vodozemac", "PickleSession/compat", 0.125},
		{"goolm", "libolm", "PickleSession/compat", 1.5},
		{"karst", "libolm", "AccountNew/compat", 1. / 3},
		{"karst", "vodozemac-native", "AccountNew/compat", 0},
		// Only karst and vodozemac recompute public keys; karst alone has a row without.
		{"karst", "goolm", "UnpickleAccount50", 0.25},
		{"karst", "goolm", "UnpickleAccount50/stored", 0.125},
		{"karst", "vodozemac", "UnpickleAccount50/stored", 0},
		{"goolm", "libolm", "AccountNew/stored", 4. / 3},
		{"karst", "libolm", "AccountNew/stored", 0},
	} {
		got, ok := r.ratio(test.a, test.b, test.op)
		if ok != (test.want != 0) || !near(got, test.want) {
			t.Errorf("%s to %s in %s: %v, %v, want %v", test.a, test.b, test.op, got, ok, test.want)
		}
	}
}

func TestFastest(t *testing.T) {
	r := sample()
	for op, want := range map[string]string{"AccountNew": "vodozemac", "OlmEncrypt/64B": "goolm", "PickleSession": "libolm", "SAS": noFastest, "no such": noFastest} {
		if got := r.fastest(op, rivals); got != want {
			t.Errorf("%s: %q, want %q", op, got, want)
		}
	}
}

func TestGeometricMean(t *testing.T) {
	r := sample()
	// 100/200, 300/150, 10/40, 10/20
	if mean, n := r.mean("karst", "vodozemac", isComparison); n != 4 || !near(mean, math.Pow(0.5*2*0.25*0.5, 0.25)) {
		t.Errorf("%v over %d", mean, n)
	}
	if mean, n := r.mean("karst", "karst", isComparison); n != 5 || !near(mean, 1) {
		t.Errorf("%v over %d to itself", mean, n)
	}
	there, n1 := r.mean("karst", "goolm", isComparison)
	back, n2 := r.mean("goolm", "karst", isComparison)
	if n1 != n2 || !near(there*back, 1) {
		t.Errorf("%v and %v are not inverse", there, back)
	}
	if _, n := r.mean("karst", "olm.wasm", isComparison); n != 0 {
		t.Errorf("mean over %d rows of a peer that has none", n)
	}
}

func TestSpread(t *testing.T) {
	r := some(map[string]map[string]float64{"A": {"karst": 10, "goolm": 20}, "B": {"karst": 5}}, "A", "B")
	r.Rows[0].Figures["goolm"] = Figures{Min: 20, Visits: []float64{24, 20, 22}}
	r.Rows[1].Figures["karst"] = Figures{Min: 5, Visits: []float64{5}} // one visit differs from nothing
	if got := r.spread(); len(got) != 2 || !near(got[0], 1.2) || !near(got[1], 1.5) {
		t.Errorf("spread %v", got)
	}
}

func TestFigures(t *testing.T) {
	for _, test := range []struct {
		visits [][]float64
		want   Figures
	}{
		{[][]float64{{3}}, Figures{3, 3, 1, []float64{3}}},
		{[][]float64{{3, 1.04}, {2.06, 10}}, Figures{1, 2.5, 4, []float64{1, 2.1}}},
		{[][]float64{{5, 9, 7}}, Figures{5, 7, 3, []float64{5}}},
	} {
		testkit.Equal(t, test.want, figures(test.visits))
	}
}

func TestSlope(t *testing.T) {
	power := func(exponent float64, xs ...float64) (points []point) {
		for _, x := range xs {
			points = append(points, point{x, 3 * math.Pow(x, exponent)})
		}
		return points
	}
	for _, exponent := range []float64{0, 0.5, 1, 2, -1} {
		if got := slope(power(exponent, 1, 10, 17, 4000)); !near(got, exponent) {
			t.Errorf("slope %v, want %v", got, exponent)
		}
	}
	// A fixed cost hides at the small end; the larger half shows what remains.
	var points []point
	for x := 1.0; x <= 1<<20; x *= 4 {
		points = append(points, point{x, 1000 + x})
	}
	if all, half := slope(points), slope(upperHalf(points)); !(all < 0.6 && half > 0.8 && half < 1) {
		t.Errorf("slopes %v and %v", all, half)
	}
	// Least squares: the outlier in the middle moves nothing.
	if got := slope([]point{{1, 1}, {10, 1000}, {100, 100}}); !near(got, 1) {
		t.Errorf("slope %v with an outlier", got)
	}
}
