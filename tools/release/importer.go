package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// An importer is somebody who has Go, and gets the modules through a proxy.
type importer struct {
	version     string
	tree        string // the clone that the modules are made of
	scratch     string
	environment []string
}

// newImporter makes a module proxy of files with the published modules as they are committed in the clone, and an
// importer with an empty module cache.
func newImporter(tree, version, scratch string) (*importer, error) {
	proxy := filepath.Join(scratch, "proxy")
	for _, m := range published {
		if err := writeModule(proxy, tree, m, version); err != nil {
			return nil, err
		}
	}
	others, err := command(tree, nil, "go", "env", "GOPROXY")
	if err != nil {
		return nil, err
	}
	return &importer{version: version, tree: tree, scratch: scratch, environment: []string{
		"GOPROXY=file://" + proxy + "," + proxies(others),
		"GOMODCACHE=" + filepath.Join(scratch, "modules"),
		"GONOSUMDB=" + core + "," + core + "/*", // nobody vouches for them yet; for all others the checksum database does
		"GOENV=off", "GOFLAGS=", "GOWORK=off", "GOPRIVATE=", "GONOPROXY=", "GOINSECURE=",
	}}, nil
}

// proxies returns a list for GOPROXY without the repositories themselves, unless there is nothing else: in karst's own the
// version does not exist yet.
func proxies(list string) string {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' })
	if others := slices.DeleteFunc(names, func(name string) bool { return name == "direct" }); len(others) != 0 {
		return strings.Join(others, ",")
	}
	return list
}

// writeModule adds the module to the proxy, of the same files as the Go command makes it of when it finds the tag.
// The form of a proxy is that of https://go.dev/ref/mod#goproxy-protocol.
func writeModule(proxy, tree string, m goModule, version string) error {
	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return err
	}
	version = "v" + version
	folder := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	goMod, err := os.ReadFile(filepath.Join(tree, m.goMod()))
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct{ Version string }{version})
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": goMod} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return err
		}
	}
	f, err := os.Create(filepath.Join(folder, version+".zip"))
	if err != nil {
		return err
	}
	if err := zip.CreateFromVCS(f, module.Version{Path: m.path, Version: version}, tree, "HEAD", m.folder); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// goCommand runs the Go command in a folder of the importer's.
func (i *importer) goCommand(folder string, arguments ...string) (string, error) {
	return command(folder, i.environment, "go", arguments...)
}

// newModule makes an empty module.
func (i *importer) newModule(name string) (string, error) {
	folder := filepath.Join(i.scratch, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", err
	}
	_, err := i.goCommand(folder, "mod", "init", "example.org/"+name)
	return folder, err
}

// testModule builds all packages of the module, and runs their tests, in the module cache.
func (i *importer) testModule(m goModule) error {
	folder, err := i.newModule("of-" + m.name())
	if err != nil {
		return err
	}
	packages := m.path + "/..."
	if _, err := i.goCommand(folder, "get", "-t", packages+"@v"+i.version); err != nil {
		return err
	}
	if _, err := i.goCommand(folder, slices.Concat([]string{"build"}, m.build, []string{packages})...); err != nil {
		return err
	}
	report, err := i.goCommand(folder, slices.Concat([]string{"test"}, m.build, []string{packages})...)
	if err == nil && !strings.Contains(report, "ok  \t"+m.path) {
		err = fmt.Errorf("no test of %s ran:\n%s", m.path, report)
	}
	return err
}

// programs are what importers may write who have read the READMEs: by the names of the modules.
//
//go:embed _importer/*.go
var programs embed.FS

// getLine is the line of a README that says how to get the module.
var getLine = regexp.MustCompile(`(?m)^    go (get .*)$`)

// runProgram gets the module with the command that its README names, and runs a program that imports it.
func (i *importer) runProgram(m goModule) error {
	folder, err := i.newModule("with-" + m.name())
	if err != nil {
		return err
	}
	readme, err := os.ReadFile(filepath.Join(i.tree, m.folder, "README.md"))
	if err != nil {
		return err
	}
	lines := getLine.FindAllSubmatch(readme, -1)
	if len(lines) != 1 {
		return fmt.Errorf("the README of %s names %d commands to get it", m.path, len(lines))
	}
	if _, err := i.goCommand(folder, strings.Fields(string(lines[0][1]))...); err != nil {
		return err
	}
	program, err := programs.ReadFile("_importer/" + path.Base(m.path) + ".go")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "main.go"), program, 0o644); err != nil {
		return err
	}
	if _, err := i.goCommand(folder, slices.Concat([]string{"build", "-o=program"}, m.build, []string{"."})...); err != nil {
		return err
	}
	said, err := command(folder, nil, filepath.Join(folder, "program"))
	if want := "Hello, room."; err == nil && said != want {
		err = fmt.Errorf("the program says %q, not %q", said, want)
	}
	return err
}

// installCommand installs the command karst, and asks it for its version.
func (i *importer) installCommand() error {
	folder := filepath.Join(i.scratch, "bin")
	if _, err := command(i.scratch, append(i.environment, "GOBIN="+folder), "go", "install", core+"/cmd/karst@v"+i.version); err != nil {
		return err
	}
	said, err := command(folder, nil, filepath.Join(folder, "karst"), "version")
	if words := strings.Fields(said); err == nil && (len(words) < 2 || words[1] != "v"+i.version) {
		err = fmt.Errorf("karst version says:\n%s", said)
	}
	return err
}
