package protocol

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// meeting is two devices of which alice has begun a session: first is her pre-key message, which says
// "hello", and which bob has not seen.
type meeting struct {
	rng              *rand.Rand
	aliceDev, bobDev *device
	alice, bob       *end
	first            []byte
	random           []byte // of the session
	oneTime          [32]byte
}

func meet(t *testing.T, tol wire.Tolerance) *meeting {
	t.Helper()
	m := &meeting{rng: rand.New(rand.NewPCG(1, 2)), alice: newEnd(tol), bob: newEnd(tol)}
	m.aliceDev, m.bobDev = newDevice(m.rng, 0), newDevice(m.rng, 3)
	m.oneTime = *m.bobDev.store[1].Public()
	m.random = testkit.Random(m.rng, OutboundRandomLen)
	if code := m.alice.StartOutbound(&m.aliceDev.Account, m.bobDev.Curve25519(), &m.oneTime, m.random, tol); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	m.first = m.alice.encrypt(t, m.rng, "hello")
	return m
}

// accept lets bob begin his end.
func (m *meeting) accept(t *testing.T) *meeting {
	t.Helper()
	if code := m.bob.StartInbound(&m.bobDev.Account, m.bobDev.store, decodePreKey(t, m.first), nil, m.bob.tol); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	return m
}

func TestSession(t *testing.T) {
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		m := meet(t, tol)
		outer := decodePreKey(t, m.first)
		base := testkit.X25519Public(m.random[:32])
		if !bytes.Equal(outer.IdentityKey, m.aliceDev.Curve25519()[:]) || !bytes.Equal(outer.BaseKey, base) || !bytes.Equal(outer.OneTimeKey, m.oneTime[:]) {
			t.Error("other keys in the first message:", testkit.Diff(wire.PreKeyMessage{}, *outer))
		}
		if m.bob.Created() || !m.alice.Created() {
			t.Error("Created")
		}
		m.accept(t)
		if !m.bob.Created() {
			t.Error("Created")
		}
		want := sha256.Sum256(slices.Concat(outer.IdentityKey, outer.BaseKey, outer.OneTimeKey))
		var id, of [32]byte
		PreKeySessionID(&of, outer)
		for _, e := range []*end{m.alice, m.bob} {
			if e.ID(&id); id != want || of != want {
				t.Errorf("id %x, want %x", id, want)
			}
			i, b, o := e.Keys()
			if !bytes.Equal(i[:], outer.IdentityKey) || !bytes.Equal(b[:], base) || *o != m.oneTime {
				t.Error("the ends differ in the keys that name them")
			}
			if e.HasReceived() || e.Type() != TypePreKey {
				t.Error("nothing was received yet")
			}
		}
		if m.alice.NeedsRandom() || !m.bob.NeedsRandom() {
			t.Error("NeedsRandom")
		}
		second := m.alice.encrypt(t, m.rng, "")
		m.bob.must(t, TypePreKey, second, "")
		if !m.bob.HasReceived() || m.bob.Type() != TypeNormal || m.alice.Type() != TypePreKey {
			t.Error("Type")
		}
		m.bob.must(t, TypePreKey, m.first, "hello")
		reply := m.bob.encrypt(t, m.rng, "a reply of more than one block")
		m.alice.must(t, TypeNormal, reply, "a reply of more than one block")
		if m.alice.Type() != TypeNormal || !m.alice.NeedsRandom() || m.bob.NeedsRandom() {
			t.Error("after the reply")
		}
		for i := range 60 {
			from, to := m.alice, m.bob
			if i/7%2 == 1 {
				from, to = to, from
			}
			text := string(testkit.Random(m.rng, m.rng.IntN(200)))
			to.must(t, TypeNormal, from.encrypt(t, m.rng, text), text)
		}
	}
}

// TestBobFirst checks that a responder who has decrypted nothing yet sends pre-key messages, with the
// initiator's keys, as libolm does.
func TestBobFirst(t *testing.T) {
	m := meet(t, wire.Lenient).accept(t)
	raw := m.bob.encrypt(t, m.rng, "too early")
	outer := decodePreKey(t, raw)
	if !bytes.Equal(outer.IdentityKey, m.aliceDev.Curve25519()[:]) || !bytes.Equal(outer.OneTimeKey, m.oneTime[:]) {
		t.Error("other keys:", testkit.Diff(wire.PreKeyMessage{}, *outer))
	}
	m.alice.must(t, TypePreKey, raw, "too early")
}

