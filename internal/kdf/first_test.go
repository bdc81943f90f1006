package kdf

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"testing"
)

func TestFirst(t *testing.T) {
	p := make([]byte, 400)
	for i := range p {
		p[i] = byte(i * 7)
	}
	for n := range 300 {
		var m Midstate
		m.SetKey(p[:n])
		var out [32]byte
		m.HMAC(&out, p[n/2:])
		h := hmac.New(sha256.New, p[:n])
		h.Write(p[n/2:])
		if string(h.Sum(nil)) != string(out[:]) {
			t.Fatal(n)
		}
		o := make([]byte, n)
		HKDF(o, nil, p[:n/2], p[n/3:n])
		w, _ := hkdf.Key(sha256.New, p[:n/2], nil, string(p[n/3:n]), n)
		if string(w) != string(o) {
			t.Fatal("hkdf", n)
		}
		k := (*[32]byte)(p[n:])
		HMACByte(&out, k, 3)
		h = hmac.New(sha256.New, k[:])
		h.Write([]byte{3})
		if string(h.Sum(nil)) != string(out[:]) {
			t.Fatal(n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { var o [80]byte; HKDF(o[:], nil, p[:32], p[:7]) }); n != 0 {
		t.Error(n, "allocs")
	}
}

func BenchmarkHMACByte(b *testing.B) {
	var k [32]byte
	for b.Loop() {
		HMACByte(&k, &k, 1)
	}
}

func BenchmarkHKDF80(b *testing.B) {
	var k [32]byte
	var o [80]byte
	for b.Loop() {
		HKDF(o[:], nil, k[:], []byte("OLM_KEYS"))
	}
}
func BenchmarkParts(b *testing.B) {
	var k [32]byte
	var o [96]byte
	var m Midstate
	info := []byte("OLM_KEYS")
	b.Run("extract", func(b *testing.B) {
		for b.Loop() {
			m.extract(&noSalt, k[:])
		}
	})
	for i := range 3 {
		b.Run("expand", func(b *testing.B) {
			for b.Loop() {
				m.expandShort(o[:32*i+32], info)
			}
		})
	}
}
