// Command gotest runs go test and judges what it says: it shows every failure in full, counts the tests, and says why
// some were skipped. It fails if go test does, if a test or a package did not come to an end, and if no test passed.
//
//	go run ./tools/gotest [flags] -- ARGUMENTS OF GO TEST
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// options are what the flags say.
type options struct {
	name     string
	json     string
	passed   string
	total    string
	noSkip   bool
	packages bool
	require  patterns
	print    patterns
	most     int
	test     []string // the arguments of go test
}

// patterns is a flag that may be given several times.
type patterns []*regexp.Regexp

func (p *patterns) String() string { return fmt.Sprint([]*regexp.Regexp(*p)) }

func (p *patterns) Set(text string) error {
	re, err := regexp.Compile(text)
	*p = append(*p, re)
	return err
}

// errUsage means that the arguments make no sense. What is wrong has been said.
var errUsage = errors.New("usage")

func parse(arguments []string, out io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("gotest", flag.ContinueOnError)
	f.SetOutput(out)
	f.Usage = func() {
		fmt.Fprintln(out, "gotest [flags] -- ARGUMENTS OF GO TEST")
		f.PrintDefaults()
	}
	f.StringVar(&o.name, "name", "go test", "what the line with the numbers begins with")
	f.StringVar(&o.json, "json", "", "write the events of go test to this `file`")
	f.StringVar(&o.passed, "passed", "", "write the package and name of each test that passed to this `file`, sorted")
	f.StringVar(&o.total, "total", "", "append the number of tests that passed to this `file`, as a line")
	f.BoolVar(&o.noSkip, "no-skip", false, "fail if a test was skipped")
	f.BoolVar(&o.packages, "packages", false, "print the numbers of each package")
	f.Var(&o.require, "require", "fail if no test passed whose whole name matches this `regexp` (may be repeated)")
	f.Var(&o.print, "print", "print the lines of tests that match this `regexp` (may be repeated)")
	f.IntVar(&o.most, "most", 1000, "print at most this many of those lines")
	if err := f.Parse(arguments); err != nil {
		return nil, errUsage // flag has said what is wrong
	}
	if o.test = f.Args(); len(o.test) == 0 {
		f.Usage()
		return nil, errUsage
	}
	return o, nil
}

// run runs go test as o says, prints a report and returns whether all is well.
func run(o *options, out io.Writer) (bool, error) {
	events := io.Discard
	if o.json != "" {
		file, err := os.Create(o.json)
		if err != nil {
			return false, err
		}
		defer file.Close() // a copy for whoever reads it later: what is judged is what was read
		events = file
	}
	var complaints bytes.Buffer
	cmd := exec.Command("go", append([]string{"test", "-json"}, o.test...)...)
	cmd.Stderr = &complaints
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	all, err := read(io.TeeReader(pipe, events))
	if err != nil {
		_ = cmd.Process.Kill() // it would wait for a reader
		_ = cmd.Wait()
		return false, err
	}
	if err := cmd.Wait(); err != nil {
		all.wrong(fmt.Sprintf("go test %s: %v", strings.Join(o.test, " "), err))
	}
	all.complaints = complaints.String()
	all.judge(o)
	all.report(o, out)
	return len(all.faults) == 0, all.write(o)
}

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2)
	}
	ok, err := run(o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}
