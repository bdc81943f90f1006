package vectors_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
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
	eachSide(t, func(t *testing.T, r tested) {
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

func (r tested) checkAccount(t *testing.T, c *vectors.PeerAccount, n *counts) {
	read := func() side.Account {
		a, err := r.UnpickleAccount(c.Key, c.Pickle)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := read()
	if got, want := identityKeys(t, a), (published{c.Curve25519, c.Ed25519}); got != want {
		t.Errorf("identity keys are %v, want %v", got, want)
	}
	equal(t, "signature", a.Sign(c.Input), c.Signature)
	if err := r.Verify(c.Ed25519, c.Input, c.Signature); err != nil {
		t.Errorf("the signature does not verify: %v", err)
	}
	unpublished := keysIn(t, a.OneTimeKeys())
	for id, key := range unpublished {
		if key != c.Unpublished[id] {
			t.Errorf("one-time key %s is %s, want %q", id, key, c.Unpublished[id])
		}
	}
	stored := a.(interface{ OneTimeKeyCount() int }).OneTimeKeyCount() // which libolm does not tell
	if want := min(c.OneTimeKeys, a.MaxOneTimeKeys()); stored != want {
		t.Errorf("%d one-time keys are stored, want %d", stored, want)
	}
	if len(unpublished) != min(len(c.Unpublished), a.MaxOneTimeKeys()) {
		t.Errorf("%d unpublished one-time keys, of %d", len(unpublished), len(c.Unpublished))
	}
	if got := keysIn(t, a.FallbackKey()); !maps.Equal(got, c.Fallback) && len(got)+len(c.Fallback) > 0 {
		t.Errorf("fallback key is %v, want %v", got, c.Fallback)
	}

	for i := range c.FirstMessages {
		m := &c.FirstMessages[i]
		kept := m.Kept && m.Newer < a.MaxOneTimeKeys()
		_, plaintext, err := read().Accept(m.From, m.Body)
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
		if !m.Kept || m.Newer >= a.MaxOneTimeKeys() {
			continue
		}
		again, err := r.UnpickleAccount(c.Key, a.Pickle(c.Key))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := again.Accept(m.From, m.Body); err != nil {
			t.Errorf("the message to %s, to the account that was read and written: %v", m.To, err)
		}
		a = again
	}
	a.MarkPublished()
	if err := a.GenerateOneTimeKeys(1, rand.Reader); err != nil {
		t.Fatal(err)
	}
	if r.libolm && before(c.Writer, "vodozemac", "0.8") {
		return // it wrote a last id that is too low, which libolm takes as it finds it
	}
	for id := range keysIn(t, a.OneTimeKeys()) {
		if c.Unpublished[id] != "" || c.Fallback[id] != "" {
			t.Errorf("a new key has the id %s, which another one has", id)
		}
	}
}

// drawing notes whether random bytes were drawn from it.
type drawing struct{ drew bool }

func (d *drawing) Read(b []byte) (int, error) {
	d.drew = true
	return rand.Read(b)
}

// keeps reports whether a skipped key is among those that are read, of more than there is room for: package olm keeps so
// many of each chain, libolm of all chains together.
func (r tested) keeps(m *vectors.PeerLateMessage) bool {
	const libolmKeeps = 40
	newer, room := m.Newer, olm.MaxSkippedPerChain
	if r.libolm {
		newer, room = m.NewerInAll, libolmKeeps
	}
	return m.NewerChains < olm.MaxReceivingChains && newer < room
}

func TestPeerSessions(t *testing.T) {
	eachSide(t, func(t *testing.T, r tested) {
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

func (r tested) checkSession(t *testing.T, c *vectors.PeerSession, n *counts) {
	read := func(side int) side.Session {
		s, err := r.UnpickleSession(c.Key, c.Sides[side].Pickle)
		if err != nil {
			t.Fatalf("side %d: %v", side, err)
		}
		return s
	}
	goesOn := true
	for i := range c.Sides {
		equal(t, "id", read(i).ID(), c.ID)
		for _, m := range c.Sides[i].Sends {
			goesOn = goesOn && m.Kept
		}
	}
	for i := range c.Sides {
		side, other := &c.Sides[i], &c.Sides[1-i]

		// What the writer sends next: the same bytes, as long as none is random.
		s := read(i)
		for _, m := range side.Sends {
			var random drawing
			kind, body, err := s.Encrypt(m.Plaintext, &random)
			if err != nil {
				t.Fatal(err)
			}
			if random.drew {
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
		r.converse(t, c, [2]side.Session{read(0), read(1)})
	}
}

// sortedFields returns the fields of a pre-key message in libolm's order: goolm has two of them the other way
// round. Other messages have one order.
func sortedFields(t *testing.T, kind int, body string) string {
	if kind != int(olm.PreKey) {
		return body
	}
	var m olm.PreKeyMessage
	if err := m.UnmarshalText([]byte(body)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(m.OneTimeKey(), m.BaseKey(), m.IdentityKey(), m.Message().Type, m.Message().Body)
}

// refuses has a message refused that a session has no key for. Nothing changes.
func (r tested) refuses(t *testing.T, c *vectors.PeerSession, s side.Session, m *vectors.PeerMessage) {
	t.Helper()
	was := s.Pickle(c.Key)
	plaintext, err := s.Decrypt(m.Type, m.Body)
	if err == nil {
		t.Errorf("a message decrypts whose key should not be there: %q", plaintext)
	} else if !r.agrees(err, "BAD_MESSAGE_MAC") {
		t.Errorf("a message whose key is not there: %v", err)
	}
	equal(t, "pickle", s.Pickle(c.Key), was)
}

func (r tested) decrypts(t *testing.T, s side.Session, m *vectors.PeerMessage) {
	t.Helper()
	if plaintext, err := s.Decrypt(m.Type, m.Body); err != nil || !bytes.Equal(plaintext, m.Plaintext) {
		t.Errorf("%q became %q, %v", m.Plaintext, plaintext, err)
	}
}

func (r tested) again(t *testing.T, c *vectors.PeerSession, s side.Session) side.Session {
	again, err := r.UnpickleSession(c.Key, s.Pickle(c.Key))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// converse has both sides go on with each other for more turns than there are chains.
func (r tested) converse(t *testing.T, c *vectors.PeerSession, sides [2]side.Session) {
	for turn := range 14 {
		from, to := sides[turn%2], sides[1-turn%2]
		kind, body, err := from.Encrypt([]byte("go on"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		r.decrypts(t, to, &vectors.PeerMessage{Type: kind, Body: body, Plaintext: []byte("go on")})
		sides[0], sides[1] = r.again(t, c, sides[0]), r.again(t, c, sides[1])
	}
}

func TestPeerGroups(t *testing.T) {
	eachSide(t, func(t *testing.T, r tested) {
		var n counts
		peers := vectors.Peers()
		for _, c := range peers.OutboundGroups {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				s, err := r.UnpickleSender(c.Key, c.Pickle)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "id", s.ID(), c.ID)
				equal(t, "session key", s.SessionKey(), c.SessionKey)
				in, err := r.NewReceiver(s.SessionKey())
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range c.Sends {
					if s.Index() != m.Index {
						t.Errorf("index is %d, want %d", s.Index(), m.Index)
					}
					body, err := s.Encrypt(m.Plaintext)
					if err != nil {
						t.Fatal(err)
					}
					equal(t, "message", body, m.Body)
					if plaintext, index, err := in.Decrypt(body); err != nil || index != m.Index || !bytes.Equal(plaintext, m.Plaintext) {
						t.Errorf("message %d became %q, %d, %v", m.Index, plaintext, index, err)
					}
					n.steps++
				}
			})
		}
		for _, c := range peers.InboundGroups {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				s, err := r.UnpickleReceiver(c.Key, c.Pickle)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "id", s.ID(), c.ID)
				if s.FirstKnown() != c.FirstKnownIndex || s.Verified() != c.Verified {
					t.Errorf("first known index %d, verified %v; want %d, %v", s.FirstKnown(), s.Verified(), c.FirstKnownIndex, c.Verified)
				}
				exported, err := s.Export(c.ExportAt)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "exported key", exported, c.Exported)
				for range 2 { // the second time after writing, from the last message back
					for _, m := range c.Messages {
						if plaintext, index, err := s.Decrypt(m.Body); err != nil || index != m.Index || !bytes.Equal(plaintext, m.Plaintext) {
							t.Errorf("message %d became %q, %d, %v", m.Index, plaintext, index, err)
						}
						n.steps++
					}
					if s, err = r.UnpickleReceiver(c.Key, s.Pickle(c.Key)); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
		n.check(t, 87, 510, 0)
	})
}

func TestPeerPKDecryptions(t *testing.T) {
	eachSide(t, func(t *testing.T, r tested) {
		var n counts
		for _, c := range vectors.Peers().PKDecryptions {
			t.Run(c.Writer+" "+c.Name, func(t *testing.T) {
				n.cases++
				d, err := r.UnpicklePKDecryption(c.Key, c.Pickle)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "public key", d.PublicKey(), c.PublicKey)
				if c.Message == nil {
					return
				}
				if plaintext, err := d.Decrypt(*c.Message); err != nil || !bytes.Equal(plaintext, c.Plaintext) {
					t.Errorf("%q became %q, %v", c.Plaintext, plaintext, err)
				}
				n.steps++
			})
		}
		n.check(t, 16, 7, 0)
	})
}
