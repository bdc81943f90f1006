package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is a copy of run.sh in a tree with nothing else, and a PATH with nothing else than it needs, and a Go
// command that builds a runner which prints its arguments.
type tree struct {
	t           *testing.T
	folder      string
	environment []string // beside PATH
}

func newTree(t *testing.T) tree {
	tr := tree{t: t, folder: filepath.Join(t.TempDir(), "a tree")}
	script, err := os.ReadFile("run.sh")
	if err != nil {
		t.Fatal(err)
	}
	tr.write("bench/compare/run.sh", string(script))
	for _, tool := range []string{"bash", "sh", "dirname", "realpath", "mkdir", "sed", "head", "cat", "chmod"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tr.path(), tool)); err != nil {
			t.Fatal(err)
		}
	}
	tr.tool("go", `while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\necho "$@"\n' >"$2"
chmod +x "$2"`)
	tr.tool("ldconfig", "exit 0") // before the machine's own
	return tr
}

func (tr tree) path() string { return filepath.Join(tr.folder, "bin") }

func (tr tree) tool(name, script string) { tr.write("bin/"+name, "#!/bin/sh\n"+script+"\n") }

func (tr tree) write(name, text string) {
	tr.t.Helper()
	name = filepath.Join(tr.folder, name)
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.MkdirAll(tr.path(), 0o700)
	}
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o700)
	}
	if err != nil {
		tr.t.Fatal(err)
	}
}

// run runs the script, and returns what the runner printed, and the peers.
func (tr tree) run(arguments ...string) (out string, peers []Peer, err error) {
	tr.t.Helper()
	list := filepath.Join(tr.folder, "bench/compare/target/peers.txt")
	os.Remove(list)
	cmd := exec.Command(filepath.Join(tr.path(), "bash"), append([]string{filepath.Join(tr.folder, "bench/compare/run.sh")}, arguments...)...)
	cmd.Env = append([]string{"PATH=" + tr.path()}, tr.environment...)
	cmd.Dir = tr.folder
	text, err := cmd.CombinedOutput()
	if err != nil {
		return string(text), nil, err
	}
	if kept, err := os.ReadFile(list); err == nil {
		if peers, err = parsePeers(string(kept)); err != nil {
			tr.t.Fatal(err)
		}
	}
	return strings.TrimSpace(string(text)), peers, nil
}

// TestReasons takes everything from run.sh, and gives it back one by one: the peers that need it must say so.
func TestReasons(t *testing.T) {
	tr := newTree(t)
	missing := map[string]string{
		"vodozemac": "no Rust", "vodozemac-native": "no Rust", "libolm": "no C compiler", "libolm-cgo": "no C compiler",
		"karst-c": "no C compiler", "olm.wasm": "no Node", "karst-wasm": "no Node",
	}
	expect := func() {
		t.Helper()
		_, peers, err := tr.run("--check")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range peers {
			names = append(names, p.Name)
			want := missing[p.Name]
			if !strings.Contains(p.Missing, want) || (p.Missing == "") != (want == "") {
				t.Errorf("%s is missing because %q, want %q", p.Name, p.Missing, want)
			}
		}
		all := slices.Sorted(slices.Values(slices.Concat([]string{subject}, beside, pairs[0][:1], pairs[1][:])))
		if slices.Sort(names); !slices.Equal(names, all) {
			t.Errorf("peers %q, want %q", names, all)
		}
	}
	expect()
	tr.tool("cargo", "exit 0")
	maps.DeleteFunc(missing, func(name, _ string) bool { return strings.HasPrefix(name, "vodozemac") })
	expect()
	tr.tool("cc", "exit 1")
	missing["libolm"], missing["libolm-cgo"], missing["karst-c"] = "no libolm.so.3", "no libolm with headers", "capi/build.sh"
	expect()
	tr.tool("cc", "exit 0")
	delete(missing, "libolm-cgo")
	expect()
	tr.tool("ldconfig", `printf '\tlibolm.so.3 (libc6,x86-64) => /somewhere/libolm.so.3\n'`)
	delete(missing, "libolm")
	expect()
	tr.write("capi/dist/lib/libolm.so.3", "")
	delete(missing, "karst-c")
	expect()
	tr.tool("node", "exit 0")
	missing["olm.wasm"], missing["karst-wasm"] = "npm ci", "wasm/build.sh"
	expect()
	tr.write("wasm/js/node_modules/@matrix-org/olm/olm.js", "")
	delete(missing, "olm.wasm")
	expect()
	tr.write("wasm/dist/olm.wasm", "")
	delete(missing, "karst-wasm")
	expect()
}

