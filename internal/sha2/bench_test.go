package sha2

import (
	"crypto/sha256"
	"crypto/sha512"
	"strconv"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

func BenchmarkBlock256(b *testing.B) {
	p := testkit.Bytes("sha2", blockLen)
	for name, block256 := range blocks256 {
		b.Run(name, func(b *testing.B) {
			var h [8]uint32
			for b.Loop() {
				block256(&h, p)
			}
		})
	}
}

func BenchmarkSum256(b *testing.B) {
	for _, n := range []int{32, 256, 65536} {
		p := testkit.Bytes("sha2", n)
		var out [32]byte
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				Sum256(&out, p)
			}
		})
		b.Run(strconv.Itoa(n)+" standard library", func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				out = sha256.Sum256(p)
			}
		})
	}
}

func BenchmarkSum512(b *testing.B) {
	for _, n := range []int{64, 65536} {
		p := testkit.Bytes("sha2", n)
		var out [64]byte
		for name, sum512 := range sums512 {
			b.Run(strconv.Itoa(n)+" "+name, func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					sum512(&out, p, nil, nil)
				}
			})
		}
		b.Run(strconv.Itoa(n)+" crypto/sha512", func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				out = sha512.Sum512(p)
			}
		})
	}
}
