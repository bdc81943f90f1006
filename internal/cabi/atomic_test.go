package cabi

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/aessha2"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/kdf"
	"github.com/karst-im/karst/internal/wire"
)

// damaged calls f with raw with each bit flipped from place from on, cut to every length from there, and
// with a byte more if from is the front, always as text.
func damaged(raw []byte, from int, f func(what string, at int, text []byte)) {
	step := 1
	if testing.Short() {
		step = 7
	}
	for i := 8 * from; i < 8*len(raw); i += step {
		bad := bytes.Clone(raw)
		bad[i/8] ^= 1 << (i % 8)
		f("bit", i, wire.AppendText(nil, bad))
	}
	for n := from; n < len(raw); n += step {
		f("cut", n, wire.AppendText(nil, raw[:n]))
	}
	if from == 0 { // otherwise it is the outside of a message that libolm overlooks, the back included
		f("more", len(raw), wire.AppendText(nil, append(bytes.Clone(raw), 0)))
	}
}

func decodeText(t *testing.T, text []byte) []byte {
	t.Helper()
	raw, ok := wire.ParseText(text)
	if !ok {
		t.Fatalf("%q is no base64", text)
	}
	return raw
}

// sweep damages text, from byte from of what it encodes on, and checks that call refuses it and that no
// bit of the objects changes but the reason of a failure. It returns how many there were.
func sweep(t *testing.T, text []byte, from int, call func(text []byte) uint, objects ...[]byte) (n int) {
	t.Helper()
	return sweepBut(t, text, from, nil, call, objects...)
}

// sweepBut is sweep with bits that make no difference, so that call accepts what has them flipped.
func sweepBut(t *testing.T, text []byte, from int, ignored []int, call func(text []byte) uint, objects ...[]byte) (n int) {
	t.Helper()
	states := func() (all [][]byte) {
		for _, o := range objects {
			all = append(all, bytes.Clone(o[1:])) // the reason is at the front
		}
		return all
	}
	before := states()
	damaged(decodeText(t, text), from, func(what string, at int, bad []byte) {
		n++
		if (call(bad) != Error) != (what == "bit" && slices.Contains(ignored, at)) {
			t.Errorf("%s %d: accepted, or not where it makes no difference", what, at)
		}
		for i, o := range objects {
			if !bytes.Equal(before[i], o[1:]) {
				t.Fatalf("%s %d: object %d has changed", what, at, i)
			}
		}
	})
	return n
}

