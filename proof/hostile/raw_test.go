// Package hostile shows what becomes of input that nobody honest makes: public keys that force a secret,
// signatures that fit everything, messages and pickles that are well-formed and impossible, counters at
// their end, lengths that are lies. It ends in an error, costs no more than its own length allows, and
// never in a panic.
package hostile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/proof/internal/readers"
	"github.com/karst-im/karst/ratchet"
)

var pickleKey = []byte("0123456789abcdef0123456789abcdef")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// deterministic makes everything that is random in a test follow from seed.
func deterministic(t testing.TB, seed uint64) *rand.Rand {
	t.Helper()
	source := rand.New(rand.NewPCG(seed, 0))
	t.Cleanup(entropy.Replace(func(b []byte) { fill(b, source) }))
	return rand.New(rand.NewPCG(seed, 1))
}

func fill(b []byte, source *rand.Rand) []byte {
	for i := range b {
		b[i] = byte(source.Uint32())
	}
	return b
}

// Sessions.

const plaintext = "a plaintext of two blocks"

func identity(a *olm.Account) keys.Curve25519 { return a.IdentityKeys().Curve25519 }

func claim(a *olm.Account) (key keys.Curve25519) {
	must(a.GenerateOneTimeKeys(1))
	for _, key = range a.OneTimeKeys() {
		break
	}
	a.MarkKeysAsPublished()
	return key
}

func send(s *olm.Session) olm.Message { return must(s.Encrypt([]byte(plaintext))) }

func receive(s *olm.Session, m olm.Message) {
	if got := must(s.Decrypt(m)); string(got) != plaintext {
		panic(fmt.Sprintf("%q", got))
	}
}

func pass(from, to *olm.Session) { receive(to, send(from)) }

// newTalk returns both sides of a session in which each has received a message, and Bob has sent last.
func newTalk() (alice, bob *olm.Session) {
	a, b := olm.NewAccount(), olm.NewAccount()
	alice = must(a.NewOutboundSession(identity(b), claim(b)))
	bob, _, err := b.Accept(identity(a), send(alice))
	check(err)
	pass(bob, alice)
	return alice, bob
}

// busy returns a session with chains both ways and keys that are kept for late messages on three chains,
// and the other side of it.
func busy() (s, other *olm.Session) {
	alice, bob := newTalk()
	for range 3 {
		send(alice)
		pass(alice, bob)
		pass(bob, alice)
	}
	send(bob)
	return bob, alice
}

// newGroup returns the two sides of a group session at index 20.
func newGroup() (*megolm.OutboundSession, *megolm.InboundSession) {
	out := megolm.NewOutboundSession()
	k := must(out.SessionKey())
	in := must(megolm.NewInboundSession(k))
	for range 20 {
		_, _, err := in.Decrypt(must(out.Encrypt([]byte(plaintext))))
		check(err)
	}
	return out, in
}

// newDoubles returns both sides of a Double Ratchet by itself. Each has received, d keeps keys for late messages on
// two chains, and other has sent last.
func newDoubles() (d, other *ratchet.Double) {
	shared := [ratchet.SharedLen]byte{1}
	d = ratchet.Initiate(&shared)
	ours, _ := sendKey(d)
	other = must(ratchet.Respond(&shared, ours))
	for range 2 {
		passKey(d, other)
		sendKey(other)
		passKey(other, d)
	}
	return d, other
}

func sendKey(d *ratchet.Double) (ours keys.Curve25519, index uint32) {
	var key [ratchet.KeyLen]byte
	ours, index, err := d.Send(&key)
	check(err)
	return ours, index
}

// passKey wants to to find the key that from sent with.
func passKey(from, to *ratchet.Double) {
	var key [ratchet.KeyLen]byte
	ours, index, err := from.Send(&key)
	check(err)
	check(to.Receive(ours, index, func(got *[ratchet.KeyLen]byte) error {
		if *got != key {
			return errors.New("another key")
		}
		return nil
	}))
}

// Pickles.

func sealed(raw []byte) []byte { return pickles.Sealed(pickleKey, raw) }

func opened(pickled []byte) []byte { return pickles.Opened(pickleKey, pickled) }

func rawOf(p readers.Pickled) []byte { return opened(must(p.Pickle(pickleKey))) }

// A field is a part of a pickle's contents.
type field struct {
	name   string
	at, n  int
	number bool
}

func (f field) of(raw []byte) []byte { return raw[f.at : f.at+f.n] }

// layout takes the contents of a pickle apart. The layouts are libolm's, written down once more.
type layout struct {
	raw    []byte
	at     int
	fields []field
}

func (l *layout) add(number bool, n int, name string) uint32 {
	l.fields = append(l.fields, field{name, l.at, n, number})
	l.at += n
	switch {
	case !number:
		return 0
	case n == 1:
		return uint32(l.raw[l.at-1])
	}
	return binary.BigEndian.Uint32(l.raw[l.at-4:])
}

func (l *layout) number(name string) uint32 { return l.add(true, 4, name) }

func (l *layout) bytes(n int, names ...string) {
	for _, name := range names {
		l.add(false, n, name)
	}
}

func (l *layout) ratchet(name string) {
	for i := range 4 {
		l.bytes(32, fmt.Sprintf("%s R(%d)", name, i))
	}
	l.number(name + " counter")
}

