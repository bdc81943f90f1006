package differential

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// room is one sender, some members, and the messages under way.
type room struct {
	start   uint32 // the first index
	sender  [nImpl]sender
	members []*[nImpl]receiver
	mail    []groupLetter
}

type groupLetter struct {
	body      string
	plaintext []byte
	index     uint32
}

func (r *room) free() {
	each(&r.sender, func(s sender) int { s.free(); return 0 })
	for _, m := range r.members {
		each(m, func(g receiver) int { g.free(); return 0 })
	}
}

// newRoom starts a session at index 0, or, through a pickle, shortly before the index reaches a place
// where the ratchet's upper parts move.
func (w *world) newRoom() {
	r, random := new(room), w.random(160)
	for i, impl := range implementations {
		r.sender[i] = impl.newSender(random)
	}
	if start := pick(w, []uint32{0, 0, 250, 1<<16 - 5, 1<<24 - 5, 1<<31 - 5, 1<<32 - 40}); start != 0 {
		key := []byte("key")
		pickled := []byte(r.sender[reference].pickle(key))
		raw := bytes.Clone(must2(envelope.Open(pickled, key)))
		binary.BigEndian.PutUint32(raw[4+128:], start)
		copy(envelope.Contents(pickled, len(raw)), raw)
		envelope.Seal(pickled, key, len(raw))
		for i := range r.sender {
			r.sender[i] = must(r.sender[i].unpickle(key, string(pickled)))
		}
		r.start = start
	}
	same(w, "group session id", each(&r.sender, sender.id))
	w.rooms = append(w.rooms, r)
	if len(w.rooms) > 3 {
		w.rooms[0].free()
		w.rooms = w.rooms[1:]
	}
	w.joinRoom(r)
}

func must2[T any, C ~uint8](x T, code C) T {
	if code != 0 {
		panic(code)
	}
	return x
}

func (w *world) room() *room {
	if len(w.rooms) == 0 {
		w.newRoom()
	}
	return pick(w, w.rooms)
}

func (w *world) join() { w.joinRoom(w.room()) }

func (w *world) joinRoom(r *room) {
	key := same(w, "session key", each(&r.sender, sender.sessionKey))
	raw := must(raw64.DecodeString(key))
	changed := w.changed(raw)
	var m [nImpl]receiver
	var err [nImpl]error
	for i, impl := range implementations {
		m[i], err[i] = impl.inbound(text(raw))
	}
	sameEngine(w, "join", each(&err, describe))
	if (err[reference] == nil) != (err[goAPI] == nil) {
		w.fail("join: the Go API has %v, libolm %v", err[goAPI], err[reference])
	}
	w.count["join: "+describe(err[reference])]++
	if err[reference] == nil && !changed {
		w.addMember(r, &m)
	}
}

func (w *world) addMember(r *room, m *[nImpl]receiver) {
	same(w, "first known index", each(m, receiver.firstKnown))
	same(w, "verified", each(m, receiver.verified))
	r.members = append(r.members, m)
	if len(r.members) > 4 {
		each(r.members[0], func(g receiver) int { g.free(); return 0 })
		r.members = r.members[1:]
	}
}

func (w *world) sendToRoom() {
	r := w.room()
	index := same(w, "message index", each(&r.sender, sender.index))
	if index >= 1<<32-2 {
		return // libolm goes on with index 0; we don't
	}
	plaintext := w.random(pick(w, []int{0, 1, 15, 16, 17, 64, 200, 1000}))
	body := same(w, "group message", each(&r.sender, func(s sender) string { return s.encrypt(plaintext) }))
	r.mail = append(r.mail, groupLetter{body, plaintext, index})
	r.mail = r.mail[max(0, len(r.mail)-50):]
}

func (w *world) deliverToMember() {
	r := w.room()
	if len(r.mail) == 0 || len(r.members) == 0 {
		return
	}
	to, m := pick(w, r.members), pick(w, r.mail)
	raw := must(raw64.DecodeString(m.body))
	changed := w.changed(raw)
	var o [nImpl]outcome
	var index [nImpl]uint32
	for i := range to {
		o[i].plaintext, index[i], o[i].err = to[i].decrypt(text(raw))
	}
	want := o[reference].err
	w.count["group decrypt: "+describe(want)]++
	if errors.Is(want, libolm.ErrUnsafeForLibolm) {
		if o[engine].err == nil || o[goAPI].err == nil {
			w.fail("group decrypt: what would make libolm read out of bounds is taken")
		}
		return
	}
	if describe(o[engine].err) != describe(want) {
		w.fail("group decrypt: the engine has %v, libolm %v", o[engine].err, want)
	}
	switch {
	case want == nil:
		if changed {
			w.fail("group decrypt: a changed message is taken")
		}
		for i := range o {
			if o[i].err != nil || !bytes.Equal(o[i].plaintext, m.plaintext) || index[i] != m.index {
				w.fail("group decrypt: %s has %x at %d (%v), not %x at %d", implementations[i].name,
					o[i].plaintext, index[i], o[i].err, m.plaintext, m.index)
			}
		}
	case !fitsGroup(want, o[goAPI].err, changed):
		w.fail("group decrypt: the Go API has %v, which does not fit libolm's %v", o[goAPI].err, want)
	}
	same(w, "verified", each(to, receiver.verified))
}

