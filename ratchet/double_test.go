package ratchet_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/errcode"
	engine "github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/ratchet"
)

// TestConstants: what godoc shows are numbers, which the engine has too.
func TestConstants(t *testing.T) {
	require.EqualValues(t, engine.MaxReceivingChains, ratchet.MaxReceivingChains)
	require.EqualValues(t, engine.MaxSkippedPerChain, ratchet.MaxSkippedPerChain)
	require.EqualValues(t, engine.MaxGap, ratchet.MaxGap)
	require.EqualValues(t, engine.MegolmLen, ratchet.MegolmLen)
	require.EqualValues(t, engine.MaxPickledSkipped, 40, "the comment of Double.Pickle")
}

// mirror is one side: a Double, and the engine's beside it with the same random bytes.
type mirror struct {
	d     *ratchet.Double
	e     engine.Double
	kept  []engine.SkippedKey
	drawn func() [32]byte
	sent  map[[ratchet.KeyLen]byte]bool // the keys of both sides
}

// check wants the Double to be the engine's.
func (m *mirror) check(t *testing.T) {
	t.Helper()
	require.True(t, m.d.State().Is(m.e, m.kept), "a Double is not the engine's")
}

// checkPickle wants the contents of a pickle to be the engine's.
func (m *mirror) checkPickle(t *testing.T) {
	t.Helper()
	raw := binary.BigEndian.AppendUint32(nil, 0x6b440001)
	raw = append(raw, make([]byte, m.e.PickleLen())...)
	w := wire.NewWriter(raw[4:])
	m.e.Pickle(&w, &engine.Skipped{Keys: m.kept})
	require.True(t, bytes.Equal(raw, opened(pickled(t, m.d))), "a pickle is not the engine's")
}

func (m *mirror) send(t *testing.T) message {
	t.Helper()
	got := send(t, m.d)
	if m.e.NeedsRatchetKey() {
		random := m.drawn()
		require.Zero(t, m.e.StartSending(&random))
	}
	want := message{index: m.e.SendIndex()}
	m.e.RatchetKey((*[32]byte)(&want.ours))
	require.Zero(t, m.e.NextMessageKey(&want.key))
	require.Equal(t, want, got)
	require.False(t, m.sent[got.key], "a key comes twice")
	m.sent[got.key] = true
	return got
}

// receive receives x, at first with an open that refuses. It reports whether there was a key.
func (m *mirror) receive(t *testing.T, x message) bool {
	t.Helper()
	var pending engine.Pending
	skipped := engine.Skipped{Keys: m.kept}
	code := m.e.Receive(&pending, &skipped, (*[32]byte)(&x.ours), x.index)
	if code != errcode.OK {
		refuse(t, m.d, x, map[errcode.Code]error{
			errcode.NoMessageKey: ratchet.ErrNoMessageKey, errcode.MessageGap: ratchet.ErrGap, errcode.BadMessageMAC: ratchet.ErrUnknownRatchetKey,
		}[code])
		return false
	}
	calls := 0
	before := m.d.State()
	open := func(answer error) func(*[ratchet.KeyLen]byte) error {
		return func(key *[ratchet.KeyLen]byte) error {
			calls++
			require.Equal(t, pending.Key, *key)
			clear(key[:]) // it is open's
			return answer
		}
	}
	require.Equal(t, errOpen, m.d.Receive(x.ours, x.index, open(errOpen)))
	require.True(t, before.Equal(m.d.State()), "a refused message has changed something")
	if pending.Key != x.key { // on a chain of that name, but not of that root
		return false
	}
	require.NoError(t, m.d.Receive(x.ours, x.index, open(nil)))
	require.Equal(t, 2, calls)
	m.kept = engine.Grown(m.kept, m.e.Room(&pending))
	m.e.Commit(&pending, &engine.Skipped{Keys: m.kept})
	m.check(t)
	return true
}

// reload takes both through a pickle, which keeps the newest 40 keys.
func (m *mirror) reload(t *testing.T) {
	t.Helper()
	m.checkPickle(t)
	p := pickled(t, m.d)
	d, err := ratchet.UnpickleDouble(pickleKey, p)
	require.NoError(t, err)
	require.Equal(t, p, pickled(t, d))
	m.d = d
	r := wire.NewReader(opened(p)[4:])
	behind := r
	n, code := engine.PassPickle(&behind)
	require.Zero(t, code)
	m.kept = make([]engine.SkippedKey, n)
	require.Zero(t, m.e.Unpickle(&r, &engine.Skipped{Keys: m.kept}, wire.Strict))
	m.check(t)
}

