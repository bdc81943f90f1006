package megolm_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/pickle"
)

// picklers returns sessions in every state that differs to a pickle.
func picklers(t testing.TB) map[string]pickler {
	ref := newReference(1)
	cached := ref.inbound(t)
	decrypt(t, cached, ref.copy().jump(70000).honest("m"), "m", 70000)
	out := megolm.NewOutboundSession()
	encryptN(t, out, 3)
	return map[string]pickler{
		"new outbound": megolm.NewOutboundSession(),
		"outbound":     out,
		"far outbound": ref.copy().jump(last).outbound(t),
		"inbound":      ref.inbound(t),
		"cached":       cached,
		"imported":     ref.copy().jump(1 << 31).imported(t),
	}
}

func TestPickleRoundTrip(t *testing.T) {
	for name, o := range picklers(t) {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 31, 32, 33, 64, 65, 1000} {
				key := bytes.Repeat([]byte{byte(n)}, n)
				p, err := o.Pickle(key)
				require.NoError(t, err)
				text := string(p)
				again, err := o.AppendPickle([]byte("before"), key)
				require.NoError(t, err)
				require.Equal(t, "before"+text, string(again), "the same state is the same text")

				u, err := unpickle(o, key, p)
				require.NoError(t, err)
				require.Equal(t, text, string(p), "the argument is untouched")
				require.Equal(t, claims(o), claims(u))
				back, err := u.Pickle(key)
				require.NoError(t, err)
				require.Equal(t, text, string(back))
				for _, wrong := range [][]byte{append(bytes.Clone(key), 7), []byte("wrong")} {
					u, err = unpickle(o, wrong, p)
					require.ErrorIs(t, err, pickle.ErrKey)
					require.Nil(t, u)
				}
			}
		})
	}
}

// claims returns what o is beyond the text of its pickle.
func claims(o pickler) any {
	if out, ok := o.(*megolm.OutboundSession); ok {
		return out.State()
	}
	in := o.(*megolm.InboundSession)
	from, ok := in.VerifiedFrom()
	return []any{in.FirstKnownIndex(), in.Verified(), from, ok}
}

func TestPickleLayout(t *testing.T) {
	ref, later := newReference(1).jump(9), newReference(1).jump(70000)
	require.Equal(t, ref.rawOutbound(), opened(pickled(t, ref.outbound(t))))
	require.Equal(t, ref.rawInbound(2, ref, 1), opened(pickled(t, ref.inbound(t))))
	require.Equal(t, ref.rawInbound(2, ref, 0), opened(pickled(t, ref.imported(t))))
	in := ref.inbound(t)
	decrypt(t, in, later.honest("m"), "m", 70000)
	require.Equal(t, ref.rawInbound(2, later, 1), opened(pickled(t, in)))

	// Version 1 is of a time when all came from signed keys.
	old, err := megolm.UnpickleInboundSession(pickleKey, sealed(ref.rawInbound(1, later)))
	require.NoError(t, err)
	require.True(t, old.Verified())
	testkit.Equal(t, in.State(), old.State())
	odd, err := megolm.UnpickleInboundSession(pickleKey, sealed(ref.rawInbound(2, later, 0xff)))
	require.NoError(t, err)
	require.True(t, odd.Verified(), "any flag but 0 is set")
	require.Equal(t, pickled(t, in), pickled(t, odd))

	// Of what is verified in part there is no flag.
	part := ref.imported(t)
	decrypt(t, part, later.honest("m"), "m", 70000)
	require.Equal(t, ref.rawInbound(2, later, 0), opened(pickled(t, part)))
	requireVerified(t, part, 1<<16, true)
	part = reload(t, part)
	requireVerified(t, part, 0, false)
	decrypt(t, part, later.honest("m"), "m", 70000)
	requireVerified(t, part, 1<<16, true)
}

