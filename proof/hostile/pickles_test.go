package hostile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/proof/internal/readers"
	"github.com/karst-im/karst/ratchet"
)

// pickleErrors are all that reading may end in.
var pickleErrors = []error{pickle.ErrBase64, pickle.ErrKey, pickle.ErrVersion, pickle.ErrLegacy, pickle.ErrCorrupt, pickle.ErrTrailing, pickle.ErrKeyPair}

// wellFormed returns the contents of a pickle of each kind that has something in every field.
func wellFormed() map[string][]byte {
	a := olm.NewAccount()
	claim(a)
	check(a.GenerateFallbackKey())
	a.MarkKeysAsPublished()
	check(a.GenerateFallbackKey())
	must(a.GenerateOneTimeKeys(1))
	s, _ := busy()
	out, in := newGroup()
	double, _ := newDoubles()
	sendKey(double)
	return map[string][]byte{
		"account": rawOf(a), "session": rawOf(s), "outbound": rawOf(out), "inbound": rawOf(in), "decryption": rawOf(pk.NewDecryption()),
		"double": rawOf(double), "megolm": rawOf(ratchet.NewMegolm()),
	}
}

// numbers are what a field that holds one is set to.
var numbers = []uint32{
	0, 1, 2, 3, 5, 6, 40, 41, 100, 101, 127, 128, 255, 256, 1<<16 - 1, 1 << 16, 62244681 /* times 69 is 2^32 + 5 */, 63161283, /* times 68 is 2^32 - 52 */
	1<<31 - 1, 1 << 31, 1<<31 + 1, 1<<32 - 2001, 1<<32 - 2, 1<<32 - 1,
}

// impossible yields contents with each field set to what it can't be, or is at its end; with every field
// copied to every other; with every part of a list doubled, left out, or in another order; cut and
// lengthened. They are changes of well-formed contents, each under a MAC that is right.
func impossible(kind string, raw []byte, rng *rand.Rand, yield func(what string, raw []byte)) {
	fields := fieldsOf(kind, raw)
	with := func(what string, edit func(b []byte)) {
		b := bytes.Clone(raw)
		if edit(b); !bytes.Equal(b, raw) {
			yield(what, b)
		}
	}
	for i, f := range fields {
		if f.number {
			for _, x := range numbers {
				with(fmt.Sprintf("%s = %d", f.name, x), func(b []byte) { setField(f, b, x) })
			}
			continue
		}
		for name, value := range map[string][]byte{
			"zero": make([]byte, f.n), "ones": bytes.Repeat([]byte{0xff}, f.n), "one": append([]byte{1}, make([]byte, f.n-1)...),
			"random": fill(make([]byte, f.n), rng),
		} {
			with(f.name+" is "+name, func(b []byte) { copy(f.of(b), value) })
		}
		with(f.name+" with its top bit", func(b []byte) { b[f.at+f.n-1] ^= 0x80 })
		for j, from := range fields {
			if i != j && from.n == f.n {
				with(f.name+" is "+from.name, func(b []byte) { copy(f.of(b), from.of(raw)) })
			}
		}
	}
	// Parts are doubled and left out, with and without the counts saying so.
	for i := 1; i < len(fields); i++ {
		for _, n := range []int{1, 3, 4} {
			if i+n > len(fields) {
				continue
			}
			from, to := fields[i].at, fields[i+n-1].at+fields[i+n-1].n
			yield(fmt.Sprintf("%s and %d more doubled", fields[i].name, n-1), slices.Insert(bytes.Clone(raw), from, raw[from:to]...))
			yield(fmt.Sprintf("%s and %d more left out", fields[i].name, n-1), slices.Delete(bytes.Clone(raw), from, to))
			for _, f := range fields[:i] {
				if f.number {
					b := slices.Insert(bytes.Clone(raw), from, raw[from:to]...)
					addTo(f, b, 1)
					yield(fmt.Sprintf("%s and %d more doubled, %s says so", fields[i].name, n-1, f.name), b)
					b = slices.Delete(bytes.Clone(raw), from, to)
					addTo(f, b, -1)
					yield(fmt.Sprintf("%s and %d more left out, %s says so", fields[i].name, n-1, f.name), b)
				}
			}
		}
	}
	for n := 0; n < len(raw); n += 1 + n/64 {
		yield(fmt.Sprintf("cut to %d bytes", n), raw[:n])
	}
	for _, n := range []int{1, 4, 68, 69, 1000} {
		yield(fmt.Sprintf("%d bytes more", n), append(bytes.Clone(raw), make([]byte, n)...))
	}
	// Several at once.
	for i := range 1000 {
		with(fmt.Sprintf("round %d", i), func(b []byte) {
			for range 2 + rng.IntN(4) {
				f, from := fields[rng.IntN(len(fields))], fields[rng.IntN(len(fields))]
				switch {
				case f.number && rng.IntN(8) > 0:
					setField(f, b, numbers[rng.IntN(len(numbers))])
				case f.n == from.n:
					copy(f.of(b), from.of(b))
				case f.n > 4:
					fill(f.of(b), rng)
				}
			}
		})
	}
}

