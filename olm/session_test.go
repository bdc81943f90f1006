package olm_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/olm"
)

func TestConversation(t *testing.T) {
	alice, bob := newPair(t)
	require.Equal(t, alice.ID(), bob.ID())
	for i := range 20 {
		for j := range i%3 + 1 {
			pass(t, bob, alice, strings.Repeat("b", 10*i+j))
			require.True(t, bob.HasReceivedMessage() && alice.HasReceivedMessage())
		}
		alice, bob = reload(t, bob), reload(t, alice) // and change roles
		require.Equal(t, alice.ID(), bob.ID())
		testkit.Equal(t, alice.Keys(), bob.Keys())
	}
}

// TestMessageTypes: a session sends pre-key messages until it has received one.
func TestMessageTypes(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	alice, first := outbound(t, a, b, "first")
	second := encrypt(t, alice, "second")
	require.Equal(t, olm.PreKey, first.Type)
	require.Equal(t, olm.PreKey, second.Type)
	require.Equal(t, olm.PreKey, alice.NextType())
	require.False(t, alice.HasReceivedMessage())

	bob, _, err := b.Accept(identity(a), first)
	require.NoError(t, err)
	require.True(t, bob.HasReceivedMessage())
	require.Equal(t, olm.Normal, bob.NextType())
	decrypt(t, bob, second, "second")
	answer := encrypt(t, bob, "answer")
	require.Equal(t, olm.Normal, answer.Type)

	decrypt(t, alice, answer, "answer")
	require.True(t, alice.HasReceivedMessage())
	require.Equal(t, olm.Normal, alice.NextType())
	require.Equal(t, olm.Normal, encrypt(t, alice, "third").Type)
	require.True(t, reload(t, alice).HasReceivedMessage())
}

func TestOrder(t *testing.T) {
	const n = 40
	for name, order := range map[string][]int{
		"in order": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		"reversed": {39, 38, 37, 20, 3, 2, 1, 0},
		"random":   rand.New(rand.NewPCG(1, 2)).Perm(n),
		"lost":     {0, 1, 5, 30, 39, 6},
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob := newTalk(t)
			ms := encryptN(t, alice, n)
			for _, i := range order {
				decrypt(t, bob, ms[i], place(i))
				refuse(t, bob, ms[i], olm.ErrNoMessageKey)
			}
			for _, i := range order {
				refuse(t, bob, ms[i], olm.ErrNoMessageKey)
			}
			bob = reload(t, bob)
			refuse(t, bob, ms[order[0]], olm.ErrNoMessageKey)
			pass(t, bob, alice, "still here")
			pass(t, alice, bob, "me too")
		})
	}
}

// TestLatePreKeyMessages: what was sent before the other side answered arrives after it has.
func TestLatePreKeyMessages(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	alice, first := outbound(t, a, b, "first")
	ms := encryptN(t, alice, 5)
	bob, plaintext, err := b.Accept(identity(a), ms[3])
	require.NoError(t, err)
	require.Equal(t, place(3), string(plaintext))
	pass(t, bob, alice, "answer")
	pass(t, alice, bob, "on a new chain")
	for _, i := range []int{4, 0, 2, 1} {
		decrypt(t, bob, ms[i], place(i))
	}
	decrypt(t, bob, first, "first")
	_, room := bob.SkippedKeys()
	require.Zero(t, room, "a session without skipped keys keeps no storage for them")
	refuse(t, bob, first, olm.ErrNoMessageKey)
}

// Bounds.

// TestSkippedKeysPerChain: 40 keys are kept on each chain, the newest.
func TestSkippedKeysPerChain(t *testing.T) {
	alice, bob := newTalk(t)
	ms := encryptN(t, alice, 43)
	decrypt(t, bob, ms[42], place(42))
	kept, _ := bob.SkippedKeys()
	require.Equal(t, olm.MaxSkippedPerChain, kept)
	refuse(t, bob, ms[0], olm.ErrNoMessageKey)
	refuse(t, bob, ms[1], olm.ErrNoMessageKey)
	for i := 2; i < 42; i++ {
		decrypt(t, bob, ms[i], place(i))
	}
}

// TestSkippedKeysAcrossGaps: the oldest give way one by one.
func TestSkippedKeysAcrossGaps(t *testing.T) {
	alice, bob := newTalk(t)
	ms := encryptN(t, alice, 60)
	decrypt(t, bob, ms[30], place(30)) // keeps 0 to 29
	decrypt(t, bob, ms[45], place(45)) // and 31 to 44, without 0 to 3
	for _, i := range []int{0, 1, 2, 3} {
		refuse(t, bob, ms[i], olm.ErrNoMessageKey)
	}
	decrypt(t, bob, ms[4], place(4)) // leaves room for one
	decrypt(t, bob, ms[47], place(47))
	decrypt(t, bob, ms[5], place(5))
	decrypt(t, bob, ms[59], place(59)) // 48 to 58 replace ten of 6 and up
	for i := 6; i < 16; i++ {
		refuse(t, bob, ms[i], olm.ErrNoMessageKey)
	}
	for i := 16; i < 59; i++ {
		if i != 30 && i != 45 && i != 47 {
			decrypt(t, bob, ms[i], place(i))
		}
	}
}

