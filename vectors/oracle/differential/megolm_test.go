package differential

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/vectors/internal/side"
	oracle "github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// room is one sender, some members, and the messages under way.
type room struct {
	start   uint32 // the first index
	sender  [nImpl]side.Sender
	members []*[nImpl]side.Receiver
	mail    []groupLetter
}

type groupLetter struct {
	body      string
	plaintext []byte
	index     uint32
}

func (r *room) free() {
	each(&r.sender, func(s side.Sender) int { s.Free(); return 0 })
	for _, m := range r.members {
		each(m, func(g side.Receiver) int { g.Free(); return 0 })
	}
}

// newRoom starts a session at index 0, or, through a pickle, shortly before the index reaches a place
// where the ratchet's upper parts move.
func (w *world) newRoom() {
	r, random := new(room), w.random(160)
	for i, impl := range implementations {
		r.sender[i] = must(drawing(w, random, func(random io.Reader) (side.Sender, error) { return impl.NewSender(random), nil }))
	}
	if start := pick(w, []uint32{0, 0, 250, 1<<16 - 5, 1<<24 - 5, 1<<31 - 5, 1<<32 - 40}); start != 0 {
		key := []byte("key")
		raw, ok := oracle.OpenPickle(key, r.sender[reference].Pickle(key))
		if !ok {
			w.fail("libolm's outbound pickle does not open")
		}
		binary.BigEndian.PutUint32(raw[4+128:], start)
		pickled := oracle.SealPickle(key, raw)
		for i, impl := range implementations {
			r.sender[i] = must(impl.UnpickleSender(key, pickled))
		}
		r.start = start
	}
	same(w, "group session id", each(&r.sender, side.Sender.ID))
	w.rooms = append(w.rooms, r)
	if len(w.rooms) > 3 {
		w.rooms[0].free()
		w.rooms = w.rooms[1:]
	}
	w.joinRoom(r)
}

func (w *world) room() *room {
	if len(w.rooms) == 0 {
		w.newRoom()
	}
	return pick(w, w.rooms)
}

func (w *world) join() { w.joinRoom(w.room()) }

func (w *world) joinRoom(r *room) {
	key := same(w, "session key", each(&r.sender, side.Sender.SessionKey))
	raw := must(raw64.DecodeString(key))
	changed := w.changed(raw)
	var m [nImpl]side.Receiver
	var err [nImpl]error
	for i, impl := range implementations {
		m[i], err[i] = impl.NewReceiver(text(raw))
	}
	sameCabi(w, "join", each(&err, describe))
	if (err[reference] == nil) != (err[goAPI] == nil) {
		w.fail("join: the Go API has %v, libolm %v", err[goAPI], err[reference])
	}
	w.count["join: "+describe(err[reference])]++
	if err[reference] == nil && !changed {
		w.addMember(r, &m)
	}
}

func (w *world) addMember(r *room, m *[nImpl]side.Receiver) {
	same(w, "first known index", each(m, side.Receiver.FirstKnown))
	same(w, "verified", each(m, side.Receiver.Verified))
	r.members = append(r.members, m)
	if len(r.members) > 4 {
		each(r.members[0], func(g side.Receiver) int { g.Free(); return 0 })
		r.members = r.members[1:]
	}
}

func (w *world) sendToRoom() {
	r := w.room()
	index := same(w, "message index", each(&r.sender, side.Sender.Index))
	if index >= 1<<32-2 {
		return // libolm goes on with index 0; we don't
	}
	plaintext := w.random(pick(w, []int{0, 1, 15, 16, 17, 64, 200, 1000}))
	body := same(w, "group message", each(&r.sender, func(s side.Sender) string { return must(s.Encrypt(plaintext)) }))
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
		o[i].plaintext, index[i], o[i].err = to[i].Decrypt(text(raw))
	}
	want := o[reference].err
	w.count["group decrypt: "+describe(want)]++
	if errors.Is(want, libolm.ErrUnsafeForLibolm) {
		if o[cabi].err == nil || o[goAPI].err == nil {
			w.fail("group decrypt: what would make libolm read out of bounds is taken")
		}
		return
	}
	if describe(o[cabi].err) != describe(want) {
		w.fail("group decrypt: package cabi has %v, libolm %v", o[cabi].err, want)
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
	same(w, "verified", each(to, side.Receiver.Verified))
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
	first := from[reference].FirstKnown()
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
		exported[i], err[i] = from[i].Export(index)
	}
	sameCabi(w, "export", each(&err, describe))
	w.count["export: "+describe(err[reference])]++
	if err[reference] != nil {
		if !fitsGroup(err[reference], err[goAPI], false) {
			w.fail("export: the Go API has %v, libolm %v", err[goAPI], err[reference])
		}
		return
	}
	key := same(w, "exported key", exported)
	var m [nImpl]side.Receiver
	for i, impl := range implementations {
		if m[i], err[i] = impl.ImportReceiver(key); err[i] != nil {
			w.fail("%s: import: %v", impl.name, err[i])
		}
	}
	w.addMember(r, &m)
}

// inboundPickle returns what libolm would write for g.
func (w *world) inboundPickle(g side.Receiver, key []byte) string {
	w.t.Helper()
	text, differs, err := side.LibolmPickle(g, key)
	if err != nil {
		w.fail("inbound pickle: the Go API: %v", err)
	}
	if differs {
		w.count["verified in part"]++
	}
	return text
}

func (w *world) pickleRoom() {
	r, key := w.room(), w.pickleKey()
	pickled := same(w, "outbound pickle", each(&r.sender, func(s side.Sender) string { return s.Pickle(key) }))
	if w.choose(3) == 0 {
		for i := range r.sender {
			n := must(implementations[i].UnpickleSender(key, pickled))
			r.sender[i].Free()
			r.sender[i] = n
		}
	}
	for _, m := range r.members {
		pickled := same(w, "inbound pickle", each(m, func(g side.Receiver) string { return w.inboundPickle(g, key) }))
		if w.choose(3) == 0 {
			for i := range m {
				n, err := implementations[i].UnpickleReceiver(key, pickled)
				if err != nil {
					w.fail("%s does not read an inbound session: %v", implementations[i].name, err)
				}
				m[i].Free()
				m[i] = n
			}
		}
	}
}
