package aes

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

// cbc is one implementation.
type cbc struct {
	name             string
	encrypt, decrypt func(dst, src []byte, key *[32]byte, iv *[16]byte)
}

// implementations are all that this machine can run, whichever of them it uses.
func implementations() []cbc {
	return append(hardware(), cbc{"bitsliced", encryptBitsliced, decryptBitsliced})
}

// standard is the standard library's, to compare with.
var standard = cbc{"crypto/cipher",
	func(dst, src []byte, key *[32]byte, iv *[16]byte) {
		cipher.NewCBCEncrypter(standardBlock(key), iv[:]).CryptBlocks(dst, src)
	},
	func(dst, src []byte, key *[32]byte, iv *[16]byte) {
		cipher.NewCBCDecrypter(standardBlock(key), iv[:]).CryptBlocks(dst, src)
	},
}

func standardBlock(key *[32]byte) cipher.Block {
	b, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	return b
}

// check encrypts and decrypts with one implementation, in place and apart, at odd addresses, and looks
// for changes where there should be none.
func check(t *testing.T, impl cbc, key *[32]byte, iv *[16]byte, plaintext, ciphertext []byte) {
	t.Helper()
	key0, iv0 := *key, *iv
	for _, c := range []struct {
		name      string
		f         func(dst, src []byte, key *[32]byte, iv *[16]byte)
		src, want []byte
	}{
		{"encrypt", impl.encrypt, plaintext, ciphertext},
		{"decrypt", impl.decrypt, ciphertext, plaintext},
	} {
		for _, inPlace := range []bool{false, true} {
			const margin, fill = 33, 0xa5
			n := len(c.src)
			src := append(bytes.Repeat([]byte{fill}, margin), c.src...)
			dst := bytes.Repeat([]byte{fill}, margin+n+margin)
			if inPlace {
				src = dst
				copy(src[margin:], c.src)
			}
			c.f(dst[margin:], src[margin:][:n:n], key, iv)
			switch {
			case !bytes.Equal(dst[margin:][:n], c.want):
				t.Errorf("%s: %s of %d bytes, in place %v:\n got %x\nwant %x", impl.name, c.name, n, inPlace, dst[margin:][:n], c.want)
			case bytes.Count(dst[:margin], []byte{fill}) != margin || bytes.Count(dst[margin+n:], []byte{fill}) != margin:
				t.Errorf("%s: %s of %d bytes, in place %v, writes outside of its output", impl.name, c.name, n, inPlace)
			case !inPlace && !bytes.Equal(src[margin:], c.src):
				t.Errorf("%s: %s of %d bytes changes its input", impl.name, c.name, n)
			case *key != key0 || *iv != iv0:
				t.Fatalf("%s: %s of %d bytes changes key or iv", impl.name, c.name, n)
			}
		}
	}
}

func TestKnownAnswers(t *testing.T) {
	for _, v := range []struct{ name, key, iv, plaintext, ciphertext string }{
		{"FIPS 197 C.3",
			"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			"00000000000000000000000000000000",
			"00112233445566778899aabbccddeeff",
			"8ea2b7ca516745bfeafc49904b496089"},
		{"SP 800-38A F.2.5 and F.2.6",
			"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
			"000102030405060708090a0b0c0d0e0f",
			"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
				"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
			"f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d" +
				"39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"},
	} {
		for _, impl := range append(implementations(), chosen) {
			t.Run(v.name+"/"+impl.name, func(t *testing.T) {
				check(t, impl, (*[32]byte)(testkit.Hex(t, v.key)), (*[16]byte)(testkit.Hex(t, v.iv)), testkit.Hex(t, v.plaintext), testkit.Hex(t, v.ciphertext))
			})
		}
	}
}

func TestWycheproof(t *testing.T) {
	var file struct {
		TestGroups []struct {
			KeySize int
			Tests   []struct {
				TcID             int
				Comment, Result  string
				Flags            []string
				Key, IV, Msg, CT string
			}
		}
	}
	testkit.Wycheproof(t, "../..", "aes_cbc_pkcs5_test.json", &file)
	ran := 0
	for _, group := range file.TestGroups {
		if group.KeySize != 256 {
			continue
		}
		for _, v := range group.Tests {
			// Padding is checked by internal/aessha2, and by its tests with these vectors.
			if slices.Contains(v.Flags, "BadPadding") || slices.Contains(v.Flags, "NoPadding") {
				continue
			}
			if v.Result != "valid" {
				t.Errorf("%d: result %q of a kind that this test doesn't know: %v", v.TcID, v.Result, v.Flags)
			}
			ran++
			plaintext := testkit.Hex(t, v.Msg)
			pad := 16 - len(plaintext)%16
			plaintext = append(plaintext, bytes.Repeat([]byte{byte(pad)}, pad)...)
			for _, impl := range append(implementations(), chosen) {
				t.Run(fmt.Sprintf("%d/%s", v.TcID, impl.name), func(t *testing.T) {
					check(t, impl, (*[32]byte)(testkit.Hex(t, v.Key)), (*[16]byte)(testkit.Hex(t, v.IV)), plaintext, testkit.Hex(t, v.CT))
				})
			}
		}
	}
	if ran != 24 {
		t.Errorf("%d vectors, want 24", ran)
	}
}

