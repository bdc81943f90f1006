package ratchet

import (
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/secret"
)

// Bounds of a Double Ratchet.
const (
	MaxReceivingChains = 5
	MaxSkippedPerChain = 40   // message keys kept for messages that have not arrived yet
	MaxGap             = 2000 // steps that one message may move a chain
)

// The one-byte inputs of a chain's HMACs.
const (
	messageKeySeed = 0x01
	chainKeySeed   = 0x02
)

var (
	rootInfo    = []byte("OLM_ROOT")
	ratchetInfo = []byte("OLM_RATCHET")
)

// Double is the state of one party's Double Ratchet, without its skipped message keys, for which
// the owner provides a Skipped.
type Double struct {
	root [32]byte // R_i

	// The sending chain. It is there if sending is true.
	ratchetKey  [32]byte // T_i, private
	ratchetPub  [32]byte // T_i, public
	sendChain   [32]byte // C_i,j
	sendIndex   uint32   // j: of the next message
	sending     bool
	nReceiving  uint8
	receiving   [MaxReceivingChains]receivingChain // newest first
	newestChain uint32                             // number of receiving[0]; receiving[k] has newestChain-k
	nSkipped    uint16
	nForgotten  uint16
}

type receivingChain struct {
	theirs [32]byte // T_i, public
	key    [32]byte // C_i,j
	index  uint32   // j: of the next key
}

// StartAlice makes d the initiator's ratchet: shared is the 96-byte secret of the triple
// Diffie-Hellman, ratchetKey 32 random bytes for her first ratchet key.
func (d *Double) StartAlice(shared *[96]byte, ratchetKey *[32]byte) {
	d.Wipe()
	kdf3DH(&d.root, &d.sendChain, shared)
	secret.Copy(d.ratchetKey[:], ratchetKey[:])
	curve.PublicKey(&d.ratchetPub, &d.ratchetKey)
	d.sending = true
}

// StartBob makes d the responder's ratchet: theirs is the initiator's first ratchet key, from her
// message.
func (d *Double) StartBob(shared *[96]byte, theirs *[32]byte) {
	d.Wipe()
	kdf3DH(&d.root, &d.receiving[0].key, shared)
	d.receiving[0].theirs = *theirs
	d.nReceiving = 1
}

// kdf3DH derives R_0 ‖ C_0,0 = HKDF(no salt, S, "OLM_ROOT", 64).
func kdf3DH(root, chain *[32]byte, shared *[96]byte) {
	var out [64]byte
	kdf.HKDF(out[:], nil, shared[:], rootInfo)
	secret.Copy(root[:], out[:32])
	secret.Copy(chain[:], out[32:])
	secret.Wipe(out[:])
}

// stepRoot derives R_i+1 ‖ C_i+1,0 = HKDF(R_i, ECDH(T_i, T_i+1), "OLM_RATCHET", 64). newRoot may be
// root.
func stepRoot(newRoot, chain, root, private, public *[32]byte) errcode.Code {
	var dh [32]byte
	if curve.X25519(&dh, private, public) == 0 {
		return errcode.NonContributory
	}
	var out [64]byte
	kdf.HKDF(out[:], root, dh[:], ratchetInfo)
	secret.Copy(newRoot[:], out[:32])
	secret.Copy(chain[:], out[32:])
	secret.Wipe(out[:])
	secret.Wipe(dh[:])
	return errcode.OK
}

// Sending.

// NeedsRatchetKey reports whether StartSending must be called before the next NextMessageKey: after
// the other side's ratchet key has changed.
func (d *Double) NeedsRatchetKey() bool { return !d.sending }

// SendIndex returns the index of the next message key on the sending chain.
func (d *Double) SendIndex() uint32 { return d.sendIndex }

