package aessha2

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/testkit"
)

// unpad returns the length of a plaintext without its padding, or -1 if that is not PKCS#7's.
func unpad(padded []byte) int {
	pad := int(padded[len(padded)-1])
	if pad < 1 || pad > 16 || pad > len(padded) {
		return -1
	}
	for _, b := range padded[len(padded)-pad:] {
		if int(b) != pad {
			return -1
		}
	}
	return len(padded) - pad
}

// TestStandardLibrary compares keys, ciphertexts and MACs, at every length and in place.
func TestStandardLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	lengths := []int{127, 128, 129, 1000, 4096, 65537}
	for n := range 101 {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		material, info := testkit.Random(rng, rng.IntN(140)), testkit.Random(rng, rng.IntN(40))
		ref := testkit.NewAESSHA2(material, string(info))
		var k Keys
		k.Derive(material, info)
		plaintext := testkit.Random(rng, n)
		want := ref.Encrypt(testkit.Pad(plaintext))
		if CiphertextLen(n) != len(want) {
			t.Fatalf("%d bytes: length %d, want %d", n, CiphertextLen(n), len(want))
		}

		before := slices.Clone(plaintext)
		got := bytes.Repeat([]byte{0xee}, len(want)+1)
		k.Encrypt(got[:len(want)], plaintext)
		if !bytes.Equal(got[:len(want)], want) || got[len(want)] != 0xee || !bytes.Equal(plaintext, before) {
			t.Fatalf("%d bytes: %x, want %x", n, got, want)
		}
		inPlace := append(slices.Clone(plaintext), make([]byte, len(want)-n)...)
		k.Encrypt(inPlace, inPlace[:n])
		if !bytes.Equal(inPlace, want) {
			t.Fatalf("%d bytes in place: %x, want %x", n, inPlace, want)
		}

		dst := bytes.Repeat([]byte{0xee}, len(want)+1)
		m, ok := k.Decrypt(dst, want)
		if !ok || !bytes.Equal(dst[:m], plaintext) || dst[len(want)] != 0xee || !bytes.Equal(want, ref.Encrypt(testkit.Pad(plaintext))) {
			t.Fatalf("%d bytes: %x, %v, want %x", n, dst[:m], ok, plaintext)
		}
		m, ok = k.Decrypt(inPlace, inPlace)
		if !ok || !bytes.Equal(inPlace[:m], plaintext) {
			t.Fatalf("%d bytes in place: %x, %v, want %x", n, inPlace[:m], ok, plaintext)
		}

		var mac [32]byte
		k.MAC(&mac, want)
		if !bytes.Equal(mac[:], testkit.HMAC(ref.MAC, want)) {
			t.Fatalf("%d bytes: MAC %x, want %x", n, mac, testkit.HMAC(ref.MAC, want))
		}
	}
}

// TestLabels pins the derivation down for the keys and labels of the specifications: the empty label of
// the key backup included.
func TestLabels(t *testing.T) {
	for _, label := range []string{"OLM_KEYS", "MEGOLM_KEYS", "Pickle", ""} {
		for _, n := range []int{0, 1, 32, 128} {
			material := bytes.Repeat([]byte{7}, n)
			ref := testkit.NewAESSHA2(material, label)
			for _, info := range [][]byte{[]byte(label), []byte(label)[:len(label):len(label)]} {
				var k Keys
				k.Derive(material, info)
				if !bytes.Equal(k.aes[:], ref.AES) || !bytes.Equal(k.iv[:], ref.IV) {
					t.Errorf("label %q, %d bytes: %x, %x", label, n, k.aes, k.iv)
				}
			}
		}
	}
	var k, none Keys
	k.Derive(nil, nil)
	none.Derive([]byte{}, []byte{})
	if k != none {
		t.Error("nothing differs from nothing")
	}
}

func TestVerifyMAC(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var k Keys
	k.Derive(testkit.Random(rng, 32), []byte("OLM_KEYS"))
	message := testkit.Random(rng, 100)
	var mac [32]byte
	k.MAC(&mac, message)
	tag := (*[TagLen]byte)(mac[:])
	if k.VerifyMAC(tag, message) != 1 {
		t.Error("a good tag is refused")
	}
	for bit, bad := range testkit.Flips(tag[:]) {
		if k.VerifyMAC((*[TagLen]byte)(bad), message) != 0 {
			t.Errorf("bit %d makes no difference", bit)
		}
	}
	for bit, bad := range testkit.Flips(message) {
		if k.VerifyMAC(tag, bad) != 0 {
			t.Errorf("bit %d of the message makes no difference", bit)
		}
	}
	if k.VerifyMAC(tag, message[1:]) != 0 || k.VerifyMAC(tag, append(message, 0)) != 0 || k.VerifyMAC(tag, nil) != 0 {
		t.Error("the length of the message makes no difference")
	}
	if k.VerifyMAC((*[TagLen]byte)(mac[1:]), message) != 0 {
		t.Error("another part of the MAC is accepted")
	}
	// There is no shorter tag: every MAC begins with none, so that a slice of length 0 would be right.
	if parameter := reflect.TypeOf((*Keys).VerifyMAC).In(1); parameter != reflect.TypeFor[*[8]byte]() {
		t.Errorf("a tag is of type %v", parameter)
	}
	// Over nothing, as in the key backup.
	k.MAC(&mac, nil)
	if k.VerifyMAC(tag, nil) != 1 || k.VerifyMAC(tag, []byte{}) != 1 {
		t.Error("over nothing: a good tag is refused")
	}
}

