package protocol

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// sender is an outbound group session, whose ratchet a test may move.
type sender struct {
	OutboundGroup
	t      *testing.T
	random []byte
}

func newSender(t *testing.T, at uint32) *sender {
	s := &sender{t: t, random: testkit.Random(rand.New(rand.NewPCG(1, 2)), GroupRandomLen)}
	s.Start(s.random)
	s.ratchet.Set(s.random, at)
	return s
}

func (s *sender) sessionKey() []byte {
	b := make([]byte, SessionKeyLen)
	s.SessionKey(b)
	return b
}

func (s *sender) encrypt(plaintext string) []byte {
	s.t.Helper()
	dst := bytes.Repeat([]byte{0xee}, s.MessageLen(len(plaintext))+1)
	n := len(dst) - 1
	if code := s.Encrypt(dst[:n], []byte(plaintext)); code != errcode.OK || dst[n] != 0xee {
		s.t.Fatalf("code %d, written past the end %v", code, dst[n] != 0xee)
	}
	return dst[:n]
}

// at moves the ratchet and returns a message from there.
func (s *sender) at(index uint32, plaintext string) []byte {
	s.t.Helper()
	s.ratchet.AdvanceTo(index)
	return s.encrypt(plaintext)
}

// read decrypts a group message, and checks that nothing changes on a code other than OK, and that
// nothing of a plaintext is left.
func (g *InboundGroup) read(t *testing.T, raw []byte, tol wire.Tolerance) (string, errcode.Code) {
	t.Helper()
	var m wire.GroupMessage
	if code := m.Decode(raw, tol); code != errcode.OK {
		return "", code
	}
	before := *g
	dst := make([]byte, len(m.Ciphertext))
	n, code := g.Decrypt(dst, &m, tol)
	if code != errcode.OK {
		if n != 0 || *g != before || !bytes.Equal(dst, make([]byte, len(dst))) {
			t.Fatalf("code %d: %x is left, unchanged %v", code, dst, *g == before)
		}
		return "", code
	}
	if from, ok := g.VerifiedFrom(); g.initial != before.initial || !ok || tol == wire.Strict && from > m.Index {
		t.Fatal("decryption changed more than the cache")
	}
	return string(dst[:n]), code
}

func receiver(t *testing.T, key []byte) *InboundGroup {
	t.Helper()
	g := new(InboundGroup)
	if code := g.Start(key); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	return g
}

// TestGroupFormats takes a session key and a message apart with the standard library.
func TestGroupFormats(t *testing.T) {
	s := newSender(t, 0)
	private := ed25519.NewKeyFromSeed(s.random[128:])
	public := private.Public().(ed25519.PublicKey)
	if !bytes.Equal(s.Public()[:], public) || !s.Created() || s.Index() != 0 {
		t.Errorf("%x, want %x", s.Public(), public)
	}
	signed := slices.Concat([]byte{2}, u32(0), s.random[:128], public)
	testkit.Equal(t, append(signed, ed25519.Sign(private, signed)...), s.sessionKey())
	raw := s.encrypt("a message")
	if s.Index() != 1 {
		t.Errorf("index %d", s.Index())
	}
	n := len(raw)
	if !ed25519.Verify(public, raw[:n-64], raw[n-64:]) {
		t.Error("signature")
	}
	k := testkit.NewAESSHA2(s.random[:128], "MEGOLM_KEYS")
	if !bytes.Equal(k.Tag(raw[:n-72]), raw[n-72:n-64]) {
		t.Error("MAC")
	}
	plaintext := k.Decrypt(raw[5:21])
	if string(plaintext) != "a message\x07\x07\x07\x07\x07\x07\x07" || !bytes.Equal(raw[:5], []byte{3, 8, 0, 0x12, 16}) {
		t.Errorf("%q in %x", plaintext, raw)
	}
}

