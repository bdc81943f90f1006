package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

const (
	begun = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
`
	ended = `{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0}
{"Action":"pass","Package":"p","Elapsed":0.1}
`
)

// TestRead reads events as they come if somebody ends go test, or if it changes.
func TestRead(t *testing.T) {
	for _, c := range []struct{ name, events, faults string }{
		{"whole", begun + ended, ""},
		{"without the last end of line", strings.TrimSuffix(begun+ended, "\n"), ""},
		{"an empty line", begun + "\n" + ended, ""},
		{"nothing", "", "no test passed"},
		{"cut in a line", begun + ended[:20], `the events are cut off at "{\"Action\":\"pass\",\"Pa"|did not end: p|did not end: p TestA|no test passed`},
		{"cut after a line", begun, "did not end: p|did not end: p TestA|no test passed"},
		{"the package does not end", begun + ended[:strings.Index(ended, "\n")+1], "did not end: p"},
		{"text", begun + "PASS\n" + ended, `not an event: "PASS"`},
		{"another object", begun + "{\"Name\":1}\n" + ended, `not an event: "{\"Name\":1}"`},
		{"an action of the future", begun + "{\"Action\":\"burn\",\"Package\":\"p\"}\n" + ended, `an event that nobody knows: "burn"`},
	} {
		r, err := read(iotest.OneByteReader(strings.NewReader(c.events)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r.judge(&options{})
		if got := strings.Join(r.faults, "|"); got != c.faults {
			t.Errorf("%s: faults %s, not %s", c.name, got, c.faults)
		}
	}
	if _, err := read(iotest.ErrReader(errors.New("no more"))); err == nil {
		t.Error("an error of the reader is none")
	}
}

// TestLong reads a line that is longer than any buffer.
func TestLong(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	r, err := read(strings.NewReader(begun + `{"Action":"output","Package":"p","Test":"TestA","Output":"` + long + `\n"}` + "\n" + ended))
	if err != nil || len(r.faults) > 0 {
		t.Fatal(err, r.faults)
	}
	if got := r.with("pass"); len(got) != 1 || len(got[0].output.String()) != len(long)+1 {
		t.Error("a part of the line is missing")
	}
}
