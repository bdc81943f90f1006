package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// gate is something that passes or fails on the module.
type gate struct {
	name string
	// command returns what to run in the module's folder for a change to file.
	command func(file string) []string
	env     []string
}

// hung is how long a gate may take until it counts as hanging: many times what it takes. Nothing is
// measured here.
const hung = 15 * time.Minute

func goTest(arguments ...string) []string {
	return append([]string{"go", "test", "-vet=off", "-trimpath", "-short", "-failfast", "-timeout", hung.String()}, arguments...)
}

// everything is all packages with tests of the core. The search of memory is a gate of its own.
var everything = []string{
	".", "./internal/...", "./keys", "./pickle", "./ratchet", "./olm", "./megolm", "./sas", "./pk", "./vectors",
	"./proof/atomicity", "./proof/hostile", "./proof/leaks",
}

func suite(arguments ...string) func(string) []string {
	return func(string) []string { return goTest(slices.Concat(arguments, everything)...) }
}

// script is a gate that is more than one command, in the shell.
func script(name, text string) gate {
	return gate{name: name, command: func(string) []string {
		return []string{"timeout", "-k", "10", fmt.Sprint(hung.Seconds()), "sh", "-euc", text}
	}, env: []string{"CI=true"}} // in which nothing is skipped
}

// gates are all that there are.
var gates = []gate{
	{name: "package", command: func(file string) []string { return goTest("./" + path.Dir(file)) }},
	{name: "assembly", command: func(file string) []string {
		return goTest("-run", "^(TestElements|TestFormulas|TestCarries.*|TestBaseRows)$", "./"+path.Dir(file))
	}},
	{name: "suite", command: suite()},
	{name: "package purego", command: func(file string) []string { return goTest("-tags", "purego", "./"+path.Dir(file)) }},
	{name: "suite purego", command: suite("-tags", "purego")},
	{name: "suite 386", command: suite(), env: []string{"GOARCH=386", "CGO_ENABLED=0"}},
	{name: "package 386 purego", command: func(file string) []string { return goTest("-tags", "purego", "./"+path.Dir(file)) }, env: []string{"GOARCH=386", "CGO_ENABLED=0"}},
	// A larger library would be noticed too, but is not what is asked.
	script("proof/constant_time/capi", "echo 1000000 >capi/size.txt; capi/build.sh; proof/constant_time/capi/run.sh"),
	script("proof/constant_time/go", "proof/constant_time/go/run.sh amd64; proof/constant_time/go/run.sh purego"),
	{name: "proof/erasure/go", command: func(string) []string { return goTest("-count=1", "./proof/erasure/go") }},
}

// The orders in which gates are tried.
var (
	byTests    = []string{"package", "suite", "suite purego"}
	byAssembly = []string{"assembly", "package"}
	byPurego   = []string{"package purego", "suite purego"}
	by32Bits   = []string{"package 386 purego"}
	byTime     = []string{"package", "suite", "proof/constant_time/capi", "proof/constant_time/go"}
	byPortable = []string{"package", "package purego", "suite purego", "proof/constant_time/capi", "proof/constant_time/go"}
	byErasure  = []string{"package", "suite", "proof/erasure/go"}
)

func findGate(name string) *gate {
	if i := slices.IndexFunc(gates, func(g gate) bool { return g.name == name }); i >= 0 {
		return &gates[i]
	}
	return nil
}

func (m *mutation) gateNames() []string {
	if m.gates == nil {
		return byTests
	}
	return m.gates
}

// timedOut is how timeout(1) says that it has ended a command.
const timedOut = 124

// errHung means that a gate did not come to an end.
var errHung = errors.New("hangs")

// run runs g for a change to file in the module at root. On an error out says what happened.
func (g *gate) run(ctx context.Context, root, file string) (out string, err error) {
	return command(ctx, root, g.env, g.command(file))
}

func command(ctx context.Context, root string, env, args []string) (string, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = root
	cmd.Env = append(append(os.Environ(), "PWD="+root, "GOFLAGS=-buildvcs=false"), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == timedOut || strings.Contains(out.String(), "panic: test timed out after") {
		err = errHung
	}
	return out.String(), err
}

// baseline checks that every gate which the changes name passes on the module as it is.
func baseline(ctx context.Context, root string, all []mutation) error {
	files := map[string][]string{}
	for _, m := range all {
		for _, name := range m.gateNames() {
			if findGate(name) == nil {
				continue
			}
			if strings.HasPrefix(name, "package") && slices.ContainsFunc(files[name], func(f string) bool { return path.Dir(f) == path.Dir(m.file) }) {
				continue
			}
			files[name] = append(files[name], m.file)
		}
	}
	for i := range gates {
		g := &gates[i]
		if len(files[g.name]) == 0 {
			continue
		}
		if !strings.HasPrefix(g.name, "package") {
			files[g.name] = files[g.name][:1]
		}
		start := time.Now()
		for _, file := range files[g.name] {
			if out, err := g.run(ctx, root, file); err != nil {
				return fmt.Errorf("gate %s fails before anything is changed: %w\n%s", g.name, err, out)
			}
		}
		fmt.Printf("passes   %s (%.0f s)\n", g.name, time.Since(start).Seconds())
	}
	return nil
}

// try makes one change in the module at root, runs its gates until one fails, and takes the change back.
func try(ctx context.Context, root string, m *mutation) (o outcome) {
	o.mutation = *m
	start := time.Now()
	defer func() { o.took = time.Since(start) }()
	undo, err := m.apply(root)
	if err != nil {
		o.wrong = err
		return o
	}
	defer func() {
		if err := undo(); err != nil {
			panic(err) // the next change would be tried together with this one
		}
	}()
	for _, name := range m.gateNames() {
		g := findGate(name)
		if g == nil {
			continue // not wanted
		}
		// A change that does not compile is none.
		build := []string{"go", "build", "-trimpath"}
		if strings.Contains(name, "purego") {
			build = append(build, "-tags", "purego")
		}
		if out, err := command(ctx, root, g.env, append(build, "./"+path.Dir(m.file))); err != nil {
			o.wrong = fmt.Errorf("does not compile: %w\n%s", err, out)
			return o
		}
		out, err := g.run(ctx, root, m.file)
		switch {
		case ctx.Err() != nil:
			o.wrong = ctx.Err()
			return o
		case err != nil:
			o.by, o.how = name, how(out, err)
			return o
		}
	}
	return o
}

var (
	failedTest    = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)
	memcheck      = regexp.MustCompile(`(?m)^==\d+== +((?:Conditional jump|Use of).*)`)
	failedPackage = regexp.MustCompile(`(?m)^FAIL[ \t]+(\S+)`)
)

// how says in a few words why a gate failed.
func how(out string, err error) string {
	switch test, pkg := failedTest.FindStringSubmatch(out), failedPackage.FindStringSubmatch(out); {
	case err == errHung:
		return "it hangs"
	case test != nil && pkg != nil:
		return path.Base(pkg[1]) + "." + test[1]
	case pkg != nil && strings.Contains(out, "panic: "):
		return path.Base(pkg[1]) + " panics"
	}
	if report := memcheck.FindStringSubmatch(out); report != nil {
		return report[1]
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := lines[len(lines)-1]
	if len(last) > 100 {
		last = last[:100] + "..."
	}
	return last
}
