// Package internal_test checks rules that concern the module as a whole.
package internal_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/karst-im/karst"

// layers has every package of the module, bottom up. A package may import what is in a layer below
// its own, so those of one layer never import one another.
//
// A new package is added here, as low as it can be. If that takes an edge upward, the package is in
// the wrong place or does too much; don't move the others to make it fit.
var layers = [][]string{
	{"internal/secret", "internal/entropy", "internal/errcode", "internal/cpu", "internal/sealed"},
	{"internal/sha2", "internal/wire", "internal/aes", "internal/failure", "internal/guard"},
	{"internal/curve", "internal/kdf"},
	{"internal/aessha2"},
	{"internal/envelope", "internal/ratchet"},
	{lastOfCore},
	{"keys"},
	surfaces,
	{"internal/cabi", "internal/selftest", "vectors"},
	{"internal/cabi/export"},
	{".", "capi", "wasm", "cmd/karst", "bench", "tools/gotest", "tools/steps", "mautrix", "internal/selftest/small", "internal/selftest/small/control", "proof/constant_time/go", "proof/internal/readers", "proof/mutation",
		"internal/testkit"},
	{"internal/testkit/pickles"},
	{"bench/floor", "vectors/internal/side"},
}

// lastOfCore is the topmost package that is compiled for the surfaces of C and JavaScript too, where
// there is no heap.
const lastOfCore = "internal/protocol"

// surfaces are the Go packages that programs use.
var surfaces = []string{"olm", "megolm", "ratchet", "sas", "pk", "pickle"}

// foreign has what packages up to the surfaces may import from outside of the module, and which of
// them may. It is short on purpose. fmt, encoding/json, reflect and log are the commonest ways for a
// secret to get printed, and make the small builds large; os, net and syscall have no business here;
// encoding/base64 and encoding/hex look secrets up in tables; crypto/ecdh and x/crypto/curve25519 are
// two ladders where one will do; math/rand is not for keys; unsafe and C void what Go guarantees.
var foreign = map[string][]string{
	"errors":                        append([]string{"keys", "internal/failure"}, surfaces...),
	"strconv":                       append([]string{"internal/failure"}, surfaces...),
	"iter":                          surfaces,
	"math/bits":                     {"internal/sha2", "internal/curve"},
	"encoding":                      {"internal/sha2"}, // the interfaces that resume a hash
	"crypto/sha256":                 {"internal/sha2"},
	"crypto/sha512":                 {"internal/sha2"},
	"crypto/rand":                   {"internal/entropy"},
	"crypto/mlkem":                  {"internal/entropy"}, // random bytes, where rand.Reader is not Go's
	"reflect":                       {"internal/entropy"}, // whose type rand.Reader is
	"io":                            {"internal/entropy"},
	"filippo.io/edwards25519":       {"internal/curve"},
	"filippo.io/edwards25519/field": {"internal/curve"},
	"encoding/binary":               {"internal/curve"},
	"sync":                          {"internal/curve", "internal/guard"}, // tables of public points, without purego; the lock of an object
	"sync/atomic":                   {"internal/curve", "internal/guard"},
	"device":                        {"internal/secret"}, // TinyGo's: the wipe that LLVM keeps
	// The marks for memcheck, under a tag of their own; the address of a state, as a number.
	"unsafe": {"internal/secret", "internal/guard"},
	// Where crypto/aes has instructions, and we have not. Without them it looks secrets up in tables.
	"crypto/aes":           {"internal/aes"},
	"crypto/cipher":        {"internal/aes"},
	"golang.org/x/sys/cpu": {"internal/aes"},
}

// users has the packages of the module that not everything above them may import.
var users = map[string][]string{
	// The surfaces of C and JavaScript hand their caller's random bytes to the core. The replay of the vectors gives the
	// Go packages theirs.
	"internal/entropy": append([]string{"vectors/internal/side"}, surfaces...),
	// There are no locks in the core: a build for C or JavaScript has one thread, or a caller that locks.
	"internal/guard": surfaces,
	// A build for C or JavaScript knows errors as codes.
	"internal/failure": append([]string{"bench"}, surfaces...),
}

// allocates lists the files of the core that only the Go packages reach, which may use the heap.
var allocates = []string{
	"internal/wire/text.go", "internal/entropy/entropy.go", "internal/guard/guard.go", "internal/failure/failure.go", "internal/envelope/read.go", "internal/ratchet/grow.go",
}

