package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
)

// pattern returns n bytes, the last of them below 0x80, so that they are a canonical Curve25519 key.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(251 * (n - i))
	}
	b[n-1] &= 0x7f
	return b
}

// value is what the three types have in common.
type value interface {
	encoding.TextMarshaler
	encoding.TextAppender
	String() string
}

// kinds lists the types, each with a value, and a parser that also says what is left of an older
// value when it fails.
var kinds = []struct {
	name   string
	raw    []byte
	value  value
	parse  func(text string) (value, error)
	intact func(text string) bool
}{
	{"Curve25519", pattern(32), keys.Curve25519(pattern(32)),
		func(s string) (value, error) { return keys.ParseCurve25519(s) },
		func(s string) bool { k := keys.Curve25519{7}; return k.UnmarshalText([]byte(s)) != nil && k[0] == 7 }},
	{"Ed25519", pattern(32), keys.Ed25519(pattern(32)),
		func(s string) (value, error) { return keys.ParseEd25519(s) },
		func(s string) bool { k := keys.Ed25519{7}; return k.UnmarshalText([]byte(s)) != nil && k[0] == 7 }},
	{"Signature", pattern(64), keys.Signature(pattern(64)),
		func(s string) (value, error) { return keys.ParseSignature(s) },
		func(s string) bool { k := keys.Signature{7}; return k.UnmarshalText([]byte(s)) != nil && k[0] == 7 }},
}

