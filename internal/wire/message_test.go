package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
)

// What messages are put together from.

var (
	keyA = bytes.Repeat([]byte{0xa1}, 32)
	keyB = bytes.Repeat([]byte{0xb2}, 32)
	keyC = bytes.Repeat([]byte{0xc3}, 32)

	block  = bytes.Repeat([]byte{0xcc}, 16)
	block2 = bytes.Repeat([]byte{0xdd}, 32)

	mac       = []byte("authcode")
	signature = bytes.Repeat([]byte("signed! "), 8)
)

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

// bytesField is a field with a length, numberField one without.
func bytesField(tag byte, b []byte) []byte {
	return cat([]byte{tag}, binary.AppendUvarint(nil, uint64(len(b))), b)
}

func numberField(tag byte, x uint64) []byte { return binary.AppendUvarint([]byte{tag}, x) }

func normal(fields ...[]byte) []byte {
	return cat([]byte{3}, cat(fields...), mac)
}

func group(fields ...[]byte) []byte {
	return cat([]byte{3}, cat(fields...), mac, signature)
}

func preKey(fields ...[]byte) []byte { return cat([]byte{3}, cat(fields...)) }

// ciphertextSizes lists many short lengths, and those around which the length of the length changes.
func ciphertextSizes() []int {
	sizes := []int{16368, 16384, 16400, 1<<21 - 16, 1 << 21, 3 << 20}
	for n := 16; n <= 512; n += 16 {
		sizes = append(sizes, n)
	}
	return sizes
}

// marked returns n bytes, with three behind them that untouched checks.
func marked(n int) []byte { return bytes.Repeat([]byte{0xee}, n+3)[:n] }

func untouched(t *testing.T, buf []byte) {
	t.Helper()
	if !bytes.Equal(buf[:len(buf)+3][len(buf):], []byte{0xee, 0xee, 0xee}) {
		t.Error("written past the end")
	}
}

func TestMessageRoundTrip(t *testing.T) {
	for _, index := range boundaries {
		for _, size := range ciphertextSizes() {
			if size > 1<<14 && index > 300 && index < 1<<31 {
				continue
			}
			ciphertext := bytes.Repeat([]byte{0xcc}, size)
			want := normal(bytesField(0x0a, keyA), numberField(0x10, uint64(index)), bytesField(0x22, ciphertext))
			buf := marked(len(want))
			if n := MessageLen(index, size); n != len(want) {
				t.Fatalf("index %d, %d bytes: length %d, want %d", index, size, n, len(want))
			}
			place := PutMessage(buf, (*[32]byte)(keyA), index, size)
			copy(place, ciphertext)
			if len(place) != size || !bytes.Equal(buf[:len(buf)-MACLen], want[:len(want)-MACLen]) || buf[len(buf)-MACLen] != 0xee {
				t.Fatalf("index %d, %d bytes: wrongly encoded", index, size)
			}
			untouched(t, buf)
			for _, tol := range []Tolerance{Strict, Lenient} {
				var m Message
				if code := m.Decode(want, tol); code != errcode.OK {
					t.Fatalf("index %d, %d bytes: code %d", index, size, code)
				}
				if m.Index != index || !bytes.Equal(m.RatchetKey, keyA) || !bytes.Equal(m.Ciphertext, ciphertext) ||
					!bytes.Equal(m.MAC, mac) || !bytes.Equal(m.Signed, want[:len(want)-MACLen]) {
					t.Fatalf("index %d, %d bytes: wrongly decoded", index, size)
				}
				if key, code := RatchetKey(want, tol); code != errcode.OK || !bytes.Equal(key, keyA) {
					t.Fatalf("ratchet key %x, code %d", key, code)
				}
			}
			if n, code := MaxPlaintextLen(want); n != size || code != errcode.OK {
				t.Fatalf("longest plaintext %d of %d, code %d", n, size, code)
			}
		}
	}
}

