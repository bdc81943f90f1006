package ratchet

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// Which skipped keys of a pickle are kept, and in which order. A chain only ever moves on, so that of
// its keys the one with the greatest index is the newest, wherever a list has it.

// choice is the newest indices of each receiving chain. To offer one costs at most MaxSkippedPerChain
// steps, whatever was offered before, so that a list of any length is read in linear time.
type choice struct {
	index [MaxReceivingChains][MaxSkippedPerChain]uint32 // the greatest first
	n     [MaxReceivingChains]uint8
	// ordered is true as long as each index was less than those of its chain before it, as in libolm's
	// lists, and there was room for all.
	ordered bool
}

// offer offers an index of the chain at place c.
func (ch *choice) offer(c int, index uint32) {
	of, n := &ch.index[c], int(ch.n[c])
	i := n
	for i > 0 && of[i-1] < index {
		i--
	}
	known := i > 0 && of[i-1] == index
	if i < n || known || n == MaxSkippedPerChain {
		ch.ordered = false
	}
	if known || i == MaxSkippedPerChain {
		return
	}
	if n == MaxSkippedPerChain {
		n--
	}
	for j := n; j > i; j-- {
		of[j] = of[j-1]
	}
	of[i] = index
	ch.n[c] = uint8(n + 1)
}

// limit drops the oldest indices, those of the oldest chains first, until no more than room are left,
// and returns how many there are.
func (ch *choice) limit(room int) int {
	total := 0
	for c := range ch.n[:] {
		ch.n[c] = uint8(min(int(ch.n[c]), room-total))
		total += int(ch.n[c])
	}
	return total
}

// age returns how many of the chosen keys are newer than the one with an index of the chain at place c,
// or -1 if that was not chosen.
func (ch *choice) age(c int, index uint32) int {
	newer := 0
	for i := range c {
		newer += int(ch.n[i])
	}
	for i := range int(ch.n[c]) {
		if ch.index[c][i] == index {
			return newer + i
		}
	}
	return -1
}

// unpickleSkipped reads the skipped keys of d, whose chains were read, into s.
func (d *Double) unpickleSkipped(r *wire.Reader, s *Skipped) errcode.Code {
	count := r.Uint32()
	// By libolm's rules, what has room stays as it is.
	asItIs := s.libolm() && uint64(count) <= uint64(len(s.Keys))
	n := int(count)
	var ch choice
	if !asItIs {
		d.choose(&ch, *r, count)
		n = ch.limit(len(s.Keys))
	}
	d.nSkipped = uint16(n)
	var theirs [32]byte
	look := *r // TinyGo puts what is declared in a loop on the heap
	for next := n; count > 0 && !r.Short(); count-- {
		r.Bytes(theirs[:])
		look = *r
		r.Skip(1, 32)
		index := r.Uint32()
		c, place := d.chainOfSkipped(&theirs), -1
		switch {
		case asItIs, ch.ordered && c >= 0:
			next--
			place = next
		case c >= 0:
			place = n - 1 - ch.age(c, index)
		}
		if place < 0 || place >= n {
			continue // not chosen, or nothing finds it any more
		}
		k := &s.Keys[place]
		look.Bytes(k.key[:])
		k.index = index
		if c >= 0 {
			k.chain = d.newestChain - uint32(c)
		} else {
			k.chain = d.numberForgotten(s, &theirs)
		}
		if !s.libolm() && secret.IsZero(k.key[:]) == 1 {
			return errcode.CorruptedPickle
		}
	}
	return errcode.OK
}

// chainOfSkipped returns the place of the chain of a skipped key in a pickle, or -1. Lost chains have none that is of use.
func (d *Double) chainOfSkipped(theirs *[32]byte) int {
	c := d.findChain(theirs)
	if c >= 0 && d.receiving[c].lost() {
		return -1
	}
	return c
}

// choose chooses among count skipped keys in r. Nothing finds those whose chain is gone.
func (d *Double) choose(ch *choice, r wire.Reader, count uint32) {
	ch.ordered = true
	var theirs [32]byte
	for ; count > 0 && !r.Short(); count-- {
		r.Bytes(theirs[:])
		r.Skip(1, 32)
		index := r.Uint32()
		if c := d.chainOfSkipped(&theirs); c >= 0 {
			ch.offer(c, index)
		}
	}
}
