package vectors_test

import (
	"bytes"
	"crypto/rand"
	"maps"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/vectors"
)

// version compares the version of a writer with another one: versions here have numbers of few digits in each place.
func version(writer string) (name, number string) {
	name, number, _ = strings.Cut(writer, " ")
	parts := strings.Split(number, ".")
	for i, p := range parts {
		parts[i] = strings.Repeat("0", 4-len(p)) + p
	}
	return name, strings.Join(parts, ".")
}

// before reports whether the writer is that library, in a version before the given one.
func before(writer, library, limit string) bool {
	name, number := version(writer)
	_, end := version(library + " " + limit)
	return name == library && number < end
}

// damaged reports whether the receiving chains and skipped keys in a session's pickle are not whole: up to 0.21 goolm
// wrote the end of each over its beginning, so that nobody can use them, goolm itself included. Its format around
// JSON was right.
func damaged(writer string) bool { return before(writer, "goolm", "0.22") }

// holds reports whether the key of a message that was skipped is in the pickle at all. The writer's own
// judgement is not enough where goolm can't find what it has: up to 0.26 it looked for the index alone, in
// whatever chain.
func holds(writer string, m *vectors.PeerLateMessage) bool {
	if damaged(writer) {
		return false
	}
	return m.Kept || before(writer, "goolm", "0.27")
}

func TestPeerAccounts(t *testing.T) {
	eachReader(t, func(t *testing.T, r reader) {
		var n counts
		for _, c := range vectors.Peers().Accounts {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				r.checkAccount(t, &c, &n)
			})
		}
		n.check(t, 89, 248, 29)
	})
}

func (r *reader) checkAccount(t *testing.T, c *vectors.PeerAccount, n *counts) {
	read := func() account {
		a, err := r.account(c.Key, c.Pickle)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := read()
	equal(t, "identity keys", a.identityKeys(), marshal(map[string]string{"curve25519": c.Curve25519, "ed25519": c.Ed25519}))
	equal(t, "signature", a.sign(c.Input), c.Signature)
	if !must(keys.ParseEd25519(c.Ed25519)).Verify(c.Input, must(keys.ParseSignature(c.Signature))) {
		t.Error("the signature does not verify")
	}
	unpublished := keysIn(t, a.oneTimeKeys())
	for id, key := range unpublished {
		if key != c.Unpublished[id] {
			t.Errorf("one-time key %s is %s, want %q", id, key, c.Unpublished[id])
		}
	}
	stored := 0
	switch a := a.(type) {
	case goAccount:
		stored = a.a.OneTimeKeyCount()
	case *engineAccount:
		stored = a.a.OneTimeKeys()
	}
	if want := min(c.OneTimeKeys, olm.MaxOneTimeKeys); stored != want {
		t.Errorf("%d one-time keys are stored, want %d", stored, want)
	}
	if len(unpublished) != min(len(c.Unpublished), olm.MaxOneTimeKeys) {
		t.Errorf("%d unpublished one-time keys, of %d", len(unpublished), len(c.Unpublished))
	}
	current, _ := a.fallback()
	if got := keysIn(t, current); !maps.Equal(got, c.Fallback) && len(got)+len(c.Fallback) > 0 {
		t.Errorf("fallback key is %v, want %v", got, c.Fallback)
	}

	for i := range c.FirstMessages {
		m := &c.FirstMessages[i]
		kept := m.Kept && m.Newer < olm.MaxOneTimeKeys
		plaintext, err := r.accept(read(), m.From, m.Body)
		switch {
		case kept && (err != nil || !bytes.Equal(plaintext, m.Plaintext)):
			t.Errorf("the message to %s, than which %d keys are newer: %q, %v", m.To, m.Newer, plaintext, err)
		case !kept && err == nil:
			t.Errorf("the message to %s is accepted, but the writer has not kept the key", m.To)
		case kept:
			n.steps++
		default:
			n.special++
		}
	}

	// All of them from one account, written again in between; and new keys, whose ids are new.
	for i := range c.FirstMessages {
		m := &c.FirstMessages[i]
		if !m.Kept || m.Newer >= olm.MaxOneTimeKeys {
			continue
		}
		again, err := r.account(c.Key, a.pickle(c.Key))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.accept(again, m.From, m.Body); err != nil {
			t.Errorf("the message to %s, to the account that was read and written: %v", m.To, err)
		}
		a = again
	}
	r.drawn(func() {
		random := make([]byte, 32)
		_, _ = rand.Read(random)
		a.markPublished()
		generateOne(t, a, random)
	})
	if _, ok := a.(*engineAccount); ok && before(c.Writer, "vodozemac", "0.8") {
		return // it wrote a last id that is too low, which libolm takes as it finds it
	}
	for id := range keysIn(t, a.oneTimeKeys()) {
		if c.Unpublished[id] != "" || c.Fallback[id] != "" {
			t.Errorf("a new key has the id %s, which another one has", id)
		}
	}
}

func generateOne(t *testing.T, a account, random []byte) {
	if e, ok := a.(*engineAccount); ok {
		e.generateOneTimeKeys(t, 1, random)
	} else if _, err := a.(goAccount).a.GenerateOneTimeKeys(1); err != nil {
		t.Fatal(err)
	}
}

func TestPeerSessions(t *testing.T) {
	eachReader(t, func(t *testing.T, r reader) {
		var n counts
		for _, c := range vectors.Peers().Sessions {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				r.checkSession(t, &c, &n)
			})
		}
		n.check(t, 122, 804, 266)
	})
}