// outerWith returns the first message with other keys around it. Nothing authenticates them.
func (m *meeting) outerWith(t *testing.T, oneTime, base, identity []byte) []byte {
	t.Helper()
	inner := decodePreKey(t, m.first).Message
	raw := make([]byte, wire.PreKeyMessageLen(len(inner)))
	copy(wire.PutPreKeyMessage(raw, (*[32]byte)(oneTime), (*[32]byte)(base), (*[32]byte)(identity), len(inner)), inner)
	return raw
}

// TestOuterKeys checks that the keys around a pre-key message must be the session's, once there is one,
// if wire.Strict, and don't matter to libolm, which looks at nothing but the message inside.
func TestOuterKeys(t *testing.T) {
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		for place := range 3 {
			m := meet(t, tol).accept(t)
			outer := decodePreKey(t, m.first)
			keys := [3][]byte{bytes.Clone(outer.OneTimeKey), bytes.Clone(outer.BaseKey), bytes.Clone(outer.IdentityKey)}
			keys[place][7] ^= 1
			raw := m.outerWith(t, keys[0], keys[1], keys[2])
			if m.bob.Matches(decodePreKey(t, raw), nil) {
				t.Errorf("another key in place %d matches", place)
			}
			text, code := m.bob.decrypt(t, TypePreKey, raw)
			switch {
			case tol == wire.Strict && (code != errcode.SessionMismatch || m.bob.HasReceived()):
				t.Errorf("place %d: code %d", place, code)
			case tol == wire.Lenient && (code != errcode.OK || text != "hello"):
				t.Errorf("place %d: %q, code %d", place, text, code)
			}
		}
	}
	// Keys that are missing wire.Lenient forgives too, and another version outside.
	m := meet(t, wire.Lenient).accept(t)
	inner := decodePreKey(t, m.first).Message
	bare := append(binary.AppendUvarint([]byte{9, 0x22}, uint64(len(inner))), inner...)
	m.bob.must(t, TypePreKey, bare, "hello")
	var outer wire.PreKeyMessage
	if code := outer.Decode(bare, wire.Strict); code != errcode.BadMessageVersion {
		t.Errorf("code %d", code)
	}
}

func TestMatches(t *testing.T) {
	m := meet(t, wire.Strict).accept(t)
	outer := decodePreKey(t, m.first)
	identity, other := *m.aliceDev.Curve25519(), *m.bobDev.Curve25519()
	for _, e := range []*end{m.alice, m.bob} {
		if !e.Matches(outer, nil) || !e.Matches(outer, &identity) || e.Matches(outer, &other) {
			t.Error("the message that began the session")
		}
		for name, without := range map[string]wire.PreKeyMessage{
			"base key":     {OneTimeKey: outer.OneTimeKey, IdentityKey: outer.IdentityKey, Message: outer.Message},
			"one-time key": {IdentityKey: outer.IdentityKey, BaseKey: outer.BaseKey, Message: outer.Message},
			"long key":     {OneTimeKey: append(bytes.Clone(outer.OneTimeKey), 0), IdentityKey: outer.IdentityKey, BaseKey: outer.BaseKey},
		} {
			if e.Matches(&without, nil) || e.Matches(&without, &identity) {
				t.Errorf("without a right %s", name)
			}
		}
		// Who knows the identity key need not hear it again; so it is in libolm.
		without := wire.PreKeyMessage{OneTimeKey: outer.OneTimeKey, BaseKey: outer.BaseKey, Message: outer.Message}
		empty := without
		empty.IdentityKey = []byte{}
		if e.Matches(&without, nil) || !e.Matches(&without, &identity) || e.Matches(&without, &other) || e.Matches(&empty, &identity) {
			t.Error("without an identity key")
		}
	}
	if m := meet(t, wire.Strict); newEnd(wire.Strict).Matches(decodePreKey(t, m.first), nil) {
		t.Error("an empty session matches")
	}
}

