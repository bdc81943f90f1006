//go:build !ctgrind

package constant_time

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"testing"
)

// declares is where the core declares something public that secrets went into, and how often. Each was
// reviewed: it is told to whoever calls, or stands in a pickle as a number or a public key.
var declares = map[string]int{
	"internal/secret/secret.go":     1, // whether two things are equal, or one is zero
	"internal/wire/base64.go":       2, // whether text was base64, and how much padding it had
	"internal/wire/base64_amd64.go": 1, // the same, of the blocks that are decoded in vector registers
	"internal/curve/ed25519.go":     1, // the hash that a signature is verified with
	"internal/wire/cursor.go":       2, // versions, flags and counts in pickles
	"internal/aessha2/aessha2.go":   2, // whether a padding was right, and the length of what it pads
	"internal/protocol/inbound.go":  1, // the public key in the pickle of a session
	"internal/ratchet/pickle.go":    2, // and that of the other side, or what takes the place of one that goolm lost
}

// The marks are counted: a new one has to be written down here.
func TestDeclarations(t *testing.T) {
	root := os.DirFS("../../..")
	got := map[string]int{}
	files := 0
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if base := path.Base(name); name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || name == "proof") {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(path.Base(name), "mark"):
			return nil
		}
		files++
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				if x, ok := f.X.(*ast.Ident); ok && x.Name == "secret" && (f.Sel.Name == "Public" || f.Sel.Name == "PublicBytes") {
					got[name]++
				}
			case *ast.Ident:
				if file.Name.Name == "secret" && f.Name == "Public" {
					got[name]++
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were found", files)
	}
	if !maps.Equal(declares, got) {
		t.Errorf("the core declares %v, and not %v", got, declares)
	}
}
