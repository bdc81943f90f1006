package testkit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type loud byte

func (loud) String() string { return "a method was called" }

type state struct {
	Public  []byte
	hidden  loudKey
	pointer *chain
	chains  []chain
	byKey   map[[32]byte]chain
	x       any
	again   *state
	text    string
	step    int
	when    loud
}

type loudKey []loud

// secretState returns a state that is full of secrets, and adds them to all.
func secretState(name string, chains int, all *[][]byte) *state {
	secret := func(what string, n int) []byte {
		b := Bytes(name+what, n)
		*all = append(*all, b)
		return b
	}
	link := func(what string) (c chain) {
		c.key = [32]byte(secret(what+"key", 32))
		for i := range c.words {
			c.words[i] = binary.BigEndian.Uint32(secret(what+"word"+strconv.Itoa(i), 4))
		}
		for i := range c.limbs {
			c.limbs[i] = int32(binary.BigEndian.Uint32(secret(what+"limb"+strconv.Itoa(i), 4)))
		}
		return c
	}
	first := link("pointer")
	s := &state{
		Public: secret("public", 30), pointer: &first, byKey: map[[32]byte]chain{[32]byte(secret("map", 32)): link("value")},
		x: [16]byte(secret("any", 16)), text: string(secret("text", 32)), step: chains,
	}
	for _, b := range secret("hidden", 20) {
		s.hidden = append(s.hidden, loud(b))
	}
	for i := range chains {
		s.chains = append(s.chains, link("chain"+strconv.Itoa(i)))
	}
	return s
}

// spelt returns how the bytes of a secret, or some of them, look in all that prints bytes and words.
func spelt(secret []byte) (all []string) {
	for i := range len(secret) - 3 {
		four := secret[i : i+4]
		word := binary.BigEndian.Uint32(four)
		list := strings.Trim(fmt.Sprint(four), "[]")
		all = append(all, string(four), fmt.Sprintf("%x", four), fmt.Sprintf("%X", four), fmt.Sprintf("% x", four), strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", four), "[]byte{"), "}"),
			list, strings.ReplaceAll(list, " ", ", "), strings.ReplaceAll(list, " ", ","), fmt.Sprint(word), fmt.Sprint(int32(word)), fmt.Sprintf("%x", word))
	}
	for i := range len(secret) - 5 {
		all = append(all, base64.StdEncoding.EncodeToString(secret[i:i+6]), base64.URLEncoding.EncodeToString(secret[i:i+6]))
	}
	return all
}