// Public keys that are points of small order, or not reduced, or have the bit set that X25519 ignores.
var (
	lowOrder = [][32]byte{
		{},
		{1},
		{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8},
	}
	notReduced = [32]byte(slices.Concat([]byte{0xed + 2}, bytes.Repeat([]byte{0xff}, 30), []byte{0x7f})) // 2^255-19+2
)

func highBit(k [32]byte) [32]byte {
	k[31] |= 0x80
	return k
}

func TestStartOutboundRefuses(t *testing.T) {
	m := meet(t, wire.Strict)
	good, good2 := *m.bobDev.Curve25519(), m.oneTime
	for _, c := range []struct {
		name              string
		identity, oneTime [32]byte
		strict, lenient   errcode.Code
	}{
		{"good keys", good, good2, errcode.OK, errcode.OK},
		{"identity key: high bit", highBit(good), good2, errcode.BadPublicKey, errcode.OK},
		{"one-time key: high bit", good, highBit(good2), errcode.BadPublicKey, errcode.OK},
		{"identity key: not reduced", notReduced, good2, errcode.BadPublicKey, errcode.OK},
		{"one-time key: not reduced", good, notReduced, errcode.BadPublicKey, errcode.OK},
		{"identity key: order 1", lowOrder[1], good2, errcode.NonContributory, errcode.NonContributory},
		{"identity key: order 8", lowOrder[2], good2, errcode.NonContributory, errcode.NonContributory},
		{"one-time key: zero", good, lowOrder[0], errcode.NonContributory, errcode.NonContributory},
		{"one-time key: order 8", good, lowOrder[2], errcode.NonContributory, errcode.NonContributory},
		{"both: zero", lowOrder[0], lowOrder[0], errcode.NonContributory, errcode.NonContributory},
	} {
		for tol, want := range map[wire.Tolerance]errcode.Code{wire.Strict: c.strict, wire.Lenient: c.lenient} {
			s := m.alice.Session
			before := s
			code := s.StartOutbound(&m.aliceDev.Account, &c.identity, &c.oneTime, m.random, tol)
			if code != want || code != errcode.OK && s != before {
				t.Errorf("%s, lenient %v: code %d, want %d, unchanged %v", c.name, tol, code, want, s == before)
			}
		}
	}
}

