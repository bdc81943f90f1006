package pk_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pk"
)

// FuzzDecrypt: no message makes a decryption panic.
func FuzzDecrypt(f *testing.F) {
	private := pattern(1)
	d, err := pk.DecryptionFromKey(private)
	require.NoError(f, err)
	m := encryptWith(f, pattern(2), d.PublicKey(), []byte("hello"))
	f.Add([]byte(m.Ciphertext), []byte(m.MAC), m.Ephemeral[:])
	f.Add([]byte(m.Ciphertext[:15]), []byte(m.MAC[:7]), make([]byte, 32))
	f.Fuzz(func(t *testing.T, ciphertext, mac, ephemeral []byte) {
		for _, m := range []pk.Message{{Ciphertext: ciphertext, MAC: mac}, {Ciphertext: ciphertext, MAC: m.MAC, Ephemeral: m.Ephemeral}} {
			if m.Ephemeral == (keys.Curve25519{}) {
				copy(m.Ephemeral[:], ephemeral)
			}
			plaintext, err := d.Decrypt(m)
			if err == nil {
				require.Less(t, len(plaintext), len(ciphertext))
			} else {
				require.Nil(t, plaintext)
			}
			var parsed pk.Text
			require.NoError(t, parsed.UnmarshalText([]byte(m.Ciphertext.String())))
			require.True(t, bytes.Equal(m.Ciphertext, parsed))
		}
		// As text.
		old := pk.Text("old")
		if err := old.UnmarshalText(ciphertext); err != nil {
			require.ErrorIs(t, err, pk.ErrMessageFormat)
			require.Equal(t, "old", string(old))
		} else {
			require.Equal(t, string(bytes.TrimRight(ciphertext, "=")), old.String())
		}
	})
}

// FuzzKeys takes any bytes for a private key, a seed, and the public key of a recipient.
func FuzzKeys(f *testing.F) {
	f.Add(pattern(1), pattern(2), []byte("plaintext"))
	f.Add(make([]byte, 32), make([]byte, 32), []byte{})
	f.Add(make([]byte, 31), append([]byte{1}, make([]byte, 31)...), []byte("x"))
	f.Fuzz(func(t *testing.T, private, public, plaintext []byte) {
		d, err := pk.DecryptionFromKey(private)
		s, err2 := pk.NewSigning(private)
		if len(private) != pk.KeyLen {
			require.ErrorIs(t, err, pk.ErrPrivateKey)
			require.ErrorIs(t, err2, pk.ErrPrivateKey)
			require.Nil(t, d)
			require.Nil(t, s)
		} else {
			require.NoError(t, d.Check())
			m, err := pk.NewEncryption(d.PublicKey()).Encrypt(plaintext)
			require.NoError(t, err)
			got, err := d.Decrypt(m)
			require.NoError(t, err)
			require.True(t, bytes.Equal(plaintext, got))
			sig, err := s.Sign(plaintext)
			require.NoError(t, err)
			require.True(t, s.PublicKey().Verify(plaintext, sig))
		}
		var key keys.Curve25519
		copy(key[:], public)
		m, err := pk.NewEncryption(key).Encrypt(plaintext)
		if err != nil {
			require.ErrorIs(t, err, pk.ErrPublicKey)
			require.Zero(t, m)
		}
	})
}

// FuzzUnpickle reads raw as the contents of a pickle, and as a pickle.
func FuzzUnpickle(f *testing.F) {
	d, err := pk.DecryptionFromKey(pattern(1))
	require.NoError(f, err)
	f.Add(layout(d))
	f.Add(pickled(f, d))
	f.Add(make([]byte, 68))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := pk.UnpickleDecryption(nil, raw)
		require.Error(t, err)
		d, err := pk.UnpickleDecryption(pickleKey, sealed(raw))
		if err != nil {
			require.Nil(t, d)
			return
		}
		testkit.Equal(t, raw, layout(d)) // there is one encoding
		_ = d.Check()
		_, _ = d.Decrypt(pk.Message{Ciphertext: raw[:16], MAC: raw[:8], Ephemeral: d.PublicKey()})
	})
}
