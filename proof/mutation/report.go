package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// report writes the sum, writes the table, and returns an error if the tests are not good enough.
func report(w io.Writer, outcomes []outcome, took time.Duration, results string) error {
	killed, excused, survived, wrong := 0, 0, 0, 0
	by := map[string]int{}
	for i := range outcomes {
		switch o := &outcomes[i]; {
		case o.wrong != nil:
			wrong++
		case o.by != "":
			killed++
			by[o.by]++
		case o.excused != "":
			excused++
		default:
			survived++
		}
	}
	fmt.Fprintln(w)
	for _, g := range gates {
		if by[g.name] > 0 {
			fmt.Fprintf(w, "%4d by %s\n", by[g.name], g.name)
		}
	}
	total := len(outcomes)
	sum := fmt.Sprintf("%d/%d killed, %d survived, %d alive for a reason", killed, total, survived, excused)
	fmt.Fprintf(w, "mutation: %s (%.0f minutes)\n", sum, took.Minutes())

	if results != "" {
		if err := os.WriteFile(results, table(outcomes, by, sum, took), 0o644); err != nil {
			return err
		}
	}
	switch {
	case wrong > 0:
		return fmt.Errorf("%d changes could not be tried", wrong)
	case killed*100 < total*minKilled:
		return fmt.Errorf("less than %d%% are killed", minKilled)
	case excused*100 > total*maxExcused:
		return fmt.Errorf("more than %d%% are excused", maxExcused)
	case survived > 0:
		return fmt.Errorf("%d changes survived", survived)
	}
	for i := range outcomes {
		if o := &outcomes[i]; o.excused != "" && o.by != "" {
			return fmt.Errorf("%s: it is excused, but %s noticed", o.name, o.by)
		}
	}
	return nil
}

// table is the Markdown of results.md.
func table(outcomes []outcome, by map[string]int, sum string, took time.Duration) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# The last run of the mutation check\n\n")
	fmt.Fprintf(&b, "`go run ./proof/mutation -results proof/mutation/results.md`, %s, %s, %.0f minutes.\n\n", time.Now().UTC().Format(time.DateOnly), runtime.Version(), took.Minutes())
	fmt.Fprintf(&b, "**%s.** By the gate that noticed first:\n\n", sum)
	for _, g := range gates {
		if by[g.name] > 0 {
			fmt.Fprintf(&b, "* %s: %d\n", g.name, by[g.name])
		}
	}
	fmt.Fprintf(&b, "\n| file | change | outcome |\n|---|---|---|\n")
	for i := range outcomes {
		o := &outcomes[i]
		what := "**survived**"
		switch {
		case o.wrong != nil:
			what = "**not tried**"
		case o.by != "":
			what = o.by + ": " + o.how
		case o.excused != "":
			what = "alive: " + o.excused
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", o.file, o.name, strings.ReplaceAll(what, "|", `\|`))
	}
	return []byte(b.String())
}