func TestGroupMessageRoundTrip(t *testing.T) {
	for _, index := range boundaries {
		for _, size := range ciphertextSizes() {
			if size > 1<<14 && index > 300 && index < 1<<31 {
				continue
			}
			ciphertext := bytes.Repeat([]byte{0xcc}, size)
			want := group(numberField(0x08, uint64(index)), bytesField(0x12, ciphertext))
			buf := marked(len(want))
			if n := GroupMessageLen(index, size); n != len(want) {
				t.Fatalf("index %d, %d bytes: length %d, want %d", index, size, n, len(want))
			}
			place := PutGroupMessage(buf, index, size)
			copy(place, ciphertext)
			tail := len(buf) - MACLen - SignatureLen
			if len(place) != size || !bytes.Equal(buf[:tail], want[:tail]) || buf[tail] != 0xee {
				t.Fatalf("index %d, %d bytes: wrongly encoded", index, size)
			}
			untouched(t, buf)
			for _, tol := range []Tolerance{Strict, Lenient} {
				var m GroupMessage
				if code := m.Decode(want, tol); code != errcode.OK {
					t.Fatalf("index %d, %d bytes: code %d", index, size, code)
				}
				if m.Index != index || !bytes.Equal(m.Ciphertext, ciphertext) || !bytes.Equal(m.MACed, want[:tail]) || !bytes.Equal(m.MAC, mac) ||
					!bytes.Equal(m.Signed, want[:tail+MACLen]) || !bytes.Equal(m.Signature, signature) {
					t.Fatalf("index %d, %d bytes: wrongly decoded", index, size)
				}
			}
		}
	}
}

func TestPreKeyMessageRoundTrip(t *testing.T) {
	for n := range 700 {
		if n > 300 {
			n = 16384 - 350 + n/2 // around where the length of the length changes
		}
		inner := bytes.Repeat([]byte{0x77}, n)
		want := preKey(bytesField(0x0a, keyA), bytesField(0x12, keyB), bytesField(0x1a, keyC), bytesField(0x22, inner))
		if got := PreKeyMessageLen(n); got != len(want) {
			t.Fatalf("%d bytes: length %d, want %d", n, got, len(want))
		}
		buf := marked(len(want))
		place := PutPreKeyMessage(buf, (*[32]byte)(keyA), (*[32]byte)(keyB), (*[32]byte)(keyC), n)
		copy(place, inner)
		if len(place) != n || !bytes.Equal(buf, want) {
			t.Fatalf("%d bytes: wrongly encoded", n)
		}
		untouched(t, buf)
		for _, tol := range []Tolerance{Strict, Lenient} {
			var m PreKeyMessage
			if code := m.Decode(want, tol); code != errcode.OK {
				t.Fatalf("%d bytes: code %d", n, code)
			}
			if !bytes.Equal(m.OneTimeKey, keyA) || !bytes.Equal(m.BaseKey, keyB) || !bytes.Equal(m.IdentityKey, keyC) || !bytes.Equal(m.Message, inner) {
				t.Fatalf("%d bytes: wrongly decoded", n)
			}
		}
	}
}

// Verdicts.

// decode decodes a message of a kind and tells what came of it in a line: the code, or the fields.
func decode(kind string, raw []byte, tol Tolerance) string {
	var code errcode.Code
	var fields string
	switch kind {
	case "normal":
		var m Message
		code = m.Decode(raw, tol)
		fields = fmt.Sprintf("%x %d %x", m.RatchetKey, m.Index, m.Ciphertext)
	case "group":
		var m GroupMessage
		code = m.Decode(raw, tol)
		fields = fmt.Sprintf("%d %x", m.Index, m.Ciphertext)
	case "prekey":
		var m PreKeyMessage
		code = m.Decode(raw, tol)
		fields = fmt.Sprintf("%x %x %x %x", m.OneTimeKey, m.BaseKey, m.IdentityKey, m.Message)
	}
	switch code {
	case errcode.OK:
		return fields
	case errcode.BadMessageVersion:
		return "version"
	case errcode.BadMessageFormat:
		return "format"
	}
	return fmt.Sprint("code ", code)
}

