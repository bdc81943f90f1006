package sas_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/sas"
)

// FuzzVerify begins a verification with any key of the other side's, and verifies any MAC of theirs.
func FuzzVerify(f *testing.F) {
	f.Add(make([]byte, 32), "input", "info", []byte("mac"))
	f.Add([]byte{9}, "", "", []byte("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
	f.Add([]byte{1}, "input", "info", []byte{})
	f.Fuzz(func(t *testing.T, theirs []byte, input, info string, mac []byte) {
		var key keys.Curve25519
		copy(key[:], theirs)
		s := sas.New()
		public := s.PublicKey()
		e, err := s.Establish(key)
		if err != nil {
			require.ErrorIs(t, err, sas.ErrPublicKey)
			require.Nil(t, e)
			require.Equal(t, public, s.PublicKey(), "nothing is used up")
			if e, err = s.Establish(sas.New().PublicKey()); err != nil {
				t.Fatal(err)
			}
		}
		var m sas.MAC
		if err := m.UnmarshalText(mac); err != nil {
			require.ErrorIs(t, err, sas.ErrMAC)
			require.Zero(t, m)
			copy(m[:], mac)
		}
		// Nobody guesses one.
		require.ErrorIs(t, e.VerifyMAC(input, info, m), sas.ErrMAC)
		require.ErrorIs(t, e.VerifyLegacyMAC(input, info, string(mac)), sas.ErrMAC)
		require.ErrorIs(t, e.VerifyLongKDFMAC(input, info, string(mac)), sas.ErrMAC)
		right, err := e.MAC(input, info)
		require.NoError(t, err)
		require.NoError(t, e.VerifyMAC(input, info, right))
		require.NoError(t, m.UnmarshalText([]byte(right.String())))
		require.Equal(t, right, m)
		legacy, err := e.LegacyMAC(input, info)
		require.NoError(t, err)
		require.NoError(t, e.VerifyLegacyMAC(input, info, legacy))
		long, err := e.LongKDFMAC(input, info)
		require.NoError(t, err)
		require.NoError(t, e.VerifyLongKDFMAC(input, info, long))
	})
}
