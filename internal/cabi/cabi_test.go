package cabi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/errcode"
)

// memory is where an object lies, at a distance from any alignment.
type memory[T Object] struct {
	whole []byte
	at    int
}

func construct[T Object](misaligned int) memory[T] {
	m := memory[T]{make([]byte, int(Size[T]())+16), misaligned}
	for i := range m.whole {
		m.whole[i] = 0xa5
	}
	Construct[T](m.pointer())
	return m
}

func (m memory[T]) pointer() unsafe.Pointer { return unsafe.Pointer(&m.whole[m.at]) }
func (m memory[T]) object() *T              { return At[T](m.pointer()) }
func create[T Object]() *T                  { return construct[T](1).object() }

// moved returns a copy of m at another address.
func (m memory[T]) moved(misaligned int) memory[T] {
	c := memory[T]{make([]byte, len(m.whole)), misaligned}
	copy(c.whole[misaligned:], m.whole[m.at:m.at+int(Size[T]())])
	return c
}

// reasons is what all objects have.
type reasons interface{ LastErrorCode() errcode.Code }

func fails(t *testing.T, o reasons, result uint, want errcode.Code) {
	t.Helper()
	if got := o.LastErrorCode(); result != Error || got != want {
		t.Errorf("result %d, reason %s, want an error and %s", result, ErrorName(uint32(got)), ErrorName(uint32(want)))
	}
}

func succeeds(t *testing.T, result, want uint) {
	t.Helper()
	if result != want {
		t.Fatalf("result %d, want %d", result, want)
	}
}

func random(n int, seed byte) []byte {
	var key [32]byte
	key[0] = seed
	b := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(b)
	return b
}

// text64 returns what a function writes to a buffer of n bytes, which is exactly enough.
func text64(t *testing.T, n uint, write func([]byte) uint) []byte {
	t.Helper()
	b := make([]byte, n)
	if got := write(b); got != n {
		t.Fatalf("%d bytes, want %d", got, n)
	}
	return b
}

func newAccount(t *testing.T, seed byte) *Account {
	t.Helper()
	a := create[Account]()
	r := random(CreateAccountRandomLen, seed)
	succeeds(t, a.Create(r), 0)
	if !bytes.Equal(r, make([]byte, len(r))) {
		t.Error("the random bytes are not wiped")
	}
	return a
}

type published struct{ Curve25519, Ed25519 string }

func identityKeys(t *testing.T, a *Account) (k published) {
	t.Helper()
	if err := json.Unmarshal(text64(t, uint(IdentityKeysLen), a.IdentityKeys), &k); err != nil {
		t.Fatal(err)
	}
	return k
}

func oneTimeKeys(t *testing.T, n uint, write func([]byte) uint) map[string]string {
	t.Helper()
	var list map[string]map[string]string
	if err := json.Unmarshal(text64(t, n, write), &list); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return list["curve25519"]
}

func TestErrorNames(t *testing.T) {
	want := strings.Fields(`SUCCESS NOT_ENOUGH_RANDOM OUTPUT_BUFFER_TOO_SMALL BAD_MESSAGE_VERSION BAD_MESSAGE_FORMAT
		BAD_MESSAGE_MAC BAD_MESSAGE_KEY_ID INVALID_BASE64 BAD_ACCOUNT_KEY UNKNOWN_PICKLE_VERSION CORRUPTED_PICKLE
		BAD_SESSION_KEY UNKNOWN_MESSAGE_INDEX BAD_LEGACY_ACCOUNT_PICKLE BAD_SIGNATURE OLM_INPUT_BUFFER_TOO_SMALL
		OLM_SAS_THEIR_KEY_NOT_SET OLM_PICKLE_EXTRA_DATA UNKNOWN_ERROR UNKNOWN_ERROR`)
	for i, name := range want {
		if got := ErrorName(uint32(i)); got != name+"\x00" {
			t.Errorf("%d: %q", i, got)
		}
	}
	if got := ErrorName(^uint32(0)); got != "UNKNOWN_ERROR\x00" {
		t.Errorf("%q", got)
	}
	// Nothing that an object may note lies outside of libolm's range.
	for c := range 256 {
		var s status
		s.fail(errcode.Code(c).Libolm())
		if c < 64 && s.code > errcode.PickleExtraData && errcode.Code(c).Libolm() != errcode.Code(c) {
			t.Errorf("code %d becomes %d", c, s.code)
		}
	}
}

func TestSizes(t *testing.T) {
	if n := Size[Account](); n > 8<<10 {
		t.Errorf("an account takes %d bytes", n)
	}
	if n := Size[Session](); n > 4<<10 {
		t.Errorf("a session takes %d bytes", n)
	}
}

