package protocol

import (
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// keyPair is a Curve25519 key pair. The private half is kept as it was drawn; it is clamped in each
// multiplication (RFC 7748 section 5).
type keyPair struct{ public, private [32]byte }

const keyPairLen = 32 + 32

func (k *keyPair) set(private []byte) {
	secret.Copy(k.private[:], private[:32])
	curve.PublicKey(&k.public, &k.private)
}

func (k *keyPair) pickle(w *wire.Writer) {
	w.Bytes(k.public[:])
	w.Bytes(k.private[:])
}

func (k *keyPair) unpickle(r *wire.Reader) {
	r.Bytes(k.public[:])
	r.Bytes(k.private[:])
}

func (k *keyPair) hasZero() bool {
	return secret.IsZero(k.public[:])|secret.IsZero(k.private[:]) == 1
}

func (k *keyPair) check() errcode.Code {
	var public [32]byte
	curve.PublicKey(&public, &k.private)
	if !equal(&public, &k.public) {
		return errcode.KeyPairMismatch
	}
	return errcode.OK
}

// equal compares two public keys. TinyGo's == for arrays would make both escape.
func equal(a, b *[32]byte) bool { return secret.Equal(a[:], b[:]) == 1 }

func (k *keyPair) wipe() {
	secret.Wipe(k.public[:])
	secret.Wipe(k.private[:])
}

// signingPair is an Ed25519 key pair. The private half is the expanded one (RFC 8032 section 5.1.5,
// steps 1 to 3), since that is what libolm stores: the seed can't be recovered from a pickle.
type signingPair struct {
	public  [32]byte
	private [64]byte
}

const signingPairLen = 32 + 64

func (k *signingPair) set(seed []byte) {
	var s [32]byte
	secret.Copy(s[:], seed[:32])
	curve.ExpandSeed(&k.private, &s)
	curve.PublicFromExpanded(&k.public, &k.private)
	secret.Wipe(s[:])
}

func (k *signingPair) sign(sig *[64]byte, message []byte) {
	curve.Sign(sig, &k.private, &k.public, message)
}

func (k *signingPair) pickle(w *wire.Writer) {
	w.Bytes(k.public[:])
	w.Bytes(k.private[:])
}

func (k *signingPair) unpickle(r *wire.Reader) {
	r.Bytes(k.public[:])
	r.Bytes(k.private[:])
	k.expandSeed()
}

// expandSeed puts right what goolm wrote up to mautrix 0.20: the seed and the public key, which is what
// Go's crypto/ed25519 has for a private key. Nobody else's pickle has its public key there, unless by a
// chance of 2^-256.
func (k *signingPair) expandSeed() {
	if secret.Equal(k.private[32:], k.public[:]) != 1 {
		return
	}
	var seeded signingPair
	seeded.set(k.private[:32])
	if equal(&seeded.public, &k.public) {
		secret.Copy(k.private[:], seeded.private[:])
	}
	seeded.wipe()
}

func (k *signingPair) hasZero() bool {
	return secret.IsZero(k.public[:])|secret.IsZero(k.private[:32])|secret.IsZero(k.private[32:]) == 1
}

func (k *signingPair) check() errcode.Code {
	var public [32]byte
	curve.PublicFromExpanded(&public, &k.private)
	if !equal(&public, &k.public) {
		return errcode.KeyPairMismatch
	}
	return errcode.OK
}

func (k *signingPair) wipe() {
	secret.Wipe(k.public[:])
	secret.Wipe(k.private[:])
}
