package main

import (
	"bytes"
	"encoding/base64"
	"log"
	"maps"
	"slices"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

type account struct {
	Writer string     `json:"writer"`
	Name   string     `json:"name"`
	Key    call.Bytes `json:"key"`
	written
	Ed25519    string            `json:"ed25519"`
	Curve25519 string            `json:"curve25519"`
	OneTime    map[string]string `json:"unpublished,omitempty"` // one-time keys by their ids
	Stored     int               `json:"one_time_keys"`         // published ones too
	Fallback   map[string]string `json:"fallback,omitempty"`    // the current one
	Input      call.Bytes        `json:"input"`
	Signature  string            `json:"signature"`
	First      []firstMessage    `json:"first_messages,omitempty"`
}

// firstMessage is a message that creates a session with one of the account's keys.
type firstMessage struct {
	To        string     `json:"to"` // the key
	Newer     int        `json:"newer"`
	From      string     `json:"from"`
	Body      string     `json:"body"`
	Plaintext call.Bytes `json:"plaintext"`
	kept
}

// owner is an account in the making. It remembers its one-time keys, oldest first, used ones left out.
type owner struct {
	*peer
	object, other, otherIdentity string
	keys                         []string
	identity                     string
	fallbacks                    []string          // oldest first
	current                      map[string]string // fallback key; vodozemac forgets its id once it is published
	full                         int               // how many one-time keys the writer stores
}

func (p *peer) owner() *owner {
	o := &owner{peer: p, object: p.name("account"), other: p.name("account"), full: 100}
	for _, object := range []string{o.object, o.other} {
		p.do(call.Request{Op: "account", Object: object})
	}
	o.identity = o.state().Curve25519
	o.otherIdentity = p.do(call.Request{Op: "keys", Object: o.other}).Curve25519
	return o
}

func (o *owner) state() call.Response { return o.do(call.Request{Op: "keys", Object: o.object}) }

// generate adds n keys in steps, so that their order is known where ids do not tell it.
func (o *owner) generate(n int) {
	for n > 0 {
		step := min(n, 50)
		n -= step
		before := o.state().OneTime
		o.do(call.Request{Op: "one_time_keys", Object: o.object, Count: step})
		after := o.state().OneTime
		for _, id := range slices.SortedFunc(maps.Keys(after), byNumber) {
			if _, old := before[id]; !old {
				o.keys = append(o.keys, after[id])
			}
		}
	}
}

// byNumber compares ids, which are base64 of big-endian numbers: their order as texts is another.
func byNumber(a, b string) int {
	decode := func(id string) []byte {
		number, err := base64.RawStdEncoding.DecodeString(id)
		if err != nil {
			log.Fatal(err)
		}
		return number
	}
	return bytes.Compare(decode(a), decode(b))
}

func (o *owner) publish() { o.do(call.Request{Op: "publish", Object: o.object}) }

// fallback generates a fallback key, and reports whether there are such keys.
func (o *owner) fallback() bool {
	if _, err := o.try(call.Request{Op: "fallback", Object: o.object}); err != nil {
		return false
	}
	o.current = o.state().Fallback
	for _, key := range o.current {
		o.fallbacks = append(o.fallbacks, key)
	}
	return true
}

// first makes a message to a key.
func (o *owner) first(to string) firstMessage {
	session := o.name("session")
	o.do(call.Request{Op: "outbound", Object: session, Account: o.other, Identity: o.identity, Key: to})
	plaintext := call.Bytes("to " + to[:6])
	m := o.do(call.Request{Op: "encrypt", Object: session, Bytes: plaintext})
	return firstMessage{To: to, From: o.otherIdentity, Body: m.Text, Plaintext: plaintext}
}

// use takes the one-time key at place i.
func (o *owner) use(i int) {
	m := o.first(o.keys[i])
	session := o.name("session")
	o.do(call.Request{Op: "inbound", Object: session, Account: o.object, Identity: m.From, Text: m.Body})
	if _, err := o.try(call.Request{Op: "remove", Object: o.object, Session: session}); err != nil {
		log.Fatal(o.writer, ": ", err)
	}
	o.keys = slices.Delete(o.keys, i, i+1)
}

// finish writes the account, with messages to the one-time keys of which so many are newer, and to all fallback keys.
func (o *owner) finish(name string, withJSON bool, newer ...int) *account {
	a := &account{Writer: o.writer, Name: name, Key: pickleKey, Input: call.Bytes("signed by " + name), Stored: min(len(o.keys), o.full)}
	state := o.state()
	a.Ed25519, a.Curve25519, a.OneTime, a.Fallback = state.Ed25519, state.Curve25519, state.OneTime, o.current
	a.Signature = o.do(call.Request{Op: "sign", Object: o.object, Bytes: a.Input}).Text
	for _, n := range newer {
		if n < len(o.keys) {
			m := o.first(o.keys[len(o.keys)-1-n])
			m.Newer = n
			a.First = append(a.First, m)
		}
	}
	for _, key := range o.fallbacks {
		a.First = append(a.First, o.first(key))
	}
	a.written = o.pickle(o.object, withJSON)
	for i := range a.First {
		m := &a.First[i]
		m.kept = o.kept(o.object, a.written, func() bool {
			r, err := o.try(call.Request{Op: "inbound", Object: o.name("session"), Account: o.object, Identity: m.From, Text: m.Body})
			return err == nil && string(r.Bytes) == string(m.Plaintext)
		})
	}
	return a
}

func (f *file) accounts(p *peer) {
	add := func(a *account) {
		if !p.few || a.Name == "used" || a.Name == "two_fallbacks_published" {
			f.Accounts = append(f.Accounts, a)
		}
	}

	add(p.owner().finish("new", true))

	o := p.owner()
	o.generate(12)
	o.publish()
	o.generate(5)
	for _, i := range []int{7, 2, 13, 0} { // which changes the order in which some store them
		o.use(i)
	}
	add(o.finish("used", true, 0, 3, 4, 11, 12))

	o = p.owner()
	if !p.has.sessions { // vodozemac has room for 5,000
		o.full = 5000
		o.generate(180)
		o.publish()
		o.generate(20)
	} else {
		o.generate(80)
		o.publish()
		o.generate(40)
		o.publish()
	}
	add(o.finish("full", false, 0, 50, 99, 100, 150))

	o = p.owner()
	if !o.fallback() {
		return
	}
	add(o.finish("fallback", true))
	o.publish()
	add(o.finish("fallback_published", false))
	o.fallback()
	add(o.finish("two_fallbacks", false))
	o.publish()
	o.generate(3)
	add(o.finish("two_fallbacks_published", true, 0, 2))
	o.fallback()
	add(o.finish("third_fallback", false))
	if _, err := p.try(call.Request{Op: "forget_fallback", Object: o.object}); err == nil {
		add(o.finish("forgotten_fallback", false))
	}
}
