package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// A statement is how the version stands in a file: pattern has three groups, the text before the version, the version, and
// the text after it.
type statement struct{ name, pattern string }

// stated has the files that have the version once. VERSION is what the others agree with.
var stated = []statement{
	{"VERSION", `(^)(.*)(\n$)`},
	{"wasm/js/published.json", `("version": ")([^"]*)(")`},
}

// quoted has how the version stands in what tells people what to install.
var quoted = []string{
	`(@karst-im/olm@)([0-9][0-9A-Za-z.-]*)()`,
	`(karst-im-olm-)([0-9][0-9A-Za-z.-]*)(\.tgz)`,
}

// statements returns all that a tree has: those that must be there, and those of its Markdown files, but for results,
// which are of the version that was measured, and the changelog.
func statements(tree string) ([]statement, error) {
	all := slices.Clone(stated)
	list, err := git(tree, "ls-files", "*.md", ":!bench/results", ":!CHANGELOG.md")
	if err != nil {
		return nil, err
	}
	for _, name := range strings.Fields(list) {
		text, err := os.ReadFile(filepath.Join(tree, name))
		if err != nil {
			return nil, err
		}
		for _, pattern := range quoted {
			if regexp.MustCompile(pattern).Match(text) {
				all = append(all, statement{name, pattern})
			}
		}
	}
	return all, nil
}

// writeVersion writes the version into all files of the tree in which it stands, and into CHANGELOG.md, where what was
// unreleased becomes the version's, unless it has it already.
func writeVersion(tree, version string, today time.Time) (candidate, error) {
	var c candidate
	edit := func(name string, change func(old []byte) ([]byte, error)) error {
		path := filepath.Join(tree, name)
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		changed, err := change(old)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if string(changed) == string(old) {
			return nil
		}
		if !slices.Contains(c.changed, name) {
			c.changed = append(c.changed, name)
		}
		return os.WriteFile(path, changed, 0o644)
	}

	all, err := statements(tree)
	if err != nil {
		return c, err
	}
	for _, s := range all {
		err := edit(s.name, func(old []byte) ([]byte, error) {
			pattern := regexp.MustCompile(s.pattern)
			if n := len(pattern.FindAllIndex(old, -1)); n == 0 || slices.Contains(stated, s) && n != 1 {
				return nil, fmt.Errorf("%d versions for the one of %s", n, s.pattern)
			}
			return pattern.ReplaceAll(old, []byte("${1}"+version+"${3}")), nil
		})
		if err != nil {
			return c, err
		}
	}
	names, err := goMods(tree)
	if err != nil {
		return c, err
	}
	for _, name := range names {
		err := edit(name, func(old []byte) ([]byte, error) { return requireVersion(name, old, version) })
		if err != nil {
			return c, err
		}
	}
	err = edit("CHANGELOG.md", func(old []byte) ([]byte, error) {
		text, section, err := releaseChanges(string(old), version, today)
		c.notes, c.date = section.text, section.date
		return []byte(text), err
	})
	return c, err
}

// requireVersion returns a go.mod that requires this version of each published module that it requires. Modules that are
// private do so too: where one requires the driver, it must not require an older core than the driver does.
func requireVersion(name string, old []byte, version string) ([]byte, error) {
	f, err := modfile.Parse(name, old, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range published {
		if !slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == m.path }) {
			continue
		}
		if err := f.AddRequire(m.path, "v"+version); err != nil {
			return nil, err
		}
	}
	return f.Format()
}

// The section of a version in CHANGELOG.md.
type section struct {
	text string // below the heading
	date time.Time
}

var (
	heading        = regexp.MustCompile(`(?m)^## .*\n`)
	links          = regexp.MustCompile(`(?m)^\[[^]]*\]: `)
	unreleasedLink = regexp.MustCompile(`(?m)^\[Unreleased\]: .*\n`)
)

// releaseChanges returns the changelog with what is unreleased as the changes of this version, and those. If the version
// has a section already, that is it, and the changelog stays as it is.
func releaseChanges(changelog, version string, today time.Time) (string, section, error) {
	const unreleased = "## [Unreleased]\n"
	// body returns where the text below a heading begins and ends.
	body := func(headingAt []int) (from, to int) {
		from, to = headingAt[1], len(changelog)
		for _, next := range []*regexp.Regexp{heading, links} {
			if at := next.FindStringIndex(changelog[from:to]); at != nil {
				to = from + at[0]
			}
		}
		return from, to
	}
	released := regexp.MustCompile(`(?m)^## \[` + regexp.QuoteMeta(version) + `\] - (.*)\n`)
	if at := released.FindStringSubmatchIndex(changelog); at != nil {
		date, err := time.Parse(time.DateOnly, changelog[at[2]:at[3]])
		from, to := body(at)
		return changelog, section{strings.TrimLeft(changelog[from:to], "\n"), date}, err
	}
	at := heading.FindStringIndex(changelog)
	link := unreleasedLink.FindStringIndex(changelog)
	if at == nil || changelog[at[0]:at[1]] != unreleased || link == nil {
		return "", section{}, fmt.Errorf("the first section is not %q, or no link has that name", strings.TrimSpace(unreleased))
	}
	from, to := body(at)
	date := today.UTC().Truncate(24 * time.Hour)
	text := changelog[:from] +
		fmt.Sprintf("\n## [%s] - %s\n", version, date.Format(time.DateOnly)) + changelog[from:link[0]] +
		fmt.Sprintf("[Unreleased]: https://%s/compare/v%s...HEAD\n[%[2]s]: https://%[1]s/releases/tag/v%[2]s\n", core, version) +
		changelog[link[1]:]
	return text, section{strings.TrimLeft(changelog[from:to], "\n"), date}, nil
}
