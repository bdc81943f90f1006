package main

import (
	"path"
	"strings"
)

// core is the path of the module in the repository's root.
const core = "github.com/karst-im/karst"

// A module of the repository that is published.
type goModule struct {
	path   string   // as importers write it
	folder string   // below the root, which is "" itself
	build  []string // what its users build it with
}

// published has the modules that have tags, each after those that it requires.
var published = []goModule{
	{path: core},
	{path: core + "/mautrix", folder: "mautrix", build: []string{"-tags=goolm"}}, // without libolm, as its README says
}

// private has the folders of the modules that are of use in a checkout alone.
var private = []string{
	"bench/compare",
	"internal/aes/_asm",
	"internal/curve/_asm",
	"internal/sha2/_asm",
	"internal/wire/_asm",
	"mautrix/example",
	"mautrix/test",
	"mautrix/test/sqlite3",
	"tools/release",
	"vectors/oracle",
	"vectors/peers",
}

// tag returns the name of the tag by which the Go command finds this version of the module.
func (m goModule) tag(version string) string { return path.Join(m.folder, "v"+version) }

// goMod returns the name of its go.mod, below the root.
func (m goModule) goMod() string { return path.Join(m.folder, "go.mod") }

// name returns the module's path as a part of a file's name.
func (m goModule) name() string {
	return strings.ReplaceAll(strings.TrimPrefix(m.path, path.Dir(core)+"/"), "/", "-")
}

// goMods returns the names of all go.mod files that git knows in this tree.
func goMods(tree string) ([]string, error) {
	list, err := git(tree, "ls-files", "go.mod", "**/go.mod")
	return strings.Fields(list), err
}
