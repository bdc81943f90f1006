package wire

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

var std = base64.RawStdEncoding.Strict()

func TestBase64EqualsStandardLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		raw := make([]byte, n)
		for i := range raw {
			raw[i] = byte(rng.Uint32())
		}
		want := std.EncodeToString(raw)
		if EncodedLen(n) != len(want) || DecodedLen(len(want)) != n {
			t.Fatalf("%d bytes: lengths %d and %d", n, EncodedLen(n), DecodedLen(len(want)))
		}
		got := make([]byte, len(want)+1)
		got[len(want)] = 0xee
		Encode(got, raw)
		if string(got[:len(want)]) != want || got[len(want)] != 0xee {
			t.Fatalf("%d bytes: %q, want %q", n, got, want)
		}
		back := make([]byte, n)
		if !Decode(back, []byte(want)) || !bytes.Equal(back, raw) {
			t.Fatalf("%q does not decode", want)
		}
		// In place, both ways, as the pickle envelope and the C surface do.
		buf := make([]byte, len(want))
		copy(buf[len(want)-n:], raw)
		Encode(buf, buf[len(want)-n:])
		if string(buf) != want {
			t.Fatalf("%d bytes in place: %q", n, buf)
		}
		if !Decode(buf, buf) || !bytes.Equal(buf[:n], raw) {
			t.Fatalf("%q does not decode in place", want)
		}
	}
}

// TestBase64Refuses compares the verdict on every byte in every position with the standard
// library's strict decoder, which differs in one thing: it skips line ends.
func TestBase64Refuses(t *testing.T) {
	raw := bytes.Repeat([]byte("\x00\x10\x83\x10Q\x87 \x92\x8b0\xd3\x8f"), 4) // the longer ones pass through vector registers
	for n := range len(raw) + 1 {
		text := []byte(std.EncodeToString(raw[:n]))
		for i := range text {
			for c := range 256 {
				old := text[i]
				text[i] = byte(c)
				want, err := std.DecodeString(string(text))
				ok := err == nil && c != '\r' && c != '\n'
				got := make([]byte, n)
				if Decode(got, text) != ok {
					t.Fatalf("%q: valid is %v", text, !ok)
				}
				if ok && !bytes.Equal(got, want) {
					t.Fatalf("%q: %x, want %x", text, got, want)
				}
				text[i] = old
			}
		}
	}
	for _, n := range []int{1, 5, 9, 13} {
		if DecodedLen(n) != -1 || Decode(make([]byte, 16), bytes.Repeat([]byte("A"), n)) {
			t.Errorf("%d characters are accepted", n)
		}
	}
}

func TestTrimPadding(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "AA==": "AA", "AAA=": "AAA", "AAAA": "AAAA", "AA=": "AA=", "A===": "A=", "====": "==", "AAAAA=": "AAAAA=",
	} {
		if got := TrimPadding([]byte(in)); string(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestDecodeKey(t *testing.T) {
	want := [32]byte{1, 2, 3, 31: 0xfc}
	text := std.EncodeToString(want[:])
	for _, good := range []string{text, text + "="} {
		var key [32]byte
		if !DecodeKey(key[:], []byte(good)) || key != want {
			t.Errorf("%q: %x", good, key)
		}
	}
	for _, bad := range []string{
		"", "AAAA", text[:42], text + "A", text + "==", text + "=A", text[:42] + "=", text + "AAAA", text + "\n", "\n" + text, text[1:],
		text[:42] + "x", // a trailing bit is set
		"_" + text[1:],  // the URL alphabet
		text[:20] + "=" + text[21:],
		text + text[:43],
	} {
		key := want
		if DecodeKey(key[:], []byte(bad)) {
			t.Errorf("%q is accepted", bad)
		}
		if key != [32]byte{} {
			t.Errorf("%q leaves %x", bad, key)
		}
	}
	var sig [64]byte
	if !DecodeKey(sig[:], bytes.Repeat([]byte("A"), 86)) || DecodeKey(sig[:], bytes.Repeat([]byte("A"), 43)) {
		t.Error("64 bytes: the length is judged wrongly")
	}
}

func TestBase64Allocations(t *testing.T) {
	raw, text := make([]byte, 1000), make([]byte, EncodedLen(1000))
	testkit.NoAllocations(t, "base64", 100, func() { Encode(text, raw); Decode(raw, text) })
}

func BenchmarkEncode1KiB(b *testing.B) {
	raw, text := make([]byte, 1024), make([]byte, EncodedLen(1024))
	b.SetBytes(1024)
	for b.Loop() {
		Encode(text, raw)
	}
}

func BenchmarkDecode1KiB(b *testing.B) {
	raw, text := make([]byte, 1024), make([]byte, EncodedLen(1024))
	Encode(text, raw)
	b.SetBytes(1024)
	for b.Loop() {
		Decode(raw, text)
	}
}
