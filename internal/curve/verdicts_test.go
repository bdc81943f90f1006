package curve_test

import (
	"crypto/ed25519"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/curve"
)

// What is a signature and what is not, where implementations differ: the cases that others have collected, on every way
// that Verify goes.

// verdict is what a signature is to be taken for.
type verdict struct {
	name     string
	pub, msg []byte
	sig      []byte
	valid    bool
}

// onEveryPath fails if a verdict is not that of Verify, and returns how many signatures are valid.
func onEveryPath(t *testing.T, all []verdict) (valid int) {
	t.Helper()
	for _, v := range all {
		if v.valid {
			valid++
		}
		pub, sig := [32]byte(v.pub), [64]byte(v.sig)
		for _, path := range curve.Paths {
			if got := path.Verify(t, &pub, v.msg, &sig); got != v.valid {
				t.Errorf("%s, %s: valid: %v", v.name, path.Name, got)
			}
		}
	}
	return valid
}

func readJSON(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile("../../vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}

// TestEd25519CCTV has every combination of points of small order, their other encodings, and points with a part of
// small order, as A and as R.
//
// What is refused says nothing of who signed, or can be written in another way as well. Points that merely have a part
// of small order are keys like others, and the equation without the cofactor decides: there the parts must cancel out.
func TestEd25519CCTV(t *testing.T) {
	var cases []struct {
		Key, Sig, Msg string
		Flags         []string
	}
	readJSON(t, "cctv/ed25519vectors.json", &cases)
	refused := map[string]string{
		"low_order_A":       "a key of small order",
		"low_order_R":       "R of small order",
		"non_canonical_A":   "not how a key is written",
		"non_canonical_R":   "not how R is written",
		"low_order_residue": "the parts of small order don't cancel out",
	}
	var all []verdict
	mixed := 0
	for _, c := range cases {
		v := verdict{"", unhex(c.Key), []byte(c.Msg), unhex(c.Sig), true}
		for _, flag := range c.Flags {
			if why := refused[flag]; why != "" {
				v.name, v.valid = v.name+why+", ", false
			}
		}
		all = append(all, v)
		if v.name == refused["low_order_residue"]+", " {
			mixed++
		}
		// The standard library takes more. What it takes says that the vectors are what they should be.
		want := !slices.Contains(c.Flags, "low_order_residue") && !slices.Contains(c.Flags, "non_canonical_R")
		if got := ed25519.Verify(v.pub, v.msg, v.sig); got != want {
			t.Errorf("%s the standard library says %v", v.name, got)
		}
	}
	if valid := onEveryPath(t, all); len(all) != 914 || valid != 43 || mixed != 63 {
		t.Errorf("%d cases, %d valid, %d refused by the equation alone", len(all), valid, mixed)
	}
}

// TestEd25519Speccheck has the twelve cases of "Taming the many EdDSAs" (Chalkias, Garillot and Nikolaenko, SSR 2020).
func TestEd25519Speccheck(t *testing.T) {
	want := []struct {
		why             string
		valid, standard bool
	}{
		{"A and R of small order, S = 0", false, true},
		{"A of small order", false, true},
		{"R of small order", false, true},
		{"A and R with parts of small order that cancel out", true, true},
		{"A and R with parts of small order that don't: the equation holds with the cofactor only", false, false},
		{"the same, and only if 8k is not reduced modulo L", false, false},
		{"S is not below L", false, false},
		{"S is far above L", false, false},
		{"R is not written as it should be, and is hashed as it should be", false, false},
		{"R is not written as it should be, and is hashed as it is", false, false},
		{"A is not written as it should be, and is hashed as it should be", false, false},
		{"A is not written as it should be, and is hashed as it is", false, true},
	}
	var cases []struct {
		Message, Signature string
		Key                string `json:"pub_key"`
	}
	readJSON(t, "speccheck/cases.json", &cases)
	if len(cases) != len(want) {
		t.Fatalf("%d cases", len(cases))
	}
	var all []verdict
	for i, c := range cases {
		v := verdict{want[i].why, unhex(c.Key), unhex(c.Message), unhex(c.Signature), want[i].valid}
		if got := ed25519.Verify(v.pub, v.msg, v.sig); got != want[i].standard {
			t.Errorf("%s: the standard library says %v", v.name, got)
		}
		all = append(all, v)
	}
	if valid := onEveryPath(t, all); valid != 1 {
		t.Errorf("%d valid", valid)
	}
}