// TestSchedules: two sides send, and the network loses, repeats, delays and reorders. What each is equals the engine
// at every step; a key comes once, on either side; and a message is found if and only if it can be.
func TestSchedules(t *testing.T) {
	steps := 1500
	if testing.Short() {
		steps = 500
	}
	for seed := range uint64(4) {
		drawn := deterministic(t, seed)
		rng := rand.New(rand.NewPCG(seed, 2))
		secret := [ratchet.SharedLen]byte(fill(make([]byte, ratchet.SharedLen), rng))
		sent := map[[ratchet.KeyLen]byte]bool{}
		alice, bob := &mirror{drawn: drawn, sent: sent}, &mirror{drawn: drawn, sent: sent}
		alice.d = ratchet.Initiate(&secret)
		random := drawn()
		alice.e.StartAlice(&secret, &random)
		first := alice.send(t)
		alice.check(t)
		var err error
		bob.d, err = ratchet.Respond(&secret, first.ours)
		require.NoError(t, err)
		bob.e.StartBob(&secret, (*[32]byte)(&first.ours))
		require.True(t, bob.receive(t, first))

		sides := []*mirror{alice, bob}
		network := [2][]message{{first}, nil} // from each side
		taken := map[message]bool{first: true}
		count := map[string]int{}
		for range steps {
			from := rng.IntN(2)
			to := 1 - from
			switch n := rng.IntN(100); {
			case n < 30:
				network[from] = append(network[from], sides[from].send(t))
				sides[from].check(t)
			case n == 30: // a burst, of which most is late or lost
				for range []int{30, 60, 60, 250, 250, 2100}[rng.IntN(6)] {
					network[from] = append(network[from], sides[from].send(t))
				}
				sides[from].check(t)
			case n == 31:
				sides[from].reload(t)
			case n == 32 && len(network[from]) > 0:
				network[from] = network[from][len(network[from])/2:]
			case n == 33: // what nobody sent
				x := message{ours: keys.Curve25519(fill(make([]byte, 32), rng)), index: rng.Uint32() >> rng.IntN(32)}
				x.ours[31] &= 0x3f
				require.False(t, sides[to].receive(t, x))
			case len(network[from]) > 0:
				back := min(rng.IntN(1<<rng.IntN(12)), len(network[from])-1)
				x := network[from][len(network[from])-1-back]
				if sides[to].receive(t, x) {
					require.False(t, taken[x], "a message is taken twice")
					taken[x] = true
					count["taken"]++
				} else {
					count["refused"]++
				}
			}
		}
		require.Greater(t, count["taken"], steps/10)
		require.Greater(t, count["refused"], steps/100)
	}
}

// TestOpenDecides: what open does but returning nil leaves everything as it was, and the key is gone behind it.
func TestOpenDecides(t *testing.T) {
	alice, bob := begin(t)
	ms := sendN(t, alice, 5)
	receive(t, bob, ms[3])
	pass(t, bob, alice)
	turned := send(t, alice)
	for name, m := range map[string]message{"next": ms[4], "kept": ms[1], "of a new chain": turned} {
		t.Run(name, func(t *testing.T) {
			before, pickledBefore := bob.State(), pickled(t, bob)
			var kept *[ratchet.KeyLen]byte
			keep := func(key *[ratchet.KeyLen]byte) {
				require.Equal(t, m.key, *key)
				kept = key
			}
			untouched := func() {
				t.Helper()
				require.NotNil(t, kept)
				require.Zero(t, *kept, "the key is not wiped")
				require.True(t, before.Equal(bob.State()))
				require.Equal(t, pickledBefore, pickled(t, bob))
				kept = nil
			}
			require.Equal(t, errOpen, bob.Receive(m.ours, m.index, func(key *[ratchet.KeyLen]byte) error {
				keep(key)
				return errOpen
			}))
			untouched()
			require.PanicsWithValue(t, "open", func() {
				_ = bob.Receive(m.ours, m.index, func(key *[ratchet.KeyLen]byte) error {
					keep(key)
					panic("open")
				})
			})
			untouched()
			var all sync.WaitGroup
			all.Go(func() {
				_ = bob.Receive(m.ours, m.index, func(key *[ratchet.KeyLen]byte) error {
					keep(key)
					runtime.Goexit()
					return nil
				})
			})
			all.Wait()
			untouched()

			// The key is open's own: what it writes there is nobody's business.
			require.NoError(t, bob.Receive(m.ours, m.index, func(key *[ratchet.KeyLen]byte) error {
				keep(key)
				fill(key[:], rand.New(rand.NewPCG(1, 1)))
				return nil
			}))
			require.Zero(t, *kept, "the key is not wiped")
			require.False(t, before.Equal(bob.State()))
			refuse(t, bob, m, ratchet.ErrNoMessageKey)
		})
	}
	receive(t, bob, ms[0])
	receive(t, bob, ms[2])
	pass(t, bob, alice)
}

