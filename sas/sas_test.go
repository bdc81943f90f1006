package sas_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/sas"
)

// fromPrivate returns a SAS with the given private key.
func fromPrivate(t testing.TB, private []byte) *sas.SAS {
	t.Helper()
	restore := entropy.Replace(func(b []byte) { require.Equal(t, 32, copy(b, private)) })
	defer restore()
	return sas.New()
}

// newPair returns both sides of a verification.
func newPair(t testing.TB) (alice, bob *sas.Established) {
	t.Helper()
	a, b := sas.New(), sas.New()
	alicePublic, bobPublic := a.PublicKey(), b.PublicKey()
	alice, err := a.Establish(bobPublic)
	require.NoError(t, err)
	bob, err = b.Establish(alicePublic)
	require.NoError(t, err)
	require.Equal(t, alicePublic, alice.PublicKey())
	require.Equal(t, bobPublic, alice.TheirPublicKey())
	require.Equal(t, alicePublic, bob.TheirPublicKey())
	return alice, bob
}

// broken is what libolm's encoder makes of a MAC that lies at the front of the buffer which it
// writes to: four characters for three bytes, so that it overtakes itself.
func broken(mac []byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	buf := make([]byte, 43)
	copy(buf, mac)
	for g := range 10 {
		v := int(buf[3*g])<<16 | int(buf[3*g+1])<<8 | int(buf[3*g+2])
		for i := range 4 {
			buf[4*g+i] = alphabet[v>>(18-6*i)&63]
		}
	}
	v := (int(buf[30])<<8 | int(buf[31])) << 2
	buf[40], buf[41], buf[42] = alphabet[v>>12&63], alphabet[v>>6&63], alphabet[v&63]
	return string(buf)
}

// requireDerives wants everything that e derives to be what the standard library derives from secret.
func requireDerives(t *testing.T, e *sas.Established, secret []byte, info string) {
	t.Helper()
	b, err := e.Bytes(info)
	require.NoError(t, err)
	testkit.Equal(t, testkit.HKDF(secret, nil, info, 6), b[:])
	for _, n := range []int{0, 1, 5, 6, 7, 31, 32, 33, 64, 1000, 8159, 8160} {
		raw, err := e.RawBytes(info, n)
		require.NoError(t, err)
		testkit.Equal(t, testkit.HKDF(secret, nil, info, n), raw)
	}
	for _, input := range []string{"", "ed25519:DEVICE", strings.Repeat("long", 1000)} {
		mac := testkit.HMAC(testkit.HKDF(secret, nil, info, 32), []byte(input))
		m, err := e.MAC(input, info)
		require.NoError(t, err)
		require.Equal(t, mac, m[:])
		text, err := e.LegacyMAC(input, info)
		require.NoError(t, err)
		require.Equal(t, broken(mac), text)
		text, err = e.LongKDFMAC(input, info)
		require.NoError(t, err)
		require.Equal(t, broken(testkit.HMAC(testkit.HKDF(secret, nil, info, 256), []byte(input))), text)
	}
}

