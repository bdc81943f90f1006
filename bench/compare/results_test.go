package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/karst-im/karst/internal/testkit"
)

func keep(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestKeptResults(t *testing.T) {
	r := sample()
	r.Started = time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	text, err := r.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := readResults(keep(t, string(text)))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Equal(t, r, got)
	for _, row := range r.Rows {
		if strings.Count(string(text), "\n"+`{"name":"`+row.Name+`",`) != 1 {
			t.Errorf("%s has no line of its own in\n%s", row.Name, text)
		}
	}
}

func TestBrokenResults(t *testing.T) {
	const before, after = `{"operations": [{"name": "A", "ns": {"x": `, `}}]}`
	if _, err := readResults(keep(t, before+`{"min": 1, "median": 2, "count": 1}`+after)); err != nil {
		t.Fatal(err)
	}
	for _, figures := range []string{`{"min": 0, "median": 2, "count": 1}`, `{"min": 3, "median": 2, "count": 1}`, `{"min": 1, "median": 2}`,
		`{"min": "1", "median": 2, "count": 1}`, `{"least": 1}`, ``} {
		if r, err := readResults(keep(t, before+figures+after)); err == nil {
			t.Errorf("%s is taken: %+v", figures, r)
		}
	}
	if _, err := readResults(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error without a file")
	}
}

func TestMachine(t *testing.T) {
	if m := thisMachine(); m.Cores < 1 || m.System == "" {
		t.Errorf("machine %+v", m)
	}
	if got := colons("model name\t: first\n\nmodel name\t: second\nflags : a b: c\n"); got["model name"] != "first" || got["flags"] != "a b: c" {
		t.Errorf("%q", got)
	}
}