// is writes down what decode returns of a good normal message.
func is(key []byte, index uint32, ciphertext []byte) string {
	return fmt.Sprintf("%x %d %x", key, index, ciphertext)
}

func groupIs(index uint32, ciphertext []byte) string { return fmt.Sprintf("%d %x", index, ciphertext) }

// TestVerdicts has, for every way in which a message can be unusual, what Strict and what Lenient
// make of it.
func TestVerdicts(t *testing.T) {
	var (
		key   = bytesField(0x0a, keyA)
		index = numberField(0x10, 5)
		ct    = bytesField(0x22, block)
		good  = is(keyA, 5, block)

		gIndex = numberField(0x08, 5)
		gCT    = bytesField(0x12, block)

		oneTime  = bytesField(0x0a, keyA)
		base     = bytesField(0x12, keyB)
		identity = bytesField(0x1a, keyC)
		inner    = bytesField(0x22, []byte("inner"))
		pGood    = fmt.Sprintf("%x %x %x %x", keyA, keyB, keyC, "inner")

		s = func(x string) []byte { return []byte(x) }
	)
	withVersion := func(v byte, raw []byte) []byte { return cat([]byte{v}, raw[1:]) }
	for _, c := range []struct {
		name, kind      string
		raw             []byte
		strict, lenient string
	}{
		{"as it is sent", "normal", normal(key, index, ct), good, good},
		{"any order", "normal", normal(ct, key, index), good, good},
		{"another order", "normal", normal(index, ct, key), good, good},

		// Versions and lengths.
		{"version 2", "normal", withVersion(2, normal(key, index, ct)), "version", "version"},
		{"version 4", "normal", withVersion(4, normal(key, index, ct)), "version", "version"},
		{"version 0x83", "normal", withVersion(0x83, normal(key, index, ct)), "version", "version"},
		{"nothing", "normal", nil, "version", "version"},
		{"a version alone", "normal", s("\x03"), "version", "version"},
		{"a MAC alone", "normal", s("\x03\x03\x03\x03\x03\x03\x03\x03"), "version", "version"},
		{"a version and a MAC", "normal", normal(), "format", "format"},
		{"group: nothing", "group", nil, "version", "version"},
		{"group: a trailer alone", "group", bytes.Repeat(s("\x03"), 72), "version", "version"},
		{"group: a version and a trailer", "group", group(), "format", "format"},
		{"group: version 2", "group", withVersion(2, group(gIndex, gCT)), "version", "version"},
		{"pre-key: nothing", "prekey", nil, "version", "format"},
		{"pre-key: a version alone", "prekey", s("\x03"), "format", "format"},
		{"pre-key: version 2", "prekey", withVersion(2, preKey(oneTime, base, identity, inner)), "version", pGood},

		// What is missing.
		{"no key", "normal", normal(index, ct), "format", "format"},
		{"no index", "normal", normal(key, ct), "format", "format"},
		{"no ciphertext", "normal", normal(key, index), "format", "format"},
		{"group: no index", "group", group(gCT), "format", "format"},
		{"group: no ciphertext", "group", group(gIndex), "format", "format"},
		{"pre-key: no message", "prekey", preKey(oneTime, base, identity), "format", "format"},
		{"pre-key: no one-time key", "prekey", preKey(base, identity, inner), "format", fmt.Sprintf(" %x %x %x", keyB, keyC, "inner")},
		{"pre-key: no base key", "prekey", preKey(oneTime, identity, inner), "format", fmt.Sprintf("%x  %x %x", keyA, keyC, "inner")},
		{"pre-key: no identity key", "prekey", preKey(oneTime, base, inner), "format", fmt.Sprintf("%x %x  %x", keyA, keyB, "inner")},

		// Lengths of keys.
		{"a short key", "normal", normal(bytesField(0x0a, keyA[:31]), index, ct), "format", "format"},
		{"a long key", "normal", normal(bytesField(0x0a, append(keyA[:32:32], 1)), index, ct), "format", "format"},
		{"an empty key", "normal", normal(bytesField(0x0a, nil), index, ct), "format", "format"},
		{"pre-key: a short key", "prekey", preKey(oneTime, bytesField(0x12, keyB[:31]), identity, inner), "format", fmt.Sprintf("%x %x %x %x", keyA, keyB[:31], keyC, "inner")},
		{"pre-key: an empty message", "prekey", preKey(oneTime, base, identity, bytesField(0x22, nil)), fmt.Sprintf("%x %x %x ", keyA, keyB, keyC), fmt.Sprintf("%x %x %x ", keyA, keyB, keyC)},

		// Ciphertexts that aren't whole blocks, where libolm leaves its memory. Whoever decrypts refuses them.
		{"an empty ciphertext", "normal", normal(key, index, bytesField(0x22, nil)), "format", is(keyA, 5, nil)},
		{"15 bytes", "normal", normal(key, index, bytesField(0x22, block[:15])), "format", is(keyA, 5, block[:15])},
		{"17 bytes", "normal", normal(key, index, bytesField(0x22, block2[:17])), "format", is(keyA, 5, block2[:17])},
		{"group: an empty ciphertext", "group", group(gIndex, bytesField(0x12, nil)), "format", groupIs(5, nil)},
		{"group: 31 bytes", "group", group(gIndex, bytesField(0x12, block2[:31])), "format", groupIs(5, block2[:31])},

		// Which verdict is first.
		{"wrong version, and all is missing", "normal", withVersion(1, normal()), "version", "version"},
		{"no index, and 15 bytes", "normal", normal(key, bytesField(0x22, block[:15])), "format", "format"},
		{"a short key, and 15 bytes", "normal", normal(bytesField(0x0a, keyA[:9]), index, bytesField(0x22, block[:15])), "format", "format"},
		{"group: no index, and 15 bytes", "group", group(bytesField(0x12, block[:15])), "format", "format"},

		// Repeated fields: the last counts.
		{"two keys", "normal", normal(key, index, ct, bytesField(0x0a, keyB)), "format", is(keyB, 5, block)},
		{"the same key twice", "normal", normal(key, key, index, ct), "format", good},
		{"two indices", "normal", normal(numberField(0x10, 9), key, index, ct), "format", good},
		{"two ciphertexts", "normal", normal(key, index, ct, bytesField(0x22, block2)), "format", is(keyA, 5, block2)},
		{"a good key, then a short one", "normal", normal(key, index, ct, bytesField(0x0a, keyA[:3])), "format", "format"},
		{"group: two indices", "group", group(gIndex, gCT, numberField(0x08, 6)), "format", groupIs(6, block)},
		{"pre-key: two messages", "prekey", preKey(oneTime, base, identity, bytesField(0x22, keyA), inner), "format", pGood},

		// Unknown fields.
		{"unknown number", "normal", normal(key, numberField(0x18, 300), index, ct), "format", good},
		{"unknown bytes", "normal", normal(key, bytesField(0x2a, keyB), index, ct), "format", good},
		{"unknown number 0", "normal", normal(numberField(0x00, 1<<40), key, index, ct), "format", good},
		{"unknown bytes at the end", "normal", normal(key, index, ct, bytesField(0x2a, keyB)), "format", good},
		{"unknown, tag of two bytes, number", "normal", normal(key, s("\x80\x01\x07"), index, ct), "format", good},
		{"unknown, tag of two bytes, bytes", "normal", normal(key, s("\x82\x01\x02\x0a\x0a"), index, ct), "format", good},
		{"unknown, tag of five bytes", "normal", normal(key, s("\x8a\x80\x80\x80\x00\x01!"), index, ct), "format", good},
		{"unknown, tag cut off", "normal", normal(key, index, ct, s("\x80")), "format", good},
		{"unknown, number cut off", "normal", normal(key, index, ct, s("\x18\x80")), "format", good},
		{"unknown, no number", "normal", normal(key, index, ct, s("\x18")), "format", good},
		{"unknown, no length", "normal", normal(key, index, ct, s("\x2a")), "format", good},
		{"unknown, too long", "normal", normal(key, index, ct, s("\x2a\x02!")), "format", good},
		{"unknown, too long, in the middle", "normal", normal(key, s("\x2a\xff\x01!"), index, ct), "format", "format"},
		{"fixed 64", "normal", normal(key, index, ct, s("\x19\x01\x02\x03\x04\x05\x06\x07\x08")), "format", good},
		{"fixed 64, in the middle", "normal", normal(key, index, s("\x19\x01\x02\x03\x04\x05\x06\x07\x08"), ct), "format", "format"},
		{"fixed 32", "normal", normal(key, index, ct, s("\x1d\x01\x02\x03\x04")), "format", good},
		{"a group begins", "normal", normal(key, index, s("\x1b"), ct), "format", "format"},
		{"a group ends", "normal", normal(key, index, ct, s("\x1c"), bytesField(0x0a, keyB)), "format", good},
		{"type 6", "normal", normal(key, index, ct, s("\x1e\x00")), "format", good},
		{"type 7", "normal", normal(s("\x1f\x00"), key, index, ct), "format", "format"},
		{"the index as bytes", "normal", normal(key, bytesField(0x12, s("\x05")), index, ct), "format", good},
		{"the key as a number", "normal", normal(numberField(0x08, 1), key, index, ct), "format", good},
		{"group: a third field", "group", group(gIndex, gCT, numberField(0x18, 1)), "format", groupIs(5, block)},
		{"pre-key: a fifth field", "prekey", preKey(oneTime, base, identity, bytesField(0x2a, keyA), inner), "format", pGood},
		{"a tag of two bytes that begins as the key's", "normal", normal(key, index, ct, s("\x8a\x00\x00")), "format", good},

		// Trailing bytes, cut-off fields.
		{"a zero behind", "normal", normal(key, index, ct, s("\x00")), "format", good},
		{"a byte behind", "normal", normal(key, index, ct, s("!")), "format", good},
		{"a tag behind: key", "normal", normal(key, index, ct, s("\x0a")), "format", "format"}, // present, and empty
		{"a tag at the very end: index", "normal", normal(key, ct, s("\x10")), "format", is(keyA, 0, block)},
		{"a tag at the very end: index again", "normal", normal(key, index, ct, s("\x10")), "format", is(keyA, 0, block)},
		{"a number cut off", "normal", normal(key, ct, s("\x10\x85")), "format", is(keyA, 5, block)},
		{"a longer number cut off", "normal", normal(key, ct, s("\x10\x80\x81")), "format", is(keyA, 128, block)},
		{"a length past the end", "normal", normal(key, index, s("\x22\x11"), block), "format", "format"},
		{"a length past the end, a ciphertext before", "normal", normal(key, index, ct, s("\x22\x11"), block), "format", good},
		{"a key past the end stops", "normal", normal(key, index, ct, s("\x0a\x40"), bytesField(0x22, block2)), "format", good},
		{"a length that reaches into the MAC", "normal", normal(key, index, s("\x22\x10"), block[:8]), "format", "format"},
		{"group: a length that reaches into the trailer", "group", group(gIndex, s("\x12\x50"), block), "format", "format"},
		{"pre-key: a length past the end", "prekey", preKey(oneTime, base, identity, s("\x22\x06inner")), "format", "format"},

		// Numbers that are longer than needed, or too large.
		{"over-long index", "normal", normal(key, s("\x10\x85\x00"), ct), "format", good},
		{"over-long index, ten bytes", "normal", normal(key, s("\x10\x85\x80\x80\x80\x80\x80\x80\x80\x80\x00"), ct), "format", good},
		{"over-long index, thirty bytes", "normal", normal(key, s("\x10\x85"+strings.Repeat("\x80", 28)+"\x7f"), ct), "format", good},
		{"over-long zero", "normal", normal(key, s("\x10\x80\x00"), ct), "format", is(keyA, 0, block)},
		{"index 2^32", "normal", normal(key, numberField(0x10, 1<<32), ct), "format", is(keyA, 0, block)},
		{"index 2^32+5", "normal", normal(key, numberField(0x10, 1<<32+5), ct), "format", good},
		{"index 2^64-1", "normal", normal(key, numberField(0x10, 1<<64-1), ct), "format", is(keyA, 1<<32-1, block)},
		{"index 2^32-1", "normal", normal(key, numberField(0x10, 1<<32-1), ct), is(keyA, 1<<32-1, block), is(keyA, 1<<32-1, block)},
		{"over-long length", "normal", normal(s("\x0a\xa0\x00"), keyA, index, ct), "format", good},
		{"length 2^32+16", "normal", normal(key, index, s("\x22\x90\x80\x80\x80\x10"), block), "format", "format"},
		{"length 2^63+16", "normal", normal(key, index, s("\x22\x90\x80\x80\x80\x80\x80\x80\x80\x80\x01"), block), "format", "format"},
		{"length 2^64+16", "normal", normal(key, index, s("\x22\x90\x80\x80\x80\x80\x80\x80\x80\x80\x02"), block), "format", good},
		{"unknown of 2^64+1 bytes", "normal", normal(key, s("\x2a\x81\x80\x80\x80\x80\x80\x80\x80\x80\x02!"), index, ct), "format", good},
		{"unknown of 2^64-1 bytes", "normal", normal(key, index, ct, s("\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01!")), "format", good},
		{"group: index 2^32+7", "group", group(numberField(0x08, 1<<32+7), gCT), "format", groupIs(7, block)},
		{"group: over-long index", "group", group(s("\x08\x85\x00"), gCT), "format", groupIs(5, block)},
		{"group: an index cut off", "group", group(gCT, s("\x08\x85")), "format", groupIs(5, block)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := decode(c.kind, c.raw, Strict); got != c.strict {
				t.Errorf("Strict: %s, want %s", got, c.strict)
			}
			if got := decode(c.kind, c.raw, Lenient); got != c.lenient {
				t.Errorf("Lenient: %s, want %s", got, c.lenient)
			}
			if c.raw == nil {
				return
			}
			// No byte behind the message matters.
			cut := append(slices.Clone(c.raw), 0x0a, 0x20)[:len(c.raw)]
			if decode(c.kind, cut, Strict) != c.strict || decode(c.kind, cut, Lenient) != c.lenient {
				t.Error("what lies behind the message changes the verdict")
			}
		})
	}
}

