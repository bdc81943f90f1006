package protocol

import (
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/wire"
)

// What is proven of an inbound session, and what two of them take from each other.
//
// A ratchet that nobody signed may be right in some of its parts and wrong in others, and then leads to the
// right one later: R(3) is derived anew at every multiple of 256, R(2) at every multiple of 65536, R(1) at
// every multiple of 2^24. So that two ratchets meet at one index says nothing of the indices before, and
// neither does a message that decrypts. What is proven, is proven from an index on.

// proof says how it is known that the ratchet comes from the owner of the signing key.
type proof uint8

const (
	unproven proof = iota // an exported key, which anybody can make
	// The flag of a pickle. libolm sets it for a signed session key, and also after any one message, for
	// which only provenBy holds.
	flagged
	proven // a signed session key, or messages that decrypted since, each by provenBy
)

// provenBy returns the index from which on the ratchet at from is proven by a message at index, which is
// not before from.
//
// If R(3) alone moves between the two, the key of the message is made of all four parts at from. Otherwise
// take the first part R(j) that moves, j < 3. At the next multiple of 256, 65536 or 2^24 after from it is
// replaced, and with it all behind it, by what is made of R(j): those at from don't matter any more, and nothing
// is proven of them. R(j) and what is before it do matter, by HMAC-SHA-256 alone, of which nobody finds
// collisions. The MAC of a message is 8 bytes long: to make up a ratchet for one that was sent takes 2^64 trials.
func provenBy(from, index uint32) uint32 {
	if from>>8 == index>>8 {
		return from
	}
	shift := 8
	for shift < 24 && from>>(shift+8) != index>>(shift+8) {
		shift += 8
	}
	return (from>>shift + 1) << shift
}

// prove notes that the ratchet is proven from index on.
func (g *InboundGroup) prove(index uint32) {
	if g.proof == unproven || index <= g.provenFrom {
		g.provenFrom, g.proof = index, proven
	}
}

// proveByMessage notes that the message at index decrypted.
func (g *InboundGroup) proveByMessage(index uint32) {
	first := g.initial.Counter()
	switch {
	case index >= first:
		g.prove(provenBy(first, index))
	case g.proof == unproven: // wire.Lenient alone goes round; it wants no more than the flag
		g.flag()
	}
}

// flag notes that a pickle's flag is set. Every message that can have set it is at or before the latest
// ratchet.
func (g *InboundGroup) flag() {
	first, latest := g.initial.Counter(), g.latest.Counter()
	g.provenFrom, g.proof = first, flagged
	if latest >= first && provenBy(first, latest) == first {
		g.proof = proven
	}
}

// VerifiedFrom returns the index from which on the ratchet is known to come from the owner of the
// signing key, and whether there is one.
func (g *InboundGroup) VerifiedFrom() (index uint32, ok bool) {
	return g.provenFrom, g.proof != unproven
}

// Verified reports whether all that g knows is known to come from the owner of the signing key. The flag
// of libolm is another: whether anything is, as VerifiedFrom says.
func (g *InboundGroup) Verified() bool {
	return g.proof != unproven && g.provenFrom == g.initial.Counter()
}

// never is behind all indices.
const never = 1 << 32

// surely returns the first index, from least on, at which g is proven by more than a flag.
func (g *InboundGroup) surely(least uint32) uint64 {
	index := g.provenFrom
	switch g.proof {
	case unproven:
		return never
	case flagged:
		latest := g.latest.Counter()
		if latest < index { // it went round, as only wire.Lenient lets it
			return never
		}
		index = provenBy(index, latest)
	}
	return uint64(max(index, least))
}

// Relation says how two inbound sessions relate.
type Relation uint8

const (
	Unrelated Relation = iota // the second contradicts the first, and has no better proof
	Equal                     // both know the same messages
	Better                    // the first knows more
	Worse                     // the second knows more
)

// Compare says how g relates to o.
func (g *InboundGroup) Compare(o *InboundGroup) Relation {
	a, b := g.initial.Counter(), o.initial.Counter()
	switch g.verdict(o) {
	case theyAgree:
		switch {
		case a == b:
			return Equal
		case a > b:
			return Worse
		}
		return Better
	case theirsIsForged:
		return Better
	case theirsProvesOurs, oursIsForged:
		return Worse
	}
	return Unrelated
}

// Merge takes what o knows and g doesn't, and reports whether they are related. Otherwise g is what it
// was.
//
// What decrypted before goes on decrypting, and what is proven is replaced by nothing, unless the owner of
// the signing key contradicts themselves.
func (g *InboundGroup) Merge(o *InboundGroup) bool {
	switch g.verdict(o) {
	case theyAgree:
		if o.initial.Counter() < g.initial.Counter() {
			g.initial.CopyFrom(&o.initial)
		}
		g.cache(&o.latest, wire.Strict)
		if o.proof != unproven && (g.proof == unproven || o.provenFrom < g.provenFrom ||
			o.provenFrom == g.provenFrom && o.proof > g.proof) {
			g.provenFrom, g.proof = o.provenFrom, o.proof
		}
	case theirsIsForged:
	case theirsProvesOurs:
		g.prove(uint32(o.surely(g.meeting(o))))
	case oursIsForged:
		// The latest ratchet too: ours would lead to what is not proven.
		g.initial.CopyFrom(&o.initial)
		g.latest.CopyFrom(&o.latest)
		g.provenFrom, g.proof = o.provenFrom, o.proof
	default:
		return false
	}
	return true
}

// verdict is what comes of holding two sessions against each other.
type verdict uint8

const (
	undecided        verdict = iota // they contradict each other, and no proof speaks for theirs
	theyAgree                       // from where both are known
	theirsIsForged                  // as far as it contradicts ours; from where it is proven they agree
	oursIsForged                    // as far as it contradicts theirs
	theirsProvesOurs                // they agree from where theirs is proven, and neither is proven before
)

// meeting returns the first index that both know.
func (g *InboundGroup) meeting(o *InboundGroup) uint32 {
	return max(g.initial.Counter(), o.initial.Counter())
}

func (g *InboundGroup) verdict(o *InboundGroup) verdict {
	if !equal(&g.public, &o.public) {
		return undecided
	}
	first := g.meeting(o)
	if g.meets(o, uint64(first)) {
		return theyAgree
	}
	// One that is wrong where the other is proven has decrypted nothing before: a message that decrypts
	// proves everything after it.
	ours, theirs := g.surely(first), o.surely(first)
	switch {
	case theirs < ours && ours != never && !g.meets(o, ours):
		return undecided // both are proven: the owner of the key contradicts themselves
	case theirs < ours && !g.meets(o, theirs):
		return oursIsForged
	case theirs < ours:
		if g.proof == flagged && uint64(g.provenFrom) <= theirs {
			return undecided // the flag says that already
		}
		return theirsProvesOurs
	case theirs != never && !g.meets(o, ours) && g.meets(o, theirs):
		return theirsIsForged
	}
	return undecided
}

// meets reports whether the ratchets of g and o, which both know index, are the same there, and so from
// there on.
func (g *InboundGroup) meets(o *InboundGroup, index uint64) bool {
	var a, b ratchet.Megolm
	a.CopyFrom(&g.initial)
	a.AdvanceTo(uint32(index))
	b.CopyFrom(&o.initial)
	b.AdvanceTo(uint32(index))
	same := a.Equal(&b)
	a.Wipe()
	b.Wipe()
	return same
}
