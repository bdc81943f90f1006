package testkit

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// recorder is a test that goes on after it has failed.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper()                           {}
func (r *recorder) Logf(string, ...any)               {}
func (r *recorder) Errorf(format string, args ...any) { r.said += fmt.Sprintf(format, args...) }
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }

type chain struct {
	key   [32]byte
	words [8]uint32
	limbs [5]int32
	index uint32
}

// TestMemory: Fill reaches all, and complains about what is not plain memory.
func TestMemory(t *testing.T) {
	var c chain
	Fill(t, &c)
	n := 0
	Leaves(&c, func(path string, leaf reflect.Value) {
		if n++; leaf.IsZero() {
			t.Errorf("%s stays", path)
		}
	})
	if n != 32+8+5+1 || c.key[31] != 0xff || c.index != 1<<32-1 || c.limbs[4] != 1 {
		t.Errorf("%d leaves, %v", n, c)
	}
	var r recorder
	Fill(&r, new(struct{ a struct{ b []byte } }))
	if !strings.Contains(r.said, ".a.b is a []uint8") {
		t.Errorf("%q", r.said)
	}
}

func TestFlips(t *testing.T) {
	seen := map[string]bool{}
	for i, bad := range Flips([]byte{0xf0, 0x0f}) {
		if bad[i/8]^[]byte{0xf0, 0x0f}[i/8] != 1<<(i%8) {
			t.Errorf("bit %d: %x", i, bad)
		}
		seen[string(bad)] = true
	}
	if len(seen) != 16 {
		t.Errorf("%d of 16 bits", len(seen))
	}
	seen = map[string]bool{}
	for _, bad := range Corruptions([]byte("ab")) {
		seen[string(bad)] = true
	}
	if len(seen) != 16+2+3 || seen["ab"] {
		t.Errorf("%d corruptions", len(seen))
	}
}

var sink []byte

func TestBudgets(t *testing.T) {
	var r recorder
	calls := 0
	allocate := func() { calls++; sink = make([]byte, 1000) }
	Budget(&r, "one", 1, 10, func(call int) {
		if call != calls {
			t.Errorf("call %d is number %d", calls, call)
		}
		allocate()
	})
	NoAllocations(&r, "none", 10, func() { calls++ })
	if r.said != "" || calls != 22 {
		t.Errorf("%d calls: %s", calls, r.said)
	}
	if NoAllocations(&r, "another", 10, allocate); r.said != "another: 1 allocations, want 0" {
		t.Errorf("%q", r.said)
	}
	if n := Allocated(allocate); n < 1000 || n > 100_000 {
		t.Errorf("%d bytes", n)
	}
	r.said = ""
	if Holds(&r, "it", 40, func() *[64]byte { return new([64]byte) }); !strings.HasPrefix(r.said, "it holds 6") {
		t.Errorf("%q", r.said)
	}
	Holds(t, "it", 80, func() *[64]byte { return new([64]byte) })
}

func TestErr(t *testing.T) {
	want := errors.New("refused")
	both := func(err error) (int, string, error) { return 1, "", err }
	if Err(both(want)) != want || Err(both(nil)) != nil || Err(want) != want {
		t.Error("not the error")
	}
	defer func() {
		if recover() == nil {
			t.Error("what is no error is taken for none")
		}
	}()
	_ = Err("text")
}

// TestStandard: RFC 4231 test case 2, RFC 5869 test case 3, RFC 7748 section 6.1, and SP 800-38A F.2.5.
func TestStandard(t *testing.T) {
	k := AESSHA2{
		AES: Hex(t, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), IV: Hex(t, "000102030405060708090a0b0c0d0e0f"), MAC: []byte("Jefe"),
	}
	block := Hex(t, "6bc1bee22e409f96e93d7e117393172a")
	alice, bob := Hex(t, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"), Hex(t, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
	derived := NewAESSHA2([]byte("secret"), "info")
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"HMAC":    {HMAC([]byte("Jefe"), []byte("what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		"Tag":     {k.Tag([]byte("what do ya want for nothing?")), "5bdcc146bf60754e"},
		"HKDF":    {HKDF([]byte(strings.Repeat("\x0b", 22)), nil, "", 42), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
		"public":  {X25519Public(alice), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"},
		"shared":  {X25519(alice, X25519Public(bob)), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
		"forced":  {X25519(alice, make([]byte, 32)), ""},
		"Encrypt": {k.Encrypt(block), "f58c4c04d6e5f1ba779eabfb5f7bfbd6"},
		"Decrypt": {k.Decrypt(k.Encrypt(block)), "6bc1bee22e409f96e93d7e117393172a"},
		"Pad":     {Pad("0123456789abcde"), "30313233343536373839616263646501"},
		"Pad, 16": {Pad(block)[16:], "10101010101010101010101010101010"},
		"keys":    {HKDF([]byte("secret"), nil, "info", 80), fmt.Sprintf("%x%x%x", derived.AES, derived.MAC, derived.IV)},
	} {
		if got := fmt.Sprintf("%x", c.got); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if len(derived.AES) != 32 || len(derived.MAC) != 32 {
		t.Error("keys of another length")
	}
}
