//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script is what steps do, by their names. Where order counts they wait for each other's files, and not for time.
const script = `
there() { n=0; until [ -e "$1" ]; do n=$((n + 1)); [ $n -lt 3000 ] || exit 9; sleep 0.01; done; }
for step; do :; done # the last argument
case $step in
quick) echo quick was here; : >quick.done ;;
left) echo left; : >left.begun; there right.begun; echo left ends ;;
right) echo right; : >right.begun; there left.begun; echo right ends ;;
second) [ -e quick.done ]; echo second ;;
bad) echo bad was here >&2; there slow.begun; exit 7 ;;
worse) exit 3 ;;
slow) trap 'echo told; exit 1' TERM; echo slow begins; : >slow.begun; sleep 60 & wait ;;
deaf) trap '' TERM; echo deaf begins; : >slow.begun; for i in 1 2 3 4 5 6 7 8 9; do sleep 10; done ;;
leaves) sleep 60 & echo $! >left.pid ;;
last) ls; echo last ;;
esac
`

// on runs steps from a table on the script, in a folder of its own.
func on(t *testing.T, table string, arguments ...string) (string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	flags, names := arguments, []string(nil)
	if end := slices.Index(arguments, "--"); end >= 0 {
		flags, names = arguments[:end], arguments[end+1:]
	}
	var out bytes.Buffer
	arguments = slices.Concat(flags, []string{"sh", "-euc", script, "sh", "--"}, names)
	g, _, err := gateOf(arguments, strings.NewReader(table), &out)
	if err != nil {
		return out.String(), err
	}
	err = g.run(nil)
	return out.String(), err
}

func inOrder(t *testing.T, out string, parts ...string) {
	t.Helper()
	at := 0
	for _, part := range parts {
		i := strings.Index(out[at:], part)
		if i < 0 {
			t.Fatalf("not there, or not in this order: %q\n%s", part, out)
		}
		at += i + len(part)
	}
}

// TestSideBySide runs steps that wait for each other, so that they end only if both run, and are shown apart.
func TestSideBySide(t *testing.T) {
	out, err := on(t, "left\tthe left one\t\t\nright\tthe right one\t\t\n")
	if err != nil {
		t.Fatal(err, out)
	}
	inOrder(t, out, "-- left begins", "-- right begins", "\n== ")
	inOrder(t, out, "== left: the left one (", "s)\nleft\nleft ends\n")
	inOrder(t, out, "== right: the right one (", "s)\nright\nright ends\n")
	inOrder(t, out, "\nstep               began    took\nleft ", " s", "\nright ", " s")
}

// TestOrder runs steps of which one needs the other, and one that is alone at the end.
func TestOrder(t *testing.T) {
	table := "last\tat the end\t\tall\nquick\ta\t\t\nsecond\tb\t\tquick\n"
	out, err := on(t, table)
	if err != nil {
		t.Fatal(err, out)
	}
	inOrder(t, out, "-- quick begins", "== quick", "-- second begins", "== second", "-- last begins", "== last", "quick.done", "last\n")
	// One at a time.
	out, err = on(t, "quick\ta\t\t\nlast\tb\t\t\n", "-jobs", "1")
	if err != nil {
		t.Fatal(err, out)
	}
	inOrder(t, out, "== quick", "-- last begins", "quick.done")
}

// TestNames runs what is named alone, and at once, whatever is above it.
func TestNames(t *testing.T) {
	table := "bad\ta\t\t\nquick\tb\t\tbad\nlast\tc\t\tquick\n"
	out, err := on(t, table, "--", "last", "quick")
	if err != nil || strings.Contains(out, "bad") {
		t.Fatal(err, out)
	}
	inOrder(t, out, "== quick", "== last", "quick.done")
	// What a single one prints is not kept back.
	out, err = on(t, table, "--", "quick")
	if err != nil || strings.Contains(out, "==") {
		t.Fatal(err, out)
	}
	inOrder(t, out, "-- quick begins", "quick was here", "step ")
}

