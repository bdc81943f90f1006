package ratchet_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/ratchet"
)

// FuzzDouble gives any ratchet key and index to either side of a ratchet, and begins one with them.
func FuzzDouble(f *testing.F) {
	deterministic(f, 1)
	alice, bob := begin(f)
	ms := sendN(f, alice, 4)
	receive(f, bob, ms[2])
	states := [2][]byte{pickled(f, bob)}
	pass(f, bob, alice)
	turned := send(f, alice)
	states[1] = pickled(f, bob) // he sends, now
	for _, m := range []message{ms[1], ms[2], ms[3], turned} {
		f.Add(m.ours[:], m.index)
	}
	f.Add(make([]byte, 32), uint32(0))
	f.Add(bytes.Repeat([]byte{0xff}, 32), uint32(1<<32-1))
	f.Fuzz(func(t *testing.T, raw []byte, index uint32) {
		var theirs keys.Curve25519
		copy(theirs[:], raw)
		known, err := ratchet.Respond(&shared, theirs)
		if err != nil {
			require.ErrorIs(t, err, ratchet.ErrPublicKey)
			require.Nil(t, known)
		} else {
			known.Wipe()
		}
		for _, state := range states {
			d, err := ratchet.UnpickleDouble(pickleKey, state)
			require.NoError(t, err)
			before := d.State()
			var kept [ratchet.KeyLen]byte
			got := d.Receive(theirs, index, func(key *[ratchet.KeyLen]byte) error {
				kept = *key
				return errOpen
			})
			require.True(t, before.Equal(d.State()))
			if got != errOpen {
				require.Contains(t, []error{ratchet.ErrPublicKey, ratchet.ErrUnknownRatchetKey, ratchet.ErrNoMessageKey, ratchet.ErrGap, ratchet.ErrExhausted}, got)
				require.Zero(t, kept)
				continue
			}
			require.NoError(t, d.Receive(theirs, index, func(key *[ratchet.KeyLen]byte) error {
				require.Equal(t, kept, *key)
				return nil
			}))
			require.False(t, before.Equal(d.State()))
			refuse(t, d, message{ours: theirs, index: index}, ratchet.ErrNoMessageKey)
			send(t, d)
		}
	})
}

// FuzzUnpickle reads text as a pickle, and as what one holds, and uses what comes out.
func FuzzUnpickle(f *testing.F) {
	deterministic(f, 2)
	for _, d := range doubles(f) {
		p := pickled(f, d)
		f.Add(p, uint32(1))
		f.Add(opened(p), uint32(7))
	}
	p, err := ratchet.NewMegolm().Pickle(pickleKey)
	require.NoError(f, err)
	f.Add(p, uint32(0))
	f.Add(opened(p), uint32(1<<32-1))
	f.Fuzz(func(t *testing.T, text []byte, index uint32) {
		for _, text := range [][]byte{text, sealed(text)} {
			before := bytes.Clone(text)
			d, err := ratchet.UnpickleDouble(pickleKey, text)
			require.Equal(t, err == nil, d != nil)
			m, errMegolm := ratchet.UnpickleMegolm(pickleKey, text)
			require.Equal(t, errMegolm == nil, m != nil)
			require.Equal(t, before, text)
			require.False(t, d != nil && m != nil, "a pickle is both")
			if d != nil {
				useDouble(t, d, index)
			}
			if m != nil {
				useMegolm(t, m, index)
			}
		}
		var key [ratchet.MegolmLen]byte
		copy(key[:], text)
		m := ratchet.MegolmFromKey(&key, index)
		if key == [ratchet.MegolmLen]byte{} {
			requireDeadMegolm(t, m)
			return
		}
		useMegolm(t, m, index)
	})
}

// useDouble does all that can be done with a Double that comes from anywhere.
func useDouble(t *testing.T, d *ratchet.Double, index uint32) {
	t.Helper()
	p := pickled(t, d)
	again, err := ratchet.UnpickleDouble(pickleKey, p)
	require.NoError(t, err)
	require.Equal(t, p, pickled(t, again))
	for _, theirs := range []keys.Curve25519{{9}, {5, 5}} {
		before := d.State()
		err := d.Receive(theirs, index, func(*[ratchet.KeyLen]byte) error { return errOpen })
		require.Error(t, err)
		require.True(t, before.Equal(d.State()))
	}
	before := d.State()
	var key [ratchet.KeyLen]byte
	if _, _, err := d.Send(&key); err != nil {
		require.ErrorIs(t, err, ratchet.ErrExhausted)
		require.True(t, before.Equal(d.State()))
		require.Zero(t, key)
	} else {
		require.False(t, before.Equal(d.State()))
	}
	d.Wipe()
	requireDeadDouble(t, d)
}

func useMegolm(t *testing.T, m *ratchet.Megolm, index uint32) {
	t.Helper()
	p, err := m.Pickle(pickleKey)
	require.NoError(t, err)
	again, err := ratchet.UnpickleMegolm(pickleKey, p)
	require.NoError(t, err)
	require.Equal(t, m.State(), again.State())
	from := m.Index()
	if err := m.AdvanceTo(index); err != nil {
		require.ErrorIs(t, err, ratchet.ErrPast)
		require.Less(t, index, from)
		require.Equal(t, again.State(), m.State())
	} else {
		require.Equal(t, index, m.Index())
	}
	if from = m.Index(); from == 1<<32-1 {
		require.ErrorIs(t, m.Advance(), ratchet.ErrExhausted)
	} else {
		require.NoError(t, m.Advance())
		require.Equal(t, from+1, m.Index())
	}
	m.Wipe()
	requireDeadMegolm(t, m)
}