func TestUnpickleRefusesEveryChange(t *testing.T) {
	total := 0
	all := picklers(t)
	for _, name := range []string{"outbound", "cached"} {
		o := all[name]
		p := pickled(t, o)
		raw, err := base64.RawStdEncoding.DecodeString(string(p))
		require.NoError(t, err)
		for what, bad := range testkit.Corruptions(raw) {
			u, err := unpickle(o, pickleKey, []byte(text64(bad)))
			require.ErrorIs(t, err, pickle.ErrKey, "%s: %s", name, what)
			require.Nil(t, u)
			total++
		}
		texts := []string{string(p) + "===", string(p) + "A", string(p) + "\n", " " + string(p), "_" + string(p[1:])}
		for n := range p {
			texts = append(texts, string(p[:n]))
		}
		for _, bad := range texts {
			u, err := unpickle(o, pickleKey, []byte(bad))
			require.Error(t, err, "%q", bad)
			require.Nil(t, u)
			total++
		}
		for _, bad := range []string{"AAAAA", "_" + string(p[1:]), string(p) + "==="} {
			_, err := unpickle(o, pickleKey, []byte(bad))
			require.ErrorIs(t, err, pickle.ErrBase64)
		}
	}
	t.Logf("%d of %d refused", total, total)
}

// TestUnpickleRefuses: behind an envelope that is right, what can't be a session.
func TestUnpickleRefuses(t *testing.T) {
	for name, o := range picklers(t) {
		raw := opened(pickled(t, o))
		for n := range raw {
			u, err := unpickle(o, pickleKey, sealed(raw[:n]))
			require.ErrorIs(t, err, pickle.ErrCorrupt, "%s: cut to %d bytes", name, n)
			require.Nil(t, u)
		}
		for _, n := range []int{1, 4, 1000} {
			u, err := unpickle(o, pickleKey, sealed(append(bytes.Clone(raw), make([]byte, n)...)))
			require.ErrorIs(t, err, pickle.ErrTrailing, "%s: %d bytes more", name, n)
			require.Nil(t, u)
		}
		for _, version := range []byte{0, 3, 4, 0x80} {
			bad := bytes.Clone(raw)
			bad[3] = version
			_, err := unpickle(o, pickleKey, sealed(bad))
			require.ErrorIs(t, err, pickle.ErrVersion, "%s: version %d", name, version)
			bad = bytes.Clone(raw)
			bad[0] = version | 1
			_, err = unpickle(o, pickleKey, sealed(bad))
			require.ErrorIs(t, err, pickle.ErrVersion)
		}
	}
	out, in := newReference(1).jump(5).outbound(t), newReference(1).jump(5).inbound(t)
	for name, c := range map[string]struct {
		o        pickler
		from, to int // to be zero
	}{
		"ratchet":             {out, 4, 4 + 128},
		"signing key":         {out, 4 + 132, 4 + 132 + 32},
		"scalar":              {out, 4 + 132 + 32, 4 + 132 + 64},
		"prefix":              {out, 4 + 132 + 64, 4 + 132 + 96},
		"all of the outbound": {out, 4, 4 + 132 + 96},
		"first ratchet":       {in, 4, 4 + 128},
		"latest ratchet":      {in, 4 + 132, 4 + 132 + 128},
		"public key":          {in, 4 + 264, 4 + 264 + 32},
		"all of the inbound":  {in, 4, 4 + 264 + 32},
	} {
		raw := opened(pickled(t, c.o))
		clear(raw[c.from:c.to])
		u, err := unpickle(c.o, pickleKey, sealed(raw))
		require.ErrorIs(t, err, pickle.ErrCorrupt, name)
		require.Nil(t, u)
	}
	// The latest ratchet is never behind the first.
	_, err := megolm.UnpickleInboundSession(pickleKey, sealed(newReference(1).jump(5).rawInbound(2, newReference(1).jump(4), 1)))
	require.ErrorIs(t, err, pickle.ErrCorrupt)
	_, err = megolm.UnpickleInboundSession(pickleKey, sealed(newReference(1).jump(1<<31+5).rawInbound(2, newReference(1).jump(4), 1)))
	require.ErrorIs(t, err, pickle.ErrCorrupt)

	// Each kind as the other.
	_, err = megolm.UnpickleInboundSession(pickleKey, pickled(t, out))
	require.ErrorIs(t, err, pickle.ErrCorrupt)
	_, err = megolm.UnpickleOutboundSession(pickleKey, pickled(t, in))
	require.ErrorIs(t, err, pickle.ErrVersion)
}

func TestCheck(t *testing.T) {
	for _, place := range []int{4 + 132 + 3, 4 + 132 + 32 + 3} { // the public and the private key
		raw := newReference(1).rawOutbound()
		raw[place] ^= 1
		s, err := megolm.UnpickleOutboundSession(pickleKey, sealed(raw))
		require.NoError(t, err)
		require.ErrorIs(t, s.Check(), pickle.ErrKeyPair)
	}
	require.NoError(t, newReference(1).outbound(t).Check())
}