// chosen is what the rest of the module gets.
var chosen = cbc{"chosen", EncryptCBC, DecryptCBC}

func TestStandardLibrary(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	counts := []int{2048}
	for n := range 41 {
		counts = append(counts, n)
	}
	for _, n := range counts {
		for range 3 {
			var key [32]byte
			var iv [16]byte
			plaintext, ciphertext := make([]byte, 16*n), make([]byte, 16*n)
			random.Read(key[:])
			random.Read(iv[:])
			random.Read(plaintext)
			standard.encrypt(ciphertext, plaintext, &key, &iv)
			for _, impl := range append(implementations(), chosen) {
				if n > 0 || impl.name != "aes-ni" { // the assembly gets at least one block
					check(t, impl, &key, &iv, plaintext, ciphertext)
				}
			}
		}
	}
}

// TestChain encrypts and decrypts under keys that come out of the step before, so that one wrong bit
// in a key schedule anywhere shows at the end.
func TestChain(t *testing.T) {
	steps := 2000
	if testing.Short() {
		steps = 200
	}
	run := func(impl cbc) (key [32]byte) {
		var iv [16]byte
		var block [80]byte
		for i := range steps {
			if i%2 == 0 {
				impl.encrypt(block[:], block[:], &key, &iv)
			} else {
				impl.decrypt(block[:], block[:], &key, &iv)
			}
			for j, x := range block {
				key[j%32] ^= x
				iv[j%16] += x
			}
		}
		return key
	}
	want := run(standard)
	for _, impl := range append(implementations(), chosen) {
		if got := run(impl); got != want {
			t.Errorf("%s: %x, want %x", impl.name, got, want)
		}
	}
}

func TestLengths(t *testing.T) {
	var key [32]byte
	var iv [16]byte
	buf := make([]byte, 64)
	EncryptCBC(nil, nil, &key, &iv)
	DecryptCBC(nil, nil, &key, &iv)
	for _, c := range []struct{ dst, src int }{{64, 1}, {64, 2}, {64, 4}, {64, 8}, {64, 15}, {64, 17}, {64, 24}, {64, 63}, {0, 16}, {15, 16}, {16, 32}, {63, 64}} {
		for name, f := range map[string]func(dst, src []byte, key *[32]byte, iv *[16]byte){"EncryptCBC": EncryptCBC, "DecryptCBC": DecryptCBC} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s accepts %d bytes for %d", name, c.dst, c.src)
					}
				}()
				f(buf[:c.dst], bytes.Clone(buf[:c.src]), &key, &iv)
			}()
		}
	}
	if !bytes.Equal(buf, make([]byte, 64)) {
		t.Error("a refused call wrote something")
	}
}

func TestAllocations(t *testing.T) {
	for _, impl := range append(implementations(), chosen) {
		if impl.name == "std" || impl.name == "chosen" && Allocates {
			continue // see aes.go
		}
		buf := make([]byte, 1024)
		var key [32]byte
		var iv [16]byte
		testkit.NoAllocations(t, impl.name, 20, func() {
			impl.encrypt(buf, buf, &key, &iv)
			impl.decrypt(buf, buf, &key, &iv)
		})
	}
	if Allocates {
		return
	}
	testkit.NoAllocations(t, "an argument escapes", 20, func() {
		var buf [48]byte // on the stack, like key and iv
		var key [32]byte
		var iv [16]byte
		EncryptCBC(buf[:], buf[:], &key, &iv)
		DecryptCBC(buf[:], buf[:], &key, &iv)
	})
}

func TestImplementation(t *testing.T) {
	t.Logf("this machine uses %s", Implementation())
	if want := implementations()[0].name; Implementation() != want {
		t.Errorf("uses %s, but could use %s", Implementation(), want)
	}
}

func BenchmarkEncrypt(b *testing.B) {
	benchmark(b, func(c cbc) func(dst, src []byte, key *[32]byte, iv *[16]byte) { return c.encrypt })
}

func BenchmarkDecrypt(b *testing.B) {
	benchmark(b, func(c cbc) func(dst, src []byte, key *[32]byte, iv *[16]byte) { return c.decrypt })
}

// benchmark includes the key expansion, because no key is used twice.
func benchmark(b *testing.B, direction func(cbc) func(dst, src []byte, key *[32]byte, iv *[16]byte)) {
	for _, n := range []int{64, 1 << 10, 32 << 10} {
		for _, impl := range append(implementations(), standard) {
			f := direction(impl)
			b.Run(fmt.Sprintf("%d/%s", n, impl.name), func(b *testing.B) {
				var key [32]byte
				var iv [16]byte
				buf := make([]byte, n)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					f(buf, buf, &key, &iv)
				}
			})
		}
	}
}
