package bench_test

import (
	"testing"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
)

// The sinks keep results alive, so that nothing is optimised away.
var (
	sink    any
	sinkBuf []byte
)

var pickleKey = []byte("32 random bytes from a key store")

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// sizes are those of a short message, a long one, and a small file.
var sizes = []struct {
	name string
	n    int
}{{"64B", 64}, {"1KiB", 1 << 10}, {"32KiB", 32 << 10}}

func bySize(b *testing.B, f func(b *testing.B, plaintext []byte)) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size.n))
			f(b, make([]byte, size.n))
		})
	}
}

// account returns an account with n one-time keys, and the newest of them.
func account(n int) (*olm.Account, keys.Curve25519) {
	a := olm.NewAccount()
	check(a.GenerateOneTimeKeys(n))
	for _, key := range a.OneTimeKeys() {
		return a, key
	}
	return a, keys.Curve25519{}
}

// sessions returns both sides of a session in which both have sent.
func sessions() (alice, bob *olm.Session) {
	a := olm.NewAccount()
	b, oneTime := account(1)
	alice = must(a.NewOutboundSession(b.IdentityKeys().Curve25519, oneTime))
	bob, _, err := b.Accept(a.IdentityKeys().Curve25519, must(alice.Encrypt([]byte("1"))))
	check(err)
	must(alice.Decrypt(must(bob.Encrypt([]byte("2")))))
	must(bob.Decrypt(must(alice.Encrypt([]byte("3")))))
	return alice, bob
}

func group() (*megolm.OutboundSession, *megolm.InboundSession) {
	out := megolm.NewOutboundSession()
	return out, must(megolm.NewInboundSession(must(out.SessionKey())))
}

func BenchmarkAccountNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink = olm.NewAccount()
	}
}

func BenchmarkOneTimeKeys50(b *testing.B) {
	b.ReportAllocs()
	a, _ := account(100) // steady: old ones give way
	for b.Loop() {
		check(a.GenerateOneTimeKeys(50))
	}
}

func BenchmarkAccountSign(b *testing.B) {
	b.ReportAllocs()
	a, _ := account(1)
	message := make([]byte, 256)
	for b.Loop() {
		must(a.Sign(message))
	}
}

func BenchmarkOlmOutbound(b *testing.B) {
	b.ReportAllocs()
	a := olm.NewAccount()
	peer, oneTime := account(1)
	identity, plaintext := peer.IdentityKeys().Curve25519, make([]byte, 64)
	for b.Loop() {
		s := must(a.NewOutboundSession(identity, oneTime))
		sink = must(s.Encrypt(plaintext))
	}
}

func BenchmarkOlmInbound(b *testing.B) {
	b.ReportAllocs()
	a := olm.NewAccount()
	peer, oneTime := account(50)
	s := must(a.NewOutboundSession(peer.IdentityKeys().Curve25519, oneTime))
	message, from := must(s.Encrypt(make([]byte, 64))), a.IdentityKeys().Curve25519
	pickled := must(peer.Pickle(pickleKey))
	for b.Loop() {
		b.StopTimer()
		fresh := must(olm.UnpickleAccount(pickleKey, pickled))
		b.StartTimer()
		_, plaintext, err := fresh.Accept(from, message)
		check(err)
		sinkBuf = plaintext
	}
}

func BenchmarkOlmEncrypt(b *testing.B) {
	bySize(b, func(b *testing.B, plaintext []byte) {
		alice, _ := sessions()
		buf := make([]byte, 0, alice.MessageLen(len(plaintext))+8)
		for b.Loop() {
			_, sinkBuf, _ = alice.AppendEncrypt(buf, plaintext)
		}
	})
}

func BenchmarkOlmDecrypt(b *testing.B) {
	bySize(b, func(b *testing.B, plaintext []byte) {
		alice, bob := sessions()
		buf := make([]byte, 0, len(plaintext)+16)
		var batch []olm.Message
		for b.Loop() {
			if len(batch) == 0 {
				b.StopTimer()
				for range 100 {
					batch = append(batch, must(alice.Encrypt(plaintext)))
				}
				b.StartTimer()
			}
			sinkBuf = must(bob.AppendDecrypt(buf, batch[0]))
			batch = batch[1:]
		}
	})
}

func BenchmarkOlmPingPong(b *testing.B) {
	b.ReportAllocs()
	alice, bob := sessions()
	plaintext := make([]byte, 64)
	for b.Loop() {
		must(bob.Decrypt(must(alice.Encrypt(plaintext))))
		must(alice.Decrypt(must(bob.Encrypt(plaintext))))
	}
}

func BenchmarkOlmSkip40(b *testing.B) {
	b.ReportAllocs()
	alice, bob := sessions()
	plaintext := make([]byte, 64)
	for b.Loop() {
		b.StopTimer()
		var late []olm.Message
		for range 40 {
			late = append(late, must(alice.Encrypt(plaintext)))
		}
		b.StartTimer()
		for i := range late { // the newest first: all others are skipped
			sinkBuf = must(bob.Decrypt(late[len(late)-1-i]))
		}
	}
}

func BenchmarkMegolmNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink = megolm.NewOutboundSession()
	}
}

func BenchmarkMegolmInboundNew(b *testing.B) {
	b.ReportAllocs()
	out, _ := group()
	key := must(out.SessionKey())
	for b.Loop() {
		sink = must(megolm.NewInboundSession(key))
	}
}

