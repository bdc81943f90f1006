package sha2

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/cpu"
	"github.com/karst-im/karst/internal/testkit"
)

// The examples of FIPS 180-4 that NIST publishes, and from its SHAVS the first byte-oriented ones.
var knownAnswers = []struct{ message, sha256, sha512 string }{
	{
		"",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
			"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	},
	{
		"abc",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	},
	{
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "",
	},
	{
		"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
		"8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018" +
			"501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
	},
	{
		"\xd3",
		"28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1", "",
	},
	{
		"\x11\xaf",
		"5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98", "",
	},
	{
		strings.Repeat("a", 1e6),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		"e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb" +
			"de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
	},
}

func TestKnownAnswers(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		for _, c := range knownAnswers {
			p := []byte(c.message)
			var got [32]byte
			Sum256(&got, p)
			if hex.EncodeToString(got[:]) != c.sha256 {
				t.Errorf("SHA-256 of %d bytes: %x, not %s", len(p), got, c.sha256)
			}
			if c.sha512 == "" {
				continue
			}
			for name, sum512 := range sums512 {
				var got [64]byte
				sum512(&got, p, nil, nil)
				if hex.EncodeToString(got[:]) != c.sha512 {
					t.Errorf("SHA-512 (%s) of %d bytes: %x, not %s", name, len(p), got, c.sha512)
				}
			}
		}
	})
}

// Every length, in one piece and in two, and resumed from the state after any of its blocks.
func TestSHA256(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		message := testkit.Bytes("sha2", 300)
		for n := range len(message) + 1 {
			p := message[:n]
			want := sha256.Sum256(p)
			var got [32]byte
			Sum256(&got, p)
			if got != want {
				t.Fatalf("%d bytes: wrong hash", n)
			}
			for split := range n + 1 {
				var d Hash256
				d.Reset()
				d.Write(p[:split])
				d.Write(p[split:])
				d.Sum(&got)
				if got != want {
					t.Fatalf("%d and %d bytes: wrong hash", split, n-split)
				}
				if d != (Hash256{}) {
					t.Fatalf("%d and %d bytes: Sum wiped not everything", split, n-split)
				}
			}
			var h [8]uint32
			IV256(&h)
			for at := 0; at <= n; at += blockLen {
				var d Hash256
				d.Write([]byte("what was there before")) // must not show
				d.Resume(&h, uint64(at))
				d.Write(p[at:])
				d.Sum(&got)
				if got != want {
					t.Fatalf("%d bytes resumed at %d: wrong hash", n, at)
				}
				last := h
				Last256(&last, p[at:], uint64(n))
				PutState256(&got, &last)
				if got != want {
					t.Fatalf("%d bytes from %d at once: wrong hash", n, at)
				}
				if at+blockLen <= n {
					Block256(&h, p[at:at+blockLen])
				}
			}
		}
	})
}

// Three pieces and more, and one byte at a time.
func TestSHA256Pieces(t *testing.T) {
	testkit.OnEachPath(t, "SHA", &cpu.SHA, func(t *testing.T) {
		message := testkit.Bytes("sha2", 5000)
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			p := message[:r.IntN(len(message))]
			longest := 1 + r.IntN(200)
			var d Hash256
			d.Reset()
			for rest := p; len(rest) > 0; {
				n := min(len(rest), r.IntN(longest+1))
				d.Write(rest[:n])
				rest = rest[n:]
			}
			var got [32]byte
			d.Sum(&got)
			if got != sha256.Sum256(p) {
				t.Fatalf("%d bytes in pieces of at most %d: wrong hash", len(p), longest)
			}
		}
	})
}

// A length beyond 32 bits must reach the padding.
func TestResumeFar(t *testing.T) {
	var h [8]uint32
	var d Hash256
	d.Resume(&h, 1<<40)
	d.Write([]byte{1})
	var got, want [32]byte
	d.Sum(&got)
	block := [blockLen]byte{0: 1, 1: 0x80, 58: 0x08, 63: 8} // 2^43 + 8 bits
	block256Compact(&h, block[:])
	PutState256(&want, &h)
	if got != want {
		t.Errorf("%x, not %x", got, want)
	}
}

// All compression functions agree, on any number of blocks, from any state, at any address.
func TestBlock256(t *testing.T) {
	buf := testkit.Bytes("sha2", 16*blockLen+16)
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 16 {
		for at := range 16 {
			p := buf[at : at+n*blockLen]
			before := bytes.Clone(p)
			var from [8]uint32
			for i := range from[:] {
				from[i] = r.Uint32()
			}
			want := from
			block256Compact(&want, p)
			for name, block256 := range blocks256 {
				got := from
				block256(&got, p)
				if got != want {
					t.Errorf("%s: %d blocks at %d: %x, not %x", name, n, at, got, want)
				}
				if !bytes.Equal(p, before) {
					t.Fatalf("%s: the message changed", name)
				}
			}
		}
	}
	// Carries and sign bits.
	for _, x := range []byte{0, 0x7f, 0x80, 0xff} {
		p := bytes.Repeat([]byte{x}, 2*blockLen)
		for _, y := range []uint32{0, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
			from := [8]uint32{y, y, y, y, y, y, y, y}
			want := from
			block256Compact(&want, p)
			for name, block256 := range blocks256 {
				got := from
				block256(&got, p)
				if got != want {
					t.Errorf("%s: %#x from %#x: %x, not %x", name, x, y, got, want)
				}
			}
		}
	}
}

func TestSHA512(t *testing.T) {
	message := testkit.Bytes("sha2", 300)
	for name, sum512 := range sums512 {
		for n := range len(message) + 1 {
			p := message[:n]
			want := sha512.Sum512(p)
			for split := 0; split <= n; split += 1 + n/50 {
				var got [64]byte
				sum512(&got, p[:split/2], p[split/2:split], p[split:])
				if got != want {
					t.Fatalf("%s: %d, %d and %d bytes: wrong hash", name, split/2, split-split/2, n-split)
				}
			}
		}
	}
}
