package vectors_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

type megolmReplay struct {
	tested
	*counts
	t        *testing.T
	c        *vectors.GroupTranscript
	out      map[string]side.Sender
	in       map[string]side.Receiver
	messages map[string]vectors.GroupStep
}

func (r tested) replayGroup(t *testing.T, c *vectors.GroupTranscript, n *counts) {
	x := &megolmReplay{tested: r, counts: n, t: t, c: c,
		out: map[string]side.Sender{}, in: map[string]side.Receiver{}, messages: map[string]vectors.GroupStep{}}
	n.cases++
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Op == "encrypt" {
			x.messages[s.Message] = *s
		}
		if !x.ownRules(s) {
			x.step(s)
		}
		if t.Failed() {
			t.Fatalf("at step %d: %s", i, s.Op)
		}
		n.steps++
	}
}

// ownRules replays the steps whose outcome is libolm's alone.
func (r *megolmReplay) ownRules(s *vectors.GroupStep) bool {
	t, out, in := r.t, r.out[s.Session], r.in[s.Session]
	switch {
	case s.Needs == vectors.NeedsWrap && out != nil:
		// The last index is never used for sending: what comes after it would be the first again. That
		// goes for package cabi too.
		before := out.Pickle(r.c.PickleKey)
		if _, err := out.Encrypt([]byte("one too many")); !r.exhausted(err) {
			t.Errorf("error is %v at the last index", err)
		}
		if out.Index() != 1<<32-1 || out.Pickle(r.c.PickleKey) != before {
			t.Errorf("a session that can't go on is at index %d, or has changed", out.Index())
		}
	case s.Needs == vectors.NeedsWrap && r.libolm:
		return false // libolm takes the first index for one after the last, and so does package cabi
	case s.Needs == vectors.NeedsWrap:
		before := in.Pickle(r.c.PickleKey)
		_, _, err := in.Decrypt(r.messages[s.Message].Body)
		r.unknownIndex(err, 0, in)
		if in.Pickle(r.c.PickleKey) != before {
			t.Error("a message from before the first index changes the session")
		}
	case s.Needs == vectors.NeedsHalfRange && !r.libolm:
		m := r.messages[s.Message]
		plaintext, index, err := in.Decrypt(m.Body)
		if err != nil || !bytes.Equal(plaintext, m.Plaintext) || index != *m.Index || !in.Verified() {
			t.Errorf("decrypts to %x, index %d, error %v", plaintext, index, err)
		}
	default:
		return false
	}
	r.special++
	return true
}

func (r *megolmReplay) exhausted(err error) bool {
	if r.libolm {
		return err != nil
	}
	return errors.Is(err, megolm.ErrExhausted)
}

func (r *megolmReplay) unknownIndex(err error, index uint32, in side.Receiver) {
	var unknown *megolm.UnknownIndexError
	if !errors.As(err, &unknown) || unknown.Index != index || unknown.FirstKnown != in.FirstKnown() {
		r.t.Errorf("error is %v for index %d, the first known is %d", err, index, in.FirstKnown())
	}
}

