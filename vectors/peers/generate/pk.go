package main

import (
	"github.com/karst-im/karst/vectors/peers/internal/call"
)

type decryption struct {
	Writer string     `json:"writer"`
	Name   string     `json:"name"`
	Key    call.Bytes `json:"key"`
	written
	Public    string      `json:"public_key"`
	Message   *pkMessage  `json:"message,omitempty"` // by the writer too, where it encrypts as libolm does
	Plaintext *call.Bytes `json:"plaintext,omitempty"`
}

type pkMessage struct {
	Ciphertext string `json:"ciphertext"`
	MAC        string `json:"mac"`
	Ephemeral  string `json:"ephemeral"`
}

func (f *file) decryptions(p *peer) {
	object := p.name("pk")
	r, err := p.try(call.Request{Op: "pk", Object: object})
	if err != nil {
		return
	}
	d := &decryption{Writer: p.writer, Name: "new", Key: pickleKey, Public: r.Curve25519}
	plaintext := call.Bytes("backed up")
	if m, err := p.try(call.Request{Op: "pk_encrypt", Key: r.Curve25519, Bytes: plaintext}); err == nil {
		d.Message, d.Plaintext = &pkMessage{m.Text, m.MAC, m.Ephemeral}, &plaintext
	}
	d.written = p.pickle(object, false)
	f.Decryptions = append(f.Decryptions, d)
}