func (r *reader) checkSession(t *testing.T, c *vectors.PeerSession, n *counts) {
	read := func(side int) session {
		s, err := r.session(c.Key, c.Sides[side].Pickle)
		if err != nil {
			t.Fatalf("side %d: %v", side, err)
		}
		return s
	}
	goesOn := true
	for i := range c.Sides {
		equal(t, "id", read(i).id(), c.ID)
		for _, m := range c.Sides[i].Sends {
			goesOn = goesOn && m.Kept
		}
	}
	for i := range c.Sides {
		side, other := &c.Sides[i], &c.Sides[1-i]

		// What the writer sends next: the same bytes, as long as none is random.
		s := read(i)
		for _, m := range side.Sends {
			var kind int
			var body string
			var err error
			drew := r.drawn(func() { kind, body, err = r.send(s, m.Plaintext) })
			if err != nil {
				t.Fatal(err)
			}
			if drew {
				break
			}
			if kind != m.Type || sortedFields(t, kind, body) != sortedFields(t, m.Type, m.Body) {
				t.Errorf("side %d sends (%d) %s, the writer (%d) %s", i, kind, body, m.Type, m.Body)
			}
			n.steps++
		}

		// What comes next, in order, and again after writing. What the writer could not go on with we can't either.
		s = read(i)
		for _, m := range other.Sends {
			if !m.Kept {
				r.refuses(t, c, s, &m)
				n.special++
				continue
			}
			r.decrypts(t, s, &m)
			s = r.again(t, c, s)
			n.steps++
		}

		// What was skipped before, one by one and all together.
		s = read(i)
		for j := range side.Late {
			m := &side.Late[j]
			fresh := read(i)
			if holds(c.Writer, m) && r.keeps(m) {
				r.decrypts(t, fresh, &m.PeerMessage)
				r.decrypts(t, s, &m.PeerMessage)
				n.steps++
				continue
			}
			r.refuses(t, c, fresh, &m.PeerMessage)
			n.special++
		}
	}
	if goesOn {
		r.converse(t, c, [2]session{read(0), read(1)})
	}
}

// sortedFields returns the fields of a pre-key message in libolm's order: goolm has two of them the other way
// round. Other messages have one order.
func sortedFields(t *testing.T, kind int, body string) string {
	if kind != protocol.TypePreKey {
		return body
	}
	var m wire.PreKeyMessage
	if code := m.Decode(must(decode64(body)), wire.Strict); code != errcode.OK {
		t.Fatal(toError(code))
	}
	return string(bytes.Join([][]byte{m.OneTimeKey, m.BaseKey, m.IdentityKey, m.Message}, nil))
}

// refuses has a message refused that a session has no key for. Nothing changes.
func (r *reader) refuses(t *testing.T, c *vectors.PeerSession, s session, m *vectors.PeerMessage) {
	t.Helper()
	was := s.pickle(c.Key)
	plaintext, err := s.decrypt(m.Type, m.Body)
	if err == nil {
		t.Errorf("a message decrypts whose key should not be there: %q", plaintext)
	} else if !agrees(err, "BAD_MESSAGE_MAC") && !engineAgrees(err, "BAD_MESSAGE_MAC") {
		t.Errorf("a message whose key is not there: %v", err)
	}
	equal(t, "pickle", s.pickle(c.Key), was)
}

