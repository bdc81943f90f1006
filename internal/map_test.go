package internal_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestMap checks that CONTRIBUTING.md has every folder, and that it and the table of proofs name what there is.
func TestMap(t *testing.T) {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(folder, "/karst@v") {
		t.Skip("the module cache has no folders of the repository's other modules")
	}
	for _, wrong := range checkMap(t, os.DirFS("..")) {
		t.Error(wrong)
	}
}

// TestPromises checks that proof/README.md has the promises of SECURITY.md, in the same order, each with a command.
func TestPromises(t *testing.T) {
	promised, proven := promises(t, "../SECURITY.md", 2), promises(t, "../proof/README.md", 4)
	if len(promised) < 10 || !slices.Equal(promised, proven) {
		t.Errorf("SECURITY.md promises\n%q, and proof/README.md shows\n%q", promised, proven)
	}
}

// promises returns the first cells of the table that begins with "promise".
func promises(t *testing.T, file string, columns int) (names []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n| promise |")
	for i, row := range strings.Split(table, "\n") {
		if i > 0 && !strings.HasPrefix(row, "|") {
			break
		}
		cells := cells(row)
		if i < 2 {
			continue // the head
		}
		if len(cells) != columns || columns == 4 && !strings.HasPrefix(cells[1], "`") {
			t.Errorf("%s: a line of the table that says nothing: %s", file, row)
		}
		if cells[0] != "" {
			names = append(names, cells[0])
		}
	}
	return names
}

func cells(row string) []string {
	cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	inModule = regexp.MustCompile(`^\.?/?[\w.-]+(/[\w.-]+)*$`)
)

// checkMap returns what is wrong with the map of the tree in fsys.
func checkMap(t *testing.T, fsys fs.FS) (wrong []string) {
	t.Helper()
	text := func(name string) string {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	contributing := text("CONTRIBUTING.md")
	_, table, _ := strings.Cut(contributing, "\n| folder |")
	table, _, _ = strings.Cut(table, "\n\n")
	mapped := map[string]bool{}
	for _, row := range strings.Split(table, "\n")[1:] {
		for _, name := range quoted.FindAllStringSubmatch(cells(row)[0], -1) {
			if mapped[name[1]] {
				wrong = append(wrong, "twice in the map: "+name[1])
			}
			mapped[name[1]] = true
			if info, err := fs.Stat(fsys, name[1]); err != nil || !info.IsDir() {
				wrong = append(wrong, "in the map, and no folder: "+name[1])
			}
		}
	}
	for _, parent := range []string{".", "internal"} {
		entries, err := fs.ReadDir(fsys, parent)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := path.Join(parent, e.Name())
			if e.IsDir() && name != "internal" && name[0] != '.' && !mapped[name] {
				wrong = append(wrong, "not in the map of CONTRIBUTING.md: "+name)
			}
		}
	}
	for _, file := range []string{"CONTRIBUTING.md", "proof/README.md"} {
		for _, name := range paths(text(file)) {
			if _, err := fs.Stat(fsys, name); err != nil && path.Base(name) != "dist" { // which is built
				wrong = append(wrong, file+" names what does not exist: "+name)
			}
		}
	}
	return wrong
}

// paths returns the files and folders of the module that a text names between backquotes, alone or in a command.
func paths(text string) (names []string) {
	for _, match := range quoted.FindAllStringSubmatch(text, -1) {
		for _, word := range strings.Fields(match[1]) {
			first, _, more := strings.Cut(strings.TrimPrefix(word, "./"), "/")
			// Of a command that runs in another folder, or is of another package, nothing is known.
			if more && inModule.MatchString(word) && first != ".." && !strings.HasPrefix(match[1], "go run ./cmd/generate") && first != "test" {
				names = append(names, path.Clean(word))
			}
		}
	}
	return names
}

// TestMapRefuses checks that the map can be wrong.
func TestMapRefuses(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	tree := func(row, more string) fs.FS {
		return fstest.MapFS{
			"CONTRIBUTING.md":    file("# Map\n\n| folder | what |\n|---|---|\n| `olm` | it |\n| `proof` `internal/a` | is |\n" + row + "\n" + more),
			"proof/README.md":    file("`proof/x/run.sh` and `go test ./olm`\n"),
			"proof/x/run.sh":     file(""),
			"olm/olm.go":         file("package olm\n"),
			"internal/a/a.go":    file("package a\n"),
			"internal/z_test.go": file("package internal_test\n"),
			".git/HEAD":          file(""),
		}
	}
	if wrong := checkMap(t, tree("", "`internal/a/a.go`, `./proof/x/run.sh`, `karst version`, `go test ./...`, `capi/dist`, `wasm/js/dist`")); len(wrong) > 0 {
		t.Errorf("this is right, but: %q", wrong)
	}
	for _, c := range []struct{ row, more, want string }{
		{"| `nowhere` | no |\n", "", "in the map, and no folder: nowhere"},
		{"| `olm/olm.go` | no folder |\n", "", "in the map, and no folder: olm/olm.go"},
		{"| `olm` | again |\n", "", "twice in the map: olm"},
		{"", "see `olm/gone.go`", "CONTRIBUTING.md names what does not exist: olm/gone.go"},
		{"", "see `go run ./proof/gone -x`", "CONTRIBUTING.md names what does not exist: proof/gone"},
	} {
		if wrong := checkMap(t, tree(c.row, c.more)); len(wrong) != 1 || wrong[0] != c.want {
			t.Errorf("%q, not %q", wrong, c.want)
		}
	}
	for _, folder := range []string{"more", "internal/b"} {
		fsys := tree("", "").(fstest.MapFS)
		fsys[folder+"/x.go"] = file("package x\n")
		if wrong := checkMap(t, fsys); len(wrong) != 1 || wrong[0] != "not in the map of CONTRIBUTING.md: "+folder {
			t.Errorf("a folder that is not in the map: %q", wrong)
		}
	}
}
