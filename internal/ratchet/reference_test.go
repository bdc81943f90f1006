package ratchet

import (
	"crypto/ecdh"
	"encoding/binary"
	"slices"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
)

// Both ratchets once more, on the standard library, written for clarity: what the package is compared
// with.

func mustHMAC(key []byte, b byte) []byte { return testkit.HMAC(key, []byte{b}) }

func mustHKDF(salt, material []byte, info string) (first, second []byte) {
	out := testkit.HKDF(material, salt, info, 64)
	return out[:32], out[32:]
}

// refMegolm is R(i,0) to R(i,3), and i.
type refMegolm struct {
	r [4][]byte
	i uint32
}

func newRefMegolm(r []byte, i uint32) refMegolm {
	return refMegolm{[4][]byte{r[:32], r[32:64], r[64:96], r[96:128]}, i}
}

// nextMultiple moves to the next multiple of 2^(8*level). The Megolm specification, "Ratchet Advance",
// defines R(i,h) for it from the part h = 3-level before, and the parts behind h from the same; what
// lies between doesn't matter.
func (m *refMegolm) nextMultiple(level int) {
	m.i = (m.i>>(8*level) + 1) << (8 * level)
	// A multiple of a higher power is the matter of an earlier part.
	h := 3 - level
	for h > 0 && m.i<<(8*h) == 0 {
		h--
	}
	source := m.r[h]
	for j := h; j < 4; j++ {
		m.r[j] = mustHMAC(source, byte(j))
	}
}

// moveTo moves to target, which is never further away than 2^32-1.
func (m *refMegolm) moveTo(target uint32) {
	for m.i != target {
		level := 3
		for level > 0 && uint64(1)<<(8*level)-uint64(m.i%(1<<(8*level))) > uint64(target-m.i) {
			level--
		}
		m.nextMultiple(level)
	}
}

func (m *refMegolm) bytes() []byte { return slices.Concat(m.r[:]...) }

// refDouble is one side of a Double Ratchet, as the Olm specification has it.
type refDouble struct {
	libolm bool // which rules apply to skipped keys

	root    []byte
	own     *ecdh.PrivateKey // nil if there is no sending chain
	send    refChain
	receive []refChain   // newest first
	skipped []refSkipped // oldest first
}

type refChain struct {
	theirs string
	key    []byte
	index  uint32
}

type refSkipped struct {
	theirs string
	index  uint32
	key    []byte
}

func privateKey(b []byte) *ecdh.PrivateKey {
	k, err := ecdh.X25519().NewPrivateKey(b)
	if err != nil {
		panic(err)
	}
	return k
}

func newRefAlice(shared, ratchetKey []byte, libolm bool) *refDouble {
	root, chain := mustHKDF(nil, shared, "OLM_ROOT")
	return &refDouble{libolm: libolm, root: root, own: privateKey(ratchetKey), send: refChain{key: chain}}
}

func newRefBob(shared []byte, theirs string, libolm bool) *refDouble {
	root, chain := mustHKDF(nil, shared, "OLM_ROOT")
	return &refDouble{libolm: libolm, root: root, receive: []refChain{{theirs: theirs, key: chain}}}
}

// encrypt returns the ratchet key, index and key of the next message; random is the ratchet key of a
// new chain, if it takes one.
func (r *refDouble) encrypt(random []byte) (ratchetKey string, index uint32, key []byte) {
	if r.own == nil {
		r.own = privateKey(random)
		var chain []byte
		r.root, chain = mustHKDF(r.root, testkit.X25519(r.own.Bytes(), []byte(r.receive[0].theirs)), "OLM_RATCHET")
		r.send = refChain{key: chain}
	}
	index, key = r.send.index, mustHMAC(r.send.key, 1)
	r.send.key = mustHMAC(r.send.key, 2)
	r.send.index++
	return string(r.own.PublicKey().Bytes()), index, key
}

// decrypt returns the key of a message, and the state after it.
func (r *refDouble) decrypt(theirs string, index uint32) (key []byte, after *refDouble, code errcode.Code) {
	next := *r
	next.receive, next.skipped = slices.Clone(r.receive), slices.Clone(r.skipped)
	if index == 1<<32-1 {
		return nil, nil, errcode.Exhausted
	}
	c := slices.IndexFunc(next.receive, func(c refChain) bool { return c.theirs == theirs })
	if c >= 0 && index < next.receive[c].index {
		k := slices.IndexFunc(next.skipped, func(k refSkipped) bool { return k.theirs == theirs && k.index == index })
		if k < 0 {
			return nil, nil, errcode.NoMessageKey
		}
		key = next.skipped[k].key
		next.skipped = slices.Delete(next.skipped, k, k+1)
		return key, &next, errcode.OK
	}
	if c < 0 {
		if r.own == nil {
			return nil, nil, errcode.BadMessageMAC
		}
		if index > 2000 {
			return nil, nil, errcode.MessageGap
		}
		shared := testkit.X25519(r.own.Bytes(), []byte(theirs))
		if shared == nil {
			return nil, nil, errcode.NonContributory
		}
		root, chain := mustHKDF(r.root, shared, "OLM_RATCHET")
		next.root, next.own, next.send = root, nil, refChain{}
		next.receive = slices.Insert(next.receive, 0, refChain{theirs: theirs, key: chain})
		if len(next.receive) > 5 {
			gone := next.receive[5].theirs
			next.receive = next.receive[:5]
			if !r.libolm {
				next.skipped = slices.DeleteFunc(next.skipped, func(k refSkipped) bool { return k.theirs == gone })
			}
		}
		c = 0
	}
	chain := &next.receive[c]
	if index-chain.index > 2000 {
		return nil, nil, errcode.MessageGap
	}
	for chain.index < index {
		next.keep(refSkipped{theirs, chain.index, mustHMAC(chain.key, 1)})
		chain.key = mustHMAC(chain.key, 2)
		chain.index++
	}
	key = mustHMAC(chain.key, 1)
	chain.key = mustHMAC(chain.key, 2)
	chain.index++
	return key, &next, errcode.OK
}

// keep stores k: libolm has 40 places for all chains, we have 40 for each.
func (r *refDouble) keep(k refSkipped) {
	r.skipped = append(r.skipped, k)
	sharesPlaces := func(o refSkipped) bool { return r.libolm || o.theirs == k.theirs }
	n := 0
	for _, o := range r.skipped {
		if sharesPlaces(o) {
			n++
		}
	}
	if n > 40 {
		oldest := slices.IndexFunc(r.skipped, sharesPlaces)
		r.skipped = slices.Delete(r.skipped, oldest, oldest+1)
	}
}

// pickle returns r in libolm's format.
func (r *refDouble) pickle() []byte {
	b := slices.Clone(r.root)
	if r.own == nil {
		b = binary.BigEndian.AppendUint32(b, 0)
	} else {
		b = binary.BigEndian.AppendUint32(b, 1)
		b = append(b, r.own.PublicKey().Bytes()...)
		b = append(b, r.own.Bytes()...)
		b = append(b, r.send.key...)
		b = binary.BigEndian.AppendUint32(b, r.send.index)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.receive)))
	for _, c := range r.receive {
		b = append(b, c.theirs...)
		b = append(b, c.key...)
		b = binary.BigEndian.AppendUint32(b, c.index)
	}
	newest := r.skipped[max(0, len(r.skipped)-40):]
	b = binary.BigEndian.AppendUint32(b, uint32(len(newest)))
	for _, k := range slices.Backward(newest) {
		b = append(b, k.theirs...)
		b = append(b, k.key...)
		b = binary.BigEndian.AppendUint32(b, k.index)
	}
	return b
}
