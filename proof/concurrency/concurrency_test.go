// Package concurrency_test checks what the documentation says of each type about use by several
// goroutines. Calls to an object with a lock take turns: whatever is called at once, there is no race, no
// key is used twice, and no two wait for each other. Of the types without one, what is allowed is free of
// races, and what is not is found by the race detector.
package concurrency_test

import (
	"errors"
	"go/ast"
	"go/token"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

// action is a call of one method. Each call gets another n, below 2*rounds if it is made twice at once.
type action struct {
	name string
	call func(n int)
}

// object is a type, and its methods.
type object struct {
	typ       string
	allowed   []action // what several goroutines may do at once, and succeeds
	changing  []action // what they may do at once, for which allowed may fail; the last one is Wipe
	forbidden []action // what needs the object for itself: of types without a lock
	guarded   any      // an object, of a type with a lock
}

const rounds = 20

// together runs each action, many times, in a goroutine of its own.
func together(actions ...action) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for g, a := range actions {
		all.Go(func() {
			<-start
			for i := range rounds {
				a.call(g*rounds + i)
			}
		})
	}
	close(start)
	all.Wait()
}

// TestAllowed: under the race detector, this fails if one of the methods writes.
func TestAllowed(t *testing.T) {
	n := 0
	for _, o := range objects() {
		together(append(slices.Clone(o.allowed), o.allowed...)...)
		n += len(o.allowed)
	}
	t.Logf("%d methods of %d types at once; race detector: %v", n, len(objects()), raceDetector)
}

// TestDifferentObjects: what is forbidden for one object is allowed for two.
func TestDifferentObjects(t *testing.T) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, o := range objects() {
				for _, a := range slices.Concat(o.allowed, o.changing, o.forbidden) {
					a.call(0)
				}
			}
		})
	}
	all.Wait()
}

const misuse = "KARST_MISUSE"

// TestMain also is the program that uses an object in a forbidden way.
func TestMain(m *testing.M) {
	if which := os.Getenv(misuse); which != "" {
		for _, o := range objects() {
			for _, a := range o.forbidden {
				if o.typ+"."+a.name == which {
					together(a, a)
				}
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestMisuse: two goroutines at once in a method that needs the object for itself. The race detector
// reports every such method. Without it the program goes on.
func TestMisuse(t *testing.T) {
	n := 0
	for _, o := range objects() {
		for _, a := range o.forbidden {
			which := o.typ + "." + a.name
			if raceDetector && !slices.Contains(unseen, which) {
				requireReport(t, which)
			} else if text, err := run(t, which); err != nil {
				t.Errorf("%s twice at once: %v\n%s", which, err, text)
			}
			n++
		}
	}
	if !t.Failed() {
		t.Logf("misuse: %d of %d reported, or as documented; race detector: %v", n, n, raceDetector)
	}
}

// unseen is what the race detector can't report: it does not look at a slice that is cleared, and these
// do nothing else. Twice at once they do no harm.
var unseen = []string{"megolm.SessionKey.Wipe", "megolm.ExportedKey.Wipe"}

func run(t *testing.T, which string) (text string, err error) {
	t.Helper()
	cmd := testkit.Again(t, []string{misuse + "=" + which, "GORACE=halt_on_error=1 exitcode=66"})
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// requireReport runs a program until the race detector reports it. That takes more than one run if the
// two goroutines happen not to meet, or meet in a panic first.
func requireReport(t *testing.T, which string) {
	t.Helper()
	for range 50 {
		text, err := run(t, which)
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 66 && strings.Contains(text, "DATA RACE") {
			return
		}
	}
	t.Errorf("%s twice at once: the race detector does not report it", which)
}

// values are the types without methods that change something behind the caller's back: data, like a
// slice or a string.
var values = []string{
	"keys.Curve25519", "keys.Ed25519", "keys.Signature", "olm.Body", "olm.DroppedKey", "olm.GapError", "olm.IdentityKeys", "olm.KeyID",
	"olm.KnownSessionError", "olm.Message", "olm.MessageType", "olm.PreKeyMessage", "olm.SessionKeys", "megolm.Message", "megolm.Order", "megolm.UnknownIndexError",
	"sas.Bytes", "sas.Emoji", "sas.MAC", "pk.Message", "pk.Text",
}

// TestEveryTypeIsDocumented: the comment of each type says what goroutines may do, and each is tested.
func TestEveryTypeIsDocumented(t *testing.T) {
	here := map[string]bool{}
	for _, o := range objects() {
		here[o.typ] = true
	}
	n := 0
	for _, pkg := range testkit.PublicPackages {
		for _, file := range testkit.Sources(t, "../..", pkg) {
			for _, declaration := range file.Decls {
				d, ok := declaration.(*ast.GenDecl)
				if !ok || d.Tok != token.TYPE {
					continue
				}
				for _, spec := range d.Specs {
					name := spec.(*ast.TypeSpec).Name.Name
					if !ast.IsExported(name) || slices.Contains(values, pkg+"."+name) {
						continue
					}
					n++
					if !strings.Contains(d.Doc.Text(), "goroutine") {
						t.Errorf("%s.%s: its comment does not say what goroutines may do", pkg, name)
					}
					if !here[pkg+"."+name] {
						t.Errorf("%s.%s is not tested: add it to objects, or to values", pkg, name)
					}
				}
			}
		}
	}
	if n != len(here) {
		t.Errorf("%d types, but %d are tested", n, len(here))
	}
}