// StartSending begins a sending chain with 32 random bytes as the private ratchet key. d is
// unchanged if it has no receiving chain or the shared secret would be known to everybody.
func (d *Double) StartSending(ratchetKey *[32]byte) errcode.Code {
	if d.nReceiving == 0 {
		return errcode.CorruptedPickle
	}
	if code := stepRoot(&d.root, &d.sendChain, &d.root, ratchetKey, &d.receiving[0].theirs); code != errcode.OK {
		return code
	}
	secret.Copy(d.ratchetKey[:], ratchetKey[:])
	curve.PublicKey(&d.ratchetPub, &d.ratchetKey)
	d.sendIndex = 0
	d.sending = true
	return errcode.OK
}

// RatchetKey writes the public ratchet key of the sending chain to pub.
func (d *Double) RatchetKey(pub *[32]byte) { *pub = d.ratchetPub }

// NextMessageKey writes the message key at SendIndex to key and moves the sending chain, which must
// be there. At the last index, whose successor would repeat the first, it refuses.
func (d *Double) NextMessageKey(key *[32]byte) errcode.Code {
	if d.sendIndex == ^uint32(0) {
		return errcode.Exhausted
	}
	kdf.HMACByte(key, &d.sendChain, messageKeySeed)
	kdf.HMACByte(&d.sendChain, &d.sendChain, chainKeySeed)
	d.sendIndex++
	return errcode.OK
}

// Receiving.

// Pending is the outcome of Receive: the key of one message, and how the state moves once that
// message has proved authentic.
type Pending struct {
	// Key is the message key.
	Key [32]byte

	kind    pendingKind
	skipped int // kind == useSkipped: its place in Skipped.Keys
	chain   int // kind == onChain: its place in receiving
	index   uint32

	theirs [32]byte // kind == onNewChain
	root   [32]byte // kind == onNewChain: the next root key

	// The chain some way before index: at most MaxSkippedPerChain keys lie between, which are
	// those that are worth keeping. Commit derives them from here, so that a message which fails
	// to authenticate costs no storage, and one that succeeds no second walk from the start.
	key  [32]byte
	from uint32
}

type pendingKind uint8

const (
	useSkipped pendingKind = iota
	onChain
	onNewChain
)

// TakeOver makes p what o is, and wipes o. It is not an assignment, because the compiler may make that by way of a
// temporary.
func (p *Pending) TakeOver(o *Pending) {
	secret.Copy(p.Key[:], o.Key[:])
	p.kind, p.skipped, p.chain, p.index = o.kind, o.skipped, o.chain, o.index
	p.theirs = o.theirs
	secret.Copy(p.root[:], o.root[:])
	secret.Copy(p.key[:], o.key[:])
	p.from = o.from
	o.Wipe()
}

// Wipe overwrites p with zeros.
func (p *Pending) Wipe() {
	secret.Wipe(p.Key[:])
	secret.Wipe(p.root[:])
	secret.Wipe(p.key[:])
}

// Receive finds the key of the message with the given ratchet key and index, and leaves d as it is.
//
// It returns NoMessageKey if the key was used before or is no longer kept, MessageGap if the
// message is more than MaxGap ahead, NonContributory if the ratchet key forces the shared secret,
// and BadMessageMAC if a new chain can't be: nothing was sent yet that it could answer.
func (d *Double) Receive(p *Pending, s *Skipped, theirs *[32]byte, index uint32) errcode.Code {
	if index == ^uint32(0) {
		return errcode.Exhausted // its successor would repeat the first index
	}
	p.index = index
	c := d.findChain(theirs)
	if c < 0 {
		return d.receiveOnNewChain(p, theirs)
	}
	chain := &d.receiving[c]
	if index < chain.index {
		p.kind = useSkipped
		p.skipped = d.findSkipped(s, d.newestChain-uint32(c), index)
		if p.skipped < 0 || isLost(&s.Keys[p.skipped].key) {
			return errcode.NoMessageKey
		}
		secret.Copy(p.Key[:], s.Keys[p.skipped].key[:])
		return errcode.OK
	}
	if index-chain.index > MaxGap {
		return errcode.MessageGap
	}
	if isLost(&chain.key) {
		return errcode.NoMessageKey
	}
	p.kind, p.chain, p.from = onChain, c, chain.index
	secret.Copy(p.key[:], chain.key[:])
	p.walk()
	return errcode.OK
}