// TestLayers checks the module.
func TestLayers(t *testing.T) {
	broken, packages := check(t, os.DirFS(".."))
	for _, b := range broken {
		t.Error(b)
	}
	for _, p := range upToSurfaces() {
		if !packages[p] {
			t.Errorf("%s was not found: are the tests run in a checkout of the module?", p)
		}
	}
}

// check returns what is wrong with the module in fsys, one line each, and the packages it has.
func check(t *testing.T, fsys fs.FS) (broken []string, packages map[string]bool) {
	t.Helper()
	packages = map[string]bool{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(fsys, name)
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parse(fsys, name)
		if err != nil {
			return err
		}
		if !file.generator {
			packages[path.Dir(name)] = true
			broken = append(broken, file.check()...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return broken, packages
}

// skipFolder leaves out what ./... leaves out.
func skipFolder(fsys fs.FS, name string) error {
	base := path.Base(name)
	if name == "." {
		return nil
	}
	if base[0] == '.' || base[0] == '_' || base == "testdata" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(fsys, name+"/go.mod"); err == nil {
		return fs.SkipDir
	}
	return nil
}

type goFile struct {
	name      string
	pkg       string // the folder
	fset      *token.FileSet
	ast       *ast.File
	generator bool // run by hand, and in no build
	tinygo    bool // TinyGo compiles it, or would
}

func parse(fsys fs.FS, name string) (*goFile, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	f := &goFile{name: name, pkg: path.Dir(name), fset: token.NewFileSet(), tinygo: true}
	if f.ast, err = parser.ParseFile(f.fset, name, text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "package ") {
			break
		}
		if constraint.IsGoBuild(line) {
			expr, err := constraint.Parse(line)
			if err != nil {
				return nil, err
			}
			f.generator = expr.String() == "ignore"
			f.tinygo = compiledByTinyGo(expr)
		}
	}
	return f, nil
}

// compiledByTinyGo reports whether expr holds on any of the machines that we compile for with TinyGo.
// It calls itself arm when it compiles for WebAssembly.
func compiledByTinyGo(expr constraint.Expr) bool {
	for _, machine := range []string{"amd64", "arm64", "arm", "386"} {
		if expr.Eval(func(tag string) bool { return tag == "tinygo" || tag == "purego" || tag == machine }) {
			return true
		}
	}
	return false
}

// layer returns the number of the layer of a package, or -1.
func layer(pkg string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, pkg) })
}

// upToSurfaces lists the packages that may import little from outside of the module.
func upToSurfaces() []string { return slices.Concat(layers[:layer(surfaces[0])+1]...) }

func (f *goFile) check() (broken []string) {
	complain := func(pos token.Pos, format string, args ...any) {
		broken = append(broken, fmt.Sprintf("%v: ", f.fset.Position(pos))+fmt.Sprintf(format, args...))
	}
	from := layer(f.pkg)
	if from < 0 {
		complain(f.ast.Package, "package %s has no layer: add it to layers in internal/deps_test.go, as low as it can be", f.pkg)
		return broken
	}
	for _, spec := range f.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			complain(spec.Pos(), "%v", err)
		}
		own, ours := strings.CutPrefix(imported, module+"/")
		if imported == module {
			own, ours = ".", true
		}
		switch to := layer(own); {
		case !ours && from <= layer(surfaces[0]) && !slices.Contains(foreign[imported], f.pkg):
			complain(spec.Pos(), "%s must not import %s: see foreign in internal/deps_test.go", f.pkg, imported)
		case !ours:
		case to < 0:
			complain(spec.Pos(), "package %s has no layer: add it to layers in internal/deps_test.go, as low as it can be", own)
		case strings.HasPrefix(f.pkg, "internal/") && !strings.HasPrefix(own, "internal/"):
			complain(spec.Pos(), "%s must not import %s: what is internal stands below what programs use", f.pkg, own)
		case to >= from:
			complain(spec.Pos(), "%s (layer %d) must not import %s (layer %d): imports go strictly downward", f.pkg, from, own, to)
		case users[own] != nil && !slices.Contains(users[own], f.pkg):
			complain(spec.Pos(), "%s must not import %s: only %v may", f.pkg, own, users[own])
		}
	}
	if !inside(f.pkg) && f.ast.Name.Name != "main" {
		f.checkSignatures(complain)
	}
	if from <= layer(lastOfCore) && f.tinygo && !slices.Contains(allocates, f.name) {
		f.checkHeap(complain)
	}
	return broken
}

// inside reports whether programs can't import a package.
func inside(pkg string) bool { return slices.Contains(strings.Split(pkg, "/"), "internal") }

