package hostile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/ratchet"
)

const last uint32 = 1<<32 - 1

// TestOlmAtTheEnd: number 2^32-1 of a chain is neither sent nor taken, since the one after it would be 0
// again, with a key that was used; and whoever has reached it goes on with the next chain.
func TestOlmAtTheEnd(t *testing.T) {
	for _, from := range []uint32{last - 2, last - 1, last} {
		alice, bob := newTalk()
		pass(alice, bob) // on the chain that is now moved
		alice = edited(alice, func(raw []byte) { setNumber("session", raw, "sending index", from) })
		bob = edited(bob, func(raw []byte) { setNumber("session", raw, "receiving 0 index", from) })
		for range last - from {
			pass(alice, bob)
		}
		before := stateOf(alice)()
		for range 3 {
			n := alice.MessageLen(5)
			m, err := alice.Encrypt([]byte("hello"))
			require.ErrorIs(t, err, olm.ErrExhausted)
			require.Zero(t, m)
			require.Equal(t, n, alice.MessageLen(5))
			body, kind, err := alice.AppendEncrypt(make([]byte, 0, 1000), nil)
			require.ErrorIs(t, err, olm.ErrExhausted)
			require.Zero(t, kind)
			require.Nil(t, body)
		}
		require.Equal(t, before, stateOf(alice)())

		// Somebody else's library sends it all the same: on the chain, on a new one, and again from 0.
		f := forger(alice)
		require.EqualValues(t, last, f.index)
		before = stateOf(bob)()
		refused := func(f forgery, want error) {
			t.Helper()
			for _, m := range []olm.Message{f.message(), wrap(bob.Keys(), f.body())} {
				got, err := bob.Decrypt(m)
				require.Error(t, err)
				if want != nil {
					require.ErrorIs(t, err, want)
				}
				require.Nil(t, got)
				require.Equal(t, before, stateOf(bob)())
			}
		}
		refused(f, olm.ErrExhausted)
		f.index = 0
		refused(f, olm.ErrNoMessageKey)
		f.index, f.ratchet = last, claim(olm.NewAccount())
		refused(f, olm.ErrExhausted)
		f.index = last - 1
		refused(f, nil)

		// Both pickle, and an answer begins a new chain.
		alice, bob = must(olm.UnpickleSession(nil, must(alice.Pickle(nil)))), must(olm.UnpickleSession(nil, must(bob.Pickle(nil))))
		pass(bob, alice)
		pass(alice, bob)
		pass(alice, bob)
		require.Contains(t, alice.Describe(), "sender chain index: 2 ")
	}
}

// TestOlmBehindTheEnd: a chain that is said to be at its end takes nothing more, and a gap is measured
// without going round.
func TestOlmBehindTheEnd(t *testing.T) {
	alice, bob := newTalk()
	pass(alice, bob)
	f := forger(alice)
	for _, at := range []uint32{0, 1, 2000, 1<<31 - 1, 1 << 31, last - 2000, last - 1, last} {
		s := edited(bob, func(raw []byte) { setNumber("session", raw, "receiving 0 index", at) })
		before := stateOf(s)()
		for _, index := range []uint32{at + 2001, at - 1, at - 2001, at + 1<<31, last} {
			f.index = index
			_, err := s.Decrypt(f.message())
			require.Error(t, err, "%d at %d", index, at)
			require.Equal(t, before, stateOf(s)(), "%d at %d", index, at)
		}
	}
}

