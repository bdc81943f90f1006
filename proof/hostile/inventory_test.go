package hostile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/karst-im/karst/internal/testkit"
)

// foreign are the types, but for byte slices, arrays and strings, that hold what others sent.
var foreign = []string{"Curve25519", "Ed25519", "Signature", "MAC", "Message", "Body", "Text", "PreKeyMessage", "SessionKey", "ExportedKey", "Reader"}

// receivers are those foreign types whose methods take more apart than their length.
var receivers = []string{"olm.PreKeyMessage", "megolm.Message"}

// writers are names of methods that write, into a slice that their caller owns.
var writers = []string{"String", "GoString", "MarshalText", "AppendText", "AppendPickle", "Pickle", "AppendEncrypt", "Encrypt", "Sign"}

// harmless are functions with such parameters that read nothing foreign, and why.
var harmless = map[string]string{
	"pickle.Seal":                "seals what is the caller's own",
	"sas.Established.Bytes":      "hashes what both sides know",
	"sas.Established.RawBytes":   "hashes what both sides know",
	"sas.Established.MAC":        "hashes what both sides know",
	"sas.Established.LegacyMAC":  "hashes what both sides know",
	"sas.Established.LongKDFMAC": "hashes what both sides know",
	"ratchet.Initiate":           "takes a secret of 96 bytes",
	"ratchet.Double.Send":        "writes into the caller's array",
	"ratchet.Megolm.Key":         "writes into the caller's array",

	"internal/envelope.Contents":             "finds a place in the caller's buffer",
	"internal/envelope.Seal":                 "writes into the caller's buffer",
	"internal/ratchet.Double.StartAlice":     "takes a secret of 96 bytes, and random ones",
	"internal/ratchet.Double.StartBob":       "takes a secret of 96 bytes; what their key does shows in StartSending",
	"internal/ratchet.Double.StartSending":   "takes random bytes",
	"internal/ratchet.Double.RatchetKey":     "writes into the caller's array",
	"internal/ratchet.Double.NextMessageKey": "writes into the caller's array",
	"internal/ratchet.Megolm.Key":            "writes into the caller's array",
	"internal/ratchet.Megolm.Set":            "takes random bytes, or a key whose length was checked",
}

// inventoried are the packages that programs import, and those below that read what others wrote without having
// looked at it before.
var inventoried = append(slices.Clone(testkit.PublicPackages), "internal/envelope", "internal/ratchet")

// exported returns the names of the exported functions and methods of a package that take, or are methods
// of, what may come from outside.
func exported(t *testing.T, fsys fs.FS, pkg string) (names []string) {
	t.Helper()
	for _, file := range parsed(t, fsys, pkg, false) {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || slices.Contains(writers, f.Name.Name) {
				continue
			}
			name, of := pkg+"."+f.Name.Name, ""
			if f.Recv != nil {
				of = receiver(f)
				if !ast.IsExported(of) {
					continue
				}
				name = pkg + "." + of + "." + f.Name.Name
			}
			takes := slices.Contains(receivers, pkg+"."+of)
			for _, p := range f.Type.Params.List {
				takes = takes || isForeign(p.Type)
			}
			if takes {
				names = append(names, name)
			}
		}
	}
	return names
}

// parsed returns the files of a package: its tests, or all others.
func parsed(t *testing.T, fsys fs.FS, pkg string, tests bool) (files []*ast.File) {
	t.Helper()
	names, err := fs.Glob(fsys, pkg+"/*.go")
	if err != nil || len(names) == 0 {
		t.Fatalf("no package %s: %v", pkg, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") != tests {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if of, ok := of.(*ast.Ident); ok {
		return of.Name
	}
	return ""
}

// isForeign reports whether a parameter of a type can hold foreign bytes.
func isForeign(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ArrayType:
		elem, ok := e.Elt.(*ast.Ident)
		return ok && elem.Name == "byte" || isForeign(e.Elt)
	case *ast.StarExpr:
		return isForeign(e.X)
	case *ast.Ellipsis:
		return isForeign(e.Elt)
	case *ast.SelectorExpr:
		return slices.Contains(foreign, e.Sel.Name)
	case *ast.Ident:
		return e.Name == "string" || e.Name == "any" || slices.Contains(foreign, e.Name)
	case *ast.InterfaceType, *ast.MapType, *ast.FuncType, *ast.ChanType:
		return true // whatever that is, somebody has to look at it
	}
	return false
}

// missing compares what is exported with what is known, and returns the complaints.
func missing(t *testing.T, fsys fs.FS, packages []string) (complaints []string) {
	t.Helper()
	known := map[string]decoder{}
	for _, d := range decoders {
		known[d.name] = d
	}
	var all []string
	for _, pkg := range packages {
		all = append(all, exported(t, fsys, pkg)...)
		targets := fuzzTargets(t, fsys, pkg)
		for _, name := range exported(t, fsys, pkg) {
			d, ok := known[name]
			_, excused := harmless[name]
			last := name[strings.LastIndexByte(name, '.')+1:]
			switch {
			case !ok && !excused:
				complaints = append(complaints, name+" reads what others sent: it needs an entry in decoders, or in harmless")
			case ok && targets[d.fuzz] == nil:
				complaints = append(complaints, name+" has no fuzz target: there is no "+d.fuzz+" in package "+pkg)
			case ok && !targets[d.fuzz][last]:
				complaints = append(complaints, d.fuzz+" in package "+pkg+" does not call "+name)
			}
		}
	}
	for name := range known {
		if slices.Contains(packages, name[:strings.IndexByte(name, '.')]) && !slices.Contains(all, name) {
			complaints = append(complaints, name+" is in decoders, but does not exist")
		}
	}
	for name := range harmless {
		if slices.Contains(packages, name[:strings.IndexByte(name, '.')]) && !slices.Contains(all, name) {
			complaints = append(complaints, name+" is in harmless, but does not exist")
		}
	}
	return complaints
}

