package pk_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
)

var pickleKey = []byte("0123456789abcdef0123456789abcdef")

func text64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func pattern(seed byte) []byte { s := sha256.Sum256([]byte{seed}); return s[:] }

// fromKey returns the owner of a private key.
func fromKey(t testing.TB, private []byte) *pk.Decryption {
	t.Helper()
	d, err := pk.DecryptionFromKey(private)
	require.NoError(t, err)
	return d
}

// encryptWith encrypts with a given ephemeral private key.
func encryptWith(t testing.TB, random []byte, to keys.Curve25519, plaintext []byte) pk.Message {
	t.Helper()
	restore := entropy.Replace(func(b []byte) { require.Equal(t, 32, copy(b, random)) })
	defer restore()
	m, err := pk.NewEncryption(to).Encrypt(plaintext)
	require.NoError(t, err)
	return m
}

func encrypt(t testing.TB, d *pk.Decryption, plaintext string) pk.Message {
	t.Helper()
	m, err := pk.NewEncryption(d.PublicKey()).Encrypt([]byte(plaintext))
	require.NoError(t, err)
	return m
}

// refuse wants d to refuse m.
func refuse(t testing.TB, d *pk.Decryption, m pk.Message, want error) {
	t.Helper()
	plaintext, err := d.Decrypt(m)
	require.ErrorIs(t, err, want)
	require.Nil(t, plaintext)
}

// reference encrypts padded by the standard library.
func reference(random []byte, to keys.Curve25519, padded []byte) pk.Message {
	k := testkit.NewAESSHA2(testkit.X25519(random, to[:]), "")
	return pk.Message{
		Ciphertext: k.Encrypt(padded),
		MAC:        k.Tag(nil), // over nothing
		Ephemeral:  keys.Curve25519(testkit.X25519Public(random)),
	}
}

func TestEncryptEqualsReference(t *testing.T) {
	d := fromKey(t, pattern(1))
	public := d.PublicKey()
	require.Equal(t, testkit.X25519Public(pattern(1)), public[:])
	for n := range 200 {
		plaintext := bytes.Repeat([]byte{byte(n)}, n)
		m := encryptWith(t, pattern(byte(n)), public, plaintext)
		testkit.Equal(t, reference(pattern(byte(n)), public, testkit.Pad(plaintext)), m)
		got, err := d.Decrypt(m)
		require.NoError(t, err)
		require.NotNil(t, got)
		require.Equal(t, plaintext, got)
	}
}

// TestLibolm has values that libolm 3.2.13 computed.
func TestLibolm(t *testing.T) {
	d := fromKey(t, testkit.Hex(t, "8fa3912acff57862e6515079e7d8fe4fe44df098ab8fa66c39b4a09cf9f418d6"))
	require.Equal(t, "d0wWy6uGtVFiBvOp4DciKGXjeeQVdbLb/K8a7rDZODs", d.PublicKey().String())
	for _, c := range []struct{ random, plaintext, message string }{
		{"680bd6c79d4080a50f5efaee7156c6f0f7702f91d37ca861538ed772d2d901ce", "",
			`{"ciphertext":"+0NAWbs8ueLISR6WFBDEaA","mac":"yhlpLq5vwE8","ephemeral":"Krzw5AVR6GJPTddu2SOMWsJzvR8nGjEQsPq0LAqMYnQ"}`},
		{"740a5dba4f9b7d1c403226a858c1c6993113add91e524296f8e39245f41dd103", "d4d545bf66282cebb7e413348edad1",
			`{"ciphertext":"5r9uTzVEfcNsWLMy/0zlQg","mac":"+Em15MNpTkA","ephemeral":"7m5AXdZzo0QGBopwlGkvpbjg46CK9pf74e2nJ+1ATDo"}`},
	} {
		plaintext := testkit.Hex(t, c.plaintext)
		text, err := json.Marshal(encryptWith(t, testkit.Hex(t, c.random), d.PublicKey(), plaintext))
		require.NoError(t, err)
		require.Equal(t, c.message, string(text))
		var m pk.Message
		require.NoError(t, json.Unmarshal([]byte(c.message), &m))
		got, err := d.Decrypt(m)
		require.NoError(t, err)
		require.Equal(t, plaintext, got)
	}
}

