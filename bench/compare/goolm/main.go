// Command goolm is the side of the comparison that mautrix takes: goolm, its own implementation, or, with the
// build tag libolm, the C library as mautrix calls it. Neither has SAS; of PK encryption mautrix has nothing
// but what signs.
package main

import (
	"slices"

	"github.com/karst-im/karst/bench"
	"github.com/karst-im/karst/bench/compare/internal/peer"
)

func main() { mautrix().Main() }

func mautrix() *peer.Peer {
	register()
	return &peer.Peer{
		Version: library() + ", mautrix " + peer.Module("maunium.net/go/mautrix") + ", " + peer.Build(),
		Operations: slices.Concat(accountOperations(), olmOperations(), megolmOperations(), pickleOperations(),
			loopOperations(), growthOperations()),
		Memory: memory(),
	}
}

// sinkBytes keeps results alive, so that nothing is optimised away, as bench.Sink does.
var sinkBytes []byte

// operation adds a row of the table to those before it.
func operation(all []bench.Operation, name string, bytes int, prepare func() bench.Loop) []bench.Operation {
	return append(all, bench.Operation{Name: name, Bytes: bytes, Prepare: prepare})
}