// TestStartInboundRefuses has everything that can be wrong with the message that begins a session, and
// which verdict is first.
func TestStartInboundRefuses(t *testing.T) {
	m := meet(t, wire.Strict)
	outer := decodePreKey(t, m.first)
	alice := *m.aliceDev.Curve25519()
	other := *m.bobDev.Curve25519()
	key := func(k [32]byte) []byte { return k[:] }
	normal := func(ratchetKey []byte) []byte { // a normal message with another ratchet key
		raw := bytes.Clone(outer.Message)
		return append(raw[:3:3], append(bytes.Clone(ratchetKey), raw[35:]...)...)
	}
	with := func(change func(m *wire.PreKeyMessage)) wire.PreKeyMessage {
		m := *outer
		change(&m)
		return m
	}
	const (
		ok       = errcode.OK
		format   = errcode.BadMessageFormat
		version  = errcode.BadMessageVersion
		mismatch = errcode.IdentityMismatch
		keyID    = errcode.BadMessageKeyID
		public   = errcode.BadPublicKey
		forced   = errcode.NonContributory
	)
	noRatchetKey := slices.Concat(outer.Message[:1], outer.Message[35:])
	for _, c := range []struct {
		name            string
		m               wire.PreKeyMessage
		from            *[32]byte
		strict, lenient errcode.Code
	}{
		{"as it was sent", *outer, nil, ok, ok},
		{"from alice", *outer, &alice, ok, ok},
		{"from another", *outer, &other, mismatch, mismatch},
		{"no identity key", with(func(m *wire.PreKeyMessage) { m.IdentityKey = nil }), nil, format, format},
		{"no identity key, from alice", with(func(m *wire.PreKeyMessage) { m.IdentityKey = nil }), &alice, format, format},
		{"no base key", with(func(m *wire.PreKeyMessage) { m.BaseKey = nil }), nil, format, format},
		{"no one-time key", with(func(m *wire.PreKeyMessage) { m.OneTimeKey = nil }), nil, format, format},
		{"a short one-time key, from another", with(func(m *wire.PreKeyMessage) { m.OneTimeKey = key([32]byte(m.OneTimeKey))[:31] }), &other, format, format},
		{"an unknown one-time key", with(func(m *wire.PreKeyMessage) { m.OneTimeKey = alice[:] }), nil, keyID, keyID},
		{"an unknown one-time key, from another", with(func(m *wire.PreKeyMessage) { m.OneTimeKey = alice[:] }), &other, mismatch, mismatch},
		{"no message", with(func(m *wire.PreKeyMessage) { m.Message = nil }), nil, version, format},
		{"no message, from another", with(func(m *wire.PreKeyMessage) { m.Message = nil }), &other, mismatch, mismatch},
		{"no message, and an unknown one-time key", with(func(m *wire.PreKeyMessage) { m.Message, m.OneTimeKey = nil, alice[:] }), nil, version, format},
		{"no ratchet key", with(func(m *wire.PreKeyMessage) { m.Message = noRatchetKey }), nil, format, format},
		{"another version inside", with(func(m *wire.PreKeyMessage) { m.Message = append([]byte{7}, m.Message[1:]...) }), nil, version, ok},
		{"no ciphertext", with(func(m *wire.PreKeyMessage) { m.Message = append(bytes.Clone(m.Message[:35]), "authcode"...) }), nil, format, ok},
		{"identity key: high bit", with(func(m *wire.PreKeyMessage) { m.IdentityKey = key(highBit(alice)) }), nil, public, ok},
		{"base key: high bit", with(func(m *wire.PreKeyMessage) { m.BaseKey = key(highBit([32]byte(m.BaseKey))) }), nil, public, ok},
		{"base key: not reduced", with(func(m *wire.PreKeyMessage) { m.BaseKey = notReduced[:] }), nil, public, ok},
		{"ratchet key: high bit", with(func(m *wire.PreKeyMessage) { m.Message = normal(key(highBit([32]byte(m.Message[3:35])))) }), nil, public, ok},
		{"identity key: zero", with(func(m *wire.PreKeyMessage) { m.IdentityKey = lowOrder[0][:] }), nil, forced, forced},
		{"base key: order 8", with(func(m *wire.PreKeyMessage) { m.BaseKey = lowOrder[2][:] }), nil, forced, forced},
		{"base key: zero, and an unknown one-time key", with(func(m *wire.PreKeyMessage) { m.BaseKey, m.OneTimeKey = lowOrder[0][:], alice[:] }), nil, keyID, keyID},
		{"ratchet key: zero", with(func(m *wire.PreKeyMessage) { m.Message = normal(lowOrder[0][:]) }), nil, ok, ok}, // refused when it is used
	} {
		for tol, want := range map[wire.Tolerance]errcode.Code{wire.Strict: c.strict, wire.Lenient: c.lenient} {
			s := m.alice.Session
			before := s
			dev, store := m.bobDev.Account, slices.Clone(m.bobDev.store)
			code := s.StartInbound(&m.bobDev.Account, m.bobDev.store, &c.m, c.from, tol)
			if code != want || code != errcode.OK && s != before {
				t.Errorf("%s, lenient %v: code %d, want %d, unchanged %v", c.name, tol, code, want, s == before)
			}
			if m.bobDev.Account != dev || !slices.Equal(store, m.bobDev.store) {
				t.Errorf("%s: the account changed", c.name)
			}
		}
	}
}

// TestStartInboundFallback checks that a session can begin with either fallback key.
func TestStartInboundFallback(t *testing.T) {
	for older := range 2 {
		m := meet(t, wire.Strict)
		for range 1 + older {
			m.bobDev.GenerateFallbackKey(testkit.Random(m.rng, 32))
			if m.oneTime == *m.bobDev.store[1].Public() {
				m.oneTime = *m.bobDev.Fallback().Public()
			}
		}
		m.alice.StartOutbound(&m.aliceDev.Account, m.bobDev.Curve25519(), &m.oneTime, m.random, wire.Strict)
		m.first = m.alice.encrypt(t, m.rng, "hello")
		m.accept(t).bob.must(t, TypePreKey, m.first, "hello")
		if id, code := m.bobDev.Remove(m.bobDev.store, &m.bob.Session); id != 4 || code != errcode.OK || m.bobDev.OneTimeKeys() != 3 {
			t.Errorf("id %d, code %d", id, code)
		}
	}
}

