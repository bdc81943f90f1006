package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/karst-im/karst/megolm"
)

// What the cost of an operation grows with.

// GrowthSessions are the numbers of inbound Megolm sessions that a bridge holds in Growth/Sessions.
func GrowthSessions() []int { return []int{1e3, 1e4, 1e5, 1e6} }

// GrowthSizes are the sizes of the messages in Growth/Size (Megolm) and Growth/OlmSize.
func GrowthSizes() (sizes []int) {
	for size := 64; size <= 16<<20; size *= 4 {
		sizes = append(sizes, size)
	}
	return sizes
}

// GrowthJumps are the distances from the last message that was seen to the next one in Growth/Jump.
func GrowthJumps() (distances []uint32) {
	for i := range 25 {
		distances = append(distances, 1<<i)
	}
	return distances
}

// JumpFrom is the index that was seen last in Growth/Jump. From here every part of the ratchet that a distance
// of 2^n reaches has to be hashed as often as it can be: behind it all four parts change, and 2^n more is an
// index that ends in ones.
const JumpFrom = 1<<24 - 1

// DistinctSenders is how many senders there are in Growth/Sessions at most: making one takes as long as four
// decryptions. Further sessions are memory of their own that holds the pickle of one of these. They are far
// more than the keys of which tables are kept: with 10,000 senders, at most one verification in about forty finds one,
// with a million none would.
const DistinctSenders = 10_000

// heavySize is where a message becomes too much for a quick test.
const heavySize = 1 << 20

// Growth returns the table's part about growth, for functions that measure HotMegolm with a number of sessions
// held, MegolmDecrypt and OlmDecrypt with a size of messages, and a jump between two indices.
func Growth(sessions, megolmSize, olmSize func(int) Loop, jump func(seen, index uint32) Loop) (all []Operation) {
	for _, held := range GrowthSessions() {
		all = append(all, Operation{Name: fmt.Sprintf("Growth/Sessions/%d", held), Bytes: 64, Heavy: held > 1e3,
			Prepare: func() Loop { return sessions(held) }})
	}
	for _, size := range GrowthSizes() {
		all = append(all, Operation{Name: fmt.Sprintf("Growth/Size/%d", size), Bytes: size, Heavy: size >= heavySize,
			Prepare: func() Loop { return megolmSize(size) }})
	}
	for _, size := range GrowthSizes() {
		all = append(all, Operation{Name: fmt.Sprintf("Growth/OlmSize/%d", size), Bytes: size, Heavy: size >= heavySize,
			Prepare: func() Loop { return olmSize(size) }})
	}
	for _, distance := range GrowthJumps() {
		all = append(all, Operation{Name: fmt.Sprintf("Growth/Jump/%d", distance), Bytes: 64,
			Prepare: func() Loop { return jump(JumpFrom, JumpFrom+distance) }})
	}
	return all
}

func growthOperations() []Operation {
	return Growth(growthSessions, megolmDecrypt, olmDecrypt, megolmJump)
}

// growthSessions is HotMegolm for a message of any of the sessions that are held.
func growthSessions(held int) Loop {
	return HeldSessions(held, func() (pickled, text []byte) {
		out := megolm.NewOutboundSession()
		in := must(megolm.NewInboundSession(must(out.SessionKey())))
		return must(in.Pickle(pickleKey)), encryptGroupText(out, make([]byte, 64))
	}, hotMegolm)
}

// HeldSessions returns the loop of a program that holds the pickles of many sessions, and gets a message of any
// of them. sender makes a session and a message, hot handles a message.
func HeldSessions(held int, sender func() (pickled, text []byte), hot func(pickled, text []byte) (plaintext, changed []byte)) Loop {
	type session struct{ pickled, text []byte }
	sessions := make([]session, held)
	for i := range sessions {
		if i < DistinctSenders {
			sessions[i].pickled, sessions[i].text = sender()
		} else {
			sessions[i] = sessions[i%DistinctSenders]
			sessions[i].pickled = bytes.Clone(sessions[i].pickled)
		}
	}
	plaintext, _ := hot(sessions[held-1].pickled, sessions[held-1].text)
	CheckPlaintext(plaintext, 64)
	random := rand.New(rand.NewPCG(1, 1)) // the same order each time
	return Repeat(func() {
		s := &sessions[random.IntN(held)]
		sinkBytes, s.pickled = hot(s.pickled, s.text)
	})
}
