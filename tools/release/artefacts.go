package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// architectures returns the machines of a list, by their names in capi/target: "all", "native", or names with commas.
func architectures(root, list string) ([]string, error) {
	targets, err := filepath.Glob(filepath.Join(root, "capi/target/*.json"))
	if err != nil {
		return nil, err
	}
	var known []string
	for _, t := range targets {
		known = append(known, strings.TrimSuffix(filepath.Base(t), ".json"))
	}
	switch list {
	case "all":
		return known, nil
	case "native":
		if list, err = command(root, nil, "uname", "-m"); err != nil {
			return nil, err
		}
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("the C library is not for %q, but for %s", name, strings.Join(known, ", "))
		}
	}
	return names, nil
}

// packLibrary builds the C library of the clone for a machine, and packs it as it lies in an installation, so that it can
// be unpacked into one: tar -C /usr/local --strip-components=1.
func packLibrary(tree, version, arch, scratch, out string, date time.Time) error {
	name := fmt.Sprintf("libolm-karst-%s-linux-%s", version, arch)
	folder := filepath.Join(scratch, name)
	if _, err := command(tree, []string{"OUT=" + folder}, "capi/build.sh", arch); err != nil {
		return err
	}
	doc := filepath.Join(folder, "share/doc/libolm-karst")
	if err := os.MkdirAll(doc, 0o755); err != nil {
		return err
	}
	for _, file := range []string{"LICENSE", "capi/README.md"} {
		data, err := os.ReadFile(filepath.Join(tree, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(doc, filepath.Base(file)), data, 0o644); err != nil {
			return err
		}
	}
	return writeArchive(filepath.Join(out, name+".tar.gz"), folder, name, date)
}

// tarball returns the name that npm gives to the package.
func tarball(version string) string { return fmt.Sprintf("karst-im-olm-%s.tgz", version) }

// packJavaScript builds the package for JavaScript of the clone, and packs it.
func packJavaScript(tree, version, out string) error {
	if _, err := command(tree, nil, "wasm/pack.sh", out); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(out, tarball(version)))
	return err
}