// TestEveryBit flips each bit of a message: it is refused, nothing changes, and the message itself can
// still be read.
func TestEveryBit(t *testing.T) {
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		m := meet(t, tol).accept(t)
		m.bob.must(t, TypePreKey, m.first, "hello")
		m.alice.must(t, TypeNormal, m.bob.encrypt(t, m.rng, "reply"), "reply")
		m.bob.must(t, TypeNormal, m.alice.encrypt(t, m.rng, "0"), "0")
		m.alice.encrypt(t, m.rng, "lost")
		raw := m.alice.encrypt(t, m.rng, "the message")
		counts := map[errcode.Code]int{}
		for bit, bad := range testkit.Flips(raw) {
			text, code := m.bob.decrypt(t, TypeNormal, bad)
			if code == errcode.OK {
				t.Fatalf("bit %d makes no difference: %q", bit, text)
			}
			counts[code]++
		}
		for n := range raw {
			if _, code := m.bob.decrypt(t, TypeNormal, raw[:n]); code == errcode.OK {
				t.Fatalf("%d bytes are enough", n)
			}
		}
		if _, code := m.bob.decrypt(t, TypeNormal, append(bytes.Clone(raw), 0)); code == errcode.OK {
			t.Fatal("a byte more is accepted")
		}
		if counts[errcode.BadMessageMAC] < 8*16 || counts[errcode.BadMessageVersion] != 8 || counts[errcode.BadPublicKey] != map[wire.Tolerance]int{wire.Strict: 1}[tol] {
			t.Errorf("lenient %v: %v", tol, counts)
		}
		m.bob.must(t, TypeNormal, raw, "the message")
		if _, code := m.bob.decrypt(t, TypeNormal, raw); code != errcode.NoMessageKey {
			t.Errorf("twice: code %d", code)
		}
	}
}

// TestBadPadding checks that a message with a right MAC and wrong padding gets the code of a wrong MAC.
func TestBadPadding(t *testing.T) {
	m := meet(t, wire.Strict).accept(t)
	var key, ratchetKey [32]byte
	m.alice.ratchet.RatchetKey(&ratchetKey)
	if code := m.alice.ratchet.NextMessageKey(&key); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	raw := sealUnpadded(key[:], ratchetKey, 1, make([]byte, 16))
	if _, code := m.bob.decrypt(t, TypeNormal, raw); code != errcode.BadMessageMAC {
		t.Errorf("code %d", code)
	}
	raw = sealUnpadded(key[:], ratchetKey, 1, bytes.Repeat([]byte{16}, 16))
	m.bob.must(t, TypeNormal, raw, "")
}

// TestNonCanonicalRatchetKey has a new chain whose key has the bit set that X25519 ignores: the message
// is authentic, and only wire.Strict minds.
func TestNonCanonicalRatchetKey(t *testing.T) {
	for tol, want := range map[wire.Tolerance]errcode.Code{wire.Strict: errcode.BadPublicKey, wire.Lenient: errcode.OK} {
		m := meet(t, tol).accept(t)
		m.bob.must(t, TypePreKey, m.first, "hello")
		random := testkit.Random(m.rng, 32)
		if code := m.bob.ratchet.StartSending((*[32]byte)(random)); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
		var key, ratchetKey [32]byte
		m.bob.ratchet.RatchetKey(&ratchetKey)
		m.bob.ratchet.NextMessageKey(&key)
		raw := sealUnpadded(key[:], highBit(ratchetKey), 0, []byte("fifteen letters\x01"))
		if text, code := m.alice.decrypt(t, TypeNormal, raw); code != want || code == errcode.OK && text != "fifteen letters" {
			t.Errorf("lenient %v: %q, code %d", tol, text, code)
		}
	}
}

