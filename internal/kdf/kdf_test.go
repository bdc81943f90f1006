package kdf

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/sha2"
	"github.com/karst-im/karst/internal/testkit"
)

// The precomputed key must be what computing it gives.
func TestNoSalt(t *testing.T) {
	var want Midstate
	want.SetKey(make([]byte, hashLen))
	if noSalt != want {
		t.Errorf("%#x", want)
	}
	want.SetKey(nil) // an absent key is a key of zeros, too
	if noSalt != want {
		t.Errorf("%#x", want)
	}
}

// The padding that is a constant must be what computing it gives.
func TestHashPad(t *testing.T) {
	p := testkit.Bytes("kdf", blockLen+hashLen)
	var h [8]uint32
	sha2.IV256(&h)
	sha2.Block256(&h, p[:blockLen])
	sha2.Block256(&h, append(p[blockLen:], hashPad[:]...))
	var got [hashLen]byte
	sha2.PutState256(&got, &h)
	if got != sha256.Sum256(p) {
		t.Error("wrong hash")
	}
}

// Every length of key and of message.
func TestHMAC(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		p := testkit.Bytes("kdf", 600)
		for n := range 301 {
			for _, k := range []int{0, 1, 16, 31, 32, 33, 55, 63, 64, 65, 100, n} {
				key, message := p[300:300+k], p[:n]
				want := testkit.HMAC(key, message)
				var m Midstate
				m.SetKey(key)
				var got [hashLen]byte
				for range 2 { // a Midstate is good for more than one message
					m.HMAC(&got, message)
					if !bytes.Equal(got[:], want) {
						t.Fatalf("key of %d bytes, message of %d: wrong MAC", k, n)
					}
				}
				m.Wipe()
				if m != (Midstate{}) {
					t.Fatal("Wipe left something")
				}
				if k == hashLen {
					HMAC(&got, (*[hashLen]byte)(key), message)
					if !bytes.Equal(got[:], want) {
						t.Fatalf("one-shot, message of %d bytes: wrong MAC", n)
					}
				}
			}
		}
		if !bytes.Equal(p, testkit.Bytes("kdf", 600)) {
			t.Error("the arguments changed")
		}
	})
}

func TestHMACByte(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		p := testkit.Bytes("kdf", 256*hashLen)
		for b := range 256 {
			key := (*[hashLen]byte)(p[b*hashLen:])
			want := testkit.HMAC(key[:], []byte{byte(b)})
			var got [hashLen]byte
			HMACByte(&got, key, byte(b))
			if !bytes.Equal(got[:], want) {
				t.Fatalf("%#x: %x, not %x", b, got, want)
			}
			got = *key
			HMACByte(&got, &got, byte(b))
			if !bytes.Equal(got[:], want) {
				t.Fatalf("%#x in place: %x, not %x", b, got, want)
			}
		}
	})
}

// out may be key, part of the message, and part of the input keying material.
func TestAliasing(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		p := testkit.Bytes("kdf", 100)
		key := (*[hashLen]byte)(p)
		want := testkit.HMAC(key[:], p[40:100])
		HMAC(key, key, p[40:100])
		if !bytes.Equal(key[:], want) {
			t.Error("HMAC: out is key")
		}
		want = testkit.HMAC(key[:], p)
		HMAC(key, key, p)
		if !bytes.Equal(key[:], want) {
			t.Error("HMAC: out is key and starts the message")
		}
		var m Midstate
		m.SetKey(key[:])
		want = testkit.HMAC(key[:], p)
		m.HMAC(key, p)
		if !bytes.Equal(key[:], want) {
			t.Error("Midstate.HMAC: out starts the message")
		}
		for _, n := range []int{32, 64, 80, 90} {
			want = testkit.HKDF(p[:64], key[:], "info", n)
			HKDF(p[:n], key, p[:64], []byte("info"))
			if !bytes.Equal(p[:n], want) {
				t.Errorf("HKDF to %d bytes: out is salt and ikm", n)
			}
		}
	})
}

// Every length of output, with info on both sides of the limit up to which it is one block.
func TestHKDF(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		p := testkit.Bytes("kdf", 600)
		salt := (*[hashLen]byte)(p[500:])
		for n := range 301 {
			for _, infoLen := range []int{0, 1, 11, maxShortInfo - 1, maxShortInfo, maxShortInfo + 1, 32, n} {
				ikm, info := p[:32+n%3*32], p[100:100+infoLen]
				got := bytes.Repeat([]byte{0xaa}, n+8)
				HKDF(got[:n], salt, ikm, info)
				want := testkit.HKDF(ikm, salt[:], string(info), n)
				if !bytes.Equal(got[:n], want) {
					t.Fatalf("%d bytes, info of %d: wrong key", n, infoLen)
				}
				HKDF(got[:n], nil, ikm, info)
				want = testkit.HKDF(ikm, nil, string(info), n)
				if !bytes.Equal(got[:n], want) {
					t.Fatalf("%d bytes, no salt, info of %d: wrong key", n, infoLen)
				}
				if !bytes.Equal(got[n:], bytes.Repeat([]byte{0xaa}, 8)) {
					t.Fatalf("%d bytes: wrote more", n)
				}
			}
		}
		for n := range 301 { // input keying material
			var got [80]byte
			HKDF(got[:], nil, p[:n], []byte("OLM_KEYS"))
			want := testkit.HKDF(p[:n], nil, "OLM_KEYS", len(got))
			if !bytes.Equal(got[:], want) {
				t.Fatalf("from %d bytes: wrong key", n)
			}
		}
		if !bytes.Equal(p, testkit.Bytes("kdf", 600)) {
			t.Error("the arguments changed")
		}
	})
}

// The counter's last value is 255, by both ways of expansion, and there is nothing beyond.
func TestHKDFLimit(t *testing.T) {
	for _, info := range []string{"short", "longer than the one block of which the hash takes half"} {
		for _, n := range []int{MaxHKDF - hashLen, MaxHKDF - 1, MaxHKDF} {
			got := make([]byte, n)
			HKDF(got, nil, []byte("ikm"), []byte(info))
			want := testkit.HKDF([]byte("ikm"), nil, info, n)
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes, info %q: wrong key", n, info)
			}
		}
	}
	defer func() {
		if r := recover(); r != "kdf: internal error" {
			t.Errorf("panic %v", r)
		}
	}()
	HKDF(make([]byte, MaxHKDF+1), nil, nil, nil)
}