// TestFirstMessage: a Double that Respond made takes the initiator's messages in any order.
func TestFirstMessage(t *testing.T) {
	alice := ratchet.Initiate(&shared)
	ms := sendN(t, alice, 4)
	bob, err := ratchet.Respond(&shared, ms[2].ours)
	require.NoError(t, err)
	for _, i := range []int{2, 0, 3, 1} {
		receive(t, bob, ms[i])
	}
	// Whoever has another secret finds other keys, and what another Double sent is of a chain that nobody knows.
	other := shared
	other[95] ^= 1
	eve, err := ratchet.Respond(&other, ms[0].ours)
	require.NoError(t, err)
	require.Equal(t, errOpen, eve.Receive(ms[0].ours, 0, func(key *[ratchet.KeyLen]byte) error {
		require.NotEqual(t, ms[0].key, *key)
		return errOpen
	}))
	require.NotEqual(t, alice.State(), ratchet.Initiate(&shared).State(), "two ratchet keys are one")
	refuse(t, eve, send(t, ratchet.Initiate(&shared)), ratchet.ErrUnknownRatchetKey)
}

// TestBounds: the bounds that the constants name.
func TestBounds(t *testing.T) {
	alice, bob := begin(t)
	pass(t, bob, alice)
	ms := sendN(t, alice, ratchet.MaxGap+2)
	refuse(t, bob, ms[ratchet.MaxGap+1], ratchet.ErrGap) // on a new chain
	receive(t, bob, ms[ratchet.MaxGap])
	// Of those behind the gap, the newest are kept.
	receive(t, bob, ms[ratchet.MaxGap-ratchet.MaxSkippedPerChain])
	refuse(t, bob, ms[ratchet.MaxGap-ratchet.MaxSkippedPerChain-1], ratchet.ErrNoMessageKey)
	receive(t, bob, ms[ratchet.MaxGap+1])
	more := sendN(t, alice, ratchet.MaxGap+2)
	refuse(t, bob, more[ratchet.MaxGap+1], ratchet.ErrGap) // and on one that is there
	receive(t, bob, more[ratchet.MaxGap])
	receive(t, bob, more[ratchet.MaxGap+1])

	// Of all chains, the newest are kept.
	var late []message
	for range ratchet.MaxReceivingChains + 1 {
		pass(t, bob, alice)
		late = append(late, send(t, alice))
		pass(t, alice, bob)
	}
	for _, m := range late[1:] {
		receive(t, bob, m)
	}
	require.ErrorIs(t, bob.Receive(late[0].ours, late[0].index, func(key *[ratchet.KeyLen]byte) error {
		require.NotEqual(t, late[0].key, *key) // like a chain that is new
		return errOpen
	}), ratchet.ErrUnknownRatchetKey)
}

// TestExhausted: the last index is neither sent nor taken.
func TestExhausted(t *testing.T) {
	alice, bob := begin(t)
	at := func(d *ratchet.Double, place int, index uint32) *ratchet.Double {
		return edited(t, d, func(raw []byte) { binary.BigEndian.PutUint32(raw[place:], index) })
	}
	const last uint32 = 1<<32 - 1
	alice = at(alice, sendIndexAt, last-1)
	bob = at(bob, atSending+4+4+64, last-1) // he does not send
	m := send(t, alice)
	require.Equal(t, last-1, m.index)
	receive(t, bob, m)
	before := alice.State()
	key := [ratchet.KeyLen]byte{7}
	for range 2 {
		ours, index, err := alice.Send(&key)
		require.ErrorIs(t, err, ratchet.ErrExhausted)
		require.Zero(t, ours)
		require.Zero(t, index)
		require.Equal(t, [ratchet.KeyLen]byte{7}, key)
		require.True(t, before.Equal(alice.State()))
	}
	m.index = last
	refuse(t, bob, m, ratchet.ErrExhausted)
	m.index = 0
	refuse(t, bob, m, ratchet.ErrNoMessageKey)
	pass(t, bob, alice) // and a new chain begins
	pass(t, alice, bob)
}

