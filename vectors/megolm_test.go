package vectors_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/vectors"
)

// sender and receiver are what a replay drives: package megolm, or the engine below it under libolm's
// rules.
type sender interface {
	id() string
	index() uint32
	sessionKey() string
	encrypt(plaintext []byte) (string, error)
	pickle(key []byte) string
}

type receiver interface {
	id() string
	firstKnown() uint32
	verified() bool // by anything, as libolm's flag says
	inPart() bool   // verified from a later index than the first known, of which libolm knows nothing
	decrypt(body string) ([]byte, uint32, error)
	export(index uint32) (string, error)
	pickle(key []byte) string
}

type megolmSide struct {
	newSender       func(t *testing.T, random []byte) sender
	unpickleSender  func(key []byte, pickled string) (sender, error)
	newReceiver     func(sessionKey string) (receiver, error)
	importReceiver  func(exported string) (receiver, error)
	unpickleReceive func(key []byte, pickled string) (receiver, error)
	agrees          func(err error, verdict string) bool
	libolm          bool
}

type megolmReplay struct {
	megolmSide
	*counts
	t        *testing.T
	c        *vectors.GroupTranscript
	out      map[string]sender
	in       map[string]receiver
	messages map[string]vectors.GroupStep
}

func (side megolmSide) replay(t *testing.T, c *vectors.GroupTranscript, n *counts) {
	r := &megolmReplay{megolmSide: side, counts: n, t: t, c: c,
		out: map[string]sender{}, in: map[string]receiver{}, messages: map[string]vectors.GroupStep{}}
	n.cases++
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Op == "encrypt" {
			r.messages[s.Message] = *s
		}
		if !r.ownRules(s) {
			r.step(s)
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
		// goes for the engine under libolm's rules too.
		before := out.pickle(r.c.PickleKey)
		if _, err := out.encrypt([]byte("one too many")); !r.exhausted(err) {
			t.Errorf("error is %v at the last index", err)
		}
		if out.index() != 1<<32-1 || out.pickle(r.c.PickleKey) != before {
			t.Errorf("a session that can't go on is at index %d, or has changed", out.index())
		}
	case s.Needs == vectors.NeedsWrap && r.libolm:
		return false // libolm takes the first index for one after the last, and so does the engine
	case s.Needs == vectors.NeedsWrap:
		before := in.pickle(r.c.PickleKey)
		_, _, err := in.decrypt(r.messages[s.Message].Body)
		r.unknownIndex(err, 0, in)
		if in.pickle(r.c.PickleKey) != before {
			t.Error("a message from before the first index changes the session")
		}
	case s.Needs == vectors.NeedsHalfRange && !r.libolm:
		m := r.messages[s.Message]
		plaintext, index, err := in.decrypt(m.Body)
		if err != nil || !bytes.Equal(plaintext, m.Plaintext) || index != *m.Index || !in.verified() {
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

func (r *megolmReplay) unknownIndex(err error, index uint32, in receiver) {
	var unknown *megolm.UnknownIndexError
	if !errors.As(err, &unknown) || unknown.Index != index || unknown.FirstKnown != in.firstKnown() {
		r.t.Errorf("error is %v for index %d, the first known is %d", err, index, in.firstKnown())
	}
}

func (r *megolmReplay) step(s *vectors.GroupStep) {
	t, out, in := r.t, r.out[s.Session], r.in[s.Session]
	switch s.Op {
	case "create_outbound":
		r.sender(s, r.newSender(t, s.Random), nil)
	case "unpickle_outbound":
		g, err := r.unpickleSender(s.Key, s.Pickle)
		r.sender(s, g, err)
	case "encrypt":
		r.number("index", out.index(), s.Index)
		body, err := out.encrypt(s.Plaintext)
		r.verdict(s, err)
		equal(t, "message", body, s.Body)
	case "session_key":
		r.number("index", out.index(), s.Index)
		equal(t, "session key", out.sessionKey(), s.SessionKey)
	case "pickle_outbound":
		equal(t, "pickle", out.pickle(s.Key), s.Pickle)
	case "create_inbound":
		g, err := r.newReceiver(s.SessionKey)
		r.receiver(s, g, err)
	case "import":
		g, err := r.importReceiver(s.Exported)
		r.receiver(s, g, err)
	case "reload_inbound":
		equal(t, "pickle", r.pickled(in, s.Key), s.Pickle)
		g, err := r.unpickleReceive(s.Key, s.Pickle)
		r.receiver(s, g, err)
	case "decrypt":
		plaintext, index, err := in.decrypt(r.messages[s.Message].Body)
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
		exported, err := in.export(*s.Index)
		if r.verdict(s, err); err == nil {
			equal(t, "exported key", exported, s.Exported)
		} else if !r.libolm {
			r.unknownIndex(err, *s.Index, in)
		}
	default:
		t.Fatalf("no such operation: %s", s.Op)
	}
	if out, in = r.out[s.Session], r.in[s.Session]; out != nil {
		equal(t, "state", hashed([]byte(out.pickle(r.c.PickleKey))), s.State)
	} else if in != nil {
		equal(t, "state", hashed([]byte(r.pickled(in, r.c.PickleKey))), s.State)
	} else {
		t.Error("there is no session")
	}
}

// pickled returns what libolm would write. Its flag is set after any one message; package megolm sets it if all
// that is known is verified. That is all that may differ.
func (r *megolmReplay) pickled(in receiver, key []byte) string {
	r.t.Helper()
	text := in.pickle(key)
	if !in.inPart() {
		return text
	}
	r.special++
	sealed := []byte(text)
	raw, code := envelope.Open(bytes.Clone(sealed), key)
	if code != errcode.OK || raw[len(raw)-1] != 0 {
		r.t.Errorf("a session that is verified in part is stored as verified: %x, code %d", raw, code)
		return text
	}
	raw[len(raw)-1] = 1
	copy(envelope.Contents(sealed, len(raw)), raw)
	envelope.Seal(sealed, key, len(raw))
	return string(sealed)
}

func (r *megolmReplay) sender(s *vectors.GroupStep, g sender, err error) {
	if r.verdict(s, err); err == nil {
		r.out[s.Session] = g
		equal(r.t, "session id", g.id(), s.SessionID)
		equal(r.t, "session key", g.sessionKey(), s.SessionKey)
		r.number("index", g.index(), s.Index)
	}
}

func (r *megolmReplay) receiver(s *vectors.GroupStep, g receiver, err error) {
	if r.verdict(s, err); err == nil {
		r.in[s.Session] = g
		equal(r.t, "session id", g.id(), s.SessionID)
		r.number("first known index", g.firstKnown(), s.Index)
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

func (r *megolmReplay) isVerified(s *vectors.GroupStep, g receiver) {
	r.t.Helper()
	if s.Verified != nil && g.verified() != *s.Verified {
		r.t.Errorf("verified is %v", g.verified())
	}
}

// TestMegolm replays every case on the engine under libolm's rules, and on package megolm.
func TestMegolm(t *testing.T) {
	var engine, api counts
	cases := vectors.Megolm()
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			engineMegolm.replay(t, c, &engine)
			goMegolm.replay(t, c, &api)
		})
	}
	engine.check(t, 16, 391, 3)
	api.check(t, 16, 391, 13)
}

// Package megolm.

var goMegolm = megolmSide{
	newSender: func(t *testing.T, random []byte) (g sender) {
		feed(t, random, func() { g = goSender{megolm.NewOutboundSession()} })
		return g
	},
	unpickleSender: func(key []byte, pickled string) (sender, error) {
		g, err := megolm.UnpickleOutboundSession(key, []byte(pickled))
		if err == nil {
			err = g.Check()
		}
		return goSender{g}, err
	},
	newReceiver: func(sessionKey string) (receiver, error) {
		g, err := newGroup(sessionKey)
		return goReceiver{g}, err
	},
	importReceiver: func(exported string) (receiver, error) {
		g, err := importGroup(exported)
		return goReceiver{g}, err
	},
	unpickleReceive: func(key []byte, pickled string) (receiver, error) {
		g, err := megolm.UnpickleInboundSession(key, []byte(pickled))
		return goReceiver{g}, err
	},
	agrees: agrees,
}

func newGroup(sessionKey string) (*megolm.InboundSession, error) {
	k, err := megolm.ParseSessionKey(sessionKey)
	if err != nil {
		return nil, err
	}
	return megolm.NewInboundSession(k)
}

func importGroup(exported string) (*megolm.InboundSession, error) {
	k, err := megolm.ParseExportedKey(exported)
	if err != nil {
		return nil, err
	}
	return megolm.ImportSession(k)
}

type goSender struct{ g *megolm.OutboundSession }

func (g goSender) id() string               { return g.g.ID() }
func (g goSender) index() uint32            { return g.g.Index() }
func (g goSender) pickle(key []byte) string { return string(must(g.g.Pickle(key))) }

func (g goSender) sessionKey() string {
	k := must(g.g.SessionKey())
	return must(k.Base64())
}

func (g goSender) encrypt(plaintext []byte) (string, error) {
	m, err := g.g.Encrypt(plaintext)
	return m.String(), err
}

type goReceiver struct{ g *megolm.InboundSession }

func (g goReceiver) id() string               { return g.g.ID() }
func (g goReceiver) firstKnown() uint32       { return g.g.FirstKnownIndex() }
func (g goReceiver) inPart() bool             { return g.verified() && !g.g.Verified() }
func (g goReceiver) pickle(key []byte) string { return string(must(g.g.Pickle(key))) }

func (g goReceiver) verified() bool {
	_, ok := g.g.VerifiedFrom()
	return ok
}

func (g goReceiver) decrypt(body string) ([]byte, uint32, error) {
	var m megolm.Message
	if err := m.UnmarshalText([]byte(body)); err != nil {
		return nil, 0, textError{err}
	}
	return g.g.Decrypt(m)
}

func (g goReceiver) export(index uint32) (string, error) {
	k, err := g.g.Export(index)
	if err != nil {
		return "", err
	}
	return k.Base64()
}

// The engine.

var engineMegolm = megolmSide{
	newSender: func(_ *testing.T, random []byte) sender {
		g := new(engineSender)
		g.g.Start(random)
		return g
	},
	unpickleSender: func(key []byte, pickled string) (sender, error) {
		g := new(engineSender)
		return g, g.unpickle(key, pickled)
	},
	newReceiver: func(sessionKey string) (receiver, error) {
		g := new(engineReceiver)
		raw, err := decode64(sessionKey)
		if err == nil {
			err = toError(g.g.Start(raw))
		}
		return g, err
	},
	importReceiver: func(exported string) (receiver, error) {
		g := new(engineReceiver)
		raw, err := decode64(exported)
		if err == nil {
			err = toError(g.g.Import(raw, wire.Lenient))
		}
		return g, err
	},
	unpickleReceive: func(key []byte, pickled string) (receiver, error) {
		g := new(engineReceiver)
		return g, g.unpickle(key, pickled)
	},
	agrees: engineAgrees,
	libolm: true,
}

type engineSender struct{ g protocol.OutboundGroup }

func (g *engineSender) id() string    { return encode64(g.g.Public()[:]) }
func (g *engineSender) index() uint32 { return g.g.Index() }

func (g *engineSender) sessionKey() string {
	out := make([]byte, protocol.SessionKeyLen)
	g.g.SessionKey(out)
	return encode64(out)
}

func (g *engineSender) encrypt(plaintext []byte) (string, error) {
	out := make([]byte, g.g.MessageLen(len(plaintext)))
	code := g.g.Encrypt(out, plaintext)
	return encode64(out), toError(code)
}

func (g *engineSender) pickle(key []byte) string {
	out := make([]byte, protocol.OutboundPickleLen)
	g.g.Pickle(out, key)
	return string(out)
}

func (g *engineSender) unpickle(key []byte, pickled string) error {
	return openPickle(key, pickled, func(raw []byte) errcode.Code { return g.g.Unpickle(raw, wire.Lenient) })
}

type engineReceiver struct{ g protocol.InboundGroup }

func (g *engineReceiver) id() string         { return encode64(g.g.Public()[:]) }
func (g *engineReceiver) firstKnown() uint32 { return g.g.FirstKnownIndex() }
func (g *engineReceiver) inPart() bool       { return false } // under Lenient

func (g *engineReceiver) verified() bool {
	_, ok := g.g.VerifiedFrom() // libolm's flag
	return ok
}

func (g *engineReceiver) decrypt(body string) ([]byte, uint32, error) {
	raw, err := decode64(body)
	if err != nil {
		return nil, 0, err
	}
	var m wire.GroupMessage
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return nil, 0, toError(code)
	}
	out := make([]byte, len(m.Ciphertext))
	n, code := g.g.Decrypt(out, &m, wire.Lenient)
	if code != errcode.OK {
		return nil, m.Index, toError(code)
	}
	return out[:n], m.Index, nil
}

func (g *engineReceiver) export(index uint32) (string, error) {
	out := make([]byte, protocol.ExportLen)
	code := g.g.Export(out, index, wire.Lenient)
	return encode64(out), toError(code)
}

func (g *engineReceiver) pickle(key []byte) string {
	out := make([]byte, protocol.InboundPickleLen)
	g.g.Pickle(out, key, wire.Lenient)
	return string(out)
}

func (g *engineReceiver) unpickle(key []byte, pickled string) error {
	return openPickle(key, pickled, func(raw []byte) errcode.Code { return g.g.Unpickle(raw, wire.Lenient) })
}