func TestKeys(t *testing.T) {
	d := fromKey(t, pattern(1))
	private, err := d.PrivateKey()
	require.NoError(t, err)
	testkit.Equal(t, pattern(1), private) // as it was given, not clamped
	private[0] ^= 0xff                    // a copy
	again, err := d.PrivateKey()
	require.NoError(t, err)
	testkit.Equal(t, pattern(1), again)

	random := pk.NewDecryption()
	private, err = random.PrivateKey()
	require.NoError(t, err)
	require.Equal(t, random.PublicKey(), fromKey(t, private).PublicKey())
	require.NotEqual(t, random.PublicKey(), pk.NewDecryption().PublicKey())
	require.NoError(t, random.Check())
	for n := range 100 {
		if n == pk.KeyLen {
			continue
		}
		d, err := pk.DecryptionFromKey(make([]byte, n))
		require.ErrorIs(t, err, pk.ErrPrivateKey)
		require.Nil(t, d)
		s, err := pk.NewSigning(make([]byte, n))
		require.ErrorIs(t, err, pk.ErrPrivateKey)
		require.Nil(t, s)
	}
}

func TestMessageJSON(t *testing.T) {
	d := pk.NewDecryption()
	m := encrypt(t, d, "hello")
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, `{"ciphertext":"`+text64(m.Ciphertext)+`","mac":"`+text64(m.MAC)+`","ephemeral":"`+text64(m.Ephemeral[:])+`"}`, string(text))
	require.Equal(t, text64(m.MAC), m.MAC.String())
	dst, err := m.MAC.AppendText([]byte("mac: "))
	require.NoError(t, err)
	require.Equal(t, "mac: "+text64(m.MAC), string(dst))
	padded := strings.NewReplacer(text64(m.Ciphertext), base64.StdEncoding.EncodeToString(m.Ciphertext),
		text64(m.MAC), base64.StdEncoding.EncodeToString(m.MAC), text64(m.Ephemeral[:]), base64.StdEncoding.EncodeToString(m.Ephemeral[:])).Replace(string(text))
	for _, text := range []string{string(text), padded} {
		var back pk.Message
		require.NoError(t, json.Unmarshal([]byte(text), &back))
		testkit.Equal(t, m, back)
	}
	for _, bad := range []string{"A", "AAAAA", "AA-A", "AA=", "AAAA=", "AB", " AAAA", "AAAA\n"} {
		old := pk.Text("old")
		require.ErrorIs(t, old.UnmarshalText([]byte(bad)), pk.ErrMessageFormat, "%q", bad)
		require.Equal(t, "old", string(old))
	}
	// Parts of one message don't share memory that an append could reach.
	mac := m.MAC.String()
	_ = append(m.Ciphertext, 0xff)
	require.Equal(t, mac, m.MAC.String())
}

func TestDecryptRefuses(t *testing.T) {
	d := pk.NewDecryption()
	m := encrypt(t, d, "a plaintext of more than one block")
	n := 0
	with := func(want error, change func(m *pk.Message)) {
		t.Helper()
		bad := pk.Message{Ciphertext: bytes.Clone(m.Ciphertext), MAC: bytes.Clone(m.MAC), Ephemeral: m.Ephemeral}
		change(&bad)
		refuse(t, d, bad, want)
		n++
	}
	refuse(t, pk.NewDecryption(), m, pk.ErrDecryption)
	refuse(t, d, pk.Message{}, pk.ErrDecryption)
	for i := range 64 {
		with(pk.ErrDecryption, func(m *pk.Message) { m.MAC[i/8] ^= 1 << (i % 8) })
	}
	for i := range 255 {
		with(pk.ErrDecryption, func(m *pk.Message) { m.Ephemeral[i/8] ^= 1 << (i % 8) })
	}
	with(pk.ErrPublicKey, func(m *pk.Message) { m.Ephemeral[31] ^= 0x80 })
	for n := range 8 {
		with(pk.ErrDecryption, func(m *pk.Message) { m.MAC = m.MAC[:n] })
	}
	with(pk.ErrDecryption, func(m *pk.Message) { m.MAC = append(m.MAC, 0) })
	for n := range m.Ciphertext {
		if n%16 != 0 || n == 0 {
			with(pk.ErrDecryption, func(m *pk.Message) { m.Ciphertext = m.Ciphertext[:n] })
		}
	}
	with(pk.ErrDecryption, func(m *pk.Message) { m.Ciphertext = append(m.Ciphertext, 0) })
	for _, last := range []byte{0, 17, 2, 255} {
		padded := testkit.Pad([]byte("0123456789abcde"))
		padded[15] = last
		refuse(t, d, reference(pattern(1), d.PublicKey(), padded), pk.ErrDecryption)
	}
	t.Logf("%d of %d refused", n, n)
}

