package olm_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

var modelSeed = flag.Uint64("seed", 0, "run the model test with this seed only")

// The model: what a session is in terms of who sent what, without keys. It says which messages must
// decrypt, which not, and why.

// modelMessage is the header of a message. A chain is known by its number in the schedule.
type modelMessage struct {
	from    int
	chain   int
	answers int // the chain of the other side that this one was begun for, or -1
	index   uint32
}

type modelChain struct {
	chain int
	next  uint32
}

type modelKey struct {
	chain int
	index uint32
}

type modelSide struct {
	sending   *modelMessage // its next message
	receiving []modelChain  // newest first
	skipped   []modelKey    // oldest first
	received  bool
}

type verdict string

const (
	accepted verdict = "accepted"
	used     verdict = "no message key"
	tooFar   verdict = "gap"
	unknown  verdict = "bad MAC"
)

// receive says what becomes of m, and moves s if it is accepted.
func (s *modelSide) receive(m modelMessage) verdict {
	c := slices.IndexFunc(s.receiving, func(c modelChain) bool { return c.chain == m.chain })
	switch {
	case c < 0 && s.sending == nil:
		return unknown
	case c < 0 && m.index > olm.MaxGap, c >= 0 && m.index > s.receiving[c].next+olm.MaxGap:
		return tooFar
	case c < 0 && m.answers != s.sending.chain:
		return unknown
	case c < 0:
		s.begin(m.chain)
		s.sending = nil
		c = 0
	case m.index < s.receiving[c].next:
		i := slices.Index(s.skipped, modelKey{m.chain, m.index})
		if i < 0 {
			return used
		}
		s.skipped = slices.Delete(s.skipped, i, i+1)
		s.received = true
		return accepted
	}
	for ; s.receiving[c].next < m.index; s.receiving[c].next++ {
		s.keep(modelKey{m.chain, s.receiving[c].next})
	}
	s.receiving[c].next++
	s.received = true
	return accepted
}

// begin adds a receiving chain. The sixth replaces the oldest.
func (s *modelSide) begin(chain int) {
	s.receiving = slices.Insert(s.receiving, 0, modelChain{chain, 0})
	if len(s.receiving) > olm.MaxReceivingChains {
		gone := s.receiving[olm.MaxReceivingChains].chain
		s.receiving = s.receiving[:olm.MaxReceivingChains]
		s.skipped = slices.DeleteFunc(s.skipped, func(k modelKey) bool { return k.chain == gone })
	}
}

// keep adds a skipped key. The 41st of a chain replaces the oldest.
func (s *modelSide) keep(k modelKey) {
	n := 0
	for _, other := range s.skipped {
		if other.chain == k.chain {
			n++
		}
	}
	if n == olm.MaxSkippedPerChain {
		i := slices.IndexFunc(s.skipped, func(other modelKey) bool { return other.chain == k.chain })
		s.skipped = slices.Delete(s.skipped, i, i+1)
	}
	s.skipped = append(s.skipped, k)
}

// reload is what a pickle keeps.
func (s *modelSide) reload() { s.skipped = s.skipped[max(0, len(s.skipped)-40):] }

func (s *modelSide) describe() string {
	var b strings.Builder
	index := uint32(0)
	if s.sending != nil {
		index = s.sending.index
	}
	fmt.Fprintf(&b, "sender chain index: %d receiver chain indices:", index)
	for _, c := range s.receiving {
		fmt.Fprintf(&b, " %d", c.next)
	}
	b.WriteString(" skipped message keys:")
	for _, k := range slices.Backward(s.skipped) {
		fmt.Fprintf(&b, " %d", k.index)
	}
	return b.String()
}

// modelAccount is an account.
type modelAccount struct {
	oneTime  []modelOneTime // oldest first
	fallback []modelOneTime // current first
	lastID   olm.KeyID
}

type modelOneTime struct {
	id        olm.KeyID
	public    keys.Curve25519
	published bool
}

func (a *modelAccount) id() olm.KeyID { a.lastID++; return a.lastID }