func setField(f field, raw []byte, x uint32) {
	if f.n == 1 {
		raw[f.at] = byte(x)
	} else {
		binary.BigEndian.PutUint32(f.of(raw), x)
	}
}

func addTo(f field, raw []byte, x int) {
	if f.n == 1 {
		raw[f.at] += byte(x)
	} else {
		binary.BigEndian.PutUint32(f.of(raw), binary.BigEndian.Uint32(f.of(raw))+uint32(x))
	}
}

// TestImpossiblePickles: contents that are well-formed and impossible are refused, or make an object with
// which everything can be done without harm.
func TestImpossiblePickles(t *testing.T) {
	rng := deterministic(t, 6)
	refused, usable, enough := 0, 0, 1000
	if short() {
		enough /= 5
	}
	n := 0
	for kind, raw := range wellFormed() {
		impossible(kind, raw, rng, func(what string, bad []byte) {
			if n++; short() && n%5 > 0 {
				return
			}
			text := sealed(bad)
			before := bytes.Clone(text)
			p, err := readers.ByKind[kind](pickleKey, text)
			require.Equal(t, before, text, "%s: %s: the argument was written to", kind, what)
			if err != nil {
				require.Contains(t, pickleErrors, err, "%s: %s", kind, what)
				refused++
				return
			}
			usable++
			if neverThere(what) {
				t.Errorf("%s: %s: accepted", kind, what)
			}
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: %s: panic: %v", kind, what, r)
				}
			}()
			if err := use(kind, p); err != nil {
				t.Errorf("%s: %s: %v", kind, what, err)
			}
		})
	}
	t.Logf("hostile: %d impossible pickles: %d refused, %d made objects that do no harm", refused+usable, refused, usable)
	require.Greater(t, refused, enough)
	require.Greater(t, usable, enough)
}

// neverThere reports whether no library ever wrote such contents: cut, with bytes to spare, of another
// version than what follows, or with a count that is not that of what follows.
func neverThere(what string) bool {
	name, _, isNumber := strings.Cut(what, " = ")
	if !isNumber {
		return strings.HasPrefix(what, "cut to ") || strings.HasSuffix(what, " bytes more")
	}
	return slices.Contains([]string{"version", "one-time keys", "fallback keys", "sending chains", "receiving count", "skipped count"}, name)
}

// strangers are those whom an object of the tests does not know.
var strangers = sync.OnceValue(func() (o struct {
	account      *olm.Account
	message      olm.Message
	in           *megolm.InboundSession
	groupMessage megolm.Message
	double       *ratchet.Double
}) {
	o.account = olm.NewAccount()
	somebody := olm.NewAccount()
	o.message = send(must(o.account.NewOutboundSession(identity(somebody), claim(somebody))))
	out, in := newGroup()
	o.in, o.groupMessage = in, must(out.Encrypt(nil))
	o.double, _ = newDoubles()
	return o
})

