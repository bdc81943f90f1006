package differential

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors/internal/side"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// link is a conversation of two people: the two ends of one session, the second of which exists
// only once its first message has arrived.
type link struct {
	who  [2]int
	ends [2]*[nImpl]side.Session
}

// letter is a message under way.
type letter struct {
	link      *link
	from      int // which end
	kind      int
	body      string
	plaintext []byte
}

func (l *link) free() {
	for _, e := range l.ends {
		if e != nil {
			each(e, func(s side.Session) int { s.Free(); return 0 })
		}
	}
}

func publicKeys(list string) (found []string) {
	var j map[string]map[string]string
	if err := json.Unmarshal([]byte(list), &j); err != nil {
		panic(err)
	}
	for _, key := range j["curve25519"] {
		found = append(found, key)
	}
	slices.Sort(found) // the schedule must not depend on the order of a map
	return found
}

func (w *world) curve25519(who int) string {
	var j map[string]string
	if err := json.Unmarshal([]byte(w.people[who].accounts[reference].IdentityKeys()), &j); err != nil {
		panic(err)
	}
	return j["curve25519"]
}

func (w *world) begin() {
	a := w.choose(3)
	b := (a + 1 + w.choose(2)) % 3
	if len(w.people[b].oneTime) == 0 {
		return
	}
	identity, oneTime, random := w.curve25519(b), pick(w, w.people[b].oneTime), w.random(64)
	var ends [nImpl]side.Session
	for i, account := range w.people[a].accounts {
		s, err := drawing(w, random, func(random io.Reader) (side.Session, error) { return account.Outbound(identity, oneTime, random) })
		if err != nil {
			w.fail("%s: outbound session: %v", implementations[i].name, err)
		}
		ends[i] = s
	}
	same(w, "session id", each(&ends, side.Session.ID))
	w.links = append(w.links, &link{who: [2]int{a, b}, ends: [2]*[nImpl]side.Session{&ends, nil}})
	if len(w.links) > 6 {
		w.end(0)
	}
}

// end ends a conversation, with what is under way in it.
func (w *world) end(i int) {
	l := w.links[i]
	w.links = slices.Delete(w.links, i, i+1)
	w.mail = slices.DeleteFunc(w.mail, func(m letter) bool { return m.link == l })
	l.free()
}

func (w *world) send() {
	if len(w.links) == 0 {
		w.begin()
		return
	}
	w.write(pick(w, w.links), w.choose(2))
}

func (w *world) burst() {
	if len(w.links) == 0 {
		return
	}
	l, from := pick(w, w.links), w.choose(2)
	for range 5 + w.choose(60) {
		w.write(l, from)
	}
}

func (w *world) write(l *link, from int) {
	if l.ends[from] == nil {
		from = 0
	}
	s := l.ends[from]
	plaintext := w.random(pick(w, []int{0, 1, 15, 16, 17, 64, 200, 1000}))
	var random []byte
	if s[reference].(lSession).EncryptRandomLength() > 0 {
		random = w.random(32)
	}
	m := letter{link: l, from: from, plaintext: plaintext}
	for i := range s {
		var kind int
		body, err := drawing(w, random, func(random io.Reader) (body string, err error) {
			kind, body, err = s[i].Encrypt(plaintext, random)
			return body, err
		})
		switch {
		case err != nil:
			w.fail("%s: encrypt: %v", implementations[i].name, err)
		case i == reference:
			m.kind, m.body = kind, body
		case kind != m.kind || body != m.body:
			w.fail("%s: message %d %s, libolm %d %s", implementations[i].name, kind, body, m.kind, m.body)
		}
	}
	w.mail = append(w.mail, m)
	if len(w.mail) > 300 {
		w.mail = w.mail[50:] // lost
	}
}

func (w *world) drop() {
	if len(w.mail) > 0 {
		i := w.choose(len(w.mail))
		w.mail = slices.Delete(w.mail, i, i+1)
	}
}

