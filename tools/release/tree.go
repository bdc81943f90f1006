package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// command runs a program in this folder, with these variables beside those of the environment, and returns what it
// wrote to standard output, without the last line break. The error has all that it wrote.
func command(folder string, environment []string, name string, arguments ...string) (string, error) {
	c := exec.Command(name, arguments...)
	c.Dir = folder
	c.Env = append(c.Environ(), environment...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(arguments, " "), err, &stdout, &stderr)
	}
	return strings.TrimSuffix(stdout.String(), "\n"), nil
}

func git(folder string, arguments ...string) (string, error) {
	return command(folder, nil, "git", arguments...)
}

// checkVersion returns an error if modules of these paths can't have this version.
func checkVersion(version string) error {
	v := "v" + version
	switch {
	case !semver.IsValid(v) || semver.Canonical(v) != v:
		return fmt.Errorf("%q is no version such as 1.2.3 or 1.2.3-rc.1", version)
	case semver.Major(v) != "v0" && semver.Major(v) != "v1":
		return fmt.Errorf("version %s needs module paths that end in /%s", version, semver.Major(v))
	}
	return nil
}

// mayRelease returns an error if a release would not be what is committed, or was made before.
func mayRelease(root, version string) error {
	changes, err := git(root, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changes != "" {
		return fmt.Errorf("the tree has changes that are not committed:\n%s", changes)
	}
	for _, m := range published {
		tag, err := git(root, "tag", "--list", m.tag(version))
		if err != nil {
			return err
		}
		if tag != "" {
			return fmt.Errorf("there is a tag %s: a version is published once", tag)
		}
	}
	return nil
}

// A candidate is what a clone was made to, to become a release.
type candidate struct {
	changed []string  // names of the files that the version changed
	notes   string    // what changed for users
	date    time.Time // of the release
}

// prepare clones HEAD of the repository at root to tree, writes the version there, and commits and tags that in the
// clone: tools that ask git see what they will see in the release.
func prepare(root, tree, version string, today time.Time) (candidate, error) {
	if _, err := git(root, "clone", "--quiet", "--no-tags", "--no-checkout", root, tree); err != nil {
		return candidate{}, err
	}
	head, err := git(root, "rev-parse", "HEAD")
	if err != nil {
		return candidate{}, err
	}
	if _, err := git(tree, "checkout", "--quiet", "--detach", head); err != nil {
		return candidate{}, err
	}
	c, err := writeVersion(tree, version, today)
	if err != nil {
		return candidate{}, err
	}
	return c, commit(tree, version)
}

// commit makes a commit of all changes in the clone, and the core's tag.
func commit(tree, version string) error {
	date := "GIT_COMMITTER_DATE=2000-01-01T00:00:00Z"
	_, err := command(tree, []string{date}, "git", "-c", "user.name=release", "-c", "user.email=release@localhost", "-c", "commit.gpgSign=false",
		"commit", "--quiet", "--all", "--allow-empty", "--no-verify", "--date=2000-01-01T00:00:00Z", "--message=Release")
	if err != nil {
		return err
	}
	_, err = git(tree, "-c", "tag.gpgSign=false", "tag", "--force", "v"+version)
	return err
}

// copyFiles replaces the files of those names below to by those below from.
func copyFiles(from, to string, names []string) error {
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// makeEmpty makes the folder, and returns an error if something is in it: it would be taken for a part of the release.
func makeEmpty(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err == nil && len(entries) != 0 {
		err = fmt.Errorf("%s is not empty", folder)
	}
	return err
}

// removeAll removes a folder, with the module cache in it, whose folders can't be written.
func removeAll(folder string) error {
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(name, 0o755)
		}
		return err
	})
	return errors.Join(err, os.RemoveAll(folder))
}
