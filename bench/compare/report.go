package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// report renders results as Markdown. the charts are files beside it.
func (r *Results) report(targets []Target, charts []chartFile) string {
	var out strings.Builder
	verdicts := r.judge(targets)
	section := func(title, body string) {
		if body != "" {
			fmt.Fprintf(&out, "\n## %s\n\n%s", title, body)
		}
	}
	fmt.Fprintf(&out, "# %s: %s\n\n%s", subject, r.Started.Format("2006-01-02"), r.summary(verdicts))
	for _, c := range charts {
		fmt.Fprintf(&out, "\n![%s](%s)\n", c.title, c.file)
	}
	section("Operations", r.operations(isComparison))
	section("Other interfaces and formats", r.variants())
	section("Memory", r.memoryTable())
	section("Targets", targetTable(ofSubject(verdicts)))
	for _, pair := range pairs {
		section("In its place: "+pair[0]+" and "+pair[1], r.pairTable(pair[0], pair[1], verdicts))
	}
	for _, g := range growths {
		section("Growth: "+g.title, r.growthTable(g))
	}
	section("Where and how", r.circumstances())
	return out.String()
}

// summary has the headline.
func (r *Results) summary(verdicts []Verdict) string {
	var out strings.Builder
	out.WriteString("Geometric means of the ratios of minima, below 1 is faster:\n\n")
	for _, peer := range beside {
		mean, n := r.mean(subject, peer, isComparison)
		switch {
		case n == 0:
			fmt.Fprintf(&out, "* %s to %s: not measured\n", subject, peer)
		case peer == headline:
			fmt.Fprintf(&out, "* **%s to %s: %.2f** over %d operations", subject, peer, mean, n)
			if with, all := r.mean(subject, peer, func(op string) bool { return !isGrowth(op) }); all > n {
				fmt.Fprintf(&out, " (%.2f over %d, with those of bytes instead of base64 and of libolm's pickle format)", with, all)
			}
			out.WriteString("\n")
		default:
			fmt.Fprintf(&out, "* %s to %s: %.2f over %d operations\n", subject, peer, mean, n)
		}
	}
	for _, pair := range pairs {
		if mean, n := r.mean(pair[0], pair[1], isComparison); n > 0 {
			fmt.Fprintf(&out, "* %s to %s: %.2f over %d operations\n", pair[0], pair[1], mean, n)
		} else {
			fmt.Fprintf(&out, "* %s to %s: not measured\n", pair[0], pair[1])
		}
	}
	reached, missed, unmeasured := tally(verdicts)
	fmt.Fprintf(&out, "\nTargets: %d reached, %d missed, %d not measured.\n", reached, missed, unmeasured)
	return out.String()
}

// operations renders a row for each wanted operation, and a column for each peer.
func (r *Results) operations(wanted func(op string) bool) string {
	columns := r.present(beside...)
	header := append([]string{"operation", subject}, columns...)
	var rows [][]string
	for _, row := range r.Rows {
		if !wanted(row.Name) {
			continue
		}
		cells := []string{row.Name, r.times(subject, row.Name)}
		for _, peer := range columns {
			cells = append(cells, r.timesAndRatio(subject, peer, row.Name))
		}
		best, cell := r.fastest(row.Name, rivals), "-"
		if ratio, ok := r.ratio(subject, best, row.Name); ok {
			cell = fmt.Sprintf("%s %s", bold(ratio), best)
		}
		rows = append(rows, append(cells, cell))
	}
	if rows == nil {
		return ""
	}
	return "Microseconds, minimum / median; in brackets karst's minimum as part of the peer's: below 1, karst is faster. The last column is\n" +
		"the same for the fastest of " + strings.Join(rivals, ", ") + ". **Bold** is where karst is slower.\n\n" +
		markdown(append(header, "to the fastest"), rows)
}

func (r *Results) variants() string {
	text := r.operations(func(op string) bool { return isVariant(op) && !isGrowth(op) })
	if text == "" {
		return ""
	}
	return "`raw` is bytes in and out instead of base64, where an API separates the two. `compat` is libolm's pickle format, which is\n" +
		"the only one of all but vodozemac, so the others show their ordinary rows. `stored` believes the public identity keys of a\n" +
		"pickle, as goolm and libolm always do: what is more in karst's ordinary row is computing them anew.\n\n" + text
}

func (r *Results) times(peer, op string) string {
	f, ok := r.figures(peer, op)
	if !ok {
		return "-"
	}
	return microseconds(f.Min) + " / " + microseconds(f.Median)
}

func (r *Results) timesAndRatio(who, peer, op string) string {
	cell := r.times(peer, op)
	if ratio, ok := r.ratio(who, peer, op); ok {
		cell += " (" + bold(ratio) + ")"
	}
	return cell
}

// bold renders a ratio, and makes what is slower stand out.
func bold(ratio float64) string {
	text := significant(ratio)
	if ratio > 1 {
		return "**" + text + "**"
	}
	return text
}

