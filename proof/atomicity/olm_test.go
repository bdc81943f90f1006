package atomicity_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

// claim makes a one-time key and returns it as a server would hand it out.
func claim(a *olm.Account) (key keys.Curve25519) {
	if _, err := a.GenerateOneTimeKeys(1); err != nil {
		panic(err)
	}
	for _, key = range a.OneTimeKeys() {
		break
	}
	a.MarkKeysAsPublished()
	return key
}

func identity(a *olm.Account) keys.Curve25519 { return a.IdentityKeys().Curve25519 }

func begin(from, to *olm.Account) *olm.Session {
	return must(from.NewOutboundSession(identity(to), claim(to)))
}

// newPair returns both sides of a session, of which Alice has sent one message that Bob has accepted.
func newPair() (alice, bob *olm.Session) {
	a, b := olm.NewAccount(), olm.NewAccount()
	alice = begin(a, b)
	bob, _, err := b.Accept(identity(a), send(alice))
	if err != nil {
		panic(err)
	}
	return alice, bob
}

// newTalk is newPair with an answer, so that nobody sends pre-key messages any more.
func newTalk() (alice, bob *olm.Session) {
	alice, bob = newPair()
	pass(bob, alice)
	return alice, bob
}

const plaintext = "a plaintext of two blocks"

func send(s *olm.Session) olm.Message { return must(s.Encrypt([]byte(plaintext))) }

func sendN(s *olm.Session, n int) []olm.Message {
	ms := make([]olm.Message, n)
	for i := range ms {
		ms[i] = send(s)
	}
	return ms
}

func receive(s *olm.Session, m olm.Message) {
	if got := must(s.Decrypt(m)); string(got) != plaintext {
		panic(fmt.Sprintf("%q", got))
	}
}

func pass(from, to *olm.Session) { receive(to, send(from)) }

// turns has both sides send in turn, n times each, and returns messages of theirs that are still under
// way: two of each turn of from.
func turns(from, to *olm.Session, n int) (late []olm.Message) {
	for range n {
		ms := sendN(from, 3)
		receive(to, ms[2])
		late = append(late, ms[:2]...)
		pass(to, from)
	}
	return late
}

// olmMessages has one message of each kind that a session decrypts.
func olmMessages(*testing.T) (all []subject) {
	add := func(name string, to *olm.Session, m olm.Message) {
		decrypt := func(body []byte) error {
			got, err := to.Decrypt(olm.Message{Type: m.Type, Body: body})
			if err != nil && got != nil {
				return nil // what was refused has shown something: as bad as if it were taken
			}
			return err
		}
		works := func(t *testing.T) {
			require.NoError(t, decrypt(m.Body))
			require.Error(t, decrypt(m.Body), "once")
		}
		all = append(all, subject{name: "olm/" + name, honest: m.Body, owners: []any{to}, try: decrypt, works: works})
	}

	alice, bob := newPair()
	add("pre-key, established", bob, send(alice))

	alice, bob = newPair()
	ms := sendN(alice, 4)
	receive(bob, ms[3])
	add("pre-key, skipped key", bob, ms[1])

	a, b := olm.NewAccount(), olm.NewAccount()
	m := send(begin(a, b))
	add("pre-key, new session in two steps", must(b.NewInboundSession(must(olm.ParsePreKeyMessage(m.Body)))), m)

	alice, bob = newTalk()
	pass(alice, bob)
	add("normal, same chain", bob, send(alice))

	alice, bob = newPair()
	add("normal, first chain of the answer", alice, send(bob))

	alice, bob = newTalk()
	add("normal, new chain", bob, send(alice))

	alice, bob = newTalk()
	turns(alice, bob, 4)
	add("normal, sixth chain, which evicts one", bob, send(alice))

	alice, bob = newTalk()
	add("normal, new chain, behind a gap", bob, sendN(alice, 30)[29])

	alice, bob = newTalk()
	pass(alice, bob)
	ms = sendN(alice, 5)
	receive(bob, ms[2])
	add("normal, same chain, behind a gap", bob, ms[4])

	alice, bob = newTalk()
	ms = sendN(alice, 5)
	receive(bob, ms[4])
	add("normal, skipped key", bob, ms[1])

	alice, bob = newTalk()
	late := turns(alice, bob, 3)
	add("normal, skipped key of an older chain", bob, late[0])

	alice, bob = newTalk()
	late = turns(alice, bob, 2)
	reloaded := must(olm.UnpickleSession(nil, must(bob.Pickle(nil))))
	add("normal, skipped key, after a pickle", reloaded, late[1])

	// The text of a message, as an event carries it.
	alice, bob = newTalk()
	m = send(alice)
	all = append(all, subject{
		name: "olm/text of a message", honest: text64(m.Body), owners: []any{bob},
		try: func(text []byte) error {
			var body olm.Body
			if err := body.UnmarshalText(text); err != nil {
				return err
			}
			_, err := bob.Decrypt(olm.Message{Type: m.Type, Body: body})
			return err
		},
		works: func(*testing.T) { receive(bob, m) },
	})
	return all
}