// badKeys are ratchet keys that nobody has: of small order, and others that are not canonical.
func badKeys() (all []keys.Curve25519) {
	p := keys.Curve25519(slices.Concat([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30), []byte{0x7f}))
	for i := range 19 { // p to 2^255-1
		k := p
		k[0] += byte(i)
		all = append(all, k)
	}
	topBit := keys.Curve25519{31: 0x80}
	topBit[0] = 9
	minusOne := p
	minusOne[0]--
	return append(all, keys.Curve25519{}, keys.Curve25519{1}, minusOne, topBit,
		keys.Curve25519{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
		keys.Curve25519{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57})
}

func TestBadRatchetKeys(t *testing.T) {
	alice, bob := begin(t)
	pass(t, bob, alice)
	send(t, alice)
	for _, bad := range badKeys() {
		d, err := ratchet.Respond(&shared, bad)
		require.ErrorIs(t, err, ratchet.ErrPublicKey, "%x", bad)
		require.Nil(t, d)
		for _, index := range []uint32{0, ratchet.MaxGap + 1, 1<<32 - 1} {
			refuse(t, alice, message{ours: bad, index: index}, ratchet.ErrPublicKey) // who does send
			refuse(t, bob, message{ours: bad, index: index}, ratchet.ErrPublicKey)   // and who has just sent
		}
	}
	m := send(t, alice)
	m.ours[31] ^= 0x80 // another text of the same key
	refuse(t, bob, m, ratchet.ErrPublicKey)
	m.ours[31] ^= 0x80
	receive(t, bob, m)
}

// TestFollowsOlm: the ratchet out of a pickled Olm session is a Double, which finds the keys of that session's
// messages.
func TestFollowsOlm(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	_, err := b.GenerateOneTimeKeys(1)
	require.NoError(t, err)
	var alice *olm.Session
	for _, key := range b.OneTimeKeys() {
		alice, err = a.NewOutboundSession(b.IdentityKeys().Curve25519, key)
		require.NoError(t, err)
	}
	encrypt := func() olm.Message {
		m, err := alice.Encrypt([]byte("The cave is dry."))
		require.NoError(t, err)
		return m
	}
	bob, _, err := b.Accept(a.IdentityKeys().Curve25519, encrypt())
	require.NoError(t, err)
	answer, err := bob.Encrypt(nil)
	require.NoError(t, err)
	require.NoError(t, second(alice.Decrypt(answer)))

	p, err := bob.Pickle(pickleKey)
	require.NoError(t, err)
	const ahead = 4 + 1 + 3*32 // version, a flag, and three public keys
	raw := append(binary.BigEndian.AppendUint32(nil, 0x6b440001), opened(p)[ahead:]...)
	d, err := ratchet.UnpickleDouble(pickleKey, sealed(raw))
	require.NoError(t, err)
	late := encrypt()
	for _, m := range []olm.Message{encrypt(), encrypt(), late} {
		var w wire.Message
		require.Zero(t, w.Decode(m.Body, wire.Strict))
		require.NoError(t, d.Receive(keys.Curve25519(w.RatchetKey), w.Index, func(key *[ratchet.KeyLen]byte) error {
			require.Equal(t, "The cave is dry.", string(olmPlaintext(t, key, m.Body, w.Ciphertext)))
			return nil
		}))
	}
}

// olmPlaintext checks and decrypts a message as the Olm specification has it, by the standard library.
func olmPlaintext(t *testing.T, key *[ratchet.KeyLen]byte, body, ciphertext []byte) []byte {
	t.Helper()
	d, err := hkdf.Key(sha256.New, key[:], nil, "OLM_KEYS", 80)
	require.NoError(t, err)
	signed, tag := body[:len(body)-8], body[len(body)-8:]
	mac := hmac.New(sha256.New, d[32:64])
	mac.Write(signed)
	require.Equal(t, mac.Sum(nil)[:8], tag)
	block, err := aes.NewCipher(d[:32])
	require.NoError(t, err)
	padded := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(block, d[64:]).CryptBlocks(padded, ciphertext)
	return padded[:len(padded)-int(padded[len(padded)-1])]
}
