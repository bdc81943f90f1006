package protocol

import (
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// PKRandomLen is how many random bytes an encryption, or a new key, consumes.
const PKRandomLen = 32

// PKCiphertextLen returns the length of the ciphertext of n bytes.
func PKCiphertextLen(n int) int { return aessha2.CiphertextLen(n) }

// pkInfo is empty: this construction has no label.
var pkInfo []byte

// PKEncrypt encrypts plaintext to the owner of recipient, with PKRandomLen random bytes. ciphertext
// has length PKCiphertextLen(len(plaintext)).
//
// The MAC is computed over nothing: libolm forgot to pass the ciphertext, and the Matrix
// specification has since written that down (m.megolm_backup.v1.curve25519-aes-sha2). It proves
// that the keys agree and no more.
func PKEncrypt(ciphertext []byte, mac *[wire.MACLen]byte, ephemeral, recipient *[32]byte, plaintext, random []byte, tol wire.Tolerance) errcode.Code {
	if tol == wire.Strict && !curve.CanonicalMontgomery(recipient) {
		return errcode.BadPublicKey
	}
	var pair keyPair
	pair.set(random)
	var k aessha2.Keys
	code := pkKeys(&k, &pair, recipient)
	if code == errcode.OK {
		*ephemeral = pair.public
		k.Encrypt(ciphertext, plaintext)
		var full [32]byte
		k.MAC(&full, nil)
		secret.Copy(mac[:], full[:wire.MACLen])
		k.Wipe()
	}
	pair.wipe()
	return code
}

func pkKeys(k *aessha2.Keys, own *keyPair, theirs *[32]byte) errcode.Code {
	var shared [32]byte
	if code := dh(shared[:], &own.private, theirs); code != errcode.OK {
		return code
	}
	k.Derive(shared[:], pkInfo)
	secret.Wipe(shared[:])
	return errcode.OK
}

// PKDecryption is the private key of a recipient.
type PKDecryption struct {
	pair    keyPair
	created bool
}

// Start makes d the key pair of 32 private, or random, bytes.
func (d *PKDecryption) Start(private []byte) {
	d.pair.set(private)
	d.created = true
}

// Created reports whether d has a key pair.
func (d *PKDecryption) Created() bool { return d.created }

// Public returns the public key.
func (d *PKDecryption) Public() *[32]byte { return &d.pair.public }

// Private returns the private key, which is d's own memory.
func (d *PKDecryption) Private() *[32]byte { return &d.pair.private }

// Wipe overwrites d with zeros.
func (d *PKDecryption) Wipe() {
	d.pair.wipe()
	d.created = false
}

// Decrypt decrypts ciphertext to dst, which is at least as long, and returns the length of the
// plaintext. That the ciphertext is what was encrypted is not proved: see PKEncrypt.
func (d *PKDecryption) Decrypt(dst, ciphertext, mac []byte, ephemeral *[32]byte, tol wire.Tolerance) (n int, code errcode.Code) {
	if len(mac) != wire.MACLen {
		return 0, errcode.BadMessageMAC
	}
	if tol == wire.Strict && !curve.CanonicalMontgomery(ephemeral) {
		return 0, errcode.BadPublicKey
	}
	var k aessha2.Keys
	if code := pkKeys(&k, &d.pair, ephemeral); code != errcode.OK {
		return 0, code
	}
	n, ok := 0, k.VerifyMAC((*[aessha2.TagLen]byte)(mac), nil) == 1
	if ok {
		n, ok = k.Decrypt(dst, ciphertext)
	}
	k.Wipe()
	if !ok {
		return 0, errcode.BadMessageMAC
	}
	return n, errcode.OK
}

// Pickles.

const (
	pkVersion = 1
	pkRawLen  = 4 + keyPairLen
)

// PKPickleLen is the length of what Pickle writes.
var PKPickleLen = envelope.SealedLen(pkRawLen)

// Pickle writes d, encrypted under key, to dst.
func (d *PKDecryption) Pickle(dst, key []byte) {
	w := wire.NewWriter(envelope.Contents(dst, pkRawLen))
	w.Uint32(pkVersion)
	d.pair.pickle(&w)
	envelope.Seal(dst, key, pkRawLen)
}

// Unpickle reads d from the contents of a pickle. After an error d is what it was, unless
// tol is wire.Strict: then it may be anything, and must be wiped.
func (d *PKDecryption) Unpickle(raw []byte, tol wire.Tolerance) errcode.Code {
	r := wire.NewReader(raw)
	version := r.Uint32()
	switch {
	case r.Short():
		return errcode.CorruptedPickle
	case version != pkVersion:
		return errcode.UnknownPickleVersion
	}
	if code := fills(&r, pkRawLen-4); code != errcode.OK {
		return code
	}
	d.pair.unpickle(&r)
	d.created = secret.IsZero(d.pair.private[:]) == 0
	if tol == wire.Strict && d.pair.hasZero() {
		return errcode.CorruptedPickle
	}
	return errcode.OK
}

// Check recomputes the public key, which Unpickle takes as it finds it.
func (d *PKDecryption) Check() errcode.Code { return d.pair.check() }

// Signing.

// Signing is an Ed25519 key pair made from a seed, as cross-signing uses it.
type Signing struct {
	pair    signingPair
	created bool
}

// Start makes s the key pair of a 32-byte seed.
func (s *Signing) Start(seed []byte) {
	s.pair.set(seed)
	s.created = true
}

// Created reports whether s has a key pair.
func (s *Signing) Created() bool { return s.created }

// Public returns the public key.
func (s *Signing) Public() *[32]byte { return &s.pair.public }

// Sign signs message.
func (s *Signing) Sign(sig *[64]byte, message []byte) { s.pair.sign(sig, message) }

// Wipe overwrites s with zeros.
func (s *Signing) Wipe() {
	s.pair.wipe()
	s.created = false
}
