package generate

import (
	"bytes"
	"fmt"

	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// setup is the receiving object before a message: the same one for many cases.
type setup struct {
	Kind   string `json:"kind"`
	Key    octets `json:"key"`
	Pickle string `json:"pickle"`
}

// negativeCase is one call with an input that is wrong, or that only a lenient implementation takes.
type negativeCase struct {
	Name        string  `json:"name"`
	Op          string  `json:"op"`
	Setup       string  `json:"setup,omitempty"`
	IdentityKey string  `json:"identity_key,omitempty"`
	Type        *int    `json:"type,omitempty"`
	Input       string  `json:"input"`
	Expect      string  `json:"expect,omitempty"`
	Strict      string  `json:"strict,omitempty"`
	Plaintext   octets  `json:"plaintext,omitzero"`
	Index       *uint32 `json:"index,omitempty"`
	Result      *uint32 `json:"result,omitempty"`
	Codes       []int   `json:"codes,omitempty"`
}

// negatives collects cases while it asks libolm.
type negatives struct {
	setups map[string]setup
	cases  []negativeCase
}

var setupKey = octets("setup key")

func (n *negatives) setup(name, kind string, o interface{ Pickle([]byte) string }) {
	n.setups[name] = setup{kind, setupKey, o.Pickle(setupKey)}
}

// outcome is what one call gives.
type outcome struct {
	plaintext octets
	index     *uint32
	result    *uint32
	err       error
}

func (n *negatives) ask(c negativeCase) (o outcome) {
	s := n.setups[c.Setup]
	switch c.Op {
	case "decrypt":
		x := must(libolm.UnpickleSession(s.Key, s.Pickle))
		defer x.Free()
		o.plaintext, o.err = x.Decrypt(*c.Type, c.Input)
	case "matches":
		x := must(libolm.UnpickleSession(s.Key, s.Pickle))
		defer x.Free()
		var yes bool
		if c.IdentityKey == "" {
			yes, o.err = x.Matches(c.Input)
		} else {
			yes, o.err = x.MatchesFrom(c.IdentityKey, c.Input)
		}
		o.result = of(truth(yes))
	case "inbound":
		a := must(libolm.UnpickleAccount(s.Key, s.Pickle))
		defer a.Free()
		var x *libolm.Session
		if c.IdentityKey == "" {
			x, o.err = libolm.NewInboundSession(a, c.Input)
		} else {
			x, o.err = libolm.NewInboundSessionFrom(a, c.IdentityKey, c.Input)
		}
		if o.err == nil {
			x.Free()
		}
	case "group_decrypt":
		x := must(libolm.UnpickleInboundGroup(s.Key, s.Pickle))
		defer x.Free()
		var index uint32
		o.plaintext, index, o.err = x.Decrypt(c.Input)
		o.index = of(index)
	case "group_init", "group_import":
		var x *libolm.InboundGroup
		if c.Op == "group_init" {
			x, o.err = libolm.NewInboundGroup(c.Input)
		} else {
			x, o.err = libolm.ImportInboundGroup(c.Input)
		}
		if o.err == nil {
			o.index = of(x.FirstKnownIndex())
			x.Free()
		}
	default:
		fail("no such call: %s", c.Op)
	}
	return o
}

// add asks libolm. The strict class is left out where it is libolm's own. Where libolm can't be asked any
// refusal is right.
func (n *negatives) add(c negativeCase) {
	o := n.ask(c)
	if o.err == libolm.ErrUnsafeForLibolm {
		c.Expect, c.Strict = refused, ""
		n.cases = append(n.cases, c)
		return
	}
	c.Expect = class(o.err)
	if o.err == nil {
		c.Plaintext, c.Index, c.Result = o.plaintext, o.index, o.result
	}
	if c.Strict == c.Expect {
		c.Strict = ""
	}
	n.cases = append(n.cases, c)
}

// sweep asks about every variant of a message and records libolm's numbers, -1 where it can't be asked.
func (n *negatives) sweep(c negativeCase, op string, variants [][]byte) {
	for _, v := range variants {
		x := c
		x.Input = b64(v)
		o := n.ask(x)
		var code libolm.Code
		switch {
		case o.err == nil:
			fail("%s: a damaged message is accepted", c.Name)
		case o.err == libolm.ErrUnsafeForLibolm:
			code = -1
		default:
			code = o.err.(libolm.Code)
		}
		c.Codes = append(c.Codes, int(code))
	}
	c.Op = op + "_" + c.Op
	n.cases = append(n.cases, c)
}

// truncations are all proper prefixes, the empty one first.
func truncations(raw []byte) (list [][]byte) {
	for i := range raw {
		list = append(list, raw[:i])
	}
	return list
}

// flips change one bit each, the lowest of the first byte first.
func flips(raw []byte) (list [][]byte) {
	for i := range 8 * len(raw) {
		c := bytes.Clone(raw)
		c[i/8] ^= 1 << (i % 8)
		list = append(list, c)
	}
	return list
}

func negativeFile() file {
	n := &negatives{setups: map[string]setup{}}
	negativeOlm(n)
	negativeMegolm(n)
	seen := map[string]bool{}
	for _, c := range n.cases {
		if seen[c.Name] {
			fail("two cases named %s", c.Name)
		}
		seen[c.Name] = true
	}
	return file{
		Description: fmt.Sprintf("Messages and keys that are refused, or that only a lenient implementation accepts: %d cases and sweeps.", len(n.cases)),
		Setups:      n.setups,
		Cases:       n.cases,
	}
}