// TestCiphertextIsNotAuthenticated: the flaw that the documentation warns of. Should it ever be
// mended, the documentation has to change.
func TestCiphertextIsNotAuthenticated(t *testing.T) {
	d := pk.NewDecryption()
	m := encrypt(t, d, "a plaintext of more than one block")
	m.Ciphertext[0] ^= 1
	plaintext, err := d.Decrypt(m)
	require.NoError(t, err)
	require.NotEqual(t, "a plaintext of more than one block", string(plaintext))
}

func TestInvalidRecipients(t *testing.T) {
	high := pk.NewDecryption().PublicKey()
	high[31] |= 0x80
	for name, e := range map[string]*pk.Encryption{
		"not canonical": pk.NewEncryption(high), "of order 1": pk.NewEncryption(keys.Curve25519{1}),
		"nobody": pk.NewEncryption(keys.Curve25519{}), "nobody, by the zero value": new(pk.Encryption),
	} {
		m, err := e.Encrypt([]byte("hello"))
		require.ErrorIs(t, err, pk.ErrPublicKey, name)
		testkit.Equal(t, pk.Message{}, m)
	}
}

func TestSigning(t *testing.T) {
	for i := range 20 {
		seed := pattern(byte(i))
		s, err := pk.NewSigning(seed)
		require.NoError(t, err)
		private := ed25519.NewKeyFromSeed(seed)
		public := s.PublicKey()
		require.Equal(t, []byte(private.Public().(ed25519.PublicKey)), public[:])
		for n := range 50 {
			message := make([]byte, n*i)
			sig, err := s.Sign(message)
			require.NoError(t, err)
			require.Equal(t, ed25519.Sign(private, message), sig[:])
			require.True(t, public.Verify(message, sig))
		}
	}
	a, b := pk.GenerateSeed(), pk.GenerateSeed()
	require.Len(t, a, pk.KeyLen)
	require.NotEqual(t, a, b)
}

// Pickles.

func sealed(raw []byte) []byte { return pickles.Sealed(pickleKey, raw) }

func pickled(t testing.TB, d *pk.Decryption) []byte {
	t.Helper()
	p, err := d.Pickle(pickleKey)
	require.NoError(t, err)
	return p
}

// layout is version ‖ public ‖ private.
func layout(d *pk.Decryption) []byte {
	public := d.PublicKey()
	private, _ := d.PrivateKey()
	return slices.Concat([]byte{0, 0, 0, 1}, public[:], private)
}

func TestPickle(t *testing.T) {
	d := pk.NewDecryption()
	raw, err := pickle.Open(pickleKey, pickled(t, d))
	require.NoError(t, err)
	testkit.Equal(t, layout(d), raw)
	for _, n := range []int{0, 1, 31, 32, 33, 64, 65, 1000} {
		key := bytes.Repeat([]byte{byte(n)}, n)
		p, err := d.Pickle(key)
		require.NoError(t, err)
		text := string(p)
		require.Len(t, text, 118)
		u, err := pk.UnpickleDecryption(key, p)
		require.NoError(t, err)
		require.Equal(t, text, string(p), "the argument is untouched")
		require.NoError(t, u.Check())
		testkit.Equal(t, layout(d), layout(u))
		back, err := u.Pickle(key)
		require.NoError(t, err)
		require.Equal(t, text, string(back))
		u, err = pk.UnpickleDecryption(append(key, 7), p)
		require.ErrorIs(t, err, pickle.ErrKey)
		require.Nil(t, u)
	}
}

