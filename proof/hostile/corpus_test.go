package hostile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

// The kept corpus: inputs that fuzzing found, which reach what no other of them does, and which go test
// runs every time. It is to stay small enough to be read.
const (
	maxCorpusFiles = 300
	maxCorpusBytes = 300 << 10
)

// corpora are the packages that have one.
var corpora = append([]string{"internal/wire", "internal/envelope", "internal/ratchet", "internal/cabi", "proof/hostile"}, testkit.PublicPackages...)

// TestCorpus: every fuzz target has kept inputs, under the names that Go gives them.
func TestCorpus(t *testing.T) {
	root := os.DirFS("../..")
	files, size, n := 0, 0, 0
	for _, pkg := range corpora {
		targets := fuzzTargets(t, root, pkg)
		if len(targets) == 0 {
			t.Errorf("%s has no fuzz target", pkg)
		}
		for target := range targets {
			inputs, err := fs.ReadDir(root, path.Join(pkg, "testdata/fuzz", target))
			if err != nil || len(inputs) == 0 {
				t.Errorf("%s has no corpus for %s: %v", pkg, target, err)
			}
			n++
		}
		folders, err := fs.ReadDir(root, path.Join(pkg, "testdata/fuzz"))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range folders {
			if targets[folder.Name()] == nil {
				t.Errorf("%s has a corpus for %s, which is no target", pkg, folder.Name())
			}
			inputs, err := fs.ReadDir(root, path.Join(pkg, "testdata/fuzz", folder.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for _, input := range inputs {
				text, err := fs.ReadFile(root, path.Join(pkg, "testdata/fuzz", folder.Name(), input.Name()))
				if err != nil {
					t.Fatal(err)
				}
				hash := sha256.Sum256(text)
				if input.Name() != hex.EncodeToString(hash[:])[:16] || !strings.HasPrefix(string(text), "go test fuzz v1\n") {
					t.Errorf("%s: %s is not what Go's fuzzer wrote", pkg, input.Name())
				}
				files++
				size += len(text)
			}
		}
	}
	if files > maxCorpusFiles || size > maxCorpusBytes {
		t.Errorf("%d files of %d bytes in all are more than %d of %d", files, size, maxCorpusFiles, maxCorpusBytes)
	}
	t.Logf("hostile: %d kept inputs (%d KB) for %d fuzz targets", files, size>>10, n)
}