func (l *layout) double() {
	l.bytes(32, "root")
	if l.number("sending chains") == 1 {
		l.bytes(32, "sending public", "sending private", "sending chain")
		l.number("sending index")
	}
	for _, list := range []string{"receiving", "skipped"} {
		for i := range l.number(list + " count") {
			l.bytes(32, fmt.Sprintf("%s %d ratchet", list, i), fmt.Sprintf("%s %d key", list, i))
			l.number(fmt.Sprintf("%s %d index", list, i))
		}
	}
}

func (l *layout) oneTimeKeys(name string, n uint32) {
	for i := range n {
		l.number(fmt.Sprintf("%s %d id", name, i))
		l.add(true, 1, fmt.Sprintf("%s %d published", name, i))
		l.bytes(32, fmt.Sprintf("%s %d public", name, i), fmt.Sprintf("%s %d private", name, i))
	}
}

func fieldsOf(kind string, raw []byte) []field {
	l := layout{raw: raw}
	l.number("version")
	switch kind {
	case "account":
		l.bytes(32, "signing public", "signing scalar", "signing prefix", "identity public", "identity private")
		l.oneTimeKeys("one-time", l.number("one-time keys"))
		l.oneTimeKeys("fallback", l.add(true, 1, "fallback keys"))
		l.number("last id")
	case "session":
		l.add(true, 1, "received")
		l.bytes(32, "identity", "base", "one-time")
		l.double()
	case "double":
		l.double()
	case "megolm":
		l.ratchet("ratchet")
	case "outbound":
		l.ratchet("ratchet")
		l.bytes(32, "signing public", "signing scalar", "signing prefix")
	case "inbound":
		l.ratchet("first")
		l.ratchet("latest")
		l.bytes(32, "signing public")
		l.add(true, 1, "verified")
	case "decryption":
		l.bytes(32, "public", "private")
	}
	if l.at != len(raw) {
		panic(fmt.Sprintf("%s: %d of %d bytes are accounted for", kind, l.at, len(raw)))
	}
	return l.fields
}

// fieldOf returns the memory of a field in raw.
func fieldOf(kind string, raw []byte, name string) []byte {
	for _, f := range fieldsOf(kind, raw) {
		if f.name == name {
			return f.of(raw)
		}
	}
	panic(kind + " has no field " + name)
}

// edited returns s with its contents changed.
func edited(s *olm.Session, edit func(raw []byte)) *olm.Session {
	raw := rawOf(s)
	edit(raw)
	return must(olm.UnpickleSession(pickleKey, sealed(raw)))
}

func setNumber(kind string, raw []byte, name string, x uint32) {
	binary.BigEndian.PutUint32(fieldOf(kind, raw, name), x)
}

// Forged messages: what somebody who has the keys, but not this library, could send.

// forgery is a normal message, to be made with a chain key.
type forgery struct {
	chain   [32]byte // of index
	ratchet [32]byte
	index   uint32
	padded  []byte // plaintext with its padding
}

var onePadded = append([]byte("forged"), bytes.Repeat([]byte{10}, 10)...)

// forger returns a forgery of the next message of s.
func forger(s *olm.Session) forgery {
	raw := rawOf(s)
	return forgery{
		chain:   [32]byte(fieldOf("session", raw, "sending chain")),
		ratchet: [32]byte(fieldOf("session", raw, "sending public")),
		index:   binary.BigEndian.Uint32(fieldOf("session", raw, "sending index")),
		padded:  onePadded,
	}
}

// sealBlocks encrypts whole blocks, whatever is at their end.
func sealBlocks(k *aessha2.Keys, dst, padded []byte) {
	whole := make([]byte, aessha2.CiphertextLen(len(padded)))
	k.Encrypt(whole, padded)
	copy(dst, whole)
}

func (f forgery) body() []byte {
	var key [32]byte
	kdf.HMACByte(&key, &f.chain, 1)
	var k aessha2.Keys
	k.Derive(key[:], []byte("OLM_KEYS"))
	body := make([]byte, wire.MessageLen(f.index, len(f.padded)))
	sealBlocks(&k, wire.PutMessage(body, &f.ratchet, f.index, len(f.padded)), f.padded)
	return authenticate(&k, body)
}

func authenticate(k *aessha2.Keys, body []byte) []byte {
	var mac [32]byte
	signed := body[:len(body)-wire.MACLen]
	k.MAC(&mac, signed)
	copy(body[len(signed):], mac[:])
	return body
}

func (f forgery) message() olm.Message { return olm.Message{Type: olm.Normal, Body: f.body()} }

// wrap returns a pre-key message around the normal message body.
func wrap(k olm.SessionKeys, body []byte) olm.Message {
	b := make([]byte, wire.PreKeyMessageLen(len(body)))
	copy(wire.PutPreKeyMessage(b, (*[32]byte)(&k.OneTime), (*[32]byte)(&k.Base), (*[32]byte)(&k.Identity), len(body)), body)
	return olm.Message{Type: olm.PreKey, Body: b}
}

// inner returns the normal message inside m.
func inner(m olm.Message) []byte {
	if m.Type == olm.Normal {
		return m.Body
	}
	return must(olm.ParsePreKeyMessage(m.Body)).Message().Body
}

func sharedSecret(private []byte, public keys.Curve25519) []byte {
	secret := make([]byte, 32)
	if curve.X25519((*[32]byte)(secret), (*[32]byte)(private), (*[32]byte)(&public)) == 0 {
		panic("no secret")
	}
	return secret
}

// sasBytes returns what a verification derives from a secret.
func sasBytes(shared []byte) []byte {
	b := make([]byte, 64)
	kdf.HKDF(b, nil, shared, []byte("info"))
	return b
}