// TestRatchetKey has what a responder reads before the first message is decrypted.
func TestRatchetKey(t *testing.T) {
	key, index, ct := bytesField(0x0a, keyA), numberField(0x10, 5), bytesField(0x22, block)
	for name, c := range map[string]struct {
		raw             []byte
		strict, lenient errcode.Code
	}{
		"a good message":     {normal(key, index, ct), errcode.OK, errcode.OK},
		"another version":    {cat([]byte{7}, key, index, ct, mac), errcode.BadMessageVersion, errcode.OK},
		"the key alone":      {normal(key), errcode.BadMessageFormat, errcode.OK},
		"no blocks":          {normal(key, index, bytesField(0x22, nil)), errcode.BadMessageFormat, errcode.OK},
		"the last of two":    {normal(bytesField(0x0a, keyB), index, ct, key), errcode.BadMessageFormat, errcode.OK},
		"no key":             {normal(index, ct), errcode.BadMessageFormat, errcode.BadMessageFormat},
		"a short key":        {normal(bytesField(0x0a, keyA[:31]), index, ct), errcode.BadMessageFormat, errcode.BadMessageFormat},
		"the key in the MAC": {cat([]byte{3}, key), errcode.BadMessageFormat, errcode.BadMessageFormat},
		"nothing":            {nil, errcode.BadMessageVersion, errcode.BadMessageFormat},
		"a MAC alone":        {mac, errcode.BadMessageVersion, errcode.BadMessageFormat},
	} {
		for tol, want := range map[Tolerance]errcode.Code{Strict: c.strict, Lenient: c.lenient} {
			got, code := RatchetKey(c.raw, tol)
			if code != want || (code == errcode.OK) != bytes.Equal(got, keyA) || (code != errcode.OK && got != nil) {
				t.Errorf("%s, lenient %v: key %x, code %d, want %d", name, tol, got, code, want)
			}
		}
	}
}

