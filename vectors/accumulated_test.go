package vectors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"testing"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

// few and many are how far a conversation is followed: many on the Go API, if the arithmetic is fast. On package cabi
// that is the same.
const (
	few  = 10_000
	many = 100_000
)

// conversation is one in progress.
type conversation struct {
	*testing.T
	tested
	c      *vectors.Conversation
	stream *vectors.Stream
	hash   hash.Hash
	seen   int // points whose hash was compared
	upTo   int
	line   []byte
}

// TestAccumulated has the long conversations again: everything random, and in its order, comes from
// their streams.
func TestAccumulated(t *testing.T) {
	cases := vectors.Accumulated()
	if len(cases) < 3 {
		t.Errorf("%d cases", len(cases))
	}
	eachSide(t, func(t *testing.T, r tested) {
		upTo, points := many, 3
		if slow || testing.Short() || r.libolm {
			upTo, points = few, 2
		}
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				v := &conversation{T: t, tested: r, c: &c, stream: vectors.NewStream(c.Label), hash: sha256.New(), upTo: upTo}
				switch c.Kind {
				case "olm":
					v.olm()
				case "megolm":
					v.megolm()
				default:
					t.Fatalf("no such kind: %s", c.Kind)
				}
				if v.seen != points {
					t.Errorf("%d hashes compared, want %d", v.seen, points)
				}
				t.Logf("%d messages, %d hashes", v.upTo, v.seen)
			})
		}
	})
}

// write hashes the parts of a line, and a line feed.
func (v *conversation) write(parts ...string) {
	v.line = v.line[:0]
	for _, part := range parts {
		v.line = append(v.line, part...)
	}
	v.hash.Write(append(v.line, '\n'))
}

// note compares the hash after so many messages, if it is known.
func (v *conversation) note(messages int) {
	for _, p := range v.c.Hashes {
		if p.Messages == messages {
			v.seen++
			if got := hex.EncodeToString(v.hash.Sum(nil)); got != p.SHA256 {
				v.Fatalf("hash after %d messages is %s, want %s", messages, got, p.SHA256)
			}
		}
	}
}

func (v *conversation) olm() {
	alice, bob := v.NewAccount(v.stream), v.NewAccount(v.stream)
	if err := bob.GenerateOneTimeKeys(1, v.stream); err != nil {
		v.Fatal(err)
	}
	var oneTime string
	for _, key := range keysIn(v.T, bob.OneTimeKeys()) {
		oneTime = key
	}
	a, err := alice.Outbound(identityKeys(v.T, bob).Curve25519, oneTime, v.stream)
	if err != nil {
		v.Fatal(err)
	}
	from, to := a, side.Session(nil)
	for n := 0; n < v.upTo; from, to = to, from {
		flying := make([]sentMessage, min(1+v.stream.Below(16), 1000-n%1000))
		for i := range flying {
			m := &flying[i]
			m.plaintext = v.stream.Bytes(v.stream.Below(200))
			if m.messageType, m.body, err = from.Encrypt(m.plaintext, v.stream); err != nil {
				v.Fatal(err)
			}
			v.write(string('0'+rune(m.messageType)), m.body)
		}
		if v.c.Reordered {
			for i := len(flying) - 1; i > 0; i-- {
				j := v.stream.Below(i + 1)
				flying[i], flying[j] = flying[j], flying[i]
			}
		}
		for _, m := range flying {
			var plaintext []byte
			if to == nil {
				to, plaintext, err = bob.Accept(identityKeys(v.T, alice).Curve25519, m.body)
			} else {
				plaintext, err = to.Decrypt(m.messageType, m.body)
			}
			if err != nil || !bytes.Equal(plaintext, m.plaintext) {
				v.Fatalf("one of messages %d to %d decrypts to %x, error %v", n, n+len(flying)-1, plaintext, err)
			}
		}
		if n += len(flying); n%1000 == 0 {
			b := to
			if b == a {
				b = from
			}
			v.write(a.Pickle(v.c.PickleKey))
			v.write(b.Pickle(v.c.PickleKey))
			v.note(n)
		}
	}
	if left := keysIn(v.T, bob.OneTimeKeys()); len(left) != 0 {
		v.Error("the one-time key was not used up")
	}
}

func (v *conversation) megolm() {
	out := v.NewSender(v.stream)
	in, err := v.NewReceiver(out.SessionKey())
	if err != nil {
		v.Fatal(err)
	}
	for n := range v.upTo {
		plaintext := v.stream.Bytes(v.stream.Below(200))
		body, err := out.Encrypt(plaintext)
		if err != nil {
			v.Fatal(err)
		}
		v.write(body)
		got, index, err := in.Decrypt(body)
		if err != nil || int(index) != n || !bytes.Equal(got, plaintext) {
			v.Fatalf("message %d decrypts to %x, index %d, error %v", n, got, index, err)
		}
		if (n+1)%1000 == 0 {
			v.write(out.Pickle(v.c.PickleKey))
			v.write(in.Pickle(v.c.PickleKey))
			v.write(out.SessionKey())
			v.write(must(in.Export(index)))
			v.note(n + 1)
		}
	}
}