// TestPadding decrypts every last byte, with the padding before it right, and wrong in each place.
func TestPadding(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	material, info := testkit.Random(rng, 32), []byte("MEGOLM_KEYS")
	ref := testkit.NewAESSHA2(material, string(info))
	var k Keys
	k.Derive(material, info)
	check := func(padded []byte) {
		t.Helper()
		want := unpad(padded)
		dst := bytes.Repeat([]byte{0xee}, len(padded)+8)
		n, ok := k.Decrypt(dst, ref.Encrypt(padded))
		switch {
		case ok != (want >= 0):
			t.Errorf("%x: accepted is %v", padded, ok)
		case ok && (n != want || !bytes.Equal(dst[:n], padded[:n])):
			t.Errorf("%x: %d bytes, want %d", padded, n, want)
		case !ok && (n != 0 || !bytes.Equal(dst[:len(padded)], make([]byte, len(padded)))):
			t.Errorf("%x: %d bytes, %x stays behind", padded, n, dst)
		}
		if !bytes.Equal(dst[len(padded):], bytes.Repeat([]byte{0xee}, 8)) {
			t.Errorf("%x: written past the end", padded)
		}
	}
	for _, blocks := range []int{1, 2, 3, 20} {
		padded := testkit.Random(rng, 16*blocks)
		for pad := range 256 {
			// As much of it as there can be: if above 16 it must not do to have it all right.
			run := min(max(pad, 1), len(padded))
			if blocks > 16 {
				run = max(pad, 1)
			}
			right := slices.Clone(padded)
			for i := range run {
				right[len(right)-1-i] = byte(pad)
			}
			check(right)
			for i := range 20 {
				if i < len(right) {
					wrong := slices.Clone(right)
					wrong[len(wrong)-1-i] ^= byte(1 + rng.IntN(255))
					check(wrong)
				}
			}
		}
	}
	for range 3000 {
		padded := testkit.Random(rng, 16*(1+rng.IntN(3)))
		padded[len(padded)-1] %= 18
		check(padded)
	}
}

func TestWycheproof(t *testing.T) {
	var file struct {
		TestGroups []struct {
			KeySize int
			Tests   []struct {
				TcID             int
				Comment, Result  string
				Key, IV, Msg, Ct string
			}
		}
	}
	testkit.Wycheproof(t, "../..", "aes_cbc_pkcs5_test.json", &file)
	counts := map[string]int{}
	for _, g := range file.TestGroups {
		if g.KeySize != 256 {
			continue
		}
		for _, c := range g.Tests {
			ct, msg := testkit.Hex(t, c.Ct), testkit.Hex(t, c.Msg)
			if len(ct) == 0 || len(ct)%16 != 0 {
				continue // the callers see to that
			}
			var k Keys
			copy(k.aes[:], testkit.Hex(t, c.Key))
			copy(k.iv[:], testkit.Hex(t, c.IV))
			dst := make([]byte, len(ct))
			n, ok := k.Decrypt(dst, ct)
			switch {
			case ok != (c.Result == "valid"):
				t.Errorf("%d (%s): accepted is %v", c.TcID, c.Comment, ok)
			case ok && !bytes.Equal(dst[:n], msg):
				t.Errorf("%d (%s): %x, want %x", c.TcID, c.Comment, dst[:n], msg)
			case ok:
				if k.Encrypt(dst, msg); !bytes.Equal(dst, ct) {
					t.Errorf("%d (%s): encrypts to %x, want %x", c.TcID, c.Comment, dst, ct)
				}
			}
			counts[c.Result]++
		}
	}
	if counts["valid"] < 20 || counts["invalid"] < 40 {
		t.Errorf("only %v ran", counts)
	}
}

func TestWipe(t *testing.T) {
	var k Keys
	k.Derive([]byte("key"), []byte("label"))
	if k == (Keys{}) {
		t.Fatal("no keys")
	}
	if k.Wipe(); k != (Keys{}) {
		t.Errorf("%x", k)
	}
}

func TestAllocations(t *testing.T) {
	if aes.Allocates {
		t.Skip("crypto/aes allocates")
	}
	var k Keys
	var mac [32]byte
	material, info := make([]byte, 128), []byte("MEGOLM_KEYS")
	plaintext, ciphertext := make([]byte, 1000), make([]byte, CiphertextLen(1000))
	testkit.NoAllocations(t, "Keys", 100, func() {
		k.Derive(material, info)
		k.Encrypt(ciphertext, plaintext)
		k.MAC(&mac, ciphertext)
		k.VerifyMAC((*[TagLen]byte)(mac[:]), ciphertext)
		k.Decrypt(ciphertext, ciphertext)
		k.Wipe()
	})
}
