package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inFolder is run, with a folder as the current one.
func inFolder(t *testing.T, folder string, arguments ...string) error {
	t.Helper()
	t.Chdir(folder)
	return run(arguments, io.Discard)
}

// TestRefuses says that a release is refused, with the reason, before anything is made or changed.
func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(t *testing.T, root string)
		arguments string
		reason    string
	}{
		"a changed file":      {func(t *testing.T, root string) { write(t, root, "LICENSE", "other") }, "0.998.7", "M LICENSE"},
		"a new file":          {func(t *testing.T, root string) { write(t, root, "new", "") }, "0.998.7", "?? new"},
		"a tag":               {func(t *testing.T, root string) { tag(t, root, "v0.998.7") }, "0.998.7", "tag v0.998.7"},
		"a tag of the driver": {func(t *testing.T, root string) { tag(t, root, "mautrix/v0.998.7") }, "0.998.7", "tag mautrix/v0.998.7"},
		"a folder with files": {func(t *testing.T, root string) { write(t, root, "dist/x", "") }, "0.998.7", "dist is not empty"},
		"no version":          {nil, "", "VERSION"},
		"two versions":        {nil, "0.998.7 0.998.8", "VERSION"},
		"a bad version":       {nil, "v0.998.7", "is no version"},
		"an unknown machine":  {nil, "-arch native,pdp11 0.998.7", "not for"},
		"an unknown flag":     {nil, "-wet 0.998.7", "-wet"},
		"nothing to tell": {func(t *testing.T, root string) {
			text := read(t, root, "CHANGELOG.md")
			changed, _, err := releaseChanges(text, "0.998.6", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			write(t, root, "CHANGELOG.md", changed)
			if err := commit(root, "0.998.6"); err != nil {
				t.Fatal(err)
			}
		}, "0.998.7", "nothing that is unreleased"},
	} {
		t.Run(name, func(t *testing.T) {
			root := snapshot(t)
			if c.change != nil {
				c.change(t, root)
			}
			before := state(t, root)
			if err := inFolder(t, root, strings.Fields(c.arguments)...); err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("the error is %v, and not about %s", err, c.reason)
			}
			if after := state(t, root); after != before {
				t.Errorf("the tree was %q, and is %q", before, after)
			}
		})
	}
}

func tag(t *testing.T, root, name string) {
	t.Helper()
	if _, err := git(root, "tag", name); err != nil {
		t.Fatal(err)
	}
}

// state returns what git knows of a repository.
func state(t *testing.T, root string) string {
	t.Helper()
	changes, err := git(root, "status", "--porcelain")
	if err != nil {
		t.Fatal(err)
	}
	names, err := git(root, "show-ref", "--head")
	if err != nil {
		t.Fatal(err)
	}
	return changes + "\n" + names
}

// TestPrepare says that all is done in the clone, of what is committed.
func TestPrepare(t *testing.T) {
	root := snapshot(t)
	write(t, root, "LICENSE", "not committed")
	before := state(t, root)
	tree := filepath.Join(t.TempDir(), "tree")
	c, err := prepare(root, tree, "0.998.7", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if after := state(t, root); after != before {
		t.Errorf("the tree was %q, and is %q", before, after)
	}
	if read(t, tree, "LICENSE") == "not committed" || read(t, tree, "VERSION") != "0.998.7\n" {
		t.Error("the clone is not what is committed, with the version")
	}
	at, err := git(tree, "tag", "--points-at", "HEAD")
	if changes, e := git(tree, "status", "--porcelain"); err != nil || e != nil || at != "v0.998.7" || changes != "" {
		t.Errorf("the clone has the tag %q and the changes %q: %v, %v", at, changes, err, e)
	}
	// What a release changes in the tree.
	if err := copyFiles(tree, root, c.changed); err != nil {
		t.Fatal(err)
	}
	for _, name := range c.changed {
		if read(t, root, name) != read(t, tree, name) {
			t.Errorf("%s was not written", name)
		}
	}
}

func TestArchitectures(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"aarch64", "x86_64"} {
		write(t, root, "capi/target/"+name+".json", "{}")
	}
	for list, want := range map[string]string{"all": "aarch64 x86_64", "x86_64": "x86_64", "x86_64,aarch64": "x86_64 aarch64"} {
		if got, err := architectures(root, list); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v", list, got, err)
		}
	}
	for _, list := range []string{"", "x86_64,", "vax"} {
		if got, err := architectures(root, list); err == nil {
			t.Errorf("%q: %q", list, got)
		}
	}
}

func TestCommands(t *testing.T) {
	const want = `The version is written. What is left is yours:

git commit -m 'Release v1.2.3' VERSION mautrix/go.mod
git tag -a -m v1.2.3 v1.2.3
git tag -a -m mautrix/v1.2.3 mautrix/v1.2.3
git push --atomic origin HEAD v1.2.3 mautrix/v1.2.3
npm publish --access public /out/karst-im-olm-1.2.3.tgz

and, for the release of v1.2.3, the files in /out with the text in RELEASE_NOTES.md.
`
	if got := commands("1.2.3", "/out", []string{"VERSION", "mautrix/go.mod"}, false); got != want {
		t.Errorf("%s", got)
	}
	// Of a tree that has the version there is nothing to commit.
	if got := commands("1.2.3", "/out", nil, true); strings.Contains(got, "commit") || !strings.HasPrefix(got, "Nothing was changed.") {
		t.Errorf("%s", got)
	}
}

func TestMakeEmpty(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := makeEmpty(folder); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "c"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if makeEmpty(folder) == nil {
		t.Error("a folder with a file was taken for empty")
	}
}
