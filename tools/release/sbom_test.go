package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A listed module, with the address by which other tools know it.
type listed struct {
	component
	PURL string
}

// TestSBOM says that the lists name what the modules import, with versions, and nothing that is of the machine which made
// them.
func TestSBOM(t *testing.T) {
	folder := scratch(t)
	tree := filepath.Join(folder, "tree")
	if _, err := prepare(snapshot(t), tree, "0.998.7", time.Now()); err != nil {
		t.Fatal(err)
	}
	i, err := newImporter(tree, "0.998.7", folder)
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for m, names := range map[*goModule][]string{
		&published[0]: {"filippo.io/edwards25519"},
		&published[1]: {"filippo.io/edwards25519", core, "maunium.net/go/mautrix"},
	} {
		if err := i.writeSBOM(*m, folder); err != nil {
			t.Fatal(err)
		}
		text := read(t, folder, m.name()+"-0.998.7.cdx.json")
		for _, own := range []string{folder, host, time.Now().Format("2006-01-02")} {
			if strings.Contains(text, own) {
				t.Errorf("the list of %s names %s", m.path, own)
			}
		}
		var list struct {
			BOMFormat  string
			Components []listed
		}
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		if list.BOMFormat != "CycloneDX" {
			t.Errorf("the list of %s is of the format %q", m.path, list.BOMFormat)
		}
		for _, name := range names {
			if !slices.ContainsFunc(list.Components, func(c listed) bool {
				return c.Name == name && c.PURL == "pkg:golang/"+name+"@"+c.Version && c.Version != ""
			}) {
				t.Errorf("%s is not in the list of %s: %v", name, m.path, list.Components)
			}
		}
		if slices.ContainsFunc(list.Components, func(c listed) bool {
			return strings.Contains(c.Name, "testify")
		}) {
			t.Errorf("the list of %s has what its tests alone import", m.path)
		}
	}
}