func BenchmarkMegolmEncrypt(b *testing.B) {
	bySize(b, func(b *testing.B, plaintext []byte) {
		out, _ := group()
		buf := make([]byte, 0, out.MessageLen(len(plaintext))+8)
		for b.Loop() {
			sinkBuf = must(out.AppendEncrypt(buf, plaintext))
		}
	})
}

func BenchmarkMegolmDecrypt(b *testing.B) {
	bySize(b, func(b *testing.B, plaintext []byte) {
		out, in := group()
		buf := make([]byte, 0, len(plaintext)+16)
		var batch []megolm.Message
		for b.Loop() {
			if len(batch) == 0 {
				b.StopTimer()
				for range 100 {
					batch = append(batch, must(out.Encrypt(plaintext)))
				}
				b.StartTimer()
			}
			sinkBuf, _, _ = in.AppendDecrypt(buf, batch[0])
			batch = batch[1:]
		}
	})
}

// BenchmarkMegolmFar decrypts a message 2^16 behind the last one that was seen.
func BenchmarkMegolmFar(b *testing.B) {
	b.ReportAllocs()
	out, in := group()
	for range 1 << 16 {
		sinkBuf = must(out.AppendEncrypt(sinkBuf[:0], nil))
	}
	message, pickled := must(out.Encrypt(make([]byte, 64))), must(in.Pickle(pickleKey))
	for b.Loop() {
		b.StopTimer()
		fresh := must(megolm.UnpickleInboundSession(pickleKey, pickled))
		b.StartTimer()
		sinkBuf, _, _ = fresh.Decrypt(message)
	}
}

func BenchmarkMegolmExport(b *testing.B) {
	b.ReportAllocs()
	_, in := group()
	for b.Loop() {
		k := must(in.Export(0))
		sink = k.Base64()
	}
}

func BenchmarkMegolmImport(b *testing.B) {
	b.ReportAllocs()
	_, in := group()
	k := must(in.Export(0))
	text := k.Base64()
	for b.Loop() {
		sink = must(megolm.ImportSession(must(megolm.ParseExportedKey(text))))
	}
}

func BenchmarkPickleAccount50(b *testing.B) {
	b.ReportAllocs()
	a, _ := account(50)
	for b.Loop() {
		sinkBuf = must(a.Pickle(pickleKey))
	}
}

func BenchmarkUnpickleAccount50(b *testing.B) {
	b.ReportAllocs()
	a, _ := account(50)
	pickled := must(a.Pickle(pickleKey))
	for b.Loop() {
		sink = must(olm.UnpickleAccount(pickleKey, pickled))
	}
}

func BenchmarkPickleSession(b *testing.B) {
	b.ReportAllocs()
	alice, _ := sessions()
	for b.Loop() {
		sinkBuf = must(alice.Pickle(pickleKey))
	}
}

func BenchmarkUnpickleSession(b *testing.B) {
	b.ReportAllocs()
	alice, _ := sessions()
	pickled := must(alice.Pickle(pickleKey))
	for b.Loop() {
		sink = must(olm.UnpickleSession(pickleKey, pickled))
	}
}

func BenchmarkPickleMegolm(b *testing.B) {
	b.ReportAllocs()
	_, in := group()
	for b.Loop() {
		sinkBuf = must(in.Pickle(pickleKey))
	}
}

func BenchmarkUnpickleMegolm(b *testing.B) {
	b.ReportAllocs()
	_, in := group()
	pickled := must(in.Pickle(pickleKey))
	for b.Loop() {
		sink = must(megolm.UnpickleInboundSession(pickleKey, pickled))
	}
}

// BenchmarkHotOlm is what a bridge does for every message.
func BenchmarkHotOlm(b *testing.B) {
	b.ReportAllocs()
	alice, bob := sessions()
	message, pickled := must(alice.Encrypt(make([]byte, 64))), must(bob.Pickle(pickleKey))
	for b.Loop() {
		s := must(olm.UnpickleSession(pickleKey, pickled))
		sinkBuf = must(s.Decrypt(message))
		sinkBuf = must(s.Pickle(pickleKey))
	}
}

// BenchmarkHotMegolm is what a bridge does for every message.
func BenchmarkHotMegolm(b *testing.B) {
	b.ReportAllocs()
	out, in := group()
	message, pickled := must(out.Encrypt(make([]byte, 64))), must(in.Pickle(pickleKey))
	for b.Loop() {
		s := must(megolm.UnpickleInboundSession(pickleKey, pickled))
		sinkBuf, _, _ = s.Decrypt(message)
		sinkBuf = must(s.Pickle(pickleKey))
	}
}

func BenchmarkSAS(b *testing.B) {
	b.ReportAllocs()
	theirs := sas.New().PublicKey()
	for b.Loop() {
		sink = must(must(sas.New().Establish(theirs)).Bytes("info"))
	}
}

func BenchmarkPkEncrypt1KiB(b *testing.B) {
	b.ReportAllocs()
	e, plaintext := pk.NewEncryption(pk.NewDecryption().PublicKey()), make([]byte, 1<<10)
	for b.Loop() {
		sink = must(e.Encrypt(plaintext))
	}
}

func BenchmarkPkDecrypt1KiB(b *testing.B) {
	b.ReportAllocs()
	d := pk.NewDecryption()
	message := must(pk.NewEncryption(d.PublicKey()).Encrypt(make([]byte, 1<<10)))
	for b.Loop() {
		sinkBuf = must(d.Decrypt(message))
	}
}
