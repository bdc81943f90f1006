package wire

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// decodeLikeLibolm is libolm's decoder as its table has it: character by character, with 255 for what
// is no character.
func decodeLikeLibolm(text []byte) []byte {
	value := func(i int) uint32 {
		if i >= len(text) {
			return 0
		}
		if v := strings.IndexByte(alphabet, text[i]&0x7f); v >= 0 {
			return uint32(v)
		}
		return 0xff
	}
	var out []byte
	for i := 0; i < len(text); i += 4 {
		v := value(i)
		for j := 1; j < 4; j++ {
			v = v<<6 | value(i+j)
		}
		out = append(out, byte(v>>16), byte(v>>8), byte(v))
	}
	return out[:DecodedLen(len(text))]
}

func checkLenient(t *testing.T, text []byte) {
	t.Helper()
	want := decodeLikeLibolm(text)
	got := append(bytes.Repeat([]byte{0xee}, len(want)), 0xdd, 0xdd, 0xdd)
	DecodeLenient(got[:len(want)], text)
	if !bytes.Equal(got[:len(want)], want) || !bytes.Equal(got[len(want):], []byte{0xdd, 0xdd, 0xdd}) {
		t.Fatalf("%q: %x, want %x", text, got, want)
	}
	for n := range want { // less than there is
		short := bytes.Repeat([]byte{0xee}, n+8)
		DecodeLenient(short[:n], text)
		if !bytes.Equal(short[:n], want[:n]) || !bytes.Equal(short[n:], bytes.Repeat([]byte{0xee}, 8)) {
			t.Fatalf("%q, %d bytes: %x, want %x", text, n, short, want)
		}
	}
	in := bytes.Clone(text)
	DecodeLenient(in, in)
	if !bytes.Equal(in[:len(want)], want) {
		t.Fatalf("%q in place: %x, want %x", text, in, want)
	}
	if len(want) > 0 && Decode(got[:len(want)], text) && !bytes.Equal(got[:len(want)], want) {
		t.Fatalf("%q: strictly it is %x, want %x", text, got, want)
	}
}

func TestDecodeLenient(t *testing.T) {
	// Every byte in every position of every length.
	for n := range 24 {
		if DecodedLen(n) < 0 {
			continue
		}
		text := []byte(strings.Repeat("Qx/9", 6)[:n])
		for i := range text {
			for c := range 256 {
				old := text[i]
				text[i] = byte(c)
				checkLenient(t, text)
				text[i] = old
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		text := make([]byte, rng.IntN(100))
		if DecodedLen(len(text)) < 0 {
			continue
		}
		for i := range text {
			if rng.IntN(3) == 0 {
				text[i] = byte(rng.Uint32())
			} else {
				text[i] = alphabet[rng.IntN(64)]
			}
		}
		checkLenient(t, text)
	}
}

func FuzzDecodeLenient(f *testing.F) {
	f.Add([]byte("AQID=-_ \x00\xff+/"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if text = text[:min(len(text), 200)]; DecodedLen(len(text)) >= 0 {
			checkLenient(t, text)
		}
	})
}
