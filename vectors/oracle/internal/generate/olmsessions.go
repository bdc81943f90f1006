package generate

import (
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors"
)

func olmSessionsFile() file {
	var cases []*transcript
	add := func(name, note string, run func(t *transcript)) {
		t := newTranscript("olm_sessions", name, note)
		run(t)
		cases = append(cases, t.close())
	}
	for _, c := range olmCases {
		add(c.name, c.note, c.run)
	}
	for i := range 4 {
		add(fmt.Sprintf("random_%d", i+1), "a random schedule: loss, reordering, duplicates, reloads", randomSchedule)
	}
	return file{
		Description: "Conversations of two accounts, step by step with all random bytes, messages and states.",
		Cases:       cases,
	}
}

// pair sets up alice, bob with n one-time keys, and the session "a" from alice to bob.
func pair(t *transcript, n int) {
	t.createAccount("alice")
	t.createAccount("bob")
	t.generateOneTimeKeys("bob", n)
	oneTime := t.oldestOneTimeKey("bob")
	t.markPublished("bob")
	t.outbound("a", "alice", t.identityKey("bob"), oneTime)
}

// established goes on until both sides have received: "a" and "b".
func established(t *transcript) {
	pair(t, 1)
	t.accept("b", "bob", t.encrypt("a", vectors.Bytes("first")), "")
	t.decrypt("a", t.encrypt("b", vectors.Bytes("answer")))
}

func text(format string, args ...any) vectors.Bytes {
	return vectors.Bytes(fmt.Sprintf(format, args...))
}

