package generate

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// What a Megolm implementation may do differently without being wrong (see vectors/README.md).
const (
	needsWrap      = "libolm-wrap"
	needsHalfRange = "libolm-half-range"
	needsExport    = "libolm-export-advances"
)

// groupStep is one call with its inputs and outputs. Session is the name of an outbound or an inbound session;
// no name is used for both.
type groupStep struct {
	Op         string  `json:"op"`
	Session    string  `json:"session"`
	Message    string  `json:"message,omitempty"`
	Needs      string  `json:"needs,omitempty"`
	Random     octets  `json:"random,omitzero"`
	SessionKey string  `json:"session_key,omitempty"`
	Exported   string  `json:"exported,omitempty"`
	Key        octets  `json:"key,omitzero"`
	Pickle     string  `json:"pickle,omitempty"`
	Expect     string  `json:"expect,omitempty"`
	Index      *uint32 `json:"index,omitempty"`
	Plaintext  octets  `json:"plaintext,omitzero"`
	Body       string  `json:"body,omitempty"`
	SessionID  string  `json:"session_id,omitempty"`
	Verified   *bool   `json:"verified,omitempty"`
	State      string  `json:"state,omitempty"`
}

type groupTranscript struct {
	Name      string      `json:"name"`
	Note      string      `json:"note"`
	Label     string      `json:"label"`
	Needs     []string    `json:"needs,omitempty"`
	PickleKey octets      `json:"pickle_key"`
	Steps     []groupStep `json:"steps"`

	rand     *stream
	out      map[string]*libolm.OutboundGroup
	in       map[string]*libolm.InboundGroup
	messages map[string]groupMessage
	made     int
	differs  map[string]string
}

type groupMessage struct {
	body      string
	plaintext octets
}

func newGroupTranscript(name, note string) *groupTranscript {
	r := newStream("megolm " + name)
	return &groupTranscript{
		Name: name, Note: note, Label: r.label, PickleKey: octets("state of " + name), rand: r,
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

func (t *groupTranscript) add(s groupStep) {
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

func (t *groupTranscript) createOutbound(session string) octets {
	r := t.rand.bytes(160)
	t.out[session] = must(libolm.NewOutboundGroup(r))
	t.addOutbound(groupStep{Op: "create_outbound", Session: session, Random: r})
	return r
}

// unpickleOutbound starts from a pickle that was written here, or crafted.
func (t *groupTranscript) unpickleOutbound(session string, key octets, pickle string) {
	g := must(libolm.UnpickleOutboundGroup(key, pickle))
	if old := t.out[session]; old != nil {
		old.Free()
	}
	t.out[session] = g
	t.addOutbound(groupStep{Op: "unpickle_outbound", Session: session, Key: key, Pickle: pickle})
}

func (t *groupTranscript) addOutbound(s groupStep) {
	g := t.out[s.Session]
	s.Expect, s.SessionID, s.Index, s.SessionKey, s.State = "OK", g.ID(), of(g.Index()), g.Key(), t.outState(s.Session)
	t.add(s)
}

func (t *groupTranscript) encrypt(session string, plaintext octets) string {
	g := t.out[session]
	t.made++
	name := fmt.Sprintf("m%d", t.made)
	index := g.Index()
	if index == 1<<32-1 {
		t.differs[session] = needsWrap
	}
	body := must(g.Encrypt(plaintext))
	t.messages[name] = groupMessage{body, plaintext}
	t.add(groupStep{Op: "encrypt", Session: session, Message: name, Plaintext: plaintext, Index: of(index), Body: body, State: t.outState(session)})
	return name
}

func (t *groupTranscript) sessionKey(session string) string {
	g := t.out[session]
	t.add(groupStep{Op: "session_key", Session: session, Index: of(g.Index()), SessionKey: g.Key()})
	return g.Key()
}

func (t *groupTranscript) pickleOutbound(session string, key octets) string {
	p := t.out[session].Pickle(key)
	t.add(groupStep{Op: "pickle_outbound", Session: session, Key: key, Pickle: p})
	return p
}

// ---- inbound ----

func (t *groupTranscript) createInbound(session, sessionKey string) {
	t.in[session] = must(libolm.NewInboundGroup(sessionKey))
	t.addInbound(groupStep{Op: "create_inbound", Session: session, SessionKey: sessionKey})
}

func (t *groupTranscript) importInbound(session, exported string) {
	t.in[session] = must(libolm.ImportInboundGroup(exported))
	t.addInbound(groupStep{Op: "import", Session: session, Exported: exported})
}

func (t *groupTranscript) reloadInbound(session string, key octets) {
	old := t.in[session]
	p := old.Pickle(key)
	t.in[session] = must(libolm.UnpickleInboundGroup(key, p))
	old.Free()
	t.addInbound(groupStep{Op: "reload_inbound", Session: session, Key: key, Pickle: p})
}

func (t *groupTranscript) addInbound(s groupStep) {
	g := t.in[s.Session]
	s.Expect, s.SessionID, s.Index, s.Verified, s.State = "OK", g.ID(), of(g.FirstKnownIndex()), of(g.IsVerified()), t.inState(s.Session)
	t.add(s)
}

func (t *groupTranscript) decrypt(session, msg string) { t.decryptAs(session, msg, "") }

func (t *groupTranscript) decryptAs(session, msg, needs string) {
	g, m := t.in[session], t.messages[msg]
	plaintext, index, err := g.Decrypt(m.body)
	s := groupStep{Op: "decrypt", Session: session, Message: msg, Needs: needs, Expect: class(err), Index: of(index), Verified: of(g.IsVerified()), State: t.inState(session)}
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
		t.differs[session] = needsExport
	}
	t.add(groupStep{Op: "export", Session: session, Index: of(index), Expect: class(err), Exported: exported, State: t.inState(session)})
	return exported
}
