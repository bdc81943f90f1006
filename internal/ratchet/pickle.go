package ratchet

import (
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// The layouts are libolm's, as every library that reads its pickles knows them: integers are four
// bytes big-endian, lists a count and their elements, newest first.

const (
	sendingPickleLen = 32 + 32 + 32 + 4
	chainPickleLen   = 32 + 32 + 4
	// MaxPickledSkipped is how many skipped keys a pickle holds: the newest ones.
	MaxPickledSkipped = 40
	// MegolmPickleLen is the length of a pickled Megolm ratchet.
	MegolmPickleLen = MegolmLen + 4
)

// Pickle writes m.
func (m *Megolm) Pickle(w *wire.Writer) {
	w.Bytes(m.r[:])
	w.Uint32(m.counter)
}

// Unpickle reads m.
func (m *Megolm) Unpickle(r *wire.Reader) {
	r.Bytes(m.r[:])
	m.counter = r.Uint32()
}

// IsZero returns 1 if every byte of m but its counter is zero, which no ratchet in use is, and 0 otherwise.
func (m *Megolm) IsZero() int { return secret.IsZero(m.r[:]) }

// PickleLen returns the length of a pickled d.
func (d *Double) PickleLen() int {
	n := 32 + 4 + 4 + int(d.nReceiving)*chainPickleLen + 4 + min(int(d.nSkipped), MaxPickledSkipped)*chainPickleLen
	if d.sending {
		n += sendingPickleLen
	}
	return n
}

// Pickle writes d and the newest keys of s.
func (d *Double) Pickle(w *wire.Writer, s *Skipped) {
	w.Bytes(d.root[:])
	if d.sending {
		w.Uint32(1)
		w.Bytes(d.ratchetPub[:])
		w.Bytes(d.ratchetKey[:])
		w.Bytes(d.sendChain[:])
		w.Uint32(d.sendIndex)
	} else {
		w.Uint32(0)
	}
	w.Uint32(uint32(d.nReceiving))
	for i := range int(d.nReceiving) {
		c := &d.receiving[i]
		w.Bytes(c.theirs[:])
		w.Bytes(c.key[:])
		w.Uint32(c.index)
	}
	n := min(int(d.nSkipped), MaxPickledSkipped)
	w.Uint32(uint32(n))
	for i := range n {
		k := &s.Keys[int(d.nSkipped)-1-i]
		w.Bytes(d.theirs(s, k.chain)[:])
		w.Bytes(k.key[:])
		w.Uint32(k.index)
	}
}

// PassPickle moves r behind a pickled Double, and returns how many keys Unpickle wants room for if it is
// to keep all that a Double keeps. It returns CorruptedPickle if r ends before, or if there are
// several sending chains, which nobody ever wrote.
func PassPickle(r *wire.Reader) (skipped int, code errcode.Code) {
	r.Skip(1, 32)
	nSending := r.Uint32()
	if nSending > 1 {
		return 0, errcode.CorruptedPickle
	}
	r.Skip(nSending, sendingPickleLen)
	r.Skip(r.Uint32(), chainPickleLen)
	nSkipped := r.Uint32()
	r.Skip(nSkipped, chainPickleLen)
	if r.Short() {
		return 0, errcode.CorruptedPickle
	}
	return int(min(nSkipped, MaxSkipped)), errcode.OK
}

// Unpickle reads d and s, for which PassPickle has found room in r. If tol is Strict, CorruptedPickle
// is for a ratchet that can't be in use, and d and s must then be wiped.
//
// goolm kept every chain and every skipped key up to mautrix 0.26, in an order that removing had mixed
// up, and from then on the newest last. What is more than a Double keeps is dropped: all but the five
// newest chains, the skipped keys of the others, and of a chain all but the 40 newest, by index. Where
// s follows libolm's rules, what has room is taken as it is, and only of more keys than that the
// newest are kept: those of newer chains first.
func (d *Double) Unpickle(r *wire.Reader, s *Skipped, tol wire.Tolerance) errcode.Code {
	d.Wipe()
	r.Bytes(d.root[:])
	if d.sending = r.Uint32() == 1; d.sending {
		r.Bytes(d.ratchetPub[:])
		r.Bytes(d.ratchetKey[:])
		r.Bytes(d.sendChain[:])
		d.sendIndex = r.Uint32()
	}
	nReceiving := r.Uint32()
	d.nReceiving = uint8(min(nReceiving, MaxReceivingChains))
	for i := range int(d.nReceiving) {
		c := &d.receiving[i]
		r.Bytes(c.theirs[:])
		secret.PublicBytes(c.theirs[:])
		r.Bytes(c.key[:])
		c.index = r.Uint32()
	}
	r.Skip(nReceiving-uint32(d.nReceiving), chainPickleLen)
	if tol == wire.Strict {
		d.nameLost()
	}
	if tol == wire.Strict && !d.possible() {
		return errcode.CorruptedPickle
	}
	return d.unpickleSkipped(r, s)
}

// numberForgotten returns the number of a chain that exists in skipped keys alone.
func (d *Double) numberForgotten(s *Skipped, theirs *[32]byte) uint32 {
	for i := range int(d.nForgotten) {
		if f := &s.Forgotten[i]; secret.Equal(f.theirs[:], theirs[:]) == 1 {
			return f.chain
		}
	}
	f := &s.Forgotten[d.nForgotten]
	f.theirs = *theirs
	f.chain = d.newestChain - MaxReceivingChains - uint32(d.nForgotten)
	d.nForgotten++
	return f.chain
}

// The pickles of goolm up to mautrix 0.21 have the key and the index of a chain, or of a skipped key, in the place of its
// ratchet key, and zeros behind them. So it reads as one at index 0 with a key of an index and zeros; after it was read and
// written again its ratchet key is like that, and in the end all is zero. Nobody can read a message on such a chain, goolm
// included, and everybody could forge one. The rest of the session is still of use, and so is every other one in
// its store, which mautrix opens together or not at all. If the chain is the newest, what is sent in the session
// can't be read either, and mautrix begins a new one then.

// isLost reports whether a key, of a chain or a message, is one of those. HMAC gives none like it.
func isLost(key *[32]byte) bool { return secret.IsZero(key[4:]) == 1 }

// lost reports whether c is such a chain.
func (c *receivingChain) lost() bool { return c.index == 0 && isLost(&c.key) }

// nameLost gives lost chains that have zeros for a ratchet key another one, which nobody else knows: what is sent
// answers the newest, and with zeros everybody would know the secret.
func (d *Double) nameLost() {
	for i := range int(d.nReceiving) {
		if c := &d.receiving[i]; c.lost() && secret.IsZero(c.theirs[:]) == 1 {
			kdf.HMACByte(&c.theirs, &d.root, byte(i))
			secret.PublicBytes(c.theirs[:]) // treated like any other, though nobody else learns it
		}
	}
}

// possible reports whether d could be a ratchet in use: it can send, or knows whom to answer, and
// no key of it is zero but those of lost chains.
func (d *Double) possible() bool {
	if !d.sending && d.nReceiving == 0 {
		return false
	}
	zero := secret.IsZero(d.root[:])
	if d.sending {
		zero |= secret.IsZero(d.ratchetKey[:]) | secret.IsZero(d.ratchetPub[:]) | secret.IsZero(d.sendChain[:])
	}
	for i := range int(d.nReceiving) {
		if c := &d.receiving[i]; !c.lost() {
			zero |= secret.IsZero(c.theirs[:]) | secret.IsZero(c.key[:])
		}
	}
	return zero == 0
}

// CanSend reports whether d, which may have been read from a pickle, can send: a new sending chain needs a
// ratchet key of the other side that makes a secret. libolm and goolm take any.
func (d *Double) CanSend() bool {
	return d.sending || d.nReceiving > 0 && !curve.LowOrderMontgomery(&d.receiving[0].theirs)
}

// Check recomputes the public ratchet key, which Unpickle takes as it finds it.
func (d *Double) Check() errcode.Code {
	if !d.sending {
		return errcode.OK
	}
	var pub [32]byte
	curve.PublicKey(&pub, &d.ratchetKey)
	if secret.Equal(pub[:], d.ratchetPub[:]) != 1 {
		return errcode.KeyPairMismatch
	}
	return errcode.OK
}

// What a description of a session shows.

// ReceivingChains returns how many receiving chains d has.
func (d *Double) ReceivingChains() int { return int(d.nReceiving) }

// ReceiveIndex returns the next index of receiving chain i, the newest being 0.
func (d *Double) ReceiveIndex(i int) uint32 { return d.receiving[i].index }

// SkippedIndex returns the index of skipped key i, the newest being 0.
func (d *Double) SkippedIndex(s *Skipped, i int) uint32 {
	return s.Keys[int(d.nSkipped)-1-i].index
}
