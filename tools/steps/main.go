//go:build unix

// Command steps runs the steps of a gate side by side. It reads them from its standard input, a line each with four
// fields between tabs: the name, what it is, what it needs, and the names of the steps that have to end before it begins.
// One whose last field is "all" begins when all others have ended.
//
//	steps [flags] COMMAND ARGUMENTS... -- [STEP]...
//
// Each step is the command with the step's name behind it. Without names of steps, all run. What a step prints is shown
// when it ends, as a whole. The first that fails ends the others, and is named last.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

var errUsage = errors.New("it is used like this: steps [flags] COMMAND ARGUMENTS... -- [STEP]")

func gateOf(arguments []string, table io.Reader, out io.Writer) (g *gate, list bool, err error) {
	g = &gate{out: out}
	f := flag.NewFlagSet("steps", flag.ContinueOnError)
	f.SetOutput(out)
	f.BoolVar(&list, "l", false, "only list the steps")
	f.IntVar(&g.jobs, "jobs", 2, "how many run at once")
	f.DurationVar(&g.limit, "limit", 85*time.Minute, "how long all of them may take")
	if err := f.Parse(arguments); err != nil {
		return nil, false, err
	}
	steps, err := parse(table)
	if err != nil {
		return nil, false, err
	}
	end := slices.Index(f.Args(), "--")
	if end < 1 || g.jobs < 1 {
		return nil, false, errUsage
	}
	g.command = f.Args()[:end]
	g.steps, err = choose(steps, f.Args()[end+1:])
	return g, list, err
}

func main() {
	g, list, err := gateOf(os.Args[1:], os.Stdin, os.Stdout)
	if err == nil && list {
		g.list()
		return
	}
	if err == nil {
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		err = g.run(interrupted)
	}
	if err != nil {
		fmt.Println("FAIL:", err)
		os.Exit(1)
	}
}