func TestUnpickleRefuses(t *testing.T) {
	d := pk.NewDecryption()
	p := pickled(t, d)
	n := 0
	refused := func(text []byte, want error) {
		t.Helper()
		u, err := pk.UnpickleDecryption(pickleKey, text)
		require.Error(t, err)
		if want != nil {
			require.ErrorIs(t, err, want)
		}
		require.Nil(t, u)
		n++
	}
	envelope, err := base64.RawStdEncoding.DecodeString(string(p))
	require.NoError(t, err)
	for _, bad := range testkit.Flips(envelope) {
		refused([]byte(text64(bad)), pickle.ErrKey)
	}
	for i := range p {
		refused(p[:i], nil)
	}
	for _, bad := range []string{string(p) + "=", "_" + string(p[1:]), string(p) + "\n", "AAAAA"} {
		refused([]byte(bad), pickle.ErrBase64)
	}
	t.Logf("%d of %d refused", n, n)

	raw := layout(d)
	for i := range raw {
		refused(sealed(raw[:i]), pickle.ErrCorrupt)
	}
	refused(sealed(append(bytes.Clone(raw), 0)), pickle.ErrTrailing)
	for _, version := range []byte{0, 2, 4, 0xff} {
		refused(sealed(append([]byte{0, 0, 0, version}, raw[4:]...)), pickle.ErrVersion)
		refused(sealed(append([]byte{version | 2, 0, 0, 1}, raw[4:]...)), pickle.ErrVersion)
	}
	for _, at := range []int{4, 36} {
		bad := bytes.Clone(raw)
		clear(bad[at : at+32])
		refused(sealed(bad), pickle.ErrCorrupt)
		bad = bytes.Clone(raw)
		bad[at+5] ^= 1
		u, err := pk.UnpickleDecryption(pickleKey, sealed(bad))
		require.NoError(t, err)
		require.ErrorIs(t, u.Check(), pickle.ErrKeyPair)
	}
}

// Wipe and printing.

func TestWipe(t *testing.T) {
	live := pk.NewDecryption()
	m := encrypt(t, live, "hello")
	d, wiped := live, new(pk.Decryption)
	for range 2 {
		d.Wipe()
		for _, d := range []*pk.Decryption{d, wiped} {
			for name, err := range map[string]error{
				"PrivateKey": testkit.Err(d.PrivateKey()),
				"Decrypt":    testkit.Err(d.Decrypt(m)),
				"nothing":    testkit.Err(d.Decrypt(pk.Message{})),
				"Pickle":     testkit.Err(d.Pickle(nil)),
				"Check":      d.Check(),
			} {
				require.ErrorIs(t, err, pk.ErrWiped, name)
			}
			require.Zero(t, d.PublicKey())
		}
	}
	s, err := pk.NewSigning(pattern(1))
	require.NoError(t, err)
	for range 2 {
		s.Wipe()
		for _, s := range []*pk.Signing{s, new(pk.Signing)} {
			sig, err := s.Sign(nil)
			require.ErrorIs(t, err, pk.ErrWiped)
			require.Zero(t, sig)
			require.Zero(t, s.PublicKey())
		}
	}
	for n := range 200 {
		for _, text := range [][]byte{make([]byte, n), sealed(make([]byte, n))} {
			require.Error(t, testkit.Err(pk.UnpickleDecryption(pickleKey, text)))
		}
	}
}

// TestPrintingShowsNoSecrets: whatever the verb, what is printed is the name of the type.
func TestPrintingShowsNoSecrets(t *testing.T) {
	d := fromKey(t, pattern(1))
	s, err := pk.NewSigning(pattern(1))
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		values []any
	}{
		{"pk.Decryption", []any{d, new(pk.Decryption)}},
		{"pk.Signing", []any{s, new(pk.Signing)}},
	} {
		for _, x := range c.values {
			for verb, want := range map[string]string{"%v": "%s", "%+v": "%s", "%#v": "%s", "%s": "%s", "%x": "%x", "%X": "%X", "%q": "%q", "% x": "% x"} {
				require.Equal(t, fmt.Sprintf(want, c.name), fmt.Sprintf(verb, x))
			}
			require.Equal(t, "{"+c.name+" ["+c.name+"]}", fmt.Sprint(struct {
				X any
				Y []any
			}{x, []any{x}}))
			text, err := json.Marshal(x)
			require.ErrorContains(t, err, strings.Replace(c.name, ".", ": ", 1)+" is secret and does not marshal: ")
			require.Nil(t, text)
		}
	}
}