func TestMemory(t *testing.T) {
	for from := range 9 {
		m := construct[Account](from)
		for i, b := range m.whole {
			if outside := i < from || i >= from+int(Size[Account]()); outside != (b == 0xa5) {
				t.Fatalf("at %d: byte %d is %#x", from, i, b)
			}
		}
		r := random(CreateAccountRandomLen+20*FallbackKeyRandomLen, 1)
		m.object().Create(r[:CreateAccountRandomLen])
		m.object().GenerateOneTimeKeys(20, r[CreateAccountRandomLen:])
		want := text64(t, m.object().PickleLen(), func(b []byte) uint { return m.object().Pickle(nil, b) })
		for to := range 9 {
			c := m.moved(to).moved(8 - to)
			if uintptr(unsafe.Pointer(c.object()))%alignment != 0 {
				t.Fatal("the object is not aligned")
			}
			if got := text64(t, c.object().PickleLen(), func(b []byte) uint { return c.object().Pickle(nil, b) }); !bytes.Equal(got, want) {
				t.Fatalf("moved from %d to %d and back the account is another one", from, to)
			}
		}
		succeeds(t, Clear[Account](m.pointer()), Size[Account]())
		if got := m.whole[from+alignment : from+int(Size[Account]())]; !bytes.Equal(got, make([]byte, len(got))) {
			t.Fatal("what was cleared is not zero")
		}
		if got, fresh := m.object(), create[Account](); !bytes.Equal(bytesOf(got), bytesOf(fresh)) {
			t.Fatal("what was cleared is not as if constructed")
		}
	}
	// Memory in which nothing was ever constructed is not looked at beyond its end.
	garbage := bytes.Repeat([]byte{0xee}, int(Size[Utility]())+1)
	At[Utility](unsafe.Pointer(&garbage[0]))
	if garbage[len(garbage)-1] != 0xee {
		t.Error("written behind the end")
	}
}

func TestAccount(t *testing.T) {
	a := newAccount(t, 1)
	fails(t, a, a.IdentityKeys(make([]byte, IdentityKeysLen-1)), errcode.OutputBufferTooSmall)
	fails(t, a, a.Sign(nil, make([]byte, SignatureLen-1)), errcode.OutputBufferTooSmall)
	short := random(CreateAccountRandomLen-1, 2)
	fails(t, a, a.Create(short), errcode.NotEnoughRandom)
	if !bytes.Equal(short, make([]byte, len(short))) {
		t.Error("random bytes that are too few are not wiped")
	}

	sig := text64(t, SignatureLen, func(b []byte) uint { return a.Sign([]byte("message"), b) })
	u := create[Utility]()
	key := []byte(identityKeys(t, a).Ed25519)
	succeeds(t, u.Verify(key, []byte("message"), bytes.Clone(sig)), 0)
	succeeds(t, u.Verify(key, []byte("message"), append(bytes.Clone(sig), "=="...)), 0)
	fails(t, u, u.Verify(key, []byte("massage"), bytes.Clone(sig)), errcode.BadMessageMAC)
	fails(t, u, u.Verify(key, nil, sig[:85]), errcode.InvalidBase64)
	fails(t, u, u.Verify(key[:42], nil, sig), errcode.InvalidBase64)
	fails(t, u, u.Verify(key, nil, sig[:84]), errcode.BadMessageMAC)
	for i := byte(0); ; i++ { // until the last byte of a signature is 0, which is one in 16
		sig := text64(t, SignatureLen, func(b []byte) uint { return a.Sign([]byte{i}, b) })
		if sig[84] == 'A' && sig[85] == 'A' {
			succeeds(t, u.Verify(key, []byte{i}, bytes.Clone(sig)), 0)
			fails(t, u, u.Verify(key, []byte{i}, sig[:84]), errcode.BadMessageMAC)
			break
		}
	}

	if got := oneTimeKeys(t, a.OneTimeKeysLen(), a.OneTimeKeys); len(got) != 0 {
		t.Error(got)
	}
	fails(t, a, a.GenerateOneTimeKeys(2, random(63, 3)), errcode.NotEnoughRandom)
	fails(t, a, a.GenerateOneTimeKeys(1<<(unsafe.Sizeof(uint(0))*8-5), nil), errcode.NotEnoughRandom)
	succeeds(t, a.GenerateOneTimeKeys(0, nil), 0)
	many := random(150*32, 3)
	succeeds(t, a.GenerateOneTimeKeys(150, many), 150)
	if !bytes.Equal(many, make([]byte, len(many))) {
		t.Error("the random bytes of one-time keys are not wiped")
	}
	list := oneTimeKeys(t, a.OneTimeKeysLen(), a.OneTimeKeys)
	if len(list) != MaxOneTimeKeys || list["AAAAMw"] == "" || list["AAAAlg"] == "" {
		t.Errorf("%d keys: %v", len(list), list)
	}
	fails(t, a, a.OneTimeKeys(make([]byte, a.OneTimeKeysLen()-1)), errcode.OutputBufferTooSmall)
	succeeds(t, a.MarkKeysAsPublished(), MaxOneTimeKeys)
	succeeds(t, a.MarkKeysAsPublished(), 0)
	succeeds(t, a.OneTimeKeysLen(), keyListLen(0))

	fails(t, a, a.GenerateFallbackKey(nil), errcode.NotEnoughRandom)
	succeeds(t, a.FallbackKeyLen(true), keyListLen(0))
	for range 2 {
		r := random(32, 4)
		succeeds(t, a.GenerateFallbackKey(r), 1)
		if !bytes.Equal(r, make([]byte, len(r))) {
			t.Error("the random bytes of a fallback key are not wiped")
		}
	}
	write := func(b []byte) uint { return a.FallbackKey(false, b) }
	if got := oneTimeKeys(t, a.FallbackKeyLen(false), write); len(got) != 1 || got["AAAAmA"] == "" {
		t.Error(got)
	}
	a.MarkKeysAsPublished()
	if got := oneTimeKeys(t, a.FallbackKeyLen(false), write); len(got) != 0 {
		t.Error(got)
	}
	if got := oneTimeKeys(t, a.FallbackKeyLen(true), func(b []byte) uint { return a.FallbackKey(true, b) }); len(got) != 1 {
		t.Error(got)
	}
	fails(t, a, a.FallbackKey(true, make([]byte, a.FallbackKeyLen(true)-1)), errcode.OutputBufferTooSmall)
	a.ForgetOldFallbackKey()
	fails(t, a, a.RemoveOneTimeKeys(create[Session]()), errcode.BadMessageKeyID)
}

