package vectors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

// sentMessage is a message that a case has a name for.
type sentMessage struct {
	messageType int
	body        string
	plaintext   []byte
	session     string
}

// olmReplay is a case in progress.
type olmReplay struct {
	tested
	*counts
	t        *testing.T
	c        *vectors.Transcript
	accounts map[string]side.Account
	sessions map[string]side.Session
	messages map[string]sentMessage
	ids      map[string]uint32 // of one-time keys, by public key
	dropped  map[string]bool

	// One session pickle for each step, from a replay under libolm's rules, to compare with where
	// states differ.
	reference []string
	pickles   []string
}

func (r tested) replay(t *testing.T, c *vectors.Transcript, n *counts, reference []string) (pickles []string) {
	x := &olmReplay{tested: r, counts: n, t: t, c: c, reference: reference,
		accounts: map[string]side.Account{}, sessions: map[string]side.Session{}, messages: map[string]sentMessage{},
		ids: map[string]uint32{}, dropped: map[string]bool{}}
	n.cases++
	for i := range c.Steps {
		s := &c.Steps[i]
		x.pickles = append(x.pickles, "")
		x.step(i, s)
		if t.Failed() {
			t.Fatalf("at step %d: %s", i, s.Op)
		}
		n.steps++
	}
	return x.pickles
}

func (r *olmReplay) step(i int, s *vectors.Step) {
	t, a, x := r.t, r.accounts[s.Account], r.sessions[s.Session]
	switch s.Op {
	case "create_account":
		r.verdict(s, given(t, s.Random, func(random io.Reader) error {
			a = r.NewAccount(random)
			return nil
		}))
		r.accounts[s.Account] = a
		equal(t, "identity keys", a.IdentityKeys(), s.JSON)
	case "generate_one_time_keys":
		r.verdict(s, given(t, s.Random, func(random io.Reader) error { return a.GenerateOneTimeKeys(*s.Count, random) }))
		equal(t, "one-time keys", a.OneTimeKeys(), s.JSON)
		r.note(s.JSON)
		r.result(s, *s.Count)
	case "one_time_keys":
		equal(t, "one-time keys", a.OneTimeKeys(), s.JSON)
	case "max_one_time_keys":
		r.result(s, a.MaxOneTimeKeys())
	case "generate_fallback":
		r.verdict(s, given(t, s.Random, a.GenerateFallbackKey))
		r.fallback(a, s)
		r.note(s.JSON)
	case "fallback":
		r.fallback(a, s)
	case "forget_fallback":
		a.ForgetOldFallbackKey()
	case "mark_published":
		r.result(s, a.MarkPublished())
	case "sign":
		equal(t, "signature", a.Sign(s.Input), s.Signature)
	case "outbound":
		var x side.Session
		err := given(t, s.Random, func(random io.Reader) (err error) {
			x, err = a.Outbound(s.IdentityKey, s.OneTimeKey, random)
			return err
		})
		r.created(s, x, err)
	case "inbound":
		r.accept(i, a)
		x, err := a.Inbound(s.IdentityKey, r.messages[s.Message].body)
		r.created(s, x, err)
	case "encrypt":
		messageType, body, err := encrypt(t, x, s.Plaintext, s.Random)
		r.verdict(s, err)
		if messageType != *s.Type {
			t.Errorf("message has type %d, want %d", messageType, *s.Type)
		}
		equal(t, "message", body, s.Body)
		r.messages[s.Message] = sentMessage{messageType, body, s.Plaintext, s.Session}
	case "encrypt_many":
		var all bytes.Buffer
		random := s.Random
		for range *s.Count {
			messageType, body, err := encrypt(t, x, s.Plaintext, random)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "%d%s\n", messageType, body)
			random = nil
		}
		equal(t, "hash", hashed(all.String()), s.SHA256)
	case "decrypt":
		r.decrypt(s, x)
	case "drop":
		r.dropped[s.Message] = true
	case "remove_one_time_key":
		id, err := a.Remove(x)
		r.verdict(s, err)
		if x, ok := x.(interface{ OneTimeKey() string }); ok { // package olm has no ids of keys that are gone
			id = r.ids[x.OneTimeKey()]
		}
		if err == nil && id != *s.Result {
			t.Errorf("id of the key is %d, want %d", id, *s.Result)
		}
	case "session_id":
		equal(t, "session id", x.ID(), s.SessionID)
	case "has_received":
		if x.HasReceived() != (*s.Result == 1) {
			t.Errorf("has received: %v", x.HasReceived())
		}
	case "describe":
		r.describe(i, s, x)
	case "matches":
		yes, err := x.Matches(s.IdentityKey, r.messages[s.Message].body)
		r.verdict(s, err)
		if yes != (*s.Result == 1) {
			t.Errorf("matches: %v, want %d", yes, *s.Result)
		}
	case "pickle", "reload":
		r.pickle(i, s, a, x)
	default:
		t.Fatalf("no such operation: %s", s.Op)
	}
	r.state(i, s)
}