// TestDamagedInputChangesNothing is for the callers of C and JavaScript: they unpickle into objects that
// may hold something, and have no types to keep a message from the wrong call.
func TestDamagedInputChangesNothing(t *testing.T) {
	n := 0
	out := make([]byte, 300)

	// Messages.
	alice, bob := newPair(t)
	kind, m := encrypt(t, alice, []byte("pre-key"))
	outer := len(decodeText(t, m))
	var p wire.PreKeyMessage
	if p.Decode(decodeText(t, m), wire.Strict) != 0 || kind != 0 {
		t.Fatal("no pre-key message")
	}
	// libolm looks at nothing around the message inside, nor do we for its callers.
	inside := outer - len(p.Message)
	n += sweep(t, m, inside, func(text []byte) uint { return bob.Decrypt(0, text, out) }, bytesOf(bob))
	decrypt(t, bob, kind, m)

	kind, m = encrypt(t, bob, []byte("answer"))
	n += sweep(t, m, 0, func(text []byte) uint { return alice.Decrypt(1, text, out) }, bytesOf(alice))
	decrypt(t, alice, kind, m)
	var ms [4][]byte
	for i := range ms {
		_, ms[i] = encrypt(t, bob, []byte("more"))
	}
	n += sweep(t, ms[3], 0, func(text []byte) uint { return alice.Decrypt(1, text, out) }, bytesOf(alice))
	decrypt(t, alice, 1, ms[3])
	n += sweep(t, ms[1], 0, func(text []byte) uint { return alice.Decrypt(1, text, out) }, bytesOf(alice))
	decrypt(t, alice, 1, ms[1])

	// The first message of a session: the account keeps its one-time key, since RemoveOneTimeKeys comes
	// last, after a message that decrypts.
	a, b := newAccount(t, 1), newAccount(t, 2)
	b.GenerateOneTimeKeys(1, random(32, 3))
	oneTime := []byte(oneTimeKeys(t, b.OneTimeKeysLen(), b.OneTimeKeys)["AAAAAQ"])
	first := create[Session]()
	succeeds(t, first.CreateOutbound(a, []byte(identityKeys(t, b).Curve25519), oneTime, random(CreateOutboundRandomLen, 4)), 0)
	_, m = encrypt(t, first, []byte("first"))
	accept := func(s *Session, text []byte) uint {
		if result := s.CreateInbound(b, bytes.Clone(text)); result == Error {
			return Error
		}
		return s.Decrypt(0, text, out)
	}
	// The top bit of a Curve25519 key is no part of it (RFC 7748 section 5). libolm does not look at it.
	top := []int{8*(1+2*34) - 1, 8*(1+3*34) - 1}
	n += sweepBut(t, m, 1, top, func(text []byte) uint { return accept(create[Session](), text) }, bytesOf(b))
	s := create[Session]()
	succeeds(t, accept(s, bytes.Clone(m)), 5)
	succeeds(t, b.RemoveOneTimeKeys(s), 1)

	// Groups.
	g, in := newGroup(t)
	m = text64(t, g.EncryptMessageLen(6), func(b []byte) uint { return g.Encrypt([]byte("posted"), b) })
	n += sweep(t, m, 0, func(text []byte) uint { return in.Decrypt(text, out, nil) }, bytesOf(in))
	succeeds(t, in.Decrypt(bytes.Clone(m), out, nil), 6)
	key := text64(t, SessionKeyLen(), g.Key)
	n += sweep(t, key, 0, in.Init, bytesOf(in))

	// Pickles, into objects that hold something, under the right key and under others.
	pickleKey := random(32, 9)
	for _, c := range pickledKinds(t) {
		text := text64(t, c.n, func(b []byte) uint { return c.pickle(pickleKey, b) })
		n += sweep(t, text, 0, func(bad []byte) uint { return c.unpickle(pickleKey, bad) }, c.object)
		n += sweep(t, wire.AppendText(nil, pickleKey), 0, func(key []byte) uint {
			return c.unpickle(decodeText(t, key), bytes.Clone(text))
		}, c.object)
		succeeds(t, c.unpickle(pickleKey, bytes.Clone(text)), c.n)
		if again := text64(t, c.n, func(b []byte) uint { return c.pickle(pickleKey, b) }); !bytes.Equal(again, text) {
			t.Error("the honest pickle is another object")
		}
	}
	t.Logf("atomicity: %d of %d damaged inputs to the C calling convention changed nothing", n, n)
}

func reasonName(code errcode.Code) string { return strings.TrimSuffix(ErrorName(uint32(code)), "\x00") }

// pickledKind is an object that can be pickled and holds something.
type pickledKind struct {
	name     string
	n        uint
	pickle   func(key, out []byte) uint
	unpickle func(key, text []byte) uint
	object   []byte
}

