package main

import (
	"time"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/sha2"
	"github.com/karst-im/karst/internal/wire"
)

// kind is what a primitive belongs to, for the shares of an operation.
type kind int

const (
	onCurve kind = iota
	hashing
	ciphering
	encoding
	kinds
)

var kindNames = [kinds]string{"curve", "hashes", "AES", "base64"}

// part is something that an operation does, times over. n is how many bytes of input it has, where that matters.
type part struct {
	times     float64
	primitive *primitive
	n         int
}

type primitive struct {
	name string
	kind kind
	run  func(n int) func()
	cost map[int]float64 // microseconds by n, once measured
}

// of returns the part of a primitive without a length, or with one.
func (p *primitive) of(times float64, n ...int) part {
	if len(n) == 0 {
		return part{times, p, 0}
	}
	return part{times, p, n[0]}
}

// microseconds returns what p takes for n bytes: the least of many samples of a millisecond.
func (p *primitive) microseconds(n int) float64 {
	if p.cost == nil {
		p.cost = map[int]float64{}
	}
	if cost, ok := p.cost[n]; ok {
		return cost
	}
	f := p.run(n)
	p.cost[n] = least(func(times int) time.Duration {
		start := time.Now()
		for range times {
			f()
		}
		return time.Since(start)
	})
	return p.cost[n]
}

// least returns the microseconds of one of the times that f runs something, the least of 40 samples.
func least(f func(times int) time.Duration) float64 {
	times := 1
	for f(times) < time.Millisecond {
		times *= 2
	}
	best := f(times)
	for range 40 {
		best = min(best, f(times))
	}
	return float64(best.Nanoseconds()) / 1000 / float64(times)
}

// The keys that the primitives work with.
var (
	scalar, public, edPublic [32]byte
	expanded                 [64]byte
)

func init() {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(i + 1)
	}
	scalar = seed
	curve.PublicKey(&public, &scalar)
	curve.ExpandSeed(&expanded, &seed)
	curve.PublicFromExpanded(&edPublic, &expanded)
}

func plain(f func()) func(int) func() { return func(int) func() { return f } }

var (
	x25519 = &primitive{name: "X25519", kind: onCurve, run: plain(func() {
		var out [32]byte
		curve.X25519(&out, &scalar, &public)
	})}
	publicKey = &primitive{name: "public key of a pair", kind: onCurve, run: plain(func() {
		var out [32]byte
		curve.PublicKey(&out, &scalar)
	})}
	sign = &primitive{name: "Ed25519 signature", kind: onCurve, run: func(n int) func() {
		var sig [64]byte
		message := make([]byte, n)
		return func() { curve.Sign(&sig, &expanded, &edPublic, message) }
	}}
	// verifyNew sees a new key each time, verifyKnown the same one.
	verifyNew = &primitive{name: "Ed25519 verification, new key", kind: onCurve, run: func(n int) func() {
		type signed struct {
			public [32]byte
			sig    [64]byte
		}
		message := make([]byte, n)
		all := make([]signed, 1024)
		for i := range all {
			var sk [64]byte
			seed := [32]byte{byte(i), byte(i >> 8)}
			curve.ExpandSeed(&sk, &seed)
			curve.PublicFromExpanded(&all[i].public, &sk)
			curve.Sign(&all[i].sig, &sk, &all[i].public, message)
		}
		i := 0
		return func() {
			s := &all[i%len(all)]
			i++
			if !curve.Verify(&s.public, message, &s.sig) {
				panic("a signature does not verify")
			}
		}
	}}
	verifyKnown = &primitive{name: "Ed25519 verification, known key", kind: onCurve, run: func(n int) func() {
		var sig [64]byte
		message := make([]byte, n)
		curve.Sign(&sig, &expanded, &edPublic, message)
		return func() {
			if !curve.Verify(&edPublic, message, &sig) {
				panic("a signature does not verify")
			}
		}
	}}
	validPublic = &primitive{name: "is a key on the curve", kind: onCurve, run: plain(func() { curve.ValidPublic(&edPublic) })}

	hmacByte = &primitive{name: "HMAC-SHA-256 of a byte, new key", kind: hashing, run: plain(func() {
		var out [32]byte
		kdf.HMACByte(&out, &scalar, 1)
	})}
	hkdf64 = &primitive{name: "HKDF, 64 bytes", kind: hashing, run: plain(func() {
		var out [64]byte
		kdf.HKDF(out[:], &public, scalar[:], []byte("OLM_RATCHET"))
	})}
	messageKeys = &primitive{name: "keys of a message: HKDF, 80 bytes, and the HMAC's key", kind: hashing, run: plain(func() {
		var k aessha2.Keys
		k.Derive(scalar[:], []byte("OLM_KEYS"))
	})}
	mac = &primitive{name: "HMAC-SHA-256, key known", kind: hashing, run: func(n int) func() {
		var k kdf.Midstate
		k.SetKey(scalar[:])
		var out [32]byte
		message := make([]byte, n)
		return func() { k.HMAC(&out, message) }
	}}
	sha512 = &primitive{name: "SHA-512", kind: hashing, run: func(n int) func() {
		var out [64]byte
		message := make([]byte, n)
		return func() { sha2.Sum512(&out, message, nil, nil) }
	}}

	encrypt = &primitive{name: "AES-256-CBC, encryption", kind: ciphering, run: func(n int) func() {
		b, iv := make([]byte, aessha2.CiphertextLen(n)), new([16]byte)
		return func() { aes.EncryptCBC(b, b, &scalar, iv) }
	}}
	decrypt = &primitive{name: "AES-256-CBC, decryption", kind: ciphering, run: func(n int) func() {
		b, iv := make([]byte, aessha2.CiphertextLen(n)), new([16]byte)
		return func() { aes.DecryptCBC(b, b, &scalar, iv) }
	}}

	toText = &primitive{name: "base64, encoding", kind: encoding, run: func(n int) func() {
		b := make([]byte, n)
		text := make([]byte, wire.EncodedLen(n))
		return func() { wire.Encode(text, b) }
	}}
	fromText = &primitive{name: "base64, decoding", kind: encoding, run: func(n int) func() {
		b := make([]byte, n)
		text := make([]byte, wire.EncodedLen(n))
		wire.Encode(text, b)
		return func() { wire.Decode(b, text) }
	}}
)
