package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// with returns the tests with that outcome, without the packages.
func (r *results) with(outcome string) (tests []*test) {
	for _, t := range r.tests {
		if t.name != "" && t.outcome == outcome {
			tests = append(tests, t)
		}
	}
	return tests
}

// judge adds what is wrong, but for what reading has found.
func (r *results) judge(o *options) {
	for _, path := range r.unbuilt {
		r.wrong("not built: " + path)
	}
	for _, t := range r.tests {
		switch t.outcome {
		case "fail":
			r.wrong("failed: " + t.String())
		case "":
			r.wrong("did not end: " + t.String())
		case "skip":
			if o.noSkip && t.name != "" {
				r.wrong("skipped: " + t.String())
			}
		}
	}
	passed := r.with("pass")
	if len(passed) == 0 {
		r.wrong("no test passed")
	}
	for _, wanted := range o.require {
		whole := regexp.MustCompile("^(?:" + wanted.String() + ")$")
		if !slices.ContainsFunc(passed, func(t *test) bool { return whole.MatchString(t.name) }) {
			r.wrong("no test passed whose name is " + wanted.String())
		}
	}
}

// logged is what testing puts before what a test logs.
var logged = regexp.MustCompile(`^ *[^ :]+\.go:[0-9]+: ?`)

// frame is what testing says of its own about the course of a test.
var frame = regexp.MustCompile(`^(=== (RUN|PAUSE|CONT|NAME) |\s*--- (PASS|SKIP): )`)

// lines returns what a test said, without what testing added between.
func (t *test) lines() (lines []string) {
	for line := range strings.Lines(t.output.String()) {
		if !frame.MatchString(line) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// reason is what a test that was skipped has said last.
func (t *test) reason() string {
	lines := t.lines()
	for i, line := range slices.Backward(lines) {
		if !logged.MatchString(line) {
			continue
		}
		said := []string{logged.ReplaceAllString(line, "")}
		for _, more := range lines[i+1:] {
			said = append(said, strings.TrimSpace(more))
		}
		if text := strings.TrimSpace(strings.Join(said, " ")); text != "" {
			return text
		}
		break
	}
	return "no reason given"
}

// report prints what was asked for, what failed and the numbers.
func (r *results) report(o *options, out io.Writer) {
	printed := 0
	for _, t := range r.tests {
		for _, line := range t.lines() {
			if line = logged.ReplaceAllString(line, ""); printed < o.most && o.wants(line) {
				fmt.Fprintln(out, line)
				printed++
			}
		}
	}
	for _, t := range r.with("skip") {
		fmt.Fprintf(out, "skipped %v: %s\n", t, t.reason())
	}
	if len(r.faults) > 0 {
		r.failures(out)
	}
	if o.packages {
		for _, line := range r.perPackage() {
			fmt.Fprintln(out, line)
		}
	}
	fmt.Fprintf(out, "%s: %s\n", o.name, count(r.tests))
}

func (o *options) wants(line string) bool {
	return slices.ContainsFunc(o.print, func(re *regexp.Regexp) bool { return re.MatchString(line) })
}

// failures prints all that compilers, tests and packages that failed have said, and then what is wrong.
func (r *results) failures(out io.Writer) {
	fmt.Fprint(out, r.complaints)
	for _, path := range r.unbuilt {
		if r.builds[path] != nil {
			fmt.Fprint(out, r.builds[path])
		}
	}
	for _, t := range r.tests {
		if t.outcome != "fail" && t.outcome != "" {
			continue
		}
		fmt.Fprintf(out, "== %v\n", t)
		for _, line := range t.lines() {
			fmt.Fprintln(out, line)
		}
	}
	for _, fault := range r.faults {
		fmt.Fprintf(out, "FAIL: %s\n", fault)
	}
}

// count says how many of some tests passed, failed and were skipped. One that did not end has failed.
func count(tests []*test) string {
	n := map[string]int{}
	for _, t := range tests {
		if t.name != "" {
			n[cmp.Or(t.outcome, "fail")]++
		}
	}
	return fmt.Sprintf("%d tests passed, %d failed, %d skipped", n["pass"], n["fail"], n["skip"])
}

func (r *results) perPackage() (lines []string) {
	of := map[string][]*test{}
	for _, t := range r.tests {
		of[t.pkg] = append(of[t.pkg], t)
	}
	for pkg, tests := range of {
		lines = append(lines, fmt.Sprintf("    %s: %s", pkg, count(tests)))
	}
	slices.Sort(lines)
	return lines
}

// write writes the files that were asked for.
func (r *results) write(o *options) error {
	var names []string
	for _, t := range r.with("pass") {
		names = append(names, t.String()+"\n")
	}
	if o.passed != "" {
		slices.Sort(names)
		if err := os.WriteFile(o.passed, []byte(strings.Join(names, "")), 0o666); err != nil {
			return err
		}
	}
	if o.total == "" {
		return nil
	}
	file, err := os.OpenFile(o.total, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(file, len(names)); err != nil {
		return err
	}
	return file.Close()
}