func TestMaxPlaintextLen(t *testing.T) {
	key, index, ct := bytesField(0x0a, keyA), numberField(0x10, 5), bytesField(0x22, block2)
	for name, c := range map[string]struct {
		raw  []byte
		n    int
		code errcode.Code
	}{
		"a good message":      {normal(key, index, ct), 32, errcode.OK},
		"another version":     {cat([]byte{7}, key, index, ct, mac), 32, errcode.OK},
		"the ciphertext only": {normal(ct), 32, errcode.OK},
		"no blocks":           {normal(bytesField(0x22, nil)), 0, errcode.OK},
		"not whole blocks":    {normal(bytesField(0x22, block[:5])), 5, errcode.OK},
		"the last of two":     {normal(bytesField(0x22, block), ct), 32, errcode.OK},
		"no ciphertext":       {normal(key, index), 0, errcode.BadMessageFormat},
		"past the end":        {normal(key, []byte{0x22, 1}), 0, errcode.BadMessageFormat},
		"nothing":             {nil, 0, errcode.BadMessageFormat},
		"a MAC alone":         {mac, 0, errcode.BadMessageFormat},
	} {
		if n, code := MaxPlaintextLen(c.raw); n != c.n || code != c.code {
			t.Errorf("%s: %d, code %d; want %d, %d", name, n, code, c.n, c.code)
		}
	}
}

