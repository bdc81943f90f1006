// Command karst is karst's side of the comparison: the table of package bench.
package main

import (
	"github.com/karst-im/karst/bench"
	"github.com/karst-im/karst/bench/compare/internal/peer"
)

func main() { karst().Main() }

func karst() *peer.Peer {
	return &peer.Peer{
		Version:    "karst " + peer.Revision() + ", " + peer.Build(),
		Operations: bench.Operations(),
		Memory:     bench.Memory(),
	}
}
