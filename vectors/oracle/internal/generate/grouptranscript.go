package generate

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

type groupTranscript struct {
	vectors.GroupTranscript

	rand     *vectors.Stream
	out      map[string]*libolm.OutboundGroup
	in       map[string]*libolm.InboundGroup
	messages map[string]groupMessage
	made     int
	differs  map[string]string
}

type groupMessage struct {
	body      string
	plaintext vectors.Bytes
}

func newGroupTranscript(name, note string) *groupTranscript {
	r := newStream("megolm " + name)
	return &groupTranscript{
		GroupTranscript: vectors.GroupTranscript{Name: name, Note: note, Label: r.Label(), PickleKey: vectors.Bytes("state of " + name)}, rand: r,
		out: map[string]*libolm.OutboundGroup{}, in: map[string]*libolm.InboundGroup{},
		messages: map[string]groupMessage{}, differs: map[string]string{},
	}
}

func (t *groupTranscript) close() *groupTranscript {
	for _, g := range t.out {
		g.Free()
	}
	for _, g := range t.in {
		g.Free()
	}
	return t
}

func (t *groupTranscript) add(s vectors.GroupStep) {
	if s.Needs == "" {
		s.Needs = t.differs[s.Session]
	}
	if s.Needs != "" && !slices.Contains(t.Needs, s.Needs) {
		t.Needs = append(t.Needs, s.Needs)
	}
	t.Steps = append(t.Steps, s)
}

func (t *groupTranscript) outState(s string) string { return stateOf(t.out[s].Pickle(t.PickleKey)) }
func (t *groupTranscript) inState(s string) string  { return stateOf(t.in[s].Pickle(t.PickleKey)) }

// ---- outbound ----

func (t *groupTranscript) createOutbound(session string) vectors.Bytes {
	r := t.rand.Bytes(160)
	t.out[session] = must(libolm.NewOutboundGroup(r))
	t.addOutbound(vectors.GroupStep{Op: "create_outbound", Session: session, Random: r})
	return r
}

// unpickleOutbound starts from a pickle that was written here, or crafted.
func (t *groupTranscript) unpickleOutbound(session string, key vectors.Bytes, pickle string) {
	g := must(libolm.UnpickleOutboundGroup(key, pickle))
	if old := t.out[session]; old != nil {
		old.Free()
	}
	t.out[session] = g
	t.addOutbound(vectors.GroupStep{Op: "unpickle_outbound", Session: session, Key: key, Pickle: pickle})
}

func (t *groupTranscript) addOutbound(s vectors.GroupStep) {
	g := t.out[s.Session]
	s.Expect, s.SessionID, s.Index, s.SessionKey, s.State = "OK", g.ID(), of(g.Index()), g.Key(), t.outState(s.Session)
	t.add(s)
}

func (t *groupTranscript) encrypt(session string, plaintext vectors.Bytes) string {
	g := t.out[session]
	t.made++
	name := fmt.Sprintf("m%d", t.made)
	index := g.Index()
	if index == 1<<32-1 {
		t.differs[session] = vectors.NeedsWrap
	}
	body := must(g.Encrypt(plaintext))
	t.messages[name] = groupMessage{body, plaintext}
	t.add(vectors.GroupStep{Op: "encrypt", Session: session, Message: name, Plaintext: plaintext, Index: of(index), Body: body, State: t.outState(session)})
	return name
}

func (t *groupTranscript) sessionKey(session string) string {
	g := t.out[session]
	t.add(vectors.GroupStep{Op: "session_key", Session: session, Index: of(g.Index()), SessionKey: g.Key()})
	return g.Key()
}

func (t *groupTranscript) pickleOutbound(session string, key vectors.Bytes) string {
	p := t.out[session].Pickle(key)
	t.add(vectors.GroupStep{Op: "pickle_outbound", Session: session, Key: key, Pickle: p})
	return p
}

// ---- inbound ----

func (t *groupTranscript) createInbound(session, sessionKey string) {
	t.in[session] = must(libolm.NewInboundGroup(sessionKey))
	t.addInbound(vectors.GroupStep{Op: "create_inbound", Session: session, SessionKey: sessionKey})
}

func (t *groupTranscript) importInbound(session, exported string) {
	t.in[session] = must(libolm.ImportInboundGroup(exported))
	t.addInbound(vectors.GroupStep{Op: "import", Session: session, Exported: exported})
}

func (t *groupTranscript) reloadInbound(session string, key vectors.Bytes) {
	old := t.in[session]
	p := old.Pickle(key)
	t.in[session] = must(libolm.UnpickleInboundGroup(key, p))
	old.Free()
	t.addInbound(vectors.GroupStep{Op: "reload_inbound", Session: session, Key: key, Pickle: p})
}

func (t *groupTranscript) addInbound(s vectors.GroupStep) {
	g := t.in[s.Session]
	s.Expect, s.SessionID, s.Index, s.Verified, s.State = "OK", g.ID(), of(g.FirstKnownIndex()), of(g.IsVerified()), t.inState(s.Session)
	t.add(s)
}

func (t *groupTranscript) decrypt(session, msg string) { t.decryptAs(session, msg, "") }

func (t *groupTranscript) decryptAs(session, msg, needs string) {
	g, m := t.in[session], t.messages[msg]
	plaintext, index, err := g.Decrypt(m.body)
	s := vectors.GroupStep{Op: "decrypt", Session: session, Message: msg, Needs: needs, Expect: class(err), Index: of(index), Verified: of(g.IsVerified()), State: t.inState(session)}
	if err == nil {
		if !bytes.Equal(plaintext, m.plaintext) {
			fail("%s: %s decrypts to something else", t.Name, msg)
		}
		s.Plaintext = plaintext
	}
	t.add(s)
}

// export gives the exported text, or none if libolm refuses. libolm moves the session's cached ratchet
// when the index is later than that; the state is recorded and marked as libolm's own matter.
func (t *groupTranscript) export(session string, index uint32) string {
	g := t.in[session]
	before := t.inState(session)
	exported, err := g.Export(index)
	if t.inState(session) != before {
		t.differs[session] = vectors.NeedsExportAdvance
	}
	t.add(vectors.GroupStep{Op: "export", Session: session, Index: of(index), Expect: class(err), Exported: exported, State: t.inState(session)})
	return exported
}
