package compare

import (
	"testing"

	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

var sizes = []struct {
	name string
	n    int
}{{"64B", 64}, {"1KiB", 1 << 10}, {"32KiB", 32 << 10}}

// rows runs the benchmarks of one operation at every size, each beside its peers.
func rows(b *testing.B, row func(run func(name string, f func(b *testing.B)), plaintext []byte)) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			row(func(name string, f func(b *testing.B)) {
				b.Run(name, func(b *testing.B) { b.ReportAllocs(); f(b) })
			}, make([]byte, size.n))
		})
	}
}

// consume runs use on messages that make has made outside the measured time.
func consume[M any](b *testing.B, make func() M, use func(M)) {
	var batch []M
	for b.Loop() {
		if len(batch) == 0 {
			b.StopTimer()
			for range 100 {
				batch = append(batch, make())
			}
			b.StartTimer()
		}
		use(batch[0])
		batch = batch[1:]
	}
}

func BenchmarkOlmEncrypt(b *testing.B) {
	rows(b, func(run func(string, func(*testing.B)), plaintext []byte) {
		run("karst-raw", func(b *testing.B) {
			s, _ := karstPair()
			for b.Loop() {
				must(s.Encrypt(plaintext))
			}
		})
		run("karst", func(b *testing.B) {
			s, _ := karstPair()
			for b.Loop() {
				_ = must(s.Encrypt(plaintext)).Body.String()
			}
		})
		run("goolm", func(b *testing.B) {
			s, _ := goolmPair()
			for b.Loop() {
				goolmEncrypt(s, plaintext)
			}
		})
		run("libolm", func(b *testing.B) {
			s, _ := libolmPair()
			for b.Loop() {
				libolmEncrypt(s, plaintext)
			}
		})
	})
}

func BenchmarkOlmDecrypt(b *testing.B) {
	rows(b, func(run func(string, func(*testing.B)), plaintext []byte) {
		run("karst-raw", func(b *testing.B) {
			from, to := karstPair()
			consume(b, func() olm.Message { return must(from.Encrypt(plaintext)) },
				func(m olm.Message) { must(to.Decrypt(m)) })
		})
		run("karst", func(b *testing.B) {
			from, to := karstPair()
			consume(b, func() []byte { return must(must(from.Encrypt(plaintext)).Body.MarshalText()) }, func(text []byte) {
				m := olm.Message{Type: olm.Normal}
				check(m.Body.UnmarshalText(text))
				must(to.Decrypt(m))
			})
		})
		run("goolm", func(b *testing.B) {
			from, to := goolmPair()
			consume(b, func() string { return goolmEncrypt(from, plaintext) },
				func(m string) { must(to.Decrypt(m, id.OlmMsgTypeMsg)) })
		})
		run("libolm", func(b *testing.B) {
			from, to := libolmPair()
			consume(b, func() string { return libolmEncrypt(from, plaintext) },
				func(m string) { must(to.Decrypt(libolm.TypeMessage, m)) })
		})
	})
}

func BenchmarkMegolmEncrypt(b *testing.B) {
	rows(b, func(run func(string, func(*testing.B)), plaintext []byte) {
		run("karst-raw", func(b *testing.B) {
			s, _ := karstGroup()
			for b.Loop() {
				must(s.Encrypt(plaintext))
			}
		})
		run("karst", func(b *testing.B) {
			s, _ := karstGroup()
			for b.Loop() {
				_ = must(s.Encrypt(plaintext)).String()
			}
		})
		run("goolm", func(b *testing.B) {
			s, _ := goolmGroup()
			for b.Loop() {
				must(s.Encrypt(plaintext))
			}
		})
		run("libolm", func(b *testing.B) {
			s, _ := libolmGroup()
			for b.Loop() {
				must(s.Encrypt(plaintext))
			}
		})
	})
}

func BenchmarkMegolmDecrypt(b *testing.B) {
	rows(b, func(run func(string, func(*testing.B)), plaintext []byte) {
		run("karst-raw", func(b *testing.B) {
			from, to := karstGroup()
			consume(b, func() megolm.Message { return must(from.Encrypt(plaintext)) }, func(m megolm.Message) {
				_, _, err := to.Decrypt(m)
				check(err)
			})
		})
		run("karst", func(b *testing.B) {
			from, to := karstGroup()
			consume(b, func() []byte { return must(must(from.Encrypt(plaintext)).MarshalText()) }, func(text []byte) {
				var m megolm.Message
				check(m.UnmarshalText(text))
				_, _, err := to.Decrypt(m)
				check(err)
			})
		})
		run("goolm", func(b *testing.B) {
			from, to := goolmGroup()
			consume(b, func() []byte { return must(from.Encrypt(plaintext)) }, func(m []byte) {
				_, _, err := to.Decrypt(m)
				check(err)
			})
		})
		run("libolm", func(b *testing.B) {
			from, to := libolmGroup()
			consume(b, func() string { return must(from.Encrypt(plaintext)) }, func(m string) {
				_, _, err := to.Decrypt(m)
				check(err)
			})
		})
	})
}
