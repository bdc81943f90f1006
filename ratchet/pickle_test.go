package ratchet_test

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/ratchet"
)

// doubles returns a Double in every state that differs to a pickle.
func doubles(t testing.TB) map[string]*ratchet.Double {
	t.Helper()
	initiator := ratchet.Initiate(&shared)
	responder, err := ratchet.Respond(&shared, send(t, initiator).ours)
	require.NoError(t, err)
	alice, bob := begin(t)
	pass(t, bob, alice)
	send(t, alice)
	from, skipping := begin(t)
	ms := sendN(t, from, 30)
	for _, i := range []int{20, 29, 7} {
		receive(t, skipping, ms[i])
	}
	x, many := begin(t)
	for range 6 {
		receive(t, many, sendN(t, x, 6)[5])
		pass(t, many, x)
	}
	return map[string]*ratchet.Double{
		"initiator": initiator, "responder": responder, "both chains": alice, "without a sending chain": bob,
		"skipped keys": skipping, "five chains": many,
	}
}

// TestPickles: what is read is what was written, bit for bit, and the same in another envelope.
func TestPickles(t *testing.T) {
	for name, d := range doubles(t) {
		t.Run(name, func(t *testing.T) {
			for _, key := range [][]byte{nil, pickleKey, make([]byte, 1000)} {
				p, err := d.Pickle(key)
				require.NoError(t, err)
				for _, text := range [][]byte{p, []byte(string(p) + strings.Repeat("=", (4-len(p)%4)%4))} {
					before := string(text)
					again, err := ratchet.UnpickleDouble(key, text)
					require.NoError(t, err)
					require.Equal(t, before, string(text))
					same, err := again.Pickle(key)
					require.NoError(t, err)
					require.Equal(t, p, same)
				}
			}
		})
	}
	for _, index := range near {
		key := valueOf(t, ratchet.NewMegolm())
		m := ratchet.MegolmFromKey(&key, index)
		p, err := m.Pickle(pickleKey)
		require.NoError(t, err)
		again, err := ratchet.UnpickleMegolm(pickleKey, p)
		require.NoError(t, err)
		require.Equal(t, m.State(), again.State())
		require.Equal(t, binary.BigEndian.AppendUint32(append([]byte{0x6b, 0x4d, 0, 1}, key[:]...), index), opened(p))
	}
}

// TestPicklesGoOn: both sides talk on out of their pickles.
func TestPicklesGoOn(t *testing.T) {
	alice, bob := begin(t)
	late := send(t, alice)
	same := func([]byte) {}
	for range 3 {
		pass(t, alice, bob)
		alice, bob = edited(t, alice, same), edited(t, bob, same)
		pass(t, bob, alice)
		alice, bob = edited(t, alice, same), edited(t, bob, same)
	}
	receive(t, bob, late)
	refuse(t, edited(t, bob, same), late, ratchet.ErrNoMessageKey)
}

// refusePickle wants neither reader to read text, and returns their errors.
func refusePickle(t *testing.T, key, text []byte) (ofDouble, ofMegolm error) {
	t.Helper()
	d, ofDouble := ratchet.UnpickleDouble(key, text)
	require.Error(t, ofDouble)
	require.Nil(t, d)
	m, ofMegolm := ratchet.UnpickleMegolm(key, text)
	require.Error(t, ofMegolm)
	require.Nil(t, m)
	return ofDouble, ofMegolm
}

