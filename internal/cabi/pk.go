package cabi

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// PKEncryption is an OlmPkEncryption.
type PKEncryption struct {
	status
	recipient [32]byte
}

// Lengths of the parts of a PK message.
const (
	PKKeyLen        = keyText
	PKMACLen        = 11 // 8 bytes
	PKRandomLen     = protocol.PKRandomLen
	PKPrivateKeyLen = 32
)

// SetRecipientKey sets the key to encrypt to. publicKey is its text, or begins with it.
func (e *PKEncryption) SetRecipientKey(publicKey []byte) uint {
	if len(publicKey) < keyText {
		return e.fail(errcode.InputBufferTooSmall)
	}
	wire.DecodeLenient(e.recipient[:], publicKey[:keyText])
	return 0
}

// PKCiphertextLen returns the length of the ciphertext of n bytes, or Error if that is too long.
func PKCiphertextLen(n uint) uint {
	if n > maxPlaintext {
		return Error
	}
	return uint(wire.EncodedLen(protocol.PKCiphertextLen(int(n))))
}

// encrypted is what Encrypt returns: libolm passes on the length of its MAC.
const encrypted = wire.MACLen

// Encrypt writes the ciphertext of plaintext, the MAC and the ephemeral key, and returns 8. random
// stays as it is.
func (e *PKEncryption) Encrypt(plaintext, ciphertext, mac, ephemeralKey, random []byte) uint {
	n := PKCiphertextLen(uint(len(plaintext)))
	// libolm asks for room for only 8 characters of the MAC, and writes 11.
	if uint(len(ciphertext)) < n || len(mac) < PKMACLen || len(ephemeralKey) < keyText {
		return e.fail(errcode.OutputBufferTooSmall)
	}
	if len(random) < PKRandomLen {
		return e.fail(errcode.NotEnoughRandom)
	}
	ciphertext = ciphertext[:n]
	raw := ciphertext[int(n)-protocol.PKCiphertextLen(len(plaintext)):]
	var tag [wire.MACLen]byte
	var ephemeral [32]byte
	if code := protocol.PKEncrypt(raw, &tag, &ephemeral, &e.recipient, plaintext, random, wire.Lenient); code != errcode.OK {
		return e.failKey(code)
	}
	wire.Encode(ciphertext, raw)
	wire.Encode(mac[:PKMACLen], tag[:])
	wire.Encode(ephemeralKey[:keyText], ephemeral[:])
	return encrypted
}

// PKDecryption is an OlmPkDecryption.
type PKDecryption struct {
	status
	d protocol.PKDecryption
}

// KeyFromPrivate makes d the key pair of the first 32 bytes of private, and writes the public key.
func (d *PKDecryption) KeyFromPrivate(publicKey, private []byte) uint {
	if len(publicKey) < keyText {
		return d.fail(errcode.OutputBufferTooSmall)
	}
	if len(private) < PKPrivateKeyLen {
		return d.fail(errcode.InputBufferTooSmall)
	}
	d.d.Start(private)
	d.putText(publicKey, d.d.Public()[:])
	return 0
}

// PKPickleLen returns the length of the pickle of a PKDecryption.
func PKPickleLen() uint { return uint(protocol.PKPickleLen) }

// Pickle writes the key pair, encrypted under key, to pickled, and returns the length.
func (d *PKDecryption) Pickle(key, pickled []byte) uint {
	return writePickle(d, PKPickleLen(), key, pickled)
}

func (d *PKDecryption) write(dst, key []byte) { d.d.Pickle(dst, key) }

// Unpickle reads the key pair from pickled, which is decrypted where it lies, writes the public key
// unless publicKey is nil, and returns the length of pickled.
func (d *PKDecryption) Unpickle(key, pickled, publicKey []byte) uint {
	if publicKey != nil && len(publicKey) < keyText {
		return d.fail(errcode.OutputBufferTooSmall)
	}
	n := readPickle(d, key, pickled)
	if n != Error && publicKey != nil {
		d.putText(publicKey, d.d.Public()[:])
	}
	return n
}

func (d *PKDecryption) read(raw []byte) errcode.Code { return d.d.Unpickle(raw, wire.Lenient) }

// PKMaxPlaintextLen returns how much room Decrypt wants for the plaintext of n characters, or Error if
// nothing has n characters.
func PKMaxPlaintextLen(n uint) uint {
	if n%4 == 1 {
		return Error
	}
	return n/4*3 + n%4*6/8
}

// Decrypt decrypts a ciphertext, which is decoded where it lies, and returns the length of the
// plaintext. Nothing proves that the ciphertext is what was encrypted.
func (d *PKDecryption) Decrypt(ephemeralKey, mac, ciphertext, plaintext []byte) uint {
	if uint(len(plaintext)) < PKMaxPlaintextLen(uint(len(ciphertext))) {
		return d.fail(errcode.OutputBufferTooSmall)
	}
	var ephemeral [32]byte
	if code := decodeKey(&ephemeral, ephemeralKey); code != errcode.OK || len(mac) != PKMACLen {
		return d.fail(errcode.InvalidBase64)
	}
	var tag [wire.MACLen]byte
	wire.DecodeLenient(tag[:], mac)
	raw, code := decodeInPlace(ciphertext)
	if code == errcode.OK && !d.d.Created() {
		code = noKey
	}
	if code != errcode.OK {
		return d.fail(code)
	}
	n, code := d.d.Decrypt(plaintext, raw, tag[:], &ephemeral, wire.Lenient)
	if code != errcode.OK {
		return d.fail(code)
	}
	return uint(n)
}

// PrivateKey writes the private key, 32 bytes that are not text, and returns their number.
func (d *PKDecryption) PrivateKey(out []byte) uint {
	if len(out) < PKPrivateKeyLen {
		return d.fail(errcode.OutputBufferTooSmall)
	}
	if !d.d.Created() {
		return d.fail(noKey)
	}
	return uint(secret.Copy(out, d.d.Private()[:]))
}

// PKSigning is an OlmPkSigning.
type PKSigning struct {
	status
	s protocol.Signing
}

// Lengths of a PKSigning's seed, public key and signatures.
const (
	PKSigningSeedLen      = 32
	PKSigningPublicKeyLen = keyText
	PKSignatureLen        = signatureText
)

// KeyFromSeed makes s the key pair of the first 32 bytes of seed, and writes the public key.
func (s *PKSigning) KeyFromSeed(publicKey, seed []byte) uint {
	if len(publicKey) < keyText {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	if len(seed) < PKSigningSeedLen {
		return s.fail(errcode.InputBufferTooSmall)
	}
	s.s.Start(seed)
	s.putText(publicKey, s.s.Public()[:])
	return 0
}

// Sign writes the signature of message and returns its length.
func (s *PKSigning) Sign(message, signature []byte) uint {
	if len(signature) < signatureText {
		return s.fail(errcode.OutputBufferTooSmall)
	}
	if !s.s.Created() {
		return s.fail(noKey)
	}
	var sig [64]byte
	s.s.Sign(&sig, message)
	return s.putText(signature, sig[:])
}