func (w *world) deliver() {
	if len(w.mail) == 0 {
		return
	}
	// Mostly one of the oldest, as in life.
	i := w.choose(len(w.mail))
	if w.choose(4) != 0 {
		i = w.choose(min(len(w.mail), 4))
	}
	w.deliverAt(i)
}

func (w *world) deliverNewest() {
	if len(w.mail) > 0 {
		w.deliverAt(len(w.mail) - 1)
	}
}

func (w *world) deliverAt(i int) {
	m := w.mail[i]
	if w.choose(6) != 0 { // otherwise it will come again
		w.mail = slices.Delete(w.mail, i, i+1)
	}
	raw := must(raw64.DecodeString(m.body))
	changed := w.changed(raw)
	body := raw64.EncodeToString(raw)
	if to := m.link.ends[1-m.from]; to != nil {
		w.decrypt(to, m, body, changed)
		return
	}
	var ends [nImpl]side.Session
	o := w.accept(m, body, changed, &ends)
	if o[reference].err == nil {
		if changed && ends[goAPI].ID() != ends[reference].ID() {
			// Nothing authenticates the top bit of the base key, which X25519 ignores: libolm's session then has
			// a name that its initiator does not know. The Go API refuses the key, and got the message as it was.
			if want := m.link.ends[0][reference].ID(); ends[goAPI].ID() != want {
				w.fail("session id: the Go API has %s, the initiator %s", ends[goAPI].ID(), want)
			}
			sameCabi(w, "session id", each(&ends, side.Session.ID))
			w.count["sessions that libolm gives another name than their initiator"]++
			(&link{ends: [2]*[nImpl]side.Session{&ends, nil}}).free()
			return
		}
		m.link.ends[1] = &ends
		same(w, "session id", each(&ends, side.Session.ID))
	}
}

// acceptAgain creates a second session from a message whose one-time key is used, or a fallback key.
func (w *world) acceptAgain() {
	for _, m := range w.mail {
		if m.kind == libolm.TypePreKey && m.from == 0 && m.link.ends[1] != nil {
			var ends [nImpl]side.Session
			if w.accept(m, m.body, false, &ends)[reference].err == nil {
				(&link{ends: [2]*[nImpl]side.Session{&ends, nil}}).free()
			}
			return
		}
	}
}

// outcome is what came of a decryption.
type outcome struct {
	plaintext []byte
	err       error
}

func (w *world) accept(m letter, body string, changed bool, ends *[nImpl]side.Session) (o [nImpl]outcome) {
	from, accounts := w.curve25519(m.link.who[0]), &w.people[m.link.who[1]].accounts
	for i, a := range accounts {
		ends[i], o[i].plaintext, o[i].err = a.Accept(from, body)
	}
	w.count["accept: "+describe(o[reference].err)]++
	w.compare("accept", &o, m, changed, false, func() (r outcome) {
		ends[goAPI], r.plaintext, r.err = accounts[goAPI].Accept(from, m.body)
		return r
	})
	return o
}

func (w *world) decrypt(to *[nImpl]side.Session, m letter, body string, changed bool) {
	if m.kind == libolm.TypePreKey {
		matches := func(s side.Session) bool {
			yes, err := s.Matches("", body)
			return yes && err == nil
		}
		sameCabi(w, "matches", each(to, matches))
		if !changed {
			same(w, "matches", each(to, matches))
		}
	}
	ahead := to[goAPI].Describe() != to[reference].Describe()
	var o [nImpl]outcome
	for i, s := range to {
		o[i].plaintext, o[i].err = s.Decrypt(m.kind, body)
	}
	w.count["decrypt: "+describe(o[reference].err)]++
	w.compare("decrypt", &o, m, changed, ahead, func() (r outcome) {
		r.plaintext, r.err = to[goAPI].Decrypt(m.kind, m.body)
		return r
	})
	same(w, "has received", each(to, side.Session.HasReceived))
	if sameCabi(w, "description", each(to, side.Session.Describe)) {
		w.count["sessions alike"]++
	} else {
		w.count["sessions that keep more keys in the Go API"]++
	}
}

func describe(err error) string {
	if err == nil {
		return "success"
	}
	return err.Error()
}

