package oracle_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/karst-im/karst/vectors/oracle/internal/generate"
)

const testdata = "../testdata"

// maxSize keeps the repository light.
const maxSize = 1_500_000

// The committed files are what libolm gives today.
func TestRegenerate(t *testing.T) {
	for _, name := range generate.Names() {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == generate.Slow {
				t.Skip("takes most of a minute")
			}
			t.Parallel()
			want, err := os.ReadFile(filepath.Join(testdata, name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := generate.Make(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("differs from the committed file in line %d; run go run ./cmd/generate -out ../testdata and look at the difference", firstDifference(got, want))
			}
		})
	}
}

func firstDifference(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}

// No file is left over from an earlier generator, and all of them together are small. What other libraries wrote, in
// peers, is made by another generator.
func TestFiles(t *testing.T) {
	entries, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.IsDir() && e.Name() == "peers" })
	var total int64
	for _, e := range entries {
		if !slices.Contains(generate.Names(), e.Name()) {
			t.Errorf("%s is not generated", e.Name())
		}
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if len(entries) != len(generate.Names()) {
		t.Errorf("%d files, want %d", len(entries), len(generate.Names()))
	}
	if total > maxSize {
		t.Errorf("%d bytes in all, more than %d", total, maxSize)
	}
}
