package megolm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

// requireDead wants every method of o to answer that there is nothing.
func requireDead(t *testing.T, o pickler) {
	t.Helper()
	m := newReference(1).honest("m")
	errs := map[string]error{
		"Pickle":       testkit.Err(o.Pickle(nil)),
		"AppendPickle": testkit.Err(o.AppendPickle(nil, pickleKey)),
	}
	switch s := o.(type) {
	case *megolm.OutboundSession:
		errs["Encrypt"] = testkit.Err(s.Encrypt(nil))
		errs["AppendEncrypt"] = testkit.Err(s.AppendEncrypt(nil, []byte("m")))
		errs["SessionKey"] = testkit.Err(s.SessionKey())
		errs["Check"] = s.Check()
		require.Zero(t, s.Index())
		require.Positive(t, s.MessageLen(0))
		testkit.Equal(t, s.State(), new(megolm.OutboundSession).State()) // all is zero
		k, _ := s.SessionKey()
		errs["Base64 of no key"] = testkit.Err(k.Base64())
	case *megolm.InboundSession:
		live := newReference(1).inbound(t)
		errs["Decrypt"] = testkit.Err(s.Decrypt(m))
		errs["Decrypt nothing"] = testkit.Err(s.Decrypt(nil))
		errs["AppendDecrypt"] = testkit.Err(s.AppendDecrypt(nil, m))
		errs["Export"] = testkit.Err(s.Export(0))
		errs["Advance"] = s.Advance(0)
		errs["Merge"] = s.Merge(live)
		errs["Merge into another"] = live.Merge(s)
		errs["Merge with itself"] = s.Merge(s)
		require.Zero(t, s.FirstKnownIndex())
		requireVerified(t, s, 0, false)
		require.Equal(t, megolm.Unrelated, s.Compare(live))
		require.Equal(t, megolm.Unrelated, live.Compare(s))
		require.Equal(t, megolm.Unrelated, s.Compare(s))
		testkit.Equal(t, s.State(), new(megolm.InboundSession).State()) // all is zero
	}
	for name, err := range errs {
		require.ErrorIs(t, err, megolm.ErrWiped, name)
	}
	require.Empty(t, o.ID())
}

func TestWipe(t *testing.T) {
	for name, o := range picklers(t) {
		t.Run(name, func(t *testing.T) {
			for range 2 { // it can be called again
				o.Wipe()
				requireDead(t, o)
			}
		})
	}
}

func TestZeroValues(t *testing.T) {
	requireDead(t, new(megolm.OutboundSession))
	requireDead(t, new(megolm.InboundSession))
}

// TestEmptyInputs: nothing panics.
func TestEmptyInputs(t *testing.T) {
	in := newReference(1).inbound(t)
	refuse(t, in, nil, megolm.ErrMessageVersion)
	for n := range 200 {
		for _, fill := range []byte{0, 3, 8, 0x12, 0x80, 0xff} {
			m := make(megolm.Message, n)
			for i := range m {
				m[i] = fill
			}
			if n > 0 {
				m[0] = 3
			}
			refuse(t, in, m, nil)
		}
		for _, key := range [][]byte{nil, pickleKey} {
			for _, text := range [][]byte{make([]byte, n), sealed(make([]byte, n))} {
				_, err := megolm.UnpickleInboundSession(key, text)
				require.Error(t, err)
				_, err = megolm.UnpickleOutboundSession(key, text)
				require.Error(t, err)
			}
		}
	}
}
