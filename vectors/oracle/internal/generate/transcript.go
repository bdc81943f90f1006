package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// transcript records calls while it makes them.
type transcript struct {
	vectors.Transcript

	rand     *vectors.Stream
	accounts map[string]*libolm.Account
	sessions map[string]*libolm.Session
	messages map[string]message
	made     int               // messages so far
	differs  map[string]string // session -> why its state may differ elsewhere from now on
}

type message struct {
	typ       int
	body      string
	plaintext vectors.Bytes
}

func newTranscript(file, name, note string) *transcript {
	r := newStream(file + " " + name)
	return &transcript{
		Transcript: vectors.Transcript{Name: name, Note: note, Label: r.Label(), PickleKey: vectors.Bytes("state of " + name)}, rand: r,
		accounts: map[string]*libolm.Account{}, sessions: map[string]*libolm.Session{},
		messages: map[string]message{}, differs: map[string]string{},
	}
}

// close frees the objects and hands over the finished case.
func (t *transcript) close() *transcript {
	for _, a := range t.accounts {
		a.Free()
	}
	for _, s := range t.sessions {
		s.Free()
	}
	return t
}

func (t *transcript) add(s vectors.Step) {
	if s.Session != "" && s.Needs == "" {
		s.Needs = t.differs[s.Session]
	}
	if s.Needs != "" && !slices.Contains(t.Needs, s.Needs) {
		t.Needs = append(t.Needs, s.Needs)
	}
	t.Steps = append(t.Steps, s)
}

func stateOf(pickle string) string {
	h := sha256.Sum256([]byte(pickle))
	return hex.EncodeToString(h[:])
}

func (t *transcript) accountState(account string) string {
	return stateOf(t.accounts[account].Pickle(t.PickleKey))
}

func (t *transcript) sessionState(session string) string {
	return stateOf(t.sessions[session].Pickle(t.PickleKey))
}

// ---- accounts ----

func (t *transcript) createAccount(name string) {
	r := t.rand.Bytes(64)
	a := must(libolm.NewAccount(r))
	t.accounts[name] = a
	t.add(vectors.Step{Op: "create_account", Account: name, Random: r, JSON: a.IdentityKeys(), State: t.accountState(name)})
}

func (t *transcript) generateOneTimeKeys(account string, n int) {
	r := t.rand.Bytes(32 * n)
	a := t.accounts[account]
	done := must(a.GenerateOneTimeKeys(n, r))
	t.add(vectors.Step{Op: "generate_one_time_keys", Account: account, Count: of(n), Random: r, Expect: vectors.OK,
		Result: of(uint32(done)), JSON: a.OneTimeKeys(), State: t.accountState(account)})
}

func (t *transcript) oneTimeKeys(account string) {
	t.add(vectors.Step{Op: "one_time_keys", Account: account, JSON: t.accounts[account].OneTimeKeys()})
}

func (t *transcript) generateFallback(account string) {
	r := t.rand.Bytes(32)
	a := t.accounts[account]
	if err := a.GenerateFallbackKey(r); err != nil {
		fail("fallback key: %w", err)
	}
	t.add(vectors.Step{Op: "generate_fallback", Account: account, Random: r, Expect: vectors.OK, JSON: a.FallbackKey(),
		Unpublished: a.UnpublishedFallbackKey(), State: t.accountState(account)})
}

func (t *transcript) fallback(account string) {
	a := t.accounts[account]
	t.add(vectors.Step{Op: "fallback", Account: account, JSON: a.FallbackKey(), Unpublished: a.UnpublishedFallbackKey()})
}

func (t *transcript) forgetFallback(account string) {
	t.accounts[account].ForgetOldFallbackKey()
	t.add(vectors.Step{Op: "forget_fallback", Account: account, State: t.accountState(account)})
}

func (t *transcript) markPublished(account string) {
	n := t.accounts[account].MarkPublished()
	t.add(vectors.Step{Op: "mark_published", Account: account, Result: of(uint32(n)), State: t.accountState(account)})
}

func (t *transcript) sign(account string, input vectors.Bytes) {
	t.add(vectors.Step{Op: "sign", Account: account, Input: input, Signature: t.accounts[account].Sign(input)})
}