// found returns what text has of secrets.
func found(text string, secrets [][]byte) (all []string) {
	for _, secret := range secrets {
		for _, s := range spelt(secret) {
			if strings.Contains(text, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// TestDiffShowsNoSecret: wherever a secret is, and whether it has a counterpart or not.
func TestDiffShowsNoSecret(t *testing.T) {
	var secrets [][]byte
	a, b := secretState("a", 2, &secrets), secretState("b", 4, &secrets)
	a.again, b.when = secretState("c", 1, &secrets), 7
	twin := *a
	twin.chains = append(twin.chains[:1:1], b.chains[0])
	for name, pair := range map[string][2]any{
		"states": {a, b}, "copies": {*a, twin}, "nothing": {a, (*state)(nil)}, "slices": {a.chains, b.chains[1:]}, "maps": {a.byKey, b.byKey},
		"bytes": {a.Public, b.Public}, "arrays": {a.pointer.key, b.pointer.key}, "words": {a.pointer.words, b.pointer.words}, "types": {any(a.x), any(b.Public)},
		"named": {a.hidden, b.hidden}, "strings": {a.text, b.text},
	} {
		diff := Diff(pair[0], pair[1])
		if diff == "" || Diff(pair[0], pair[0]) != "" {
			t.Errorf("%s: the diff is %q", name, diff)
		}
		if leaked := found(diff, secrets); len(leaked) > 0 || strings.Contains(diff, "method") {
			t.Errorf("%s: the diff has %q:\n%s", name, leaked, diff)
		}
		var r recorder
		if Equal(&r, pair[0], pair[1]); !strings.HasSuffix(r.said, ":\n"+diff) {
			t.Errorf("%s: Equal says %q", name, r.said)
		}
	}
	// What the needles are for.
	if plain := cmp.Diff(a, b, cmp.Exporter(func(reflect.Type) bool { return true })); len(found(plain, secrets)) == 0 {
		t.Errorf("nothing is found in\n%s", plain)
	}
	for _, verb := range []string{"%v", "%#v", "%x", "%X", "% x", "%q", "%s"} {
		if len(found(fmt.Sprintf(verb, a.Public), secrets)) == 0 {
			t.Errorf("nothing is found in what %s prints", verb)
		}
	}
}

var hashes = regexp.MustCompile("SHA-256 [0-9a-f]{8}[.]{3}")

// TestDiffShowsWhatDiffers, and nothing else.
func TestDiffShowsWhatDiffers(t *testing.T) {
	var secrets [][]byte
	a, b := secretState("a", 2, &secrets), secretState("a", 2, &secrets)
	if diff := Diff(a, b); diff != "" {
		t.Errorf("the same:\n%s", diff)
	}
	b.step, b.when, b.text, b.Public = 3, 5, "text", nil
	b.chains[1].key[17] ^= 1
	b.pointer.words[6]++
	b.pointer.limbs[2]--
	b.chains = append(b.chains, chain{index: 9})
	want := []string{
		`.Public: want 30 bytes (SHA-256 #...), got nil, which part at 0`,
		`.pointer.words: want 32 bytes (SHA-256 #...), got 32 bytes (SHA-256 #...), which part at 6`,
		`.pointer.limbs: want 20 bytes (SHA-256 #...), got 20 bytes (SHA-256 #...), which part at 2`,
		`.chains[1].key: want 32 bytes (SHA-256 #...), got 32 bytes (SHA-256 #...), which part at 17`,
		`.chains[2, only got]: want nothing, got testkit.chain{key: 32 bytes (SHA-256 #...), words: 32 bytes (SHA-256 #...), limbs: 20 bytes (SHA-256 #...), index: 9}`,
		`.text: want 32 bytes (SHA-256 #...), got "text", which part at 0`,
		`.step: want 2, got 3`,
		`.when: want 0, got 5`,
	}
	lines := strings.Split(Diff(a, b), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), strings.Join(lines, "\n"))
	}
	for i, line := range lines {
		if got := hashes.ReplaceAllString(line, "SHA-256 #..."); got != want[i] {
			t.Errorf("%s\nwant %s", got, want[i])
		}
	}
	if diff := Diff([]byte("abc"), []byte("abd")); diff != "all: want 3 bytes (SHA-256 ba7816bf...), got 3 bytes (SHA-256 a52d159f...), which part at 2" {
		t.Error(diff)
	}
	if Diff([]byte{}, []byte(nil)) == "" {
		t.Error("no bytes, and none at all, are the same")
	}
	many := make([]int, 100)
	other := make([]int, 100)
	for i := range other {
		other[i] = i + 1
	}
	if lines := strings.Split(Diff(many, other), "\n"); len(lines) != mostLines+1 || !strings.HasPrefix(lines[mostLines], "and ") {
		t.Errorf("%d lines", len(lines))
	}
}

// TestEqual: what is equal makes no noise, be it by its bytes or by what it points to.
func TestEqual(t *testing.T) {
	var secrets [][]byte
	var r recorder
	Equal(&r, secretState("a", 2, &secrets), secretState("a", 2, &secrets))
	Equal(&r, chain{index: 3}, chain{index: 3})
	Equal(&r, []byte("a"), bytes.Clone([]byte("a")))
	Equal(&r, 5, 7, cmp.Comparer(func(x, y int) bool { return x%2 == y%2 }))
	if r.said != "" {
		t.Error(r.said)
	}
	if Equal(&r, chain{index: 3}, chain{index: 4}); !strings.HasSuffix(r.said, "\n.index: want 3, got 4") {
		t.Errorf("%q", r.said)
	}
}
