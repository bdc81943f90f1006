package protocol

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// device is an account with its storage.
type device struct {
	Account
	store []OneTimeKey
}

func newDevice(rng *rand.Rand, oneTimeKeys int) *device {
	d := &device{store: make([]OneTimeKey, MaxOneTimeKeys)}
	d.Create(testkit.Random(rng, AccountRandomLen))
	for range oneTimeKeys {
		d.GenerateOneTimeKey(d.store, testkit.Random(rng, KeyRandomLen))
	}
	return d
}

// end is one end of a session, with its storage, which has libolm's size and obeys its rules.
type end struct {
	Session
	skipped ratchet.Skipped
	tol     wire.Tolerance
}

func newEnd(tol wire.Tolerance) *end {
	return &end{tol: tol, skipped: ratchet.Skipped{Keys: make([]ratchet.SkippedKey, 40), Forgotten: make([]ratchet.ForgottenChain, 40)}}
}

// encrypt returns the next message, of the type that Type says.
func (e *end) encrypt(t *testing.T, rng *rand.Rand, plaintext string) []byte {
	t.Helper()
	var random []byte
	if e.NeedsRandom() {
		random = testkit.Random(rng, RatchetRandomLen)
	}
	dst := bytes.Repeat([]byte{0xee}, e.MessageLen(len(plaintext))+1)
	n := len(dst) - 1
	if code := e.Encrypt(dst[:n], []byte(plaintext), random); code != errcode.OK || dst[n] != 0xee {
		t.Fatalf("code %d, written past the end %v", code, dst[n] != 0xee)
	}
	return dst[:n]
}

// decrypt decrypts a message, of the given type, as a caller does, and commits. On a code other than OK
// it checks that nothing has changed, and that nothing of a plaintext is left.
func (e *end) decrypt(t *testing.T, kind int, raw []byte) (string, errcode.Code) {
	t.Helper()
	if kind == TypePreKey {
		var outer wire.PreKeyMessage
		if code := outer.Decode(raw, e.tol); code != errcode.OK {
			return "", code
		}
		if code := e.CheckPreKey(&outer, e.tol); code != errcode.OK {
			return "", code
		}
		raw = outer.Message
	}
	var m wire.Message
	if code := m.Decode(raw, e.tol); code != errcode.OK {
		return "", code
	}
	before := e.Session
	var p ratchet.Pending
	dst := make([]byte, len(m.Ciphertext))
	n, code := e.Decrypt(&p, &e.skipped, dst, &m, e.tol)
	if e.Session != before {
		t.Fatal("Decrypt changed the session")
	}
	if code != errcode.OK {
		if n != 0 || !bytes.Equal(dst, make([]byte, len(dst))) || p.Key != [32]byte{} {
			t.Fatalf("code %d leaves %x", code, dst)
		}
		return "", code
	}
	if room := e.Room(&p); room > ratchet.MaxSkipped {
		t.Fatalf("room for %d keys", room)
	}
	e.Commit(&p, &e.skipped)
	return string(dst[:n]), errcode.OK
}

// must decrypts a message that is as it should be.
func (e *end) must(t *testing.T, kind int, raw []byte, want string) {
	t.Helper()
	if got, code := e.decrypt(t, kind, raw); code != errcode.OK || got != want {
		t.Fatalf("%q, code %d; want %q", got, code, want)
	}
}

func decodePreKey(t *testing.T, raw []byte) *wire.PreKeyMessage {
	t.Helper()
	var m wire.PreKeyMessage
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	return &m
}

// open returns the contents of an envelope, which is not changed.
func open(t *testing.T, sealed []byte) []byte {
	t.Helper()
	raw, code := envelope.Open(bytes.Clone(sealed), pickleKey)
	if code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	return raw
}

var pickleKey = []byte("a pickle key of any length")

// sealUnpadded returns a normal message, its MAC included, whose plaintext is whole blocks to which no
// padding is added: by the standard library.
func sealUnpadded(key []byte, ratchetKey [32]byte, index uint32, blocks []byte) []byte {
	k := testkit.NewAESSHA2(key, "OLM_KEYS")
	raw := make([]byte, wire.MessageLen(index, len(blocks)))
	copy(wire.PutMessage(raw, &ratchetKey, index, len(blocks)), k.Encrypt(blocks))
	copy(raw[len(raw)-8:], k.Tag(raw[:len(raw)-8]))
	return raw
}
