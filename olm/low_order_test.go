package olm_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// libolm and goolm take a ratchet key of low order, from which no secret can be made, and store it. Such a
// session can't answer; it is refused when it is read, and not when it is to encrypt.
func TestUnpickleLowOrderRatchetKey(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	generate(t, bob, 1)
	var bobs *olm.Session
	for _, oneTime := range bob.OneTimeKeys() {
		alices, err := alice.NewOutboundSession(bob.IdentityKeys().Curve25519, oneTime)
		require.NoError(t, err)
		message, err := alices.Encrypt([]byte("text"))
		require.NoError(t, err)
		bobs, _, err = bob.Accept(alice.IdentityKeys().Curve25519, message)
		require.NoError(t, err)
	}
	pickled, err := bobs.Pickle(pickleKey)
	require.NoError(t, err)
	contents := opened(pickled)

	// With the first ratchet key of the other side replaced.
	const theirs = 4 + 1 + 3*32 + 32 + 4 + 4 // version, flag, keys, root key, no sending chain, one receiving
	with := func(ratchetKey []byte) []byte {
		changed := bytes.Clone(contents)
		copy(changed[theirs:], ratchetKey)
		return sealed(changed)
	}
	good, err := olm.UnpickleSession(pickleKey, with(contents[theirs:theirs+32]))
	require.NoError(t, err)
	_, err = good.Encrypt([]byte("text"))
	require.NoError(t, err)
	one := append([]byte{1}, make([]byte, 31)...)
	minusOne := append(append([]byte{0xec}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f)
	for _, low := range [][]byte{one, minusOne, append(bytes.Clone(one[:31]), 0x80)} {
		_, err := olm.UnpickleSession(pickleKey, with(low))
		require.ErrorIs(t, err, pickle.ErrCorrupt, "%x", low)
	}
}