// TestPicklesRefused: what is damaged, of another key, another version or another kind.
func TestPicklesRefused(t *testing.T) {
	megolmPickle, err := ratchet.NewMegolm().Pickle(pickleKey)
	require.NoError(t, err)
	doublePickle := pickled(t, doubles(t)["skipped keys"])
	for _, p := range [][]byte{doublePickle, megolmPickle} {
		envelope, err := base64.RawStdEncoding.DecodeString(string(p))
		require.NoError(t, err)
		for what, bad := range testkit.Corruptions(envelope) {
			d, m := refusePickle(t, pickleKey, base64.RawStdEncoding.AppendEncode(nil, bad))
			require.ErrorIs(t, d, pickle.ErrKey, what)
			require.ErrorIs(t, m, pickle.ErrKey, what)
		}
		for _, wrong := range []string{"", "a pickle kez", "a pickle key "} {
			d, _ := refusePickle(t, []byte(wrong), p)
			require.ErrorIs(t, d, pickle.ErrKey)
		}
		d, m := refusePickle(t, pickleKey, p[1:len(p)-1])
		require.NotErrorIs(t, d, pickle.ErrVersion)
		require.NotErrorIs(t, m, pickle.ErrVersion)
		d, m = refusePickle(t, pickleKey, append(slices.Clone(p), '\n'))
		require.ErrorIs(t, d, pickle.ErrBase64)
		require.ErrorIs(t, m, pickle.ErrBase64)

		raw := opened(p)
		for i := range 32 { // each bit of the version
			bad := slices.Clone(raw)
			bad[i/8] ^= 1 << (i % 8)
			d, m := refusePickle(t, pickleKey, sealed(bad))
			require.ErrorIs(t, d, pickle.ErrVersion)
			require.ErrorIs(t, m, pickle.ErrVersion)
		}
	}
	require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, megolmPickle)), pickle.ErrVersion)
	require.ErrorIs(t, second(ratchet.UnpickleMegolm(pickleKey, doublePickle)), pickle.ErrVersion)

	for name, d := range doubles(t) {
		raw := opened(pickled(t, d))
		for n := range raw {
			err := second(ratchet.UnpickleDouble(pickleKey, sealed(raw[:n])))
			require.ErrorIs(t, err, pickle.ErrCorrupt, "%s, %d bytes", name, n)
		}
		for _, n := range []int{1, 4, elementLen} {
			require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, sealed(append(slices.Clone(raw), make([]byte, n)...)))), pickle.ErrTrailing, name)
		}
	}
	raw := opened(megolmPickle)
	for n := range raw {
		require.ErrorIs(t, second(ratchet.UnpickleMegolm(pickleKey, sealed(raw[:n]))), pickle.ErrCorrupt, "%d bytes", n)
	}
	require.ErrorIs(t, second(ratchet.UnpickleMegolm(pickleKey, sealed(append(raw, 0)))), pickle.ErrTrailing)
}

// TestImpossiblePickles: contents that no Double or Megolm can have.
func TestImpossiblePickles(t *testing.T) {
	all := doubles(t)
	withBoth := opened(pickled(t, all["both chains"]))
	const (
		atReceiving = atSending + 4 + sendingLen // the count of chains
		atChain     = atReceiving + 4
	)
	for name, at := range map[string]int{
		"root": atRoot, "our private key": atSending + 4 + 32, "sending chain": atSending + 4 + 64,
		"their key": atChain, "receiving chain": atChain + 32,
	} {
		bad := slices.Clone(withBoth)
		clear(bad[at : at+32])
		require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, sealed(bad))), pickle.ErrCorrupt, name)
	}
	bad := slices.Clone(withBoth)
	bad[atSending+4] ^= 1
	require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, sealed(bad))), pickle.ErrKeyPair)
	for _, count := range []uint32{2, 1 << 31, 1<<32 - 1} {
		for _, at := range []int{atSending, atReceiving, atChain + elementLen} {
			bad := slices.Clone(withBoth)
			binary.BigEndian.PutUint32(bad[at:], count)
			require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, sealed(bad))), pickle.ErrCorrupt)
		}
	}
	none := slices.Concat(withBoth[:atSending], make([]byte, 12)) // no chain at all
	require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, sealed(none))), pickle.ErrCorrupt)

	// Whoever is to answer a key of small order can't.
	responder := opened(pickled(t, all["responder"]))
	bad = slices.Clone(responder)
	copy(bad[atSending+4+4:], append([]byte{1}, make([]byte, 31)...))
	require.ErrorIs(t, second(ratchet.UnpickleDouble(pickleKey, sealed(bad))), pickle.ErrCorrupt)
	for _, value := range [][]byte{make([]byte, ratchet.MegolmLen+4), append(make([]byte, ratchet.MegolmLen), 0, 0, 0, 1)} {
		require.ErrorIs(t, second(ratchet.UnpickleMegolm(pickleKey, sealed(append([]byte{0x6b, 0x4d, 0, 1}, value...)))), pickle.ErrCorrupt)
	}
}

