package main

import (
	"encoding/base64"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

type session struct {
	Writer string     `json:"writer"`
	Name   string     `json:"name"`
	Key    call.Bytes `json:"key"`
	ID     string     `json:"id"`
	Sides  [2]side    `json:"sides"`
}

// side is one of the two sessions of a pair.
type side struct {
	written
	Skipped int           `json:"skipped"` // how many messages before others have not come
	Sends   []message     `json:"sends"`   // the next messages, to the other side
	Late    []lateMessage `json:"late,omitempty"`
}

type message struct {
	Type      int        `json:"type"`
	Body      string     `json:"body"`
	Plaintext call.Bytes `json:"plaintext"`
	kept                 // by the other side
	chain     int        // of its sender, from 0
	index     int
}

// lateMessage is one of the messages that were skipped.
type lateMessage struct {
	message
	Chains int `json:"newer_chains"` // how many chains its receiver has that are newer
	Newer  int `json:"newer"`        // how many skipped messages of its chain are newer
	All    int `json:"newer_in_all"` // how many skipped messages are newer, those of newer chains too
}

// pair are two sessions, the sender of the first message being side 0.
type pair struct {
	*peer
	objects [2]string
	party   [2]party
}

// party is what is to be known about a side to say which of its keys are the newest.
type party struct {
	chain, index int // of the next message that it sends
	answer       bool
	newest       int // chain of the other side
	sent         []*message
	delivered    map[*message]bool
	lost         map[*message]bool // their keys, in an old version that failed
}

// next are so many messages of a side after its pickle.
const next = 2

func (p *peer) pair() *pair { return p.begin("inbound") }

// begin sends the first message, and has the operation create the other side.
func (p *peer) begin(create string) *pair {
	c := &pair{peer: p}
	for i := range c.party {
		c.party[i] = party{newest: -1, chain: -1, answer: true, delivered: map[*message]bool{}, lost: map[*message]bool{}}
	}
	a, b := p.name("account"), p.name("account")
	p.do(call.Request{Op: "account", Object: a})
	p.do(call.Request{Op: "account", Object: b})
	p.do(call.Request{Op: "one_time_keys", Object: b, Count: 1})
	bob := p.do(call.Request{Op: "keys", Object: b})
	p.do(call.Request{Op: "publish", Object: b})
	c.objects = [2]string{p.name("session"), p.name("session")}
	for _, key := range bob.OneTime {
		p.do(call.Request{Op: "outbound", Object: c.objects[0], Account: a, Identity: bob.Curve25519, Key: key})
	}
	m := c.send(0)
	alice := p.do(call.Request{Op: "keys", Object: a})
	r := p.do(call.Request{Op: create, Object: c.objects[1], Account: b, Identity: alice.Curve25519, Text: m.Body})
	if create == "inbound" {
		if string(r.Bytes) != string(m.Plaintext) {
			log.Fatalf("%s: the first message is %q", p.writer, r.Bytes)
		}
		c.arrived(1, m)
	}
	return c
}

// send has a side encrypt a message.
func (c *pair) send(from int) *message {
	s := &c.party[from]
	if s.answer {
		s.chain++
		s.index, s.answer = 0, false
	}
	m := &message{Plaintext: call.Bytes(fmt.Sprintf("%d from %d in chain %d", s.index, from, s.chain)), chain: s.chain, index: s.index}
	r := c.do(call.Request{Op: "encrypt", Object: c.objects[from], Bytes: m.Plaintext})
	m.Type, m.Body = r.Type, r.Text
	s.index++
	s.sent = append(s.sent, m)
	return m
}

func (c *pair) sendMany(from, n int) (all []*message) {
	for range n {
		all = append(all, c.send(from))
	}
	return all
}

// deliver has a side decrypt a message that must decrypt.
func (c *pair) deliver(to int, m *message) {
	r := c.do(call.Request{Op: "decrypt", Object: c.objects[to], Type: m.Type, Text: m.Body})
	if string(r.Bytes) != string(m.Plaintext) {
		log.Fatalf("%s: %q became %q", c.writer, m.Plaintext, r.Bytes)
	}
	c.arrived(to, m)
}

// deliverLate has a side decrypt a message that was skipped. Up to 0.26 goolm looked for the key of the index alone, of
// whatever chain, and up to 0.21 it panicked once it had removed the key that it had found.
func (c *pair) deliverLate(to int, m *message) {
	r, err := c.try(call.Request{Op: "decrypt", Object: c.objects[to], Type: m.Type, Text: m.Body})
	switch {
	case err == nil && string(r.Bytes) == string(m.Plaintext):
		c.arrived(to, m)
	case err != nil && strings.HasPrefix(err.Error(), "panic: "):
		c.party[to].lost[m] = true
	}
}

func (c *pair) arrived(to int, m *message) {
	s := &c.party[to]
	s.delivered[m] = true
	if m.chain > s.newest {
		s.newest, s.answer = m.chain, true
	}
}

// turn sends a message each way.
func (c *pair) turn() {
	c.deliver(0, c.send(1))
	c.deliver(1, c.send(0))
}

// skipped returns the messages to a side that were skipped, newest first.
func (c *pair) skipped(to int) (late []*message) {
	last := map[int]int{}
	for m := range c.party[to].delivered {
		last[m.chain] = max(last[m.chain], m.index)
	}
	for _, m := range c.party[1-to].sent {
		if !c.party[to].delivered[m] && !c.party[to].lost[m] && m.index < last[m.chain] {
			late = append(late, m)
		}
	}
	slices.Reverse(late)
	return late
}

// finish writes both sides.
func (f *file) finish(c *pair, name string, withJSON bool) {
	if c.few && name != "not_decrypted" && name != "12_turns" && name != "60_in_a_chain" && name != "4_chains_of_12" {
		return
	}
	s := &session{Writer: c.writer, Name: name, Key: pickleKey, ID: c.do(call.Request{Op: "session", Object: c.objects[0]}).ID}
	for i := range s.Sides {
		late := c.skipped(i)
		s.Sides[i].Skipped = len(late)
		for n, m := range late {
			if slices.Contains([]int{0, 1, 7, 20, 38, 39, 40, 41, len(late) - 1}, n) {
				inChain := slices.IndexFunc(late, func(other *message) bool { return other.chain == m.chain })
				s.Sides[i].Late = append(s.Sides[i].Late, lateMessage{*m, c.party[i].newest - m.chain, n - inChain, n})
			}
		}
		if i == 1 && len(c.party[1].delivered) == 0 {
			s.Sides[i].Late = []lateMessage{{message: *c.party[0].sent[0]}}
		}
		s.Sides[i].written = c.pickle(c.objects[i], withJSON)
	}
	for i := range s.Sides {
		if i == 1 && len(c.party[1].delivered) == 0 {
			continue // it has nothing to say before it has the first message
		}
		for range next {
			s.Sides[i].Sends = append(s.Sides[i].Sends, *c.send(i))
		}
	}
	for i := range s.Sides {
		to := &s.Sides[i]
		decrypts := func(m *message) bool {
			r, err := c.try(call.Request{Op: "decrypt", Object: c.objects[i], Type: m.Type, Text: m.Body})
			return err == nil && string(r.Bytes) == string(m.Plaintext)
		}
		for n := range s.Sides[1-i].Sends {
			m := &s.Sides[1-i].Sends[n]
			m.kept = c.kept(c.objects[i], to.written, func() bool { return decrypts(m) })
		}
		for n := range to.Late {
			m := &to.Late[n].message
			m.kept = c.kept(c.objects[i], to.written, func() bool { return decrypts(m) })
		}
	}
	f.Sessions = append(f.Sessions, s)
}

func (f *file) sessions(p *peer) {
	f.finish(p.pair(), "new", true)
	// A session is stored before its first message is decrypted.
	f.finish(p.begin("create_inbound"), "not_decrypted", true)
	for _, turns := range []int{1, 5, 6, 11, 12, 15} {
		c := p.pair()
		for range turns {
			c.turn()
		}
		f.finish(c, fmt.Sprintf("%d_turns", turns), turns == 12)
	}

	// More than 40 skipped in a chain, then some of them, from everywhere.
	c := p.pair()
	c.turn()
	all := c.sendMany(0, 60)
	c.deliver(1, all[57])
	c.deliver(1, all[59])
	for _, i := range []int{30, 58, 45} {
		c.deliverLate(1, all[i])
	}
	f.finish(c, "60_in_a_chain", true)

	// Few in each chain, more than 40 in all. The first ones of chains are among them.
	c = p.pair()
	for range 4 {
		all := c.sendMany(0, 14)
		c.deliver(1, all[13])
		c.deliverLate(1, all[7])
		c.deliver(0, c.send(1))
	}
	f.finish(c, "4_chains_of_12", true)

	// In more chains than libolm keeps, on both sides.
	c = p.pair()
	for range 8 {
		for from := range 2 {
			all := c.sendMany(from, 6)
			c.deliver(1-from, all[5])
			c.deliverLate(1-from, all[2])
		}
	}
	f.finish(c, "8_chains_of_4", false)

	// After a message with a wrong MAC, of a new chain, and one of a chain that nobody has.
	c = p.pair()
	c.turn()
	c.deliver(0, c.send(1))
	m := c.send(0)
	c.refused(1, m, -1)
	f.finish(c, "forged_mac", false)

	c = p.pair()
	c.turn()
	c.deliver(0, c.send(1))
	c.refused(1, c.send(0), 10)
	f.finish(c, "forged_ratchet_key", false)
}

// refused delivers a message with one bit changed.
func (c *pair) refused(to int, m *message, at int) {
	raw, err := base64.RawStdEncoding.DecodeString(m.Body)
	if err != nil {
		log.Fatal(err)
	}
	if at < 0 {
		at += len(raw)
	}
	raw[at] ^= 1
	if _, err := c.try(call.Request{Op: "decrypt", Object: c.objects[to], Type: m.Type, Text: base64.RawStdEncoding.EncodeToString(raw)}); err == nil {
		log.Fatalf("%s: a forged message decrypts", c.writer)
	}
}
