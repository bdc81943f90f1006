// Package peertest checks the tables of the peers that are written in Go.
package peertest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/bench"
	"github.com/karst-im/karst/bench/compare/internal/peer"
)

// names has the operations of the comparison, which every peer calls by the same names.
var names = strings.Fields(`
	AccountNew OneTimeKeys50 AccountSign OlmOutbound OlmInbound
	OlmEncrypt/64B OlmEncrypt/1KiB OlmEncrypt/32KiB OlmDecrypt/64B OlmDecrypt/1KiB OlmDecrypt/32KiB OlmPingPong OlmSkip40
	MegolmNew MegolmInboundNew
	MegolmEncrypt/64B MegolmEncrypt/1KiB MegolmEncrypt/32KiB MegolmDecrypt/64B MegolmDecrypt/1KiB MegolmDecrypt/32KiB
	MegolmFar MegolmExport MegolmImport
	PickleAccount50 UnpickleAccount50 PickleSession UnpickleSession PickleMegolm UnpickleMegolm HotOlm HotMegolm
	SAS PkEncrypt1KiB PkDecrypt1KiB Backfill FanOut`)

// variant matches what a name may be followed by.
var variant = regexp.MustCompile(`/(raw|stored)$`)

// Check checks a peer that lacks some operations: that its table has all others, under their names, and
// nothing else, that each of them runs, but for the heavy ones, and that objects take a plausible amount of
// memory.
func Check(t *testing.T, p *peer.Peer, lacks ...string) {
	seen, all := map[string]bool{}, slices.Concat(names, growthNames())
	for _, op := range p.Operations {
		if seen[op.Name] {
			t.Errorf("%s is there twice", op.Name)
		}
		seen[op.Name] = true
		if !slices.Contains(all, op.Name) && !slices.Contains(all, variant.ReplaceAllString(op.Name, "")) {
			t.Errorf("%s is not a name of the comparison", op.Name)
		}
		if op.Heavy && !strings.HasPrefix(op.Name, "Growth/") {
			t.Errorf("%s is heavy, and so would not be tested", op.Name)
		}
		if !op.Heavy {
			t.Run(op.Name, func(t *testing.T) { runOnce(t, op) })
		}
	}
	for _, name := range all {
		if seen[name] == slices.Contains(lacks, name) {
			t.Errorf("%s: there: %v", name, seen[name])
		}
	}
	checkMemory(t, p)
	if p.Version == "" || strings.Contains(p.Version, "\n") {
		t.Errorf("version %q", p.Version)
	}
}

// growthNames has what charts are drawn of.
func growthNames() (all []string) {
	add := func(chart string, x any) { all = append(all, fmt.Sprintf("Growth/%s/%d", chart, x)) }
	for _, held := range bench.GrowthSessions() {
		add("Sessions", held)
	}
	for _, size := range bench.GrowthSizes() {
		add("Size", size)
		add("OlmSize", size)
	}
	for _, distance := range bench.GrowthJumps() {
		add("Jump", distance)
	}
	return all
}

// runOnce prepares an operation, in which it checks itself, and then runs one iteration, and a few.
func runOnce(t *testing.T, op bench.Operation) {
	loop := op.Prepare()
	for _, n := range []int{1, 3} {
		if d := peer.Time(loop, n); d <= 0 {
			t.Errorf("%d iterations took %v", n, d)
		}
	}
}

func checkMemory(t *testing.T, p *peer.Peer) {
	var got []string
	for _, held := range p.Memory {
		got = append(got, held.Name)
		// A Megolm session has two ratchets of 128 bytes at least; nobody's session takes more than a few pages.
		if bytes := held.Bytes(1000); bytes < 256 || bytes > 16<<10 {
			t.Errorf("%s: %v bytes", held.Name, bytes)
		}
	}
	if want := []string{"MemorySession", "MemorySession40", "MemoryMegolm"}; !slices.Equal(got, want) {
		t.Errorf("memory of %q, want of %q", got, want)
	}
}
