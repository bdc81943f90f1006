package wire

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
)

// FuzzDecodeMessage decodes the same bytes as each kind of message.
func FuzzDecodeMessage(f *testing.F) {
	inner := normal(bytesField(0x0a, keyA), numberField(0x10, 300), bytesField(0x22, block))
	f.Add([]byte(nil))
	f.Add(inner)
	f.Add(normal(bytesField(0x22, block2), bytesField(0x2a, keyB), bytesField(0x0a, keyA), numberField(0x10, 1<<40)))
	f.Add(preKey(bytesField(0x0a, keyA), bytesField(0x12, keyB), bytesField(0x1a, keyC), bytesField(0x22, inner)))
	f.Add(group(numberField(0x08, 0), bytesField(0x12, block2)))
	f.Add(group([]byte("\x8a\x80\x00\x01!"), numberField(0x08, 0), bytesField(0x12, block2)))
	f.Fuzz(checkMessage)
}

// TestDecodeRandom is FuzzDecodeMessage on messages that are put together at random, from parts that
// are likely to be understood.
func TestDecodeRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	tags := []byte{0x08, 0x0a, 0x10, 0x12, 0x1a, 0x22, 0x00, 0x18, 0x2a, 0x1d, 0x8a}
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	for range rounds {
		raw := []byte{3}
		for range rng.IntN(7) {
			tag := tags[rng.IntN(len(tags))]
			switch rng.IntN(8) {
			case 0:
				raw = append(raw, tag)
			case 1:
				raw = append(raw, numberField(tag, rng.Uint64()>>rng.IntN(64))...)
			case 2:
				raw = append(raw, bytesField(tag, bytes.Repeat([]byte{0x0a}, rng.IntN(40)))...)
			default:
				switch {
				case tag&7 == typeVarint:
					raw = append(raw, numberField(tag, uint64(rng.Uint32()>>rng.IntN(32)))...)
				case rng.IntN(2) == 0:
					raw = append(raw, bytesField(tag, keyA)...)
				default:
					raw = append(raw, bytesField(tag, block)...)
				}
			}
		}
		if rng.IntN(4) == 0 {
			raw[rng.IntN(len(raw))] ^= 1 << rng.IntN(8)
		}
		checkMessage(t, raw)
		checkMessage(t, cat(raw, mac))
		checkMessage(t, cat(raw, mac, signature))
	}
}

// checkMessage decodes raw in all ways, and checks that Lenient agrees with the model of libolm, that
// Strict accepts no more than Lenient and sees the same in it, and that encoding what Strict accepted
// gives the same bytes again.
func checkMessage(t *testing.T, raw []byte) {
	t.Helper()
	raw = raw[:len(raw):len(raw)]
	before := bytes.Clone(raw)
	checkNormal(t, raw)
	checkGroup(t, raw)
	checkPreKey(t, raw)
	if !bytes.Equal(raw, before) {
		t.Fatalf("%x was changed to %x", before, raw)
	}
}

// at returns where part, which is a piece of raw, begins, given that raw has no spare capacity.
func at(raw, part []byte) int { return len(raw) - cap(part) }

// noBytes takes nothing for what is not there.
var noBytes = cmp.FilterValues(func(x, y []byte) bool { return len(x) == 0 && len(y) == 0 }, cmp.Ignore())

// same compares what is read in raw in two ways.
func same[M any](t *testing.T, raw []byte, want, got M) {
	t.Helper()
	if diff := testkit.Diff(want, got, noBytes); diff != "" {
		t.Fatalf("%x:\n%s", raw, diff)
	}
}

func checkNormal(t *testing.T, raw []byte) {
	t.Helper()
	var strict, lenient Message
	strictCode, code := strict.Decode(raw, Strict), lenient.Decode(raw, Lenient)
	model := readLikeLibolm(raw, normalKind)
	if want := model.code(normalKind); code != want {
		t.Fatalf("%x: code %d, libolm has %d", raw, code, want)
	}
	if code == errcode.OK {
		want := lenient
		want.Index, want.RatchetKey, want.Ciphertext = model.numbers[0x10], model.strings[0x0a], model.strings[0x22]
		same(t, raw, want, lenient)
	}
	if n, code := MaxPlaintextLen(raw); n != len(model.strings[0x22]) || (code == errcode.OK) != (model.strings[0x22] != nil) {
		t.Fatalf("%x: longest plaintext %d, code %d", raw, n, code)
	}
	if key, code := RatchetKey(raw, Lenient); (code == errcode.OK) != (len(model.strings[0x0a]) == KeyLen) ||
		code == errcode.OK && !bytes.Equal(key, model.strings[0x0a]) {
		t.Fatalf("%x: ratchet key %x, code %d", raw, key, code)
	}
	if key, code := RatchetKey(raw, Strict); code != strictCode || code == errcode.OK && !bytes.Equal(key, strict.RatchetKey) || code != errcode.OK && key != nil {
		t.Fatalf("%x: ratchet key %x, code %d", raw, key, code)
	}
	if strictCode != errcode.OK {
		return
	}
	same(t, raw, strict, lenient)
	// What is neither repeated, unknown nor longer than needed has one length, and one form for each
	// order of the fields.
	if MessageLen(strict.Index, len(strict.Ciphertext)) != len(raw) {
		t.Fatalf("%x: there is more in it than Strict may accept", raw)
	}
	if at(raw, strict.RatchetKey) == 3 && at(raw, strict.Ciphertext)+len(strict.Ciphertext)+MACLen == len(raw) {
		again := make([]byte, len(raw))
		copy(PutMessage(again, (*[32]byte)(strict.RatchetKey), strict.Index, len(strict.Ciphertext)), strict.Ciphertext)
		copy(again[len(strict.Signed):], strict.MAC)
		if !bytes.Equal(again, raw) {
			t.Fatalf("%x becomes %x", raw, again)
		}
	}
}