// olmAccepts has first messages, which an account decrypts, and must not lose a one-time key to.
func olmAccepts(*testing.T) (all []subject) {
	for _, fallback := range []bool{false, true} {
		for _, way := range []string{"Accept", "NewInboundSession", "NewInboundSessionFrom"} {
			alice, bob := olm.NewAccount(), olm.NewAccount()
			key := claim(bob)
			name := "pre-key, new session, " + way
			if fallback {
				name += ", fallback key"
				if err := bob.GenerateFallbackKey(); err != nil {
					panic(err)
				}
				_, key, _ = bob.FallbackKey()
			}
			m := send(must(alice.NewOutboundSession(identity(bob), key)))
			accept := func(body []byte) (*olm.Session, error) {
				if way == "Accept" {
					s, _, err := bob.Accept(identity(alice), olm.Message{Type: olm.PreKey, Body: body})
					return s, err
				}
				p, err := olm.ParsePreKeyMessage(body)
				if err != nil {
					return nil, err
				}
				var s *olm.Session
				if way == "NewInboundSession" {
					s, err = bob.NewInboundSession(p)
				} else {
					s, err = bob.NewInboundSessionFrom(identity(alice), p)
				}
				if err != nil {
					return s, err
				}
				_, err = s.Decrypt(olm.Message{Type: olm.PreKey, Body: body})
				return nil, err
			}
			all = append(all, subject{
				name: "olm/" + name, honest: m.Body, owners: []any{bob},
				try: func(body []byte) error {
					s, err := accept(body)
					if s != nil {
						return nil
					}
					return err
				},
				works: func(t *testing.T) {
					before := bob.OneTimeKeyCount()
					s, err := accept(m.Body)
					require.NoError(t, err)
					if way == "Accept" && !fallback {
						require.Equal(t, before-1, bob.OneTimeKeyCount())
						require.NotNil(t, s)
					}
				},
				// The two steps of libolm leave it to the caller to drop the key; a fallback key stays.
				stateless: fallback || way != "Accept",
			})
		}
	}
	return all
}