// TestEncryptRefuses checks that a message which can't be encrypted leaves the session as it was.
func TestEncryptRefuses(t *testing.T) {
	m := meet(t, wire.Lenient)
	// The other side's ratchet key is judged when the answer is encrypted.
	outer := decodePreKey(t, m.first)
	copy(outer.Message[3:35], lowOrder[2][:])
	if code := m.bob.StartInbound(&m.bobDev.Account, m.bobDev.store, outer, nil, wire.Lenient); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	before := m.bob.Session
	if code := m.bob.Encrypt(make([]byte, m.bob.MessageLen(3)), []byte("abc"), testkit.Random(m.rng, 32)); code != errcode.NonContributory || m.bob.Session != before {
		t.Errorf("code %d, unchanged %v", code, m.bob.Session == before)
	}
	// A session that was unpickled from nothing has nobody to answer.
	var empty end
	if code := empty.Encrypt(make([]byte, empty.MessageLen(3)), []byte("abc"), testkit.Random(m.rng, 32)); code != errcode.CorruptedPickle || empty.Session != (Session{}) {
		t.Errorf("code %d", code)
	}
	// The last index.
	raw := m.alice.rawPickle(t)
	binary.BigEndian.PutUint32(raw[atSending+4+96:], 1<<32-1)
	m.alice.unpickle(t, raw, wire.Strict, errcode.OK)
	before = m.alice.Session
	if code := m.alice.Encrypt(make([]byte, m.alice.MessageLen(3)), []byte("abc"), nil); code != errcode.Exhausted || m.alice.Session != before {
		t.Errorf("code %d, unchanged %v", code, m.alice.Session == before)
	}
}

// Pickles.

// rawPickle returns the contents of the pickle of e.
func (e *end) rawPickle(t *testing.T) []byte {
	t.Helper()
	buf := bytes.Repeat([]byte{0xee}, e.PickleLen()+1)
	e.Pickle(buf[:len(buf)-1], pickleKey, &e.skipped)
	if buf[len(buf)-1] != 0xee {
		t.Error("written past the end")
	}
	return open(t, buf[:len(buf)-1])
}

// unpickle replaces e, and wants a code.
func (e *end) unpickle(t *testing.T, raw []byte, tol wire.Tolerance, want errcode.Code) {
	t.Helper()
	again := newEnd(e.tol)
	testkit.Fill(t, &again.Session) // nothing of it may stay
	again.created = false
	var r SessionReader
	code := r.Open(raw)
	if code == errcode.OK {
		code = again.Unpickle(&r, &again.skipped, tol)
	}
	if code != want {
		t.Errorf("code %d, want %d", code, want)
	}
	if again.Created() != (code == errcode.OK) {
		t.Errorf("code %d, created %v", code, again.Created())
	}
	if code == errcode.OK {
		*e = *again
	}
}

const atSending = 4 + 1 + 3*32 + 32 // where a session's sending chains are counted

func TestSessionPickle(t *testing.T) {
	m := meet(t, wire.Strict).accept(t)
	raw := m.alice.rawPickle(t)
	outer := decodePreKey(t, m.first)
	prefix := slices.Concat(u32(1), []byte{0}, outer.IdentityKey, outer.BaseKey, outer.OneTimeKey)
	if !bytes.HasPrefix(raw, prefix) || len(raw) != len(prefix)+32+4+100+4+4 {
		t.Errorf("%d bytes, or another beginning", len(raw))
	}
	m.alice.encrypt(t, m.rng, "lost")
	m.bob.must(t, TypePreKey, m.alice.encrypt(t, m.rng, "third"), "third")
	m.alice.must(t, TypeNormal, m.bob.encrypt(t, m.rng, "reply"), "reply")
	for _, e := range []*end{m.alice, m.bob} {
		raw := e.rawPickle(t)
		if raw[4] != 1 {
			t.Error("a message was received")
		}
		for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
			e.unpickle(t, raw, tol, errcode.OK)
			testkit.Equal(t, raw, e.rawPickle(t))
			e.unpickle(t, append(bytes.Clone(raw), 0), tol, errcode.PickleExtraData)
			for n := range raw {
				e.unpickle(t, raw[:n], tol, errcode.CorruptedPickle)
			}
			// The version of a branch of libolm.
			logs := append(bytes.Clone(raw), 1, 2, 3, 4)
			binary.BigEndian.PutUint32(logs, 0x80000001)
			e.unpickle(t, logs, tol, errcode.OK)
			if !bytes.Equal(e.rawPickle(t), raw) {
				t.Error("the logging version doesn't come back as the usual one")
			}
			e.unpickle(t, logs[:len(logs)-1], tol, errcode.CorruptedPickle)
			e.unpickle(t, append(logs, 0), tol, errcode.PickleExtraData)
			for _, version := range []uint32{0, 2, 0x80000000, 0x80000002} {
				binary.BigEndian.PutUint32(logs, version)
				e.unpickle(t, logs, tol, errcode.UnknownPickleVersion)
			}
		}
		if code := e.Check(); code != errcode.OK {
			t.Errorf("code %d", code)
		}
	}
	m.bob.must(t, TypePreKey, m.first, "hello")
	m.bob.must(t, TypeNormal, m.alice.encrypt(t, m.rng, "on"), "on")
}

