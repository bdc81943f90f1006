package megolm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

func TestCompare(t *testing.T) {
	at := func(seed byte, index uint32) *megolm.InboundSession {
		return newReference(seed).jump(index).imported(t)
	}
	otherRatchet := newReference(2)
	otherRatchet.signing = newReference(1).signing
	lastPart := newReference(1).jump(5)
	lastPart.r[3][0] ^= 1

	moved := at(1, 5)
	decrypt(t, moved, newReference(1).jump(1000).honest("m"), "m", 1000)
	advanced := at(1, 0)
	require.NoError(t, advanced.Advance(5))
	for name, c := range map[string]struct {
		a, b *megolm.InboundSession
		want megolm.Order
	}{
		"the same":                {at(1, 5), at(1, 5), megolm.Equal},
		"signed and not":          {at(1, 5), newReference(1).jump(5).inbound(t), megolm.Equal},
		"one that has decrypted":  {at(1, 5), moved, megolm.Equal},
		"one that has advanced":   {at(1, 5), advanced, megolm.Equal},
		"earlier":                 {at(1, 4), at(1, 5), megolm.Better},
		"much earlier":            {at(1, 0), at(1, 1<<32-1), megolm.Better},
		"half the range":          {at(1, 0), at(1, 1<<31), megolm.Better},
		"later":                   {at(1, 5), at(1, 4), megolm.Worse},
		"another session":         {at(1, 5), at(2, 5), megolm.Unrelated},
		"another ratchet":         {at(1, 5), otherRatchet.copy().jump(5).imported(t), megolm.Unrelated},
		"another, earlier":        {at(1, 5), otherRatchet.copy().imported(t), megolm.Unrelated},
		"another, later":          {at(1, 5), otherRatchet.copy().jump(500).imported(t), megolm.Unrelated},
		"another in its last bit": {at(1, 5), lastPart.imported(t), megolm.Unrelated},
		"a forgery that meets":    {newReference(1).jump(256).inbound(t), lastPart.imported(t), megolm.Worse},
		"wiped":                   {at(1, 5), new(megolm.InboundSession), megolm.Unrelated},
		"both wiped":              {new(megolm.InboundSession), new(megolm.InboundSession), megolm.Unrelated},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := c.a.State(), c.b.State()
			require.Equal(t, c.want, c.a.Compare(c.b))
			inverse := map[megolm.Order]megolm.Order{megolm.Better: megolm.Worse, megolm.Worse: megolm.Better}
			want, ok := inverse[c.want]
			if !ok {
				want = c.want
			}
			require.Equal(t, want, c.b.Compare(c.a))
			testkit.Equal(t, [2]megolm.InboundState{a, b}, [2]megolm.InboundState{c.a.State(), c.b.State()}) // comparing changes nothing

			err := c.a.Merge(c.b)
			testkit.Equal(t, b, c.b.State()) // the other stays as it is
			if c.want == megolm.Unrelated {
				require.Error(t, err)
				testkit.Equal(t, a, c.a.State())
				return
			}
			require.NoError(t, err)
			require.NotEqual(t, megolm.Worse, c.a.Compare(c.b))
		})
	}
	s := at(1, 5)
	require.Equal(t, megolm.Equal, s.Compare(s))
	before := s.State()
	require.NoError(t, s.Merge(s))
	testkit.Equal(t, before, s.State())
}

func TestMerge(t *testing.T) {
	message := func(index uint32) megolm.Message { return newReference(1).jump(index).honest(number(index)) }
	requireReads := func(s *megolm.InboundSession, first, from uint32, verified bool) {
		t.Helper()
		require.Equal(t, first, s.FirstKnownIndex())
		requireVerified(t, s, from, verified)
		s = reload(t, s)
		for _, index := range []uint32{first, first + 1, 1000, 70000} {
			decrypt(t, s, message(index), number(index), index)
		}
		refuseIndex(t, s, message(first-1), first-1)
	}
	signed := func(index uint32) *megolm.InboundSession { return newReference(1).jump(index).inbound(t) }
	imported := func(index uint32) *megolm.InboundSession { return newReference(1).jump(index).imported(t) }

	// The earlier index, and from where on either is verified, wins.
	for _, c := range []struct {
		a, b     *megolm.InboundSession
		from     uint32
		verified bool
	}{
		{signed(300), imported(7), 300, true},
		{imported(7), signed(300), 300, true},
		{imported(300), imported(7), 0, false},
		{imported(7), imported(300), 0, false},
		{signed(7), signed(300), 7, true},
		{signed(300), signed(7), 7, true},
		{imported(300), signed(7), 7, true},
	} {
		require.NoError(t, c.a.Merge(c.b))
		requireReads(c.a, 7, c.from, c.verified)
	}

	// What is cached serves further on, whichever side has it.
	a, b := imported(7), imported(5)
	decrypt(t, a, message(800), number(800), 800)
	decrypt(t, b, message(600), number(600), 600)
	require.NoError(t, b.Merge(a))
	requireReads(b, 5, 256, true)
	require.NoError(t, a.Merge(b))
	requireReads(a, 5, 256, true)
	require.Equal(t, megolm.Equal, a.Compare(b))
	require.Equal(t, pickled(t, a), pickled(t, b))
}
