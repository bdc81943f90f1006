package main

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed targets.txt
var targetsText string

// Target is a limit that is to be reached.
type Target struct {
	Who, Row, Against string
	AtMost            float64
}

const (
	everyRow   = "every"
	anyFastest = "fastest"
	inBytes    = "bytes"
)

// parseTargets reads lines of four words, and skips comments.
func parseTargets(text string) ([]Target, error) {
	var targets []Target
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 4 {
			return nil, fmt.Errorf("line %d of the targets: %q are not four words", i+1, line)
		}
		atMost, err := parsePositive(fields[3])
		if err != nil {
			return nil, fmt.Errorf("line %d of the targets: %w", i+1, err)
		}
		if name := fields[0] + " " + fields[1]; seen[name] {
			return nil, fmt.Errorf("line %d of the targets: %s is there twice", i+1, name)
		} else {
			seen[name] = true
		}
		targets = append(targets, Target{fields[0], fields[1], fields[2], atMost})
	}
	return targets, nil
}

// Verdict says whether a target was reached.
type Verdict struct {
	Target
	Got      float64
	Measured bool
	// Fastest is who was the fastest rival in this run, and Ratio the ratio to it, where that applies.
	Fastest string
	Ratio   float64
}

// Reached is false for what was not measured.
func (v Verdict) Reached() bool { return v.Measured && v.Got <= v.AtMost }

func (v Verdict) String() string {
	switch {
	case !v.Measured:
		return "not measured"
	case v.Reached():
		return "reached"
	}
	return "**missed**"
}

// judge compares results with targets. Each target has a verdict, of which "every" has as many as there are rows.
func (r *Results) judge(targets []Target) (verdicts []Verdict) {
	for _, t := range targets {
		if t.Row != everyRow {
			verdicts = append(verdicts, r.judgeOne(t))
			continue
		}
		before := len(verdicts)
		for _, row := range r.Rows {
			if _, both := r.ratio(t.Who, t.Against, row.Name); both && isComparison(row.Name) {
				verdicts = append(verdicts, r.judgeOne(Target{t.Who, row.Name, t.Against, t.AtMost}))
			}
		}
		if len(verdicts) == before {
			verdicts = append(verdicts, Verdict{Target: t})
		}
	}
	return verdicts
}

func (r *Results) judgeOne(t Target) Verdict {
	v := Verdict{Target: t}
	if t.Against == inBytes {
		v.Got = r.memory(t.Who, t.Row)
		v.Measured = v.Got > 0
		return v
	}
	if t.Row == geomean {
		n := 0
		v.Got, n = r.mean(t.Who, t.Against, isComparison)
		v.Measured = n > 0
		return v
	}
	if v.Fastest = r.fastest(t.Row, rivals); v.Fastest != noFastest {
		v.Ratio, _ = r.ratio(t.Who, v.Fastest, t.Row)
	}
	against := t.Against
	if against == anyFastest {
		against = v.Fastest
	}
	v.Got, v.Measured = r.ratio(t.Who, against, t.Row)
	return v
}

// tally counts.
func tally(verdicts []Verdict) (reached, missed, unmeasured int) {
	for _, v := range verdicts {
		switch {
		case !v.Measured:
			unmeasured++
		case v.Reached():
			reached++
		default:
			missed++
		}
	}
	return reached, missed, unmeasured
}