var olmCases = []struct {
	name, note string
	run        func(t *transcript)
}{
	{"in_order", "everything arrives in order; every plaintext length of interest, both ways", func(t *transcript) {
		pair(t, 3)
		t.hasReceived("a")
		t.describe("a")
		t.accept("b", "bob", t.encrypt("a", vectors.Bytes{}), "")
		t.sessionID("a")
		t.sessionID("b")
		t.hasReceived("b")
		t.describe("b")
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 255, 256, 1000} {
			t.decrypt("a", t.encrypt("b", t.rand.Bytes(n)))
			t.decrypt("b", t.encrypt("a", t.rand.Bytes(n)))
			t.decrypt("b", t.encrypt("a", t.rand.Bytes(n+1)))
		}
		t.hasReceived("a")
		t.describe("a")
		t.decrypt("a", t.encrypt("b", t.rand.Bytes(5000)))
		t.pickleSession("a", vectors.Bytes("a"))
		t.pickleSession("b", vectors.Bytes("b"))
	}},

	{"prekey_repeated", "several pre-key messages before the answer, then normal ones", func(t *transcript) {
		pair(t, 1)
		var names []string
		for i, n := range []int{0, 1, 15, 16, 17, 31, 32, 255, 256, 1000} {
			names = append(names, t.encrypt("a", t.rand.Bytes(n+i%2)))
		}
		t.accept("b", "bob", names[0], "")
		for _, m := range names {
			t.matches("b", m, "")
			t.matches("b", m, t.identityKey("alice"))
		}
		for _, m := range names[1:] {
			t.decrypt("b", m)
		}
		t.decrypt("b", names[0])
		t.decrypt("a", t.encrypt("b", vectors.Bytes("answer")))
		t.decrypt("b", t.encrypt("a", vectors.Bytes("now a normal message")))
		t.inbound("late", "bob", names[3], "") // the account has forgotten the key
		t.inbound("late", "bob", names[0], t.identityKey("alice"))
		t.removeOneTimeKey("bob", "b")
	}},

	{"prekey_first_lost", "the session is created from the third pre-key message; the earlier two arrive later", func(t *transcript) {
		pair(t, 2)
		m := []string{t.encrypt("a", vectors.Bytes("one")), t.encrypt("a", vectors.Bytes("two")), t.encrypt("a", vectors.Bytes("three"))}
		t.accept("b", "bob", m[2], t.identityKey("alice"))
		t.describe("b")
		t.decrypt("b", m[0])
		t.decrypt("b", m[1])
		t.decrypt("b", m[2])
		t.describe("b")
	}},

	{"out_of_order", "ten messages each way in another order, across a change of chains", func(t *transcript) {
		established(t)
		order := []int{3, 0, 9, 8, 1, 7, 2, 6, 4, 5}
		for round := range 2 {
			var m []string
			for i := range 10 {
				m = append(m, t.encrypt("a", text("round %d message %d", round, i)))
			}
			var back []string
			for i := range 10 {
				back = append(back, t.encrypt("b", text("back %d message %d", round, i)))
			}
			for _, i := range order {
				t.decrypt("b", m[i])
				t.decrypt("a", back[9-i])
			}
			t.describe("a")
			t.describe("b")
		}
	}},

	{"lost_and_duplicated", "messages that never come, and messages that come twice", func(t *transcript) {
		established(t)
		for round := range 3 {
			var m []string
			for i := range 6 {
				m = append(m, t.encrypt("a", text("round %d message %d", round, i)))
			}
			t.decrypt("b", m[1])
			t.decrypt("b", m[1])
			t.drop(m[0])
			t.drop(m[2])
			t.decrypt("b", m[4])
			t.decrypt("b", m[3])
			t.decrypt("b", m[3])
			t.decrypt("b", m[4])
			t.drop(m[5])
			t.decrypt("a", t.encrypt("b", text("answer %d", round)))
		}
		t.describe("b")
		t.pickleSession("b", vectors.Bytes("with skipped keys"))
	}},

	{"many_chains", "eight receiving chains with a message held back in each; only the newest five chains remain", func(t *transcript) {
		established(t)
		var held []string
		for i := range 8 {
			held = append(held, t.encrypt("a", text("held back %d", i)))
			t.decrypt("b", t.encrypt("a", text("turn %d", i)))
			t.decrypt("a", t.encrypt("b", text("answer %d", i)))
		}
		t.describe("b")
		for _, m := range held {
			t.decrypt("b", m)
		}
		t.describe("b")
	}},

	{"many_chains_unread", "seven receiving chains without anything held back: the states are equal everywhere", func(t *transcript) {
		established(t)
		for i := range 7 {
			t.decrypt("b", t.encrypt("a", text("turn %d", i)))
			t.decrypt("a", t.encrypt("b", text("answer %d", i)))
		}
		t.describe("b")
		t.pickleSession("a", vectors.Bytes("seven"))
	}},

	{"skipped_in_one_chain", "45 messages are skipped in one chain: the keys of the newest 40 are kept", func(t *transcript) {
		established(t)
		var m []string
		for i := range 46 {
			m = append(m, t.encrypt("a", text("%d", i)))
		}
		t.decrypt("b", m[45])
		t.describe("b")
		t.pickleSession("b", vectors.Bytes("forty"))
		for _, i := range []int{44, 5, 4, 0, 20, 3} {
			t.decrypt("b", m[i])
		}
		t.describe("b")
		for range 3 {
			t.encrypt("a", vectors.Bytes{})
		}
		t.decrypt("b", t.encrypt("a", vectors.Bytes("more skipped")))
		t.describe("b")
	}},

	{"skipped_in_two_chains", "30 messages are skipped in each of two chains: libolm keeps 40 keys in all", func(t *transcript) {
		established(t)
		var first, second []string
		for i := range 31 {
			first = append(first, t.encrypt("a", text("first %d", i)))
		}
		t.decrypt("b", first[30])
		t.decrypt("a", t.encrypt("b", vectors.Bytes("turn")))
		for i := range 31 {
			second = append(second, t.encrypt("a", text("second %d", i)))
		}
		t.decrypt("b", second[30])
		t.describe("b")
		for _, m := range []string{first[0], first[19], first[20], first[29], second[0], second[29]} {
			t.decrypt("b", m)
		}
		t.describe("b")
	}},

	{"gap_new_chain_accepted", "the first message of a new chain that arrives has counter 2000", func(t *transcript) {
		established(t)
		t.encryptMany("a", 2000, vectors.Bytes("lost"))
		t.decrypt("b", t.encrypt("a", vectors.Bytes("counter 2000")))
		t.describe("b")
		t.decrypt("a", t.encrypt("b", vectors.Bytes("and on")))
	}},

	{"gap_new_chain_refused", "counter 2001 in a new chain is too far; the session stays as it was", func(t *transcript) {
		established(t)
		t.encryptMany("a", 2001, vectors.Bytes("lost"))
		t.decrypt("b", t.encrypt("a", vectors.Bytes("counter 2001")))
		t.describe("b")
		t.decrypt("a", t.encrypt("b", vectors.Bytes("still the old chain")))
	}},

	{"gap_old_chain", "in a known chain a gap of 2000 is accepted and one of 2001 refused", func(t *transcript) {
		established(t)
		t.decrypt("b", t.encrypt("a", vectors.Bytes("counter 0")))
		t.encryptMany("a", 2000, vectors.Bytes("lost"))
		m := t.encrypt("a", vectors.Bytes("counter 2001, gap 2000"))
		t.encryptMany("a", 2001, vectors.Bytes("lost"))
		n := t.encrypt("a", vectors.Bytes("counter 4003, gap 2001"))
		t.decrypt("b", m)
		t.decrypt("b", n)
		t.describe("b")
		t.describe("a")
	}},

	{"gap_prekey", "a session created from a pre-key message with counter 2001: created, but not decrypted", func(t *transcript) {
		pair(t, 1)
		t.encryptMany("a", 2000, vectors.Bytes("lost"))
		m, n := t.encrypt("a", vectors.Bytes("counter 2000")), t.encrypt("a", vectors.Bytes("counter 2001"))
		t.inbound("b", "bob", n, "")
		t.decrypt("b", n)
		t.decrypt("b", m)
		t.describe("b")
	}},

	{"fallback_key", "sessions on a fallback key, before and after its rotation, and after it was forgotten", func(t *transcript) {
		t.createAccount("alice")
		t.createAccount("bob")
		t.generateOneTimeKeys("bob", 1)
		t.generateFallback("bob")
		fallback := t.fallbackKey("bob")
		t.markPublished("bob")
		bob := t.identityKey("bob")
		t.outbound("a1", "alice", bob, fallback)
		t.outbound("a2", "alice", bob, fallback)
		t.outbound("a3", "alice", bob, fallback)
		t.accept("b1", "bob", t.encrypt("a1", vectors.Bytes("current fallback key")), "")
		t.decrypt("a1", t.encrypt("b1", vectors.Bytes("answer")))
		t.generateFallback("bob")
		t.accept("b2", "bob", t.encrypt("a2", vectors.Bytes("previous fallback key")), t.identityKey("alice"))
		t.decrypt("a2", t.encrypt("b2", vectors.Bytes("answer")))
		t.outbound("a4", "alice", bob, t.fallbackKey("bob"))
		t.forgetFallback("bob")
		t.inbound("b3", "bob", t.encrypt("a3", vectors.Bytes("forgotten fallback key")), "")
		t.removeOneTimeKey("bob", "b2")
		t.accept("b4", "bob", t.encrypt("a4", vectors.Bytes("current again")), "")
		t.reloadAccount("bob", vectors.Bytes("bob"))
		t.removeOneTimeKey("bob", "b4")
	}},

	{"two_sessions", "both sides start a session at once; messages do not decrypt in the other one", func(t *transcript) {
		t.createAccount("alice")
		t.createAccount("bob")
		t.generateOneTimeKeys("alice", 2)
		t.generateOneTimeKeys("bob", 2)
		alice, bob := t.identityKey("alice"), t.identityKey("bob")
		t.outbound("a1", "alice", bob, t.oldestOneTimeKey("bob"))
		t.outbound("b2", "bob", alice, t.oldestOneTimeKey("alice"))
		t.matches("a1", t.encrypt("a1", vectors.Bytes("my own message")), "")
		m, n := t.encrypt("a1", vectors.Bytes("from alice")), t.encrypt("b2", vectors.Bytes("from bob"))
		t.accept("b1", "bob", m, alice)
		t.accept("a2", "alice", n, bob)
		t.matches("b1", m, alice)
		t.matches("b1", m, bob)
		t.matches("b1", n, "")
		t.matches("b2", m, "")
		t.decrypt("b2", m)
		t.decrypt("a1", n)
		t.decrypt("a1", t.encrypt("b1", vectors.Bytes("in session 1")))
		o := t.encrypt("a2", vectors.Bytes("in session 2"))
		t.decrypt("b1", o)
		t.decrypt("b2", o)
		t.sessionID("a1")
		t.sessionID("b2")
	}},

	{"one_key_two_sessions", "libolm keeps a one-time key until told: two sessions are created on the same one", func(t *transcript) {
		t.createAccount("alice")
		t.createAccount("bob")
		t.generateOneTimeKeys("bob", 3)
		bob, key := t.identityKey("bob"), t.oldestOneTimeKey("bob")
		t.outbound("a1", "alice", bob, key)
		t.outbound("a2", "alice", bob, key)
		m1, m2 := t.encrypt("a1", vectors.Bytes("first")), t.encrypt("a2", vectors.Bytes("second"))
		t.Needs = append(t.Needs, vectors.NeedsTwoStep)
		t.inbound("b1", "bob", m1, "")
		t.inbound("b2", "bob", m2, "")
		t.decrypt("b1", m1)
		t.decrypt("b2", m2)
		t.removeOneTimeKey("bob", "b2")
		t.removeOneTimeKey("bob", "b1")
		t.oneTimeKeys("bob")
		t.inbound("b3", "bob", m1, "")
	}},

	{"answer_before_decrypt", "bob answers in a created session before he decrypted anything: his messages are pre-key messages", func(t *transcript) {
		pair(t, 1)
		m := t.encrypt("a", vectors.Bytes("first"))
		t.Needs = append(t.Needs, vectors.NeedsTwoStep)
		t.inbound("b", "bob", m, "")
		t.hasReceived("b")
		early := t.encrypt("b", vectors.Bytes("too early"))
		t.decrypt("a", early)
		t.decrypt("b", m)
		t.decrypt("a", t.encrypt("b", vectors.Bytes("a normal message of the same chain")))
		t.describe("b")
	}},

	{"wrong_identity", "an inbound session from an identity key that is not the message's", func(t *transcript) {
		pair(t, 2)
		m := t.encrypt("a", vectors.Bytes("from alice"))
		t.inbound("b", "bob", m, t.identityKey("bob"))
		t.createAccount("carol")
		t.inbound("c", "carol", m, t.identityKey("alice"))
		t.accept("b", "bob", m, t.identityKey("alice"))
	}},

	{"reload", "both sides are pickled and read again after every message, under keys of several lengths", func(t *transcript) {
		pair(t, 1)
		keys := []vectors.Bytes{{}, vectors.Bytes("k"), t.rand.Bytes(32), t.rand.Bytes(64), t.rand.Bytes(65), t.rand.Bytes(200)}
		t.reloadSession("a", keys[0])
		t.reloadAccount("bob", keys[2])
		m := t.encrypt("a", vectors.Bytes("first"))
		t.reloadSession("a", keys[1])
		t.accept("b", "bob", m, "")
		t.reloadAccount("bob", keys[3])
		for i, key := range keys {
			t.reloadSession("b", key)
			from, to := "b", "a"
			if i%2 == 1 {
				from, to = to, from
			}
			late := t.encrypt(from, text("late %d", i))
			m := t.encrypt(from, text("message %d", i))
			t.reloadSession(from, key)
			t.decrypt(to, m)
			t.reloadSession(to, key)
			t.decrypt(to, late)
		}
	}},
}