func TestMessageAllocations(t *testing.T) {
	raw := normal(bytesField(0x0a, keyA), numberField(0x10, 300), bytesField(0x22, block))
	unknown := normal(bytesField(0x2a, keyA), bytesField(0x0a, keyA), numberField(0x10, 300), bytesField(0x22, block))
	outer := preKey(bytesField(0x0a, keyA), bytesField(0x12, keyB), bytesField(0x1a, keyC), bytesField(0x22, raw))
	megolm := group(numberField(0x08, 300), bytesField(0x12, block))
	buf := make([]byte, 500)
	key := (*[32]byte)(keyA)
	testkit.NoAllocations(t, "messages", 100, func() {
		for _, tol := range [...]Tolerance{Strict, Lenient} {
			var m Message
			m.Decode(raw, tol)
			m.Decode(unknown, tol)
			RatchetKey(raw, tol)
			var p PreKeyMessage
			p.Decode(outer, tol)
			var g GroupMessage
			g.Decode(megolm, tol)
		}
		MaxPlaintextLen(raw)
		PutMessage(buf[:MessageLen(300, 16)], key, 300, 16)
		PutPreKeyMessage(buf[:PreKeyMessageLen(20)], key, key, key, 20)
		PutGroupMessage(buf[:GroupMessageLen(300, 16)], 300, 16)
	})
}
