package hostile_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/proof/internal/readers"
)

// A world is a few devices with a server and a network between them that do what a program says: each of
// its bytes decides something. Nothing honest is lost but what the documentation says, nothing decrypts
// twice, to something else, or when it was touched, and what is refused changes nothing.
type world struct {
	t       testing.TB
	program []byte
	devices [3]device
	letters []letter
	groups  []*group
	posts   []post
	count   map[string]int
}

type device struct {
	account   *olm.Account
	published []keys.Curve25519 // on the server
	talks     []*talk
	members   map[*group]*megolm.InboundSession
}

// talk is one session of a device.
type talk struct {
	peer int
	s    *olm.Session
}

// letter is a message to one device.
type letter struct {
	from, to  int
	m         olm.Message
	plaintext []byte
	group     *group // whose key it is
	read      bool
}

type group struct {
	out *megolm.OutboundSession
}

// post is a message to a group.
type post struct {
	in        *group
	m         megolm.Message
	index     uint32
	plaintext []byte
}

func newWorld(t testing.TB, program []byte) *world {
	w := &world{t: t, program: program, count: map[string]int{}}
	for i := range w.devices {
		w.devices[i] = device{account: olm.NewAccount(), members: map[*group]*megolm.InboundSession{}}
		w.publish(i, 3)
	}
	return w
}

// below returns the next choice below n.
func (w *world) below(n int) int {
	if len(w.program) == 0 {
		return 0
	}
	x := int(w.program[0])
	w.program = w.program[1:]
	if n > 256 && len(w.program) > 0 {
		x = x<<8 | int(w.program[0])
		w.program = w.program[1:]
	}
	return x % n
}

// any chooses one of a list, or returns -1.
func (w *world) any(n int) int {
	if n == 0 {
		return -1
	}
	return n - 1 - w.below(n) // the newest is the likeliest
}

func (w *world) step() {
	at := w.below(len(w.devices))
	switch w.below(20) {
	case 0:
		w.publish(at, w.below(4))
	case 1:
		w.fallback(at)
	case 2:
		w.begin(at, w.below(len(w.devices)))
	case 3, 4, 5:
		w.send(at, w.below(100), nil)
	case 6, 7, 8:
		if i := w.any(len(w.letters)); i >= 0 {
			w.deliver(&w.letters[i], w.letters[i].m)
		}
	case 9:
		if i := w.any(len(w.letters)); i >= 0 {
			m := w.letters[i].m
			m.Body = w.damage(m.Body)
			if !slices.ContainsFunc(w.letters, func(l letter) bool { return bytes.Equal(l.m.Body, m.Body) }) {
				w.deliver(&w.letters[i], m)
			}
		}
	case 10: // lost
		if i := w.any(len(w.letters)); i >= 0 {
			w.letters = slices.Delete(w.letters, i, i+1)
		}
	case 11:
		w.reload(at)
	case 12:
		w.found(at)
	case 13:
		if i := w.any(len(w.groups)); i >= 0 {
			w.send(at, 0, w.groups[i])
		}
	case 14, 15:
		w.post()
	case 16, 17:
		w.read(at)
	case 18:
		w.exchange(at, w.below(len(w.devices)))
	case 19:
		w.junk(at)
	}
}

// Accounts.

func (w *world) publish(at, n int) {
	d := &w.devices[at]
	must(d.account.GenerateOneTimeKeys(n))
	for _, key := range d.account.OneTimeKeys() {
		d.published = append(d.published, key)
	}
	d.account.MarkKeysAsPublished()
}

func (w *world) fallback(at int) {
	d := &w.devices[at]
	if w.below(2) == 0 {
		d.account.ForgetOldFallbackKey()
		return
	}
	require.NoError(w.t, d.account.GenerateFallbackKey())
	_, key, ok := d.account.UnpublishedFallbackKey()
	require.True(w.t, ok)
	d.published = append(d.published, key, key) // handed out again and again
	d.account.MarkKeysAsPublished()
}

// Sessions.

func (w *world) begin(from, to int) {
	d := &w.devices[to]
	i := w.any(len(d.published))
	if i < 0 {
		return
	}
	s, err := w.devices[from].account.NewOutboundSession(identity(d.account), d.published[i])
	require.NoError(w.t, err)
	d.published = slices.Delete(d.published, i, i+1)
	w.devices[from].talks = append(w.devices[from].talks, &talk{to, s})
}

// send sends n bytes, or the key of a group.
func (w *world) send(from, n int, g *group) {
	i := w.any(len(w.devices[from].talks))
	if i < 0 {
		return
	}
	talk := w.devices[from].talks[i]
	text := bytes.Repeat([]byte{byte(len(w.letters))}, n)
	if g != nil {
		k, err := g.out.SessionKey()
		require.NoError(w.t, err)
		text = []byte(must(k.Base64()))
	}
	length := talk.s.MessageLen(len(text))
	m, err := talk.s.Encrypt(text)
	require.NoError(w.t, err)
	require.Len(w.t, m.Body, length)
	w.letters = append(w.letters, letter{from: from, to: talk.peer, m: m, plaintext: text, group: g})
}

