package kdf

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

func BenchmarkHMACByte(b *testing.B) {
	var key [hashLen]byte
	b.Run("karst", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			HMACByte(&key, &key, 1)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h := hmac.New(sha256.New, key[:])
			h.Write([]byte{1})
			h.Sum(key[:0])
		}
	})
}

// A MAC over a message of 256 bytes under a fresh key.
func BenchmarkHMAC256(b *testing.B) {
	var key [hashLen]byte
	message := testkit.Bytes("kdf", 256)
	b.Run("karst", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			HMAC(&key, &key, message)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h := hmac.New(sha256.New, key[:])
			h.Write(message)
			h.Sum(key[:0])
		}
	})
}

// What every message needs: a key, a MAC key and an IV from one message key.
func BenchmarkHKDF80(b *testing.B) {
	var out [80]byte
	b.Run("karst", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			HKDF(out[:], nil, out[:32], []byte("OLM_KEYS"))
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			okm, err := hkdf.Key(sha256.New, out[:32], nil, "OLM_KEYS", len(out))
			if err != nil {
				b.Fatal(err)
			}
			copy(out[:], okm)
		}
	})
}