// checkSignatures finds what is exported and names a type of an internal package, which no importer can write down.
func (f *goFile) checkSignatures(complain func(token.Pos, string, ...any)) {
	internal := map[string]bool{} // by the names that the file has for them
	for _, spec := range f.ast.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && inside(imported) {
			name := path.Base(imported)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			internal[name] = true
		}
	}
	look := func(what string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field: // of a struct: unexported ones are nobody's business
				if len(n.Names) > 0 && !slices.ContainsFunc(n.Names, (*ast.Ident).IsExported) && what == "type" {
					return false
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && internal[x.Name] {
					complain(n.Pos(), "an exported %s names %s.%s, which no importer can", what, x.Name, n.Sel.Name)
				}
			}
			return true
		})
	}
	for _, decl := range f.ast.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv.List[0].Type)) {
				look("function", d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						look("type", s.Type)
					}
				case *ast.ValueSpec:
					if s.Type != nil && slices.ContainsFunc(s.Names, (*ast.Ident).IsExported) {
						look("variable", s.Type)
					}
				}
			}
		}
	}
}

func exportedReceiver(t ast.Expr) bool {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// checkHeap finds what needs a heap under TinyGo. What it can't see, such as a variable that escapes,
// the build of internal/selftest/small does.
func (f *goFile) checkHeap(complain func(token.Pos, string, ...any)) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if fun, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"append", "copy", "make", "new"}, fun.Name) {
				complain(n.Pos(), "%s in the core, which has no heap (for copy there is secret.Copy)", fun.Name)
			}
		case *ast.MapType:
			complain(n.Pos(), "a map in the core, which has no heap")
		case *ast.ChanType, *ast.GoStmt:
			complain(n.Pos(), "concurrency in the core, which has no heap")
		case *ast.FuncLit:
			complain(n.Pos(), "a closure in the core, which has no heap")
		}
		return true
	})
}

// TestRootNamesEveryPackage checks that who opens the module's page finds all that can be imported.
func TestRootNamesEveryPackage(t *testing.T) {
	doc, err := os.ReadFile("../doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range append([]string{"keys"}, surfaces...) {
		if !strings.Contains(string(doc), "//   - ["+module+"/"+pkg+"]: ") {
			t.Errorf("doc.go does not name package %s", pkg)
		}
	}
}