func (t *transcript) removeOneTimeKey(account, session string) {
	id, err := t.accounts[account].RemoveOneTimeKeys(t.sessions[session])
	s := vectors.Step{Op: "remove_one_time_key", Account: account, Session: session, Expect: class(err), State: t.accountState(account)}
	if err == nil {
		s.Result = of(id)
	}
	t.add(s)
}

func (t *transcript) pickleAccount(account string, key vectors.Bytes) {
	t.add(vectors.Step{Op: "pickle", Account: account, Key: key, Pickle: t.accounts[account].Pickle(key)})
}

// reloadAccount goes on with what is read from a pickle.
func (t *transcript) reloadAccount(account string, key vectors.Bytes) {
	a := t.accounts[account]
	p := a.Pickle(key)
	b := must(libolm.UnpickleAccount(key, p))
	a.Free()
	t.accounts[account] = b
	t.add(vectors.Step{Op: "reload", Account: account, Key: key, Pickle: p, Expect: vectors.OK, State: t.accountState(account)})
}

func (t *transcript) identityKey(account string) string {
	var k struct{ Curve25519 string }
	if err := json.Unmarshal([]byte(t.accounts[account].IdentityKeys()), &k); err != nil {
		panic(failure{err})
	}
	return k.Curve25519
}

// keysIn lists the keys of a one-time or fallback JSON object in the order of the text.
func keysIn(text string) (keys []string) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	var strings []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(failure{err})
		}
		if s, ok := token.(string); ok {
			strings = append(strings, s)
		}
	}
	for i := 2; i < len(strings); i += 2 { // "curve25519", id, key, id, key, ...
		keys = append(keys, strings[i])
	}
	return keys
}

// oldestOneTimeKey is the unpublished key that was generated first.
func (t *transcript) oldestOneTimeKey(account string) string {
	k := keysIn(t.accounts[account].OneTimeKeys())
	return k[len(k)-1]
}

func (t *transcript) fallbackKey(account string) string {
	return keysIn(t.accounts[account].FallbackKey())[0]
}

// ---- sessions ----

func (t *transcript) outbound(session, account, identityKey, oneTimeKey string) {
	r := t.rand.Bytes(64)
	s := must(libolm.NewOutboundSession(t.accounts[account], identityKey, oneTimeKey, r))
	t.sessions[session] = s
	t.add(vectors.Step{Op: "outbound", Account: account, Session: session, IdentityKey: identityKey, OneTimeKey: oneTimeKey,
		Random: r, Expect: vectors.OK, SessionID: s.ID(), State: t.sessionState(session)})
}

// inbound creates a session from a message; from is the sender's identity key or empty. A failure
// leaves no session.
func (t *transcript) inbound(session, account, msg, from string) {
	m := t.messages[msg]
	var s *libolm.Session
	var err error
	if from == "" {
		s, err = libolm.NewInboundSession(t.accounts[account], m.body)
	} else {
		s, err = libolm.NewInboundSessionFrom(t.accounts[account], from, m.body)
	}
	st := vectors.Step{Op: "inbound", Account: account, Session: session, Message: msg, IdentityKey: from, Expect: class(err)}
	if err == nil {
		t.sessions[session] = s
		st.SessionID, st.State = s.ID(), t.sessionState(session)
	}
	t.add(st)
}

// accept is the usual way: create, decrypt the same message, remove the key.
func (t *transcript) accept(session, account, msg, from string) {
	t.inbound(session, account, msg, from)
	t.decrypt(session, msg)
	t.removeOneTimeKey(account, session)
}

// encrypt gives the new message's name.
func (t *transcript) encrypt(session string, plaintext vectors.Bytes) string {
	s := t.sessions[session]
	t.made++
	name := fmt.Sprintf("m%d", t.made)
	st := vectors.Step{Op: "encrypt", Session: session, Message: name, Plaintext: plaintext}
	if n := s.EncryptRandomLength(); n > 0 {
		st.Random = t.rand.Bytes(n)
	}
	typ, body, err := s.Encrypt(plaintext, st.Random)
	st.Expect = class(err)
	if err != nil {
		fail("%s: encrypt: %w", t.Name, err)
	}
	t.messages[name] = message{typ, body, plaintext}
	st.Type, st.Body, st.State = of(typ), body, t.sessionState(session)
	t.add(st)
	return name
}