// note keeps the ids in a JSON object of one-time or fallback keys.
func (r *olmReplay) note(text string) {
	for id, key := range keysIn(r.t, text) {
		var n olm.KeyID
		if err := n.UnmarshalText([]byte(id)); err != nil {
			r.t.Fatal(err)
		}
		r.ids[key] = uint32(n)
	}
}

func (r *olmReplay) result(s *vectors.Step, got int) {
	r.t.Helper()
	if s.Result == nil || uint32(got) != *s.Result {
		r.t.Errorf("result is %d", got)
	}
}

func (r *olmReplay) verdict(s *vectors.Step, err error) {
	r.t.Helper()
	if !r.agrees(err, s.Expect) {
		r.t.Errorf("error is %v, want %s", err, s.Expect)
	}
}

func (r *olmReplay) fallback(a side.Account, s *vectors.Step) {
	equal(r.t, "fallback key", a.FallbackKey(), s.JSON)
	equal(r.t, "unpublished fallback key", a.UnpublishedFallbackKey(), s.Unpublished)
}

func (r *olmReplay) created(s *vectors.Step, x side.Session, err error) {
	if r.verdict(s, err); err == nil {
		r.sessions[s.Session] = x
		equal(r.t, "session id", x.ID(), s.SessionID)
	}
}

func (r *olmReplay) decrypt(s *vectors.Step, x side.Session) {
	t, m := r.t, r.messages[s.Message]
	if r.dropped[s.Message] {
		t.Fatal("the message was dropped")
	}
	plaintext, err := x.Decrypt(m.messageType, m.body)
	switch {
	case !r.libolm && s.Needs == vectors.NeedsCapacity:
		// karst keeps 40 keys for each chain: what libolm has forgotten is still there.
		r.special++
		if err != nil || !bytes.Equal(plaintext, m.plaintext) {
			t.Errorf("decrypts to %x, error %v", plaintext, err)
		}
		return
	case !r.libolm && s.Expect == "BAD_MESSAGE_MAC" && m.messageType == 0 && !r.belongs(x, m):
		// libolm does not look at the keys around a message before it tries it.
		r.special++
		if !errors.Is(err, olm.ErrSessionMismatch) {
			t.Errorf("error is %v for a pre-key message of another session", err)
		}
	default:
		r.verdict(s, err)
	}
	if !bytes.Equal(plaintext, s.Plaintext) || s.Expect == vectors.OK && s.Plaintext == nil {
		t.Errorf("plaintext is %x, want %x", plaintext, []byte(s.Plaintext))
	}
	if !r.libolm && err != nil {
		r.finer(err)
	}
}

func encrypt(t *testing.T, x side.Session, plaintext, random []byte) (messageType int, body string, err error) {
	t.Helper()
	err = given(t, random, func(random io.Reader) error {
		messageType, body, err = x.Encrypt(plaintext, random)
		return err
	})
	return messageType, body, err
}

