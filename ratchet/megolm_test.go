package ratchet_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	engine "github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/ratchet"
)

func valueOf(t testing.TB, m *ratchet.Megolm) (value [ratchet.MegolmLen]byte) {
	t.Helper()
	require.NoError(t, m.Key(&value))
	return value
}

// near are indices at which parts of the ratchet change.
var near = []uint32{0, 1, 255, 256, 257, 1<<16 - 1, 1 << 16, 1<<24 - 1, 1 << 24, 1<<31 - 1, 1 << 31, 1<<32 - 2, 1<<32 - 1}

// TestMegolmEqualsEngine: from any index to any later one, and not to an earlier one.
func TestMegolmEqualsEngine(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, from := range near {
		for _, to := range near {
			key := [ratchet.MegolmLen]byte(fill(make([]byte, ratchet.MegolmLen), rng))
			m := ratchet.MegolmFromKey(&key, from)
			require.Equal(t, from, m.Index())
			require.Equal(t, key, valueOf(t, m))
			if to < from {
				before := m.State()
				require.ErrorIs(t, m.AdvanceTo(to), ratchet.ErrPast)
				require.Equal(t, before, m.State())
				continue
			}
			var e engine.Megolm
			e.Set(key[:], from)
			e.AdvanceTo(to)
			require.NoError(t, m.AdvanceTo(to))
			requireSame(t, &e, m)
			before := m.State()
			if to == 1<<32-1 {
				require.ErrorIs(t, m.Advance(), ratchet.ErrExhausted)
				require.Equal(t, before, m.State())
				continue
			}
			e.Advance()
			require.NoError(t, m.Advance())
			requireSame(t, &e, m)
		}
	}
}

func requireSame(t *testing.T, e *engine.Megolm, m *ratchet.Megolm) {
	t.Helper()
	var want [ratchet.MegolmLen]byte
	e.Key(&want)
	require.Equal(t, e.Counter(), m.Index())
	require.Equal(t, want, valueOf(t, m))
}

// TestNewMegolm: the value is what was drawn, and another one each time.
func TestNewMegolm(t *testing.T) {
	seen := map[[ratchet.MegolmLen]byte]bool{}
	for range 10 {
		m := ratchet.NewMegolm()
		require.Zero(t, m.Index())
		seen[valueOf(t, m)] = true
	}
	require.Len(t, seen, 10)
	deterministic(t, 3)
	want := [ratchet.MegolmLen]byte(fill(make([]byte, ratchet.MegolmLen), rand.New(rand.NewPCG(3, 0))))
	require.Equal(t, want, valueOf(t, ratchet.NewMegolm()))
}

// TestMegolmKeyIsACopy: neither what a ratchet is made of nor what it gives is its own memory.
func TestMegolmKeyIsACopy(t *testing.T) {
	key := [ratchet.MegolmLen]byte{1}
	m := ratchet.MegolmFromKey(&key, 0)
	clear(key[:])
	got := valueOf(t, m)
	require.Equal(t, [ratchet.MegolmLen]byte{1}, got)
	require.NoError(t, m.Key(&got))
	clear(got[:])
	require.Equal(t, [ratchet.MegolmLen]byte{1}, valueOf(t, m))
}

// TestMegolmFollowsSession: the ratchet in a session key, moved on, is that in what a member exports there.
func TestMegolmFollowsSession(t *testing.T) {
	out := megolm.NewOutboundSession()
	k, err := out.SessionKey()
	require.NoError(t, err)
	in, err := megolm.NewInboundSession(k)
	require.NoError(t, err)
	raw, err := k.Bytes()
	require.NoError(t, err)
	// Both are a version, an index, and the ratchet; behind it is what signs.
	const ahead = 1 + 4
	m := ratchet.MegolmFromKey((*[ratchet.MegolmLen]byte)(raw[ahead:]), binary.BigEndian.Uint32(raw[1:]))
	for _, index := range near {
		require.NoError(t, m.AdvanceTo(index))
		exported, err := in.Export(index)
		require.NoError(t, err)
		raw, err := exported.Bytes()
		require.NoError(t, err)
		require.Equal(t, index, binary.BigEndian.Uint32(raw[1:]))
		require.Equal(t, [ratchet.MegolmLen]byte(raw[ahead:]), valueOf(t, m), "%d", index)
	}
	for range 3 {
		require.NoError(t, second(out.Encrypt(nil)))
	}
	k, err = out.SessionKey()
	require.NoError(t, err)
	now, err := k.Bytes()
	require.NoError(t, err)
	again := ratchet.MegolmFromKey((*[ratchet.MegolmLen]byte)(raw[ahead:]), 0)
	for range 3 {
		require.NoError(t, again.Advance())
	}
	require.Equal(t, [ratchet.MegolmLen]byte(now[ahead:]), valueOf(t, again))
}