func TestGroup(t *testing.T) {
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		s := newSender(t, 0)
		early := s.encrypt("early")
		g := receiver(t, s.sessionKey())
		if !g.Created() || !g.Verified() || g.FirstKnownIndex() != 1 || *g.Public() != *s.Public() {
			t.Errorf("created %v, verified %v, from index %d, public %x", g.Created(), g.Verified(), g.FirstKnownIndex(), *g.Public())
		}
		messages := map[uint32][]byte{}
		for _, index := range []uint32{1, 2, 3, 255, 256, 70000, 1 << 24, 1<<31 - 1, 1 << 31} {
			messages[index] = s.at(index, "text")
		}
		for range 2 { // in any order, and again
			for index, raw := range messages {
				if text, code := g.read(t, raw, tol); code != errcode.OK || text != "text" {
					t.Errorf("index %d: %q, code %d", index, text, code)
				}
			}
		}
		if g.latest.Counter() != 1<<31 {
			t.Errorf("the cache is at %d", g.latest.Counter())
		}
		if _, code := g.read(t, early, tol); code != errcode.UnknownMessageIndex {
			t.Errorf("code %d", code)
		}
	}
}

// TestLastGroupIndex checks that a sender stops before its counter starts again.
func TestLastGroupIndex(t *testing.T) {
	s := newSender(t, 1<<32-2)
	g := receiver(t, s.sessionKey())
	if text, code := g.read(t, s.encrypt("the last"), wire.Strict); code != errcode.OK || text != "the last" {
		t.Errorf("%q, code %d", text, code)
	}
	before := s.OutboundGroup
	if code := s.Encrypt(make([]byte, s.MessageLen(3)), []byte("abc")); code != errcode.Exhausted || s.OutboundGroup != before {
		t.Errorf("code %d, unchanged %v", code, s.OutboundGroup == before)
	}
	// Its session key can still be handed on.
	if g := receiver(t, s.sessionKey()); g.FirstKnownIndex() != 1<<32-1 {
		t.Errorf("index %d", g.FirstKnownIndex())
	}
}

// TestReaches has the distances that a receiver covers: wire.Strict never passes the end, libolm goes the
// shorter way round.
func TestReaches(t *testing.T) {
	const max = 1<<32 - 1
	for _, c := range []struct {
		from, to        uint32
		strict, lenient bool
	}{
		{0, 0, true, true},
		{0, 1, true, true},
		{1, 0, false, false},
		{0, 1<<31 - 1, true, true},
		{0, 1 << 31, true, false},
		{0, max, true, false},
		{5, 5 + 1<<31 - 1, true, true},
		{5, 5 + 1<<31, true, false},
		{max, max, true, true},
		{max, 0, false, true},
		{max, 1<<31 - 2, false, true},
		{max, 1<<31 - 1, false, false},
		{1 << 31, 0, false, false},
		{1<<31 + 1, 0, false, true},
		{max, max - 1, false, false},
		{300, 299, false, false},
	} {
		if reaches(c.from, c.to, wire.Strict) != c.strict || reaches(c.from, c.to, wire.Lenient) != c.lenient {
			t.Errorf("%#x to %#x: strict %v, lenient %v", c.from, c.to, reaches(c.from, c.to, wire.Strict), reaches(c.from, c.to, wire.Lenient))
		}
		// And so it is in use. The sender is one that knows no end.
		s := newSender(t, c.from)
		g := receiver(t, s.sessionKey())
		if s.ratchet.AdvanceTo(c.to); c.to == max {
			continue // nobody sends that
		}
		raw := s.encrypt("text")
		for tol, want := range map[wire.Tolerance]bool{wire.Strict: c.strict, wire.Lenient: c.lenient} {
			g := *g
			text, code := g.read(t, raw, tol)
			if want && (code != errcode.OK || text != "text") || !want && code != errcode.UnknownMessageIndex {
				t.Errorf("%#x to %#x, lenient %v: %q, code %d", c.from, c.to, tol, text, code)
			}
			export := make([]byte, ExportLen)
			if code := g.Export(export, c.to, tol); (code == errcode.OK) != want {
				t.Errorf("%#x to %#x, lenient %v: export, code %d", c.from, c.to, tol, code)
			}
		}
	}
	// Past the end, and back to before it: through the cache, and from the start.
	s := newSender(t, 1<<32-10)
	g := receiver(t, s.sessionKey())
	before, after, later := s.at(1<<32-5, "before"), s.at(3, "after"), s.at(7, "later")
	for _, raw := range [][]byte{later, before, after, before, later} {
		if _, code := g.read(t, raw, wire.Lenient); code != errcode.OK {
			t.Errorf("code %d", code)
		}
	}
	if g.latest.Counter() != 7 {
		t.Errorf("the cache is at %d", g.latest.Counter())
	}
}