func (r *reader) decrypts(t *testing.T, s session, m *vectors.PeerMessage) {
	t.Helper()
	if plaintext, err := s.decrypt(m.Type, m.Body); err != nil || !bytes.Equal(plaintext, m.Plaintext) {
		t.Errorf("%q became %q, %v", m.Plaintext, plaintext, err)
	}
}

func (r *reader) again(t *testing.T, c *vectors.PeerSession, s session) session {
	again, err := r.session(c.Key, s.pickle(c.Key))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// converse has both sides go on with each other for more turns than there are chains.
func (r *reader) converse(t *testing.T, c *vectors.PeerSession, sides [2]session) {
	for turn := range 14 {
		from, to := sides[turn%2], sides[1-turn%2]
		kind, body, err := r.send(from, []byte("go on"))
		if err != nil {
			t.Fatal(err)
		}
		r.decrypts(t, to, &vectors.PeerMessage{Type: kind, Body: body, Plaintext: []byte("go on")})
		sides[0], sides[1] = r.again(t, c, sides[0]), r.again(t, c, sides[1])
	}
}

func TestPeerGroups(t *testing.T) {
	eachReader(t, func(t *testing.T, r reader) {
		var n counts
		peers := vectors.Peers()
		for _, c := range peers.OutboundGroups {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				s, err := r.megolm.unpickleSender(c.Key, c.Pickle)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "id", s.id(), c.ID)
				equal(t, "session key", s.sessionKey(), c.SessionKey)
				in, err := r.megolm.newReceiver(s.sessionKey())
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range c.Sends {
					if s.index() != m.Index {
						t.Errorf("index is %d, want %d", s.index(), m.Index)
					}
					body, err := s.encrypt(m.Plaintext)
					if err != nil {
						t.Fatal(err)
					}
					equal(t, "message", body, m.Body)
					if plaintext, index, err := in.decrypt(body); err != nil || index != m.Index || !bytes.Equal(plaintext, m.Plaintext) {
						t.Errorf("message %d became %q, %d, %v", m.Index, plaintext, index, err)
					}
					n.steps++
				}
			})
		}
		for _, c := range peers.InboundGroups {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				s, err := r.megolm.unpickleReceive(c.Key, c.Pickle)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "id", s.id(), c.ID)
				if s.firstKnown() != c.FirstKnownIndex || s.verified() != c.Verified {
					t.Errorf("first known index %d, verified %v; want %d, %v", s.firstKnown(), s.verified(), c.FirstKnownIndex, c.Verified)
				}
				exported, err := s.export(c.ExportAt)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "exported key", exported, c.Exported)
				for range 2 { // the second time after writing, from the last message back
					for _, m := range c.Messages {
						if plaintext, index, err := s.decrypt(m.Body); err != nil || index != m.Index || !bytes.Equal(plaintext, m.Plaintext) {
							t.Errorf("message %d became %q, %d, %v", m.Index, plaintext, index, err)
						}
						n.steps++
					}
					if s, err = r.megolm.unpickleReceive(c.Key, s.pickle(c.Key)); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
		n.check(t, 87, 510, 0)
	})
}

func TestPeerPKDecryptions(t *testing.T) {
	var n counts
	for _, c := range vectors.Peers().PKDecryptions {
		t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
			n.cases++
			d, err := pk.UnpickleDecryption(c.Key, []byte(c.Pickle))
			if err == nil {
				err = d.Check()
			}
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "public key", d.PublicKey().String(), c.PublicKey)
			if _, shows, err := engineUnpickle(vectors.KindPKDecryption, c.Key, c.Pickle); err != nil || shows != c.PublicKey {
				t.Errorf("the engine reads %s, %v", shows, err)
			}
			if c.Message == nil {
				return
			}
			m, err := pkMessage(c.Message)
			if err != nil {
				t.Fatal(err)
			}
			if plaintext, err := d.Decrypt(m); err != nil || !bytes.Equal(plaintext, c.Plaintext) {
				t.Errorf("%q became %q, %v", c.Plaintext, plaintext, err)
			}
			n.steps++
		})
	}
	n.check(t, 16, 7, 0)
}
