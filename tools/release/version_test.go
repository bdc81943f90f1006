package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTreeAgrees says that the version of the tree is the same wherever it stands: writing that of VERSION changes nothing
// but the changelog, which may name what is unreleased.
func TestTreeAgrees(t *testing.T) {
	tree := snapshot(t)
	version := strings.TrimSuffix(read(t, tree, "VERSION"), "\n")
	if err := checkVersion(version); err != nil {
		t.Fatal(err)
	}
	c, err := writeVersion(tree, version, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range c.changed {
		if name != "CHANGELOG.md" {
			t.Errorf("%s does not say %s, as VERSION does", name, version)
		}
	}
}

// TestWriteVersion says which files get a new version, that nothing is left of the old one in them, and that writing it
// again, on another day, changes nothing.
func TestWriteVersion(t *testing.T) {
	const version = "0.998.7-rc.1"
	tree := snapshot(t)
	old := strings.TrimSpace(read(t, tree, "VERSION"))
	today := time.Date(2031, 2, 3, 23, 0, 0, 0, time.UTC)
	c, err := writeVersion(tree, version, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"VERSION", "CHANGELOG.md", "wasm/js/published.json", "wasm/js/README.md", "mautrix/go.mod", "mautrix/test/go.mod"} {
		if !slices.Contains(c.changed, name) {
			t.Errorf("%s was not changed", name)
		}
	}
	for _, name := range c.changed {
		text := read(t, tree, name)
		if !strings.Contains(text, version) {
			t.Errorf("%s does not say %s", name, version)
		}
		for _, before := range []string{"@karst-im/olm@" + old, core + " v" + old, core + "/mautrix v" + old, `"version": "` + old, "karst-im-olm-" + old} {
			if strings.Contains(text, before) {
				t.Errorf("%s still says %s", name, before)
			}
		}
	}
	if want := time.Date(2031, 2, 3, 0, 0, 0, 0, time.UTC); !c.date.Equal(want) {
		t.Errorf("the date is %v, not %v", c.date, want)
	}
	again, err := writeVersion(tree, version, today.Add(72*time.Hour))
	if err != nil || len(again.changed) != 0 || again.notes != c.notes || !again.date.Equal(c.date) {
		t.Errorf("written again: %v, %v; of %v", again, err, c.date)
	}
}

// TestWriteVersionRefuses says that a file without a place for the version is noticed, and one with two.
func TestWriteVersionRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"VERSION":                "0.1.0",
		"wasm/js/published.json": `{"name": "@karst-im/olm", "version": "1", "other": {"version": "2"}}`,
		"CHANGELOG.md":           "# Changelog\n\n## [0.0.1] - 2020-01-01\n",
		"mautrix/go.mod":         "module\n",
	} {
		tree := snapshot(t)
		write(t, tree, name, text)
		if _, err := writeVersion(tree, "0.998.7", time.Now()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRequireVersion(t *testing.T) {
	const before = `module example.org/x

go 1.26.0

require (
	example.org/y v1.0.0
	github.com/karst-im/karst v0.0.0 // indirect
	github.com/karst-im/karst/mautrix v0.0.0
	github.com/karst-im/karst/vectors/oracle v0.0.0
)

replace github.com/karst-im/karst => ../
`
	after := strings.NewReplacer("karst v0.0.0", "karst v1.2.3", "mautrix v0.0.0", "mautrix v1.2.3").Replace(before)
	got, err := requireVersion("go.mod", []byte(before), "1.2.3")
	if err != nil || string(got) != after {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestReleaseChanges(t *testing.T) {
	const (
		top     = "# Changelog\n\nWords.\n\n## [Unreleased]\n"
		changes = "### Added\n\n- More, of [that](there).\n\n"
		rest    = "## [0.1.0] - 2026-01-02\n\n### Added\n\n- All.\n\n"
		old     = "[0.1.0]: https://github.com/karst-im/karst/releases/tag/v0.1.0\n"
		before  = top + "\n" + changes + rest + "[Unreleased]: https://github.com/karst-im/karst/compare/v0.1.0...HEAD\n" + old
		after   = top + "\n## [0.2.0] - 2026-03-04\n\n" + changes + rest +
			"[Unreleased]: https://github.com/karst-im/karst/compare/v0.2.0...HEAD\n" +
			"[0.2.0]: https://github.com/karst-im/karst/releases/tag/v0.2.0\n" + old
	)
	today := time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)
	got, s, err := releaseChanges(before, "0.2.0", today)
	if err != nil || got != after || s.text != changes || s.date.Format(time.RFC3339) != "2026-03-04T00:00:00Z" {
		t.Errorf("%v, %v\n%s", s, err, got)
	}
	// A version that is there already. The dots of a version are no wildcards.
	got, s, err = releaseChanges(after, "0.1.0", today)
	if err != nil || got != after || s.text != "### Added\n\n- All.\n\n" || s.date.Format(time.DateOnly) != "2026-01-02" {
		t.Errorf("%v, %v\n%s", s, err, got)
	}
	if got, _, err = releaseChanges(before, "0.1x0", today); err != nil || !strings.Contains(got, "## [0.1x0]") {
		t.Errorf("%v\n%s", err, got)
	}
	// Nothing is unreleased.
	if _, s, err = releaseChanges(after, "0.3.0", today); err != nil || s.text != "" {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []string{"", "# Changelog\n", rest, top, strings.Replace(after, "2026-03-04", "soon", 1)} {
		if got, s, err := releaseChanges(bad, "0.2.0", today); err == nil {
			t.Errorf("%q became %q, %v", bad, got, s)
		}
	}
}

// TestModules says that each module of the tree is known to be published or not.
func TestModules(t *testing.T) {
	known := slices.Clone(private)
	for _, m := range published {
		known = append(known, m.folder)
	}
	names, err := goMods(snapshot(t))
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, name := range names {
		folder := filepath.Dir(name)
		if folder == "." {
			folder = ""
		}
		there = append(there, folder)
	}
	slices.Sort(known)
	slices.Sort(there)
	if !slices.Equal(known, there) {
		t.Errorf("the tree has the modules %q; published and private are %q", there, known)
	}
}

func TestNames(t *testing.T) {
	if got := published[0].tag("1.2.3") + " " + published[0].goMod() + " " + published[0].name(); got != "v1.2.3 go.mod karst" {
		t.Error(got)
	}
	if got := published[1].tag("1.2.3") + " " + published[1].goMod() + " " + published[1].name(); got != "mautrix/v1.2.3 mautrix/go.mod karst-mautrix" {
		t.Error(got)
	}
}

func TestCheckVersion(t *testing.T) {
	for _, version := range []string{"0.1.0", "1.20.3", "0.1.0-rc.1"} {
		if err := checkVersion(version); err != nil {
			t.Error(err)
		}
	}
	for _, version := range []string{"", "v0.1.0", "0.1", "1", "01.2.3", "0.1.0+build", "2.0.0", "0.1.0 ", "../0.1.0"} {
		if checkVersion(version) == nil {
			t.Errorf("%q is taken", version)
		}
	}
}
