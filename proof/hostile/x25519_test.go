package hostile_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/proof/internal/readers"
	"github.com/karst-im/karst/ratchet"
	"github.com/karst-im/karst/sas"
)

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

type x25519Case struct {
	TcID                    int
	Public, Private, Shared hexBytes
	Flags                   []string
}

func (c *x25519Case) key() keys.Curve25519 { return keys.Curve25519(c.Public) }

// forcing reports whether every secret that is shared with the key is zero.
func (c *x25519Case) forcing() bool {
	return slices.Contains(c.Flags, "LowOrderPublic") || slices.Contains(c.Flags, "ZeroSharedSecret")
}

func x25519Cases(t testing.TB) (all []x25519Case) {
	t.Helper()
	var file struct {
		TestGroups []struct{ Tests []x25519Case }
	}
	text, err := os.ReadFile("../../vectors/wycheproof/x25519_test.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &file))
	for _, g := range file.TestGroups {
		all = append(all, g.Tests...)
	}
	require.Len(t, all, 518)
	return all
}

func forcingKeys(t testing.TB) (public []keys.Curve25519) {
	t.Helper()
	for _, c := range x25519Cases(t) {
		if c.forcing() {
			require.Equal(t, make([]byte, 32), []byte(c.Shared))
			public = append(public, c.key())
		}
	}
	require.Len(t, public, 31)
	return public
}

// An entry is a place where a Curve25519 key of somebody else comes in. try puts a key there that forces
// the shared secret, and returns the error that it ends in.
type entry struct {
	name  string
	want  error // or any
	state func() string
	try   func(low keys.Curve25519) error
	works func() // afterwards: nothing was used up
}

func stateOf(objects ...readers.Pickled) func() string {
	return func() string {
		var b []byte
		for _, o := range objects {
			b = append(b, must(o.Pickle(nil))...)
			if s, ok := o.(*olm.Session); ok {
				b = append(b, s.Describe()...)
			}
		}
		return string(b)
	}
}

func second[T any](_ T, err error) error { return err }

// entries lists them all.
func entries() (all []entry) {
	stranger := claim(olm.NewAccount())

	// Setting up a session.
	a, b := olm.NewAccount(), olm.NewAccount()
	out := must(a.NewOutboundSession(identity(b), claim(b)))
	m := send(out)
	k, body := out.Keys(), inner(m)
	begun := func() { must(a.NewOutboundSession(stranger, stranger)) }
	all = append(all,
		entry{"olm: identity key of an outbound session", olm.ErrPublicKey, stateOf(a), func(low keys.Curve25519) error {
			return second(a.NewOutboundSession(low, stranger))
		}, begun},
		entry{"olm: one-time key of an outbound session", olm.ErrPublicKey, stateOf(a), func(low keys.Curve25519) error {
			return second(a.NewOutboundSession(stranger, low))
		}, begun},
	)
	ways := map[string]func(from keys.Curve25519, m olm.Message) error{
		"Accept": func(from keys.Curve25519, m olm.Message) error {
			_, _, err := b.Accept(from, m)
			return err
		},
		"NewInboundSession": func(_ keys.Curve25519, m olm.Message) error {
			return second(b.NewInboundSession(must(olm.ParsePreKeyMessage(m.Body))))
		},
		"NewInboundSessionFrom": func(from keys.Curve25519, m olm.Message) error {
			return second(b.NewInboundSessionFrom(from, must(olm.ParsePreKeyMessage(m.Body))))
		},
	}
	accepted := func() {
		if b.OneTimeKeyCount() == 1 {
			_, _, err := b.Accept(identity(a), m)
			check(err)
		}
	}
	for name, way := range ways {
		all = append(all,
			entry{"olm: identity key of a pre-key message, " + name, olm.ErrPublicKey, stateOf(b), func(low keys.Curve25519) error {
				return way(low, wrap(olm.SessionKeys{Identity: low, Base: k.Base, OneTime: k.OneTime}, body))
			}, accepted},
			entry{"olm: base key of a pre-key message, " + name, olm.ErrPublicKey, stateOf(b), func(low keys.Curve25519) error {
				return way(k.Identity, wrap(olm.SessionKeys{Identity: k.Identity, Base: low, OneTime: k.OneTime}, body))
			}, accepted},
			entry{"olm: one-time key of a pre-key message, " + name, olm.ErrUnknownOneTimeKey, stateOf(b), func(low keys.Curve25519) error {
				return way(k.Identity, wrap(olm.SessionKeys{Identity: k.Identity, Base: k.Base, OneTime: low}, body))
			}, accepted},
			entry{"olm: all keys of a pre-key message, " + name, olm.ErrPublicKey, stateOf(b), func(low keys.Curve25519) error {
				err := way(low, wrap(olm.SessionKeys{Identity: low, Base: low, OneTime: low}, body))
				if errors.Is(err, olm.ErrUnknownOneTimeKey) {
					return olm.ErrPublicKey // which is looked at first is not the point
				}
				return err
			}, accepted},
		)
	}

	// A ratchet key. That of the first message serves no computation of the receiver's before he answers:
	// he must then be unable to.
	x, y := olm.NewAccount(), olm.NewAccount()
	xs := must(x.NewOutboundSession(identity(y), claim(y)))
	first := forger(xs)
	all = append(all, entry{"olm: ratchet key of a first message", olm.ErrPublicKey, stateOf(x), func(low keys.Curve25519) error {
		f := first
		f.ratchet = low
		y2 := must(olm.UnpickleAccount(nil, must(y.Pickle(nil))))
		s, _, err := y2.Accept(identity(x), wrap(xs.Keys(), f.body()))
		if err != nil {
			if y2.OneTimeKeyCount() != 1 {
				return errors.New("the one-time key is gone")
			}
			return err
		}
		before := stateOf(s)()
		_, err = s.Encrypt([]byte("answer"))
		if before != stateOf(s)() {
			return errors.New("the session has changed")
		}
		return err
	}, func() {
		_, _, err := y.Accept(identity(x), send(xs))
		check(err)
	}})
	alice, bob := newTalk()
	late := send(alice)
	all = append(all,
		entry{"olm: ratchet key of a normal message", olm.ErrPublicKey, stateOf(bob), func(low keys.Curve25519) error {
			return second(bob.Decrypt(forgery{ratchet: low, padded: onePadded}.message()))
		}, func() { pass(alice, bob) }},
		entry{"olm: ratchet key of a later pre-key message", olm.ErrPublicKey, stateOf(bob), func(low keys.Curve25519) error {
			return second(bob.Decrypt(wrap(bob.Keys(), forgery{ratchet: low, padded: onePadded}.body())))
		}, func() { receive(bob, late) }},
	)

	// The ratchet by itself.
	shared := [ratchet.SharedLen]byte{2}
	double, otherDouble := newDoubles()
	sendKey(double)
	open := func(*[ratchet.KeyLen]byte) error { return nil }
	talks := func() { passKey(otherDouble, double); passKey(double, otherDouble) }
	all = append(all,
		entry{"ratchet: their first ratchet key", ratchet.ErrPublicKey, stateOf(double), func(low keys.Curve25519) error {
			return second(ratchet.Respond(&shared, low))
		}, talks},
		entry{"ratchet: their next ratchet key", ratchet.ErrPublicKey, stateOf(double), func(low keys.Curve25519) error {
			return double.Receive(low, 0, open)
		}, talks},
		entry{"ratchet: their ratchet key in a pickle", nil, stateOf(otherDouble), func(low keys.Curve25519) error {
			raw := rawOf(must(ratchet.Respond(&shared, stranger)))
			copy(fieldOf("double", raw, "receiving 0 ratchet"), low[:])
			return second(ratchet.UnpickleDouble(pickleKey, sealed(raw)))
		}, talks},
		entry{"ratchet: our ratchet key in a pickle", nil, stateOf(double), func(low keys.Curve25519) error {
			raw := rawOf(double)
			copy(fieldOf("double", raw, "sending public"), low[:])
			return second(ratchet.UnpickleDouble(pickleKey, sealed(raw)))
		}, talks},
	)

	// Verification.
	s, other := sas.New(), sas.New()
	all = append(all, entry{"sas: their key", sas.ErrPublicKey, func() string { return s.PublicKey().String() }, func(low keys.Curve25519) error {
		return second(s.Establish(low))
	}, func() {
		sPublic, otherPublic := s.PublicKey(), other.PublicKey()
		mine, theirs := must(s.Establish(otherPublic)), must(other.Establish(sPublic))
		if must(mine.Bytes("info")) != must(theirs.Bytes("info")) {
			panic("the two sides differ")
		}
	}})

	// Key backup.
	d := pk.NewDecryption()
	backup := must(pk.NewEncryption(d.PublicKey()).Encrypt([]byte(plaintext)))
	decrypts := func() {
		if string(must(d.Decrypt(backup))) != plaintext {
			panic("another plaintext")
		}
	}
	all = append(all,
		entry{"pk: recipient's key", pk.ErrPublicKey, stateOf(d), func(low keys.Curve25519) error {
			m, err := pk.NewEncryption(low).Encrypt([]byte(plaintext))
			if m.Ciphertext != nil {
				return nil
			}
			return err
		}, decrypts},
		entry{"pk: ephemeral key", pk.ErrPublicKey, stateOf(d), func(low keys.Curve25519) error {
			return second(d.Decrypt(pk.Message{Ciphertext: backup.Ciphertext, MAC: backup.MAC, Ephemeral: low}))
		}, decrypts},
		entry{"pk: public key in a pickle", nil, stateOf(d), func(low keys.Curve25519) error {
			raw := rawOf(d)
			copy(fieldOf("decryption", raw, "public"), low[:])
			d, err := pk.UnpickleDecryption(pickleKey, sealed(raw))
			if err != nil {
				return err
			}
			return d.Check()
		}, decrypts},
	)

	// Pickles of accounts and sessions.
	holder := olm.NewAccount()
	claim(holder)
	check(holder.GenerateFallbackKey())
	for _, name := range []string{"identity public", "one-time 0 public", "fallback 0 public"} {
		all = append(all, entry{"olm: " + name + " in a pickle", nil, stateOf(holder), func(low keys.Curve25519) error {
			raw := rawOf(holder)
			copy(fieldOf("account", raw, name), low[:])
			a, err := olm.UnpickleAccount(pickleKey, sealed(raw))
			if err != nil {
				return err
			}
			return a.Check()
		}, func() { claim(holder) }})
	}
	receiving, talking := newTalk() // Alice would answer, Bob goes on
	all = append(all,
		entry{"olm: their ratchet key in a pickle", nil, stateOf(receiving), func(low keys.Curve25519) error {
			raw := rawOf(receiving)
			copy(fieldOf("session", raw, "receiving 0 ratchet"), low[:])
			s, err := olm.UnpickleSession(pickleKey, sealed(raw))
			if err != nil {
				if !errors.Is(err, pickle.ErrCorrupt) {
					return nil
				}
				return err
			}
			return second(s.Encrypt(nil))
		}, func() { pass(receiving, talking) }},
		entry{"olm: our ratchet key in a pickle", nil, stateOf(talking), func(low keys.Curve25519) error {
			raw := rawOf(talking)
			copy(fieldOf("session", raw, "sending public"), low[:])
			s, err := olm.UnpickleSession(pickleKey, sealed(raw))
			if err != nil {
				return err
			}
			return s.Check()
		}, func() { pass(talking, receiving) }},
	)
	return all
}

// TestForcingKeys puts each of Wycheproof's 31 low-order keys into every place where a key of somebody
// else comes in.
func TestForcingKeys(t *testing.T) {
	n, refused := 0, 0
	all := entries()
	for _, low := range forcingKeys(t) {
		for _, e := range all {
			before := e.state()
			err := e.try(low)
			n++
			switch {
			case err == nil:
				t.Errorf("%s: %x is taken", e.name, low)
			case e.want != nil && !errors.Is(err, e.want):
				t.Errorf("%s: %x: %v, want %v", e.name, low, err, e.want)
			case e.state() != before:
				t.Errorf("%s: %x: the state has changed", e.name, low)
			default:
				refused++
			}
		}
	}
	for _, e := range all {
		e.works()
	}
	t.Logf("hostile: %d of %d keys that force a secret refused, at %d entry points", refused, n, len(all))
}

// TestWycheproofX25519 agrees with the secrets of all 518 cases, through what the library does with a
// secret; and refuses a key that is not canonical.
func TestWycheproofX25519(t *testing.T) {
	agreed, refused := 0, 0
	for _, c := range x25519Cases(t) {
		key := c.key()
		_, err := keys.ParseCurve25519(key.String())
		canonical := err == nil
		d := must(pk.DecryptionFromKey(c.Private))
		got, err := d.Decrypt(pkMessage(c.Shared, key))

		restore := entropy.Replace(func(b []byte) { copy(b, c.Private) })
		s := sas.New()
		restore()
		e, sasErr := s.Establish(key)

		if !canonical || c.forcing() {
			require.ErrorIs(t, err, pk.ErrPublicKey, "case %d", c.TcID)
			require.ErrorIs(t, sasErr, sas.ErrPublicKey, "case %d", c.TcID)
			refused++
			continue
		}
		require.NoError(t, err, "case %d", c.TcID)
		require.Equal(t, plaintext, string(got), "case %d", c.TcID)
		require.NoError(t, sasErr, "case %d", c.TcID)
		require.Equal(t, sasBytes(c.Shared), must(e.RawBytes("info", 64)), "case %d", c.TcID)
		agreed++
	}
	t.Logf("hostile: %d secrets of Wycheproof agree, %d keys are refused", agreed, refused)
	require.Greater(t, agreed, 400)
	require.Greater(t, refused, 31)
}

// pkMessage returns a message to somebody with whom the owner of ephemeral shares a secret.
func pkMessage(shared []byte, ephemeral keys.Curve25519) pk.Message {
	var k aessha2.Keys
	k.Derive(shared, nil)
	m := pk.Message{Ciphertext: make([]byte, aessha2.CiphertextLen(len(plaintext))), MAC: make([]byte, wire.MACLen), Ephemeral: ephemeral}
	k.Encrypt(m.Ciphertext, []byte(plaintext))
	var mac [32]byte
	k.MAC(&mac, nil)
	copy(m.MAC, mac[:])
	return m
}

// TestPadding: behind a MAC that is right, every last byte, and every length of padding that is not what
// it says. It is refused as a wrong MAC is, so that it tells nothing.
func TestPadding(t *testing.T) {
	alice, bob := newTalk()
	pass(alice, bob)
	f := forger(alice)
	d := pk.NewDecryption()
	n, taken := 0, 0
	before := stateOf(bob)()
	for last := range 256 {
		for _, wrongAt := range []int{-1, 2, 5, 16} {
			padded := bytes.Repeat([]byte("x"), 32)
			good := last >= 1 && last <= 16
			for i := range min(last, 32) {
				padded[31-i] = byte(last)
			}
			padded[31] = byte(last)
			if wrongAt > 0 && wrongAt <= last && wrongAt <= 32 {
				padded[32-wrongAt] ^= 0x40
				good = false
			}
			n++
			f.padded = padded
			s := must(olm.UnpickleSession(nil, must(bob.Pickle(nil))))
			got, err := s.Decrypt(f.message())
			backup := pkPadded(d, padded)
			gotPK, errPK := d.Decrypt(backup)
			_, code := envelope.Open(sealedBlocks(padded), pickleKey)
			if good {
				taken++
				require.NoError(t, err, "%x", padded)
				require.Len(t, got, 32-last)
				require.NoError(t, errPK)
				require.Len(t, gotPK, 32-last)
				require.Zero(t, code)
				continue
			}
			require.ErrorIs(t, err, olm.ErrBadMAC, "%x", padded)
			require.Nil(t, got)
			require.Equal(t, before, stateOf(s)())
			require.ErrorIs(t, errPK, pk.ErrDecryption, "%x", padded)
			require.Nil(t, gotPK)
			require.ErrorIs(t, failure.Of(code), pickle.ErrKey, "%x", padded)
		}
	}
	require.Greater(t, taken, 16)
	t.Logf("hostile: %d of %d wrong paddings refused three times", n-taken, n-taken)
}

// pkPadded encrypts whole blocks to d.
func pkPadded(d *pk.Decryption, padded []byte) pk.Message {
	private := must(d.PrivateKey())
	public := d.PublicKey()
	var k aessha2.Keys
	k.Derive(sharedSecret(private, public), nil)
	m := pk.Message{Ciphertext: make([]byte, len(padded)), MAC: make([]byte, wire.MACLen), Ephemeral: public}
	sealBlocks(&k, m.Ciphertext, padded)
	var mac [32]byte
	k.MAC(&mac, nil)
	copy(m.MAC, mac[:])
	return m
}

// sealedBlocks is sealed for whole blocks, whatever is at their end.
func sealedBlocks(padded []byte) []byte {
	var k aessha2.Keys
	k.Derive(pickleKey, []byte("Pickle"))
	envelope := make([]byte, len(padded)+wire.MACLen)
	sealBlocks(&k, envelope[:len(padded)], padded)
	return wire.AppendText(nil, authenticate(&k, envelope))
}
