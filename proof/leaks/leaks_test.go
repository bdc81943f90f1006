package leaks_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
)

// exportedTypes lists the exported types of the public packages, as their sources have them.
func exportedTypes(t *testing.T) (types []string) {
	t.Helper()
	for _, name := range testkit.PublicPackages {
		for _, file := range testkit.Sources(t, "../..", name) {
			for _, declaration := range file.Decls {
				if d, ok := declaration.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, spec := range d.Specs {
						if s := spec.(*ast.TypeSpec); s.Name.IsExported() {
							types = append(types, name+"."+s.Name.Name)
						}
					}
				}
			}
		}
	}
	return types
}

func TestEveryExportedTypeIsHere(t *testing.T) {
	here := map[string]bool{}
	for _, o := range objects() {
		here[o.typ] = true
	}
	types := exportedTypes(t)
	for _, name := range types {
		if !here[name] {
			t.Errorf("%s is not looked at: add it to objects", name)
		}
		delete(here, name)
	}
	if len(here) > 0 || len(types) < 20 {
		t.Errorf("%d types, and unknown ones: %v", len(types), here)
	}
}

func TestPrintersShowNoSecrets(t *testing.T) {
	n := 0
	for _, o := range objects() {
		if len(o.secrets) == 0 {
			t.Errorf("%s: no secret to look for", o.typ)
		}
		var all []string
		for _, s := range o.secrets {
			all = append(all, needles(s)...)
		}
		for _, s := range o.shapes {
			for _, p := range printers() {
				n++
				if shows(p.print(s.value), all) {
					t.Errorf("%s, %s, by %s: shows a secret", o.typ, s.name, p.name)
				}
			}
		}
	}
	t.Logf("leaks: %d of %d combinations of an object, a shape and a printer show no secret", n, n)
}

// TestStatesAreLookedAt: what is not shown would be found if it were.
func TestStatesAreLookedAt(t *testing.T) {
	n := 0
	for _, o := range objects() {
		if !o.holds || !isGuarded(o.typ) {
			continue
		}
		state := hidden(reflect.ValueOf(o.shapes[0].value).Elem().FieldByName("state").FieldByName("p"))
		for _, s := range o.secrets {
			if text := fmt.Sprintf("%d", state.Interface()); !shows(text, needles(s)) {
				t.Errorf("%s: a secret that is not in its state", o.typ)
			}
			n++
		}
	}
	if n < 16 {
		t.Errorf("%d secrets", n)
	}
}

// isGuarded reports whether a type has a lock. A value of it, which only a mistake makes, has no String
// method, and shows an address.
func isGuarded(typ string) bool {
	return typ != "megolm.SessionKey" && typ != "megolm.ExportedKey"
}

// TestNames: what the usual verbs print is the name of the type.
func TestNames(t *testing.T) {
	for _, o := range objects() {
		if !o.holds {
			continue
		}
		shapes := o.shapes[:2]
		if isGuarded(o.typ) {
			shapes = shapes[:1] // the pointer
		}
		for _, s := range shapes {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				if text := fmt.Sprintf(verb, s.value); text != o.typ {
					t.Errorf("%s, %s, by %s: %q", o.typ, s.name, verb, text)
				}
			}
		}
	}
}

const panics = "KARST_LEAKS_PANIC"

// TestMain also is the program that panics.
func TestMain(m *testing.M) {
	if which := os.Getenv(panics); which != "" {
		defer deterministic()()
		typ, name, _ := strings.Cut(which, "/")
		for _, o := range objects() {
			for _, s := range o.shapes {
				if o.typ == typ && s.name == name {
					panic(s.value)
				}
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func deterministic() (restore func()) {
	source := rand.New(rand.NewPCG(1, 2))
	return entropy.Replace(func(b []byte) {
		for i := range b {
			b[i] = byte(source.Uint32())
		}
	})
}

// TestPanicsShowNoSecrets: what a program that dies of an object says.
func TestPanicsShowNoSecrets(t *testing.T) {
	defer deterministic()()
	n := 0
	for _, o := range objects() {
		if !o.holds {
			continue
		}
		var all []string
		for _, s := range o.secrets {
			all = append(all, needles(s)...)
		}
		for _, name := range []string{"pointer", "value", inUnexportedField} {
			cmd := testkit.Again(t, []string{panics + "=" + o.typ + "/" + name, "GOTRACEBACK=all"})
			text, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(text), "panic: ") {
				t.Fatalf("%s, %s: no panic: %v, %s", o.typ, name, err, text)
			}
			if shows(string(text), all) {
				t.Errorf("%s, %s: a panic shows a secret", o.typ, name)
			}
			n++
		}
	}
	t.Logf("%d of %d panics show nothing", n, n)
}