// deliver gives m, which is that of l or was, to whom it is for.
func (w *world) deliver(l *letter, m olm.Message) {
	d := &w.devices[l.to]
	before := d.state()
	got, err := w.decrypt(d, l.from, m)
	if err != nil {
		w.count["refused"]++
		require.Nil(w.t, got)
		require.Equal(w.t, before, d.state(), "a refused message has changed something")
		return
	}
	w.count["decrypted"]++
	require.False(w.t, l.read, "a message decrypts twice")
	require.True(w.t, bytes.Equal(m.Body, l.m.Body), "a message that was touched decrypts")
	require.True(w.t, bytes.Equal(l.plaintext, got), "%x, sent was %x", got, l.plaintext)
	l.read = true
	if l.group != nil {
		k, err := megolm.ParseSessionKey(string(got))
		require.NoError(w.t, err)
		s, err := megolm.NewInboundSession(k)
		require.NoError(w.t, err)
		if has := d.members[l.group]; has != nil {
			require.NoError(w.t, has.Merge(s))
		} else {
			d.members[l.group] = s
		}
	}
}

// decrypt does what a client does.
func (w *world) decrypt(d *device, from int, m olm.Message) ([]byte, error) {
	if m.Type == olm.Normal {
		for _, talk := range d.talks {
			if got, err := talk.s.Decrypt(m); err == nil {
				return got, nil
			}
		}
		return nil, errors.New("of no session")
	}
	p, err := olm.ParsePreKeyMessage(m.Body)
	if err != nil {
		return nil, err
	}
	for _, talk := range d.talks {
		if talk.s.Matches(p) {
			return talk.s.Decrypt(m)
		}
	}
	s, got, err := d.account.Accept(identity(w.devices[from].account), m)
	if err != nil {
		require.Nil(w.t, s)
		return got, err
	}
	require.True(w.t, s.Matches(p))
	d.talks = append(d.talks, &talk{from, s})
	return got, nil
}

func (d *device) state() string {
	all := []readers.Pickled{d.account}
	for _, talk := range d.talks {
		all = append(all, talk.s)
	}
	return stateOf(all...)()
}

func (w *world) damage(b []byte) []byte {
	b = bytes.Clone(b)
	switch w.below(4) {
	case 0:
		return b[:w.below(len(b))]
	case 1:
		return append(b, byte(w.below(256)))
	case 2: // a piece of somebody else's
		other := w.letters[w.any(len(w.letters))].m.Body
		at := w.below(len(b))
		copy(b[at:], other[min(at, len(other)):])
	default:
		b[w.below(len(b))] ^= byte(1 + w.below(255))
	}
	return b
}

// reload takes everything of a device through a pickle.
func (w *world) reload(at int) {
	d := &w.devices[at]
	var err error
	d.account, err = olm.UnpickleAccount(pickleKey, must(d.account.Pickle(pickleKey)))
	require.NoError(w.t, err)
	require.NoError(w.t, d.account.Check())
	for _, talk := range d.talks {
		talk.s, err = olm.UnpickleSession(pickleKey, must(talk.s.Pickle(pickleKey)))
		require.NoError(w.t, err)
		require.NoError(w.t, talk.s.Check())
	}
	for g, s := range d.members {
		d.members[g], err = megolm.UnpickleInboundSession(pickleKey, must(s.Pickle(pickleKey)))
		require.NoError(w.t, err)
	}
	for _, g := range w.groups {
		g.out, err = megolm.UnpickleOutboundSession(pickleKey, must(g.out.Pickle(pickleKey)))
		require.NoError(w.t, err)
	}
}

// Groups.

// found makes a group, at times near its end.
func (w *world) found(at int) {
	g := &group{out: megolm.NewOutboundSession()}
	if w.below(2) == 0 {
		raw := rawOf(g.out)
		setNumber("outbound", raw, "ratchet counter", [...]uint32{254, 1<<16 - 2, 1<<24 - 2, last - 2}[w.below(4)])
		g.out = must(megolm.UnpickleOutboundSession(pickleKey, sealed(raw)))
	}
	k := must(g.out.SessionKey())
	w.devices[at].members[g] = must(megolm.NewInboundSession(k))
	w.groups = append(w.groups, g)
}

func (w *world) post() {
	i := w.any(len(w.groups))
	if i < 0 {
		return
	}
	g := w.groups[i]
	p := post{in: g, index: g.out.Index(), plaintext: bytes.Repeat([]byte{byte(len(w.posts))}, w.below(60))}
	before := stateOf(g.out)()
	var err error
	p.m, err = g.out.Encrypt(p.plaintext)
	if p.index == last {
		require.ErrorIs(w.t, err, megolm.ErrExhausted)
		require.Equal(w.t, before, stateOf(g.out)())
		return
	}
	require.NoError(w.t, err)
	require.Equal(w.t, p.index+1, g.out.Index())
	w.posts = append(w.posts, p)
}