// TestForgeriesDoNotSpendTheKey: nobody but the owner of the identity key can use a one-time key up,
// whatever of a message is forged.
func TestForgeriesDoNotSpendTheKey(t *testing.T) {
	alice, bob, mallory := olm.NewAccount(), olm.NewAccount(), olm.NewAccount()
	session := begin(alice, bob)
	m := send(session)
	oneTime := session.Keys().OneTime
	must(bob.GenerateOneTimeKeys(50))
	require.NoError(t, bob.GenerateFallbackKey())
	_, fallback, _ := bob.FallbackKey()
	before, count := stateOf(bob), bob.OneTimeKeyCount()
	rng := rand.New(rand.NewPCG(6, 1))
	inner := must(olm.ParsePreKeyMessage(m.Body)).Message().Body

	random := func() (k keys.Curve25519) {
		for i := range k[:31] { // canonical
			k[i] = byte(rng.Uint32())
		}
		return k
	}
	// Mallory knows the public keys, and all that went over the wire. What he makes himself he makes with
	// private halves that he knows.
	forgers := []func() (from keys.Curve25519, body []byte){
		func() (keys.Curve25519, []byte) { // his own session, under Alice's name
			s := must(mallory.NewOutboundSession(identity(bob), oneTime))
			k := s.Keys()
			k.Identity = identity(alice)
			return k.Identity, wrap(k, must(olm.ParsePreKeyMessage(send(s).Body)).Message().Body)
		},
		func() (keys.Curve25519, []byte) { // his own session, said to be Alice's
			s := must(mallory.NewOutboundSession(identity(bob), oneTime))
			return identity(alice), send(s).Body
		},
		func() (keys.Curve25519, []byte) { // Alice's message, under another base key
			k := session.Keys()
			k.Base = random()
			return k.Identity, wrap(k, inner)
		},
		func() (keys.Curve25519, []byte) { // to another of Bob's keys
			k := session.Keys()
			k.OneTime = fallback
			return k.Identity, wrap(k, inner)
		},
		func() (keys.Curve25519, []byte) { // to a key that is none of Bob's
			k := session.Keys()
			k.OneTime = random()
			return k.Identity, wrap(k, inner)
		},
		func() (keys.Curve25519, []byte) { // another ratchet key
			body := bytes.Clone(inner)
			key := random()
			copy(body[3:], key[:])
			return identity(alice), wrap(session.Keys(), body)
		},
		func() (keys.Curve25519, []byte) { // another index
			body := bytes.Clone(inner)
			body[3+32+1] = byte(rng.IntN(100)) + 1
			return identity(alice), wrap(session.Keys(), body)
		},
		func() (keys.Curve25519, []byte) { // another ciphertext or MAC
			body := bytes.Clone(inner)
			body[len(body)-1-rng.IntN(40)] ^= byte(1 + rng.IntN(255))
			return identity(alice), wrap(session.Keys(), body)
		},
		func() (keys.Curve25519, []byte) { // random bytes all over
			body := bytes.Clone(m.Body)
			for range 1 + rng.IntN(10) {
				body[rng.IntN(len(body))] ^= byte(1 + rng.IntN(255))
			}
			if bytes.Equal(body, m.Body) {
				body[0] ^= 1
			}
			return identity(alice), body
		},
	}
	n, unchanged := 1000, 0
	if short() {
		n = 100
	}
	for i := range n {
		from, body := forgers[i%len(forgers)]()
		s, got, err := bob.Accept(from, olm.Message{Type: olm.PreKey, Body: body})
		require.Error(t, err, "forgery %d", i)
		require.Nil(t, s)
		require.Nil(t, got)
		if stateOf(bob) == before {
			unchanged++
		}
	}
	t.Logf("atomicity: %d of %d forged pre-key messages changed nothing", unchanged, n)
	require.Equal(t, n, unchanged)
	require.Equal(t, count, bob.OneTimeKeyCount())
	_, got, err := bob.Accept(identity(alice), m)
	require.NoError(t, err, "the key still works")
	require.Equal(t, plaintext, string(got))
	require.Equal(t, count-1, bob.OneTimeKeyCount())
}

// wrap returns a pre-key message around the normal message body.
func wrap(k olm.SessionKeys, body []byte) []byte {
	if len(body) > 127 {
		panic("the length takes one byte here")
	}
	b := append([]byte{3, 0x0a, 32}, k.OneTime[:]...)
	b = append(append(b, 0x12, 32), k.Base[:]...)
	b = append(append(b, 0x1a, 32), k.Identity[:]...)
	return append(append(b, 0x22, byte(len(body))), body...)
}
