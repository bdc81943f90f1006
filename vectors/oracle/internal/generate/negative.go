package generate

import (
	"fmt"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// negatives collects cases while it asks libolm.
type negatives struct {
	setups map[string]vectors.Setup
	cases  []vectors.NegativeCase
}

var setupKey = vectors.Bytes("setup key")

func (n *negatives) setup(name, kind string, o interface{ Pickle([]byte) string }) {
	n.setups[name] = vectors.Setup{Kind: kind, Key: setupKey, Pickle: o.Pickle(setupKey)}
}

// outcome is what one call gives.
type outcome struct {
	plaintext vectors.Bytes
	index     *uint32
	result    *uint32
	err       error
}

func (n *negatives) ask(c vectors.NegativeCase) (o outcome) {
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
func (n *negatives) add(c vectors.NegativeCase) {
	o := n.ask(c)
	if o.err == libolm.ErrUnsafeForLibolm {
		c.Expect, c.Strict = vectors.Refused, ""
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
func (n *negatives) sweep(c vectors.NegativeCase, kind string) {
	c.Op = kind + "_" + c.Op
	op, variants := c.Sweep(unb64(c.Input))
	for _, v := range variants {
		x := c
		x.Op, x.Input = op, b64(v)
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
	n.cases = append(n.cases, c)
}

func negativeFile() file {
	n := &negatives{setups: map[string]vectors.Setup{}}
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