func pickledKinds(t *testing.T) []pickledKind {
	t.Helper()
	a := newAccount(t, 2)
	a.GenerateOneTimeKeys(3, random(96, 3))
	a.MarkKeysAsPublished()
	a.GenerateFallbackKey(random(32, 4))
	a.GenerateFallbackKey(random(32, 5))
	alice, bob := newPair(t)
	for i, s := range []*Session{alice, bob, alice, bob, alice} {
		other := map[*Session]*Session{alice: bob, bob: alice}[s]
		encrypt(t, s, nil) // gets lost
		kind, m := encrypt(t, s, random(i, 1))
		decrypt(t, other, kind, m)
	}
	g, in := newGroup(t)
	m := text64(t, g.EncryptMessageLen(6), func(b []byte) uint { return g.Encrypt([]byte("posted"), b) })
	succeeds(t, in.Decrypt(m, make([]byte, 100), nil), 6)
	d := create[PKDecryption]()
	d.KeyFromPrivate(make([]byte, PKKeyLen), random(32, 1))
	return []pickledKind{
		{"account", a.PickleLen(), a.Pickle, a.Unpickle, bytesOf(a)},
		{"session", bob.PickleLen(), bob.Pickle, bob.Unpickle, bytesOf(bob)},
		{"outbound", OutboundGroupPickleLen(), g.Pickle, g.Unpickle, bytesOf(g)},
		{"inbound", InboundGroupPickleLen(), in.Pickle, in.Unpickle, bytesOf(in)},
		{"decryption", PKPickleLen(), d.Pickle, func(key, text []byte) uint { return d.Unpickle(key, text, nil) }, bytesOf(d)},
	}
}

// sealedText encrypts contents as a pickle.
func sealedText(key, contents []byte) []byte {
	text := make([]byte, envelope.SealedLen(len(contents)))
	copy(envelope.Contents(text, len(contents)), contents)
	envelope.Seal(text, key, len(contents))
	return text
}

// TestFailedUnpickleChangesNothing: what was encrypted under the right key may be wrong as well, and that
// may show late, when an object that took what it read would be half overwritten. Contents of every kind, in
// every version, go to objects of every kind, whole, with every bit flipped, cut to every length and with
// more behind them.
func TestFailedUnpickleChangesNothing(t *testing.T) {
	key := random(32, 9)
	kinds := pickledKinds(t)
	version := func(raw []byte, v byte) []byte {
		raw = bytes.Clone(raw)
		raw[0], raw[3] = v&0x80, v&0x7f
		return raw
	}
	contents := map[string][]byte{}
	for _, c := range kinds {
		raw, code := openPickle(key, text64(t, c.n, func(b []byte) uint { return c.pickle(key, b) }))
		if code != errcode.OK {
			t.Fatal(code)
		}
		contents[c.name] = bytes.Clone(raw)
	}
	a := contents["account"]
	const oneTime = 4 + 1 + 64
	at := len(a) - 4 - 2*oneTime - 1 // the number of fallback keys
	contents["account 3"] = version(slices.Delete(bytes.Clone(a), at, at+1), 3)
	contents["account 2"] = version(slices.Delete(bytes.Clone(a), at, at+1+2*oneTime), 2)
	contents["session that logs"] = append(version(contents["session"], 0x81), 1, 2, 3, 4)
	contents["inbound 1"] = version(contents["inbound"][:len(contents["inbound"])-1], 1)

	reasons := map[string]int{}
	for _, c := range kinds {
		before := bytes.Clone(c.object)
		refused, read := 0, 0
		try := func(raw []byte) {
			if c.unpickle(key, sealedText(key, raw)) != Error {
				read++
				copy(c.object, before)
				return
			}
			refused++
			reasons[reasonName(errcode.Code(c.object[0]))]++
			if !bytes.Equal(c.object[1:], before[1:]) {
				t.Fatalf("%s: %x is refused, and has changed the object", c.name, raw)
			}
		}
		for name, raw := range contents {
			step := 1
			if testing.Short() || !strings.HasPrefix(name, c.name) {
				step = 41
			}
			for i := 0; i < 8*len(raw); i += step {
				bad := bytes.Clone(raw)
				bad[i/8] ^= 1 << (i % 8)
				try(bad)
			}
			for n := 0; n <= len(raw); n += (step + 7) / 8 {
				try(raw[:n])
			}
			for n := 1; n < 200; n += step {
				try(append(bytes.Clone(raw), random(n, byte(n))...))
			}
		}
		if refused < 100 || read < 10 {
			t.Errorf("%s: %d refused, %d read", c.name, refused, read)
		}
		succeeds(t, c.unpickle(key, sealedText(key, contents[c.name])), c.n)
	}
	t.Logf("atomicity: contents that make no sense, by reason: %v", reasons)
	for _, code := range []errcode.Code{errcode.UnknownPickleVersion, errcode.CorruptedPickle, errcode.BadLegacyAccountPickle, errcode.PickleExtraData} {
		if reasons[reasonName(code)] == 0 {
			t.Errorf("nothing is refused as %s", reasonName(code))
		}
	}
}