func fitsGroup(reference, got error, changed bool) bool {
	var unknown *megolm.UnknownIndexError
	var is []error
	switch reference.Error() {
	case "BAD_SIGNATURE":
		is = []error{megolm.ErrSignature}
	case "BAD_MESSAGE_VERSION":
		is = []error{megolm.ErrMessageVersion}
	case "BAD_MESSAGE_FORMAT":
		is = []error{megolm.ErrMessageFormat}
	case "UNKNOWN_MESSAGE_INDEX":
		return errors.As(got, &unknown)
	}
	if changed {
		is = append(is, megolm.ErrMessageFormat)
	}
	return slices.ContainsFunc(is, func(err error) bool { return errors.Is(got, err) })
}

func (w *world) export() {
	r := w.room()
	if len(r.members) == 0 {
		return
	}
	from := pick(w, r.members)
	first := from[reference].firstKnown()
	at := int64(first) + int64(pick(w, []int{0, 0, 1, 5, 300, 1 << 17, 1 << 30}))
	if w.choose(5) == 0 {
		at = int64(first) - 1 - int64(w.choose(3))
	}
	if at < 0 || at > 1<<32-1 || at-int64(r.start) > 1<<30+1<<20 {
		// Past the end, and half way round, libolm goes on and the Go API doesn't. Such cases are
		// in the vectors.
		return
	}
	index := uint32(at)
	var exported [nImpl]string
	var err [nImpl]error
	for i := range from {
		exported[i], err[i] = from[i].export(index)
	}
	sameEngine(w, "export", each(&err, describe))
	w.count["export: "+describe(err[reference])]++
	if err[reference] != nil {
		if !fitsGroup(err[reference], err[goAPI], false) {
			w.fail("export: the Go API has %v, libolm %v", err[goAPI], err[reference])
		}
		return
	}
	key := same(w, "exported key", exported)
	var m [nImpl]receiver
	for i, impl := range implementations {
		if m[i], err[i] = impl.imported(key); err[i] != nil {
			w.fail("%s: import: %v", impl.name, err[i])
		}
	}
	w.addMember(r, &m)
}

// inboundPickle returns what libolm would write for g. The Go API knows of an import from which index on messages
// have verified it. Unless that is its first it leaves the flag away that libolm sets after any message: that is
// all that may differ.
func (w *world) inboundPickle(g receiver, key []byte) string {
	text := g.pickle(key)
	if api, ok := g.(gReceiver); ok && api.verified() && !api.g.Verified() {
		w.count["verified in part"]++
		sealed := []byte(text)
		raw := bytes.Clone(must2(envelope.Open(bytes.Clone(sealed), key)))
		if raw[len(raw)-1] != 0 {
			w.fail("inbound pickle: the Go API stores as verified what is so in part")
		}
		raw[len(raw)-1] = 1
		copy(envelope.Contents(sealed, len(raw)), raw)
		envelope.Seal(sealed, key, len(raw))
		text = string(sealed)
	}
	return text
}

func (w *world) pickleRoom() {
	r, key := w.room(), w.pickleKey()
	pickled := same(w, "outbound pickle", each(&r.sender, func(s sender) string { return s.pickle(key) }))
	if w.choose(3) == 0 {
		for i := range r.sender {
			n := must(r.sender[i].unpickle(key, pickled))
			r.sender[i].free()
			r.sender[i] = n
		}
	}
	for _, m := range r.members {
		pickled := same(w, "inbound pickle", each(m, func(g receiver) string { return w.inboundPickle(g, key) }))
		if w.choose(3) == 0 {
			for i := range m {
				n, err := m[i].unpickle(key, pickled)
				if err != nil {
					w.fail("%s does not read an inbound session: %v", implementations[i].name, err)
				}
				m[i].free()
				m[i] = n
			}
		}
	}
}
