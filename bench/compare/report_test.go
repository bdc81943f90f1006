package main

import (
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	r := sample()
	r.Started = time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	targets, err := parseTargets("karst geomean vodozemac 0.65\nkarst OlmEncrypt/64B goolm 0.5\nkarst SAS vodozemac 0.75\n" +
		"karst MemoryMegolm bytes 320\nkarst-c every libolm 1\nkarst-wasm every olm.wasm 1\n")
	if err != nil {
		t.Fatal(err)
	}
	text := r.report(targets, []chartFile{{"a.svg", "A chart"}})
	for _, want := range []string{
		"# karst: 2020-02-29\n",
		"* **karst to vodozemac: 0.59** over 4 operations (0.56 over 6,",
		"* karst to libolm-cgo: not measured\n",
		"* karst-c to libolm: 1.00 over 3 operations\n",
		"Targets: 3 reached, 3 missed, 2 not measured.\n",
		"![A chart](a.svg)\n",
		"| operation | karst | vodozemac | vodozemac-native | goolm | libolm | to the fastest |\n|---|---|---|---|---|---|---|\n",
		"| AccountNew | 0.100 / 0.200 | 0.200 / 0.400 (0.50) | 0.050 / 0.100 (**2.00**) | 0.400 / 0.800 (0.25) | 0.300 / 0.600 (0.33) | 0.50 vodozemac |\n",
		"| OlmEncrypt/64B | 0.300 / 0.600 | 0.150 / 0.300 (**2.00**) | - | 0.100 / 0.200 (**3.00**) | 1.00 / 2.00 (0.30) | **3.00** goolm |\n",
		"| SAS | 0.050 / 0.100 | - | - | - | - | - |\n", // not dropped where karst is alone
		"| PickleSession/compat | 0.010 / 0.020 | 0.080 / 0.160 (0.12) | - | 0.030 / 0.060 (0.33) | 0.020 / 0.040 (0.50) | 0.50 libolm |\n",
		"1 of 4 reached, 2 missed, 1 not measured.",
		"| OlmEncrypt/64B | goolm | 0.50 | 3.00 | **missed** | goolm **3.00** |\n",
		"| SAS | vodozemac | 0.75 | - | not measured | - |\n",
		"| MemoryMegolm | bytes | 320 | 321 | **missed** | - |\n",
		"karst-c is ahead in 2 of 3 rows.",
		"| OlmEncrypt/64B | 2.00 / 4.00 | 1.00 / 2.00 (**2.00**) | **missed** |\n",
		"## In its place: karst-wasm and olm.wasm\n\nNot measured in this run.\n",
		"| object | karst | goolm |\n|---|---|---|\n| MemorySession | 640 | 672 |\n| MemoryMegolm | 321 | - |\n",
		"| bytes | karst | goolm |\n|---|---|---|\n| 64 | 0.100 | 0.300 |\n| 640 | 0.316 | 3.00 |\n| 6,400 | 1.00 | 30.0 |\n| slope | 0.50, from 640 B 0.50, 6400 MB/s | 1.00, from 640 B 1.00, 213 MB/s |\n",
		"| 10,000,000 | - | - | 0.001 |\n| slope | 0.00 | 0.67 | no slope |\n",
		"slide rule, cores: 1 (aes)",
		"differ by 50 % (median)",
		"| goolm | goolm 1.0 |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestMissing checks that a report says why a peer was not measured.
func TestMissing(t *testing.T) {
	r := some(map[string]map[string]float64{"A": {"karst": 100}}, "A")
	text := r.report(nil, nil)
	for _, want := range []string{"* karst to vodozemac: not measured\n", "| vodozemac | missing: nobody brought vodozemac |\n", "| A | 0.100 / 0.200 | - |\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestNumbers(t *testing.T) {
	for ns, want := range map[float64]string{94: "0.094", 999.4: "0.999", 999.6: "1.00", 9994: "9.99", 9996: "10.0", 99940: "99.9", 99960: "100",
		6628000: "6,628", 1234567890: "1,234,568", 999499: "999", 999500.1: "1,000"} {
		if got := microseconds(ns); got != want {
			t.Errorf("%v ns: %s, want %s", ns, got, want)
		}
	}
	for ns, want := range map[float64]string{1: "1 ns", 100: "100 ns", 1e3: "1 µs", 1e6: "1 ms", 1e8: "100 ms", 1e9: "1 s", 1e10: "10 s"} {
		if got := duration(ns); got != want {
			t.Errorf("%v ns: %s, want %s", ns, got, want)
		}
	}
	for bytes, want := range map[float64]string{64: "64 B", 1 << 10: "1 KiB", 16 << 20: "16 MiB"} {
		if got := inBinary(bytes); got != want {
			t.Errorf("%v bytes: %s, want %s", bytes, got, want)
		}
	}
}
