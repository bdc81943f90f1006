package vectors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"testing"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors"
)

// few and many are how far a conversation is followed: many if the arithmetic is fast.
const (
	few  = 10_000
	many = 100_000
)

// conversation is one in progress.
type conversation struct {
	*testing.T
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
	upTo, points := many, 3
	if slow || testing.Short() {
		upTo, points = few, 2
	}
	cases := vectors.Accumulated()
	if len(cases) < 3 {
		t.Errorf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			v := &conversation{T: t, c: &c, stream: vectors.NewStream(c.Label), hash: sha256.New(), upTo: upTo}
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
}

// write hashes the base64 of raw after a prefix, and a line feed.
func (v *conversation) write(prefix string, raw []byte) {
	v.line = base64.RawStdEncoding.AppendEncode(append(v.line[:0], prefix...), raw)
	v.hash.Write(append(v.line, '\n'))
}

func (v *conversation) writeText(text []byte) { v.hash.Write(append(text, '\n')) }

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

// sent is a message on its way.
type sent struct {
	olm.Message
	plaintext []byte
}

func (v *conversation) olm() {
	defer entropy.Replace(func(b []byte) { v.stream.Read(b) })()
	alice, bob := olm.NewAccount(), olm.NewAccount()
	if _, err := bob.GenerateOneTimeKeys(1); err != nil {
		v.Fatal(err)
	}
	a, err := alice.NewOutboundSession(bob.IdentityKeys().Curve25519, oneTimeKey(bob))
	if err != nil {
		v.Fatal(err)
	}
	from, to := a, (*olm.Session)(nil)
	for n := 0; n < v.upTo; from, to = to, from {
		flying := make([]sent, min(1+v.stream.Below(16), 1000-n%1000))
		for i := range flying {
			plaintext := v.stream.Bytes(v.stream.Below(200))
			m, err := from.Encrypt(plaintext)
			if err != nil {
				v.Fatal(err)
			}
			v.write(string('0'+rune(m.Type)), m.Body)
			flying[i] = sent{m, plaintext}
		}
		if v.c.Reordered {
			for i := len(flying) - 1; i > 0; i-- {
				j := v.stream.Below(i + 1)
				flying[i], flying[j] = flying[j], flying[i]
			}
		}
		for _, m := range flying {
			var plaintext []byte
			var err error
			if to == nil {
				to, plaintext, err = bob.Accept(alice.IdentityKeys().Curve25519, m.Message)
			} else {
				plaintext, err = to.Decrypt(m.Message)
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
			v.writeText(must(a.Pickle(v.c.PickleKey)))
			v.writeText(must(b.Pickle(v.c.PickleKey)))
			v.note(n)
		}
	}
	if bob.OneTimeKeyCount() != 0 {
		v.Error("the one-time key was not used up")
	}
}

func oneTimeKey(a *olm.Account) (key [32]byte) {
	for _, k := range a.OneTimeKeys() {
		key = k
	}
	return key
}

func (v *conversation) megolm() {
	restore := entropy.Replace(func(b []byte) { v.stream.Read(b) })
	out := megolm.NewOutboundSession()
	restore()
	in, err := megolm.NewInboundSession(must(out.SessionKey()))
	if err != nil {
		v.Fatal(err)
	}
	for n := range v.upTo {
		plaintext := v.stream.Bytes(v.stream.Below(200))
		m, err := out.Encrypt(plaintext)
		if err != nil {
			v.Fatal(err)
		}
		v.write("", m)
		got, index, err := in.Decrypt(m)
		if err != nil || int(index) != n || !bytes.Equal(got, plaintext) {
			v.Fatalf("message %d decrypts to %x, index %d, error %v", n, got, index, err)
		}
		if (n+1)%1000 == 0 {
			v.writeText(must(out.Pickle(v.c.PickleKey)))
			v.writeText(must(in.Pickle(v.c.PickleKey)))
			k := must(out.SessionKey())
			v.write("", must(k.Bytes()))
			e := must(in.Export(index))
			v.write("", must(e.Bytes()))
			v.note(n + 1)
		}
	}
}