// compare compares the outcomes of decrypting m, which changed on its way or didn't. ahead says that
// the Go API keeps more keys for late messages than libolm; retry decrypts what m was before.
func (w *world) compare(what string, o *[nImpl]outcome, m letter, changed, ahead bool, retry func() outcome) {
	w.t.Helper()
	want, got := o[reference], o[goAPI]
	if errors.Is(want.err, libolm.ErrUnsafeForLibolm) {
		if o[cabi].err == nil || got.err == nil {
			w.fail("%s: what would make libolm read out of bounds is taken: package cabi %v, Go API %v", what, o[cabi].err, got.err)
		}
		return
	}
	if describe(o[cabi].err) != describe(want.err) {
		w.fail("%s: package cabi has %v, libolm %v", what, describe(o[cabi].err), describe(want.err))
	}
	if want.err == nil && !(bytes.Equal(o[cabi].plaintext, want.plaintext) && bytes.Equal(want.plaintext, m.plaintext)) {
		w.fail("%s: plaintexts %x, %x, not %x", what, want.plaintext, o[cabi].plaintext, m.plaintext)
	}
	switch {
	case want.err == nil && got.err != nil && changed:
		// libolm did not look at what was changed. The Go API did; give it the message as it was.
		w.count["changes that libolm does not notice"]++
		if got = retry(); got.err != nil {
			w.fail("%s: the Go API refuses a message that libolm takes: %v", what, got.err)
		}
	case want.err == nil && got.err != nil:
		w.fail("%s: the Go API has %v, libolm success", what, got.err)
	case want.err != nil && got.err == nil:
		if changed || !ahead {
			w.fail("%s: the Go API takes what libolm refuses with %v", what, want.err)
		}
		w.count["late messages that only the Go API has keys for"]++
	case want.err != nil:
		if !fits(want.err, got.err, changed) {
			w.fail("%s: the Go API has %v, which does not fit libolm's %v", what, got.err, want.err)
		}
		return
	}
	if !bytes.Equal(got.plaintext, m.plaintext) {
		w.fail("%s: the Go API has plaintext %x, not %x", what, got.plaintext, m.plaintext)
	}
}

// fits reports whether an error of the Go API is of the class of libolm's. A message that was changed
// may fail earlier in the Go API, in its stricter decoder.
func fits(reference, got error, changed bool) bool {
	var gap *olm.GapError
	var is []error
	switch reference.Error() {
	case "BAD_MESSAGE_MAC":
		is = []error{olm.ErrBadMAC, olm.ErrNoMessageKey}
		if errors.As(got, &gap) {
			return true
		}
	case "BAD_MESSAGE_KEY_ID":
		is = []error{olm.ErrUnknownOneTimeKey, olm.ErrIdentityMismatch}
	case "BAD_MESSAGE_VERSION":
		is = []error{olm.ErrMessageVersion}
	case "BAD_MESSAGE_FORMAT":
		is = []error{olm.ErrMessageFormat}
	}
	if changed {
		is = append(is, olm.ErrMessageFormat, olm.ErrMessageVersion, olm.ErrPublicKey, olm.ErrSessionMismatch, olm.ErrIdentityMismatch)
	}
	return slices.ContainsFunc(is, func(err error) bool { return errors.Is(got, err) })
}

func (w *world) pickleSession() {
	if len(w.links) == 0 {
		return
	}
	l, i := pick(w, w.links), w.choose(2)
	s := l.ends[i]
	if s == nil {
		return
	}
	key := w.pickleKey()
	pickled := each(s, func(s side.Session) string { return s.Pickle(key) })
	if !sameCabi(w, "session pickle", pickled) && s[goAPI].Describe() == s[reference].Describe() {
		w.fail("session pickle: the Go API has %s, libolm %s", pickled[goAPI], pickled[reference])
	}
	if w.choose(2) == 0 {
		for j := range s {
			n, err := implementations[j].UnpickleSession(key, pickled[reference])
			if err != nil {
				w.fail("%s does not read a session: %v", implementations[j].name, err)
			}
			s[j].Free()
			s[j] = n
		}
	}
}