// encryptMany makes messages of one plaintext that are never delivered; their hash alone is recorded.
func (t *transcript) encryptMany(session string, n int, plaintext vectors.Bytes) {
	s := t.sessions[session]
	st := vectors.Step{Op: "encrypt_many", Session: session, Count: of(n), Plaintext: plaintext}
	if k := s.EncryptRandomLength(); k > 0 {
		st.Random = t.rand.Bytes(k)
	}
	h := sha256.New()
	r := st.Random
	for range n {
		typ, body, err := s.Encrypt(plaintext, r)
		if err != nil {
			fail("%s: encrypt: %w", t.Name, err)
		}
		fmt.Fprintf(h, "%d%s\n", typ, body)
		r = nil
	}
	st.SHA256, st.State = hex.EncodeToString(h.Sum(nil)), t.sessionState(session)
	t.add(st)
}

func (t *transcript) decrypt(session, msg string) {
	s, m := t.sessions[session], t.messages[msg]
	before := parseSession(openPickle(t.PickleKey, s.Pickle(t.PickleKey)))
	plaintext, err := s.Decrypt(m.typ, m.body)
	after := parseSession(openPickle(t.PickleKey, s.Pickle(t.PickleKey)))
	if why := diverges(before, after, err == nil); why != "" && t.differs[session] != vectors.NeedsCapacity {
		t.differs[session] = why
	}
	st := vectors.Step{Op: "decrypt", Session: session, Message: msg, Needs: t.differs[session], Expect: class(err), State: t.sessionState(session)}
	if err == nil {
		if !bytes.Equal(plaintext, m.plaintext) {
			fail("%s: %s decrypts to something else", t.Name, msg)
		}
		st.Plaintext = plaintext
	}
	t.add(st)
}

// diverges tells why an implementation with room for 40 skipped keys in each chain, which forgets a
// chain's keys together with the chain, would be in another state after this decryption.
func diverges(before, after rawSession, ok bool) string {
	if !ok {
		return ""
	}
	perChain := map[string]int{}
	for _, k := range after.saved {
		perChain[string(k.ratchet)]++
	}
	gone := 0
	for _, k := range before.saved {
		if !slices.ContainsFunc(after.saved, func(l rawChain) bool {
			return l.index == k.index && bytes.Equal(l.ratchet, k.ratchet)
		}) && perChain[string(k.ratchet)] < 40 {
			gone++
		}
	}
	if len(after.saved) < len(before.saved) {
		gone-- // the key that was used
	}
	if gone > 0 {
		return vectors.NeedsCapacity
	}
	for _, k := range after.saved {
		if !slices.ContainsFunc(after.receivers, func(c rawChain) bool { return bytes.Equal(c.ratchet, k.ratchet) }) {
			return vectors.NeedsEvicted
		}
	}
	return ""
}

func (t *transcript) drop(msg string) { t.add(vectors.Step{Op: "drop", Message: msg}) }

func (t *transcript) describe(session string) {
	t.add(vectors.Step{Op: "describe", Session: session, Text: t.sessions[session].Describe()})
}

func (t *transcript) sessionID(session string) {
	t.add(vectors.Step{Op: "session_id", Session: session, SessionID: t.sessions[session].ID()})
}

func (t *transcript) hasReceived(session string) {
	t.add(vectors.Step{Op: "has_received", Session: session, Result: of(truth(t.sessions[session].HasReceived()))})
}

func (t *transcript) matches(session, msg, from string) {
	s, m := t.sessions[session], t.messages[msg]
	var yes bool
	var err error
	if from == "" {
		yes, err = s.Matches(m.body)
	} else {
		yes, err = s.MatchesFrom(from, m.body)
	}
	t.add(vectors.Step{Op: "matches", Session: session, Message: msg, IdentityKey: from, Expect: class(err), Result: of(truth(yes))})
}

func (t *transcript) pickleSession(session string, key vectors.Bytes) {
	t.add(vectors.Step{Op: "pickle", Session: session, Key: key, Pickle: t.sessions[session].Pickle(key)})
}

func (t *transcript) reloadSession(session string, key vectors.Bytes) {
	s := t.sessions[session]
	p := s.Pickle(key)
	u := must(libolm.UnpickleSession(key, p))
	s.Free()
	t.sessions[session] = u
	t.add(vectors.Step{Op: "reload", Session: session, Key: key, Pickle: p, Expect: vectors.OK, State: t.sessionState(session)})
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