func TestEveryBitOfGroups(t *testing.T) {
	s := newSender(t, 7)
	key := s.sessionKey()
	for bit, bad := range testkit.Flips(key) {
		want := errcode.BadSignature
		if bit < 8 {
			want = errcode.BadSessionKey
		}
		var g InboundGroup
		if code := g.Start(bad); code != want || g != (InboundGroup{}) {
			t.Fatalf("bit %d of the session key: code %d", bit, code)
		}
	}
	for n := range len(key) + 3 {
		var g InboundGroup
		if code := g.Start(append(bytes.Clone(key), 0, 0, 0)[:n]); (code == errcode.OK) != (n == len(key)) || n != len(key) && code != errcode.BadSessionKey {
			t.Errorf("%d bytes: code %d", n, code)
		}
	}
	g := receiver(t, key)
	raw := s.encrypt("the message")
	for bit, bad := range testkit.Flips(raw) {
		if _, code := g.read(t, bad, wire.Strict); code == errcode.OK || bit >= 8*21 && code != errcode.BadSignature {
			t.Fatalf("bit %d: code %d", bit, code)
		}
		if _, code := g.read(t, bad, wire.Lenient); code == errcode.OK {
			t.Fatalf("bit %d: code %d", bit, code)
		}
	}
	// A MAC that is wrong, but signed: only the sender can do that.
	for name, change := range map[string]func(raw []byte){
		"MAC":        func(raw []byte) { raw[len(raw)-70] ^= 1 },
		"ciphertext": func(raw []byte) { raw[10] ^= 1 },
		"index":      func(raw []byte) { raw[2] ^= 8 },
	} {
		bad := bytes.Clone(raw)
		change(bad)
		var sig [64]byte
		s.signing.sign(&sig, bad[:len(bad)-64])
		copy(bad[len(bad)-64:], sig[:])
		for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
			if _, code := g.read(t, bad, tol); code != errcode.BadMessageMAC {
				t.Errorf("%s: code %d", name, code)
			}
		}
	}
	// An index that isn't known comes after the signature, and before the MAC.
	bad := newSender(t, 3).encrypt("early")
	if _, code := g.read(t, bad, wire.Strict); code != errcode.UnknownMessageIndex {
		t.Errorf("code %d", code)
	}
	bad[len(bad)-1] ^= 1
	if _, code := g.read(t, bad, wire.Strict); code != errcode.BadSignature {
		t.Errorf("code %d", code)
	}
}