// pickled checks one kind of object's pickles: what an object is made of them again, and what errors
// leave behind.
func pickled[T Object](t *testing.T, o *T, length uint, pickle func(*T, []byte, []byte) uint, unpickle func(*T, []byte, []byte) uint) {
	t.Helper()
	p := text64(t, length, func(b []byte) uint { return pickle(o, []byte("key"), b) })
	again := create[T]()
	succeeds(t, unpickle(again, []byte("key"), bytes.Clone(p)), length)
	if got := text64(t, length, func(b []byte) uint { return pickle(again, []byte("key"), b) }); !bytes.Equal(got, p) {
		t.Fatal("the pickle of what was unpickled is another one")
	}
	reason := func(o *T) errcode.Code { return any(o).(reasons).LastErrorCode() }
	refused := func(key string, p []byte, want errcode.Code) {
		t.Helper()
		before := text64(t, length, func(b []byte) uint { return pickle(again, nil, b) })
		if got := unpickle(again, []byte(key), bytes.Clone(p)); got != Error || reason(again) != want {
			t.Errorf("result %d, reason %d, want %d", got, reason(again), want)
		}
		if after := text64(t, length, func(b []byte) uint { return pickle(again, nil, b) }); !bytes.Equal(before, after) {
			t.Error("a refused pickle has changed the object")
		}
	}
	refused("kex", p, errcode.BadAccountKey)
	refused("key", nil, errcode.BadAccountKey)
	refused("key", p[:8], errcode.BadAccountKey)
	refused("key", append(bytes.Clone(p), p[:(5-len(p)%4)%4]...), errcode.InvalidBase64)
	for i := range p[:len(p)-1] { // the last character may have bits that mean nothing
		bad := bytes.Clone(p)
		if bad[i] = 'A'; p[i] == 'A' {
			bad[i] = '%' // no character: all ones
		}
		refused("key", bad, errcode.BadAccountKey)
	}
	if got := pickle(again, nil, make([]byte, length-1)); got != Error || reason(again) != errcode.OutputBufferTooSmall {
		t.Error("pickled into too small a buffer")
	}
}

func TestPickles(t *testing.T) {
	a := newAccount(t, 1)
	a.GenerateOneTimeKeys(3, random(96, 2))
	pickled(t, a, a.PickleLen(), (*Account).Pickle, (*Account).Unpickle)
	pickled(t, create[Account](), create[Account]().PickleLen(), (*Account).Pickle, (*Account).Unpickle)
	alice, bob := newPair(t)
	pickled(t, alice, alice.PickleLen(), (*Session).Pickle, (*Session).Unpickle)
	pickled(t, bob, bob.PickleLen(), (*Session).Pickle, (*Session).Unpickle)
	pickled(t, create[Session](), create[Session]().PickleLen(), (*Session).Pickle, (*Session).Unpickle)
	g, in := newGroup(t)
	pickled(t, g, OutboundGroupPickleLen(), (*OutboundGroupSession).Pickle, (*OutboundGroupSession).Unpickle)
	pickled(t, in, InboundGroupPickleLen(), (*InboundGroupSession).Pickle, (*InboundGroupSession).Unpickle)
	d := create[PKDecryption]()
	d.KeyFromPrivate(make([]byte, PKKeyLen), random(32, 1))
	unpickle := func(d *PKDecryption, key, p []byte) uint { return d.Unpickle(key, p, nil) }
	pickled(t, d, PKPickleLen(), (*PKDecryption).Pickle, unpickle)

	// A pickle of another kind under the right key.
	p := text64(t, PKPickleLen(), func(b []byte) uint { return d.Pickle(nil, b) })
	fails(t, a, a.Unpickle(nil, bytes.Clone(p)), errcode.BadLegacyAccountPickle)
	fails(t, alice, alice.Unpickle(nil, bytes.Clone(p)), errcode.CorruptedPickle)
	fails(t, in, in.Unpickle(nil, bytes.Clone(p)), errcode.CorruptedPickle)
	fails(t, g, g.Unpickle(nil, bytes.Clone(p)), errcode.CorruptedPickle)
	fails(t, d, d.Unpickle(nil, p, make([]byte, PKKeyLen-1)), errcode.OutputBufferTooSmall)
	key := make([]byte, PKKeyLen)
	succeeds(t, d.Unpickle(nil, p, key), PKPickleLen())
	if again := text64(t, PKKeyLen, func(b []byte) uint { return d.KeyFromPrivate(b, random(32, 1)) + PKKeyLen }); !bytes.Equal(again, key) {
		t.Errorf("public key %s, want %s", key, again)
	}
}

