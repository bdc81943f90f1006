package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// accumulated stands for a long conversation by a few hashes. vectors/README.md says how the stream is spent and what
// is hashed.
type accumulated struct{ vectors.Conversation }

var points = []int{1000, 10000, 100000}

// note records the hash of everything so far if this is one of the points.
func (c *accumulated) note(messages int, h hash.Hash) {
	for _, p := range points {
		if p == messages {
			c.Hashes = append(c.Hashes, vectors.ConversationHash{Messages: p, SHA256: hex.EncodeToString(h.Sum(nil))})
		}
	}
}

func accumulatedFile() file {
	var cases []accumulated
	for _, reordered := range []bool{false, true} {
		name := "olm_in_order"
		if reordered {
			name = "olm_reordered"
		}
		c := accumulated{vectors.Conversation{Name: name, Kind: "olm", PickleKey: vectors.Bytes("accumulated"), Reordered: reordered}}
		c.accumulateOlm(newStream("accumulated " + name))
		cases = append(cases, c)
	}
	c := accumulated{vectors.Conversation{Name: "megolm", Kind: "megolm", PickleKey: vectors.Bytes("accumulated")}}
	c.accumulateMegolm(newStream("accumulated megolm"))
	cases = append(cases, c)
	return file{
		Description: "Hashes over conversations of 100,000 messages whose randomness is one stream.",
		Cases:       cases,
	}
}

func (c *accumulated) accumulateOlm(r *vectors.Stream) {
	c.Label = r.Label()
	alice, bob := must(libolm.NewAccount(r.Bytes(64))), must(libolm.NewAccount(r.Bytes(64)))
	defer alice.Free()
	defer bob.Free()
	must(bob.GenerateOneTimeKeys(1, r.Bytes(32)))
	var identity struct{ Curve25519 string }
	if err := json.Unmarshal([]byte(bob.IdentityKeys()), &identity); err != nil {
		panic(failure{err})
	}
	a := must(libolm.NewOutboundSession(alice, identity.Curve25519, keysIn(bob.OneTimeKeys())[0], r.Bytes(64)))
	defer a.Free()
	var b *libolm.Session

	h := sha256.New()
	fromAlice := true
	for sent := 0; sent < points[len(points)-1]; {
		run := min(1+r.Below(16), 1000-sent%1000)
		from := a
		if !fromAlice {
			from = b
		}
		var flying []message
		for range run {
			plaintext := r.Bytes(r.Below(200))
			random := r.Bytes(from.EncryptRandomLength())
			typ, body, err := from.Encrypt(plaintext, random)
			if err != nil {
				panic(failure{err})
			}
			fmt.Fprintf(h, "%d%s\n", typ, body)
			flying = append(flying, message{typ, body, plaintext})
		}
		if c.Reordered {
			for i := run - 1; i > 0; i-- {
				j := r.Below(i + 1)
				flying[i], flying[j] = flying[j], flying[i]
			}
		}
		for _, m := range flying {
			to := a
			if fromAlice {
				if b == nil {
					b = must(libolm.NewInboundSession(bob, m.body))
					defer b.Free()
					must(bob.RemoveOneTimeKeys(b))
				}
				to = b
			}
			if got := must(to.Decrypt(m.typ, m.body)); !bytes.Equal(got, m.plaintext) {
				fail("%s: a message decrypts to something else", c.Name)
			}
		}
		fromAlice = !fromAlice
		if sent += run; sent%1000 == 0 {
			fmt.Fprintf(h, "%s\n%s\n", a.Pickle(c.PickleKey), b.Pickle(c.PickleKey))
			c.note(sent, h)
		}
	}
}

func (c *accumulated) accumulateMegolm(r *vectors.Stream) {
	c.Label = r.Label()
	out := must(libolm.NewOutboundGroup(r.Bytes(160)))
	defer out.Free()
	in := must(libolm.NewInboundGroup(out.Key()))
	defer in.Free()

	h := sha256.New()
	for sent := 0; sent < points[len(points)-1]; {
		plaintext := r.Bytes(r.Below(200))
		body := must(out.Encrypt(plaintext))
		fmt.Fprintf(h, "%s\n", body)
		got, index, err := in.Decrypt(body)
		if err != nil || int(index) != sent || !bytes.Equal(got, plaintext) {
			fail("%s: message %d decrypts to something else", c.Name, sent)
		}
		if sent++; sent%1000 == 0 {
			fmt.Fprintf(h, "%s\n%s\n%s\n%s\n", out.Pickle(c.PickleKey), in.Pickle(c.PickleKey), out.Key(), must(in.Export(index)))
			c.note(sent, h)
		}
	}
}
