package atomicity_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
)

// sasTexts has what one side of a verification gets of the other: its key and its MACs.
func sasTexts(*testing.T) (all []subject) {
	a, b := sas.New(), sas.New()
	aPublic, bPublic := a.PublicKey(), b.PublicKey()
	alice := must(a.Establish(bPublic))
	bob := must(b.Establish(aPublic))
	mac := must(bob.MAC("key", "info"))
	legacy, long := must(bob.LegacyMAC("key", "info")), must(bob.LongKDFMAC("key", "info"))

	for name, c := range map[string]struct {
		text   string
		verify func(text []byte) error
	}{
		"MAC": {mac.String(), func(text []byte) error {
			var m sas.MAC
			if err := m.UnmarshalText(text); err != nil {
				if m != (sas.MAC{}) {
					return nil
				}
				return err
			}
			return alice.VerifyMAC("key", "info", m)
		}},
		"legacy MAC":   {legacy, func(text []byte) error { return alice.VerifyLegacyMAC("key", "info", string(text)) }},
		"long KDF MAC": {long, func(text []byte) error { return alice.VerifyLongKDFMAC("key", "info", string(text)) }},
	} {
		all = append(all, subject{
			name: "sas/" + name, honest: []byte(c.text), owners: []any{alice, bob}, try: c.verify,
			works: func(t *testing.T) { require.NoError(t, c.verify([]byte(c.text))) }, stateless: true,
		})
	}

	// A key is not authenticated: whoever changes it is found out by the MACs, or by the short string.
	all = append(all, subject{
		name: "sas/public key", honest: []byte(aPublic.String()), owners: []any{alice},
		try: func(text []byte) error {
			key, err := keys.ParseCurve25519(string(text))
			if err != nil {
				return err
			}
			s := sas.New()
			before := stateOf(s)
			e, err := s.Establish(key)
			if err != nil {
				if e != nil || stateOf(s) != before {
					return nil
				}
				return err
			}
			return alice.VerifyMAC("key", "info", must(e.MAC("key", "info")))
		},
		works: func(t *testing.T) { require.NoError(t, alice.VerifyMAC("key", "info", mac)) }, stateless: true,
	})
	return all
}

// pkMessages has the three parts of a message, as bytes and as text.
func pkMessages(*testing.T) (all []subject) {
	d := pk.NewDecryption()
	m := must(pk.NewEncryption(d.PublicKey()).Encrypt([]byte(plaintext)))
	works := func(t *testing.T) {
		t.Helper()
		got, err := d.Decrypt(m)
		require.NoError(t, err)
		require.Equal(t, plaintext, string(got))
	}
	add := func(name string, honest []byte, unauthenticated bool, with func(m *pk.Message, b []byte) error) {
		all = append(all, subject{
			name: "pk/" + name, honest: honest, owners: []any{d}, unauthenticated: unauthenticated, works: works, stateless: true,
			try: func(b []byte) error {
				bad := pk.Message{Ciphertext: bytes.Clone(m.Ciphertext), MAC: bytes.Clone(m.MAC), Ephemeral: m.Ephemeral}
				if err := with(&bad, b); err != nil {
					return err
				}
				got, err := d.Decrypt(bad)
				if err != nil && got != nil {
					return nil
				}
				return err
			},
		})
	}
	add("MAC", m.MAC, false, func(m *pk.Message, b []byte) error { m.MAC = b; return nil })
	add("text of a MAC", text64(m.MAC), false, func(m *pk.Message, b []byte) error { return m.MAC.UnmarshalText(b) })
	add("text of an ephemeral key", []byte(m.Ephemeral.String()), false, func(bad *pk.Message, b []byte) error {
		return bad.Ephemeral.UnmarshalText(b)
	})
	// The MAC covers nothing: that is the format's flaw, and no reader can mend it.
	add("ciphertext", m.Ciphertext, true, func(m *pk.Message, b []byte) error { m.Ciphertext = b; return nil })
	add("text of a ciphertext", text64(m.Ciphertext), true, func(m *pk.Message, b []byte) error { return m.Ciphertext.UnmarshalText(b) })

	// An error of parsing leaves what was there.
	old := slices.Clone(m.Ciphertext)
	all = append(all, subject{
		name: "pk/parsing over a part that is there", honest: text64(m.Ciphertext), owners: []any{&old}, unauthenticated: true,
		works: works, stateless: true,
		try: func(b []byte) error {
			t := pk.Text(old)
			if err := t.UnmarshalText(b); err != nil && !bytes.Equal(t, old) {
				old = t
			}
			return nil
		},
	})
	return all
}

// signatures has one, which is as good as the key that it verifies with.
func signatures(*testing.T) (all []subject) {
	a := olm.NewAccount()
	message := []byte(plaintext)
	key, sig := a.IdentityKeys().Ed25519, must(a.Sign(message))
	verify := func(key keys.Ed25519, message []byte, sig keys.Signature) error {
		if !key.Verify(message, sig) {
			return errors.New("refused")
		}
		return nil
	}
	add := func(name, honest string, try func(text string) error) {
		all = append(all, subject{
			name: "keys/" + name, honest: []byte(honest), owners: []any{a}, stateless: true,
			try:   func(b []byte) error { return try(string(b)) },
			works: func(t *testing.T) { require.NoError(t, verify(key, message, sig)) },
		})
	}
	add("text of a signature", sig.String(), func(text string) error {
		bad, err := keys.ParseSignature(text)
		if err != nil {
			return err
		}
		return verify(key, message, bad)
	})
	add("text of a signing key", key.String(), func(text string) error {
		bad, err := keys.ParseEd25519(text)
		if err != nil {
			return err
		}
		return verify(bad, message, sig)
	})
	add("signed message", plaintext, func(text string) error { return verify(key, []byte(text), sig) })
	return all
}