// TestGoolmKeptEveryChain reads the sessions of package olm's test of that name.
func TestGoolmKeptEveryChain(t *testing.T) {
	files, err := filepath.Glob("../../olm/testdata/goolm-0.26/*.txt")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(text))
		sides := [2]*Session{create[Session](), create[Session]()}
		for i, s := range sides {
			succeeds(t, s.Unpickle([]byte("key"), []byte(lines[i])), uint(len(lines[i])))
		}
		to := int(lines[2][0] - '0')
		receiver := create[Session]()
		*receiver = *sides[to]
		if got := decrypt(t, receiver, uint(lines[3][0]-'0'), []byte(lines[4])); string(got) != "next" {
			t.Errorf("%q", got)
		}
		for range 14 { // the sender was stored before that message
			kind, m := encrypt(t, sides[1-to], []byte("go on"))
			if got := decrypt(t, sides[to], kind, m); string(got) != "go on" {
				t.Errorf("%q", got)
			}
			for _, s := range sides {
				p := text64(t, s.PickleLen(), func(b []byte) uint { return s.Pickle(nil, b) })
				succeeds(t, s.Unpickle(nil, bytes.Clone(p)), uint(len(p)))
			}
			to = 1 - to
		}
	}
}

// TestGoolmLostChains: nobody but the other side can have a message read by sessions that goolm 0.21 stored, once or again:
// the keys in their pickles are often all that a forgery takes. libolm reads these.
func TestGoolmLostChains(t *testing.T) {
	text, err := os.ReadFile("../../olm/testdata/goolm-0.21/restarts.txt")
	if err != nil {
		t.Fatal(err)
	}
	forgeries := 0
	for _, line := range strings.Fields(string(text)) {
		s := create[Session]()
		p := []byte(line)
		succeeds(t, s.Unpickle([]byte("key"), p), uint(len(line)))
		again := []byte(line)
		raw, code := openPickle([]byte("key"), again)
		if code != errcode.OK {
			t.Fatal(code)
		}
		for at := 4 + 1 + 3*32 + 32; at+64 <= len(raw); at++ {
			theirs, key := [32]byte(raw[at:]), [32]byte(raw[at+32:])
			if !bytes.Equal(key[4:], make([]byte, 28)) {
				continue
			}
			for _, step := range []bool{false, true} { // the key is a message's, or a chain's
				if step {
					kdf.HMACByte(&key, &key, 1)
				}
				ciphertext := aessha2.CiphertextLen(6)
				m := make([]byte, wire.MessageLen(0, ciphertext))
				var k aessha2.Keys
				var mac [32]byte
				k.Derive(key[:], []byte("OLM_KEYS"))
				k.Encrypt(wire.PutMessage(m, &theirs, 0, ciphertext), []byte("forged"))
				k.MAC(&mac, m[:len(m)-wire.MACLen])
				copy(m[len(m)-wire.MACLen:], mac[:])
				fails(t, s, s.Decrypt(1, wire.AppendText(nil, m), make([]byte, 100)), errcode.BadMessageMAC)
				forgeries++
			}
		}
	}
	if forgeries < 100 {
		t.Errorf("only %d forgeries", forgeries)
	}
}