// read gives a post, perhaps damaged, to a device.
func (w *world) read(at int) {
	i := w.any(len(w.posts))
	if i < 0 {
		return
	}
	p := w.posts[i]
	s := w.devices[at].members[p.in]
	if s == nil {
		return
	}
	m := p.m
	if w.below(3) == 0 {
		if m = bytes.Clone(m); w.below(2) == 0 {
			m[w.below(len(m))] ^= byte(1 + w.below(255))
		} else {
			m = m[:w.below(len(m))]
		}
	}
	before := stateOf(s)()
	got, index, err := s.Decrypt(m)
	if honest := bytes.Equal(m, p.m); !honest || p.index < s.FirstKnownIndex() {
		require.Error(w.t, err)
		require.Nil(w.t, got)
		require.Equal(w.t, before, stateOf(s)())
		w.count["refused"]++
		return
	}
	require.NoError(w.t, err)
	require.Equal(w.t, p.index, index)
	require.True(w.t, bytes.Equal(p.plaintext, got))
	w.count["decrypted"]++
}

// exchange has one device export a session of a group to another, or forget what is old.
func (w *world) exchange(from, to int) {
	i := w.any(len(w.groups))
	if i < 0 {
		return
	}
	g := w.groups[i]
	s, theirs := w.devices[from].members[g], w.devices[to].members[g]
	if s == nil {
		return
	}
	first := s.FirstKnownIndex()
	index := first + min(uint32(w.below(600)), last-first)
	if w.below(3) == 0 {
		require.NoError(w.t, s.Advance(index))
		require.Equal(w.t, index, s.FirstKnownIndex())
		return
	}
	k, err := s.Export(index)
	require.NoError(w.t, err)
	if w.below(3) == 0 {
		raw := must(k.Bytes())
		raw[1+w.below(len(raw)-1)] ^= byte(1 + w.below(255))
		k = must(megolm.ExportedKeyFromBytes(raw))
		if imported, err := megolm.ImportSession(k); err == nil {
			before := stateOf(s)()
			require.ErrorIs(w.t, s.Merge(imported), megolm.ErrUnrelated)
			require.Equal(w.t, before, stateOf(s)())
		}
		return
	}
	imported, err := megolm.ImportSession(k)
	require.NoError(w.t, err)
	if theirs == nil {
		w.devices[to].members[g] = imported
		return
	}
	known := min(theirs.FirstKnownIndex(), index)
	require.NoError(w.t, theirs.Merge(imported))
	require.Equal(w.t, known, theirs.FirstKnownIndex())
}

// junk gives bytes of the program to everything that a device has.
func (w *world) junk(at int) {
	d := &w.devices[at]
	n := min(w.below(120), len(w.program))
	b := w.program[:n:n]
	before := d.state()
	for _, kind := range []olm.MessageType{olm.PreKey, olm.Normal, olm.MessageType(n)} {
		for _, talk := range d.talks {
			require.Error(w.t, second(talk.s.Decrypt(olm.Message{Type: kind, Body: b})))
			require.Error(w.t, second(talk.s.Decrypt(wrap(talk.s.Keys(), b))))
		}
		_, _, err := d.account.Accept(curveKey(b), olm.Message{Type: kind, Body: b})
		require.Error(w.t, err)
	}
	for _, s := range d.members {
		_, _, err := s.Decrypt(b)
		require.Error(w.t, err)
	}
	require.Equal(w.t, before, d.state())
	w.count["refused"]++
}

// run plays a program to its end.
func (w *world) run() {
	for steps := 0; len(w.program) > 0 && steps < 400; steps++ {
		w.step()
		w.count["steps"]++
	}
}

// FuzzWorld runs any program.
func FuzzWorld(f *testing.F) {
	rng := rand.New(rand.NewPCG(6, 9))
	for range 5 {
		f.Add(fill(make([]byte, 600), rng))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		deterministic(t, 1)
		newWorld(t, program[:min(len(program), 1500)]).run()
	})
}

// TestWorlds runs random ones.
func TestWorlds(t *testing.T) {
	rng := deterministic(t, 10)
	programs := 80
	if short() {
		programs = 10
	}
	count := map[string]int{}
	for range programs {
		w := newWorld(t, fill(make([]byte, 1200), rng))
		w.run()
		for name, n := range w.count {
			count[name] += n
		}
	}
	require.Greater(t, count["decrypted"], 10*programs)
	require.Greater(t, count["refused"], 10*programs)
	t.Logf("hostile: %d programs, %d steps: %d messages decrypted once and to what was sent, %d refused without a trace",
		programs, count["steps"], count["decrypted"], count["refused"])
}
