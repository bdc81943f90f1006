package megolm_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

// forged returns ref's export with a bit of R(part) changed.
func (ref *reference) forged(t testing.TB, part int) *megolm.InboundSession {
	t.Helper()
	bad := ref.copy()
	bad.r[part][17] ^= 4
	return bad.imported(t)
}

// TestForgedExport: a member of a room knows the session from 0 on, the victim from 256 on. What the member
// exports is wrong from 0 to 255, which nobody sees at 256.
func TestForgedExport(t *testing.T) {
	sender := newReference(1)
	at := func(index uint32) *reference { return sender.copy().jump(index) }
	reads := func(s *megolm.InboundSession, indices ...uint32) {
		t.Helper()
		for _, index := range indices {
			decrypt(t, s, at(index).honest(number(index)), number(index), index)
		}
	}
	victim := func() *megolm.InboundSession {
		s := at(256).inbound(t)
		reads(s, 256, 300)
		require.NoError(t, s.Merge(at(0).forged(t, 3)))
		refuse(t, s, at(5).honest("m"), megolm.ErrBadMAC)
		requireVerified(t, s, 256, true)
		return s
	}

	// The sender's own key mends it.
	s := victim()
	require.Equal(t, megolm.Worse, s.Compare(sender.inbound(t)))
	require.NoError(t, s.Merge(sender.inbound(t)))
	requireVerified(t, s, 0, true)
	reads(s, 0, 5, 255, 256, 300, 70000)

	// So does one that begins between, after which the honest export of another member is taken.
	s = victim()
	require.ErrorIs(t, s.Merge(sender.imported(t)), megolm.ErrUnrelated)
	require.NoError(t, s.Merge(at(100).inbound(t)))
	requireVerified(t, s, 100, true)
	require.Equal(t, uint32(100), s.FirstKnownIndex())
	require.NoError(t, s.Merge(sender.imported(t)))
	requireVerified(t, s, 100, true)
	reads(s, 0, 5, 100, 256, 300)
	requireVerified(t, s, 0, true)

	// Or an export that has decrypted a message; or what is not verified is given up.
	s = victim()
	o := sender.imported(t)
	reads(o, 5)
	require.NoError(t, s.Merge(o))
	reads(s, 0, 255, 256)
	requireVerified(t, s, 0, true)
	s = victim()
	from, _ := s.VerifiedFrom()
	require.NoError(t, s.Advance(from))
	require.True(t, s.Verified())
	require.NoError(t, s.Merge(sender.imported(t)))
	reads(s, 0, 255, 256)

	// After a restart too.
	s = reload(t, victim())
	requireVerified(t, s, 0, false)
	reads(s, 300)
	requireVerified(t, s, 256, true)
	require.NoError(t, s.Merge(sender.inbound(t)))
	reads(s, 0, 255, 256)

	// A forgery that came first gives way, whether something of it is right or nothing.
	other := newReference(2)
	other.signing = sender.signing
	for name, s := range map[string]*megolm.InboundSession{
		"R(0)": sender.forged(t, 0), "R(3)": sender.forged(t, 3), "all": other.imported(t), "all, later": other.copy().jump(1000).imported(t),
	} {
		signed := at(256).inbound(t)
		before := signed.State()
		if name != "R(3)" { // which can't be told from an honest one
			require.Equal(t, megolm.Unrelated, signed.Compare(s), name)
			require.ErrorIs(t, signed.Merge(s), megolm.ErrUnrelated, name)
			testkit.Equal(t, before, signed.State())
			require.Equal(t, megolm.Worse, s.Compare(signed), name)
		}
		require.NoError(t, s.Merge(signed), name)
		requireVerified(t, s, 256, true)
		reads(s, 256, 300, 70000)
	}

	// One message proves what it can alone.
	forgery := sender.forged(t, 3)
	reads(forgery, 300)
	require.False(t, forgery.Verified())
	requireVerified(t, forgery, 256, true)
	require.Equal(t, megolm.Unrelated, forgery.Compare(sender.imported(t)), "neither is proven at 0")
	require.Equal(t, megolm.Better, sender.inbound(t).Compare(forgery))
	require.NoError(t, sender.inbound(t).Merge(forgery))

	// And what was signed is exported as it was.
	s = at(256).inbound(t)
	want, err := s.Export(256)
	require.NoError(t, err)
	require.NoError(t, s.Merge(sender.forged(t, 3)))
	got, err := s.Export(256)
	require.NoError(t, err)
	testkit.Equal(t, must(want.Bytes()), must(got.Bytes()))
}