func TestExportAndImport(t *testing.T) {
	s := newSender(t, 5)
	g := receiver(t, s.sessionKey())
	at5, at9 := s.encrypt("five"), s.at(9, "nine")
	export := make([]byte, ExportLen)
	if code := g.Export(export, 9, wire.Strict); code != errcode.OK {
		t.Fatalf("code %d", code)
	}
	var r ratchet.Megolm
	r.Set(s.random, 5)
	r.AdvanceTo(9)
	var key [128]byte
	r.Key(&key)
	testkit.Equal(t, slices.Concat([]byte{1}, u32(9), key[:], s.Public()[:]), export)
	if code := g.Export(make([]byte, ExportLen), 4, wire.Strict); code != errcode.UnknownMessageIndex {
		t.Errorf("code %d", code)
	}
	var in InboundGroup
	if code := in.Import(export, wire.Strict); code != errcode.OK || in.Verified() || in.FirstKnownIndex() != 9 || !in.Created() {
		t.Errorf("code %d, verified %v, from index %d", code, in.Verified(), in.FirstKnownIndex())
	}
	if _, code := in.read(t, at5, wire.Strict); code != errcode.UnknownMessageIndex || in.Verified() {
		t.Errorf("code %d", code)
	}
	if text, code := in.read(t, at9, wire.Strict); code != errcode.OK || text != "nine" || !in.Verified() {
		t.Errorf("%q, code %d", text, code)
	}
	// Exported again, earlier than the cache.
	again := make([]byte, ExportLen)
	s.at(200, "x")
	in.read(t, s.at(300, "far"), wire.Strict)
	if code := in.Export(again, 9, wire.Strict); code != errcode.OK {
		t.Errorf("code %d", code)
	}
	testkit.Equal(t, export, again)

	for n := range ExportLen + 3 {
		var g InboundGroup
		if code := g.Import(append(bytes.Clone(export), 0, 0, 0)[:n], wire.Strict); (code == errcode.OK) != (n == ExportLen) || n != ExportLen && code != errcode.BadSessionKey {
			t.Errorf("%d bytes: code %d", n, code)
		}
	}
	for _, version := range []byte{0, 2, 3, 0x81} {
		export[0] = version
		if code := new(InboundGroup).Import(export, wire.Lenient); code != errcode.BadSessionKey {
			t.Errorf("version %d: code %d", version, code)
		}
	}
	// A signing key that is no point, or of small order, can never verify anything.
	export[0] = 1
	for name, public := range map[string][32]byte{"2": {2}, "1": {1}, "0": {}} {
		copy(export[sharedLen-32:], public[:])
		var g InboundGroup
		if code := g.Import(export, wire.Strict); code != errcode.BadSessionKey || g != (InboundGroup{}) {
			t.Errorf("y = %s: code %d", name, code)
		}
		if code := g.Import(export, wire.Lenient); code != errcode.OK {
			t.Errorf("y = %s: code %d from wire.Lenient", name, code)
		}
	}
}

func TestAdvance(t *testing.T) {
	s := newSender(t, 5)
	key := s.sessionKey()
	at5, at300, at400 := s.encrypt("5"), s.at(300, "300"), s.at(400, "400")
	for _, readFirst := range []bool{false, true} {
		g := receiver(t, key)
		if readFirst {
			g.read(t, at400, wire.Strict) // so that the cache is ahead
		}
		if code := g.Advance(300); code != errcode.OK || g.FirstKnownIndex() != 300 || !g.possible() {
			t.Errorf("code %d, from index %d, possible %v", code, g.FirstKnownIndex(), g.possible())
		}
		for range 2 {
			if _, code := g.read(t, at5, wire.Strict); code != errcode.UnknownMessageIndex {
				t.Errorf("code %d", code)
			}
			for _, raw := range [][]byte{at300, at400} {
				if _, code := g.read(t, raw, wire.Strict); code != errcode.OK {
					t.Errorf("code %d", code)
				}
			}
		}
		before := *g
		if code := g.Advance(299); code != errcode.UnknownMessageIndex || *g != before {
			t.Errorf("back: code %d", code)
		}
		if code := g.Advance(300); code != errcode.OK || *g != before {
			t.Errorf("nowhere: code %d", code)
		}
		// Past the cache.
		if code := g.Advance(1 << 20); code != errcode.OK || g.FirstKnownIndex() != 1<<20 || g.initial != g.latest {
			t.Errorf("code %d", code)
		}
	}
}

func TestCompareAndMerge(t *testing.T) {
	s := newSender(t, 5)
	early := receiver(t, s.sessionKey())
	at5 := s.encrypt("5")
	at9 := s.at(9, "9")
	export := make([]byte, ExportLen)
	early.Export(export, 9, wire.Strict)
	var late InboundGroup
	late.Import(export, wire.Strict)

	other := newSender(t, 5)
	other.signing.set(bytes.Repeat([]byte{1}, 32))
	forged := *early
	forged.initial.Set(bytes.Repeat([]byte{1}, 128), 5)
	forged.proof = unproven
	for name, c := range map[string]struct{ got, want Relation }{
		"itself":                  {early.Compare(early), Equal},
		"a later one":             {early.Compare(&late), Better},
		"an earlier one":          {late.Compare(early), Worse},
		"another key":             {early.Compare(receiver(t, other.sessionKey())), Unrelated},
		"another ratchet":         {late.Compare(&forged), Unrelated},
		"another ratchet, turned": {forged.Compare(&late), Unrelated},
		"a forged one":            {early.Compare(&forged), Unrelated},
		"one that is not forged":  {forged.Compare(early), Worse},
	} {
		if c.got != c.want {
			t.Errorf("%s is %d, not %d", name, c.got, c.want)
		}
	}

	a, b := late, *early
	a.Merge(early)
	b.Merge(&late)
	for name, g := range map[string]*InboundGroup{"the earlier to the later": &a, "the later to the earlier": &b} {
		if g.FirstKnownIndex() != 5 || !g.Verified() || g.latest.Counter() != 9 || !g.possible() {
			t.Errorf("%s: from index %d, verified %v, latest %d, possible %v", name, g.FirstKnownIndex(), g.Verified(), g.latest.Counter(), g.possible())
		}
		for _, raw := range [][]byte{at5, at9} {
			if _, code := g.read(t, raw, wire.Strict); code != errcode.OK {
				t.Errorf("%s: code %d", name, code)
			}
		}
	}
	c, d := late, late
	if c.Merge(&d); c.Verified() {
		t.Error("verified out of nothing")
	}
}

