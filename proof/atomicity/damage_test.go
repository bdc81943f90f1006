// Package atomicity shows that input which is refused changes nothing: every bit of every message, key
// and pickle is flipped, every one of them is cut to every length, and what it was meant for is compared
// before and after, bit for bit.
package atomicity_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A subject is one honest input and those who get it, damaged, in its place.
type subject struct {
	name   string
	honest []byte
	// owners are pointers to the objects that must not change.
	owners []any
	// try gives a damaged input to the owners, and returns why it was refused.
	try func(damaged []byte) error
	// works wants the honest input to do, after all attempts, what it was meant for.
	works func(t *testing.T)
	// unauthenticated input is not covered by any MAC or signature, so that it may be taken: no more than
	// that it changes no owner can be asked.
	unauthenticated bool
	// stateless owners are not changed by honest input either.
	stateless bool
}

// damaged yields b with each single bit flipped, cut to every length, and with a byte more. Short runs
// take every seventh, which meets each bit of a byte.
func damaged(b []byte) iter.Seq2[string, []byte] {
	step := 1
	if short() {
		step = 7
	}
	return func(yield func(string, []byte) bool) {
		for i := 0; i < 8*len(b); i += step {
			bad := bytes.Clone(b)
			bad[i/8] ^= 1 << (i % 8)
			if !yield(fmt.Sprintf("bit %d flipped", i), bad) {
				return
			}
		}
		for n := 0; n < len(b); n += step {
			if !yield(fmt.Sprintf("cut to %d bytes", n), bytes.Clone(b[:n])) {
				return
			}
		}
		for _, more := range []byte{0, 3, 'A', 0xff} {
			if !yield(fmt.Sprintf("%#x appended", more), append(bytes.Clone(b), more)) {
				return
			}
		}
	}
}

func states(objects []any) string {
	var b strings.Builder
	for _, o := range objects {
		state := stateOf(o)
		fmt.Fprintf(&b, "%d:%s", len(state), state)
	}
	return b.String()
}

// sweep damages the honest input of s in every way. It returns how many damaged inputs there were, how
// many of them changed nothing, and what is wrong with the others.
func (s *subject) sweep() (tried, unchanged int, wrong []string) {
	before := states(s.owners)
	for what, bad := range damaged(s.honest) {
		tried++
		input := bytes.Clone(bad)
		err := s.try(bad)
		now := states(s.owners)
		switch {
		case err == nil && !s.unauthenticated:
			wrong = append(wrong, what+": accepted")
		case !bytes.Equal(input, bad):
			wrong = append(wrong, what+": the input was written to")
		case now != before:
			wrong = append(wrong, what+": the state has changed")
		default:
			unchanged++
		}
		before = now
	}
	return tried, unchanged, wrong
}

// TestDamagedInputChangesNothing is the whole sweep.
func TestDamagedInputChangesNothing(t *testing.T) {
	tried, unchanged := 0, 0
	for _, family := range []func(t *testing.T) []subject{olmMessages, olmAccepts, megolmMessages, megolmKeys, ratchetBoxes, sasTexts, pkMessages, signatures, allPickles, throughC} {
		for _, s := range family(t) {
			t.Run(s.name, func(t *testing.T) {
				before := states(s.owners)
				n, ok, wrong := s.sweep()
				tried += n
				unchanged += ok
				if len(wrong) > 0 {
					t.Fatalf("%d of %d: %q", len(wrong), n, wrong[:min(len(wrong), 5)])
				}
				s.works(t)
				if moved := before != states(s.owners); moved == s.stateless {
					t.Errorf("the honest input moves a state: %v; or the comparison is blind", moved)
				}
			})
		}
	}
	t.Logf("atomicity: %d of %d damaged inputs changed nothing", unchanged, tried)
	if unchanged != tried {
		t.Fail()
	}
}

// TestSweepCanFail: what damaged input moves, what takes it, and what writes to it is found out.
func TestSweepCanFail(t *testing.T) {
	type owner struct{ moves [2]byte }
	refusal := errors.New("refused")
	for name, c := range map[string]struct {
		wrong int
		try   func(o *owner, b []byte) error
	}{
		"sound": {0, func(*owner, []byte) error { return refusal }},
		"one moves": {1, func(o *owner, b []byte) error {
			if len(b) == 0 {
				o.moves[1]++
			}
			return refusal
		}},
		"one passes": {1, func(_ *owner, b []byte) error {
			if len(b) == 0 {
				return nil
			}
			return refusal
		}},
		"all write": {-1, func(_ *owner, b []byte) error { clear(b); return refusal }},
	} {
		o := new(owner)
		s := subject{honest: []byte("text"), owners: []any{o}, try: func(b []byte) error { return c.try(o, b) }}
		tried, unchanged, wrong := s.sweep()
		if c.wrong < 0 {
			c.wrong = tried - 1 // the empty input can't be written to
		}
		if len(wrong) != c.wrong || unchanged != tried-c.wrong {
			t.Errorf("%s: %d of %d unchanged, %q", name, unchanged, tried, wrong)
		}
	}
	if short() {
		return
	}
	flips, cuts := map[string]bool{}, map[int]bool{}
	for what, bad := range damaged(make([]byte, 4)) {
		if strings.HasPrefix(what, "bit") {
			flips[string(bad)] = true
		} else {
			cuts[len(bad)] = true
		}
	}
	require.Len(t, flips, 32)
	require.Equal(t, map[int]bool{0: true, 1: true, 2: true, 3: true, 5: true}, cuts)
}

func text64(b []byte) []byte { return []byte(base64.RawStdEncoding.EncodeToString(b)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