// TestOptions checks what run.sh hands to the runner.
func TestOptions(t *testing.T) {
	tr := newTree(t)
	list := filepath.Join(tr.folder, "bench/compare/target/peers.txt")
	for _, test := range []struct {
		options string
		want    string // with what a folder is called for the folder
	}{
		{"", "-out ROOT/bench/results LIST"},
		{"--check", "-check -out ROOT/bench/results LIST"},
		{"--all", "-all -out ROOT/bench/results LIST"},
		{"--quick", "-quick -out ROOT/bench/compare/target/results LIST"},
		{"--peer karst --rounds 3 --op A|B", "-peer karst -rounds 3 -op A|B -out ROOT/bench/compare/target/results LIST"},
		{"--out x --quick", "-quick -out ROOT/x LIST"},
		{"--render x/y.json", "-render ROOT/x/y.json"},
		{"--passes 1 --visits 2 --growth-rounds 4", "-passes 1 -visits 2 -growth-rounds 4 -out ROOT/bench/compare/target/results LIST"},
	} {
		out, _, err := tr.run(strings.Fields(test.options)...)
		out = out[strings.LastIndex(out, "\n")+1:]
		want := strings.NewReplacer("ROOT", tr.folder, "LIST", list).Replace(test.want)
		if err != nil || out != want {
			t.Errorf("%s: the runner got %q, want %q; %v", test.options, out, want, err)
		}
	}
	for _, wrong := range []string{"--fast", "karst", "--out", "--render"} {
		if out, _, err := tr.run(wrong); err == nil || !strings.Contains(out, "FAIL: ") || !strings.Contains(out, wrong) {
			t.Errorf("%s: %q, %v", wrong, out, err)
		}
	}
	if out, _, err := tr.run("--help"); err != nil || !strings.Contains(out, "--growth-rounds N") || strings.Contains(out, "pipefail") {
		t.Errorf("help: %q, %v", out, err)
	}
	tr.environment = []string{"CI=true"}
	if out, _, err := tr.run("--check"); err != nil || !strings.HasPrefix(out, "-all -check") {
		t.Errorf("with CI=true: the runner got %q, %v", out, err)
	}
	if _, peers, err := tr.run("--peer", "karst|go.*"); err != nil || fmt.Sprint(peers) != "[karst is there goolm is there]" {
		t.Errorf("peers %v, %v", peers, err)
	}
}

// TestRun runs the runner as run.sh does: it measures, keeps, and renders again.
func TestRun(t *testing.T) {
	folder, log := t.TempDir(), logFile(t)
	list := filepath.Join(folder, "peers.txt")
	var lines []string
	for _, p := range []Peer{fake("karst", log, "A:100", "Growth/Size/64:1", "Growth/Size/128:2", "MemorySession:7"),
		fake("goolm", log, "A:400", "MemorySession:8")} {
		lines = append(lines, p.Name+"\trun\t"+strings.Join(p.Command, "\t"))
	}
	lines = append(lines, "vodozemac\tmissing\tit is elsewhere")
	if err := os.WriteFile(list, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, progress strings.Builder
	if err := run(t.Context(), []string{"-passes", "1", "-visits", "2", "-rounds", "2", "-growth-rounds", "1", "-out", folder, list}, &out, &progress); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| A | 0.100 / 0.100 | 0.400 / 0.400 (0.25) | 0.25 goolm |") || !strings.Contains(progress.String(), "vodozemac is missing: it is elsewhere") {
		t.Errorf("printed %s\n%s", &out, &progress)
	}
	names := func() (all []string) {
		found, err := filepath.Glob(filepath.Join(folder, "*-*-*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			base := filepath.Base(name)
			all = append(all, base[len("2006-01-02"):])
		}
		return all
	}
	want := []string{"-memory.svg", "-operations.svg", "-size.svg", ".json", ".md"}
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	kept, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	for _, name := range want[:3] {
		if err := os.Remove(strings.TrimSuffix(kept[0], ".json") + name); err != nil {
			t.Fatal(err)
		}
	}
	var again strings.Builder
	if err := run(t.Context(), []string{"-render", kept[0]}, &again, &progress); err != nil || again.String() != out.String() || !slices.Equal(names(), want) {
		t.Errorf("rendered again: %v, files %q,\n%s\nat first\n%s", err, names(), &again, &out)
	}
	for _, wrong := range [][]string{{}, {list, list}, {filepath.Join(folder, "none")}, {"-rounds", "0", list}, {"-all", list}, {"-peer", "nobody", list},
		{"-peer", "(", list}, {"-render", list}, {"-render", kept[0], list}, {"-other", list}} {
		if err := run(t.Context(), wrong, &again, &progress); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestQuick(t *testing.T) {
	folder, log := t.TempDir(), logFile(t)
	list := filepath.Join(folder, "peers.txt")
	if err := os.WriteFile(list, []byte("karst\trun\t"+strings.Join(fake("karst", log, "A:100", "Growth/Jump/1:1").Command, "\t")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"-quick", "-rounds", "4", "-out", folder, list}, &out, &out); err != nil {
		t.Fatal(err)
	}
	lines, _ := recorded(t, log)
	if want := append(slices.Repeat([]string{"karst A"}, 4), "karst Growth/Jump/1", "karst Growth/Jump/1"); !slices.Equal(lines, want) {
		t.Errorf("samples %q, want %q", lines, want)
	}
}

func TestParsePeers(t *testing.T) {
	peers, err := parsePeers("a\trun\t/b c/d\te f\ng\tmissing\tno luck\n")
	if err != nil || len(peers) != 2 || !slices.Equal(peers[0].Command, []string{"/b c/d", "e f"}) || peers[1].Missing != "no luck" {
		t.Errorf("%+v, %v", peers, err)
	}
	if err := complain(peers); err == nil || err.Error() != "g is missing: no luck" {
		t.Errorf("%v", err)
	}
	if err := complain(peers[:1]); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "a", "a\trun", "a\trun\t", "\trun\tb", "a\twalk\tb", "a\trun\tb\na\trun\tc"} {
		if got, err := parsePeers(text); err == nil {
			t.Errorf("%q is taken: %+v", text, got)
		}
	}
}
