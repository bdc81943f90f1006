package main

import (
	"testing"

	"github.com/karst-im/karst/bench/compare/internal/peertest"
)

func TestOperations(t *testing.T) { peertest.Check(t, karst()) }