func (r *olmReplay) belongs(x side.Session, m sentMessage) bool {
	yes, err := x.Matches("", m.body)
	if err != nil {
		r.t.Fatal(err)
	}
	return yes
}

// finer checks errors that libolm has one name for, in the cases that are about one of them.
func (r *olmReplay) finer(err error) {
	var gap *olm.GapError
	switch name := r.c.Name; {
	case strings.HasPrefix(name, "gap_"):
		if !errors.As(err, &gap) || gap.Index <= olm.MaxGap {
			r.t.Errorf("error is %v, want one of a gap", err)
		}
	case name == "prekey_repeated", name == "lost_and_duplicated", name == "skipped_in_one_chain", name == "prekey_first_lost":
		if err != olm.ErrNoMessageKey {
			r.t.Errorf("error is %v, want %v", err, olm.ErrNoMessageKey)
		}
	}
}

// accept does on a copy of the account, in one call, what step i and the next ones do one by one.
func (r *olmReplay) accept(i int, a side.Account) {
	t, s := r.t, &r.c.Steps[i]
	if slices.Contains(r.c.Needs, vectors.NeedsTwoStep) {
		return
	}
	body, from := r.messages[s.Message].body, s.IdentityKey
	if from == "" {
		var m olm.PreKeyMessage
		if err := m.UnmarshalText([]byte(body)); err != nil {
			t.Fatal(err)
		}
		from = m.IdentityKey().String()
	}
	key := []byte("copy")
	copied, err := r.UnpickleAccount(key, a.Pickle(key))
	if err != nil {
		t.Fatal(err)
	}
	before := hashed(copied.Pickle(r.c.PickleKey))
	x, plaintext, err := copied.Accept(from, body)
	want := s
	if s.Expect == vectors.OK {
		if want = &r.c.Steps[i+1]; want.Op != "decrypt" || want.Message != s.Message {
			t.Fatalf("the message is not decrypted at once")
		}
	}
	if r.verdict(want, err); want.Expect != vectors.OK {
		if after := hashed(copied.Pickle(r.c.PickleKey)); x != nil || plaintext != nil || after != before {
			t.Errorf("a message that is refused yields %v, %x, or changes the account", x, plaintext)
		}
		return
	}
	if err != nil {
		return
	}
	if !bytes.Equal(plaintext, want.Plaintext) || hashed(x.Pickle(r.c.PickleKey)) != want.State {
		t.Errorf("accepting gives another session, or %x", plaintext)
	}
	if i+2 < len(r.c.Steps) && r.c.Steps[i+2].Op == "remove_one_time_key" {
		equal(t, "state of the account after accepting", hashed(copied.Pickle(r.c.PickleKey)), r.c.Steps[i+2].State)
	}
}

// States.

// differs reports whether this side's state may differ from libolm's.
func (r *olmReplay) differs(s *vectors.Step) bool {
	return !r.libolm && (s.Needs == vectors.NeedsEvicted || s.Needs == vectors.NeedsCapacity)
}

func (r *olmReplay) state(i int, s *vectors.Step) {
	key := r.c.PickleKey
	if x := r.sessions[s.Session]; x != nil && s.Op != "remove_one_time_key" {
		p := x.Pickle(key)
		r.pickles[i] = p
		if r.differs(s) {
			r.compareRaw(s, openSession(key, p), openSession(key, r.reference[i]))
		} else {
			equal(r.t, "state", hashed(p), s.State)
		}
	} else if a := r.accounts[s.Account]; a != nil && s.Op != "inbound" && s.Op != "outbound" {
		equal(r.t, "state", hashed(a.Pickle(key)), s.State)
	} else if s.State != "" {
		r.t.Error("a state that nobody looks at")
	}
}