// newPair returns a session, and the other side's after its first message.
func newPair(t *testing.T) (alice, bob *Session) {
	t.Helper()
	a, b := newAccount(t, 1), newAccount(t, 2)
	b.GenerateOneTimeKeys(1, random(32, 3))
	oneTime := []byte(oneTimeKeys(t, b.OneTimeKeysLen(), b.OneTimeKeys)["AAAAAQ"])
	identity := []byte(identityKeys(t, b).Curve25519)
	alice, bob = create[Session](), create[Session]()
	r := random(CreateOutboundRandomLen, 4)
	fails(t, alice, alice.CreateOutbound(a, identity[1:], oneTime, r), errcode.InvalidBase64)
	if bytes.Equal(r, make([]byte, len(r))) {
		t.Error("the random bytes are wiped before they were needed")
	}
	zero := bytes.Repeat([]byte("A"), keyText)
	fails(t, alice, alice.CreateOutbound(a, identity, zero, bytes.Clone(r)), errcode.InvalidBase64)
	fails(t, alice, alice.CreateOutbound(a, identity, oneTime, bytes.Clone(r[1:])), errcode.NotEnoughRandom)
	succeeds(t, alice.CreateOutbound(a, identity, oneTime, r), 0)
	if !bytes.Equal(r, make([]byte, len(r))) {
		t.Error("the random bytes are not wiped")
	}

	kind, m := encrypt(t, alice, []byte("first"))
	succeeds(t, kind, 0)
	from := []byte(identityKeys(t, a).Curve25519)
	fails(t, bob, bob.CreateInboundFrom(b, from[1:], bytes.Clone(m)), errcode.InvalidBase64)
	fails(t, bob, bob.CreateInboundFrom(b, identity, bytes.Clone(m)), errcode.BadMessageKeyID)
	fails(t, bob, bob.CreateInbound(a, bytes.Clone(m)), errcode.BadMessageKeyID)
	fails(t, bob, bob.CreateInbound(b, bytes.Clone(m[:len(m)/4*4-3])), errcode.InvalidBase64)
	fails(t, bob, bob.CreateInbound(b, []byte("AwAA")), errcode.BadMessageFormat)
	succeeds(t, bob.CreateInboundFrom(b, from, bytes.Clone(m)), 0)
	for _, s := range []*Session{alice, bob} {
		succeeds(t, s.MatchesInbound(bytes.Clone(m)), 1)
		succeeds(t, s.MatchesInboundFrom(from, bytes.Clone(m)), 1)
		succeeds(t, s.MatchesInboundFrom(identity, bytes.Clone(m)), 0)
		succeeds(t, s.MatchesInbound([]byte("AwAA")), 0)
		fails(t, s, s.MatchesInbound([]byte("A")), errcode.InvalidBase64)
		fails(t, s, s.MatchesInboundFrom(from[:42], bytes.Clone(m)), errcode.InvalidBase64)
	}
	succeeds(t, b.RemoveOneTimeKeys(bob), 1)
	if got := decrypt(t, bob, 0, m); string(got) != "first" {
		t.Fatalf("%q", got)
	}
	if id := text64(t, SessionIDLen, alice.ID); !bytes.Equal(id, text64(t, SessionIDLen, bob.ID)) {
		t.Error("the ids differ")
	}
	fails(t, bob, bob.ID(make([]byte, SessionIDLen-1)), errcode.OutputBufferTooSmall)
	return alice, bob
}

func encrypt(t *testing.T, s *Session, plaintext []byte) (kind uint, m []byte) {
	t.Helper()
	kind = s.EncryptMessageType()
	n := s.EncryptMessageLen(uint(len(plaintext)))
	r := make([]byte, s.EncryptRandomLen())
	for i := range r { // no seed of a byte: two equal ratchet keys are one chain
		r[i] = byte(rand.Uint32())
	}
	m = text64(t, n, func(b []byte) uint { return s.Encrypt(plaintext, r, b) })
	if !bytes.Equal(r, make([]byte, len(r))) {
		t.Error("the random bytes are not wiped")
	}
	return kind, m
}

