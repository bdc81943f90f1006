package protocol

import (
	"bytes"
	stdaes "crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/wire"
)

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// device is an account with its storage.
type device struct {
	Account
	store []OneTimeKey
}

func newDevice(rng *rand.Rand, oneTimeKeys int) *device {
	d := &device{store: make([]OneTimeKey, MaxOneTimeKeys)}
	d.Create(randomBytes(rng, AccountRandomLen))
	for range oneTimeKeys {
		d.GenerateOneTimeKey(d.store, randomBytes(rng, KeyRandomLen))
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
		random = randomBytes(rng, RatchetRandomLen)
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

// leaves calls f with every number and boolean in v, which is addressable.
func leaves(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Array:
		for i := range v.Len() {
			leaves(v.Index(i), path, f)
		}
	default:
		f(path, reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()) // also if not exported
	}
}

// fill sets everything in p to ones, and complains about what is neither number nor boolean.
func fill(t *testing.T, p any) {
	t.Helper()
	leaves(reflect.ValueOf(p).Elem(), reflect.TypeOf(p).Elem().Name(), func(path string, v reflect.Value) {
		switch {
		case v.CanUint():
			v.SetUint(^uint64(0) >> (64 - 8*v.Type().Size()))
		case v.CanInt():
			v.SetInt(1)
		case v.Kind() == reflect.Bool:
			v.SetBool(true)
		default:
			t.Errorf("%s is a %v, where there may be numbers alone", path, v.Type())
		}
	})
}

// sealUnpadded returns a normal message, its MAC included, whose plaintext is whole blocks to which no
// padding is added: by the standard library.
func sealUnpadded(key []byte, ratchetKey [32]byte, index uint32, blocks []byte) []byte {
	d, err := hkdf.Key(sha256.New, key, nil, "OLM_KEYS", 80)
	if err != nil {
		panic(err)
	}
	block, err := stdaes.NewCipher(d[:32])
	if err != nil {
		panic(err)
	}
	raw := make([]byte, wire.MessageLen(index, len(blocks)))
	cipher.NewCBCEncrypter(block, d[64:]).CryptBlocks(wire.PutMessage(raw, &ratchetKey, index, len(blocks)), blocks)
	h := hmac.New(sha256.New, d[32:64])
	h.Write(raw[:len(raw)-8])
	copy(raw[len(raw)-8:], h.Sum(nil))
	return raw
}
