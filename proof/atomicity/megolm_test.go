package atomicity_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/megolm"
)

func receiver(out *megolm.OutboundSession) *megolm.InboundSession {
	k := must(out.SessionKey())
	return must(megolm.NewInboundSession(k))
}

func imported(in *megolm.InboundSession) *megolm.InboundSession {
	k := must(in.Export(in.FirstKnownIndex()))
	return must(megolm.ImportSession(k))
}

func encryptN(out *megolm.OutboundSession, n int) (ms []megolm.Message) {
	for range n {
		ms = append(ms, must(out.Encrypt([]byte(plaintext))))
	}
	return ms
}

func reads(in *megolm.InboundSession, m []byte) error {
	got, _, err := in.Decrypt(m)
	if err != nil && got != nil {
		return nil
	}
	return err
}

// megolmMessages has a message for receivers in all states that differ to it.
func megolmMessages(*testing.T) (all []subject) {
	out := megolm.NewOutboundSession()
	fresh := receiver(out)
	ms := encryptN(out, 300)
	cached, ahead, old := copyOf(fresh), copyOf(fresh), copyOf(fresh)
	for in, i := range map[*megolm.InboundSession]int{cached: 5, ahead: 290, old: 5} {
		if err := reads(in, ms[i]); err != nil {
			panic(err)
		}
	}
	if err := old.Advance(3); err != nil {
		panic(err)
	}
	const at = 280 // an index of two bytes
	m := ms[at]
	for name, in := range map[string]*megolm.InboundSession{
		"fresh": fresh, "cached before": cached, "cached behind": ahead, "advanced": old, "imported": imported(fresh),
	} {
		all = append(all, subject{
			name: "megolm/message, " + name, honest: m, owners: []any{in},
			try: func(b []byte) error { return reads(in, b) },
			works: func(t *testing.T) {
				require.NoError(t, reads(in, m))
				require.NoError(t, reads(in, m), "as often as one likes")
			},
			stateless: name == "cached behind", // all that a message moves is the cache
		})
	}
	// Who has the signing key, but not the ratchet: what is damaged is signed again, so that it gets as far as
	// the MAC.
	signed := m[:len(m)-64]
	for name, in := range map[string]*megolm.InboundSession{"fresh": copyOf(fresh), "imported": imported(fresh)} {
		resigned := func(b []byte) error { return reads(in, sign(out, b)) }
		all = append(all, subject{
			name: "megolm/signed message, " + name, honest: signed, owners: []any{in}, try: resigned,
			works: func(t *testing.T) { require.NoError(t, resigned(signed)) },
		})
	}
	in := imported(fresh)
	all = append(all, subject{
		name: "megolm/text of a message", honest: text64(m), owners: []any{in},
		try: func(text []byte) error {
			var m megolm.Message
			if err := m.UnmarshalText(text); err != nil {
				return err
			}
			return reads(in, m)
		},
		works: func(t *testing.T) { require.NoError(t, reads(in, m)) },
	})
	return all
}

// sign returns b and a signature of it with the key of a session.
func sign(out *megolm.OutboundSession, b []byte) []byte {
	raw := opened(must(out.Pickle(pickleKey)))
	keys := raw[4+128+4:]
	var sig [64]byte
	curve.Sign(&sig, (*[64]byte)(keys[32:]), (*[32]byte)(keys), b)
	return append(bytes.Clone(b), sig[:]...)
}

// copyOf returns a copy of in.
func copyOf(in *megolm.InboundSession) *megolm.InboundSession {
	return must(megolm.UnpickleInboundSession(nil, must(in.Pickle(nil))))
}