func (r *megolmReplay) step(s *vectors.GroupStep) {
	t, out, in := r.t, r.out[s.Session], r.in[s.Session]
	switch s.Op {
	case "create_outbound":
		var g side.Sender
		err := given(t, s.Random, func(random io.Reader) error {
			g = r.NewSender(random)
			return nil
		})
		r.sender(s, g, err)
	case "unpickle_outbound":
		g, err := r.UnpickleSender(s.Key, s.Pickle)
		r.sender(s, g, err)
	case "encrypt":
		r.number("index", out.Index(), s.Index)
		body, err := out.Encrypt(s.Plaintext)
		r.verdict(s, err)
		equal(t, "message", body, s.Body)
	case "session_key":
		r.number("index", out.Index(), s.Index)
		equal(t, "session key", out.SessionKey(), s.SessionKey)
	case "pickle_outbound":
		equal(t, "pickle", out.Pickle(s.Key), s.Pickle)
	case "create_inbound":
		g, err := r.NewReceiver(s.SessionKey)
		r.receiver(s, g, err)
	case "import":
		g, err := r.ImportReceiver(s.Exported)
		r.receiver(s, g, err)
	case "reload_inbound":
		equal(t, "pickle", r.pickled(in, s.Key), s.Pickle)
		g, err := r.UnpickleReceiver(s.Key, s.Pickle)
		r.receiver(s, g, err)
	case "decrypt":
		plaintext, index, err := in.Decrypt(r.messages[s.Message].Body)
		r.verdict(s, err)
		if !bytes.Equal(plaintext, s.Plaintext) || s.Expect == vectors.OK && s.Plaintext == nil {
			t.Errorf("plaintext is %x, want %x", plaintext, []byte(s.Plaintext))
		}
		if r.isVerified(s, in); err == nil {
			r.number("index", index, s.Index)
		} else if !r.libolm && s.Expect == "UNKNOWN_MESSAGE_INDEX" {
			r.unknownIndex(err, *s.Index, in)
		}
	case "export":
		exported, err := in.Export(*s.Index)
		if r.verdict(s, err); err == nil {
			equal(t, "exported key", exported, s.Exported)
		} else if !r.libolm {
			r.unknownIndex(err, *s.Index, in)
		}
	default:
		t.Fatalf("no such operation: %s", s.Op)
	}
	if out, in = r.out[s.Session], r.in[s.Session]; out != nil {
		equal(t, "state", hashed(out.Pickle(r.c.PickleKey)), s.State)
	} else if in != nil {
		equal(t, "state", hashed(r.pickled(in, r.c.PickleKey)), s.State)
	} else {
		t.Error("there is no session")
	}
}

// pickled returns what libolm would write.
func (r *megolmReplay) pickled(in side.Receiver, key []byte) string {
	r.t.Helper()
	text, differs, err := side.LibolmPickle(in, key)
	if err != nil {
		r.t.Error(err)
	}
	if differs {
		r.special++
	}
	return text
}

func (r *megolmReplay) sender(s *vectors.GroupStep, g side.Sender, err error) {
	if r.verdict(s, err); err == nil {
		r.out[s.Session] = g
		equal(r.t, "session id", g.ID(), s.SessionID)
		equal(r.t, "session key", g.SessionKey(), s.SessionKey)
		r.number("index", g.Index(), s.Index)
	}
}

func (r *megolmReplay) receiver(s *vectors.GroupStep, g side.Receiver, err error) {
	if r.verdict(s, err); err == nil {
		r.in[s.Session] = g
		equal(r.t, "session id", g.ID(), s.SessionID)
		r.number("first known index", g.FirstKnown(), s.Index)
		r.isVerified(s, g)
	}
}

func (r *megolmReplay) verdict(s *vectors.GroupStep, err error) {
	r.t.Helper()
	if !r.agrees(err, s.Expect) {
		r.t.Errorf("error is %v, want %s", err, s.Expect)
	}
}

func (r *megolmReplay) number(what string, got uint32, want *uint32) {
	r.t.Helper()
	if want != nil && got != *want {
		r.t.Errorf("%s is %d, want %d", what, got, *want)
	}
}

func (r *megolmReplay) isVerified(s *vectors.GroupStep, g side.Receiver) {
	r.t.Helper()
	if s.Verified != nil && g.Verified() != *s.Verified {
		r.t.Errorf("verified is %v", g.Verified())
	}
}

// TestMegolm replays every case on both sides.
func TestMegolm(t *testing.T) {
	var lenient, api counts
	cases := vectors.Megolm()
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			libolm.replayGroup(t, c, &lenient)
			strict.replayGroup(t, c, &api)
		})
	}
	lenient.check(t, 16, 391, 3)
	api.check(t, 16, 391, 13)
}