// TestSessionTolerance has what only wire.Strict judges.
func TestSessionTolerance(t *testing.T) {
	m := meet(t, wire.Strict)
	raw := m.alice.rawPickle(t)
	for name, at := range map[string]int{
		"identity key": 5, "base key": 37, "one-time key": 69, "root key": 101, "ratchet key, public": atSending + 4,
		"ratchet key": atSending + 36, "chain key": atSending + 68,
	} {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Clone(raw)
			clear(bad[at : at+32])
			m.alice.unpickle(t, bad, wire.Strict, errcode.CorruptedPickle)
			m.alice.unpickle(t, bad, wire.Lenient, errcode.OK)
			if !bytes.Equal(m.alice.rawPickle(t), bad) {
				t.Error("it doesn't come back")
			}
		})
	}
	// A session that was never set up has 145 bytes in libolm.
	zero := append(u32(1), make([]byte, 141)...)
	m.alice.unpickle(t, zero, wire.Strict, errcode.CorruptedPickle)
	m.alice.unpickle(t, zero, wire.Lenient, errcode.OK)
	if !bytes.Equal(m.alice.rawPickle(t), zero) {
		t.Error("it doesn't come back")
	}
	// That a public ratchet key is another's shows in Check alone.
	raw[atSending+4] ^= 1
	m.alice.unpickle(t, raw, wire.Strict, errcode.OK)
	if code := m.alice.Check(); code != errcode.KeyPairMismatch {
		t.Errorf("code %d", code)
	}
}

// TestRoom checks that a session asks for as much storage as its owner has to give, and no more than
// five chains can fill.
func TestRoom(t *testing.T) {
	m := meet(t, wire.Strict).accept(t)
	m.bob.skipped = ratchet.Skipped{}
	decrypt := func(raw []byte, wantRoom int) {
		t.Helper()
		if m.bob.Type() == TypePreKey || m.alice.Type() == TypePreKey {
			raw = decodePreKey(t, raw).Message
		}
		var msg wire.Message
		if code := msg.Decode(raw, wire.Strict); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
		var p ratchet.Pending
		if _, code := m.bob.Decrypt(&p, &m.bob.skipped, make([]byte, len(msg.Ciphertext)), &msg, wire.Strict); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
		room := m.bob.Room(&p)
		if room != wantRoom {
			t.Errorf("room %d, want %d", room, wantRoom)
		}
		if room > len(m.bob.skipped.Keys) {
			m.bob.skipped.Keys = append(make([]ratchet.SkippedKey, 0, room), m.bob.skipped.Keys...)[:room]
		}
		m.bob.Commit(&p, &m.bob.skipped)
	}
	lose := func(n int) {
		for range n {
			m.alice.encrypt(t, m.rng, "lost")
		}
	}
	decrypt(m.first, 0)
	lose(7)
	decrypt(m.alice.encrypt(t, m.rng, fmt.Sprint(8)), 7)
	for i := range 6 {
		m.alice.must(t, TypeNormal, m.bob.encrypt(t, m.rng, "turn"), "turn")
		lose(60)
		decrypt(m.alice.encrypt(t, m.rng, "turn"), min(7+40*(i+1), ratchet.MaxSkipped))
	}
}
