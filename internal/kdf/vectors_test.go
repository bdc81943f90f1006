package kdf

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/testkit"
)

func TestVectorsWycheproofHMAC(t *testing.T) {
	var file struct {
		NumberOfTests int
		TestGroups    []struct {
			TagSize int
			Tests   []struct {
				TcID                      int
				Comment, Key, Msg, Result string
				Tag                       string
			}
		}
	}
	testkit.Wycheproof(t, "../..", "hmac_sha256_test.json", &file)
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		done := 0
		for _, g := range file.TestGroups {
			for _, c := range g.Tests {
				done++
				var m Midstate
				m.SetKey(testkit.Hex(t, c.Key))
				var out [hashLen]byte
				m.HMAC(&out, testkit.Hex(t, c.Msg))
				equal := hex.EncodeToString(out[:g.TagSize/8]) == c.Tag
				if equal != (c.Result == "valid") {
					t.Errorf("%d: %s: %x, %s", c.TcID, c.Comment, out, c.Result)
				}
			}
		}
		if done == 0 || done != file.NumberOfTests {
			t.Errorf("%d of %d tests", done, file.NumberOfTests)
		}
	})
}

func TestVectorsWycheproofHKDF(t *testing.T) {
	var file struct {
		NumberOfTests int
		TestGroups    []struct {
			Tests []struct {
				TcID                             int
				Comment, IKM, Salt, Info, Result string
				Size                             int
				OKM                              string
			}
		}
	}
	testkit.Wycheproof(t, "../..", "hkdf_sha256_test.json", &file)
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		done := 0
		for _, g := range file.TestGroups {
			for _, c := range g.Tests {
				done++
				if (c.Result == "valid") != (c.Size <= MaxHKDF) {
					t.Errorf("%d: %s: %d bytes are %s", c.TcID, c.Comment, c.Size, c.Result)
				}
				if c.Result != "valid" {
					continue // TestHKDFLimit
				}
				checkHKDF(t, c.IKM, c.Salt, c.Info, c.OKM)
			}
		}
		if done == 0 || done != file.NumberOfTests {
			t.Errorf("%d of %d tests", done, file.NumberOfTests)
		}
	})
}

// checkHKDF derives a key with a salt of any length, in every way in which that can be done.
func checkHKDF(t *testing.T, ikm, salt, info, okm string) {
	t.Helper()
	i, s, f, want := testkit.Hex(t, ikm), testkit.Hex(t, salt), testkit.Hex(t, info), testkit.Hex(t, okm)
	got := make([]byte, len(want))
	check := func(how string) {
		t.Helper()
		if !bytes.Equal(got, want) {
			t.Errorf("%s: ikm %s, salt %s, info %s: %x, not %s", how, ikm, salt, info, got, okm)
		}
		clear(got)
	}
	if len(s) <= hashLen {
		var padded [hashLen]byte // HMAC pads its key with zeros
		copy(padded[:], s)
		HKDF(got, &padded, i, f)
		check("HKDF")
	}
	if len(s) == 0 {
		HKDF(got, nil, i, f)
		check("HKDF without salt")
	}
	var key Midstate
	key.SetKey(s)
	key.extract(&key, i)
	key.expand(got, f)
	check("expand")
	if len(f) <= maxShortInfo {
		key.expandShort(got, f)
		check("expandShort")
	}
}

// RFC 5869 appendix A.1 to A.3.
func TestVectorsRFC5869(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		checkHKDF(t, strings.Repeat("0b", 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
		checkHKDF(t, sequence(0x00, 80), sequence(0x60, 80), sequence(0xb0, 80),
			"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"+
				"da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87")
		checkHKDF(t, strings.Repeat("0b", 22), "", "",
			"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
	})
}

// sequence returns n bytes in hexadecimal: from, from+1 and so on.
func sequence(from byte, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return hex.EncodeToString(b)
}

// RFC 4231 section 4.
func TestVectorsRFC4231(t *testing.T) {
	tests := []struct{ key, data, mac string }{
		{
			strings.Repeat("\x0b", 20), "Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		},
		{
			"Jefe", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		},
		{
			strings.Repeat("\xaa", 20), strings.Repeat("\xdd", 50),
			"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
		},
		{
			strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First",
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
		},
		{
			strings.Repeat("\xaa", 131), "This is a test using a larger than block-size key and a larger than " +
				"block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
		},
	}
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		for _, c := range tests {
			var m Midstate
			m.SetKey([]byte(c.key))
			var out [hashLen]byte
			m.HMAC(&out, []byte(c.data))
			if hex.EncodeToString(out[:]) != c.mac {
				t.Errorf("%q: %x, not %s", c.data, out, c.mac)
			}
		}
	})
}

// Where the Go runtime is told to accept nothing but FIPS 140-3, all of this works as ever: the
// vectors once more, in a process of that kind.
func TestFIPS140Only(t *testing.T) {
	cmd := testkit.Again(t, []string{"GODEBUG=fips140=only"}, "-test.run=^TestVectors", "-test.v")
	out, err := cmd.CombinedOutput()
	if bytes.Contains(out, []byte("FIPS 140-3 mode is incompatible")) || bytes.Contains(out, []byte("not supported")) {
		t.Skipf("%s", out)
	}
	if err != nil || bytes.Count(out, []byte("\n--- PASS: TestVectors")) != 4 {
		t.Errorf("%v\n%s", err, out)
	}
}