// fuzzTargets returns what each fuzz target of a package calls, directly or through its helpers.
func fuzzTargets(t *testing.T, fsys fs.FS, pkg string) map[string]map[string]bool {
	t.Helper()
	calls := map[string]map[string]bool{} // by every function of the tests
	for _, file := range parsed(t, fsys, pkg, true) {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			names := calls[f.Name.Name]
			if names == nil {
				names = map[string]bool{}
				calls[f.Name.Name] = names
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					names[n.Name] = true
				case *ast.SelectorExpr:
					names[n.Sel.Name] = true
				}
				return true
			})
		}
	}
	targets := map[string]map[string]bool{}
	for name := range calls {
		if strings.HasPrefix(name, "Fuzz") {
			targets[name] = map[string]bool{}
			reach(name, calls, targets[name])
		}
	}
	return targets
}

func reach(name string, calls map[string]map[string]bool, seen map[string]bool) {
	for called := range calls[name] {
		if !seen[called] {
			seen[called] = true
			reach(called, calls, seen)
		}
	}
}

// TestInventory: every exported function that reads what others sent is in the list of decoders, by which
// it is tested with all lengths and for what it allocates, and has a fuzz target that calls it.
func TestInventory(t *testing.T) {
	root := os.DirFS("../..")
	for _, complaint := range missing(t, root, inventoried) {
		t.Error(complaint)
	}
	n := 0
	for _, pkg := range inventoried {
		n += len(exported(t, root, pkg))
	}
	t.Logf("hostile: %d exported functions take foreign bytes: %d decoders, each with a fuzz target, and %d that read nothing", n, len(decoders), n-len(decoders))
}

// TestInventoryCanFail: a decoder that is new, gone, or not fuzzed is noticed.
func TestInventoryCanFail(t *testing.T) {
	pkg := func(code, test string) fs.FS {
		return fstest.MapFS{
			"sas/sas.go":      {Data: []byte("package sas\n" + code)},
			"sas/sas_test.go": {Data: []byte("package sas\n" + test)},
		}
	}
	const declared = `
		func (s *SAS) Establish(theirs keys.Curve25519) {}
		func (m *MAC) UnmarshalText(text []byte) error {}
		func (e *Established) VerifyMAC(input, info string, mac MAC) error {}
		func (e *Established) VerifyLegacyMAC(input, info, mac string) error {}
		func (e *Established) VerifyLongKDFMAC(input, info, mac string) error {}
		func (e *Established) Bytes(info string) {}
		func (e *Established) RawBytes(info string, n int) {}
		func (e *Established) MAC(input, info string) {}
		func (e *Established) LegacyMAC(input, info string) {}
		func (e *Established) LongKDFMAC(input, info string) {}
	`
	const fuzzed = `
		func FuzzVerify(f *testing.F) { helper() }
		func helper() { s.Establish(); m.UnmarshalText(); e.VerifyMAC(); e.VerifyLegacyMAC(); more() }
		func more() { e.VerifyLongKDFMAC(); helper() }
	`
	for name, c := range map[string]struct{ code, test, complaint string }{
		"complete":      {declared, fuzzed, ""},
		"no bytes":      {declared + "func Count(n int) {}", fuzzed, ""},
		"unexported":    {declared + "func parse(b []byte) {}", fuzzed, ""},
		"a new one":     {declared + "func ParseList(b []byte) {}", fuzzed, "sas.ParseList reads what others sent"},
		"of text":       {declared + "func ParseList(s string) {}", fuzzed, "sas.ParseList reads"},
		"of lists":      {declared + "func ParseList(s ...[]byte) {}", fuzzed, "sas.ParseList reads"},
		"of arrays":     {declared + "func ParseList(s *[32]byte) {}", fuzzed, "sas.ParseList reads"},
		"of a reader":   {declared + "func ParseList(r io.Reader) {}", fuzzed, "sas.ParseList reads"},
		"of a map":      {declared + "func ParseList(m map[string]int) {}", fuzzed, "sas.ParseList reads"},
		"a new method":  {declared + "func (s SAS) ReadKey(b []byte) {}", fuzzed, "sas.SAS.ReadKey reads"},
		"gone":          {strings.Replace(declared, "Establish(", "Found(n int, ", 1), fuzzed, "sas.SAS.Establish is in decoders, but does not exist"},
		"a gone excuse": {strings.Replace(declared, "RawBytes(info string, ", "RawBytes(", 1), fuzzed, "sas.Established.RawBytes is in harmless, but does not exist"},
		"not fuzzed":    {declared, strings.Replace(fuzzed, "e.VerifyLongKDFMAC(); ", "", 1), "FuzzVerify in package sas does not call sas.Established.VerifyLongKDFMAC"},
		"no target":     {declared, strings.Replace(fuzzed, "FuzzVerify", "TestVerify", 1), "there is no FuzzVerify in package sas"},
	} {
		got := missing(t, pkg(c.code, c.test), []string{"sas"})
		if c.complaint == "" && len(got) > 0 || c.complaint != "" && !strings.Contains(strings.Join(got, "\n"), c.complaint) {
			t.Errorf("%s: complaints %q, want %q", name, got, c.complaint)
		}
	}
}
