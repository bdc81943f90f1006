//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// step is a part of the gate.
type step struct {
	name, what string
	needs      string
	after      []string
	alone      bool // when all others have ended
}

func parse(table io.Reader) (steps []*step, err error) {
	for lines := bufio.NewScanner(table); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 4 || fields[0] == "" {
			return nil, fmt.Errorf("not the line of a step: %q", lines.Text())
		}
		s := &step{name: fields[0], what: fields[1], needs: fields[2], after: strings.Fields(fields[3])}
		if s.alone = fields[3] == "all"; s.alone {
			s.after = nil
		}
		if find(steps, s.name) != nil {
			return nil, fmt.Errorf("two steps are called %s", s.name)
		}
		// They are known already, so that no two wait for each other.
		for _, other := range s.after {
			if find(steps, other) == nil {
				return nil, fmt.Errorf("%s is after %s, which is no step above it", s.name, other)
			}
		}
		steps = append(steps, s)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("there are no steps")
	}
	return steps, nil
}

func find(steps []*step, name string) *step {
	if i := slices.IndexFunc(steps, func(s *step) bool { return s.name == name }); i >= 0 {
		return steps[i]
	}
	return nil
}

// choose returns the steps with those names, in the order of the table, or all if there are no names.
func choose(steps []*step, names []string) (chosen []*step, err error) {
	for _, name := range names {
		if find(steps, name) == nil {
			return nil, fmt.Errorf("there is no step %s: -l lists them", name)
		}
	}
	for _, s := range steps {
		if len(names) == 0 || slices.Contains(names, s.name) {
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

func (g *gate) list() {
	for _, s := range g.steps {
		fmt.Fprintf(g.out, "%-16s%s\n", s.name, s.what)
		if s.needs != "" {
			fmt.Fprintf(g.out, "%16s  needs %s\n", "", s.needs)
		}
		if len(s.after) > 0 {
			fmt.Fprintf(g.out, "%16s  after %s\n", "", strings.Join(s.after, " "))
		}
	}
}
