package main

import (
	"fmt"
	"log"
	"slices"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

type outbound struct {
	Writer string     `json:"writer"`
	Name   string     `json:"name"`
	Key    call.Bytes `json:"key"`
	written
	ID         string         `json:"id"`
	Index      uint32         `json:"index"`
	SessionKey string         `json:"session_key"`
	Sends      []groupMessage `json:"sends"`
}

type groupMessage struct {
	Index     uint32     `json:"index"`
	Body      string     `json:"body"`
	Plaintext call.Bytes `json:"plaintext"`
}

type inbound struct {
	Writer string     `json:"writer"`
	Name   string     `json:"name"`
	Key    call.Bytes `json:"key"`
	written
	ID       string         `json:"id"`
	First    uint32         `json:"first_known_index"`
	Verified bool           `json:"verified"`
	Messages []groupMessage `json:"messages"`
	ExportAt uint32         `json:"export_at"`
	Exported string         `json:"exported"`
}

// room is a sender with what it has sent.
type room struct {
	*peer
	out  string
	keys []string // by index
	sent []groupMessage
}

func (p *peer) room() *room {
	r := &room{peer: p, out: p.name("out")}
	p.do(call.Request{Op: "group_out", Object: r.out})
	return r
}

func (r *room) send(n int) {
	for range n {
		r.keys = append(r.keys, r.do(call.Request{Op: "group_key", Object: r.out}).Text)
		m := groupMessage{Plaintext: call.Bytes(fmt.Sprintf("message %d", len(r.sent)))}
		answer := r.do(call.Request{Op: "group_encrypt", Object: r.out, Bytes: m.Plaintext})
		m.Index, m.Body = answer.Index, answer.Text
		r.sent = append(r.sent, m)
	}
}

func (f *file) groups(p *peer) {
	for _, n := range []int{0, 5, 300} {
		if p.few && n != 5 {
			continue
		}
		r := p.room()
		r.send(n)
		o := &outbound{Writer: p.writer, Name: fmt.Sprintf("sent_%d", n), Key: pickleKey, written: p.pickle(r.out, n == 5)}
		state := p.do(call.Request{Op: "group_key", Object: r.out})
		o.ID, o.Index, o.SessionKey = state.ID, state.Index, state.Text
		r.send(2)
		o.Sends = r.sent[n:]
		f.Outbound = append(f.Outbound, o)
	}

	r := p.room()
	r.send(600)
	in := func(name string, op, key string, decrypted ...int) {
		if p.few && name != "decrypted" && name != "imported" {
			return
		}
		object := p.name("in")
		p.do(call.Request{Op: op, Object: object, Text: key})
		for _, i := range decrypted {
			if a := p.do(call.Request{Op: "group_decrypt", Object: object, Text: r.sent[i].Body}); a.Index != uint32(i) || string(a.Bytes) != string(r.sent[i].Plaintext) {
				log.Fatalf("%s: message %d became %d, %q", p.writer, i, a.Index, a.Bytes)
			}
		}
		s := &inbound{Writer: p.writer, Name: name, Key: pickleKey, written: p.pickle(object, name == "decrypted" || name == "imported")}
		state := p.do(call.Request{Op: "group_state", Object: object})
		s.ID, s.First, s.Verified = state.ID, state.Index, state.Verified
		indices := append([]int{int(s.First), int(s.First) + 1, 599}, decrypted...)
		slices.Sort(indices)
		for _, i := range slices.Compact(indices) {
			s.Messages = append(s.Messages, r.sent[i])
		}
		s.ExportAt = s.First + 2
		s.Exported = p.do(call.Request{Op: "group_export", Object: object, Index: s.ExportAt}).Text
		f.Inbound = append(f.Inbound, s)
	}
	in("new", "group_in", r.keys[0])
	in("decrypted", "group_in", r.keys[0], 0, 5, 3)
	in("decrypted_far", "group_in", r.keys[0], 2, 300)
	in("from_3", "group_in", r.keys[3], 4)
	exporter := p.name("in")
	p.do(call.Request{Op: "group_in", Object: exporter, Text: r.keys[0]})
	exported := p.do(call.Request{Op: "group_export", Object: exporter, Index: 3}).Text
	in("imported", "group_import", exported)
	in("imported_decrypted", "group_import", exported, 10)
}
