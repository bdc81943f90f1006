package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of go test -json: see go doc test2json, and go help buildjson for those with an import path.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string
}

// test is a test, or a package as a whole, which has no name.
type test struct {
	pkg, name string
	output    strings.Builder
	outcome   string // pass, fail or skip; or nothing if it did not come to an end
}

func (t *test) String() string { return strings.TrimSuffix(t.pkg+" "+t.name, " ") }

// results is what a run of go test has said.
type results struct {
	tests      []*test                     // in the order in which they began, with the packages
	last       map[[2]string]*test         // by package and name: with -count a test begins more than once
	builds     map[string]*strings.Builder // what compilers said, by import path
	unbuilt    []string                    // import paths that could not be built
	complaints string                      // what go test wrote to its standard error
	faults     []string                    // what is wrong, a line each
}

func (r *results) wrong(what string) { r.faults = append(r.faults, what) }

// read reads all events. What makes no sense as an event is a fault, and no error.
func read(from io.Reader) (*results, error) {
	r := &results{last: map[[2]string]*test{}, builds: map[string]*strings.Builder{}}
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		cut := err == io.EOF
		if err != nil && !cut {
			return nil, err
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			var e event
			switch err := json.Unmarshal(text, &e); {
			case err == nil && e.Action != "":
				r.add(&e)
			case cut:
				r.wrong(fmt.Sprintf("the events are cut off at %.200q", text))
			default:
				r.wrong(fmt.Sprintf("not an event: %.200q", text))
			}
		}
		if cut {
			return r, nil
		}
	}
}

// begin notes a test.
func (r *results) begin(e *event) *test {
	t := &test{pkg: e.Package, name: e.Test}
	r.tests = append(r.tests, t)
	r.last[[2]string{e.Package, e.Test}] = t
	return t
}

// of returns the test of an event.
func (r *results) of(e *event) *test {
	if t := r.last[[2]string{e.Package, e.Test}]; t != nil {
		return t
	}
	return r.begin(e)
}

func (r *results) add(e *event) {
	switch e.Action {
	case "build-output":
		if r.builds[e.ImportPath] == nil {
			r.builds[e.ImportPath] = &strings.Builder{}
		}
		r.builds[e.ImportPath].WriteString(e.Output)
	case "build-fail":
		r.unbuilt = append(r.unbuilt, e.ImportPath)
	case "start", "run":
		r.begin(e)
	case "output":
		r.of(e).output.WriteString(e.Output)
	case "pass", "fail", "skip":
		r.of(e).outcome = e.Action
	case "pause", "cont", "bench", "attr", "artifacts":
	default:
		r.wrong(fmt.Sprintf("an event that nobody knows: %q", e.Action))
	}
}