// TestLayersRefuse checks that the rules can fail: each example is a file that breaks one of them,
// and the complaint that it must get, or none.
func TestLayersRefuse(t *testing.T) {
	type example struct{ file, text, complaint string }
	importing := func(pkg string) string { return "package p\nimport _ \"" + pkg + "\"\n" }
	own := func(pkg string) string { return importing(module + "/" + pkg) }
	signature := func(text string) string {
		return "package p\nimport \"" + module + "/internal/wire\"\n" + text + "\n"
	}
	body := func(text string) string { return "package p\nfunc f(a, b []byte) {\n" + text + "\n}\n" }
	examples := []example{
		{"olm/a.go", own("internal/ratchet"), ""},
		{"olm/a.go", own("ratchet"), "strictly downward"},
		{"olm/a.go", own("megolm"), "strictly downward"},
		{"megolm/a.go", own("olm"), "strictly downward"},
		{"internal/ratchet/a.go", own("internal/protocol"), "strictly downward"},
		{"internal/cabi/a.go", own("keys"), "internal/cabi must not import keys: what is internal stands below"},
		{"internal/testkit/a.go", own("pickle"), "internal/testkit must not import pickle"},
		{"vectors/internal/side/a.go", own("olm"), ""},
		{"olm/a.go", signature("func F(wire.Reader) {}"), "an exported function names wire.Reader"},
		{"olm/a.go", signature("func (*T) F() *wire.Reader { return nil }"), "an exported function names wire.Reader"},
		{"olm/a.go", signature("func (T[E]) F(func([]wire.Reader)) {}"), "an exported function names wire.Reader"},
		{"olm/a.go", signature("func (t) F(wire.Reader) {}\nfunc f(wire.Reader) {}"), ""},
		{"olm/a.go", signature("func F() { var _ wire.Reader }"), ""},
		{"olm/a.go", signature("type T struct { R wire.Reader }"), "an exported type names wire.Reader"},
		{"olm/a.go", signature("type T struct { wire.Reader }"), "an exported type names wire.Reader"},
		{"olm/a.go", signature("type T = wire.Reader"), "an exported type names wire.Reader"},
		{"olm/a.go", signature("type T interface { F(wire.Reader) }"), "an exported type names wire.Reader"},
		{"olm/a.go", signature("type T struct { r wire.Reader }\ntype t = wire.Reader"), ""},
		{"olm/a.go", signature("var V wire.Reader"), "an exported variable names wire.Reader"},
		{"olm/a.go", signature("var v wire.Reader"), ""},
		{"internal/protocol/a.go", signature("func F(wire.Reader) {}"), ""},
		{"internal/kdf/a.go", own("internal/curve"), "strictly downward"},
		{"internal/wire/a.go", own("internal/wire"), "strictly downward"},
		{"cmd/karst/a.go", own("bench"), "strictly downward"},
		{"bench/a.go", importing(module), "strictly downward"},
		{"bench/a.go", own("internal/brandnew"), "internal/brandnew has no layer: add it to layers"},
		{"internal/brandnew/a.go", "package p\n", "internal/brandnew has no layer: add it to layers"},
		{"internal/protocol/a.go", own("internal/entropy"), "only [vectors/internal/side olm megolm ratchet sas pk pickle] may"},
		{"internal/cabi/a.go", own("internal/entropy"), "only [vectors/internal/side olm megolm ratchet sas pk pickle] may"},
		{"olm/a.go", own("internal/entropy"), ""},
		{"olm/a.go", "//go:build windows\n\n" + own("megolm"), "strictly downward"},
		{"olm/a.go", "//go:build ignore\n\n" + own("megolm"), ""},
		{"olm/a_test.go", own("megolm"), ""},
		{"olm/testdata/a.go", own("megolm"), ""},
		{"olm/_asm/a.go", own("megolm"), ""},
		{"internal/curve/a.go", importing("filippo.io/edwards25519"), ""},
		{"internal/protocol/a.go", importing("filippo.io/edwards25519"), "must not import filippo.io/edwards25519"},
		{"internal/entropy/a.go", importing("crypto/rand"), ""},
		{"olm/a.go", importing("crypto/rand"), "must not import crypto/rand"},
		{"cmd/karst/a.go", importing("fmt"), ""},
		{"internal/wire/a.go", body("append(a, b...)"), "append in the core"},
		{"internal/wire/a.go", body("copy(a, b)"), "a.go:3:1: copy in the core"},
		{"internal/wire/a.go", body("_ = make([]byte, 3)"), "make in the core"},
		{"internal/wire/a.go", body("_ = new(int)"), "new in the core"},
		{"internal/wire/a.go", body("var m map[int]int; _ = m"), "a map in the core"},
		{"internal/wire/a.go", body("func() {}()"), "a closure in the core"},
		{"internal/wire/a.go", body("go f(a, b)"), "concurrency in the core"},
		{"internal/wire/a.go", body("secret.Copy(a, b)"), ""},
		{"internal/wire/text.go", body("copy(a, b)"), ""},
		{"internal/sha2/a.go", "//go:build !purego\n\n" + body("copy(a, b)"), ""},
		{"internal/secret/a.go", "//go:build !tinygo\n\n" + body("copy(a, b)"), ""},
		{"internal/secret/a.go", "//go:build tinygo && arm64\n\n" + body("copy(a, b)"), "copy in the core"},
		{"internal/curve/a.go", "//go:build purego && !amd64\n\n" + body("copy(a, b)"), "copy in the core"},
		{"olm/a.go", body("copy(a, b)"), ""},
	}
	for _, banned := range []string{
		"fmt", "encoding/json", "reflect", "log", "log/slog", "os", "net", "net/http", "math/rand", "math/rand/v2", "C", "unsafe",
		"golang.org/x/crypto/curve25519", "crypto/ecdh", "crypto/subtle", "encoding/base64", "encoding/hex", "syscall",
	} {
		for _, pkg := range upToSurfaces() {
			if slices.Contains(foreign[banned], pkg) {
				continue
			}
			examples = append(examples, example{pkg + "/a.go", importing(banned), "must not import " + banned})
		}
	}
	for _, e := range examples {
		broken, _ := check(t, fstest.MapFS{e.file: {Data: []byte(e.text)}})
		switch {
		case e.complaint == "" && len(broken) > 0:
			t.Errorf("%s is right, but: %v\n%s", e.file, broken, e.text)
		case e.complaint != "" && (len(broken) != 1 || !strings.Contains(broken[0], e.complaint)):
			t.Errorf("%s: complaints %q, want one with %q\n%s", e.file, broken, e.complaint, e.text)
		}
	}
	nested := fstest.MapFS{"olm/sub/go.mod": {}, "olm/sub/a.go": {Data: []byte(importing("fmt"))}}
	if broken, _ := check(t, nested); len(broken) > 0 {
		t.Errorf("a module within the module is checked: %v", broken)
	}
}