func (a *modelAccount) unpublished() (ids []olm.KeyID) {
	for _, k := range slices.Backward(a.oneTime) {
		if !k.published {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// use says whether a key is there, and drops it if it is a one-time key.
func (a *modelAccount) use(public keys.Curve25519) bool {
	is := func(k modelOneTime) bool { return k.public == public }
	if i := slices.IndexFunc(a.oneTime, is); i >= 0 {
		a.oneTime = slices.Delete(a.oneTime, i, i+1)
		return true
	}
	return slices.ContainsFunc(a.fallback, is)
}

// schedule plays a random exchange of two real sessions, with what happens to the accounts
// meanwhile, and of their models.
type schedule struct {
	t        testing.TB
	choose   func(n int) int // the next choice below n
	accounts [2]*olm.Account
	devices  [2]*modelAccount
	sessions [2]*olm.Session // Bob's is nil until he accepts Alice's
	models   [2]*modelSide
	chains   int
	sent     [2][]sentMessage // under way or delivered, by sender
	count    map[verdict]int
}

type sentMessage struct {
	message   olm.Message
	model     modelMessage
	plaintext string
}

const alice, bob = 0, 1

func newSchedule(t testing.TB, choose func(n int) int) *schedule {
	t.Helper()
	s := &schedule{t: t, choose: choose, count: map[verdict]int{}}
	s.accounts = [2]*olm.Account{olm.NewAccount(), olm.NewAccount()}
	var err error
	s.sessions[alice], err = s.accounts[alice].NewOutboundSession(identity(s.accounts[bob]), claim(t, s.accounts[bob]))
	require.NoError(t, err)
	s.models = [2]*modelSide{{}, {}}
	s.devices = [2]*modelAccount{{}, {}}
	s.devices[bob].oneTime = []modelOneTime{{s.devices[bob].id(), s.sessions[alice].Keys().OneTime, true}}
	s.models[alice].sending = s.newChain(alice, -1)
	return s
}

func (s *schedule) newChain(from, answers int) *modelMessage {
	s.chains++
	return &modelMessage{from: from, chain: s.chains, answers: answers}
}

// step does the next thing.
func (s *schedule) step() {
	side := s.choose(2)
	if s.choose(8) == 0 {
		s.account(side)
		return
	}
	if s.sessions[bob] == nil && side == bob {
		s.accept()
		return
	}
	switch op := s.choose(64); {
	case op < 24:
		for range 1 + op%3 {
			s.send(side)
		}
	case op < 44:
		s.deliver(side, s.recent(1-side, 6))
	case op < 50: // out of order, or late, or a second time
		s.deliver(side, s.recent(1-side, 1000))
	case op < 54:
		s.corrupt(side, s.recent(1-side, 20))
	case op < 57:
		s.reload(side)
	case op < 59: // lost
		if m := s.recent(side, 6); m >= 0 {
			s.sent[side] = slices.Delete(s.sent[side], m, m+1)
		}
	case op < 61:
		s.own(side)
	case op < 63:
		s.send(side)
		for range s.choose(60) {
			s.send(side)
		}
	default:
		if s.choose(8) == 0 {
			for range 1990 + s.choose(20) {
				s.skip(side)
			}
		}
	}
	s.check(side)
}

// recent chooses one of the last n messages from a side, or returns -1.
func (s *schedule) recent(from, n int) int {
	all := len(s.sent[from])
	if all == 0 {
		return -1
	}
	return all - 1 - s.choose(min(n, all))
}

func (s *schedule) send(side int) {
	s.t.Helper()
	m := s.models[side]
	if m.sending == nil {
		m.sending = s.newChain(side, m.receiving[0].chain)
	}
	plaintext := fmt.Sprintf("chain %d, message %d", m.sending.chain, m.sending.index)
	length := s.sessions[side].MessageLen(len(plaintext))
	message := encrypt(s.t, s.sessions[side], plaintext)
	require.Len(s.t, message.Body, length)
	want := olm.PreKey
	if m.received {
		want = olm.Normal
	}
	require.Equal(s.t, want, message.Type)
	s.sent[side] = append(s.sent[side], sentMessage{message, *m.sending, plaintext})
	m.sending.index++
}

// skip sends a message that is lost at once.
func (s *schedule) skip(side int) {
	s.send(side)
	s.sent[side] = s.sent[side][:len(s.sent[side])-1]
}

// accept has Bob begin his session, with any message of Alice's.
func (s *schedule) accept() {
	s.t.Helper()
	i := s.recent(alice, 1000)
	if i < 0 {
		return
	}
	m := s.sent[alice][i]
	a, from := s.accounts[bob], identity(s.accounts[alice])
	bad := m.message
	bad.Body = s.damaged(bad.Body)
	refuseAccept(s.t, a, from, bad, nil)
	if !slices.ContainsFunc(s.devices[bob].oneTime, func(k modelOneTime) bool { return k.id == 1 }) {
		refuseAccept(s.t, a, from, m.message, olm.ErrUnknownOneTimeKey) // too many keys have come since
		return
	}
	if m.model.index > olm.MaxGap {
		refuseAccept(s.t, a, from, m.message, nil)
		return
	}
	session, plaintext, err := a.Accept(from, m.message)
	require.NoError(s.t, err)
	require.Equal(s.t, m.plaintext, string(plaintext))
	require.Equal(s.t, s.sessions[alice].ID(), session.ID())
	s.sessions[bob] = session
	s.models[bob].begin(m.model.chain)
	require.Equal(s.t, accepted, s.models[bob].receive(m.model))
	require.True(s.t, s.devices[bob].use(session.Keys().OneTime))
	refuseAccept(s.t, a, from, m.message, olm.ErrUnknownOneTimeKey)
	s.check(bob)
}

// account does something with an account.
func (s *schedule) account(side int) {
	s.t.Helper()
	a, m := s.accounts[side], s.devices[side]
	switch s.choose(6) {
	case 0:
		n := s.choose(12)
		generate(s.t, a, n)
		for range n {
			m.oneTime = append(m.oneTime, modelOneTime{id: m.id()})
		}
		m.oneTime = m.oneTime[max(0, len(m.oneTime)-olm.MaxOneTimeKeys):]
		for id, public := range a.OneTimeKeys() {
			i := slices.IndexFunc(m.oneTime, func(k modelOneTime) bool { return k.id == id })
			require.GreaterOrEqual(s.t, i, 0)
			m.oneTime[i].public = public
		}
	case 1:
		require.Equal(s.t, len(m.unpublished()), a.MarkKeysAsPublished())
		for i := range m.oneTime {
			m.oneTime[i].published = true
		}
		if len(m.fallback) > 0 {
			m.fallback[0].published = true
		}
	case 2:
		require.NoError(s.t, a.GenerateFallbackKey())
		_, public, _ := a.FallbackKey()
		m.fallback = slices.Insert(m.fallback, 0, modelOneTime{id: m.id(), public: public})
		m.fallback = m.fallback[:min(2, len(m.fallback))]
	case 3:
		require.Equal(s.t, len(m.fallback) == 2, a.ForgetOldFallbackKey())
		m.fallback = m.fallback[:min(1, len(m.fallback))]
	default:
		s.introduce(side)
	}
	ids, _ := unpublished(a)
	require.Equal(s.t, m.unpublished(), ids)
	require.Equal(s.t, len(m.oneTime), a.OneTimeKeyCount())
	id, public, ok := a.FallbackKey()
	require.Equal(s.t, len(m.fallback) > 0, ok)
	_, _, unpublished := a.UnpublishedFallbackKey()
	if ok {
		require.Equal(s.t, m.fallback[0].id, id)
		require.Equal(s.t, m.fallback[0].public, public)
		require.Equal(s.t, !m.fallback[0].published, unpublished)
	}
}

// introduce has a stranger begin a session with any key of an account, twice.
func (s *schedule) introduce(side int) {
	s.t.Helper()
	m := s.devices[side]
	all := append(slices.Clone(m.oneTime), m.fallback...)
	if s.sessions[bob] == nil {
		all = slices.DeleteFunc(all, func(k modelOneTime) bool { return side == bob && k.id == 1 }) // it is Alice's
	}
	if len(all) == 0 {
		return
	}
	k := all[s.choose(len(all))]
	stranger := olm.NewAccount()
	begun, err := stranger.NewOutboundSession(identity(s.accounts[side]), k.public)
	require.NoError(s.t, err)
	message := encrypt(s.t, begun, "hello")
	for i := range 2 {
		if !m.use(k.public) {
			refuseAccept(s.t, s.accounts[side], identity(stranger), message, olm.ErrUnknownOneTimeKey)
			continue
		}
		session, plaintext, err := s.accounts[side].Accept(identity(stranger), message)
		require.NoError(s.t, err)
		require.Equal(s.t, "hello", string(plaintext))
		if i == 0 { // a session that a replay begins does not share what the first goes on to
			pass(s.t, session, begun, "welcome")
		}
	}
}

func (s *schedule) deliver(to, i int) {
	s.t.Helper()
	if i < 0 {
		return
	}
	m := s.sent[1-to][i]
	before := s.sessions[to].State()
	plaintext, err := s.sessions[to].Decrypt(m.message)
	want := s.models[to].receive(m.model)
	s.count[want]++
	what := fmt.Sprintf("message %+v, to %s", m.model, s.models[to].describe())
	var gap *olm.GapError
	switch want {
	case accepted:
		require.NoError(s.t, err, what)
		require.Equal(s.t, m.plaintext, string(plaintext))
		return
	case used:
		require.ErrorIs(s.t, err, olm.ErrNoMessageKey, what)
	case tooFar:
		require.ErrorAs(s.t, err, &gap, what)
		require.Equal(s.t, m.model.index, gap.Index)
	case unknown:
		require.ErrorIs(s.t, err, olm.ErrBadMAC, what)
	}
	require.Nil(s.t, plaintext)
	require.Empty(s.t, testkit.Diff(before, s.sessions[to].State()), what)
}

// damaged returns b with one bit flipped, cut, or with bytes appended.
func (s *schedule) damaged(b []byte) []byte {
	b = slices.Clone(b)
	switch s.choose(8) {
	case 0:
		return b[:s.choose(len(b))]
	case 1:
		return append(b, byte(s.choose(256)))
	}
	b[s.choose(len(b))] ^= 1 << s.choose(8)
	return b
}

func (s *schedule) corrupt(to, i int) {
	s.t.Helper()
	if i < 0 {
		return
	}
	m := s.sent[1-to][i].message
	m.Body = s.damaged(m.Body)
	refuse(s.t, s.sessions[to], m, nil)
}

// own gives a side its own message.
func (s *schedule) own(side int) {
	s.t.Helper()
	if i := s.recent(side, 6); i >= 0 {
		refuse(s.t, s.sessions[side], s.sent[side][i].message, nil)
	}
}

func (s *schedule) reload(side int) {
	s.t.Helper()
	s.sessions[side] = reload(s.t, s.sessions[side])
	s.models[side].reload()
	s.accounts[side] = reloadAccount(s.t, s.accounts[side])
}

func (s *schedule) check(side int) {
	s.t.Helper()
	if s.sessions[side] != nil {
		require.Equal(s.t, s.models[side].describe(), s.sessions[side].Describe())
		require.Equal(s.t, s.models[side].received, s.sessions[side].HasReceivedMessage())
		require.Equal(s.t, s.sessions[alice].ID(), s.sessions[side].ID())
	}
}

func TestModel(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8, rand.Uint64()}
	if testing.Short() {
		seeds = seeds[5:]
	}
	if *modelSeed != 0 {
		seeds = []uint64{*modelSeed}
	}
	count := map[verdict]int{}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("-seed %d", seed), func(t *testing.T) {
			deterministic(t, seed)
			s := newSchedule(t, rand.New(rand.NewPCG(seed, 1)).IntN)
			for range 800 {
				s.step()
			}
			for v, n := range s.count {
				count[v] += n
			}
		})
	}
	t.Logf("%v", count)
	if *modelSeed == 0 && !testing.Short() {
		for _, v := range []verdict{accepted, used, tooFar, unknown} {
			require.NotZero(t, count[v], "no message is %s: the schedules are too tame", v)
		}
	}
}
