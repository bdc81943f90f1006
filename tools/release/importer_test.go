package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// commits is a repository of the files in the checkout that the tests run in, as they are, with one commit.
var commits = sync.OnceValues(func() (string, error) {
	root, err := git(".", "rev-parse", "--show-toplevel")
	if err != nil {
		return "", err
	}
	list, err := git(root, "ls-files", "-z")
	if err != nil {
		return "", err
	}
	to, err := os.MkdirTemp("", "release-test-")
	if err != nil {
		return "", err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // removed, and not committed
			continue
		}
		info, e := os.Stat(filepath.Join(root, name))
		if err = errors.Join(err, e, os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755)); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, info.Mode()); err != nil {
			return "", err
		}
	}
	for _, arguments := range [][]string{{"init", "--quiet"}, {"add", "--all", "--force"}} {
		if _, err := git(to, arguments...); err != nil {
			return "", err
		}
	}
	return to, commit(to, "0.0.0")
})

// snapshot returns a clone of commits, which the test may change.
func snapshot(t *testing.T) string {
	t.Helper()
	from, err := commits()
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "clone")
	if _, err := git(from, "clone", "--quiet", "--no-tags", from, to); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := commits(); err != nil || removeAll(folder) != nil {
		code = 1
	}
	os.Exit(code)
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// scratch returns a folder that may have a module cache in it.
func scratch(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "release-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := removeAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// TestImporter does what an importer does who has read the READMEs: gets each module into an empty one, builds a program
// that imports it, and runs that. The version is one that the tree does not have, so that whatever is not written fails.
func TestImporter(t *testing.T) {
	folder := scratch(t)
	tree := filepath.Join(folder, "tree")
	if _, err := prepare(snapshot(t), tree, "0.998.7", time.Now()); err != nil {
		t.Fatal(err)
	}
	i, err := newImporter(tree, "0.998.7", folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range published {
		if err := i.runProgram(m); err != nil {
			t.Errorf("%s: %v", m.path, err)
		}
	}
	if err := i.installCommand(); err != nil {
		t.Error(err)
	}
}

// TestImporterOfNoVersion requires a version that was never published, beside the replacement that only a checkout sees.
func TestImporterOfNoVersion(t *testing.T) {
	folder := scratch(t)
	tree := filepath.Join(folder, "tree")
	if _, err := prepare(snapshot(t), tree, "0.998.7", time.Now()); err != nil {
		t.Fatal(err)
	}
	goMod := strings.Replace(read(t, tree, "mautrix/go.mod"), core+" v0.998.7", core+" v0.0.0", 1)
	write(t, tree, "mautrix/go.mod", goMod)
	if err := commit(tree, "0.998.7"); err != nil {
		t.Fatal(err)
	}
	i, err := newImporter(tree, "0.998.7", folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.runProgram(published[1]); err == nil || !strings.Contains(err.Error(), core+"@v0.0.0") {
		t.Errorf("the driver was got without a version of the core: %v", err)
	}
}

func TestProxies(t *testing.T) {
	for list, want := range map[string]string{
		"https://proxy.golang.org,direct":            "https://proxy.golang.org",
		"https://a.example|https://b.example,direct": "https://a.example,https://b.example",
		"direct": "direct",
		"off":    "off",
	} {
		if got := proxies(list); got != want {
			t.Errorf("%s: %s, not %s", list, got, want)
		}
	}
}