// megolmKeys has the two forms in which a session travels. A session key is signed. An exported key is
// not: damage to it shows when what comes of it is merged with what one has, or when it decrypts.
func megolmKeys(*testing.T) (all []subject) {
	out := megolm.NewOutboundSession()
	first := receiver(out)
	ms := encryptN(out, 10)
	signed := must(out.SessionKey())
	later := receiver(out)
	next := encryptN(out, 2)

	sessionKey := func(k megolm.SessionKey, err error) error {
		if err != nil {
			return err
		}
		s, err := megolm.NewInboundSession(k)
		if err == nil {
			return later.Merge(s)
		}
		if s != nil {
			return nil
		}
		return err
	}
	works := func(merge *megolm.InboundSession) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			require.NoError(t, later.Merge(merge))
			require.NoError(t, reads(later, next[1]))
		}
	}
	all = append(all,
		subject{
			name: "megolm/session key", honest: must(signed.Bytes()), owners: []any{first, later},
			try:   func(b []byte) error { return sessionKey(megolm.SessionKeyFromBytes(b)) },
			works: func(t *testing.T) { works(must(megolm.NewInboundSession(signed)))(t) },
		},
		subject{
			name: "megolm/text of a session key", honest: []byte(must(signed.Base64())), owners: []any{first, later},
			try:   func(b []byte) error { return sessionKey(megolm.ParseSessionKey(string(b))) },
			works: func(t *testing.T) { works(must(megolm.NewInboundSession(signed)))(t) }, stateless: true, // moved above
		})

	export := must(first.Export(0))
	mine := copyOf(later) // what an import is merged into
	exportedKey := func(k megolm.ExportedKey, err error) error {
		if err != nil {
			return err
		}
		s, err := megolm.ImportSession(k)
		if err != nil {
			return err
		}
		for _, m := range ms {
			if reads(s, m) == nil {
				return nil
			}
		}
		if s.Verified() || mine.Compare(s) != megolm.Unrelated {
			return nil
		}
		before := stateOf(s)
		err = mine.Merge(s)
		if !errors.Is(err, megolm.ErrUnrelated) || stateOf(s) != before {
			return nil
		}
		// The other way round: what was signed takes the place of the damage, unless the session is another one.
		if s.ID() == mine.ID() {
			if s.Compare(mine) != megolm.Worse || s.Merge(mine) != nil || reads(s, next[1]) != nil {
				return nil
			}
		} else if s.Compare(mine) != megolm.Unrelated || !errors.Is(s.Merge(mine), megolm.ErrUnrelated) || stateOf(s) != before {
			return nil
		}
		return err
	}
	merged := func(t *testing.T) {
		t.Helper()
		require.Error(t, reads(mine, ms[0]))
		require.NoError(t, mine.Merge(must(megolm.ImportSession(export))))
		require.NoError(t, reads(mine, ms[0]), "what was imported serves")
	}
	all = append(all,
		subject{
			name: "megolm/exported key", honest: must(export.Bytes()), owners: []any{mine, first},
			try: func(b []byte) error { return exportedKey(megolm.ExportedKeyFromBytes(b)) }, works: merged,
		},
		subject{
			name: "megolm/text of an exported key", honest: []byte(must(export.Base64())), owners: []any{mine, first},
			try:       func(b []byte) error { return exportedKey(megolm.ParseExportedKey(string(b))) },
			works:     func(t *testing.T) { require.NoError(t, mine.Merge(must(megolm.ImportSession(export)))) },
			stateless: true, // merged above
		})
	return all
}

// TestRefusedMerges: sessions that are not one are left as they are, on both sides, whatever they have
// decrypted; and so is a session that is asked for an index that it does not know.
func TestRefusedMerges(t *testing.T) {
	n, unchanged := 0, 0
	check := func(err error, before string, owners ...any) {
		t.Helper()
		require.Error(t, err)
		n++
		if states(owners) == before {
			unchanged++
		}
	}
	var all []*megolm.InboundSession
	for range 8 {
		out := megolm.NewOutboundSession()
		in := receiver(out)
		ms := encryptN(out, 40)
		moved, advanced, late := copyOf(in), copyOf(in), receiver(out)
		require.NoError(t, reads(moved, ms[30]))
		require.NoError(t, advanced.Advance(7))
		all = append(all, in, moved, advanced, late)
		for _, s := range []*megolm.InboundSession{advanced, late} {
			before := stateOf(s)
			state := states([]any{s})
			_, err := s.Export(s.FirstKnownIndex() - 1)
			check(err, state, s)
			check(s.Advance(s.FirstKnownIndex()-1), state, s)
			check(reads(s, ms[0]), state, s)
			require.Equal(t, before, stateOf(s))
		}
	}
	all = append(all, new(megolm.InboundSession))
	for i, a := range all {
		for j, b := range all {
			if i/4 == j/4 && i < len(all)-1 {
				continue // of one sender
			}
			before := states([]any{a, b})
			check(a.Merge(b), before, a, b)
		}
	}
	t.Logf("atomicity: %d of %d refused merges and indices changed nothing", unchanged, n)
	require.Equal(t, n, unchanged)
}
