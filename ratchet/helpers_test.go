package ratchet_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/ratchet"
)

var (
	pickleKey = []byte("a pickle key")
	shared    = [ratchet.SharedLen]byte{1, 2, 3}
	errOpen   = errors.New("does not open")
)

func second[T any](_ T, err error) error { return err }

func sealed(raw []byte) []byte { return pickles.Sealed(pickleKey, raw) }

func opened(pickled []byte) []byte { return pickles.Opened(pickleKey, pickled) }

// deterministic makes the randomness of a test follow from seed. It returns a copy of what was drawn last.
func deterministic(t testing.TB, seed uint64) (drawn func() [32]byte) {
	t.Helper()
	source := rand.New(rand.NewPCG(seed, 0))
	var last []byte
	t.Cleanup(entropy.Replace(func(b []byte) { last = append([]byte(nil), fill(b, source)...) }))
	return func() [32]byte { return [32]byte(last) }
}

func fill(b []byte, source *rand.Rand) []byte {
	for i := range b {
		b[i] = byte(source.Uint32())
	}
	return b
}

// message is what goes with a message, and its key.
type message struct {
	ours  keys.Curve25519
	index uint32
	key   [ratchet.KeyLen]byte
}

func send(t testing.TB, d *ratchet.Double) (m message) {
	t.Helper()
	var err error
	m.ours, m.index, err = d.Send(&m.key)
	require.NoError(t, err)
	return m
}

func sendN(t testing.TB, d *ratchet.Double, n int) []message {
	t.Helper()
	ms := make([]message, n)
	for i := range ms {
		ms[i] = send(t, d)
	}
	return ms
}

// receive wants d to find the key of m.
func receive(t testing.TB, d *ratchet.Double, m message) {
	t.Helper()
	require.NoError(t, d.Receive(m.ours, m.index, func(key *[ratchet.KeyLen]byte) error {
		require.Equal(t, m.key, *key)
		return nil
	}))
}

// refuse wants d to refuse m with an error before it derives a key, and to stay what it was.
func refuse(t testing.TB, d *ratchet.Double, m message, want error) {
	t.Helper()
	before := d.State()
	require.ErrorIs(t, d.Receive(m.ours, m.index, func(*[ratchet.KeyLen]byte) error {
		t.Error("open is called")
		return nil
	}), want)
	require.True(t, before.Equal(d.State()), "a refused message has changed something")
}

func pass(t testing.TB, from, to *ratchet.Double) {
	t.Helper()
	receive(t, to, send(t, from))
}

// begin returns both sides of a ratchet, of which Alice has sent one message that Bob has received.
func begin(t testing.TB) (alice, bob *ratchet.Double) {
	t.Helper()
	alice = ratchet.Initiate(&shared)
	first := send(t, alice)
	bob, err := ratchet.Respond(&shared, first.ours)
	require.NoError(t, err)
	receive(t, bob, first)
	return alice, bob
}

func pickled(t testing.TB, d *ratchet.Double) []byte {
	t.Helper()
	p, err := d.Pickle(pickleKey)
	require.NoError(t, err)
	return p
}

// edited returns d as it comes out of a pickle whose contents were changed.
func edited(t testing.TB, d *ratchet.Double, edit func(raw []byte)) *ratchet.Double {
	t.Helper()
	raw := opened(pickled(t, d))
	edit(raw)
	d, err := ratchet.UnpickleDouble(pickleKey, sealed(raw))
	require.NoError(t, err)
	return d
}

// Where things are in the contents of a pickle, which begin with what tells the kind.
const (
	atRoot      = 4
	atSending   = atRoot + 32
	sendingLen  = 3*32 + 4
	sendIndexAt = atSending + 4 + 3*32
	elementLen  = 2*32 + 4 // of a chain, and of a skipped key
)