// significant renders a ratio with two digits after the point, or more if it is that small.
func significant(ratio float64) string {
	if ratio < 0.095 {
		return fmt.Sprintf("%.3f", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

// microseconds renders nanoseconds with three digits, and no digit less before the point.
func microseconds(ns float64) string {
	us := ns / 1e3
	switch {
	case us < 0.9995:
		return fmt.Sprintf("%.3f", us)
	case us < 9.995:
		return fmt.Sprintf("%.2f", us)
	case us < 99.95:
		return fmt.Sprintf("%.1f", us)
	}
	return thousands(us)
}

// thousands renders a whole number with commas.
func thousands(x float64) string {
	digits := fmt.Sprintf("%.0f", x)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func (r *Results) memoryTable() string {
	if len(r.Memory) == 0 {
		return ""
	}
	columns := r.present(append([]string{subject, "karst-c", "karst-wasm"}, append(beside, "olm.wasm")...)...)
	columns = slices.DeleteFunc(columns, func(peer string) bool {
		return !slices.ContainsFunc(r.Memory, func(row MemoryRow) bool { return row.Bytes[peer] > 0 })
	})
	var rows [][]string
	for _, row := range r.Memory {
		cells := []string{row.Name}
		for _, peer := range columns {
			cell := "-"
			if row.Bytes[peer] > 0 {
				cell = thousands(row.Bytes[peer])
			}
			cells = append(cells, cell)
		}
		rows = append(rows, cells)
	}
	return "Bytes on the heap for each of 100,000 idle objects.\n\n" + markdown(append([]string{"object"}, columns...), rows)
}

func ofSubject(verdicts []Verdict) []Verdict {
	return slices.DeleteFunc(slices.Clone(verdicts), func(v Verdict) bool { return v.Who != subject })
}

// targetTable renders verdicts.
func targetTable(verdicts []Verdict) string {
	if len(verdicts) == 0 {
		return ""
	}
	var rows [][]string
	for _, v := range verdicts {
		limit, got, fastest := significant(v.AtMost), "-", "-"
		if v.Against == inBytes {
			limit = thousands(v.AtMost)
		}
		switch {
		case v.Measured && v.Against == inBytes:
			got = thousands(v.Got)
		case v.Measured:
			got = significant(v.Got)
		}
		if v.Measured && v.Fastest != noFastest {
			fastest = v.Fastest + " " + bold(v.Ratio)
		}
		rows = append(rows, []string{v.Row, v.Against, limit, got, v.String(), fastest})
	}
	reached, missed, unmeasured := tally(verdicts)
	return fmt.Sprintf("%d of %d reached, %d missed, %d not measured. A ratio is karst's minimum to that of the peer that the target names; the\n"+
		"last column has the fastest peer of this run.\n\n", reached, len(verdicts), missed, unmeasured) +
		markdown([]string{"row", "against", "at most", "measured", "", "fastest"}, rows)
}

// pairTable renders what takes another's place, beside it.
func (r *Results) pairTable(who, against string, verdicts []Verdict) string {
	verdicts = slices.DeleteFunc(slices.Clone(verdicts), func(v Verdict) bool { return v.Who != who || v.Against != against })
	reached, missed, _ := tally(verdicts)
	if reached+missed == 0 {
		return "Not measured in this run.\n"
	}
	var rows [][]string
	for _, v := range verdicts {
		rows = append(rows, []string{v.Row, r.times(who, v.Row), r.timesAndRatio(who, against, v.Row), v.String()})
	}
	return fmt.Sprintf("%s is ahead in %d of %d rows. Microseconds, minimum / median; in brackets the ratio of the minima.\n\n", who, reached, reached+missed) +
		markdown([]string{"operation", who, against, "ahead"}, rows)
}

// circumstances says what else one has to know.
func (r *Results) circumstances() string {
	var out strings.Builder
	m := r.Machine
	var flags []string
	for _, flag := range telling {
		if slices.Contains(m.Flags, flag) {
			flags = append(flags, flag)
		}
	}
	fmt.Fprintf(&out, "%s, cores: %d (%s), %s MB, %s; load before %s, after %s; %d s from %s.\n\n", or(m.CPU, "an unknown processor"), m.Cores,
		or(strings.Join(flags, " "), "no flags known"), thousands(float64(m.MemoryMB)), m.System, m.LoadBefore, m.LoadAfter, r.Seconds,
		r.Started.Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(&out, "Samples of about 8 ms after a warm-up, in lockstep: operation by operation, round by round, one of each peer in turn.\n"+
		"Passes with fresh processes: %d; visits to all operations in each: %d; rounds in a visit: %d (%d for growth, in one visit).\n",
		r.Plan.Passes, r.Plan.Visits, r.Plan.Rounds, r.Plan.GrowthRounds)
	if s := r.spread(); len(s) > 0 {
		fmt.Fprintf(&out, "The minima of the visits to an operation differ by %.0f %% (median), %.0f %% (nine of ten), %.0f %% (worst).\n",
			percent(s[len(s)/2]), percent(s[len(s)*9/10]), percent(s[len(s)-1]))
	}
	var rows [][]string
	for _, p := range r.Peers {
		what := p.Version
		if p.Missing != "" {
			what = "missing: " + p.Missing
		}
		rows = append(rows, []string{p.Name, what})
	}
	return out.String() + "\n" + markdown([]string{"peer", "version"}, rows)
}

func percent(factor float64) float64 { return math.Round((factor - 1) * 100) }

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// markdown renders a table.
func markdown(header []string, rows [][]string) string {
	var out strings.Builder
	line := func(cells []string) {
		for _, cell := range cells {
			out.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
		out.WriteString("|\n")
	}
	line(header)
	out.WriteString(strings.Repeat("|---", len(header)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return out.String()
}