func TestText(t *testing.T) {
	for _, k := range kinds {
		want := base64.RawStdEncoding.EncodeToString(k.raw)
		if got := k.value.String(); got != want {
			t.Errorf("%s: String is %q, want %q", k.name, got, want)
		}
		if got, err := k.value.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%s: MarshalText is %q, %v", k.name, got, err)
		}
		if got, err := k.value.AppendText([]byte("key: ")); err != nil || string(got) != "key: "+want {
			t.Errorf("%s: AppendText is %q, %v", k.name, got, err)
		}
		for _, text := range []string{want, base64.StdEncoding.EncodeToString(k.raw)} {
			if got, err := k.parse(text); err != nil || got != k.value {
				t.Errorf("%s: parsing %q is %v, %v", k.name, text, got, err)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, k := range kinds {
		good := k.value.String()
		padded := base64.StdEncoding.EncodeToString(k.raw)
		// The last character carries bits that belong to no byte; they have to be zero.
		last := good[len(good)-1]
		for _, bad := range []string{
			"", "A", good[:len(good)-1], good + "A", good + "AA", padded + "=", strings.TrimSuffix(padded, "=") + "A",
			good[:20] + "-" + good[21:], good[:20] + "_" + good[21:], good[:20] + "=" + good[21:],
			good[:20] + " " + good[21:], " " + good, good + " ", good + "\n", good[:10] + "\r\n" + good[10:],
			good[:20] + "\x00" + good[21:], good[:20] + "\x80" + good[21:], good[:len(good)-1] + string(last+1),
			strings.Repeat("A", 2*len(good)),
		} {
			if _, err := k.parse(bad); !errors.Is(err, keys.ErrSyntax) {
				t.Errorf("%s: parsing %q: %v", k.name, bad, err)
			}
			if !k.intact(bad) {
				t.Errorf("%s: %q: the value has changed", k.name, bad)
			}
		}
	}
}

// little returns the 32 bytes of a hexadecimal number, little-endian.
func little(t *testing.T, number string) (k keys.Curve25519) {
	t.Helper()
	b, err := hex.DecodeString(number)
	if err != nil || len(b) != 32 {
		t.Fatal(number)
	}
	for i := range b {
		k[i] = b[31-i]
	}
	return k
}

// TestCanonicalCurve25519: of each class modulo p = 2^255-19 (RFC 7748 section 5) only the smallest
// number is a key.
func TestCanonicalCurve25519(t *testing.T) {
	const ff = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	for _, c := range []struct {
		number string
		ok     bool
	}{
		{strings.Repeat("00", 32), true}, // of small order, which each use of the key refuses
		{"7f" + ff + "ffec", true},       // p-1
		{"7f" + ff + "ffed", false},      // p
		{"7f" + ff + "ffee", false},      // p+1
		{"7f" + ff + "ffff", false},      // 2^255-1
		{"7f" + ff + "feff", true},
		{"80" + strings.Repeat("00", 31), false},
		{"80" + strings.Repeat("00", 30) + "09", false},
		{"ff" + ff + "ffff", false},
	} {
		k := little(t, c.number)
		got, err := keys.ParseCurve25519(k.String())
		if c.ok && (err != nil || got != k) {
			t.Errorf("%s: %v", c.number, err)
		}
		if !c.ok && (!errors.Is(err, keys.ErrNotCanonical) || got != keys.Curve25519{}) {
			t.Errorf("%s is accepted: %v", c.number, err)
		}
	}
	for d := byte(0xed); d != 0; d++ { // p ... 2^255-1, all of them
		k := little(t, "7f"+ff+"ff"+hex.EncodeToString([]byte{d}))
		if _, err := keys.ParseCurve25519(k.String()); !errors.Is(err, keys.ErrNotCanonical) {
			t.Errorf("p+%d is accepted: %v", d-0xed, err)
		}
	}
}

func TestJSON(t *testing.T) {
	type device struct {
		Keys      map[keys.Curve25519]keys.Ed25519 `json:"keys"`
		Signature keys.Signature                   `json:"signature"`
	}
	in := device{
		map[keys.Curve25519]keys.Ed25519{keys.Curve25519(pattern(32)): keys.Ed25519(pattern(32))},
		keys.Signature(pattern(64)),
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	key, sig := base64.RawStdEncoding.EncodeToString(pattern(32)), base64.RawStdEncoding.EncodeToString(pattern(64))
	if want := `{"keys":{"` + key + `":"` + key + `"},"signature":"` + sig + `"}`; string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	var out device
	if err := json.Unmarshal(text, &out); err != nil || out.Signature != in.Signature || len(out.Keys) != 1 ||
		out.Keys[keys.Curve25519(pattern(32))] != keys.Ed25519(pattern(32)) {
		t.Errorf("%+v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"signature":"AAAA"}`), &out); !errors.Is(err, keys.ErrSyntax) {
		t.Errorf("a short signature: %v", err)
	}
}

func TestVerify(t *testing.T) {
	private := ed25519.NewKeyFromSeed(pattern(32))
	public := keys.Ed25519(private.Public().(ed25519.PublicKey))
	for n := range 300 {
		message := bytes.Repeat([]byte{byte(n)}, n)
		sig := keys.Signature(ed25519.Sign(private, message))
		if !public.Verify(message, sig) {
			t.Fatalf("%d bytes do not verify", n)
		}
		if public.Verify(append(message, 0), sig) {
			t.Fatalf("%d bytes with one more verify", n)
		}
	}
	message := []byte("message")
	sig := keys.Signature(ed25519.Sign(private, message))
	for i, bad := range testkit.Flips(sig[:]) {
		if public.Verify(message, keys.Signature(bad)) {
			t.Errorf("the signature with bit %d flipped verifies", i)
		}
	}
	for i, bad := range testkit.Flips(public[:]) {
		if keys.Ed25519(bad).Verify(message, sig) {
			t.Errorf("the key with bit %d flipped verifies", i)
		}
	}
	if (keys.Ed25519{}).Verify(nil, keys.Signature{}) {
		t.Error("zeros verify")
	}
}

func TestVerifyWycheproof(t *testing.T) {
	var file struct {
		TestGroups []struct {
			PublicKey struct{ PK string }
			Tests     []struct {
				TcID             int
				Msg, Sig, Result string
			}
		}
	}
	testkit.Wycheproof(t, "..", "ed25519_test.json", &file)
	n := 0
	for _, g := range file.TestGroups {
		pk, err := hex.DecodeString(g.PublicKey.PK)
		if err != nil || len(pk) != 32 {
			t.Fatal(g.PublicKey.PK)
		}
		for _, c := range g.Tests {
			message, _ := hex.DecodeString(c.Msg)
			raw, _ := hex.DecodeString(c.Sig)
			n++
			sig, err := keys.ParseSignature(base64.RawStdEncoding.EncodeToString(raw))
			if len(raw) != 64 {
				if err == nil || c.Result == "valid" {
					t.Errorf("case %d: a signature of %d bytes parses", c.TcID, len(raw))
				}
				continue
			}
			if got := keys.Ed25519(pk).Verify(message, sig); got != (c.Result == "valid") {
				t.Errorf("case %d: %v, want %s", c.TcID, got, c.Result)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d cases", n)
	}
}
