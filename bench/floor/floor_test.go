package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/bench"
)

// without are the operations that are not taken apart: many of one kind, or variants of others.
var without = []string{"OlmSkip40", "MegolmExport", "Backfill", "FanOut", "UnpickleAccount50/stored"}

func TestOperations(t *testing.T) {
	for _, op := range bench.Operations() {
		known := slices.ContainsFunc(operations, func(o operation) bool { return o.name == op.Name })
		raw := strings.HasSuffix(op.Name, "/raw") || strings.HasPrefix(op.Name, "Growth/")
		if !known && !raw && !slices.Contains(without, op.Name) {
			t.Errorf("%s is not taken apart", op.Name)
		}
	}
}

func TestPrimitives(t *testing.T) {
	for _, op := range operations {
		for _, p := range op.parts {
			if p.times <= 0 {
				t.Errorf("%s has no %s", op.name, p.primitive.name)
			}
			p.primitive.run(p.n)()
		}
	}
}