// turns makes alice send n messages on each of a number of new chains. Bob gets but the last of them,
// and answers; the others are late.
func turns(t *testing.T, alice, bob *olm.Session, chains, n int) (late [][]olm.Message) {
	t.Helper()
	for range chains {
		ms := encryptN(t, alice, n)
		decrypt(t, bob, ms[n-1], place(n-1))
		late = append(late, ms[:n-1])
		pass(t, bob, alice, "go on")
	}
	return late
}

func TestSkippedKeysOnFiveChains(t *testing.T) {
	alice, bob := newTalk(t)
	late := turns(t, alice, bob, 5, 41)
	kept, room := bob.SkippedKeys()
	require.Equal(t, 5*40, kept)
	require.Equal(t, 5*40, room)
	for chain, ms := range late {
		for i, m := range ms {
			decrypt(t, bob, m, place(i))
			refuse(t, bob, m, olm.ErrNoMessageKey)
		}
		kept, _ := bob.SkippedKeys()
		require.Equal(t, (4-chain)*40, kept)
	}
}

func TestSixthChainEvictsTheFirst(t *testing.T) {
	alice, bob := newTalk(t)
	late := turns(t, alice, bob, 5, 3) // the fifth evicts the chain of newTalk
	chains := between(bob.Describe(), "receiver chain indices:", " skipped")
	require.Equal(t, strings.Repeat(" 3", 5), chains)
	late = append(late, turns(t, alice, bob, 1, 3)...)
	kept, _ := bob.SkippedKeys()
	require.Equal(t, 5*2, kept)
	for _, m := range late[0] {
		refuse(t, bob, m, olm.ErrBadMAC)
	}
	for _, ms := range late[1:] {
		for j, m := range ms {
			decrypt(t, bob, m, place(j))
		}
	}
	// The same while Bob has nothing to send from.
	alice, bob = newTalk(t)
	late = turns(t, alice, bob, 5, 2)
	pass(t, alice, bob, "the sixth")
	refuse(t, bob, late[0][0], olm.ErrBadMAC)
	decrypt(t, bob, late[1][0], place(0))
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

func TestGap(t *testing.T) {
	refuseGap := func(bob *olm.Session, m olm.Message, index uint32) {
		t.Helper()
		refuse(t, bob, m, nil)
		_, err := bob.Decrypt(m)
		var gap *olm.GapError
		require.ErrorAs(t, err, &gap)
		require.Equal(t, index, gap.Index)
		require.ErrorContains(t, err, "olm: message index 200")
	}
	t.Run("new chain", func(t *testing.T) {
		alice, bob := newTalk(t)
		ms := encryptN(t, alice, 2002)
		refuseGap(bob, ms[2001], 2001)
		decrypt(t, bob, ms[2000], place(2000))
		decrypt(t, bob, ms[2001], place(2001))
		decrypt(t, bob, ms[1960], place(1960))
		refuse(t, bob, ms[1959], olm.ErrNoMessageKey)
	})
	t.Run("chain that is known", func(t *testing.T) {
		alice, bob := newTalk(t)
		ms := encryptN(t, alice, 2003)
		decrypt(t, bob, ms[0], place(0))
		refuseGap(bob, ms[2002], 2002)
		decrypt(t, bob, ms[2001], place(2001)) // 1 is next: 2000 between
		decrypt(t, bob, ms[2002], place(2002))
	})
	t.Run("far ahead", func(t *testing.T) {
		alice, bob := newTalk(t)
		f := forger(t, alice)
		for _, index := range []uint32{2001, 1 << 16, 1 << 31, 1<<32 - 2} {
			f.index = index
			refuse(t, bob, f.message(t), nil)
			_, err := bob.Decrypt(f.message(t))
			var gap *olm.GapError
			require.ErrorAs(t, err, &gap)
			require.Equal(t, index, gap.Index)
		}
	})
}

// TestNewChainAnswersOurs: who has nothing to send from has no key that a new chain could be derived
// with, and computes nothing.
func TestNewChainAnswersOurs(t *testing.T) {
	alice, bob := newTalk(t)
	pass(t, alice, bob, "bob has yet to answer")
	for _, f := range []forgery{
		{ratchet: [32]byte{9}}, {ratchet: [32]byte{9}, index: 2001}, {ratchet: [32]byte{1}}, {ratchet: [32]byte{}},
	} {
		refuse(t, bob, f.message(t), olm.ErrBadMAC)
	}
	pass(t, bob, alice, "answer")
	refuse(t, bob, (&forgery{ratchet: [32]byte{1}}).message(t), olm.ErrPublicKey)
}

// TestExhausted: index 2^32-1 is never used, since the one after it would be 0 again.
func TestExhausted(t *testing.T) {
	const last = 1<<32 - 2
	alice, bob := newTalk(t)
	pass(t, alice, bob, "on the chain that is now moved far ahead")
	alice = edited(t, alice, func(s *rawSession) { s.Sending[0].Index = last })
	bob = edited(t, bob, func(s *rawSession) { s.Receiving[0].Index = last })

	pass(t, alice, bob, "the last")
	before := alice.State()
	for range 3 {
		m, err := alice.Encrypt([]byte("one too many"))
		require.ErrorIs(t, err, olm.ErrExhausted)
		testkit.Equal(t, olm.Message{}, m)
		body, kind, err := alice.AppendEncrypt(make([]byte, 0, 500), nil)
		require.ErrorIs(t, err, olm.ErrExhausted)
		require.Zero(t, kind)
		require.Nil(t, body)
	}
	testkit.Equal(t, before, alice.State())

	f := forger(t, alice)
	require.Equal(t, uint32(last+1), f.index)
	refuse(t, bob, f.message(t), nil)
	fresh := edited(t, bob, func(s *rawSession) { s.Receiving = s.Receiving[1:] })
	refuse(t, fresh, f.message(t), nil)

	// An answer begins a new chain, and all goes on.
	pass(t, bob, alice, "answer")
	pass(t, alice, bob, "from 0")
	require.Contains(t, alice.Describe(), "sender chain index: 1 ")
}

// Lengths and buffers.

func TestMessageLen(t *testing.T) {
	lengths := []int{127, 128, 1000, 16383, 16384, 65536}
	for n := range 70 {
		lengths = append(lengths, n)
	}
	prekey, _ := outbound(t, olm.NewAccount(), olm.NewAccount(), "hello")
	normal, other := newTalk(t)
	pass(t, normal, other, "begin the chain")
	for _, s := range []*olm.Session{prekey, normal, other} {
		for _, n := range lengths {
			want := s.MessageLen(n)
			m := encrypt(t, s, strings.Repeat("x", n))
			require.Len(t, m.Body, want, "%d bytes", n)
		}
	}
	for _, index := range []uint32{0, 127, 128, 1<<14 - 1, 1 << 14, 1<<21 - 1, 1 << 21, 1<<28 - 1, 1 << 28, 1<<32 - 2} {
		s := edited(t, normal, func(s *rawSession) { s.Sending[0].Index = index })
		want := s.MessageLen(10)
		require.Len(t, encrypt(t, s, "ten bytes!").Body, want, "index %d", index)
	}
}

func TestEveryPlaintextLength(t *testing.T) {
	alice, bob := newTalk(t)
	for n := range 100 {
		pass(t, alice, bob, strings.Repeat("x", n))
		if n%10 == 9 {
			alice, bob = bob, alice
		}
	}
	pass(t, alice, bob, strings.Repeat("long ", 50_000))
	plaintext, err := bob.Decrypt(encrypt(t, alice, ""))
	require.NoError(t, err)
	require.NotNil(t, plaintext, "an empty plaintext is one")
	require.Empty(t, plaintext)
}

func TestAppend(t *testing.T) {
	alice, bob := newTalk(t)
	const want = "a plaintext of some blocks, so that there is something to see"
	plaintext := []byte(want)

	buf := []byte(strings.Repeat("#", 300))
	dst := buf[:4]
	n := alice.MessageLen(len(plaintext))
	out, kind, err := alice.AppendEncrypt(dst, plaintext)
	require.NoError(t, err)
	require.Equal(t, olm.Normal, kind)
	require.Len(t, out, 4+n)
	require.Same(t, &buf[0], &out[0], "there was room")
	require.Equal(t, "####", string(out[:4]))
	require.Equal(t, strings.Repeat("#", 300-4-n), string(buf[4+n:]), "what is behind the message is untouched")
	require.Equal(t, want, string(plaintext))

	m := olm.Message{Type: kind, Body: out[4:]}
	body := string(m.Body)
	buf = []byte(strings.Repeat("#", 300))
	got, err := bob.AppendDecrypt(buf[:4], m)
	require.NoError(t, err)
	require.Equal(t, "####"+want, string(got))
	require.Same(t, &buf[0], &got[0])
	require.Equal(t, body, string(m.Body), "the message is untouched")
	require.Equal(t, strings.Repeat("#", 300-4-80), string(buf[4+80:]))

	// Without room, and not so much as dst to begin with.
	out, _, err = alice.AppendEncrypt(make([]byte, 3, 10), plaintext)
	require.NoError(t, err)
	require.Equal(t, "\x00\x00\x00", string(out[:3]))
	got, err = bob.AppendDecrypt([]byte("x"), olm.Message{Type: olm.Normal, Body: out[3:]})
	require.NoError(t, err)
	require.Equal(t, "x"+want, string(got))
}

// TestFailureShowsNoPlaintext: what does not authenticate is never decrypted, and what decrypts to
// bad padding is wiped.
func TestFailureShowsNoPlaintext(t *testing.T) {
	alice, bob := newTalk(t)
	f := forger(t, alice)
	f.padded = []byte("0123456789abcdef0123456789abcde\x00")
	for _, last := range []byte{0, 17, 2, 255} {
		f.padded[31] = last
		buf := []byte(strings.Repeat("#", 100))
		before := bob.State()
		got, err := bob.AppendDecrypt(buf[:0], f.message(t))
		require.ErrorIs(t, err, olm.ErrBadMAC)
		require.Nil(t, got)
		require.NotContains(t, string(buf), "0123")
		testkit.Equal(t, before, bob.State())
	}
	f.padded = nil
	m := f.message(t)
	m.Body[len(m.Body)-1] ^= 1
	buf := []byte(strings.Repeat("#", 100))
	_, err := bob.AppendDecrypt(buf[:0], m)
	require.ErrorIs(t, err, olm.ErrBadMAC)
	require.NotContains(t, string(buf), "forged")
	m.Body[len(m.Body)-1] ^= 1
	decrypt(t, bob, m, "forged") // or the test shows nothing
}

// Description and matching.

func TestDescribe(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	alice, first := outbound(t, a, b, "first")
	require.Equal(t, "sender chain index: 1 receiver chain indices: skipped message keys:", alice.Describe())
	bob, _, err := b.Accept(identity(a), first)
	require.NoError(t, err)
	require.Equal(t, "sender chain index: 0 receiver chain indices: 1 skipped message keys:", bob.Describe())

	ms := encryptN(t, alice, 6) // indices 1 to 6
	decrypt(t, bob, ms[3], place(3))
	require.Equal(t, "sender chain index: 0 receiver chain indices: 5 skipped message keys: 3 2 1", bob.Describe())
	decrypt(t, bob, ms[1], place(1))
	require.Equal(t, "sender chain index: 0 receiver chain indices: 5 skipped message keys: 3 1", bob.Describe())
	pass(t, bob, alice, "answer")
	require.Equal(t, "sender chain index: 1 receiver chain indices: 5 skipped message keys: 3 1", bob.Describe())
	require.Equal(t, "sender chain index: 0 receiver chain indices: 1 skipped message keys:", alice.Describe())
	ms = encryptN(t, alice, 12)
	decrypt(t, bob, ms[11], place(11))
	require.Equal(t, "sender chain index: 0 receiver chain indices: 12 5 skipped message keys: 10 9 8 7 6 5 4 3 2 1 0 3 1", bob.Describe())
	require.Equal(t, bob.Describe(), reload(t, bob).Describe())
}

func TestMatches(t *testing.T) {
	a, b := olm.NewAccount(), olm.NewAccount()
	parse := func(m olm.Message) *olm.PreKeyMessage {
		p, err := olm.ParsePreKeyMessage(m.Body)
		require.NoError(t, err)
		return p
	}
	alice, first := outbound(t, a, b, "first")
	second := encrypt(t, alice, "second")
	bob, _, err := b.Accept(identity(a), first)
	require.NoError(t, err)
	other, elsewhere := outbound(t, a, b, "another session")

	for _, s := range []*olm.Session{alice, bob, reload(t, bob)} {
		require.True(t, s.Matches(parse(first)))
		require.True(t, s.Matches(parse(second)))
		require.False(t, s.Matches(parse(elsewhere)))
		require.False(t, s.Matches(new(olm.PreKeyMessage)))
		require.Equal(t, s.ID(), parse(second).SessionID())
		for _, change := range []func(*olm.SessionKeys){
			func(k *olm.SessionKeys) { k.Identity[0] ^= 1 },
			func(k *olm.SessionKeys) { k.Base[0] ^= 1 },
			func(k *olm.SessionKeys) { k.OneTime[0] ^= 1 },
		} {
			k := s.Keys()
			change(&k)
			forged := wrap(k, inner(t, second).Body)
			require.False(t, s.Matches(parse(forged)))
			refuse(t, s, forged, olm.ErrSessionMismatch)
		}
	}
	refuse(t, bob, elsewhere, olm.ErrSessionMismatch)
	require.True(t, other.Matches(parse(elsewhere)))
	decrypt(t, bob, second, "second")
}
