package bench_test

import (
	"strings"
	"testing"

	"github.com/karst-im/karst/bench"
)

// run measures the operation of a name, or, if it has variants such as sizes, each of them under its own name.
func run(b *testing.B, name string) {
	found := false
	for _, op := range bench.Operations() {
		variant, isVariant := strings.CutPrefix(op.Name, name+"/")
		switch {
		case op.Name == name:
			measure(b, op, new(bench.Loop))
			return
		case isVariant:
			found = true
			var loop bench.Loop // the function below runs more than once, and some are long to prepare
			b.Run(variant, func(b *testing.B) { measure(b, op, &loop) })
		}
	}
	if !found {
		b.Fatalf("there is no operation %s", name)
	}
}

func measure(b *testing.B, op bench.Operation, prepared *bench.Loop) {
	b.StopTimer()
	b.ReportAllocs()
	b.SetBytes(int64(op.Bytes))
	if *prepared == nil {
		*prepared = op.Prepare()
	}
	b.ResetTimer()
	(*prepared)(b, b.N)
}

func BenchmarkAccountNew(b *testing.B)    { run(b, "AccountNew") }
func BenchmarkOneTimeKeys50(b *testing.B) { run(b, "OneTimeKeys50") }
func BenchmarkAccountSign(b *testing.B)   { run(b, "AccountSign") }

func BenchmarkOlmOutbound(b *testing.B) { run(b, "OlmOutbound") }
func BenchmarkOlmInbound(b *testing.B)  { run(b, "OlmInbound") }
func BenchmarkOlmEncrypt(b *testing.B)  { run(b, "OlmEncrypt") }
func BenchmarkOlmDecrypt(b *testing.B)  { run(b, "OlmDecrypt") }
func BenchmarkOlmPingPong(b *testing.B) { run(b, "OlmPingPong") }
func BenchmarkOlmSkip40(b *testing.B)   { run(b, "OlmSkip40") }

func BenchmarkMegolmNew(b *testing.B)        { run(b, "MegolmNew") }
func BenchmarkMegolmInboundNew(b *testing.B) { run(b, "MegolmInboundNew") }
func BenchmarkMegolmEncrypt(b *testing.B)    { run(b, "MegolmEncrypt") }
func BenchmarkMegolmDecrypt(b *testing.B)    { run(b, "MegolmDecrypt") }
func BenchmarkMegolmFar(b *testing.B)        { run(b, "MegolmFar") }
func BenchmarkMegolmExport(b *testing.B)     { run(b, "MegolmExport") }
func BenchmarkMegolmImport(b *testing.B)     { run(b, "MegolmImport") }

func BenchmarkPickleAccount50(b *testing.B)         { run(b, "PickleAccount50") }
func BenchmarkUnpickleAccount50(b *testing.B)       { run(b, "UnpickleAccount50") }
func BenchmarkUnpickleAccount50Stored(b *testing.B) { run(b, "UnpickleAccount50/stored") }
func BenchmarkPickleSession(b *testing.B)           { run(b, "PickleSession") }
func BenchmarkUnpickleSession(b *testing.B)         { run(b, "UnpickleSession") }
func BenchmarkPickleMegolm(b *testing.B)            { run(b, "PickleMegolm") }
func BenchmarkUnpickleMegolm(b *testing.B)          { run(b, "UnpickleMegolm") }

func BenchmarkHotOlm(b *testing.B)    { run(b, "HotOlm") }
func BenchmarkHotMegolm(b *testing.B) { run(b, "HotMegolm") }
func BenchmarkBackfill(b *testing.B)  { run(b, "Backfill") }
func BenchmarkFanOut(b *testing.B)    { run(b, "FanOut") }

func BenchmarkSAS(b *testing.B)           { run(b, "SAS") }
func BenchmarkPkEncrypt1KiB(b *testing.B) { run(b, "PkEncrypt1KiB") }
func BenchmarkPkDecrypt1KiB(b *testing.B) { run(b, "PkDecrypt1KiB") }

func BenchmarkGrowthSessions(b *testing.B) { run(b, "Growth/Sessions") }
func BenchmarkGrowthSize(b *testing.B)     { run(b, "Growth/Size") }
func BenchmarkGrowthOlmSize(b *testing.B)  { run(b, "Growth/OlmSize") }
func BenchmarkGrowthJump(b *testing.B)     { run(b, "Growth/Jump") }

// BenchmarkMemory measures no time, but the heap that an idle session takes.
func BenchmarkMemory(b *testing.B) {
	for _, held := range bench.Memory() {
		b.Run(strings.TrimPrefix(held.Name, "Memory"), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(held.Bytes(bench.HeldObjects), "B/session")
			}
			b.ReportMetric(0, "ns/op") // which hides it
		})
	}
}