func TestGroupPickles(t *testing.T) {
	s := newSender(t, 5)
	g := receiver(t, s.sessionKey())
	g.read(t, s.at(300, "300"), wire.Strict)

	sealed := make([]byte, OutboundPickleLen)
	s.Pickle(sealed, pickleKey)
	rawOut := open(t, sealed)
	public, private := expand(s.random[128:])
	var key [128]byte
	s.ratchet.Key(&key)
	testkit.Equal(t, slices.Concat(u32(1), key[:], u32(301), public, private), rawOut)

	sealed = make([]byte, InboundPickleLen)
	g.Pickle(sealed, pickleKey, wire.Strict)
	rawIn := open(t, sealed)
	g.latest.Key(&key)
	testkit.Equal(t, slices.Concat(u32(2), s.random[:128], u32(5), key[:], u32(300), public, []byte{1}), rawIn)

	created := false // what was unpickled last is set up
	outbound := func(raw []byte, tol wire.Tolerance) errcode.Code {
		o := s.OutboundGroup
		o.ratchet.Advance()
		was := o
		code := o.Unpickle(raw, tol)
		if code != errcode.OK && tol == wire.Lenient {
			testkit.Equal(t, was, o)
		}
		if bytes.Equal(raw, rawOut) {
			testkit.Equal(t, s.OutboundGroup, o)
		}
		created = code == errcode.OK && o.Created()
		return code
	}
	inbound := func(raw []byte, tol wire.Tolerance) errcode.Code {
		i := *g
		i.latest.Advance()
		was := i
		code := i.Unpickle(raw, tol)
		want := *g
		want.proof = flagged // that it was a session key is not in a pickle
		if code != errcode.OK && tol == wire.Lenient {
			testkit.Equal(t, was, i)
		}
		if bytes.Equal(raw, rawIn) {
			testkit.Equal(t, want, i)
		}
		created = code == errcode.OK && i.Created()
		return code
	}
	zeroed := func(raw []byte, at, n int) []byte {
		raw = bytes.Clone(raw)
		clear(raw[at : at+n])
		return raw
	}
	version := func(raw []byte, v uint32) []byte { return append(u32(v), raw[4:]...) }
	first := append(u32(1), rawIn[4:len(rawIn)-1]...) // the version without a flag
	backward := bytes.Clone(rawIn)
	binary.BigEndian.PutUint32(backward[4+132+128:], 4)
	type unpickle = func(raw []byte, tol wire.Tolerance) errcode.Code
	for _, c := range []struct {
		name            string
		unpickle        unpickle
		raw             []byte
		strict, lenient errcode.Code
	}{
		{"outbound", outbound, rawOut, errcode.OK, errcode.OK},
		{"outbound: a byte more", outbound, append(bytes.Clone(rawOut), 0), errcode.PickleExtraData, errcode.PickleExtraData},
		{"outbound: version 0", outbound, version(rawOut, 0), errcode.UnknownPickleVersion, errcode.UnknownPickleVersion},
		{"outbound: version 2", outbound, version(rawOut, 2), errcode.UnknownPickleVersion, errcode.UnknownPickleVersion},
		{"outbound: no ratchet", outbound, zeroed(rawOut, 4, 128), errcode.CorruptedPickle, errcode.OK},
		{"outbound: no public key", outbound, zeroed(rawOut, 136, 32), errcode.CorruptedPickle, errcode.OK},
		{"outbound: no private key", outbound, zeroed(rawOut, 168, 32), errcode.CorruptedPickle, errcode.OK},
		{"outbound: no prefix", outbound, zeroed(rawOut, 200, 32), errcode.CorruptedPickle, errcode.OK},
		{"outbound: part of the ratchet", outbound, zeroed(rawOut, 4, 127), errcode.OK, errcode.OK},
		{"outbound: nothing", outbound, append(u32(1), make([]byte, 228)...), errcode.CorruptedPickle, errcode.OK},
		{"inbound", inbound, rawIn, errcode.OK, errcode.OK},
		{"inbound: a byte more", inbound, append(bytes.Clone(rawIn), 0), errcode.PickleExtraData, errcode.PickleExtraData},
		{"inbound: version 0", inbound, version(rawIn, 0), errcode.UnknownPickleVersion, errcode.UnknownPickleVersion},
		{"inbound: version 3", inbound, version(rawIn, 3), errcode.UnknownPickleVersion, errcode.UnknownPickleVersion},
		{"inbound: version 1", inbound, first, errcode.OK, errcode.OK},
		{"inbound: version 1, a flag", inbound, append(bytes.Clone(first), 0), errcode.PickleExtraData, errcode.PickleExtraData},
		{"inbound: no first ratchet", inbound, zeroed(rawIn, 4, 128), errcode.CorruptedPickle, errcode.OK},
		{"inbound: no second ratchet", inbound, zeroed(rawIn, 136, 128), errcode.CorruptedPickle, errcode.OK},
		{"inbound: no key", inbound, zeroed(rawIn, 268, 32), errcode.CorruptedPickle, errcode.OK},
		{"inbound: the cache before the start", inbound, backward, errcode.CorruptedPickle, errcode.OK},
		{"inbound: nothing", inbound, append(u32(2), make([]byte, 297)...), errcode.CorruptedPickle, errcode.OK},
	} {
		if code := c.unpickle(c.raw, wire.Strict); code != c.strict || created != (code == errcode.OK) {
			t.Errorf("%s: code %d, want %d; set up: %v", c.name, code, c.strict, created)
		}
		// Zeros in the place of secrets are those of an object that was never set up.
		want := c.strict == errcode.OK || slices.Contains([]string{
			"inbound: no key", "inbound: the cache before the start", "outbound: no public key", "outbound: no prefix",
		}, c.name)
		if code := c.unpickle(c.raw, wire.Lenient); code != c.lenient || created != want {
			t.Errorf("%s: code %d from wire.Lenient, want %d; set up: %v, want %v", c.name, code, c.lenient, created, want)
		}
	}
	for raw, unpickle := range map[*[]byte]unpickle{&rawOut: outbound, &rawIn: inbound, &first: inbound} {
		for n := range *raw {
			for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
				if code := unpickle((*raw)[:n], tol); code != errcode.CorruptedPickle {
					t.Errorf("%d bytes of %d: code %d", n, len(*raw), code)
				}
			}
		}
	}
	// The flag, and the version without one, whose sessions all came from a signed key.
	for flag, want := range map[byte]bool{0: false, 1: true, 77: true} {
		raw := append(bytes.Clone(rawIn[:len(rawIn)-1]), flag)
		var i InboundGroup
		if i.Unpickle(raw, wire.Strict); i.Verified() != want {
			t.Errorf("flag %d: verified %v", flag, i.Verified())
		}
	}
	var i InboundGroup
	if i.Unpickle(first, wire.Strict); !i.Verified() {
		t.Error("version 1 is not verified")
	}
	if s.Check() != errcode.OK {
		t.Error("a good session is refused")
	}
	rawOut[136] ^= 1
	var o OutboundGroup
	if code := o.Unpickle(rawOut, wire.Strict); code != errcode.OK || o.Check() != errcode.KeyPairMismatch {
		t.Errorf("code %d, %d", code, o.Check())
	}
}
