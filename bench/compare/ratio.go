package main

import (
	"math"
	"slices"
	"strings"
)

// The peers by their parts.
const (
	subject   = "karst"
	headline  = "vodozemac" // as a program gets it that doesn't ask for a machine's own instructions
	geomean   = "geomean"   // the name of the geometric mean in the targets
	noFastest = ""
)

var (
	// beside are the columns of the table, after karst itself.
	beside = []string{"vodozemac", "vodozemac-native", "goolm", "libolm", "libolm-cgo"}
	// rivals are who the fastest peer is one of.
	rivals = []string{"vodozemac", "goolm", "libolm"}
	// pairs are programs that take each other's place.
	pairs = [][2]string{{"karst-c", "libolm"}, {"karst-wasm", "olm.wasm"}}
)

// isVariant tells rows that do the same work through another interface, keep it in another format or leave a part
// of it out from the rows of the comparison.
func isVariant(op string) bool {
	_, variant := variantOf(op)
	return variant != ""
}

// variantOf splits the name of a row; a row that is no variant has only the first part.
func variantOf(op string) (plain, variant string) {
	for _, variant := range []string{"raw", "compat", "stored"} {
		if plain, ok := strings.CutSuffix(op, "/"+variant); ok {
			return plain, variant
		}
	}
	return op, ""
}

func isGrowth(op string) bool { return strings.HasPrefix(op, "Growth/") }

// figures returns what a peer needs for an operation. Where a variant has no row of its own because the peer's
// ordinary row is that variant, it is the ordinary row: libolm's pickle format is the only one of all peers but
// vodozemac, and all but vodozemac and karst believe the public keys that are stored.
func (r *Results) figures(peer, op string) (Figures, bool) {
	f, ok := r.row(op).Figures[peer]
	if ok {
		return f, true
	}
	plain, variant := variantOf(op)
	usual := variant == "compat" || variant == "stored" && peer != subject
	if usual && !strings.HasPrefix(peer, "vodozemac") {
		f, ok = r.row(plain).Figures[peer]
	}
	return f, ok
}

func (r *Results) row(op string) Row {
	for _, row := range r.Rows {
		if row.Name == op {
			return row
		}
	}
	return Row{}
}

// ratio returns what part of b's time a needs, of their minima.
func (r *Results) ratio(a, b, op string) (float64, bool) {
	of, ok1 := r.figures(a, op)
	to, ok2 := r.figures(b, op)
	if !ok1 || !ok2 {
		return 0, false
	}
	return of.Min / to.Min, true
}

// fastest returns which of some peers is the fastest at an operation, or noFastest if none has it.
func (r *Results) fastest(op string, peers []string) string {
	best, least := noFastest, math.Inf(1)
	for _, p := range peers {
		if f, ok := r.figures(p, op); ok && f.Min < least {
			best, least = p, f.Min
		}
	}
	return best
}

// mean returns the geometric mean of the ratios of a to b over the operations that both have, and of how many.
func (r *Results) mean(a, b string, wanted func(op string) bool) (mean float64, n int) {
	sum := 0.0
	for _, row := range r.Rows {
		if !wanted(row.Name) {
			continue
		}
		if ratio, ok := r.ratio(a, b, row.Name); ok {
			sum += math.Log(ratio)
			n++
		}
	}
	if n == 0 {
		return 0, 0
	}
	return math.Exp(sum / float64(n)), n
}

// isComparison tells the rows that the headline is the mean of.
func isComparison(op string) bool { return !isVariant(op) && !isGrowth(op) }

// spread returns by what factor the minima of the visits to an operation differ, for each peer and operation
// in ascending order.
func (r *Results) spread() (factors []float64) {
	for _, row := range r.Rows {
		for _, f := range row.Figures {
			if len(f.Visits) > 1 {
				factors = append(factors, slices.Max(f.Visits)/f.Min)
			}
		}
	}
	slices.Sort(factors)
	return factors
}
