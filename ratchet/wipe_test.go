package ratchet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/ratchet"
)

// requireDeadDouble wants every method of d to answer that there is nothing.
func requireDeadDouble(t *testing.T, d *ratchet.Double) {
	t.Helper()
	m := send(t, ratchet.Initiate(&shared))
	key := [ratchet.KeyLen]byte{7}
	ours, index, err := d.Send(&key)
	require.ErrorIs(t, err, ratchet.ErrWiped)
	require.Zero(t, ours)
	require.Zero(t, index)
	require.Equal(t, [ratchet.KeyLen]byte{7}, key)
	refuse(t, d, m, ratchet.ErrWiped)
	refuse(t, d, message{index: 1<<32 - 1}, ratchet.ErrWiped)
	for _, key := range [][]byte{nil, pickleKey} {
		p, err := d.Pickle(key)
		require.ErrorIs(t, err, ratchet.ErrWiped)
		require.Nil(t, p)
	}
	require.True(t, new(ratchet.Double).State().Equal(d.State()), "all is zero")
}

// requireDeadMegolm is the same for a Megolm.
func requireDeadMegolm(t *testing.T, m *ratchet.Megolm) {
	t.Helper()
	key := [ratchet.MegolmLen]byte{7}
	for name, err := range map[string]error{
		"Key": m.Key(&key), "Advance": m.Advance(), "AdvanceTo": m.AdvanceTo(0), "AdvanceTo the end": m.AdvanceTo(1<<32 - 1),
		"Pickle": second(m.Pickle(nil)),
	} {
		require.ErrorIs(t, err, ratchet.ErrWiped, name)
	}
	require.Equal(t, [ratchet.MegolmLen]byte{7}, key)
	require.Zero(t, m.Index())
	require.Equal(t, new(ratchet.Megolm).State(), m.State(), "all is zero")
}

func TestWipe(t *testing.T) {
	for name, d := range doubles(t) {
		t.Run(name, func(t *testing.T) {
			storage := d.SkippedStorage()
			for range 2 { // it can be called again
				d.Wipe()
				requireDeadDouble(t, d)
			}
			for i := range storage {
				require.Zero(t, storage[i])
			}
		})
	}
	m := ratchet.NewMegolm()
	require.NoError(t, m.AdvanceTo(300))
	for range 2 {
		m.Wipe()
		requireDeadMegolm(t, m)
	}
}

func TestZeroValues(t *testing.T) {
	requireDeadDouble(t, new(ratchet.Double))
	requireDeadMegolm(t, new(ratchet.Megolm))
	new(ratchet.Double).Wipe()
	new(ratchet.Megolm).Wipe()
	requireDeadMegolm(t, ratchet.MegolmFromKey(new([ratchet.MegolmLen]byte), 53))
	d, err := ratchet.Respond(&shared, keys.Curve25519{})
	require.ErrorIs(t, err, ratchet.ErrPublicKey)
	require.Nil(t, d)
}

// TestWipeClearsStorage: what lies in memory that a Double lets go of.
func TestWipeClearsStorage(t *testing.T) {
	alice, bob := begin(t)
	ms := sendN(t, alice, 60)
	receive(t, bob, ms[4])
	skipped := bob.SkippedStorage()
	require.NotZero(t, skipped[0])
	receive(t, bob, ms[30]) // moves to new storage
	for i := range skipped {
		require.Zero(t, skipped[i])
	}
	skipped = bob.SkippedStorage()
	for i := range 30 {
		if i != 4 {
			receive(t, bob, ms[i])
		}
	}
	require.Nil(t, bob.SkippedStorage(), "the last key is used")
	for i := range skipped {
		require.Zero(t, skipped[i])
	}
}