// TestRFC7748 has the key pairs and the shared secret of RFC 7748 section 6.1.
func TestRFC7748(t *testing.T) {
	s := fromPrivate(t, testkit.Hex(t, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
	theirs := keys.Curve25519(testkit.Hex(t, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
	e, err := s.Establish(theirs)
	require.NoError(t, err)
	for _, info := range []string{"", "MATRIX_KEY_VERIFICATION_SAS|@a:b|C|D", strings.Repeat("long", 100)} {
		requireDerives(t, e, testkit.Hex(t, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"), info)
	}
}

func TestRandomPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		var a, b [32]byte
		for i := range a {
			a[i], b[i] = byte(rng.Uint32()), byte(rng.Uint32())
		}
		secret := testkit.X25519(a[:], testkit.X25519Public(b[:]))
		sasA, sasB := fromPrivate(t, a[:]), fromPrivate(t, b[:])
		publicA, publicB := sasA.PublicKey(), sasB.PublicKey()
		require.Equal(t, testkit.X25519Public(a[:]), publicA[:])
		alice, err := sasA.Establish(publicB)
		require.NoError(t, err)
		bob, err := sasB.Establish(publicA)
		require.NoError(t, err)
		requireDerives(t, alice, secret, "info")
		requireDerives(t, bob, secret, "info")
	}
	require.NotEqual(t, sas.New().PublicKey(), sas.New().PublicKey())
}

// TestLibolm has values that libolm 3.2.13 computed.
func TestLibolm(t *testing.T) {
	a := fromPrivate(t, testkit.Hex(t, "8ff8893231a654747f583f1811cfd543960236b20451782c52a84e6d556a2dc4"))
	b := fromPrivate(t, testkit.Hex(t, "ef015b2859297b0c080a4c4ec75d2a2d26c1c57b10dfa2d9d1a5de1397f0fc36"))
	require.Equal(t, "BxtlBylsX19QjjijsVhEhbZ7OxvdLxZBVcHfh3fQ60g", a.PublicKey().String())
	require.Equal(t, "g0WQtj4HNFsAPC/ZbgQ5yo21EIjSKN2Esd40NCnylWI", b.PublicKey().String())
	e, err := a.Establish(b.PublicKey())
	require.NoError(t, err)

	short, err := e.Bytes("")
	require.NoError(t, err)
	require.Equal(t, testkit.Hex(t, "388ccd8544eb"), short[:])
	raw, err := e.RawBytes("", 33)
	require.NoError(t, err)
	require.Equal(t, "388ccd8544eb0667b3cc3553565e38e4474d0d72d6ed2df07f54c9a3850ecbccf6", hex.EncodeToString(raw))
	mac, err := e.MAC("", "")
	require.NoError(t, err)
	require.Equal(t, "eUdh5hPqDMAM8HV04qoyCDz0iZjOY7o/M3lr/V0dbWU", mac.String())
	legacy, err := e.LegacyMAC("", "")
	require.NoError(t, err)
	require.Equal(t, "eUdhaBPqUHEMSEVNU0VWTlUwVldUbFV3VmxkVWJGVjM", legacy)
	long, err := e.LongKDFMAC("", "")
	require.NoError(t, err)
	require.Equal(t, "1kmUVRDfRGbGR2JHUjJKSFVqSktTRlZxU2t0VFJsWng", long)
	legacy, err = e.LegacyMAC("ed25519:ALICE,ed25519:MASTER", "MATRIX_KEY_VERIFICATION_MAC@alice:example.orgALICE@bob:example.orgBOBtxn")
	require.NoError(t, err)
	require.Equal(t, "Ay9gZxPEUEW5RVc1UlZjMVVsWmpNVlZzV21wTlZsWno", legacy)
}

// Short strings.

func TestShortStrings(t *testing.T) {
	for _, c := range []struct {
		bytes    sas.Bytes
		decimals [3]uint16
		emoji    [7]uint8
	}{
		{sas.Bytes{}, [3]uint16{1000, 1000, 1000}, [7]uint8{}},
		{sas.Bytes{255, 255, 255, 255, 255, 255}, [3]uint16{9191, 9191, 9191}, [7]uint8{63, 63, 63, 63, 63, 63, 63}},
		// One bit alone, first and last in each group. 13 bits: 4096 and 1.
		{sas.Bytes{0b10000000}, [3]uint16{5096, 1000, 1000}, [7]uint8{32}},
		{sas.Bytes{0, 0b00001000}, [3]uint16{1001, 1000, 1000}, [7]uint8{0, 0, 32}},
		{sas.Bytes{0, 0b00000100}, [3]uint16{1000, 5096, 1000}, [7]uint8{0, 0, 16}},
		{sas.Bytes{0, 0, 0, 0b01000000}, [3]uint16{1000, 1001, 1000}, [7]uint8{0, 0, 0, 0, 16}},
		{sas.Bytes{0, 0, 0, 0b00100000}, [3]uint16{1000, 1000, 5096}, [7]uint8{0, 0, 0, 0, 8}},
		{sas.Bytes{0, 0, 0, 0, 0b00000010}, [3]uint16{1000, 1000, 1001}, [7]uint8{0, 0, 0, 0, 0, 0, 8}},
		// What no number, and no emoji, shows.
		{sas.Bytes{0, 0, 0, 0, 0b00000001}, [3]uint16{1000, 1000, 1000}, [7]uint8{0, 0, 0, 0, 0, 0, 4}},
		{sas.Bytes{0, 0, 0, 0, 0, 0b01000000}, [3]uint16{1000, 1000, 1000}, [7]uint8{0, 0, 0, 0, 0, 0, 1}},
		{sas.Bytes{0, 0, 0, 0, 0, 0b00111111}, [3]uint16{1000, 1000, 1000}, [7]uint8{}},
		// 000001 000010 000011 000100 000101 000110 000111: 0000010000100, 0001100010000, 0101000110000 are 132, 784 and 2608.
		{sas.Bytes{0x04, 0x20, 0xc4, 0x14, 0x61, 0xc0}, [3]uint16{1132, 1784, 3608}, [7]uint8{1, 2, 3, 4, 5, 6, 7}},
	} {
		require.Equal(t, c.decimals, c.bytes.Decimals(), "%08b", c.bytes)
		require.Equal(t, c.emoji, c.bytes.EmojiIndices(), "%08b", c.bytes)
	}
	// As the specification says it: groups of bits, the first bit first.
	rng := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		var b sas.Bytes
		bits := ""
		for i := range b {
			b[i] = byte(rng.Uint32())
			bits += fmt.Sprintf("%08b", b[i])
		}
		group := func(n, i int) int {
			x, err := strconv.ParseUint(bits[n*i:n*(i+1)], 2, 16)
			require.NoError(t, err)
			return int(x)
		}
		for i, x := range b.Decimals() {
			require.Equal(t, group(13, i)+1000, int(x))
		}
		all := sas.Emojis()
		for i, x := range b.EmojiIndices() {
			require.Equal(t, group(6, i), int(x))
			require.Equal(t, all[x], b.Emoji()[i])
		}
	}
}

func TestEmojis(t *testing.T) {
	all := sas.Emojis()
	symbols, names := map[string]bool{}, map[string]bool{}
	for _, e := range all {
		symbols[e.Symbol], names[e.Name] = true, true
	}
	require.Len(t, symbols, 64)
	require.Len(t, names, 64)
	for index, want := range map[int]string{0: "🐶 Dog", 5: "🐷 Pig", 16: "🌳 Tree", 31: "🤖 Robot", 32: "🎩 Hat", 45: "✂️ Scissors", 63: "📌 Pin"} {
		require.Equal(t, want, all[index].String())
	}
}

// MACs.

func TestVerify(t *testing.T) {
	alice, bob := newPair(t)
	const input, info = "ed25519:KEY", "MATRIX_KEY_VERIFICATION_MAC"
	mac, err := alice.MAC(input, info)
	require.NoError(t, err)
	require.NoError(t, bob.VerifyMAC(input, info, mac))
	for _, bad := range testkit.Flips(mac[:]) {
		require.ErrorIs(t, bob.VerifyMAC(input, info, sas.MAC(bad)), sas.ErrMAC)
	}
	require.ErrorIs(t, bob.VerifyMAC(input+".", info, mac), sas.ErrMAC)
	require.ErrorIs(t, bob.VerifyMAC(input, info+".", mac), sas.ErrMAC)
	require.ErrorIs(t, bob.VerifyMAC(info, input, mac), sas.ErrMAC)
	require.ErrorIs(t, bob.VerifyMAC(input, info, sas.MAC{}), sas.ErrMAC)
	_, stranger := newPair(t)
	require.ErrorIs(t, stranger.VerifyMAC(input, info, mac), sas.ErrMAC)

	type method struct {
		make   func(e *sas.Established, input, info string) (string, error)
		verify func(e *sas.Established, input, info, mac string) error
	}
	methods := []method{
		{(*sas.Established).LegacyMAC, (*sas.Established).VerifyLegacyMAC},
		{(*sas.Established).LongKDFMAC, (*sas.Established).VerifyLongKDFMAC},
	}
	for i, m := range methods {
		text, err := m.make(alice, input, info)
		require.NoError(t, err)
		require.Len(t, text, 43)
		require.NoError(t, m.verify(bob, input, info, text))
		require.NoError(t, m.verify(bob, input, info, text+"="), "padded")
		bad := []string{"", text[:42], text + "A", text + "==", text + "===", text[:42] + "=", mac.String(), strings.ToLower(text), strings.Repeat("A", 43)}
		for i := range text {
			b := []byte(text)
			b[i] ^= 1
			bad = append(bad, string(b))
		}
		other, err := methods[1-i].make(alice, input, info)
		require.NoError(t, err)
		for _, text := range append(bad, other) {
			require.ErrorIs(t, m.verify(bob, input, info, text), sas.ErrMAC, "%q", text)
		}
		require.ErrorIs(t, m.verify(bob, input+".", info, text), sas.ErrMAC)
		require.ErrorIs(t, m.verify(bob, input, info+".", text), sas.ErrMAC)
		require.ErrorIs(t, m.verify(stranger, input, info, text), sas.ErrMAC)
	}
}

func TestMACText(t *testing.T) {
	var mac sas.MAC
	for i := range mac {
		mac[i] = byte(7 * i)
	}
	text, err := json.Marshal(map[string]sas.MAC{"ed25519:KEY": mac})
	require.NoError(t, err)
	require.Equal(t, `{"ed25519:KEY":"`+base64.RawStdEncoding.EncodeToString(mac[:])+`"}`, string(text))
	for _, text := range []string{mac.String(), base64.StdEncoding.EncodeToString(mac[:])} {
		var back sas.MAC
		require.NoError(t, back.UnmarshalText([]byte(text)))
		require.Equal(t, mac, back)
	}
	for _, bad := range []string{"", "A", mac.String()[:42], mac.String() + "A", mac.String() + "==", "-" + mac.String()[1:], mac.String() + "\n"} {
		m := sas.MAC{7}
		require.ErrorIs(t, m.UnmarshalText([]byte(bad)), sas.ErrMAC, "%q", bad)
		require.Equal(t, sas.MAC{7}, m)
	}
}

// Refusals.

func TestRawBytesLength(t *testing.T) {
	e, _ := newPair(t)
	for _, n := range []int{-1, -1 << 31, 8161, 1 << 30} {
		b, err := e.RawBytes("", n)
		require.ErrorIs(t, err, sas.ErrLength, "%d", n)
		require.Nil(t, b)
	}
}

func TestEstablishRefuses(t *testing.T) {
	high := sas.New().PublicKey()
	high[31] |= 0x80
	bad := []keys.Curve25519{{}, {1}, high}
	s, other := sas.New(), sas.New()
	public := s.PublicKey()
	for _, key := range bad {
		e, err := s.Establish(key)
		require.ErrorIs(t, err, sas.ErrPublicKey, "%x", key)
		require.Nil(t, e)
		require.Equal(t, public, s.PublicKey())
	}
	// It is as good as before, once.
	otherPublic := other.PublicKey()
	mine, err := s.Establish(otherPublic)
	require.NoError(t, err)
	theirs, err := other.Establish(public)
	require.NoError(t, err)
	a, err := mine.Bytes("")
	require.NoError(t, err)
	b, err := theirs.Bytes("")
	require.NoError(t, err)
	require.Equal(t, a, b)
	_, err = s.Establish(otherPublic)
	require.ErrorIs(t, err, sas.ErrWiped)
	require.Zero(t, s.PublicKey())
}

func requireDead(t *testing.T, e *sas.Established) {
	t.Helper()
	for name, err := range map[string]error{
		"Bytes":            testkit.Err(e.Bytes("")),
		"RawBytes":         testkit.Err(e.RawBytes("", 6)),
		"too many":         testkit.Err(e.RawBytes("", 8161)),
		"MAC":              testkit.Err(e.MAC("", "")),
		"LegacyMAC":        testkit.Err(e.LegacyMAC("", "")),
		"LongKDFMAC":       testkit.Err(e.LongKDFMAC("", "")),
		"VerifyMAC":        e.VerifyMAC("", "", sas.MAC{}),
		"VerifyLegacyMAC":  e.VerifyLegacyMAC("", "", ""),
		"VerifyLongKDFMAC": e.VerifyLongKDFMAC("", "", ""),
	} {
		require.ErrorIs(t, err, sas.ErrWiped, name)
	}
	require.Zero(t, e.PublicKey())
	require.Zero(t, e.TheirPublicKey())
}

func TestWipe(t *testing.T) {
	e, _ := newPair(t)
	for range 2 {
		e.Wipe()
		requireDead(t, e)
	}
	requireDead(t, new(sas.Established))
	public := sas.New().PublicKey()
	s := sas.New()
	for range 2 {
		s.Wipe()
		require.ErrorIs(t, testkit.Err(s.Establish(public)), sas.ErrWiped)
		require.ErrorIs(t, testkit.Err(s.Establish(keys.Curve25519{})), sas.ErrWiped)
		require.Zero(t, s.PublicKey())
	}
	require.ErrorIs(t, testkit.Err(new(sas.SAS).Establish(public)), sas.ErrWiped)
}

// TestPrintingShowsNoSecrets: whatever the verb, what is printed is the name of the type.
func TestPrintingShowsNoSecrets(t *testing.T) {
	e, _ := newPair(t)
	s := sas.New()
	for _, c := range []struct {
		name   string
		values []any
	}{
		{"sas.SAS", []any{s, new(sas.SAS)}},
		{"sas.Established", []any{e, new(sas.Established)}},
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
