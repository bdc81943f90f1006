package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// committed returns the cases of one writer as they are in the repository.
func committed(t *testing.T, file, writer string) []string {
	text, err := os.ReadFile(filepath.Join("../../testdata/peers", file))
	if err != nil {
		t.Fatal(err)
	}
	return casesOf(string(text), writer)
}

func casesOf(text, writer string) (cases []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, `{"writer":"`+writer+`"`) {
			cases = append(cases, trimmed(line))
		}
	}
	return cases
}

// trimmed takes the case out of its line, which may have the end of a list behind it.
func trimmed(line string) string {
	var c json.RawMessage
	if err := json.NewDecoder(strings.NewReader(line)).Decode(&c); err != nil {
		return line
	}
	return string(c)
}

// casesBy has a peer that can be built here write its pickles.
func casesBy(t *testing.T, peer, writer string) []string {
	program := filepath.Join(t.TempDir(), peer)
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../"+peer).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f := new(file)
	f.add(writer, program)
	return casesOf(string(f.encode()), writer)
}

// libolm that is installed writes what is in the repository, byte for byte.
func TestLibolm(t *testing.T) {
	want := committed(t, "libolm.json", "libolm 3.2.13")
	got := casesBy(t, "libolm", "libolm 3.2.13")
	if len(want) < 30 || !slices.Equal(got, want) {
		t.Errorf("libolm writes other cases than the %d in the repository; run generate.sh and look at the difference", len(want))
	}
}

// shape is a case without what is random in it: the structure, with texts replaced by whether they are empty.
func shape(t *testing.T, c string) string {
	var value map[string]any
	if err := json.Unmarshal([]byte(c), &value); err != nil {
		t.Fatal(err)
	}
	name := value["name"]
	value = reduced(value).(map[string]any)
	value["name"] = name
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func reduced(value any) any {
	switch value := value.(type) {
	case string:
		return value != ""
	case []any:
		for i := range value {
			value[i] = reduced(value[i])
		}
	case map[string]any:
		keys := 0
		for k, v := range value {
			if len(k) == 6 && strings.HasPrefix(k, "AA") { // the id of a key
				delete(value, k)
				keys++
				continue
			}
			value[k] = reduced(v)
		}
		if keys > 0 {
			return keys
		}
	}
	return value
}

// goolm, whose keys are random, writes cases of the same structure.
func TestGoolm(t *testing.T) {
	want := committed(t, "goolm.json", "goolm 0.30.0")
	got := casesBy(t, "goolm", "goolm 0.30.0")
	if len(want) < 30 || len(got) != len(want) {
		t.Fatalf("goolm writes %d cases, in the repository are %d", len(got), len(want))
	}
	for i := range want {
		if got, want := shape(t, got[i]), shape(t, want[i]); got != want {
			t.Errorf("goolm writes\n%s\nin the repository is\n%s", got, want)
		}
	}
}
