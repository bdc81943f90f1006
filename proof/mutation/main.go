// Command mutation checks the tests: it makes small, meaningful changes to the core, one at a time, in a copy
// of the module, and expects some gate to fail on each.
//
//	go run ./proof/mutation [-assembly] [-run REGEXP] [-gates REGEXP] [-list] [-workers N] [-results FILE]
//
// The changes stand in the files table_*.go. Each names the text that it replaces, which must occur exactly
// once in its file, and the gates that are to catch it, cheap ones first. A change that does not compile is a
// mistake in the table and not a catch. Before anything is changed, all gates must pass.
//
// It prints a line for each change and at the end killed/total and by which gates, and exits with an error if
// a change survives that is not excused in the table, or if less than 95% are killed. results.md in this
// folder is what the last whole run wrote.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

// mutation is one change.
type mutation struct {
	name string // what goes wrong, in a few words
	file string
	old  string // occurs exactly once in file, or is the whole of one line
	new  string
	line int // the number of that line, or 0

	// gates are tried in this order until one fails. Nil is byTests.
	gates []string

	// excused is why no gate is expected to notice. Such a change counts as alive, and there are few of them.
	excused string
}

// maxExcused is how many changes, in percent, may be excused.
const maxExcused = 5

// minKilled is how many changes, in percent, must be killed.
const minKilled = 95

// outcome is what came of a mutation.
type outcome struct {
	mutation
	by    string // the gate that noticed, or nothing
	how   string // in which way, in a few words
	took  time.Duration
	wrong error // the change could not be tried
}

func (o *outcome) String() string {
	switch {
	case o.wrong != nil:
		return fmt.Sprintf("WRONG    %s: %v", o.name, o.wrong)
	case o.by != "":
		return fmt.Sprintf("killed   %s: by %s, %s (%.0f s)", o.name, o.by, o.how, o.took.Seconds())
	case o.excused != "":
		return fmt.Sprintf("alive    %s: %s", o.name, o.excused)
	}
	return fmt.Sprintf("SURVIVED %s (%s)", o.name, o.file)
}

func main() {
	run := flag.String("run", "", "try only the changes whose file or name matches the `regexp`")
	only := flag.String("gates", "", "use only the gates whose name matches the `regexp`")
	list := flag.Bool("list", false, "list the changes, and check that each applies")
	workers := flag.Int("workers", 2, "how many changes to try at a time")
	ofAssembly := flag.Bool("assembly", false, "change the instructions of the assembly that read flags instead")
	results := flag.String("results", "", "write the table of results, as Markdown, to the `file`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := check(ctx, *run, *only, *list, *ofAssembly, *workers, *results); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func check(ctx context.Context, run, only string, list, ofAssembly bool, workers int, results string) error {
	pattern, err := regexp.Compile(run)
	if err != nil {
		return err
	}
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	gates = slices.DeleteFunc(gates, func(g gate) bool { return !wanted.MatchString(g.name) })
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	var chosen []mutation
	all := mutations()
	if ofAssembly {
		if all, err = assembly(root); err != nil {
			return err
		}
	}
	for _, m := range all {
		if pattern.MatchString(m.file + " " + m.name) {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no change matches %q", run)
	}
	if err := applicable(root, chosen); err != nil {
		return err
	}
	if list {
		for _, m := range chosen {
			fmt.Printf("%s: %s\n", m.file, m.name)
		}
		fmt.Printf("%d changes, each matches exactly once\n", len(chosen))
		return nil
	}

	scratch, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	// One copy of the module as it is now, since people may go on working in it, and one for each worker.
	snapshot := filepath.Join(scratch, "snapshot")
	if err := copyModule(root, snapshot); err != nil {
		return err
	}
	if err := applicable(snapshot, chosen); err != nil {
		return err
	}
	fmt.Println("the gates on the module as it is:")
	if err := baseline(ctx, snapshot, chosen); err != nil {
		return err
	}

	start := time.Now()
	outcomes := make([]outcome, len(chosen))
	next := make(chan int)
	var wait sync.WaitGroup
	var print sync.Mutex
	for w := range workers {
		folder := filepath.Join(scratch, fmt.Sprintf("worker%d", w))
		if err := copyModule(snapshot, folder); err != nil {
			return err
		}
		wait.Go(func() {
			for i := range next {
				outcomes[i] = try(ctx, folder, &chosen[i])
				print.Lock()
				fmt.Println(&outcomes[i])
				print.Unlock()
			}
		})
	}
	for i := range chosen {
		if ctx.Err() == nil {
			next <- i
		}
	}
	close(next)
	wait.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return report(os.Stdout, outcomes, time.Since(start), results)
}