// TestFailure checks that the first failure ends the others, with all that they start, and is named.
func TestFailure(t *testing.T) {
	for _, slow := range []string{"slow", "deaf"} {
		start := time.Now()
		out, err := on(t, slow+"\ttakes long\t\t\nbad\tfails\t\t\nquick\tnever runs\t\tbad\n")
		if err == nil || err.Error() != "step bad: exit status 7" {
			t.Fatal(err, out)
		}
		inOrder(t, out, "== bad: fails", "bad was here", "== "+slow, slow+" begins", "-- "+slow+" was ended here", "step ")
		if strings.Contains(out, "quick") {
			t.Errorf("a step began after a failure:\n%s", out)
		}
		if took := time.Since(start); took > grace+20*time.Second {
			t.Errorf("ended after %v", took)
		}
	}
	if out, err := on(t, "worse\tfails\t\t\n"); err == nil || err.Error() != "step worse: exit status 3" {
		t.Errorf("one that fails alone: %s", out)
	}
}

// TestLeft checks that a step which leaves something running ends all the same, with its own end.
func TestLeft(t *testing.T) {
	start := time.Now()
	out, err := on(t, "leaves\ta\t\t\nquick\tb\t\t\n")
	if err != nil || time.Since(start) > 30*time.Second {
		t.Error(err, time.Since(start), out)
	}
}

// TestLate checks the limit of time.
func TestLate(t *testing.T) {
	out, err := on(t, "slow\ta\t\t\nquick\tb\t\t\n", "-limit", "3s")
	if err == nil || err.Error() != "not done after 3s: slow" {
		t.Fatal(err, out)
	}
	inOrder(t, out, "== slow", "slow begins", "told", "-- slow was ended here")
}

// TestInterrupted checks that nothing is left when somebody ends the gate.
func TestInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	g, _, err := gateOf([]string{"sh", "-euc", script, "sh", "--"}, strings.NewReader("slow\ta\t\t\nlast\tb\t\tslow\n"), &out)
	if err != nil {
		t.Fatal(err)
	}
	interrupted := make(chan os.Signal, 1)
	go func() {
		for {
			if _, err := os.Stat("slow.begun"); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		interrupted <- syscall.SIGTERM
	}()
	if err := g.run(interrupted); err == nil || err.Error() != "terminated: slow" {
		t.Fatal(err, &out)
	}
	inOrder(t, out.String(), "told", "-- slow was ended here")
}

// TestTable refuses tables and arguments without sense.
func TestTable(t *testing.T) {
	good := "a\tone\tneeds gcc\t\nb\ttwo\t\ta\n"
	for _, c := range []struct {
		table     string
		arguments []string
		want      string
	}{
		{good, []string{"true", "--", "b"}, ""},
		{good, []string{"true", "--", "c"}, "there is no step c: -l lists them"},
		{good, []string{"true"}, errUsage.Error()},
		{good, []string{"--"}, errUsage.Error()},
		{good, []string{"-jobs", "0", "true", "--"}, errUsage.Error()},
		{good, []string{"-nonsense", "true", "--"}, "flag provided but not defined: -nonsense"},
		{"", []string{"true", "--"}, "there are no steps"},
		{"a\tone\t\n", []string{"true", "--"}, `not the line of a step: "a\tone\t"`},
		{"\tone\t\t\n", []string{"true", "--"}, `not the line of a step: "\tone\t\t"`},
		{good + "a\tone\t\t\n", []string{"true", "--"}, "two steps are called a"},
		{"b\ttwo\t\ta\na\tone\t\t\n", []string{"true", "--"}, "b is after a, which is no step above it"},
	} {
		_, _, err := gateOf(c.arguments, strings.NewReader(c.table), &bytes.Buffer{})
		if err != nil && err.Error() != c.want || err == nil && c.want != "" {
			t.Errorf("%q %q: %v, not %s", c.table, c.arguments, err, c.want)
		}
	}
	var out bytes.Buffer
	g, list, err := gateOf([]string{"-l", "true", "--"}, strings.NewReader(good), &out)
	if err != nil || !list {
		t.Fatal(err)
	}
	g.list()
	if want := "a               one\n                  needs needs gcc\nb               two\n                  after a\n"; out.String() != want {
		t.Errorf("the list is\n%s", &out)
	}
	g.command = []string{filepath.Join(t.TempDir(), "nothing")}
	g.jobs, g.limit = 2, time.Minute
	if err := g.run(nil); err == nil || !strings.HasPrefix(err.Error(), "step a: ") {
		t.Errorf("a command that does not exist: %v", err)
	}
}
