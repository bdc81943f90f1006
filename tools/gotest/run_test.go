package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// subject is a module whose tests do what the environment says.
var subject = map[string]string{
	"go.mod": "module subject\n\ngo 1.26\n",
	"a/a.go": "package a\n",
	"a/a_test.go": `package a

import (
	"os"
	"testing"
	"time"
)

func does(what string) bool { return os.Getenv("SUBJECT") == what }

func TestGood(t *testing.T) { t.Log("3 of 4 were seen") }

func TestParts(t *testing.T) {
	t.Run("one of them", func(t *testing.T) {
		t.Parallel()
		if does("fail") {
			t.Log("a word before")
			t.Errorf("a \"part\" is <wrong>\nin two lines")
		}
	})
	t.Run("two", func(t *testing.T) { t.Parallel() })
}

func TestSkips(t *testing.T) {
	if does("skip") {
		t.Log("not this")
		t.Skip("the machine is small,\nand old")
	}
}

func TestSaysNothing(t *testing.T) {
	if does("skip") {
		t.SkipNow()
	}
}

func TestBreaks(t *testing.T) {
	switch {
	case does("panic"):
		panic("the world ends")
	case does("hang"):
		time.Sleep(time.Hour)
	case does("exit"):
		os.Exit(3)
	case does("kill"):
		p, _ := os.FindProcess(os.Getppid()) // go test itself
		p.Kill()
		time.Sleep(time.Minute)
	}
}
`,
	"b/b_test.go": `package b

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("SUBJECT") == "main" {
		println("the package fails after its tests")
		code = 1
	}
	os.Exit(code)
}

func TestOther(t *testing.T) {}
`,
	"none/none.go":        "package none\n",
	"unbuilt/u_test.go":   "package unbuilt\n\nimport \"testing\"\n\nfunc TestU(t *testing.T) { undefinedName() }\n",
	"syntax/s_test.go":    "package syntax\n\nfunc {\n",
	"vetted/v_test.go":    "package vetted\n\nimport \"testing\"\n\nfunc TestV(t *testing.T) { t.Logf(\"%d\", \"text\") }\n",
	"skipall/all_test.go": "package skipall\n\nimport \"testing\"\n\nfunc TestS(t *testing.T) { t.Skip(\"never\") }\n",
}

// ran is what came of a run on the subject.
type ran struct {
	ok  bool
	out string
}

