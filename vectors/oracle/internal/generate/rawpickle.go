package generate

import (
	"bytes"
	"encoding/binary"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
)

// The layouts of libolm's pickles without their envelope, for looking inside and for crafting.

type rawChain struct {
	ratchet vectors.Bytes // key pair (64) of a sender chain, public key (32) of a receiver chain
	key     vectors.Bytes
	index   uint32
}

type rawSession struct {
	received                  byte
	aliceIdentity, aliceBase  vectors.Bytes
	bobOneTime                vectors.Bytes
	root                      vectors.Bytes
	senders, receivers, saved []rawChain // receivers and saved keys newest first
}

func parseSession(raw []byte) rawSession {
	r := reader(raw)
	if v := r.u32(); v != 1 {
		fail("session pickle of version %d", v)
	}
	s := rawSession{received: r.take(1)[0], aliceIdentity: r.take(32), aliceBase: r.take(32), bobOneTime: r.take(32), root: r.take(32)}
	s.senders, s.receivers, s.saved = r.chains(64), r.chains(32), r.chains(32)
	if len(r) != 0 {
		fail("%d bytes behind a session pickle", len(r))
	}
	return s
}

func (s rawSession) encode() []byte {
	b := u32(nil, 1)
	b = append(b, s.received)
	b = append(b, bytes.Join([][]byte{s.aliceIdentity, s.aliceBase, s.bobOneTime, s.root}, nil)...)
	for _, list := range [][]rawChain{s.senders, s.receivers, s.saved} {
		b = u32(b, uint32(len(list)))
		for _, c := range list {
			b = append(b, c.ratchet...)
			b = append(b, c.key...)
			b = u32(b, c.index)
		}
	}
	return b
}

type rawKey struct {
	id        uint32
	published byte
	pair      vectors.Bytes // public (32), private (32)
}

func (k rawKey) append(b []byte) []byte {
	return append(append(u32(b, k.id), k.published), k.pair...)
}

type rawAccount struct {
	ed, curve vectors.Bytes // public (32), expanded private (64); public (32), private (32)
	oneTime   []rawKey
	fallback  []rawKey
	lastID    uint32
}

func parseAccount(raw []byte) rawAccount {
	r := reader(raw)
	if v := r.u32(); v != 4 {
		fail("account pickle of version %d", v)
	}
	a := rawAccount{ed: r.take(96), curve: r.take(64)}
	for range r.u32() {
		a.oneTime = append(a.oneTime, r.key())
	}
	for range r.take(1)[0] {
		a.fallback = append(a.fallback, r.key())
	}
	a.lastID = r.u32()
	if len(r) != 0 {
		fail("%d bytes behind an account pickle", len(r))
	}
	return a
}

// encode writes one of the versions 1 to 4. Version 3 has always two fallback keys; 1 has none.
func (a rawAccount) encode(version uint32) []byte {
	b := u32(nil, version)
	b = append(append(b, a.ed...), a.curve...)
	b = u32(b, uint32(len(a.oneTime)))
	for _, k := range a.oneTime {
		b = k.append(b)
	}
	if version >= 4 {
		b = append(b, byte(len(a.fallback)))
	}
	if version >= 3 {
		for _, k := range a.fallback {
			b = k.append(b)
		}
	}
	return u32(b, a.lastID)
}

func u32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

type reader []byte

func (r *reader) take(n int) vectors.Bytes {
	if len(*r) < n {
		fail("pickle ends too soon")
	}
	b := (*r)[:n]
	*r = (*r)[n:]
	return vectors.Bytes(b)
}

func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }

func (r *reader) chains(ratchet int) (list []rawChain) {
	for range r.u32() {
		list = append(list, rawChain{r.take(ratchet), r.take(32), r.u32()})
	}
	return list
}

func (r *reader) key() rawKey { return rawKey{r.u32(), r.take(1)[0], r.take(64)} }

// openPickle is for pickles that libolm has just written.
func openPickle(key []byte, pickled string) []byte {
	raw, ok := reference.OpenPickle(key, pickled)
	if !ok {
		fail("cannot open a pickle")
	}
	return raw
}