func checkGroup(t *testing.T, raw []byte) {
	t.Helper()
	var strict, lenient GroupMessage
	strictCode, code := strict.Decode(raw, Strict), lenient.Decode(raw, Lenient)
	model := readLikeLibolm(raw, groupKind)
	if want := model.code(groupKind); code != want {
		t.Fatalf("%x: code %d, libolm has %d", raw, code, want)
	}
	if code == errcode.OK {
		want := lenient
		want.Index, want.Ciphertext = model.numbers[0x08], model.strings[0x12]
		same(t, raw, want, lenient)
	}
	want, wantCode := len(model.strings[0x12]), errcode.OK
	switch {
	case model.version != Version:
		want, wantCode = 0, errcode.BadMessageVersion
	case model.strings[0x12] == nil:
		wantCode = errcode.BadMessageFormat
	}
	if n, code := MaxGroupPlaintextLen(raw); n != want || code != wantCode {
		t.Fatalf("%x: longest plaintext %d, code %d", raw, n, code)
	}
	if strictCode != errcode.OK {
		return
	}
	same(t, raw, strict, lenient)
	if GroupMessageLen(strict.Index, len(strict.Ciphertext)) != len(raw) {
		t.Fatalf("%x: there is more in it than Strict may accept", raw)
	}
	if at(raw, strict.Ciphertext)+len(strict.Ciphertext)+groupTrailer == len(raw) {
		again := make([]byte, len(raw))
		copy(PutGroupMessage(again, strict.Index, len(strict.Ciphertext)), strict.Ciphertext)
		copy(again[len(strict.MACed):], strict.MAC)
		copy(again[len(strict.Signed):], strict.Signature)
		if !bytes.Equal(again, raw) {
			t.Fatalf("%x becomes %x", raw, again)
		}
	}
}

func checkPreKey(t *testing.T, raw []byte) {
	t.Helper()
	var strict, lenient PreKeyMessage
	strictCode, code := strict.Decode(raw, Strict), lenient.Decode(raw, Lenient)
	model := readLikeLibolm(raw, preKeyKind)
	if _, ok := model.strings[0x22]; ok != (code == errcode.OK) || !ok && code != errcode.BadMessageFormat {
		t.Fatalf("%x: code %d, libolm finds a message: %v", raw, code, ok)
	}
	if code == errcode.OK {
		same(t, raw, PreKeyMessage{OneTimeKey: model.strings[0x0a], BaseKey: model.strings[0x12], IdentityKey: model.strings[0x1a], Message: model.strings[0x22]}, lenient)
	}
	if strictCode != errcode.OK {
		return
	}
	same(t, raw, strict, lenient)
	if PreKeyMessageLen(len(strict.Message)) != len(raw) {
		t.Fatalf("%x: there is more in it than Strict may accept", raw)
	}
	if at(raw, strict.OneTimeKey) == 3 && at(raw, strict.BaseKey) == 3+34 && at(raw, strict.IdentityKey) == 3+2*34 {
		again := make([]byte, len(raw))
		copy(PutPreKeyMessage(again, (*[32]byte)(strict.OneTimeKey), (*[32]byte)(strict.BaseKey), (*[32]byte)(strict.IdentityKey),
			len(strict.Message)), strict.Message)
		if !bytes.Equal(again, raw) {
			t.Fatalf("%x becomes %x", raw, again)
		}
	}
}

// FuzzBase64 compares with the standard library, whose strict decoder skips line ends; ours refuses
// them.
func FuzzBase64(f *testing.F) {
	for _, seed := range []string{"", "A", "AA", "AB", "AAA", "AAAA", "AA==", "AAA=", "A===", "====", "-_--", "+/+/+/+/", "AAA\n", "AAAAAAAAAA", strings.Repeat("g", 43)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want, err := std.DecodeString(string(text))
		ok := err == nil && !bytes.ContainsAny(text, "\r\n")
		if n := DecodedLen(len(text)); n >= 0 {
			got := make([]byte, n)
			if Decode(got, text) != ok || ok && !bytes.Equal(got, want) {
				t.Fatalf("%q: %x, want %x, valid %v", text, got, want, ok)
			}
		} else if ok {
			t.Fatalf("%q is refused for its length", text)
		}
		// With padding too.
		if !ok && bytes.HasSuffix(text, []byte("=")) && !bytes.ContainsAny(text, "\r\n") {
			want, err = base64.StdEncoding.Strict().DecodeString(string(text))
			ok = err == nil
		}
		got, parsed := ParseText(text)
		if parsed != ok || ok && !bytes.Equal(got, want) {
			t.Fatalf("%q is parsed as %x, %v; want %x, %v", text, got, parsed, want, ok)
		}
		key := make([]byte, len(want))
		if DecodeKey(key, text) != ok || ok && !bytes.Equal(key, want) {
			t.Fatalf("%q is the key %x; want %x, %v", text, key, want, ok)
		}
		// The other way round, text being any bytes.
		encoded := AppendText(nil, text)
		if string(encoded) != std.EncodeToString(text) {
			t.Fatalf("%x becomes %q", text, encoded)
		}
		if back, ok := ParseText(encoded); !ok || !bytes.Equal(back, text) {
			t.Fatalf("%x becomes %q becomes %x, %v", text, encoded, back, ok)
		}
	})
}
