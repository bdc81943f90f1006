package libolm

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

// The guard must read what libolm reads, wrong characters and impossible lengths included.
func TestDecodeLenient(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{2})
	for n := range 3000 {
		b := make([]byte, n%90)
		rng.Read(b)
		text := string(b)
		if n%2 == 0 {
			text = base64.RawStdEncoding.EncodeToString(b)
		}
		if n%4 == 0 && len(text) > 3 {
			text = text[:n%len(text)] + "=" + text[n%len(text)+1:]
		}
		want, wantOK := DecodeBase64(text)
		if got, ok := decodeLenient(text); ok != wantOK || !bytes.Equal(got, want) {
			t.Fatalf("%q decodes to %x %v, want %x %v", text, got, ok, want, wantOK)
		}
	}
}

func TestLastField(t *testing.T) {
	for name, c := range map[string]struct {
		raw   []byte
		want  []byte
		found bool
	}{
		"empty":                {nil, nil, false},
		"version only":         {[]byte{3}, nil, false},
		"one":                  {[]byte{3, 0x22, 1, 7}, []byte{7}, true},
		"last wins":            {[]byte{3, 0x22, 1, 7, 0x22, 2, 8, 9}, []byte{8, 9}, true},
		"behind unknown":       {[]byte{3, 0x18, 0x80, 1, 0x32, 1, 0, 0x22, 1, 7}, []byte{7}, true},
		"behind wide tag":      {[]byte{3, 0x82, 1, 1, 0, 0x22, 1, 7}, []byte{7}, true},
		"behind wrong type":    {[]byte{3, 0x0d, 0, 0, 0, 0, 0x22, 1, 7}, nil, false},
		"too long":             {[]byte{3, 0x22, 1, 7, 0x22, 2, 8}, []byte{7}, true},
		"present and empty":    {[]byte{3, 0x22, 0}, []byte{}, true},
		"length ends too soon": {[]byte{3, 0x22, 0x80}, []byte{}, true},
	} {
		got, found := lastField(c.raw, 0, 0x22)
		if found != c.found || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x %v", name, got, found)
		}
	}
}