// TestWhatDecryptedGoesOn: histories of three sessions in which forgeries of each part, at each distance, honest
// exports, session keys, restarts and messages come in any order. What decrypted before goes on decrypting.
func TestWhatDecryptedGoesOn(t *testing.T) {
	indices := []uint32{0, 1, 100, 255, 256, 257, 300, 511, 512, 1000, 65535, 65536, 66000, 131072}
	sender := newReference(7)
	refs, messages := map[uint32]*reference{}, map[uint32]megolm.Message{}
	for _, index := range indices {
		refs[index] = sender.copy().jump(index)
		messages[index] = refs[index].honest(number(index))
	}
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	forgeries, lost := 0, 0
	for seed := range rounds {
		rng := rand.New(rand.NewPCG(uint64(seed), 8))
		pick := func() uint32 { return indices[rng.IntN(len(indices))] }
		forgery := func() *megolm.InboundSession {
			forgeries++
			bad := refs[pick()].copy()
			switch rng.IntN(5) {
			case 0:
				for i := range bad.r {
					bad.r[i] = [32]byte(testkit.HMAC(bad.r[i][:], []byte("forged")))
				}
			case 1:
				bad.r = refs[pick()].r
			default:
				bad.r[rng.IntN(4)][rng.IntN(32)] ^= 1 << rng.IntN(8)
			}
			return bad.imported(t)
		}
		newSession := func() *megolm.InboundSession {
			switch rng.IntN(3) {
			case 0:
				return refs[pick()].inbound(t)
			case 1:
				return refs[pick()].imported(t)
			}
			return forgery()
		}
		sessions := []*megolm.InboundSession{newSession(), newSession(), newSession()}
		decrypted := make([]map[uint32]bool, len(sessions))
		for i := range decrypted {
			decrypted[i] = map[uint32]bool{}
		}
		what := ""
		check := func(i int) {
			t.Helper()
			s := sessions[i]
			from, ok := s.VerifiedFrom()
			if s.Verified() != (ok && from == s.FirstKnownIndex()) {
				t.Fatalf("seed %d, %s: verified from %d, %v", seed, what, from, ok)
			}
			for _, index := range indices {
				if decrypted[i][index] || ok && index >= from {
					if _, _, err := s.Decrypt(messages[index]); err != nil {
						t.Fatalf("seed %d, %s: %d decrypted, or is verified from %d on, %v: %v", seed, what, index, from, ok, err)
					}
				}
			}
		}
		for range 30 {
			i, index := rng.IntN(len(sessions)), pick()
			s := sessions[i]
			before := s.State()
			var err error
			switch rng.IntN(10) {
			case 0, 1, 2:
				what, err = "a forgery", s.Merge(forgery())
			case 3, 4:
				what, err = "an export", s.Merge(refs[index].imported(t))
			case 5:
				what = fmt.Sprintf("a session key from %d", index)
				require.NoError(t, s.Merge(refs[index].inbound(t)), "seed %d", seed)
				for _, later := range indices {
					decrypted[i][later] = decrypted[i][later] || later >= index
				}
			case 6:
				what, err = "another session", s.Merge(sessions[rng.IntN(len(sessions))])
			case 7:
				what = "a restart"
				sessions[i] = reload(t, s)
			default:
				what = "a message"
				if _, _, err := s.Decrypt(messages[index]); err == nil {
					decrypted[i][index] = true
				} else {
					lost++
				}
			}
			if err != nil && (!errors.Is(err, megolm.ErrUnrelated) || s.State() != before) {
				t.Fatalf("seed %d, %s: %v", seed, what, err)
			}
			if rng.IntN(4) == 0 { // not always: what this decrypts is proven
				check(i)
			}
		}
		for i := range sessions {
			what = "at the end"
			check(i)
		}
	}
	if forgeries < rounds*5 || lost < rounds {
		t.Errorf("%d forgeries, %d messages that did not decrypt: this test sees nothing", forgeries, lost)
	}
}

// TestHonestExportIsNeverRefused by what is honest, whatever of it is verified.
func TestHonestExportIsNeverRefused(t *testing.T) {
	ref := newReference(3)
	indices := []uint32{0, 5, 255, 256, 300, 65536, 70000, 1 << 24}
	for _, first := range indices {
		for _, second := range indices {
			for _, s := range []*megolm.InboundSession{ref.copy().jump(first).inbound(t), ref.copy().jump(first).imported(t)} {
				from, ok := s.VerifiedFrom()
				require.NoError(t, s.Merge(ref.copy().jump(second).imported(t)))
				require.Equal(t, min(first, second), s.FirstKnownIndex())
				requireVerified(t, s, from, ok)
				raw, err := s.Export(min(first, second))
				require.NoError(t, err)
				require.True(t, bytes.Equal(ref.copy().jump(min(first, second)).shared(1), must(raw.Bytes())))
			}
		}
	}
}
