//go:build ctgrind && linux && (amd64 || 386)

package constant_time

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
	"github.com/karst-im/karst/internal/wire"
)

// Leaks that have to be noticed: a branch, an address, the functions that everybody else would take, and a
// branch on what each of our primitives makes of a secret. If memcheck lost the trace in one of them, it
// would see nothing in the code behind it either.

var sink int

// branch leaks one byte. What was reported before was not the leak that is planted here.
func (c *trial) branch(b byte) {
	c.early = secret.Reports() - c.start
	if b&1 == 1 {
		sink++
	}
}

var leaks = map[string]func(c *trial){
	"a branch":  func(c *trial) { c.branch(c.key(1)[0]) },
	"an index":  func(c *trial) { sink += int("0123456789abcdef"[c.key(1)[0]&15]) },
	"array ==":  func(c *trial) { c.branch(map[bool]byte{true: 1}[[32]byte(c.key(32)) == [32]byte{}]) },
	"base64":    func(c *trial) { sink += len(base64.StdEncoding.EncodeToString(c.key(32))) },
	"hex":       func(c *trial) { sink += len(hex.EncodeToString(c.key(32))) },
	"a verdict": func(c *trial) { c.branch(c.key(32)[3] ^ c.key(32)[4]) },
	"after SHA-256": func(c *trial) {
		var out [32]byte
		sha2.Sum256(&out, c.key(100))
		c.branch(out[31])
	},
	"after SHA-512": func(c *trial) {
		var out [64]byte
		sha2.Sum512(&out, c.key(32), nil, nil)
		c.branch(out[63])
	},
	"after HMAC": func(c *trial) {
		var out [32]byte
		kdf.HMAC(&out, (*[32]byte)(c.key(32)), c.key(5))
		c.branch(out[0])
	},
	"after HKDF": func(c *trial) {
		out := make([]byte, 96)
		kdf.HKDF(out, nil, c.key(32), nil)
		c.branch(out[95])
	},
	"after X25519": func(c *trial) {
		var out [32]byte
		curve.X25519(&out, (*[32]byte)(c.key(32)), &[32]byte{9})
		c.branch(out[31])
	},
	"after a public key": func(c *trial) {
		var out [32]byte
		curve.PublicKey(&out, (*[32]byte)(c.key(32)))
		c.branch(out[31])
	},
	"after signing, R": func(c *trial) { c.branch(c.signature()[0]) },
	"after signing, S": func(c *trial) { c.branch(c.signature()[40]) },
	"after encrypting": func(c *trial) {
		b := make([]byte, 32)
		aes.EncryptCBC(b, b, (*[32]byte)(c.key(32)), new([16]byte))
		c.branch(b[31])
	},
	"after decrypting": func(c *trial) {
		b := make([]byte, 64)
		aes.DecryptCBC(b, b, (*[32]byte)(c.key(32)), new([16]byte))
		c.branch(b[31])
	},
	"after a padding": func(c *trial) {
		var k aessha2.Keys
		k.Derive(c.key(32), []byte("info"))
		b := make([]byte, 48)
		k.Encrypt(b, c.key(40))
		n, _ := k.Decrypt(b, b)
		c.branch(b[n-1])
	},
	"after encoding base64": func(c *trial) {
		b := make([]byte, 43)
		wire.Encode(b, c.key(32))
		c.branch(b[42])
	},
	"after decoding base64": func(c *trial) {
		text := make([]byte, 43)
		wire.Encode(text, make([]byte, 32))
		if !c.first {
			secret.MarkSecret(text)
		}
		b := make([]byte, 32)
		wire.Decode(b, text)
		c.branch(b[31])
	},
	"after a step of a chain": func(c *trial) {
		var out [32]byte
		kdf.HMACByte(&out, (*[32]byte)(c.key(32)), 1)
		c.branch(out[31])
	},
	"after the Double Ratchet": func(c *trial) {
		var d ratchet.Double
		var out [32]byte
		d.StartAlice((*[96]byte)(c.key(96)), (*[32]byte)(c.key(32)))
		if d.NextMessageKey(&out) != 0 {
			panic("no message key")
		}
		c.branch(out[31])
	},
	"bytes.Equal": func(c *trial) {
		if bytes.Equal(c.key(32), c.key(32)) {
			sink++
		}
	},
	"after the Megolm ratchet": func(c *trial) {
		var m ratchet.Megolm
		var out [ratchet.MegolmLen]byte
		m.Set(c.key(ratchet.MegolmLen), 0)
		m.AdvanceTo(70000)
		m.Key(&out)
		c.branch(out[127])
	},
}

func (c *trial) signature() []byte {
	var sk, sig [64]byte
	var pub [32]byte
	curve.ExpandSeed(&sk, (*[32]byte)(c.key(32)))
	curve.PublicFromExpanded(&pub, &sk)
	curve.Sign(&sig, &sk, &pub, []byte("message"))
	return sig[:]
}

func TestLeaks(t *testing.T) {
	for name, f := range leaks {
		t.Run(name, func(t *testing.T) { leaky(t, strings.HasPrefix(name, "after "), f) })
	}
}
