package main

import (
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func script(t *testing.T, tree, name, text string) {
	t.Helper()
	write(t, tree, name, "#!/bin/sh\nset -eu\n"+text)
	if err := os.Chmod(filepath.Join(tree, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestPackLibrary says what is beside that which build.sh makes, and that its failure is one. The gate packs the library
// itself.
func TestPackLibrary(t *testing.T) {
	tree, out := t.TempDir(), t.TempDir()
	write(t, tree, "LICENSE", "the licence")
	write(t, tree, "capi/README.md", "how to use it")
	script(t, tree, "capi/build.sh", `mkdir -p "$OUT/lib"; echo "for $1" >"$OUT/lib/libolm.a"`)
	date := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	if err := packLibrary(tree, "1.2.3", "riscv64", t.TempDir(), out, date); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(strings.NewReader(read(t, out, "libolm-karst-1.2.3-linux-riscv64.tar.gz")))
	if err != nil {
		t.Fatal(err)
	}
	unpack := exec.Command("tar", "-x", "--strip-components=1")
	unpack.Dir, unpack.Stdin = t.TempDir(), z
	if said, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for name, want := range map[string]string{
		"lib/libolm.a":                     "for riscv64\n",
		"share/doc/libolm-karst/LICENSE":   "the licence",
		"share/doc/libolm-karst/README.md": "how to use it",
	} {
		if got := read(t, unpack.Dir, name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	script(t, tree, "capi/build.sh", "echo reason >&2; false")
	if err := packLibrary(tree, "1.2.4", "riscv64", t.TempDir(), out, date); err == nil || !strings.Contains(err.Error(), "reason") {
		t.Errorf("a build that failed: %v", err)
	}
}

// TestPackJavaScript says that a tarball of another version is noticed.
func TestPackJavaScript(t *testing.T) {
	tree, out := t.TempDir(), t.TempDir()
	script(t, tree, "wasm/pack.sh", `: >"$1/karst-im-olm-1.2.3.tgz"`)
	if err := packJavaScript(tree, "1.2.3", out); err != nil {
		t.Error(err)
	}
	if packJavaScript(tree, "1.2.4", out) == nil {
		t.Error("the tarball is of 1.2.3, and was taken for one of 1.2.4")
	}
}