// use does all that can be done with an object that comes from anywhere. An error of an operation is as
// good as a result; what is wrong is a changed state after one.
func use(kind string, p readers.Pickled) error {
	text := must(p.Pickle(pickleKey))
	again, err := readers.ByKind[kind](pickleKey, text)
	if err != nil {
		return fmt.Errorf("what it pickles is refused: %w", err)
	}
	if !bytes.Equal(must(again.Pickle(pickleKey)), text) {
		return fmt.Errorf("the pickle of a pickle differs")
	}
	switch p := p.(type) {
	case *olm.Account:
		return useAccount(p)
	case *olm.Session:
		return useSession(p)
	case *megolm.OutboundSession:
		return useOutbound(p)
	case *megolm.InboundSession:
		return useInbound(p)
	case *pk.Decryption:
		return useDecryption(p)
	case *ratchet.Double:
		return useDouble(p)
	case *ratchet.Megolm:
		return useMegolm(p)
	}
	return fmt.Errorf("no use for %T", p)
}

func useAccount(a *olm.Account) error {
	_ = a.Check()
	others := strangers()
	before := stateOf(a)()
	if _, _, err := a.Accept(identity(others.account), others.message); err == nil || stateOf(a)() != before {
		return fmt.Errorf("a message to somebody else: %w", err)
	}
	for _, key := range a.OneTimeKeys() {
		s, err := others.account.NewOutboundSession(identity(a), key)
		if err != nil {
			continue
		}
		if _, _, err := a.Accept(s.Keys().Identity, send(s)); err != nil && stateOf(a)() != before {
			return fmt.Errorf("a refused message has changed the account: %w", err)
		}
		break
	}
	a.UnpublishedFallbackKey()
	n := a.OneTimeKeyCount()
	if n > olm.MaxOneTimeKeys {
		return fmt.Errorf("%d one-time keys", n)
	}
	if _, err := a.GenerateOneTimeKeys(2); err != nil {
		return err
	}
	if err := a.GenerateFallbackKey(); err != nil {
		return err
	}
	a.MarkKeysAsPublished()
	a.ForgetOldFallbackKey()
	if _, err := a.Sign(nil); err != nil {
		return err
	}
	a.Wipe()
	return nil
}

func useSession(s *olm.Session) error {
	_ = s.Check()
	_, _, _ = s.Describe(), s.ID(), s.HasReceivedMessage()
	raw := rawOf(s)
	for _, f := range fieldsOf("session", raw) {
		var list string
		var i int
		if n, _ := fmt.Sscanf(f.name, "%s %d index", &list, &i); n != 2 || list != "receiving" {
			continue
		}
		chain := forgery{
			ratchet: [32]byte(fieldOf("session", raw, fmt.Sprintf("receiving %d ratchet", i))),
			chain:   [32]byte(fieldOf("session", raw, fmt.Sprintf("receiving %d key", i))),
			index:   binary.BigEndian.Uint32(f.of(raw)), padded: onePadded,
		}
		for _, index := range []uint32{chain.index - 1, chain.index, chain.index + 1, 1<<32 - 1} {
			chain.index = index
			before := stateOf(s)()
			if got, err := s.Decrypt(chain.message()); err != nil && (got != nil || stateOf(s)() != before) {
				return fmt.Errorf("a refused message has changed the session: %w", err)
			}
		}
	}
	before := stateOf(s)()
	n := s.MessageLen(5)
	m, err := s.Encrypt([]byte("hello"))
	if err == nil && len(m.Body) != n {
		return fmt.Errorf("a message of %d bytes where there were to be %d", len(m.Body), n)
	}
	if err != nil && stateOf(s)() != before {
		return fmt.Errorf("a refused encryption has changed the session: %w", err)
	}
	s.Wipe()
	return nil
}