func (d *Double) receiveOnNewChain(p *Pending, theirs *[32]byte) errcode.Code {
	if !d.sending {
		return errcode.BadMessageMAC
	}
	if p.index > MaxGap {
		return errcode.MessageGap
	}
	if code := stepRoot(&p.root, &p.key, &d.root, &d.ratchetKey, theirs); code != errcode.OK {
		return code
	}
	p.kind, p.chain, p.theirs, p.from = onNewChain, 0, *theirs, 0
	p.walk()
	return errcode.OK
}

// walk moves p.key to where the keys that will be kept begin, and from there a copy to p.index for
// the message key.
func (p *Pending) walk() {
	for p.index-p.from > MaxSkippedPerChain {
		kdf.HMACByte(&p.key, &p.key, chainKeySeed)
		p.from++
	}
	var c [32]byte
	secret.Copy(c[:], p.key[:])
	for i := p.from; i != p.index; i++ {
		kdf.HMACByte(&c, &c, chainKeySeed)
	}
	kdf.HMACByte(&p.Key, &c, messageKeySeed)
	secret.Wipe(c[:])
}

// findChain returns the place of the chain of a ratchet key, which is public, or -1.
//
// It is not inlined: the C library is to stay small.
//
//go:noinline
func (d *Double) findChain(theirs *[32]byte) int {
	for i := range int(d.nReceiving) {
		if secret.Equal(d.receiving[i].theirs[:], theirs[:]) == 1 {
			return i
		}
	}
	return -1
}

// Room returns how many entries of s.Keys Commit may need for p; never more than MaxSkipped.
func (d *Double) Room(p *Pending) int {
	if p.kind == useSkipped {
		return int(d.nSkipped)
	}
	return min(int(d.nSkipped)+int(p.index-p.from), MaxSkipped)
}

// Commit moves d and s past the message of p, which has proved authentic. s.Keys has the length
// that Room asked for, or its fixed one. p is wiped.
func (d *Double) Commit(p *Pending, s *Skipped) {
	switch p.kind {
	case useSkipped:
		d.removeSkipped(s, p.skipped)
		p.Wipe()
		return
	case onNewChain:
		d.pushChain(s, &p.theirs)
		secret.Copy(d.root[:], p.root[:])
		d.stopSending()
	}
	number := d.newestChain - uint32(p.chain)
	for ; p.from != p.index; p.from++ {
		kdf.HMACByte(&p.Key, &p.key, messageKeySeed)
		d.keepSkipped(s, number, p.from, &p.Key)
		kdf.HMACByte(&p.key, &p.key, chainKeySeed)
	}
	kdf.HMACByte(&p.key, &p.key, chainKeySeed)
	chain := &d.receiving[p.chain]
	secret.Copy(chain.key[:], p.key[:])
	chain.index = p.index + 1
	p.Wipe()
}

// pushChain puts an empty chain before the others; the oldest of five goes.
func (d *Double) pushChain(s *Skipped, theirs *[32]byte) {
	if d.nReceiving == MaxReceivingChains {
		d.forgetChain(s, MaxReceivingChains-1)
	} else {
		d.nReceiving++
	}
	for i := int(d.nReceiving) - 1; i > 0; i-- {
		d.receiving[i] = d.receiving[i-1]
	}
	d.newestChain++
	d.receiving[0].theirs = *theirs
}

// stopSending removes the sending chain: the next message answers a new ratchet key.
func (d *Double) stopSending() {
	secret.Wipe(d.ratchetKey[:])
	secret.Wipe(d.ratchetPub[:])
	secret.Wipe(d.sendChain[:])
	d.sendIndex = 0
	d.sending = false
}

// Wipe overwrites d with zeros. The owner wipes the Skipped.
func (d *Double) Wipe() {
	d.stopSending()
	secret.Wipe(d.root[:])
	for i := range d.receiving[:] {
		c := &d.receiving[i]
		secret.Wipe(c.theirs[:])
		secret.Wipe(c.key[:])
		c.index = 0
	}
	d.nReceiving, d.newestChain, d.nSkipped, d.nForgotten = 0, 0, 0, 0
}
