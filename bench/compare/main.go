// Command compare measures karst beside other implementations of Olm and Megolm, in lockstep, and renders what
// it measured. run.sh builds the implementations and starts it.
//
//	compare [FLAGS] PEERS         measures the peers that a file lists
//	compare -render FILE.json     renders what was measured before
//
// Beside DATE.json come DATE.md with the tables and DATE-*.svg with the charts.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(progress)
	passes := flags.Int("passes", 3, "how often all peers are started anew")
	visits := flags.Int("visits", 2, "how often each process goes through all operations")
	rounds := flags.Int("rounds", 12, "samples of each peer in a visit to an operation")
	growthRounds := flags.Int("growth-rounds", 8, "the same for the operations that charts are drawn of")
	quick := flags.Bool("quick", false, "few samples of everything: shows that all works, not how fast it is")
	check := flags.Bool("check", false, "only say which peers are there, and what the others need")
	all := flags.Bool("all", false, "fail if a peer is missing")
	operations := flags.String("op", "", "only operations whose name matches this regular expression")
	names := flags.String("peer", "", "only peers whose whole name matches this regular expression")
	folder := flags.String("out", ".", "where the files are written")
	render := flags.String("render", "", "a file with results to be rendered, instead of measuring")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *quick {
		few(flags)
	}
	targets, err := parseTargets(targetsText)
	if err != nil {
		return err
	}
	if *render != "" {
		if flags.NArg() != 0 {
			return fmt.Errorf("what is %q beside -render?", flags.Args())
		}
		results, err := readResults(*render)
		if err != nil {
			return err
		}
		return results.publish(filepath.Dir(*render), strings.TrimSuffix(filepath.Base(*render), ".json"), targets, out)
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("there must be one file that lists the peers, not %q", flags.Args())
	}
	plan := Plan{Passes: *passes, Visits: *visits, Rounds: *rounds, GrowthRounds: *growthRounds, Operations: *operations, Memory: *operations == ""}
	if min(plan.Passes, plan.Visits, plan.Rounds, plan.GrowthRounds) < 1 {
		return fmt.Errorf("there must be one pass, visit and round at least")
	}
	text, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	peers, err := parsePeers(string(text))
	if err != nil {
		return err
	}
	if peers, err = selectPeers(peers, *names); err != nil {
		return err
	}
	missing := complain(peers)
	if missing != nil && *all {
		return missing
	}
	if *check {
		for _, p := range peers {
			fmt.Fprintln(out, p)
		}
		return nil
	}
	if missing != nil {
		fmt.Fprintln(progress, missing)
	}
	results, err := measure(ctx, plan, peers, progress)
	if err != nil {
		return err
	}
	encoded, err := results.encode()
	if err != nil {
		return err
	}
	stem := results.Started.Format("2006-01-02")
	if err := os.WriteFile(filepath.Join(*folder, stem+".json"), encoded, 0o644); err != nil {
		return err
	}
	return results.publish(*folder, stem, targets, out)
}

// publish writes the charts and the tables beside the results, and prints the tables.
func (r *Results) publish(folder, stem string, targets []Target, out io.Writer) error {
	charts, err := r.charts(folder, stem)
	if err != nil {
		return err
	}
	report := r.report(targets, charts)
	if err := os.WriteFile(filepath.Join(folder, stem+".md"), []byte(report), 0o644); err != nil {
		return err
	}
	_, err = io.WriteString(out, report)
	return err
}

// few sets what was not set otherwise to so little that all is seen to work.
func few(flags *flag.FlagSet) {
	little := map[string]string{"passes": "1", "visits": "1", "rounds": "3", "growth-rounds": "2"}
	flags.Visit(func(f *flag.Flag) { delete(little, f.Name) })
	for name, value := range little {
		if err := flags.Set(name, value); err != nil {
			panic(err) // of a flag that isn't one
		}
	}
}