// TestPicklesOfOthers: neither reads what the other packages write, nor the other way round.
func TestPicklesOfOthers(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	session, err := a.NewOutboundSession(b.IdentityKeys().Curve25519, b.IdentityKeys().Curve25519)
	require.NoError(t, err)
	out := megolm.NewOutboundSession()
	k, err := out.SessionKey()
	require.NoError(t, err)
	in, err := megolm.NewInboundSession(k)
	require.NoError(t, err)
	for name, o := range map[string]interface {
		Pickle(key []byte) ([]byte, error)
	}{"account": a, "session": session, "outbound": out, "inbound": in, "decryption": pk.NewDecryption()} {
		p, err := o.Pickle(pickleKey)
		require.NoError(t, err)
		d, m := refusePickle(t, pickleKey, p)
		require.ErrorIs(t, d, pickle.ErrVersion, name)
		require.ErrorIs(t, m, pickle.ErrVersion, name)
	}
	megolmPickle, err := ratchet.NewMegolm().Pickle(pickleKey)
	require.NoError(t, err)
	for _, p := range [][]byte{pickled(t, ratchet.Initiate(&shared)), megolmPickle} {
		for name, err := range map[string]error{
			"account": second(olm.UnpickleAccount(pickleKey, p)), "session": second(olm.UnpickleSession(pickleKey, p)),
			"outbound": second(megolm.UnpickleOutboundSession(pickleKey, p)), "inbound": second(megolm.UnpickleInboundSession(pickleKey, p)),
			"decryption": second(pk.UnpickleDecryption(pickleKey, p)),
		} {
			require.ErrorIs(t, err, pickle.ErrVersion, name)
		}
	}
}

// TestLongLists: of more than is kept, the newest stay.
func TestLongLists(t *testing.T) {
	alice, bob := begin(t)
	ms := sendN(t, alice, 2*ratchet.MaxSkippedPerChain+20)
	receive(t, bob, ms[40]) // keeps 40
	receive(t, bob, ms[81]) // and 40 others
	first, second := opened(pickled(t, bob)), slices.Clone(ms[41:81])
	const atSkipped = atSending + 4 + 4 + elementLen
	require.EqualValues(t, ratchet.MaxSkippedPerChain, binary.BigEndian.Uint32(first[atSkipped:]))
	// The same list with older keys behind, of indices that ms[40] would have had.
	long := slices.Clone(first)
	for i := range 30 {
		old := slices.Clone(first[atSkipped+4:][:elementLen])
		binary.BigEndian.PutUint32(old[64:], uint32(30-i))
		long = append(long, old...)
	}
	binary.BigEndian.PutUint32(long[atSkipped:], ratchet.MaxSkippedPerChain+30)
	d, err := ratchet.UnpickleDouble(pickleKey, sealed(long))
	require.NoError(t, err)
	require.Equal(t, first, opened(pickled(t, d)))
	refuse(t, d, ms[20], ratchet.ErrNoMessageKey)
	for _, m := range second {
		receive(t, d, m)
	}

	// Five chains stay of seven.
	x, many := begin(t)
	var late []message
	for range ratchet.MaxReceivingChains {
		late = append(late, send(t, x))
		pass(t, x, many)
		pass(t, many, x)
	}
	raw := opened(pickled(t, many))
	const atReceiving = atSending + 4 + sendingLen
	end := atReceiving + 4 + ratchet.MaxReceivingChains*elementLen
	older := slices.Repeat([]byte{5}, 2*elementLen)
	long = slices.Concat(raw[:end], older, raw[end:])
	binary.BigEndian.PutUint32(long[atReceiving:], ratchet.MaxReceivingChains+2)
	d, err = ratchet.UnpickleDouble(pickleKey, sealed(long))
	require.NoError(t, err)
	require.Equal(t, raw, opened(pickled(t, d)))
	for _, m := range late {
		receive(t, d, m)
	}
}
