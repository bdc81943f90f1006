// Command release makes all that is published of a version, and tries it:
//
//	go run -C tools/release . [-dry] [-out FOLDER] [-arch LIST] VERSION
//
// It works on a clone of HEAD. There it writes the version wherever it stands, lets an importer build and test the
// modules from a module proxy of files, builds the C library and the package for JavaScript, and lists what is in them.
// When all of this has succeeded, the tree gets the files with the new version, and the commands that are left for a
// maintainer are printed: nothing is committed, tagged or sent.
//
// The same sources, version and date give the same bytes, with the same Go, compilers and npm. The date is that of the
// version in CHANGELOG.md, so that whoever checks out a tag makes with -dry what was published.
//
// Needs git, and what capi/build.sh and wasm/build.sh need.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run is the command with these arguments, in the repository that the current folder belongs to.
func run(arguments []string, w io.Writer) (err error) {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	dry := flags.Bool("dry", false, "change nothing in the tree, which need not be clean; VERSION may be any")
	out := flags.String("out", "dist", "the `FOLDER`, empty or new, that gets the files; a relative one is below the repository's root")
	arch := flags.String("arch", "all", "the machines of the C library: all, native, or a `LIST` with commas")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("one argument: the VERSION, as 1.2.3")
	}
	version := flags.Arg(0)
	if err := checkVersion(version); err != nil {
		return err
	}
	root, err := git(".", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	architectures, err := architectures(root, *arch)
	if err != nil {
		return err
	}
	if err := mayRelease(root, version); err != nil {
		if !*dry {
			return err
		}
		fmt.Fprintln(w, "would be refused:", err)
	}
	if !filepath.IsAbs(*out) {
		*out = filepath.Join(root, *out)
	}
	if err := makeEmpty(*out); err != nil {
		return err
	}

	scratch, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeAll(scratch)) }()

	began := time.Now()
	step := func(format string, a ...any) {
		fmt.Fprintf(w, "-- %s (%.0fs)\n", fmt.Sprintf(format, a...), time.Since(began).Seconds())
	}
	step("write %s into a clone of HEAD", version)
	tree := filepath.Join(scratch, "tree")
	c, err := prepare(root, tree, version, time.Now())
	if err != nil {
		return err
	}
	if strings.TrimSpace(c.notes) == "" {
		if !*dry {
			return errors.New("CHANGELOG.md names nothing that is unreleased")
		}
		fmt.Fprintln(w, "would be refused: CHANGELOG.md names nothing that is unreleased")
	}

	step("the modules, as their importers get them")
	i, err := newImporter(tree, version, scratch)
	if err != nil {
		return err
	}
	for _, m := range published {
		if err := i.testModule(m); err != nil {
			return err
		}
		step("%s builds and passes its tests in the module cache", m.path)
		if err := i.runProgram(m); err != nil {
			return err
		}
		step("a program that imports it runs")
	}
	if err := i.installCommand(); err != nil {
		return err
	}
	step("the command runs")

	for _, m := range published {
		if err := i.writeSBOM(m, *out); err != nil {
			return err
		}
	}
	step("what the modules are made of")

	for _, a := range architectures {
		if err := packLibrary(tree, version, a, filepath.Join(scratch, "lib"), *out, c.date); err != nil {
			return err
		}
		step("the C library for %s", a)
	}
	if err := packJavaScript(tree, version, *out); err != nil {
		return err
	}
	step("the package for JavaScript")

	if err := os.WriteFile(filepath.Join(*out, "RELEASE_NOTES.md"), []byte(strings.TrimSpace(c.notes)+"\n"), 0o644); err != nil {
		return err
	}
	sums, err := writeSums(*out)
	if err != nil {
		return err
	}
	fmt.Fprint(w, sums)
	if !*dry {
		if err := copyFiles(tree, root, c.changed); err != nil {
			return err
		}
	}
	fmt.Fprint(w, commands(version, *out, c.changed, *dry))
	return nil
}

// commands says what is left for a maintainer.
func commands(version, out string, changed []string, dry bool) string {
	var b strings.Builder
	if dry {
		b.WriteString("Nothing was changed. A release would leave these to you:\n\n")
	} else {
		b.WriteString("The version is written. What is left is yours:\n\n")
	}
	var tags []string
	for _, m := range published {
		tags = append(tags, m.tag(version))
	}
	if len(changed) != 0 {
		fmt.Fprintf(&b, "git commit -m 'Release v%s' %s\n", version, strings.Join(changed, " "))
	}
	for _, tag := range tags {
		fmt.Fprintf(&b, "git tag -a -m %s %[1]s\n", tag)
	}
	fmt.Fprintf(&b, "git push --atomic origin HEAD %s\n", strings.Join(tags, " "))
	fmt.Fprintf(&b, "npm publish --access public %s\n", filepath.Join(out, tarball(version)))
	fmt.Fprintf(&b, "\nand, for the release of v%s, the files in %s with the text in RELEASE_NOTES.md.\n", version, out)
	return b.String()
}