func useOutbound(s *megolm.OutboundSession) error {
	sound := s.Check() == nil
	index := s.Index()
	k, err := s.SessionKey()
	if err != nil {
		return err
	}
	in, err := megolm.NewInboundSession(k)
	if sound && err != nil {
		return err
	}
	before := stateOf(s)()
	m, err := s.Encrypt([]byte(plaintext))
	if err != nil {
		if index != 1<<32-1 || stateOf(s)() != before {
			return err
		}
		return nil
	}
	if s.Index() != index+1 {
		return fmt.Errorf("index %d after %d", s.Index(), index)
	}
	if sound {
		if _, _, err := in.Decrypt(m); err != nil {
			return err
		}
	}
	s.Wipe()
	return nil
}

func useInbound(s *megolm.InboundSession) error {
	first := s.FirstKnownIndex()
	others := strangers()
	_ = s.Compare(others.in)
	_ = others.in.Merge(s)
	for _, index := range []uint32{0, first - 1, first, first + 1, 1<<32 - 1} {
		before := stateOf(s)()
		k, err := s.Export(index)
		if (err == nil) != (index >= first) || err != nil && stateOf(s)() != before {
			return fmt.Errorf("export at %d of a session from %d on: %w", index, first, err)
		}
		_, _ = megolm.ImportSession(k)
	}
	before := stateOf(s)()
	if _, _, err := s.Decrypt(others.groupMessage); err == nil || stateOf(s)() != before {
		return fmt.Errorf("a message of another session: %w", err)
	}
	if err := s.Advance(1<<32 - 1); err != nil {
		return err
	}
	if s.FirstKnownIndex() != 1<<32-1 {
		return fmt.Errorf("advanced to %d", s.FirstKnownIndex())
	}
	s.Wipe()
	return nil
}

func useDecryption(d *pk.Decryption) error {
	_ = d.Check()
	m, err := pk.NewEncryption(d.PublicKey()).Encrypt([]byte(plaintext))
	if err == nil {
		_, _ = d.Decrypt(m)
	}
	if _, err := d.PrivateKey(); err != nil {
		return err
	}
	d.Wipe()
	return nil
}

func useDouble(d *ratchet.Double) error {
	theirs, _ := sendKey(strangers().double)
	refused := errors.New("refused")
	for _, index := range []uint32{0, 1, ratchet.MaxGap, ratchet.MaxGap + 1, last - 1, last} {
		before := stateOf(d)()
		err := d.Receive(theirs, index, func(*[ratchet.KeyLen]byte) error { return refused })
		if err == nil || stateOf(d)() != before {
			return fmt.Errorf("a stranger's message %d: %w", index, err)
		}
		if index > ratchet.MaxGap && err == refused {
			return fmt.Errorf("the key of message %d was derived", index)
		}
	}
	var key [ratchet.KeyLen]byte
	for range 2 {
		before := stateOf(d)()
		_, index, err := d.Send(&key)
		if err != nil {
			if err != ratchet.ErrExhausted || stateOf(d)() != before || key != [ratchet.KeyLen]byte{} {
				return err
			}
			break
		}
		if index == last || key == [ratchet.KeyLen]byte{} {
			return fmt.Errorf("message %d was sent with the key %x", index, key)
		}
		key = [ratchet.KeyLen]byte{}
	}
	// What answers it, and what it did not ask for.
	if err := d.Receive(theirs, 7, func(*[ratchet.KeyLen]byte) error { return nil }); err == nil {
		sendKey(d)
	}
	d.Wipe()
	return nil
}

func useMegolm(m *ratchet.Megolm) error {
	index := m.Index()
	var key, next [ratchet.MegolmLen]byte
	if err := m.Key(&key); err != nil {
		return err
	}
	if index > 0 && m.AdvanceTo(index-1) != ratchet.ErrPast {
		return errors.New("it goes back")
	}
	if err := m.Advance(); (err == ratchet.ErrExhausted) != (index == last) || err != nil && index != last {
		return err
	}
	check(m.Key(&next))
	if (key == next) != (index == last) {
		return fmt.Errorf("the value at %d is that of the one before", m.Index())
	}
	if err := m.AdvanceTo(last); err != nil {
		return err
	}
	m.Wipe()
	return nil
}