// randomSchedule lets the stream decide.
func randomSchedule(t *transcript) {
	pair(t, 1+t.rand.Below(3))
	flying := map[string][]string{}    // receiving session -> messages on the way
	delivered := map[string][]string{} // and those that arrived
	for range 110 {
		from, to := "a", "b"
		if t.sessions["b"] != nil && t.rand.Below(2) == 1 {
			from, to = to, from
		}
		switch n := t.rand.Below(16); {
		case n < 7:
			flying[to] = append(flying[to], t.encrypt(from, t.rand.Bytes(t.rand.Below(60))))
		case n < 13:
			if len(flying[to]) == 0 {
				continue
			}
			i := 0
			if n >= 11 {
				i = t.rand.Below(len(flying[to]))
			}
			m := flying[to][i]
			flying[to] = slices.Delete(flying[to], i, i+1)
			if t.sessions[to] == nil {
				t.accept("b", "bob", m, "")
			} else {
				t.decrypt(to, m)
			}
			delivered[to] = append(delivered[to], m)
		case n < 14:
			if len(flying[to]) > 0 {
				t.drop(flying[to][0])
				flying[to] = flying[to][1:]
			}
		case n < 15:
			if len(delivered[to]) > 0 {
				t.decrypt(to, delivered[to][t.rand.Below(len(delivered[to]))])
			}
		default:
			t.reloadSession(from, t.rand.Bytes(t.rand.Below(40)))
		}
	}
	for _, s := range []string{"a", "b"} {
		for _, m := range flying[s] {
			t.decrypt(s, m)
		}
		t.describe(s)
		t.pickleSession(s, t.rand.Bytes(32))
	}
}
