// Package testkit has what tests of several packages need. It imports nothing of the core, so that every test
// may import it.
package testkit

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Corruptions yields b with each single bit flipped, cut to every length, and with one byte more, and says
// which it is.
func Corruptions(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := range 8 * len(b) {
			bad := bytes.Clone(b)
			bad[i/8] ^= 1 << (i % 8)
			if !yield(fmt.Sprintf("bit %d flipped", i), bad) {
				return
			}
		}
		for n := range b {
			if !yield(fmt.Sprintf("cut to %d bytes", n), bytes.Clone(b[:n])) {
				return
			}
		}
		for _, more := range []byte{0, 3, 0xff} {
			if !yield(fmt.Sprintf("%#x appended", more), append(bytes.Clone(b), more)) {
				return
			}
		}
	}
}

// PublicPackages are the packages that programs import.
var PublicPackages = []string{"keys", "ratchet", "pickle", "olm", "megolm", "sas", "pk"}

// Sources parses the files of a package, whatever they are built for, but for tests. root is the way to the
// module.
func Sources(t testing.TB, root, pkg string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no package %s: %v", pkg, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// Again returns the command that starts the program that is running once more, with those variables in its
// environment besides its own. Under an emulator, which KARST_EMULATOR names, the system can't start it alone; in
// WebAssembly nothing can be started, and the test is skipped.
func Again(t testing.TB, variables []string, arguments ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOARCH == "wasm" {
		t.Skip("no processes here")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := append([]string{exe}, arguments...)
	if emulator := os.Getenv("KARST_EMULATOR"); emulator != "" {
		command = append([]string{emulator}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), variables...)
	return cmd
}
