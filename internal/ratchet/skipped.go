package ratchet

import "github.com/karst-im/karst/internal/secret"

// SkippedKey is a message key that is kept until its message arrives.
type SkippedKey struct {
	key   [32]byte
	index uint32
	chain uint32 // number of its receiving chain
}

// ForgottenChain is the ratchet key of a receiving chain that is gone while keys of it are kept.
type ForgottenChain struct {
	theirs [32]byte
	chain  uint32
}

// Skipped is storage for skipped message keys, which the owner of a Double provides. The Double
// knows how much of it is in use.
//
// If Forgotten is empty, up to 40 keys are kept for each receiving chain and go with it; Keys grows
// to what Room asks for, at most 200. Otherwise the rules are libolm's: len(Keys) keys in all, the
// oldest of them gives way to a new one whatever its chain, and a key stays, though nothing can
// reach it any more, when its chain goes. That costs one entry of Forgotten a key at most, and
// matters to those who compare pickles with libolm's.
type Skipped struct {
	Keys      []SkippedKey // oldest first
	Forgotten []ForgottenChain
}

// MaxSkipped is how many skipped keys a Double keeps at most.
const MaxSkipped = MaxReceivingChains * MaxSkippedPerChain

func (s *Skipped) libolm() bool { return len(s.Forgotten) > 0 }

// Skipped returns how many skipped message keys are kept.
func (d *Double) Skipped() int { return int(d.nSkipped) }

// findSkipped returns the place of a key, or -1.
func (d *Double) findSkipped(s *Skipped, chain, index uint32) int {
	for i := int(d.nSkipped) - 1; i >= 0; i-- {
		if k := &s.Keys[i]; k.chain == chain && k.index == index {
			return i
		}
	}
	return -1
}

// keepSkipped stores a key as the newest.
func (d *Double) keepSkipped(s *Skipped, chain, index uint32, key *[32]byte) {
	if oldest := d.crowdedOut(s, chain); oldest >= 0 {
		d.removeSkipped(s, oldest)
	}
	k := &s.Keys[d.nSkipped]
	secret.Copy(k.key[:], key[:])
	k.index, k.chain = index, chain
	d.nSkipped++
}

// crowdedOut returns the place of the key that gives way to a new one of the given chain, or -1 if
// there is room for both.
func (d *Double) crowdedOut(s *Skipped, chain uint32) int {
	if s.libolm() {
		if int(d.nSkipped) == len(s.Keys) {
			return 0
		}
		return -1
	}
	n, oldest := 0, -1
	for i := int(d.nSkipped) - 1; i >= 0; i-- {
		if s.Keys[i].chain == chain {
			n, oldest = n+1, i
		}
	}
	if n < MaxSkippedPerChain {
		return -1
	}
	return oldest
}

func (d *Double) removeSkipped(s *Skipped, i int) {
	chain := s.Keys[i].chain
	d.nSkipped--
	for ; i < int(d.nSkipped); i++ {
		s.Keys[i] = s.Keys[i+1]
	}
	last := &s.Keys[d.nSkipped]
	secret.Wipe(last.key[:])
	last.index, last.chain = 0, 0
	if s.libolm() {
		d.pruneForgotten(s, chain)
	}
}

// forgetChain drops what is kept for the receiving chain at place c, which is about to go.
func (d *Double) forgetChain(s *Skipped, c int) {
	number, kept := d.newestChain-uint32(c), false
	for i := int(d.nSkipped) - 1; i >= 0; i-- {
		if s.Keys[i].chain != number {
			continue
		}
		if s.libolm() {
			kept = true
			break
		}
		d.removeSkipped(s, i)
	}
	if kept {
		f := &s.Forgotten[d.nForgotten]
		f.theirs, f.chain = d.receiving[c].theirs, number
		d.nForgotten++
	}
}

// pruneForgotten drops a forgotten chain once the last of its keys has gone.
func (d *Double) pruneForgotten(s *Skipped, chain uint32) {
	for i := range int(d.nSkipped) {
		if s.Keys[i].chain == chain {
			return
		}
	}
	for i := range int(d.nForgotten) {
		if s.Forgotten[i].chain == chain {
			d.nForgotten--
			s.Forgotten[i] = s.Forgotten[d.nForgotten]
			return
		}
	}
}

// theirs returns the ratchet key of the chain with the given number, or nil.
func (d *Double) theirs(s *Skipped, chain uint32) *[32]byte {
	if age := d.newestChain - chain; age < uint32(d.nReceiving) {
		return &d.receiving[age].theirs
	}
	for i := range int(d.nForgotten) {
		if f := &s.Forgotten[i]; f.chain == chain {
			return &f.theirs
		}
	}
	return nil
}