// enter makes a folder with the subject the current one.
func enter(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range subject {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	t.Setenv("GOFLAGS", "-buildvcs=false")
	t.Setenv("GOWORK", "off")
}

// on runs gotest with those arguments on the subject, whose tests are told what to do.
func on(t *testing.T, does string, arguments ...string) ran {
	t.Helper()
	t.Setenv("SUBJECT", does)
	var out bytes.Buffer
	o, err := parse(arguments, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	ok, err := run(o, &out)
	if err != nil {
		t.Fatal(err)
	}
	return ran{ok, out.String()}
}

// TestRun runs go test on tests that do what tests may do.
func TestRun(t *testing.T) {
	enter(t)
	for _, c := range []struct {
		name, does string
		arguments  []string
		ok         bool
		want       []string // lines, or what they begin with if that ends in ...
		never      []string
	}{
		{"all pass", "", []string{"--", "./a", "./b", "./none"}, true,
			[]string{"go test: 8 tests passed, 0 failed, 0 skipped"}, []string{"3 of 4", "FAIL"}},
		{"the name, the packages, lines", "", []string{"-name", "short", "-packages", "-print", "[0-9] of [0-9]", "--", "./a", "./b"}, true,
			[]string{"3 of 4 were seen", "    subject/a: 7 tests passed, 0 failed, 0 skipped", "    subject/b: 1 tests passed, 0 failed, 0 skipped",
				"short: 8 tests passed, 0 failed, 0 skipped"}, nil},
		{"few lines", "", []string{"-most", "0", "-print", "of", "--", "./a"}, true, nil, []string{"3 of 4"}},
		{"twice", "", []string{"--", "-count=2", "./b"}, true, []string{"go test: 2 tests passed, 0 failed, 0 skipped"}, nil},
		{"a failure in full", "fail", []string{"--", "./a", "./b"}, false,
			[]string{"== subject/a TestParts/one_of_them", "    a_test.go:17: a word before", `    a_test.go:18: a "part" is <wrong>`, "        in two lines",
				"FAIL: failed: subject/a TestParts/one_of_them", "FAIL: failed: subject/a TestParts", "FAIL: failed: subject/a",
				"FAIL: go test ./a ./b: exit status 1", "go test: 6 tests passed, 2 failed, 0 skipped"},
			[]string{"3 of 4", "== subject/b"}},
		{"skipped", "skip", []string{"--", "./a"}, true,
			[]string{"skipped subject/a TestSkips: the machine is small, and old", "skipped subject/a TestSaysNothing: no reason given",
				"go test: 5 tests passed, 0 failed, 2 skipped"}, []string{"not this", "FAIL"}},
		{"none may be skipped", "skip", []string{"-no-skip", "--", "./a", "./none"}, false,
			[]string{"skipped subject/a TestSkips: the machine is small, and old", "FAIL: skipped: subject/a TestSkips", "FAIL: skipped: subject/a TestSaysNothing"},
			[]string{"FAIL: skipped: subject/none"}},
		{"all skipped", "", []string{"--", "./skipall"}, false, []string{"FAIL: no test passed"}, nil},
		{"no tests", "", []string{"--", "./none"}, false, []string{"FAIL: no test passed", "go test: 0 tests passed, 0 failed, 0 skipped"}, nil},
		{"none of that name", "", []string{"--", "-run", "TestOfNoName", "./a"}, false, []string{"FAIL: no test passed"}, nil},
		{"required", "", []string{"-require", "TestPa.*", "-require", "TestParts/two", "--", "./a"}, true, nil, []string{"FAIL"}},
		{"required as a whole", "", []string{"-require", "TestGoo", "--", "./a"}, false, []string{"FAIL: no test passed whose name is TestGoo"}, nil},
		{"required and skipped", "skip", []string{"-require", "TestSkips", "--", "./a"}, false, []string{"FAIL: no test passed whose name is TestSkips"}, nil},
		{"does not compile", "", []string{"--", "./unbuilt", "./b"}, false,
			[]string{"unbuilt/u_test.go:5:28: undefined: undefinedName", "FAIL: not built: subject/unbuilt [subject/unbuilt.test]", "FAIL: failed: subject/unbuilt"}, nil},
		{"no Go", "", []string{"--", "./syntax", "./b"}, false, []string{"syntax/s_test.go:3:6: ...", "FAIL: failed: subject/syntax"}, nil},
		{"vet complains", "", []string{"--", "./vetted"}, false,
			[]string{"vetted/v_test.go:5:36: ...", "FAIL: failed: subject/vetted"}, nil},
		{"no such package", "", []string{"--", "./nowhere"}, false, []string{"stat ...", "FAIL: failed: ./nowhere"}, nil},
		{"no such flag", "", []string{"--", "-count=many", "./a"}, false, []string{`invalid value "many" for flag -count: ...`, "FAIL: no test passed"}, nil},
		{"panics", "panic", []string{"--", "./a"}, false, []string{"panic: the world ends...", "FAIL: failed: subject/a TestBreaks"}, nil},
		{"hangs", "hang", []string{"--", "-timeout", "3s", "./a"}, false,
			[]string{"panic: test timed out after 3s", "FAIL: failed: subject/a", "go test: 6 tests passed, 1 failed, 0 skipped"}, nil},
		{"exits", "exit", []string{"--", "./a"}, false, []string{"FAIL: failed: subject/a", "go test: 6 tests passed, 1 failed, 0 skipped"}, nil},
		{"fails after its tests", "main", []string{"--", "-count=1", "./b"}, false, []string{"the package fails after its tests", "FAIL: failed: subject/b"}, nil},
		{"go test is killed", "kill", []string{"--", "-timeout", "2s", "./a"}, false,
			[]string{"FAIL: did not end: subject/a", "FAIL: go test -timeout 2s ./a: signal: killed"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := on(t, c.does, c.arguments...)
			if got.ok != c.ok {
				t.Errorf("all is well: %v", got.ok)
			}
			lines := strings.Split(got.out, "\n")
			for _, want := range c.want {
				if !has(lines, want) {
					t.Errorf("missing: %s", want)
				}
			}
			for _, never := range c.never {
				if strings.Contains(got.out, never) {
					t.Errorf("there is: %s", never)
				}
			}
			if t.Failed() {
				t.Logf("what was printed:\n%s", got.out)
			}
		})
	}
}

func has(lines []string, want string) bool {
	start, open := strings.CutSuffix(want, "...")
	for _, line := range lines {
		if line == want || open && strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

// TestFiles checks what is written beside the report.
func TestFiles(t *testing.T) {
	enter(t)
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	flags := []string{"-json", path("json"), "-passed", path("passed"), "-total", path("total"), "--"}
	on(t, "", append(flags, "./a", "./b")...)
	on(t, "skip", append(flags, "./a")...)
	read := func(name string) string {
		text, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := read("total"); got != "8\n5\n" {
		t.Errorf("the totals are %q", got)
	}
	want := "subject/a TestBreaks\nsubject/a TestGood\nsubject/a TestParts\nsubject/a TestParts/one_of_them\nsubject/a TestParts/two\n"
	if got := read("passed"); got != want {
		t.Errorf("passed: %s, not %s", got, want)
	}
	if got := strings.Count(read("json"), `"Action":"skip"`); got != 2 {
		t.Errorf("the events have %d skips", got)
	}
	o, err := parse([]string{"-total", folder, "--", "./b"}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(o, &bytes.Buffer{}); err == nil {
		t.Error("a total that can't be written is no error")
	}
	if _, err := run(&options{json: folder, test: []string{"./b"}}, &bytes.Buffer{}); err == nil {
		t.Error("events that can't be written are no error")
	}
}

// TestUsage checks that arguments without sense are refused.
func TestUsage(t *testing.T) {
	for _, arguments := range [][]string{nil, {"-no-skip"}, {"-nonsense", "--", "./..."}, {"-require", "(", "--", "./..."}} {
		var out bytes.Buffer
		if _, err := parse(arguments, &out); err == nil || !strings.Contains(out.String(), "gotest [flags] -- ARGUMENTS OF GO TEST") {
			t.Errorf("%q: %v, %q", arguments, err, &out)
		}
	}
}