func decrypt(t *testing.T, s *Session, kind uint, m []byte) []byte {
	t.Helper()
	n := s.DecryptMaxPlaintextLen(kind, bytes.Clone(m))
	if n == Error {
		t.Fatal(ErrorName(uint32(s.code)))
	}
	out := make([]byte, n)
	if n = s.Decrypt(kind, bytes.Clone(m), out); n == Error {
		t.Fatal(ErrorName(uint32(s.code)))
	}
	return out[:n]
}

func TestSession(t *testing.T) {
	alice, bob := newPair(t)
	if alice.HasReceivedMessage() || !bob.HasReceivedMessage() {
		t.Error("who has received a message")
	}
	state := func() string { return fmt.Sprintf("%x", bytesOf(bob)[unsafe.Sizeof(bob.status):]) }
	before := state()
	fails(t, bob, bob.Encrypt(nil, random(32, 1), make([]byte, bob.EncryptMessageLen(0)-1)), errcode.OutputBufferTooSmall)
	fails(t, bob, bob.Encrypt(nil, random(31, 1), make([]byte, bob.EncryptMessageLen(0))), errcode.NotEnoughRandom)
	if state() != before {
		t.Error("a failed encryption has changed the session")
	}
	if bob.EncryptMessageLen(maxPlaintext) == Error || bob.EncryptMessageLen(maxPlaintext+1) != Error {
		t.Error("the longest plaintext")
	}
	_, m := encrypt(t, alice, []byte("second"))
	before = state()
	fails(t, bob, bob.Decrypt(0, bytes.Clone(m), make([]byte, 15)), errcode.OutputBufferTooSmall)
	fails(t, bob, bob.Decrypt(1, bytes.Clone(m), make([]byte, 160)), errcode.BadMessageFormat)
	fails(t, bob, bob.Decrypt(1, nil, nil), errcode.BadMessageVersion)
	fails(t, bob, bob.DecryptMaxPlaintextLen(1, nil), errcode.BadMessageFormat)
	fails(t, bob, bob.Decrypt(0, m[:5], nil), errcode.InvalidBase64)
	bad := bytes.Clone(m)
	bad[len(bad)-4] ^= 1
	fails(t, bob, bob.Decrypt(0, bad, make([]byte, 16)), errcode.BadMessageMAC)
	if state() != before {
		t.Error("a refused message has changed the session")
	}
	if got := decrypt(t, bob, 7, m); string(got) != "second" { // any type but 1
		t.Errorf("%q", got)
	}
	// 100 messages out of order: the newest 40 of the skipped ones can be read.
	var sent [][]byte
	for i := range 100 {
		_, m := encrypt(t, alice, []byte{byte(i)})
		sent = append(sent, m)
	}
	decrypt(t, bob, 0, sent[99])
	for i := range 99 {
		if i < 59 {
			fails(t, bob, bob.Decrypt(0, sent[i], make([]byte, 16)), errcode.BadMessageMAC)
		} else if got := decrypt(t, bob, 0, sent[i]); !bytes.Equal(got, []byte{byte(i)}) {
			t.Errorf("message %d: %x", i, got)
		}
	}
	// 41 skipped at two times: the oldest gives way.
	sent = sent[:0]
	for i := range 43 {
		_, m := encrypt(t, alice, []byte{byte(i)})
		sent = append(sent, m)
	}
	decrypt(t, bob, 0, sent[40])
	decrypt(t, bob, 0, sent[42])
	fails(t, bob, bob.Decrypt(0, sent[0], make([]byte, 16)), errcode.BadMessageMAC)
	for _, i := range []byte{1, 39, 41} {
		if got := decrypt(t, bob, 0, sent[i]); !bytes.Equal(got, []byte{i}) {
			t.Errorf("message %d: %x", i, got)
		}
	}
	kind, m := encrypt(t, bob, nil)
	succeeds(t, kind, 1)
	if got := decrypt(t, alice, kind, m); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// TestSessionSetUpAgain: an object that was another session keeps none of its keys, also where no key of the new one
// takes their place; if it can't be set up, it stays what it was.
func TestSessionSetUpAgain(t *testing.T) {
	a, b := newAccount(t, 1), newAccount(t, 2)
	b.GenerateOneTimeKeys(1, random(32, 3))
	oneTime, identity := []byte(oneTimeKeys(t, b.OneTimeKeysLen(), b.OneTimeKeys)["AAAAAQ"]), []byte(identityKeys(t, b).Curve25519)
	first := create[Session]()
	succeeds(t, first.CreateOutbound(a, identity, oneTime, random(CreateOutboundRandomLen, 9)), 0)
	_, m := encrypt(t, first, []byte("first"))
	state := func(s *Session) []byte { return bytes.Clone(bytesOf(s)[unsafe.Sizeof(s.status):]) }
	for name, again := range map[string]func(s *Session, right bool) uint{
		"outbound": func(s *Session, right bool) uint {
			n := CreateOutboundRandomLen
			if !right {
				n--
			}
			return s.CreateOutbound(a, identity, oneTime, random(n, 9))
		},
		"inbound": func(s *Session, right bool) uint {
			of := b
			if !right {
				of = a
			}
			return s.CreateInbound(of, bytes.Clone(m))
		},
	} {
		alice, bob := newPair(t)
		var last []byte
		for range 60 { // of which 40 keys are kept, and for the oldest there is a chain
			_, last = encrypt(t, alice, nil)
		}
		decrypt(t, bob, 0, last)
		for range 12 {
			kind, m := encrypt(t, bob, nil)
			decrypt(t, alice, kind, m)
			kind, m = encrypt(t, alice, nil)
			decrypt(t, bob, kind, m)
		}
		before := state(bob)
		if again(bob, false) != Error || !bytes.Equal(state(bob), before) {
			t.Errorf("%s: it can't be set up, and is not what it was", name)
		}
		fresh := create[Session]()
		succeeds(t, again(fresh, true), 0)
		succeeds(t, again(bob, true), 0)
		if !bytes.Equal(state(bob), state(fresh)) {
			t.Errorf("%s: something is left of the session before", name)
		}
	}
}

func TestDescribe(t *testing.T) {
	alice, bob := newPair(t)
	for range 5 {
		encrypt(t, alice, nil)
	}
	_, m := encrypt(t, alice, nil)
	decrypt(t, bob, 0, m)
	const want = "sender chain index: 0 receiver chain indices: 7 skipped message keys: 5 4 3 2 1"
	for n := range 2 * len(want) {
		expect := want + "\x00"
		switch {
		case n == 0:
			expect = ""
		case n < 23:
			expect = "\x00"
		case n < len(want):
			expect = want[:n-4] + "...\x00"
		case n == len(want):
			expect = want[:n-1] + "\x00"
		}
		b := bytes.Repeat([]byte{0xee}, n)
		bob.Describe(b)
		if got := string(b); got != expect+strings.Repeat("\xee", n-len(expect)) {
			t.Fatalf("%d bytes: %q", n, got)
		}
	}
	for x, want := range map[int32]string{0: "0", 9: "9", 10: "10", 4711: "4711", 1<<31 - 1: "2147483647", -1: "-1", -1 << 31: "-2147483648"} {
		w := text{out: make([]byte, 11)}
		w.int(x)
		if got := string(w.out[:w.n]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func newGroup(t *testing.T) (*OutboundGroupSession, *InboundGroupSession) {
	t.Helper()
	g, in := create[OutboundGroupSession](), create[InboundGroupSession]()
	short := random(InitOutboundGroupRandomLen-1, 1)
	fails(t, g, g.Init(short), errcode.NotEnoughRandom)
	if bytes.Equal(short, make([]byte, len(short))) {
		t.Error("random bytes that were not used are wiped, as they are not in libolm")
	}
	succeeds(t, g.Init(random(InitOutboundGroupRandomLen, 1)), 0)
	fails(t, g, g.Key(make([]byte, SessionKeyLen()-1)), errcode.OutputBufferTooSmall)
	key := text64(t, SessionKeyLen(), g.Key)
	fails(t, in, in.Init(key[:305]), errcode.InvalidBase64)
	fails(t, in, in.Init(key[:304]), errcode.BadSessionKey)
	fails(t, in, in.Import(key), errcode.BadSessionKey)
	bad := bytes.Clone(key)
	bad[100] ^= 1
	fails(t, in, in.Init(bad), errcode.BadSignature)
	succeeds(t, in.Init(key), 0)
	if !in.IsVerified() {
		t.Error("not verified")
	}
	return g, in
}

func TestGroup(t *testing.T) {
	g, in := newGroup(t)
	var sent [][]byte
	for i := range 5 {
		m := text64(t, g.EncryptMessageLen(6), func(b []byte) uint { return g.Encrypt(fmt.Appendf(nil, "text %d", i), b) })
		sent = append(sent, m)
	}
	if g.MessageIndex() != 5 || g.EncryptMessageLen(maxPlaintext) == Error || g.EncryptMessageLen(maxPlaintext+1) != Error {
		t.Error("index or length")
	}
	fails(t, g, g.Encrypt(nil, make([]byte, g.EncryptMessageLen(0)-1)), errcode.OutputBufferTooSmall)
	if !bytes.Equal(text64(t, GroupSessionIDLen, g.ID), text64(t, GroupSessionIDLen, in.ID)) {
		t.Error("the ids differ")
	}
	out := make([]byte, 16)
	for _, i := range []int{3, 1, 3, 4} {
		n, index := uint(0), uint32(77)
		succeeds(t, in.DecryptMaxPlaintextLen(bytes.Clone(sent[i])), 16)
		if n = in.Decrypt(bytes.Clone(sent[i]), out, &index); n == Error || string(out[:n]) != fmt.Sprintf("text %d", i) || index != uint32(i) {
			t.Errorf("message %d: %d, %q, index %d", i, n, out, index)
		}
	}
	index := uint32(77)
	bad := bytes.Clone(sent[2])
	bad[20] ^= 1
	fails(t, in, in.Decrypt(bytes.Clone(bad), nil, &index), errcode.BadSignature)
	if index != 2 {
		t.Errorf("index %d is not told", index)
	}
	fails(t, in, in.Decrypt(bytes.Clone(sent[2]), out[:15], nil), errcode.OutputBufferTooSmall)
	fails(t, in, in.Decrypt(nil, out, nil), errcode.BadMessageVersion)
	fails(t, in, in.DecryptMaxPlaintextLen(nil), errcode.BadMessageVersion)
	fails(t, in, in.Decrypt(sent[2][:5], out, nil), errcode.InvalidBase64)
	fails(t, in, in.DecryptMaxPlaintextLen(append([]byte("AwgB"), bytes.Repeat([]byte("A"), 96)...)), errcode.BadMessageFormat)

	fails(t, in, in.Export(make([]byte, ExportLen()-1), 0), errcode.OutputBufferTooSmall)
	late := create[InboundGroupSession]()
	succeeds(t, late.Import(text64(t, ExportLen(), func(b []byte) uint { return in.Export(b, 3) })), 0)
	if late.IsVerified() || late.FirstKnownIndex() != 3 {
		t.Error("an imported session")
	}
	fails(t, late, late.Decrypt(bytes.Clone(sent[2]), out, nil), errcode.UnknownMessageIndex)
	fails(t, late, late.Export(make([]byte, ExportLen()), 2), errcode.UnknownMessageIndex)
	succeeds(t, late.Decrypt(bytes.Clone(sent[3]), out, nil), 6)
	if !late.IsVerified() {
		t.Error("not verified by a message")
	}
	fails(t, late, late.Import([]byte("A")), errcode.InvalidBase64)
}

func TestPK(t *testing.T) {
	d, e := create[PKDecryption](), create[PKEncryption]()
	key := make([]byte, PKKeyLen)
	fails(t, d, d.KeyFromPrivate(key[1:], nil), errcode.OutputBufferTooSmall)
	fails(t, d, d.KeyFromPrivate(key, random(31, 1)), errcode.InputBufferTooSmall)
	succeeds(t, d.KeyFromPrivate(key, random(32, 1)), 0)
	private := make([]byte, 32)
	fails(t, d, d.PrivateKey(private[1:]), errcode.OutputBufferTooSmall)
	if succeeds(t, d.PrivateKey(private), 32); !bytes.Equal(private, random(32, 1)) {
		t.Error("another private key")
	}

	fails(t, e, e.SetRecipientKey(key[1:]), errcode.InputBufferTooSmall)
	plaintext, r := []byte("backup"), random(PKRandomLen, 2)
	ciphertext, mac, ephemeral := make([]byte, PKCiphertextLen(6)), make([]byte, PKMACLen), make([]byte, PKKeyLen)
	fails(t, e, e.Encrypt(plaintext, ciphertext, mac, ephemeral, r), errcode.InvalidBase64) // to nobody
	succeeds(t, e.SetRecipientKey(append(bytes.Clone(key), "..."...)), 0)
	fails(t, e, e.Encrypt(plaintext, ciphertext[1:], mac, ephemeral, nil), errcode.OutputBufferTooSmall)
	fails(t, e, e.Encrypt(plaintext, ciphertext, mac[:10], ephemeral, nil), errcode.OutputBufferTooSmall)
	fails(t, e, e.Encrypt(plaintext, ciphertext, mac, ephemeral[1:], nil), errcode.OutputBufferTooSmall)
	fails(t, e, e.Encrypt(plaintext, ciphertext, mac, ephemeral, r[1:]), errcode.NotEnoughRandom)
	succeeds(t, e.Encrypt(plaintext, ciphertext, mac, ephemeral, r), 8)
	if !bytes.Equal(r, random(PKRandomLen, 2)) {
		t.Error("the random bytes are wiped, as they are not in libolm")
	}
	if PKCiphertextLen(maxPlaintext+1) != Error || PKMaxPlaintextLen(5) != Error {
		t.Error("lengths that nothing has")
	}

	out := make([]byte, PKMaxPlaintextLen(uint(len(ciphertext))))
	fails(t, d, d.Decrypt(nil, nil, bytes.Clone(ciphertext), out[1:]), errcode.OutputBufferTooSmall)
	fails(t, d, d.Decrypt(nil, nil, ciphertext[:5], out), errcode.OutputBufferTooSmall)
	fails(t, d, d.Decrypt(ephemeral[1:], mac, bytes.Clone(ciphertext), out), errcode.InvalidBase64)
	fails(t, d, d.Decrypt(ephemeral, mac[1:], bytes.Clone(ciphertext), out), errcode.InvalidBase64)
	fails(t, d, d.Decrypt(ephemeral, []byte("AAAAAAAAAAA"), bytes.Clone(ciphertext), out), errcode.BadMessageMAC)
	fails(t, d, d.Decrypt(ephemeral, mac, nil, nil), errcode.BadMessageMAC)
	fails(t, d, d.Decrypt(bytes.Repeat([]byte("A"), PKKeyLen), mac, bytes.Clone(ciphertext), out), errcode.BadMessageMAC)
	succeeds(t, d.Decrypt(ephemeral, mac, bytes.Clone(ciphertext), out), 6)
	if string(out[:6]) != "backup" {
		t.Errorf("%q", out)
	}

	s := create[PKSigning]()
	fails(t, s, s.KeyFromSeed(key[1:], nil), errcode.OutputBufferTooSmall)
	fails(t, s, s.KeyFromSeed(key, random(31, 1)), errcode.InputBufferTooSmall)
	succeeds(t, s.KeyFromSeed(key, random(32, 1)), 0)
	fails(t, s, s.Sign(nil, make([]byte, PKSignatureLen-1)), errcode.OutputBufferTooSmall)
	sig := text64(t, PKSignatureLen, func(b []byte) uint { return s.Sign([]byte("message"), b) })
	u := create[Utility]()
	succeeds(t, u.Verify(key, []byte("message"), sig), 0)
	fails(t, u, u.SHA256(nil, make([]byte, SHA256Len-1)), errcode.OutputBufferTooSmall)
	if got := text64(t, SHA256Len, func(b []byte) uint { return u.SHA256([]byte("abc"), b) }); string(got) != "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0" {
		t.Errorf("%s", got)
	}
}

func TestSAS(t *testing.T) {
	a, b := create[SAS](), create[SAS]()
	fails(t, a, a.Create(random(SASRandomLen-1, 1)), errcode.NotEnoughRandom)
	succeeds(t, a.Create(random(SASRandomLen, 1)), 0)
	succeeds(t, b.Create(random(SASRandomLen, 2)), 0)
	keyA, keyB := make([]byte, SASKeyLen), make([]byte, SASKeyLen)
	fails(t, a, a.PublicKey(keyA[1:]), errcode.OutputBufferTooSmall)
	succeeds(t, a.PublicKey(keyA), 0)
	succeeds(t, b.PublicKey(keyB), 0)
	mac := make([]byte, SASMACLen)
	fails(t, a, a.GenerateBytes(nil, nil), errcode.SASTheirKeyNotSet)
	fails(t, a, a.CalculateMAC(MAC, nil, nil, mac), errcode.SASTheirKeyNotSet)
	fails(t, a, a.CalculateMAC(MAC, nil, nil, mac[1:]), errcode.OutputBufferTooSmall)
	fails(t, a, a.SetTheirKey(keyB[1:]), errcode.InputBufferTooSmall)
	fails(t, a, a.SetTheirKey(append(bytes.Clone(keyB), "=="...)), errcode.InvalidBase64)
	fails(t, a, a.SetTheirKey(bytes.Repeat([]byte("A"), SASKeyLen)), errcode.InvalidBase64)
	if a.IsTheirKeySet() {
		t.Error("a refused key is set")
	}
	succeeds(t, a.SetTheirKey(append(keyB, '=')), 0)
	succeeds(t, b.SetTheirKey(keyA), 0)
	if !a.IsTheirKeySet() {
		t.Error("no key is set")
	}
	for _, n := range []int{0, 5, 6, 100, 8160} {
		x, y := make([]byte, n), make([]byte, n)
		succeeds(t, a.GenerateBytes([]byte("info"), x), 0)
		succeeds(t, b.GenerateBytes([]byte("info"), y), 0)
		if !bytes.Equal(x, y) {
			t.Errorf("%d bytes differ", n)
		}
	}
	fails(t, a, a.GenerateBytes(nil, make([]byte, 8161)), errcode.OutputBufferTooSmall)
	seen := map[string]bool{}
	for _, method := range []MACMethod{MAC, MACFixedBase64, MACLongKDF} {
		other := make([]byte, SASMACLen)
		succeeds(t, a.CalculateMAC(method, []byte("input"), []byte("info"), mac), 0)
		succeeds(t, b.CalculateMAC(method, []byte("input"), []byte("info"), other), 0)
		if !bytes.Equal(mac, other) || seen[string(mac)] {
			t.Errorf("method %d: %s and %s", method, mac, other)
		}
		seen[string(mac)] = true
	}
	succeeds(t, a.Create(random(SASRandomLen, 1)), 0)
	if a.IsTheirKeySet() {
		t.Error("their key survives a new one of ours")
	}
}

func TestVersionAndReason(t *testing.T) {
	a := create[Account]()
	if a.LastErrorCode() != errcode.OK {
		t.Error("a reason without a failure")
	}
	fails(t, a, a.IdentityKeys(nil), errcode.OutputBufferTooSmall)
	text64(t, uint(IdentityKeysLen), a.IdentityKeys) // keys of zeros, as libolm has it
	if a.LastErrorCode() != errcode.OutputBufferTooSmall {
		t.Error("a success clears the reason of the failure before it")
	}
}