func (r *olmReplay) pickle(i int, s *vectors.Step, a side.Account, x side.Session) {
	t := r.t
	switch {
	case x == nil:
		p := a.Pickle(s.Key)
		if equal(t, "pickle", p, s.Pickle); s.Op == "reload" {
			again, err := r.UnpickleAccount(s.Key, p)
			r.verdict(s, err)
			r.accounts[s.Account] = again
		}
		return
	case r.differs(s):
		r.compareRaw(s, openSession(s.Key, x.Pickle(s.Key)), openSession(s.Key, s.Pickle))
	default:
		equal(t, "pickle", x.Pickle(s.Key), s.Pickle)
	}
	if s.Op == "reload" {
		again, err := r.UnpickleSession(s.Key, x.Pickle(s.Key))
		r.verdict(s, err)
		r.sessions[s.Session] = again
	}
}

func (r *olmReplay) describe(i int, s *vectors.Step, x side.Session) {
	if !r.differs(s) {
		equal(r.t, "description", x.Describe(), s.Text)
		return
	}
	const skipped = " skipped message keys:"
	chains, _, _ := strings.Cut(s.Text, skipped)
	got, kept, ok := strings.Cut(x.Describe(), skipped)
	if equal(r.t, "description of the chains", got, chains); !ok {
		r.t.Errorf("description is %q", x.Describe())
	}
	raw := openSession(r.c.PickleKey, x.Pickle(r.c.PickleKey))
	var listed strings.Builder
	for _, k := range raw.skipped {
		fmt.Fprintf(&listed, " %d", binary.BigEndian.Uint32([]byte(k[64:])))
	}
	if !strings.HasPrefix(kept, listed.String()) { // what is pickled, and perhaps more
		r.t.Errorf("skipped keys are%s, want%s", kept, &listed)
	}
}

// rawSession is an opened session pickle: everything up to the skipped keys, and those.
type rawSession struct {
	head     string
	chains   []string // their ratchet keys
	skipped  []string // ratchet key, message key, index
	leftover int
}

func openSession(key []byte, pickled string) (s rawSession) {
	raw := pickles.Opened(key, []byte(pickled))
	at := 4 + 1 + 3*32 + 32
	count := func() int {
		at += 4
		return int(binary.BigEndian.Uint32(raw[at-4:]))
	}
	at += count() * (3*32 + 4)
	for range count() {
		s.chains = append(s.chains, string(raw[at:at+32]))
		at += 2*32 + 4
	}
	s.head = string(raw[:at])
	for range count() {
		s.skipped = append(s.skipped, string(raw[at:at+68]))
		at += 68
	}
	s.leftover = len(raw) - at
	return s
}

// compareRaw compares a session of package olm with libolm's, which has the same chains, but may hold
// keys of chains that are gone, and lack some that are not.
func (r *olmReplay) compareRaw(s *vectors.Step, got, libolm rawSession) {
	r.special++
	live := slices.DeleteFunc(slices.Clone(libolm.skipped), func(k string) bool { return !slices.Contains(libolm.chains, k[:32]) })
	if got.head != libolm.head || got.leftover != 0 {
		r.t.Error("the chains differ")
	}
	if s.Needs == vectors.NeedsEvicted && !slices.Equal(got.skipped, live) {
		r.t.Errorf("%d skipped keys, want %d", len(got.skipped), len(live))
	}
	for _, k := range live {
		if !slices.Contains(got.skipped, k) {
			r.t.Error("a skipped key is missing")
		}
	}
}

// Tests.

// TestSessions replays every conversation twice: on package cabi, which must give every byte that libolm
// gives, and on package olm.
func TestSessions(t *testing.T) {
	testTranscripts(t, vectors.Sessions(), 23, 1284, 34)
}

func TestAccounts(t *testing.T) {
	testTranscripts(t, vectors.Accounts(), 6, 80, 0)
}

func testTranscripts(t *testing.T, cases []vectors.Transcript, nCases, nSteps, nSpecial int) {
	var lenient, api counts
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			reference := libolm.replay(t, c, &lenient, nil)
			strict.replay(t, c, &api, reference)
		})
	}
	lenient.check(t, nCases, nSteps, 0)
	api.check(t, nCases, nSteps, nSpecial)
}