// TestMegolmAtTheEnd: the same of group sessions, whose receivers may hold any index for good.
func TestMegolmAtTheEnd(t *testing.T) {
	for _, from := range []uint32{last - 2, last - 1, last} {
		out := megolm.NewOutboundSession()
		raw := rawOf(out)
		setNumber("outbound", raw, "ratchet counter", from)
		out = must(megolm.UnpickleOutboundSession(pickleKey, sealed(raw)))
		k := must(out.SessionKey())
		in := must(megolm.NewInboundSession(k))
		require.Equal(t, from, in.FirstKnownIndex())
		var sent []megolm.Message
		for range last - from {
			sent = append(sent, must(out.Encrypt([]byte(plaintext))))
		}
		before := stateOf(out)()
		for range 3 {
			m, err := out.Encrypt([]byte("hello"))
			require.ErrorIs(t, err, megolm.ErrExhausted)
			require.Nil(t, m)
			b, err := out.AppendEncrypt(make([]byte, 0, 1000), nil)
			require.ErrorIs(t, err, megolm.ErrExhausted)
			require.Nil(t, b)
		}
		require.Equal(t, before, stateOf(out)())
		require.EqualValues(t, last, out.Index())
		require.EqualValues(t, last, must(megolm.UnpickleOutboundSession(nil, must(out.Pickle(nil)))).Index())

		// A receiver at the end, and one that is there from the start.
		k = must(out.SessionKey())
		end := must(megolm.NewInboundSession(k))
		require.EqualValues(t, last, end.FirstKnownIndex())
		for i, m := range sent {
			got, index, err := in.Decrypt(m)
			require.NoError(t, err)
			require.Equal(t, from+uint32(i), index)
			require.Equal(t, plaintext, string(got))
			state := stateOf(end)()
			_, _, err = end.Decrypt(m)
			require.Error(t, err, "the end does not reach round to the start")
			require.Equal(t, state, stateOf(end)())
		}
		for _, s := range []*megolm.InboundSession{in, end} {
			e, err := s.Export(last)
			require.NoError(t, err)
			imported := must(megolm.ImportSession(e))
			require.Equal(t, megolm.Equal, imported.Compare(end))
			require.NoError(t, imported.Merge(s))
			for _, index := range []uint32{0, 1, 1 << 31} {
				_, err := imported.Export(index)
				require.Error(t, err)
				require.Error(t, imported.Advance(index))
			}
			require.NoError(t, s.Advance(last))
			require.NoError(t, s.Advance(last))
			require.EqualValues(t, last, s.FirstKnownIndex())
			again := must(megolm.UnpickleInboundSession(nil, must(s.Pickle(nil))))
			require.Equal(t, megolm.Equal, again.Compare(end))
		}
	}
}

// TestRatchetsAtTheEnd: the same of what others build on.
func TestRatchetsAtTheEnd(t *testing.T) {
	edit := func(d *ratchet.Double, name string, index uint32) *ratchet.Double {
		raw := rawOf(d)
		setNumber("double", raw, name, index)
		return must(ratchet.UnpickleDouble(pickleKey, sealed(raw)))
	}
	var key [ratchet.KeyLen]byte
	for _, from := range []uint32{last - 2, last - 1, last} {
		alice, bob := newDoubles()
		passKey(alice, bob) // on the chain that is now moved
		alice, bob = edit(alice, "sending index", from), edit(bob, "receiving 0 index", from)
		seen := map[[ratchet.KeyLen]byte]bool{}
		for range last - from {
			ours, index, err := alice.Send(&key)
			require.NoError(t, err)
			require.False(t, seen[key], "a key comes twice")
			seen[key] = true
			require.NoError(t, bob.Receive(ours, index, func(got *[ratchet.KeyLen]byte) error {
				require.Equal(t, key, *got)
				return nil
			}))
		}
		ours := keys.Curve25519(fieldOf("double", rawOf(alice), "sending public"))
		before := stateOf(alice, bob)()
		clear(key[:])
		for range 3 {
			theirs, index, err := alice.Send(&key)
			require.ErrorIs(t, err, ratchet.ErrExhausted)
			require.Zero(t, theirs)
			require.Zero(t, index)
			require.Zero(t, key)
			for index, want := range map[uint32]error{last: ratchet.ErrExhausted, 0: ratchet.ErrNoMessageKey} {
				require.ErrorIs(t, bob.Receive(ours, index, func(*[ratchet.KeyLen]byte) error { return nil }), want)
			}
		}
		require.Equal(t, before, stateOf(alice, bob)())
		passKey(bob, alice)
		passKey(alice, bob)
	}
	m := ratchet.NewMegolm()
	require.NoError(t, m.AdvanceTo(last-1))
	require.NoError(t, m.Advance())
	before := stateOf(m)()
	for range 3 {
		require.ErrorIs(t, m.Advance(), ratchet.ErrExhausted)
		require.ErrorIs(t, m.AdvanceTo(0), ratchet.ErrPast)
	}
	require.NoError(t, m.AdvanceTo(last))
	require.Equal(t, before, stateOf(m)())
}
