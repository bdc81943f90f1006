package vectors_test

import (
	"bytes"
	"errors"
	"regexp"
	"testing"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

// outcome is what a call yields.
type outcome struct {
	plaintext []byte
	index     uint32
	result    bool
	err       error
}

// call makes the call of a negative case on a fresh object. It returns the object's pickles before and after it too,
// if there is an object.
func (r tested) call(t *testing.T, op string, c *vectors.NegativeCase, setup vectors.Setup, input string) (o outcome, before, after string) {
	t.Helper()
	var object side.Object
	if c.Setup != "" {
		var err error
		if object, _, err = r.unpickle(setup.Kind, setup.Key, setup.Pickle); err != nil {
			t.Fatal(err)
		}
		before = object.Pickle(setup.Key)
	}
	switch op {
	case "decrypt":
		o.plaintext, o.err = object.(side.Session).Decrypt(*c.Type, input)
	case "matches":
		o.result, o.err = object.(side.Session).Matches(c.IdentityKey, input)
	case "inbound":
		_, o.err = object.(side.Account).Inbound(c.IdentityKey, input)
	case "group_decrypt":
		o.plaintext, o.index, o.err = object.(side.Receiver).Decrypt(input)
	case "group_init", "group_import":
		start := r.NewReceiver
		if op == "group_import" {
			start = r.ImportReceiver
		}
		var g side.Receiver
		if g, o.err = start(input); o.err == nil {
			o.index = g.FirstKnown()
		}
	default:
		t.Fatalf("no such operation: %s", op)
	}
	if object != nil {
		after = object.Pickle(setup.Key)
	}
	return o, before, after
}

// compare checks an outcome with verdict, and its outputs if all is well.
func (r tested) compare(t *testing.T, o outcome, c *vectors.NegativeCase, verdict string) {
	t.Helper()
	if !r.agrees(o.err, verdict) {
		t.Errorf("error is %v, want %s", o.err, verdict)
	}
	if o.err != nil {
		if o.plaintext != nil || o.result {
			t.Errorf("a call that fails yields %x, %v", o.plaintext, o.result)
		}
		return
	}
	if !bytes.Equal(o.plaintext, c.Plaintext) {
		t.Errorf("plaintext is %x, want %x", o.plaintext, []byte(c.Plaintext))
	}
	if c.Index != nil && o.index != *c.Index {
		t.Errorf("index is %d, want %d", o.index, *c.Index)
	}
	if c.Result != nil && o.result != (*c.Result == 1) {
		t.Errorf("result is %v", o.result)
	}
}

// tolerated are cases in which libolm takes what package cabi refuses: secrets that everybody knows, padding that is
// not checked in full, signatures that could be changed or sign anything.
var tolerated = regexp.MustCompile(`^(inbound_(base_key|identity)_(zero|one|order_8_[ab]|p_minus_1|p|p_plus_1)|` +
	`(decrypt_normal|group)_padding_(0|17|32|uneven)|group_signature_s_plus_l|group_init_neutral_public_key)$`)

// TestNegative makes every call on both sides. Package cabi gives libolm's answers, and libolm's numbers for every
// input of a sweep.
func TestNegative(t *testing.T) {
	eachSide(t, func(t *testing.T, r tested) {
		var n counts
		cases, setups := vectors.Negative()
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				n.cases++
				setup := setups[c.Setup]
				if c.Codes != nil {
					r.sweep(t, &c, setup, &n)
					return
				}
				n.steps++
				want, special := c.Strictly(), c.Strict != ""
				if r.libolm {
					if special = tolerated.MatchString(c.Name); !special {
						want = c.Expect
					} else if want = c.Strict; want == "" || want == vectors.OK {
						t.Errorf("a strict implementation takes this too")
					}
				}
				if special {
					n.special++
				}
				o, before, after := r.call(t, c.Op, &c, setup, c.Input)
				r.compare(t, o, &c, want)
				if o.err != nil && before != after {
					t.Error("a call that fails changes the object")
				}
				if c.Op == "inbound" && !r.libolm {
					accept(t, &c, setup, o.err)
				}
			})
		}
		if r.libolm {
			n.check(t, 276, 2186, 23)
		} else {
			n.check(t, 276, 2186, 123)
		}
	})
}

// sweep checks that every input is refused, and without a trace.
func (r tested) sweep(t *testing.T, c *vectors.NegativeCase, setup vectors.Setup, n *counts) {
	op, inputs := c.Sweep(must(raw64.DecodeString(c.Input)))
	if len(inputs) != len(c.Codes) || len(inputs) == 0 {
		t.Fatalf("%d inputs, %d codes", len(inputs), len(c.Codes))
	}
	if o, _, _ := r.call(t, op, c, setup, c.Input); o.err != nil { // else the others would say nothing
		t.Fatalf("error is %v for the input as it is", o.err)
	}
	for i, input := range inputs {
		n.steps++
		o, before, after := r.call(t, op, c, setup, encode64(input))
		if !r.agrees(o.err, vectors.Refused) || o.plaintext != nil || before != after {
			t.Errorf("input %d: plaintext %x, error %v, state unchanged: %v", i, o.plaintext, o.err, before == after)
		}
		if code, ok := o.err.(side.Code); r.libolm && (!ok || c.Codes[i] >= 0 && int(code) != c.Codes[i]) {
			t.Errorf("input %d: error is %v, want code %d", i, o.err, c.Codes[i])
		}
	}
}

// accept has package olm take the message of an inbound case in one call. It fails if creating the session alone does,
// and the same way; it may fail where that doesn't; and then the account is what it was.
func accept(t *testing.T, c *vectors.NegativeCase, setup vectors.Setup, created error) {
	var m olm.Message
	if m.Body.UnmarshalText([]byte(c.Input)) != nil {
		return
	}
	a, err := olm.UnpickleAccount(setup.Key, []byte(setup.Pickle))
	if err != nil {
		t.Fatal(err)
	}
	before := must(a.Pickle(setup.Key))
	var from keys.Curve25519 // no text, since nothing says that the one in the message is canonical
	if p, err := olm.ParsePreKeyMessage(m.Body); err == nil {
		from = p.IdentityKey()
	}
	if c.IdentityKey != "" {
		if from, err = keys.ParseCurve25519(c.IdentityKey); err != nil {
			return
		}
	}
	s, plaintext, err := a.Accept(from, m)
	after := must(a.Pickle(setup.Key))
	if err == nil {
		if created != nil || string(plaintext) != "the first message" || bytes.Equal(before, after) || s == nil {
			t.Errorf("accepted, with plaintext %q, though creating the session fails: %v", plaintext, created)
		}
		return
	}
	if created != nil && !errors.Is(err, created) || s != nil || plaintext != nil || !bytes.Equal(before, after) {
		t.Errorf("error is %v when accepting, %v when creating; session %v, plaintext %q; account unchanged: %v",
			err, created, s, plaintext, bytes.Equal(before, after))
	}
}
